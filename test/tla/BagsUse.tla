------------------------------ MODULE BagsUse -------------------------------
(* The module Bags: messages in a bag.                                      *)
EXTENDS Integers, Bags, FiniteSets, TLC

CONSTANT Limit

VARIABLE network

Init == network = EmptyBag

Send(m) ==
    /\ BagCardinality(network) < Limit
    /\ network' = network (+) SetToBag({m})

Receive(m) ==
    /\ BagIn(m, network)
    /\ network' = network (-) SetToBag({m})

Next == \E m \in {"a", "b", "c"} : Send(m) \/ Receive(m)

Two == SetToBag({1, 2}) (+) SetToBag({2})

ASSUME CopiesIn(2, Two) = 2 /\ CopiesIn(1, Two) = 1 /\ CopiesIn(3, Two) = 0
ASSUME Two = (1 :> 1 @@ 2 :> 2)
ASSUME BagToSet(Two) = {1, 2}
ASSUME BagCardinality(Two) = 3
ASSUME IsABag(Two) /\ ~IsABag(0 :> 0)
ASSUME Two (-) SetToBag({2}) = SetToBag({1, 2})
ASSUME SetToBag({1}) (-) Two = EmptyBag
ASSUME SetToBag({1}) \sqsubseteq Two /\ ~(Two \sqsubseteq SetToBag({1, 2}))
ASSUME BagUnion({SetToBag({1}), Two}) = (1 :> 2 @@ 2 :> 2)
ASSUME SubBag(SetToBag({1})) = {EmptyBag, SetToBag({1})}
ASSUME BagOfAll(LAMBDA e : e % 2, Two) = (0 :> 2 @@ 1 :> 1)
ASSUME EmptyBag = <<>>

BagInv == IsABag(network) /\ BagToSet(network) \subseteq {"a", "b", "c"}
=============================================================================
