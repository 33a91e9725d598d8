---------------------------- MODULE Specification ---------------------------
(* SPECIFICATION: the temporal formula in its parts, by name, with fairness *)
(* that matters to no safety property; steps that stutter.                  *)
EXTENDS Naturals

VARIABLES x, y

vars == <<x, y>>

Init == x = 0
Also == y \in {0, 1}
Up == x < 3 /\ x' = x + 1 /\ UNCHANGED y
Down == x > 0 /\ x' = x - 1 /\ y' = 1 - y
Next == Up \/ Down \/ UNCHANGED vars

Start == Init /\ Also
Box == [][Next]_vars
Fairness == WF_vars(Up) /\ SF_vars(Down)
Spec == Start /\ Box /\ Fairness /\ WF_vars(Next)

SafeSpec ==
    /\ Init
    /\ Also
    /\ [][Next]_<<x, y>>

BoundProp == [](x \in 0..3)
InitProp == x = 0 /\ y < 2
StepProp == [][x' = x + 1 => y' = y]_vars
DownProp == [][y' = y]_vars
EveryProp == InitProp /\ BoundProp /\ StepProp
AtMostProp == [](x < 2)
=============================================================================
