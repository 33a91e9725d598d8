------------------------------ MODULE ReachBase -----------------------------
(* Naturals for itself, and a definition to replace.                        *)
LOCAL INSTANCE Naturals

InNatBase == 5 \in Nat
Base == {5}
InBase == 5 \in Base
=============================================================================
