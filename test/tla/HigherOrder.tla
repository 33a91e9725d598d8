---------------------------- MODULE HigherOrder -----------------------------
(* Operators as arguments, LAMBDA, operators that are built in as arguments, *)
(* functions against operators.                                             *)
EXTENDS Integers, Sequences, FiniteSets

VARIABLE n

Map(F(_), S) == {F(e) : e \in S}
Twice(F(_), e) == F(F(e))
Combine(F(_, _), a, b) == F(a, b)
Where(S, Test(_)) == {e \in S : Test(e)}
Double(e) == 2 * e
IsEven(e) == e % 2 = 0
Nested(F(_), e) == Twice(LAMBDA d : F(d) + 1, e)

RECURSIVE Fold(_, _, _)
Fold(F(_, _), base, S) ==
    IF S = {} THEN base
    ELSE LET e == CHOOSE e \in S : TRUE
         IN  F(e, Fold(F, base, S \ {e}))

Init == n = 1

Next ==
    \/ n' = Twice(Double, n) % 7
    \/ n' \in Map(LAMBDA e : (e + n) % 5, Where(1..4, IsEven))
    \/ n' = Combine(LAMBDA a, b : IF a > b THEN a ELSE b, n, 3)
    \/ n' = Fold(+, 0, {1, n}) % 9

ValueInv ==
    /\ Map(Double, 1..3) = {2, 4, 6}
    /\ Combine(-, 7, 2) = 5
    /\ Combine(\cup, {1}, {2}) = 1..2
    /\ Nested(Double, n) = 4 * n + 3
    /\ Where(0..n, LAMBDA e : e > n) = {}
    /\ Map(LAMBDA e : e[1], {<<n, 2>>, <<n, 3>>}) = {n}
    /\ Fold(LAMBDA a, b : a * b, 1, 1..5) = 120
    /\ Cardinality(Map(Cardinality, SUBSET (1..3))) = 4
=============================================================================
