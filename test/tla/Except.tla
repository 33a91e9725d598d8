------------------------------- MODULE Except -------------------------------
(* EXCEPT: @, several updates one after the other, nested paths, indices    *)
(* that are tuples, fields, sequences, an index outside the domain.         *)
EXTENDS Integers, Sequences, TLC

VARIABLES f, r, m

Init ==
    /\ f = [i \in 0..2 |-> 0]
    /\ r = [a |-> 1, b |-> [c |-> <<1, 2>>, d |-> FALSE]]
    /\ m = [i, j \in 0..1 |-> i + j]

Next ==
    \/ /\ \E i \in 0..2 : f' = [f EXCEPT ![i] = (@ + 1) % 3]
       /\ UNCHANGED <<r, m>>
    \/ /\ r' = [r EXCEPT !.a = 3 - @, !.b.d = ~@, !.b.c[2] = @ + r.a - 1]
       /\ r'.b.c[2] < 4
       /\ UNCHANGED <<f, m>>
    \/ /\ m' = [m EXCEPT ![0, 1] = 1 - @, ![<<1, 0>>] = m[0, 1]]
       /\ UNCHANGED <<f, r>>

ValueInv ==
    /\ [f EXCEPT ![0] = 1, ![0] = @ + 1][0] = 2
    /\ [f EXCEPT ![0] = f[1]][0] = f[1]
    /\ DOMAIN [f EXCEPT ![1] = "one"] = 0..2
    /\ [f EXCEPT ![7] = 1] = f
    /\ [<<1, 2, 3>> EXCEPT ![2] = "two"] = <<1, "two", 3>>
    /\ [r EXCEPT !["a"] = 5].a = 5
    /\ [r EXCEPT !.b["c"][1] = @ + 9].b.c[1] = 10
    /\ [[a |-> [b |-> 1]] EXCEPT !.a = [@ EXCEPT !.b = @ + 1]].a.b = 2
    /\ m[1, 1] = m[<<1, 1>>]
    /\ [i \in 1..2 |-> [f EXCEPT ![i] = i]][1][1] = 1
=============================================================================
