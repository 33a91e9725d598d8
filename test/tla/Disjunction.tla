----------------------------- MODULE Disjunction ----------------------------
(* Every way to make a disjunction true is a branch, also where it mentions *)
(* no primed variable: each branch counts as a generated state.             *)
EXTENDS Naturals

VARIABLE x

\* Four generated initial states, two of them distinct.
Init ==
    \/ x = 0
    \/ x = 0
    \/ x \in {0, 1}

\* One successor, found twice where both disjuncts of the guard hold.
Guarded ==
    /\ x > 1 \/ x < 4
    /\ x' = (x + 1) % 6

\* The guard inside an operator with an argument is a disjunction as well.
Between(low, n, high) == n = low \/ n = high \/ (low < n /\ n < high)

Named ==
    /\ Between(0, x, 3)
    /\ x' = x

\* A quantified guard: a branch for each witness.
Witnessed ==
    /\ \E i \in 0..2 : i < x
    /\ x' = 0

\* Negated, in an IF and in an implication a disjunction is only a value.
Quiet ==
    /\ ~(x > 8 \/ x > 9)
    /\ IF x > 1 \/ x < 4 THEN TRUE ELSE FALSE
    /\ (x < 9) => (x < 8 \/ x < 7)
    /\ x' = x

Next == Guarded \/ Named \/ Witnessed \/ Quiet
=============================================================================
