------------------------------ MODULE Captures ------------------------------
(* Values and operators that outlive the loop, or the step of a loop, that  *)
(* they were made in keep what they saw there.                              *)
EXTENDS Integers, Sequences, FiniteSets

VARIABLES x, y

Init == x = 1 /\ y = <<1, 2>>

\* Functions and sets that are not enumerated, made in a loop, used after it.
Adders == [k \in 1..3 |-> [n \in Nat |-> n + k * x]]
Above == [k \in 1..3 |-> {n \in Nat : n > k + x}]
Sums == [k \in 1..3 |-> LET sum[n \in Nat] == IF n = 0 THEN k ELSE sum[n - 1] + k IN sum]
Nested == [k \in 1..2 |-> [j \in 1..2 |-> LET s == k * 10 + j IN [n \in Nat |-> n + s]]]

Escaped ==
    /\ \A k \in 1..3 : Adders[k][5] = 5 + k * x
    /\ \A k \in 1..3 : k + x \notin Above[k] /\ k + x + 1 \in Above[k]
    /\ \A k \in 1..3 : Sums[k][3] = 4 * k
    /\ \A k, j \in 1..2 : Nested[k][j][100] = 100 + k * 10 + j

\* Operators that are passed on see the names around them.
Image(F(_), S) == {F(e) : e \in S}
Twice(F(_), e) == F(F(e))
Compose(F(_), G(_), e) == F(G(e))
RECURSIVE Fold(_, _, _)
Fold(F(_, _), e, s) == IF s = <<>> THEN e ELSE Fold(F, F(e, Head(s)), Tail(s))
RECURSIVE Times(_, _, _)
Times(F(_), n, e) == IF n = 0 THEN e ELSE Times(F, n - 1, F(e))

Passed ==
    /\ \A k \in 1..3 : Image(LAMBDA e : e + k, {1, 2}) = {1 + k, 2 + k}
    /\ \A k \in 1..3 : \A e \in 1..2 : Twice(LAMBDA d : d * k + e, 1) = k * k + e * k + e
    /\ \A k \in 1..3 :
         LET Plus(e) == e + k
             Scaled(e) == Plus(e) * x
         IN  Compose(Plus, Scaled, 2) = (2 + k) * x + k
    /\ \A k \in 1..2 : Fold(LAMBDA a, e : a * 10 + e + k, 0, <<1, 2, 3>>) = 123 + k * 111
    /\ \A k \in 0..3 : Times(LAMBDA e : e + k, 4, x) = x + 4 * k
    /\ Image(LAMBDA e : Image(LAMBDA d : d + e, {1, 2}), {1, 2}) = {{2, 3}, {3, 4}}

\* A LET, or an argument, inside a loop is evaluated anew in each step.
Both(a, b) == <<a, b, a>>
Anew ==
    /\ \A k \in 1..3 : LET double == k + k IN \E j \in 1..6 : j = double /\ double = 2 * k
    /\ {LET a == k * x b == a + 1 IN <<a, b, a>> : k \in 1..2} =
         {<<x, x + 1, x>>, <<2 * x, 2 * x + 1, 2 * x>>}
    /\ \A k \in 1..3 : Both(k + k, \E j \in 1..k : j = 3) = <<2 * k, k = 3, 2 * k>>
    /\ \A k \in 1..2 : [j \in 1..2 |-> Both(k + j, j)[3]] = <<k + 1, k + 2>>

g == [a |-> 5]

\* @ is the innermost value that is replaced, and sees the updates before.
Replaced ==
    LET f == <<<<1, 2>>, <<3, 4>>>>
    IN  /\ [f EXCEPT ![1] = [@ EXCEPT ![2] = @ + f[1][1]]] = <<<<1, 3>>, <<3, 4>>>>
        /\ [f EXCEPT ![1][2] = @ + 1, ![1][2] = @ * 2, ![2] = <<@[2], @[1]>>] =
             <<<<1, 6>>, <<4, 3>>>>
        /\ [f EXCEPT ![2][1] = [g EXCEPT !.a = @ + 1].a + @] = <<<<1, 2>>, <<9, 4>>>>
        /\ \A k \in 1..2 : [f EXCEPT ![k] = [j \in 1..2 |-> @[j] + k]][k][2] = f[k][2] + k

\* ENABLED inside loops, and loops inside ENABLED.
Steps(k) == \E j \in 1..k : x' = j /\ j > x
Possible ==
    /\ \A k \in 1..4 : ENABLED Steps(k) <=> k > x
    /\ {k \in 1..4 : ENABLED (x' \in {j \in 1..k : j > x} /\ y' = <<k>>)} = (x + 1)..4

Next ==
    /\ x < 3
    /\ LET grown == y \o <<x + 2>>
           Add(k) == /\ k > x
                     /\ y' = [grown EXCEPT ![k] = @ + k]
       IN  \E k \in 2..3 : Add(k) /\ x' = x + 1
=============================================================================
