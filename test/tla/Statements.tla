------------------------------ MODULE Statements ----------------------------
(* The names of assumptions and theorems stand for what they say; a second  *)
(* module in the same file is found like one in a file of its own.          *)
EXTENDS Naturals

CONSTANT Limit
VARIABLE x

ASSUME Bounded == Limit \in 1..9

Other(n) == INSTANCE StatementsOther WITH Least <- n

Init == x = 0
THEOREM Small == x < Limit
THEOREM \A n \in Nat : n < n + 1
LEMMA Proven == ASSUME Bounded PROVE Limit > 0
  OBVIOUS

Next == (Small /\ x' = x + 1) \/ (Bounded /\ Other(2)!Reached /\ x = Limit /\ x' = 0)

Inv == Bounded /\ x \in 0..Limit
=============================================================================

--------------------------- MODULE StatementsOther --------------------------
EXTENDS Naturals
CONSTANT Least
VARIABLE x

THEOREM Reached == x >= Least
=============================================================================
