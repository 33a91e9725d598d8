------------------------------- MODULE Primes -------------------------------
(* The prime of an expression is the expression in the next state: of a     *)
(* definition, of an application, of a definition of an instance.           *)
EXTENDS Naturals

CONSTANT Step

VARIABLES i, f, count

Limit == 3
Counting == INSTANCE Counter

Total == f[1] + f[2]
At(k) == f[k]
Here == f[i]

Init ==
    /\ i \in 1..2
    /\ f = [k \in 1..2 |-> 0]
    /\ count = 0

Next ==
    /\ i' = 3 - i
    /\ f' = [f EXCEPT ![i] = (@ + Step) % 3]
    /\ Total' <= Total + Step
    /\ (f[i])' = f'[i']
    /\ At(i)' = f'[i']
    /\ Here' = f'[i']
    /\ At(1)' + f[2]' = Total'
    /\ Step' = Step
    /\ \A k \in 1..2 : f[k]' = f'[k]
    /\ LET next == Total' IN next < 4
    /\ Counting!Next
    /\ Counting!AddTo(i)' = count' + i'
    /\ (IF i = 1 THEN f ELSE <<0>>)' = (IF i' = 1 THEN f' ELSE <<0>>)

TypeInv == i \in 1..2 /\ f \in [1..2 -> 0..2]
=============================================================================
