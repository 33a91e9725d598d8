---------------------------- MODULE InitialReads ----------------------------
(* While initial states are made, a LET or an argument that reads a         *)
(* variable has another value for each value of the variable.               *)
EXTENDS Naturals

VARIABLES x, y, z

Pair(a, b) == a + a = b
Init ==
    LET next == x + 1
        Even(n) == n % 2 = 0
    IN  /\ x \in 1..4
        /\ y = next + next
        /\ \E k \in 0..2 : LET sum == x + y + k IN Even(sum) /\ z = sum + sum
        /\ Pair(x + 1, y)
        /\ \A k \in {x + 1} : k + k = y

Next == x < 4 /\ x' = x + 1 /\ y' = y /\ z' = z
Inv == z # 7
=============================================================================
