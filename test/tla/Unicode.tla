------------------------------- MODULE Unicode ------------------------------
(* Operators in Unicode mean what their ASCII forms mean.                   *)
EXTENDS Integers, Sequences

VARIABLES x, s

vars ≜ ⟨x, s⟩

Init ≜ ∧ x ∈ 0‥1
       ∧ s = {}

Add ≜ ∃ e ∈ {1, 2} : e ∉ s ∧ s' = s ∪ {e} ∧ x' = x
Flip ≜ ∨ x = 0 ∧ x' = 1 ∧ UNCHANGED s
       ∨ ¬(x = 0) ∧ x ≥ 1 ∧ x' = 0 ∧ x' ≠ x ∧ UNCHANGED s

Next ≜ Add ∨ Flip ∨ [x' = 1 - x ∧ s' = s ∩ {1}]_vars

Spec ≜ Init ∧ □[Next]_vars

TypeInv ≜ ∀ e ∈ s : e ≤ 2 ⇒ e ∈ Nat ∧ s ⊆ Int
ValueInv ≜ (x = 0) ≡ (0 = x) ∧ [i ∈ {1} ↦ i][1] = 1 ∧ {1} × {2} = {⟨1, 2⟩}
=============================================================================
