--------------------------- MODULE Configurations ----------------------------
(* Configurations that do not fit the module.                               *)
EXTENDS Naturals

CONSTANT Limit
VARIABLE x

Init == x = 0
Next == x' = (x + 1) % Limit
Bounded(n) == x < n
=============================================================================
