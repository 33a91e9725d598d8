----------------------------- MODULE LocalOwner ------------------------------
(* Keeps one definition to itself.                                          *)
LOCAL Hidden == 1
Shown == Hidden
=============================================================================
