------------------------------ MODULE Unchanged -----------------------------
(* UNCHANGED of variables, tuples, tuples of definitions, tuples of those.  *)
EXTENDS Naturals

VARIABLES a, b, c, d

left == <<a, b>>
right == <<c, d>>
all == <<left, right>>

Init == a = 0 /\ b = 0 /\ c = 0 /\ d = 0

MoveA == a' = 1 - a /\ UNCHANGED b /\ UNCHANGED right
MoveB == b' = 1 - b /\ UNCHANGED <<a, right>>
MoveC == UNCHANGED <<left, d>> /\ c' = (c + a + b) % 3
MoveD == UNCHANGED left /\ c' = c /\ d' = c
Stay == UNCHANGED all
Nothing == UNCHANGED <<>> /\ UNCHANGED <<a, <<b, <<c>>>>, d>>
Same == all' = all /\ FALSE

Next == MoveA \/ MoveB \/ MoveC \/ MoveD \/ Stay \/ Nothing

\* A primed definition is no variable: it is read before it is assigned.
NextSame == Same

Spec == Init /\ [][Next]_all

\* UNCHANGED as a value, in a property.
StepProp == [][UNCHANGED left \/ UNCHANGED right]_all
=============================================================================
