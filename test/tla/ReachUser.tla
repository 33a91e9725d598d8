------------------------------ MODULE ReachUser -----------------------------
(* Extends what its user extends, too.                                      *)
EXTENDS Naturals

InNat == 5 \in Nat
=============================================================================
