----------------------------- MODULE Constants ------------------------------
(* Constants of the configuration: numbers, strings, sets, model values and *)
(* typed model values, definitions in the place of constants, of operators  *)
(* and of definitions, replacements in one module only.                     *)
EXTENDS Integers, FiniteSets, Sequences, ConstantsUser

CONSTANTS Number, Negative, Text, Flag, Mixed, Node, Nil, Typed, Weight(_), Bound, Other

VARIABLES who, n

Init == who = Nil /\ n = Negative

Choose(node) ==
    /\ who' = node
    /\ n' = (n + Weight(node)) % Bound

Next == \E node \in Node : Choose(node)

\* Replaced in the configuration.
Range == 1..1000000
MCRange == Number..5
MCBound == Number + 2
MinusTwo == -2
Large == 0..7
Small == {3, 5}
WeightOf(node) == IF node = who THEN 1 ELSE Number
Twice(a) == a + a
Thrice(a) == 3 * a

ASSUME Number = 3 /\ Negative = -2
ASSUME Text = "some text" /\ Flag = TRUE
ASSUME Mixed = {{"b", "a"}, {}, {"c"}}
ASSUME Cardinality(Node) = 3 /\ Nil \notin Node
ASSUME Range = 3..5
ASSUME Large = Small
ASSUME Twice(2) = 6
ASSUME Nil # 1 /\ Nil # "Nil" /\ Nil # <<>> /\ Nil # {}
ASSUME \A node \in Node : node # Nil /\ node # "n1"
ASSUME \E t \in Typed : t # Nil
ASSUME Other \notin Node
ASSUME UserLimit = 9

TypeInv == who \in Node \cup {Nil} /\ n \in -2..Bound
=============================================================================
