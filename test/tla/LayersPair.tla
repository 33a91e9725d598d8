----------------------------- MODULE LayersPair -----------------------------
(* Two instances of one module, to be instantiated itself.                  *)
EXTENDS Naturals

VARIABLES left, right

Left == INSTANCE Counter WITH count <- left, Limit <- 4
Right == INSTANCE Counter WITH count <- right, Limit <- 8

Total == left + right
=============================================================================
