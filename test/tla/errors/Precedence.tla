----------------------------- MODULE Precedence ------------------------------
(* /\ and \/ side by side without brackets mean nothing.                    *)
VARIABLE x

Init == x = 0
Next == x' = 0 \/ x = 1 /\ x' = 2
=============================================================================
