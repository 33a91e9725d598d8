----------------------------- MODULE Assignment -----------------------------
(* Conjuncts are taken from left to right: the first that mentions a primed *)
(* variable assigns it, later ones read it.                                 *)
EXTENDS Naturals

VARIABLES x, y, z

Init ==
    /\ x = 0
    /\ y \in 0..1
    /\ z = {x, y}

\* x' is assigned, then a guard, then read by the other assignments.
Climb ==
    /\ x' \in {x, x + 1}
    /\ x' < 4
    /\ y' = (x' + y) % 3
    /\ z' = {x', y'}

\* An assigned variable is assigned "again": that is a guard.
Pick ==
    /\ x' \in 0..2
    /\ y' \in {x', 2}
    /\ x' \in 1..3
    /\ x' = y' \/ x' + 1 = y'
    /\ z' = z

\* The assignment is the right operand, the prime is applied to an expression.
Swap ==
    /\ y' = x % 3
    /\ x' = y
    /\ z' = z \cup {x'}
    /\ (x + y)' = y' + x'

Next == Climb \/ Pick \/ Swap

TypeInv ==
    /\ x \in 0..3
    /\ y \in 0..2
    /\ z \in SUBSET (0..3)
=============================================================================
