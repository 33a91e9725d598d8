------------------------------- MODULE TLCUse -------------------------------
(* The module TLC.                                                          *)
EXTENDS Integers, Sequences, FiniteSets, TLC

VARIABLE f

Init == f = 1 :> "a"

Next ==
    \/ f' = f @@ (Cardinality(DOMAIN f) + 1 :> "b") /\ Cardinality(DOMAIN f) < 3
    \/ f' = (1 :> "c") @@ f
    \/ f' = (1 :> "a" @@ 1 :> "d")

NextAsserts == Next /\ Assert(Cardinality(DOMAIN f') < 3, "three entries")

ASSUME (1 :> "a" @@ 1 :> "b" @@ 2 :> "c") = <<"a", "c">>
ASSUME Permutations({1, 2}) = {<<1, 2>>, <<2, 1>>}
ASSUME Cardinality(Permutations(1..4)) = 24
ASSUME SortSeq(<<3, 1, 2>>, <) = <<1, 2, 3>>
ASSUME SortSeq(<<3, 1, 2>>, LAMBDA a, b : a > b) = <<3, 2, 1>>
ASSUME ToString(<<1, "a">>) = "<<1, \"a\">>"
ASSUME Assert(TRUE, "no")
ASSUME Print("", TRUE) /\ PrintT("printed")
ASSUME TLCEval({e \in 1..3 : e > 1}) = {2, 3}

EntryInv == \A i \in DOMAIN f : f[i] \in {"a", "b", "c"}
=============================================================================
