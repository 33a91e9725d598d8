------------------------------ MODULE Deadlock ------------------------------
(* A state without a successor; a step to itself is a successor.            *)
EXTENDS Naturals

VARIABLE x

Init == x = 0
Next == x < 3 /\ x' = x + 1
NextRests == Next \/ (x = 3 /\ UNCHANGED x)
Spec == Init /\ [][Next]_x
=============================================================================
