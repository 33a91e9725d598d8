------------------------------- MODULE Choose -------------------------------
(* CHOOSE takes the first witness in a fixed order of the values, whatever  *)
(* the order in which the set was written.                                  *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANT Nil

VARIABLE v

First(S) == CHOOSE e \in S : TRUE

Init == v = 3

Next ==
    \/ v' = First({5, v, 4, -2} \ {v})
    \/ v' = (CHOOSE e \in 0..5 : e > v \/ e = 0)
    \/ v' = Len(First({<<3, 1>>, <<2, 9, 9>>, <<v>>} \ {<<4>>}))

None == CHOOSE e : e \notin {1, 2}

ASSUME First({3, -1, 2}) = -1
ASSUME First({TRUE, FALSE}) = FALSE
ASSUME First({<<2, 1>>, <<1, 2>>, <<1, 1>>}) = <<1, 1>>
ASSUME First({<<2>>, <<1, 2>>}) = <<2>>
ASSUME First({{3}, {1, 2}, {2}}) = {2}
ASSUME First({{2, 3}, {1, 4}}) = {1, 4}
ASSUME First({[a |-> 2, b |-> 1], [a |-> 1, b |-> 9]}) = [a |-> 1, b |-> 9]
ASSUME First(SUBSET {1, 2}) = {}
ASSUME (CHOOSE s \in SUBSET (1..3) : Cardinality(s) = 2) = {1, 2}
ASSUME (CHOOSE s \in SUBSET (1..3) : 2 \in s) = {2}
ASSUME (CHOOSE f \in [1..2 -> 0..1] : f[1] + f[2] = 1) = <<0, 1>>
ASSUME (CHOOSE p \in (1..2) \X (1..2) : p[1] # p[2]) = <<1, 2>>
ASSUME (CHOOSE r \in [a : 1..2, b : 1..2] : r.a # r.b) = [a |-> 1, b |-> 2]
ASSUME (CHOOSE <<a, b>> \in {<<2, 1>>, <<1, 2>>} : a > b) = <<2, 1>>
ASSUME First({Nil}) = Nil
ASSUME First(7..9 \cup 2..3) = 2
ASSUME (CHOOSE e \in {3, 2, 1} : e > 1) = 2
=============================================================================
