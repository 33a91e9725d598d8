--------------------------- MODULE ConstantsTyped ---------------------------
(* A typed model value, A_x, is equal to no value of another type: to       *)
(* compare the two is an error, where an untyped one is merely different.   *)
CONSTANTS A, B, Plain

VARIABLE v

Init == v \in A
Next == v' \in A \cup {Plain}
NextOther == v' \in A /\ v \in B
=============================================================================
