--------------------------- MODULE UndefinedLater ----------------------------
(* A definition may not use one that comes after it.                        *)
VARIABLE x

Init == x = Later
Later == 1
Next == x' = x
=============================================================================
