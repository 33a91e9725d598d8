------------------------- MODULE DuplicateDefinition -------------------------
(* Two definitions of one name.                                             *)
VARIABLE x

Init == x = 0
Step == x' = x
Step == x' = 1
Next == Step
=============================================================================
