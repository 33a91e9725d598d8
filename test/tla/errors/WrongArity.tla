----------------------------- MODULE WrongArity ------------------------------
(* An operator of one parameter with two arguments.                         *)
EXTENDS Naturals

VARIABLE x

Double(n) == n + n
Init == x = 0
Next == x' = Double(x, 1)
=============================================================================
