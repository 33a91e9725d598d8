---------------------------- MODULE NestedModules ---------------------------
(* Modules inside the module, one that extends the other, with variables of *)
(* their own, instantiated with and without parameters; theorems with       *)
(* proofs, which are passed over.                                           *)
EXTENDS Naturals

VARIABLES a, b

------------------------------ MODULE Shared ---------------------------------
Wrap(n, limit) == n % limit
==============================================================================

------------------------------- MODULE Wheel ---------------------------------
EXTENDS Shared, Naturals
CONSTANT Size
VARIABLE spoke
Turn == spoke' = Wrap(spoke + 1, Size)
Valid == spoke \in 0..(Size - 1)
==============================================================================

First == INSTANCE Wheel WITH spoke <- a, Size <- 2
Second(size) == INSTANCE Wheel WITH spoke <- b, Size <- size

Init == a = 0 /\ b = 0

Next ==
    \/ First!Turn /\ UNCHANGED b
    \/ \E size \in 2..3 : Second(size)!Turn /\ a' = a

ValidInv == First!Valid /\ Second(3)!Valid

THEOREM Next => TRUE
  <1>1. SUFFICES ASSUME Next PROVE TRUE
    OBVIOUS
  <1> QED
    BY <1>1 DEF Next

LEMMA Named == \A n \in Nat : n >= 0
PROOF OMITTED
=============================================================================
