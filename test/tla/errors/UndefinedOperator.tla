-------------------------- MODULE UndefinedOperator --------------------------
(* A name that nothing defines.                                             *)
VARIABLE x

Init == x = 0
Next == x' = Missing(x)
=============================================================================
