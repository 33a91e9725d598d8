------------------------------ MODULE Functions -----------------------------
(* Function constructors over several bounds and tuples, functions of       *)
(* functions, sets of functions as initial values.                          *)
EXTENDS Integers, Sequences, FiniteSets

VARIABLES f, g

Keys == {"a", "b"}

Init ==
    /\ f \in [Keys -> BOOLEAN]
    /\ g = [i \in 1..2, k \in Keys |-> f[k]]

Flip(k) ==
    /\ f' = [f EXCEPT ![k] = ~@]
    /\ UNCHANGED g

Copy ==
    /\ g' = [i \in 1..2, k \in Keys |-> IF i = 1 THEN f[k] ELSE g[1, k]]
    /\ UNCHANGED f

Swap ==
    /\ f' = [k \in Keys |-> f[CHOOSE other \in Keys : other # k]]
    /\ g' = [<<i, k>> \in (1..2) \X Keys |-> g[3 - i, k]]

Next == Copy \/ Swap \/ \E k \in Keys : Flip(k)

ValueInv ==
    /\ g \in [(1..2) \X Keys -> BOOLEAN]
    /\ DOMAIN g = (1..2) \X Keys
    /\ [i, j \in 1..2 |-> i * j][2, 2] = 4
    /\ [i \in 1..2, j, k \in 3..4 |-> i + j + k][1, 3, 4] = 8
    /\ [<<i, j>> \in {<<1, 2>>, <<3, 4>>} |-> i + j][3, 4] = 7
    /\ [<<i, j>> \in {<<1, 2>>} , k \in {5} |-> i + j + k][<<1, 2>>, 5] = 8
    /\ [i \in 1..2 |-> [j \in 1..i |-> j]] = <<<<1>>, <<1, 2>>>>
    /\ [i \in 1..3 |-> i][2] = 2
    /\ {h[1] : h \in [1..2 -> Keys]} = Keys
    /\ Cardinality({h \in [1..3 -> 1..3] : \A i, j \in 1..3 : i # j => h[i] # h[j]}) = 6
=============================================================================
