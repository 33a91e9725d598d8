-------------------------- MODULE RecursiveActions --------------------------
(* RECURSIVE operators and functions whose bodies are actions.              *)
EXTENDS Naturals, Sequences

VARIABLES x, y

Init == x = 0 /\ y = <<>>

RECURSIVE Down(_)
Down(n) == IF n = 0 THEN x' = x ELSE (x' = n /\ n # x) \/ Down(n - 1)

\* Two that call each other; the arguments are used more than once.
RECURSIVE Even(_, _), Odd(_, _)
Even(n, s) == IF n = 0 THEN y' = s ELSE \E e \in 0..1 : Odd(n - 1, Append(s, e))
Odd(n, s) == n > 0 /\ (Even(n - 1, Append(s, 2)) \/ (n = 1 /\ y' = s))

\* The same in a step of \A, and what follows it.
RECURSIVE Meets(_)
Meets(n) == \/ n = 0
            \/ n > 0 /\ Meets(n - 1)
            \/ n = 2
All == /\ \A p \in 0..1 : Meets(p + 1)
       /\ x' = (x + 1) % 4 /\ y' = y

\* An operator as an argument.
RECURSIVE Some(_, _)
Some(F(_), n) == n > 0 /\ ((x' = F(n) /\ y' = <<n>>) \/ Some(F, n - 1))

Function ==
    LET walk[n \in Nat, s \in Seq(Nat)] ==
            \/ n = 0 /\ y' = s
            \/ n > 0 /\ \E e \in 1..2 : walk[n - 1, Append(s, e)]
    IN  walk[2, <<x>>] /\ x' = x

Next ==
    \/ Down(3) /\ y' = y
    \/ Len(y) < 3 /\ Even(2, <<>>) /\ x' = x
    \/ All
    \/ x < 9 /\ Some(LAMBDA n : n * 2, 2)
    \/ Function

Small == x < 5
=============================================================================
