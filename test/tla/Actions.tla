------------------------------- MODULE Actions ------------------------------
(* The names of actions: Next split at disjunctions and at \E over constant *)
(* sets, operators with arguments, an action that has no name.              *)
EXTENDS Naturals

CONSTANT Node

VARIABLES token, work

vars == <<token, work>>

Init ==
    /\ token \in Node
    /\ work = [n \in Node |-> 0]

Pass(from, to) ==
    /\ token = from
    /\ from # to
    /\ work[from] = 0
    /\ token' = to
    /\ UNCHANGED work

Work(n) ==
    /\ work[n] < 2
    /\ work' = [work EXCEPT ![n] = @ + 1]
    /\ UNCHANGED token

Rest ==
    /\ work[token] > 0
    /\ work' = [work EXCEPT ![token] = 0]
    /\ UNCHANGED token

System == Rest \/ \E n \in Node : Work(n)

Next ==
    \/ \E from, to \in Node : Pass(from, to)
    \/ System
    \/ (work = [n \in Node |-> 2] /\ UNCHANGED vars)

Spec == Init /\ [][Next]_vars

TypeInv == token \in Node /\ work \in [Node -> 0..2]
=============================================================================
