------------------------------- MODULE Filters ------------------------------
(* Of a filtered set of sets, functions or tuples, membership asks the test *)
(* of one value only: the others may be many, or have no value.             *)
EXTENDS Integers, FiniteSets

VARIABLES n, s

Init == n = 1 /\ s = {1}

Sparse == {t \in SUBSET (0..3) : n \div Cardinality(t) <= n}
Many == {t \in SUBSET SUBSET (1..(n + 20)) : {n} \in t}
Tables == {f \in [1..2 -> 0..n] : 1 \div f[1] = 1}
Pairs == {<<a, b>> \in (0..3) \X (0..3) : b \div a = n}
Records == {r \in [a : 0..3, b : BOOLEAN] : r.b /\ n \div r.a = n}

Next ==
    /\ n < 4
    /\ n' = n + 1
    /\ s' = IF s \in Sparse THEN s \cup {n % 4} ELSE {0}
    /\ s' \in Sparse

Inv ==
    /\ s \in Sparse
    /\ {{n}, {}} \in Many /\ {{}} \notin Many
    /\ [i \in 1..2 |-> 1] \in Tables /\ <<1>> \notin Tables
    /\ <<1, n % 4>> \in Pairs <=> n < 4
    /\ LET Local == {t \in SUBSET s : n \div Cardinality(t) = n} IN {1} \in Local
    /\ [a |-> 1, b |-> TRUE] \in Records /\ [a |-> 0, b |-> FALSE] \notin Records
    /\ \E t \in {{1}, s} : t \in Sparse
=============================================================================
