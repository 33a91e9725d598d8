------------------------------ MODULE Branches ------------------------------
(* IF, CASE and LET as parts of actions, with assignments in the branches.  *)
EXTENDS Integers

VARIABLES n, kind

Init == n = 0 /\ kind = "start"

Turn ==
    IF n < 3
    THEN /\ n' = n + 1
         /\ kind' \in {"up", "top"}
    ELSE IF kind = "up" THEN n' = 0 /\ kind' = "reset"
    ELSE UNCHANGED <<n, kind>>

Sort ==
    /\ n' = n
    /\ CASE n = 0 -> kind' = "zero"
         [] n = 1 -> kind' = "one" \/ kind' = "single"
         [] n = 2 /\ kind = "top" -> FALSE
         [] OTHER -> kind' = "many"

Local ==
    LET next == n - 1
        Down(by) == n' = n - by
        Named == kind' = IF next > 0 THEN "positive" ELSE "other"
    IN  /\ next >= 0
        /\ Down(1) \/ Down(2)
        /\ n' >= 0
        /\ LET twice == n' * 2 IN twice < 5
        /\ Named

Next == Turn \/ Sort \/ Local

ValueInv ==
    /\ (IF n > 0 THEN 1 ELSE 0) = (CASE n > 0 -> 1 [] n <= 0 -> 0)
    /\ LET a == 1  b == a + 1 IN a + b = 3
    /\ n + (IF n = 1 THEN 1 ELSE 2) * 2 > 1
=============================================================================
