-------------------------------- MODULE Sets --------------------------------
(* Sets by constructors and operators, and as values of variables.          *)
EXTENDS Integers, FiniteSets, TLC

VARIABLES s, t

Init == s = {} /\ t \in SUBSET {1, 2}

Next ==
    \/ s' = s \cup {Cardinality(s)} /\ Cardinality(s) < 3 /\ t' = t
    \/ \E e \in s : s' = s \ {e} /\ t' = t
    \/ t' = {e \in s : e > 0} /\ s' = s
    \/ t' = UNION {t, s} \cap {1, 2} /\ s' = s

ASSUME UNION {} = {}
ASSUME UNION {{1}, {2, 3}, {}} = 1..3
ASSUME UNION {SUBSET {1}, {{2}}} = {{}, {1}, {2}}
ASSUME SUBSET {} = {{}}
ASSUME Cardinality(SUBSET (1..5)) = 32
ASSUME {1, 2} \subseteq 1..3 /\ ~({4} \subseteq 1..3)
ASSUME {{1, 2}} \subseteq SUBSET (1..3)
ASSUME {x + y : x \in 1..2, y \in {10, 20}} = {11, 12, 21, 22}
ASSUME {x + y : <<x, y>> \in {<<1, 2>>, <<3, 4>>}} = {3, 7}
ASSUME {<<x, y>> \in (1..2) \X (1..2) : x < y} = {<<1, 2>>}
ASSUME {p \in (1..2) \X (1..2) : p[1] = p[2]} = {<<1, 1>>, <<2, 2>>}
ASSUME {} \X {1} = {}
ASSUME Cardinality({1, 2} \X {3} \X {4, 5}) = 4
ASSUME Cardinality([1..3 -> {"a", "b"}]) = 8
ASSUME [{} -> {1}] = {<<>>}
ASSUME [{1} -> {}] = {}
ASSUME [{} -> {}] = {<<>>}
ASSUME [a : {1, 2}, b : {3}] = {[a |-> 1, b |-> 3], [a |-> 2, b |-> 3]}
ASSUME [a : {}, b : {3}] = {}
ASSUME (1..5 \cap 3..7) \ {4} = {3, 5}
ASSUME ({1, 2} \ 1..1) \cup {7} = {2, 7}
ASSUME 1 \notin {2} /\ {} \in {{}}
ASSUME IsFiniteSet(SUBSET {1, 2})
ASSUME \A x \in SUBSET (SUBSET {1}) : x \subseteq {{}, {1}}
ASSUME {e \in 1..9 : \E d \in 2..(e - 1) : e % d = 0} = {4, 6, 8, 9}

TypeInv == s \subseteq 0..2 /\ t \in SUBSET (1..2)
=============================================================================
