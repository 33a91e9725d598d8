------------------------------ MODULE Equality ------------------------------
(* One value, several ways to write it: a record is a function over strings, *)
(* a tuple a function over 1..n, and they are one state.                    *)
EXTENDS Integers, Sequences, TLC

VARIABLE v

Init == v = <<>>

Next ==
    \/ v' = [i \in 1..2 |-> i]
    \/ v' = <<1, 2>>
    \/ v' = (1 :> 1 @@ 2 :> 2)
    \/ v' = [x \in {} |-> x]
    \/ v' = <<>>
    \/ v' = [a |-> 1, b |-> 2]
    \/ v' = [s \in {"a", "b"} |-> IF s = "a" THEN 1 ELSE 2]
    \/ v' = [b |-> 2, a |-> 1]
    \/ v' = [i \in 0..1 |-> i]
    \/ v' = {1, 2}
    \/ v' = 1..2
    \/ v' = {2, 1, 2}
    \/ v' = {{}, {1}}
    \/ v' = SUBSET {1}
    \/ v' = [{1} -> {1}]
    \/ v' = {<<1>>}
    \/ v' = [a : {1}]
    \/ v' = {[a |-> 1]}
    \/ v' = "ab"
    \/ v' = (1..2) \X {1}
    \/ v' = {<<1, 1>>, <<2, 1>>}

ASSUME <<1, 2>> = [i \in {2, 1} |-> i]
ASSUME <<>> = [i \in {} |-> 0]
ASSUME [a |-> 1] = [s \in {"a"} |-> 1]
ASSUME [a |-> 1] # [a |-> 1, b |-> 2]
ASSUME [a |-> 1] # [b |-> 1]
ASSUME <<1>> # <<1, 1>>
ASSUME ("a" :> 1) = [a |-> 1]
ASSUME [i \in 1..2 |-> i] \in Seq(1..2)
ASSUME [s \in {"a", "b"} |-> 1] \in [a : {1}, b : 0..3]
ASSUME <<1, 2>> \in (1..2) \X (1..2)
ASSUME <<1, 2>> \in [1..2 -> 1..2]
ASSUME [a |-> 1] \in [{"a"} -> {1}]
ASSUME DOMAIN [a |-> 1, b |-> 2] = {"a", "b"}
ASSUME DOMAIN <<3, 4>> = 1..2
ASSUME DOMAIN <<>> = {}
ASSUME [a |-> 1]["a"] = 1
ASSUME {<<1, 2>>[1], 1} = {1}
ASSUME (1..2) \X (1..2) \X {3} # ((1..2) \X (1..2)) \X {3}
ASSUME 3..1 = {}
=============================================================================
