------------------------------ MODULE Instances -----------------------------
(* INSTANCE: named, with substitution of constants and variables, with      *)
(* parameters, of an expression for a variable, local, and nested.          *)
EXTENDS Naturals

VARIABLES x, y, count

Limit == 1

\* Implicit: Limit and count are those of this module.
Own == INSTANCE Counter

Second == INSTANCE Counter WITH count <- x, Limit <- Limit + 1

\* With a parameter; y is a function of counters, each entry is one.
At(i) == INSTANCE Counter WITH count <- y[i], Limit <- i

LOCAL Sum == INSTANCE Counter WITH count <- x + count, Limit <- 3

Init ==
    /\ Own!Init
    /\ Second!Init
    /\ y = [i \in 1..2 |-> 0]

Next ==
    \/ Own!Next /\ UNCHANGED <<x, y>>
    \/ Second!Increment /\ count' = count /\ UNCHANGED y
    \/ Second!Reset /\ UNCHANGED <<count, y>>
    \/ \E i \in 1..2 : 
        /\ y' \in [1..2 -> 0..2]
        /\ At(i)!Next
        /\ y'[3 - i] = y[3 - i]
        /\ UNCHANGED <<x, count>>

BoundInv ==
    /\ Own!BoundInv
    /\ Second!BoundInv
    /\ \A i \in 1..2 : At(i)!BoundInv
    /\ At(2)!AddTo(5) = y[2] + 5
    /\ Second!AddTo(Own!AddTo(0)) = x + count
    /\ Sum!BoundInv
=============================================================================
