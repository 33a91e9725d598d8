------------------------ MODULE ScopedOverridesUser -------------------------
(* Definitions that cannot be enumerated, for the configuration to replace. *)
LOCAL INSTANCE Naturals

CONSTANT Top

Ballot == Nat
Nothing == CHOOSE none : none \notin Ballot
Naturally == {k \in Nat : k < Top}
=============================================================================
