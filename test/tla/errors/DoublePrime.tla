----------------------------- MODULE DoublePrime -----------------------------
(* The prime of an expression that has a prime.                             *)
VARIABLE x

Init == x = 0
Next == x' = x /\ (x')' = x
=============================================================================
