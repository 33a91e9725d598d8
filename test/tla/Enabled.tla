------------------------------- MODULE Enabled ------------------------------
(* ENABLED in invariants and as a guard.                                    *)
EXTENDS Naturals

VARIABLES x, turn

vars == <<x, turn>>

Init == x = 0 /\ turn = "up"

Up == turn = "up" /\ x < 3 /\ x' = x + 1 /\ UNCHANGED turn
Down == turn = "down" /\ x > 0 /\ x' = x - 1 /\ UNCHANGED turn
Jump(n) == x # n /\ x' = n /\ turn' \in {"up", "down"}

Turn ==
    /\ ~ENABLED Up
    /\ ~ENABLED Down
    /\ turn' = IF turn = "up" THEN "down" ELSE "up"
    /\ UNCHANGED x

Next == Up \/ Down \/ Turn

EnabledInv ==
    /\ ENABLED Up <=> (turn = "up" /\ x < 3)
    /\ ENABLED Down <=> (turn = "down" /\ x > 0)
    /\ ENABLED Next
    /\ ENABLED (Up \/ Down) => ~ENABLED Turn
    /\ ENABLED (\E n \in 0..3 : Jump(n))
    /\ ENABLED Jump(2) <=> x # 2
    /\ ENABLED <<Next>>_vars
    /\ ~ENABLED <<UNCHANGED vars>>_vars
    /\ ENABLED [FALSE]_vars
    /\ ENABLED (x' = x /\ x' > 1 /\ turn' = turn) <=> x > 1
    /\ (ENABLED (Up /\ x' = 2)) <=> (turn = "up" /\ x = 1)
=============================================================================
