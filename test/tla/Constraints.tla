----------------------------- MODULE Constraints ----------------------------
(* CONSTRAINT: a state outside is generated and checked, but not counted as *)
(* distinct nor explored. ACTION_CONSTRAINT: a step outside is as if it was *)
(* not there.                                                               *)
EXTENDS Naturals

VARIABLES x, y

Init == x \in 0..1 /\ y = 0

Next ==
    \/ x' = x + 1 /\ y' = y
    \/ y' = y + 1 /\ x' = x

Small == x + y < 4
Near == x < y + 3
Forward == x' # x => x' # 2 \/ y > 0
Slow == y' <= x' + 1

NeverFourInv == x + y # 4
BoundInv == x + y < 5
=============================================================================
