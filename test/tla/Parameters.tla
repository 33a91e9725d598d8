----------------------------- MODULE Parameters -----------------------------
(* Operators that prime a parameter: the argument is substituted as it is   *)
(* written, a variable, so that the operator assigns it.                    *)
EXTENDS Naturals

VARIABLES x, y

Assign(v, e) == v' = e
OneOf(v, S) == v' \in S
Keep(v) == UNCHANGED v
Through(v, e) == Assign(v, e)
Both(A(_), B(_), a, b) == A(a) /\ B(b)
Later(e) == e'

Init == x = 0 /\ y = 0

Step == Assign(x, (x + 1) % 3) /\ Keep(y)
Choice == OneOf(y, {y, x, x'}) /\ FALSE
Pair == Through(y, x) /\ OneOf(x, {0, y + 1}) /\ Later(x) < 3
All == Keep(<<x, y>>)
Pass == Both(LAMBDA n : Assign(x, n), LAMBDA n : Assign(y, n), y, x)
Sum == Assign(x, 2) /\ Assign(y, Later(x) - 1) /\ Later(x + y) = 3


\* The argument itself is primed: the operator assigns it.
Equal(a, e) == a = e
Primed == Equal(x', 1) /\ Equal(y', x')
Sent(from, to) == to = 2 - from
Send == Sent(x, x') /\ (\A n \in {y} : Equal(y', n))

Next == Step \/ Pair \/ All \/ Pass \/ Sum \/ Primed \/ Send

NextUnread == Choice \/ Next

TypeInv == x \in 0..2 /\ y \in 0..2
=============================================================================
