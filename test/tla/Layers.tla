------------------------------- MODULE Layers -------------------------------
(* EXTENDS chains, an INSTANCE without a name, nested instances, a LOCAL    *)
(* definition whose name is used again, a module inside the module.         *)
EXTENDS LayersMiddle

VARIABLE count

INSTANCE Counter WITH Limit <- Top

\* Local there, so free here.
Secret == "outer"

---------------------------- MODULE Inner ------------------------------------
CONSTANT K
Times(n) == K * n
==============================================================================

ByTwo == INSTANCE Inner WITH K <- 2
By(k) == INSTANCE Inner WITH K <- k

Pair == INSTANCE LayersPair WITH left <- count, right <- 2 * count

LayerNext == Next \/ (count = 1 /\ count' = By(2)!Times(count))

LayerInv ==
    /\ BoundInv
    /\ Secret = "outer" /\ Revealed = "inner"
    /\ ByTwo!Times(3) = 6 /\ By(5)!Times(3) = 15
    /\ Base = 1 /\ Middle = 2
    /\ Pair!Left!AddTo(1) = count + 1
    /\ Pair!Right!BoundInv
    /\ Pair!Total = 3 * count
=============================================================================
