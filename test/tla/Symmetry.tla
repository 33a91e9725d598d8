------------------------------ MODULE Symmetry ------------------------------
(* SYMMETRY: over one set of model values, over two, and not at all.        *)
EXTENDS Naturals, FiniteSets, TLC

CONSTANTS Server, Value, Nil

VARIABLES vote, log, seen

Init ==
    /\ vote = [s \in Server |-> Nil]
    /\ log = [s \in Server |-> <<>>]
    /\ seen = {}

Vote(s, t) ==
    /\ vote[s] = Nil
    /\ vote' = [vote EXCEPT ![s] = t]
    /\ UNCHANGED <<log, seen>>

Write(s, v) ==
    /\ 2 * Cardinality({t \in Server : vote[t] = s}) > Cardinality(Server)
    /\ log[s] = <<>>
    /\ log' = [log EXCEPT ![s] = <<v>>]
    /\ seen' = seen \cup {[from |-> s, value |-> v]}
    /\ UNCHANGED vote

Next ==
    \/ \E s, t \in Server : Vote(s, t)
    \/ \E s \in Server, v \in Value : Write(s, v)

ServerSymmetry == Permutations(Server)
BothSymmetry == Permutations(Server) \cup Permutations(Value)

SeenInv == Cardinality(seen) <= 1
=============================================================================
