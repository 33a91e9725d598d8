----------------------------- MODULE Quantifiers ----------------------------
(* \E in actions: over several bounds, over tuples, nested, over sets that  *)
(* depend on an outer bound, over the empty set; and \A, \E in invariants.  *)
EXTENDS Naturals

VARIABLES pair, set

Edges == {<<1, 2>>, <<2, 3>>, <<3, 1>>, <<1, 3>>}

Init == pair = <<1, 1>> /\ set = {}

Follow ==
    /\ \E <<from, to>> \in Edges :
        /\ from = pair[2]
        /\ pair' = <<from, to>>
    /\ UNCHANGED set

Grow ==
    \E a, b \in 1..2, c \in {3} :
        /\ a < b
        /\ set' = set \cup {a, c}
        /\ pair' = <<b, c>>

Shrink ==
    \E s \in SUBSET set :
        \E e \in set \ s :
            /\ set' = s
            /\ pair' = <<e, e>>

Never == \E n \in {} : pair' = n /\ set' = n

Mixed ==
    \E <<a, b>> \in Edges, n \in {1, 2} :
        /\ a + n = b
        /\ pair' = <<b, a>>
        /\ set' = {n}

Next == Follow \/ Grow \/ Shrink \/ Never \/ Mixed

TypeInv == pair \in (1..3) \X (1..3) /\ set \subseteq 1..3

BoundInv ==
    /\ \A <<a, b>> \in Edges : a # b
    /\ \A a \in 1..3 : \E b \in 1..3 : <<a, b>> \in Edges
    /\ \A e \in set, <<a, b>> \in Edges : e # a \/ e # b
    /\ \E a, b \in 1..3 : a = b
    /\ \A n \in {} : FALSE
    /\ ~ \E n \in {} : TRUE
=============================================================================
