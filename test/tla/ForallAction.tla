---------------------------- MODULE ForallAction ----------------------------
(* \A in an action is the conjunction of its instances: each may assign.    *)
EXTENDS Naturals

VARIABLES x, y

Init == x = 0 /\ y = 0

\* One instance assigns x, the other y.
Each ==
    \A i \in {1, 2} :
        IF i = 1
        THEN x' \in {x, (x + 1) % 3}
        ELSE y' = (x' + y) % 4

\* The second instance only compares, so that the last disjunct is chosen by
\* the first: x' = 1 and x' <= 2.
Once ==
    /\ \A i \in {1, 2} : x' = i \/ x' = 1
    /\ \A i \in {} : FALSE
    /\ y' = y

Next == Each \/ Once

\* An application of a primed variable assigns nothing: an error.
NextEntry == (\A i \in {1, 2} : x'[i] = 0) /\ y' = y
=============================================================================
