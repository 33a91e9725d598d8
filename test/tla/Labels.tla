------------------------------- MODULE Labels -------------------------------
(* Names for subexpressions, and other things that do not change what is    *)
(* meant: separators, an ASSUME with a name.                                *)
EXTENDS Naturals

VARIABLE x

------------------------------------------------------------------------------

Init == start:: x = 0

Next ==
    \/ up:: /\ x < 3
            /\ x' = x + 1
    \/ back:: (x = 3 /\ x' = 0)

ASSUME Named == TRUE

Inv == bounds:: x \in 0..3
=============================================================================
