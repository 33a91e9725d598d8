-------------------------- MODULE MissingArguments ---------------------------
(* An operator with parameters is no value.                                 *)
EXTENDS Naturals

VARIABLE x

Double(n) == n + n
Init == x = 0
Next == x' = Double
=============================================================================
