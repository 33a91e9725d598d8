----------------------------- MODULE Refinement -----------------------------
(* Two digits implement a counter: a refinement mapping as a PROPERTY, held *)
(* and, with a faulty step, with a faulty start, not held.                  *)
EXTENDS Naturals

VARIABLES tens, ones

vars == <<tens, ones>>

Init == tens = 0 /\ ones = 0

Tick ==
    /\ ones < 2
    /\ ones' = ones + 1
    /\ UNCHANGED tens

Carry ==
    /\ ones = 2 /\ tens < 2
    /\ ones' = 0
    /\ tens' = tens + 1

Wrap ==
    /\ tens = 2 /\ ones = 2
    /\ tens' = 0 /\ ones' = 0

Next == Tick \/ Carry \/ Wrap \/ UNCHANGED vars

Spec == Init /\ [][Next]_vars

Count == INSTANCE Counter WITH count <- 3 * tens + ones, Limit <- 8
CountSpec == Count!Spec

\* Loses the carry.
Slip ==
    /\ tens = 1 /\ ones = 2
    /\ ones' = 0
    /\ UNCHANGED tens

SlipSpec == Init /\ [][Next \/ Slip]_vars
LateSpec == (tens \in 0..1 /\ ones = 0) /\ [][Next]_vars
=============================================================================
