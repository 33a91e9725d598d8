---------------------------- MODULE Assumptions -----------------------------
(* ASSUME is checked before anything else; a module may be nothing but.     *)
EXTENDS Integers

CONSTANT N

Square(k) == k * k

ASSUME N \in Nat /\ N > 0
ASSUME Positive == \A k \in 1..N : Square(k) > 0
ASSUME Small == Square(N) < 20
=============================================================================
