----------------------------- MODULE LocalHidden -----------------------------
(* A LOCAL definition is not seen through EXTENDS.                          *)
EXTENDS LocalOwner

VARIABLE x

Init == x = Hidden
Next == x' = x
=============================================================================
