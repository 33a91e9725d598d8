----------------------------- MODULE LayersBase -----------------------------
(* The bottom of a chain of EXTENDS.                                        *)
LOCAL INSTANCE Naturals

LOCAL Secret == "inner"
Revealed == Secret
Base == 1
Successor(n) == n + 1
=============================================================================
