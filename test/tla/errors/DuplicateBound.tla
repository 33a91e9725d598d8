--------------------------- MODULE DuplicateBound ----------------------------
(* A bound name that is already in use.                                     *)
VARIABLE x

Init == x = 0
Next == \E x \in {1, 2} : x' = x
=============================================================================
