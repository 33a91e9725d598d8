----------------------------- MODULE Overrides ------------------------------
(* Definitions of the standard modules replaced in the configuration, so    *)
(* that infinite sets become finite ones; and a definition that is replaced *)
(* is replaced wherever it is used.                                         *)
EXTENDS Naturals, Sequences

VARIABLES n, s

Init == n \in Nat /\ s = <<>>

Next ==
    \/ \E k \in Nat : k # n /\ n' = k /\ s' = s
    \/ s' \in Seq({n}) /\ n' = n

ShortSeq(S) == UNION {[1..k -> S] : k \in 0..2}
FewNumbers == 0..2

Base == 1
Derived == Base + 1
OtherBase == 10

ASSUME Derived = 11

TypeInv == n \in Nat /\ s \in Seq(Nat)
=============================================================================
