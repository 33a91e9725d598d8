------------------------------- MODULE Counter ------------------------------
(* A counter with a bound: instantiated and refined by other modules.       *)
EXTENDS Naturals

CONSTANT Limit
VARIABLE count

LOCAL Room == count < Limit

Init == count = 0
Increment == Room /\ count' = count + 1
Reset == count = Limit /\ count' = 0
Next == Increment \/ Reset

Spec == Init /\ [][Next]_count

BoundInv == count \in 0..Limit
AddTo(n) == count + n
=============================================================================
