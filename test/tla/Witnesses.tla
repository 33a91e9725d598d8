------------------------------ MODULE Witnesses -----------------------------
(* Branches inside \A and inside the body of a recursive function: a guard  *)
(* of an action is searched for every way to be true, there as elsewhere.   *)
EXTENDS Naturals

VARIABLES x, seen

Init == x = 1 /\ seen = {1, 2}

\* One way only: each bound of \A keeps its value while the next is tried.
Matched ==
    /\ \A p \in seen : \E q \in seen : q = p
    /\ x' = (x + 1) % 4 /\ UNCHANGED seen

\* Four ways, 2 * 2.
Unmatched ==
    /\ \A p \in {1, 2} : \E q \in 1..3 : q # p
    /\ x' = x /\ UNCHANGED seen

\* An assignment in one bound, a disjunction after it.
Assigned ==
    /\ \A p \in {1, 2} :
        \/ p = 1 /\ x' \in {0, 3}
        \/ p = 2 /\ x' # x
    /\ seen' = seen

\* Applied to an argument the function is an action like any other: a branch
\* for each true disjunct of its body, but none inside an implication.
Reaches(y) ==
    LET reach[k \in Nat] ==
            \/ k = 0
            \/ k < 2
            \/ \E q \in seen : q >= k /\ (k > 0 => reach[k - 1])
    IN  reach[y]

Function ==
    /\ Reaches(x)
    /\ x' = x
    /\ seen' = seen \cup {3}

Next == Matched \/ Unmatched \/ Assigned \/ Function
=============================================================================
