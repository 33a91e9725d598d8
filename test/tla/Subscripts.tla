----------------------------- MODULE Subscripts -----------------------------
(* [A]_v and <<A>>_v inside the next-state relation and in properties.      *)
EXTENDS Naturals

VARIABLES x, y

vars == <<x, y>>

Init == x = 0 /\ y = 0

MoveX == x' \in {x, (x + 1) % 3}
MoveY == y' = (y + x) % 2

Next ==
    \/ [MoveX]_x /\ UNCHANGED y
    \/ <<MoveX /\ y' = y>>_vars
    \/ <<MoveY>>_y /\ x' = x
    \/ [x' = 0 /\ y' = 0]_vars

Spec == Init /\ [][Next]_vars

OneProp == [][x' = x \/ y' = y \/ (x' = 0 /\ y' = 0)]_vars
EachProp == [][<<MoveX>>_x \/ <<MoveY>>_y \/ (x' = 0 /\ y' = 0)]_vars
BothProp == [][x # x']_x /\ [][y' # y]_y

\* Violated: by a step that increments x.
FallsProp == [][x' < x]_x
=============================================================================
