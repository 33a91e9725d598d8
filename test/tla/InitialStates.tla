---------------------------- MODULE InitialStates ---------------------------
(* Initial states: \in, disjunctions, \E, guards, LET, one read by the      *)
(* next, none at all, one that violates an invariant.                       *)
EXTENDS Naturals

VARIABLES x, y, z

Init ==
    /\ x \in 0..3
    /\ x # 2
    /\ \/ y = x
       \/ y = 0 /\ x > 0
       \/ \E e \in {1, 5} : y = e + x
    /\ LET d == x + y IN IF d % 2 = 0 THEN z = d ELSE z \in {d, 0}

InitNone == x \in {} /\ y = 0 /\ z = 0
InitPart == x = 0 /\ y = 1
InitOrder == x = y /\ y = 0 /\ z = 0

Next == x' = (x + 1) % 4 /\ UNCHANGED <<y, z>>

SumInv == x + y < 12
LowInv == x + y < 10
=============================================================================
