------------------------------ MODULE Operators -----------------------------
(* The several ways to write one operator, and operators of one's own.      *)
EXTENDS Integers, Sequences

VARIABLE x

a ++ b == a + 2 * b
a | b == \E k \in 1..b : a * k = b
a (+) b == (a + b) % 5
a && b == a \land b
S ^+ == S \cup {0}
a \prec b == a[1] < b[1]
a $ b == <<a, b>>

Init == x = 0

Next == x' = x (+) 1 \/ (x' = x ++ 1 /\ x < 3)

Connectives == \A p, q \in BOOLEAN :
    /\ (p /\ q) = (p \land q)
    /\ (p \/ q) = (p \lor q)
    /\ (~p) = (\lnot p) /\ (~p) = (\neg p)
    /\ (p => q) = ((~p) \/ q)
    /\ (p <=> q) = (p \equiv q) /\ (p <=> q) = (p = q)

Relations == \A i, j \in 0..2 :
    /\ (i <= j) = (i =< j) /\ (i <= j) = (i \leq j)
    /\ (i >= j) = (i \geq j)
    /\ (i # j) = (i /= j)

ASSUME Connectives /\ Relations
ASSUME {1} \cup {2} = {1} \union {2}
ASSUME {1} \cap {2} = {1} \intersect {2}
ASSUME <<1>> \o <<2>> = <<1>> \circ <<2>>
ASSUME (1..2) \X (3..4) = (1..2) \times (3..4)
ASSUME 2 | 6 /\ ~(4 | 6)
ASSUME 2 ^ 3 = 8 /\ 2 * 3 + 1 = 7 /\ 1 + 2 * 3 = 7
ASSUME {1} ^+ = {0, 1}
ASSUME <<1, 9>> \prec <<2, 0>>
ASSUME (1 $ 2)[2] = 2
ASSUME TRUE && TRUE
ASSUME 10 - 3 - 2 = 5
ASSUME -3 + 5 = 2 /\ -(3 + 5) = -8 /\ 3 - -2 = 5
ASSUME ~TRUE \/ ~FALSE => TRUE
ASSUME 0 <= 1 /\ 1 \in {1} /\ {1} \subseteq {1, 2}
ASSUME \b01101 = 13 /\ \o17 = 15 /\ \hFF = 255
ASSUME "a\"b\\c" # "abc"
=============================================================================
