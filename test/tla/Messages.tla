------------------------------ MODULE Messages ------------------------------
(* A little consensus protocol: model values, records in a set that only    *)
(* grows, functions, an "until there is a quorum" with SUBSET and CHOOSE.   *)
EXTENDS Naturals, FiniteSets

CONSTANTS Server, Nil

VARIABLES role, term, votedFor, messages

vars == <<role, term, votedFor, messages>>
serverVars == <<role, term, votedFor>>

MaxTerm == 2
Quorums == {q \in SUBSET Server : 2 * Cardinality(q) > Cardinality(Server)}

Request(t, s) == [type |-> "request", term |-> t, from |-> s]
Grant(t, s, to) == [type |-> "grant", term |-> t, from |-> s, to |-> to]

Init ==
    /\ role = [s \in Server |-> "follower"]
    /\ term = [s \in Server |-> 0]
    /\ votedFor = [s \in Server |-> Nil]
    /\ messages = {}

\* A server begins an election.
Timeout(s) ==
    /\ role[s] # "leader" /\ term[s] < MaxTerm
    /\ role' = [role EXCEPT ![s] = "candidate"]
    /\ term' = [term EXCEPT ![s] = @ + 1]
    /\ votedFor' = [votedFor EXCEPT ![s] = s]
    /\ messages' = messages \cup {Request(term'[s], s)}

\* A server learns of a newer term.
Observe(s, m) ==
    /\ m.term > term[s]
    /\ role' = [role EXCEPT ![s] = "follower"]
    /\ term' = [term EXCEPT ![s] = m.term]
    /\ votedFor' = [votedFor EXCEPT ![s] = Nil]
    /\ UNCHANGED messages

\* A server votes, once in a term.
Vote(s, m) ==
    /\ m.type = "request" /\ m.term = term[s]
    /\ votedFor[s] \in {Nil, m.from}
    /\ votedFor' = [votedFor EXCEPT ![s] = m.from]
    /\ messages' = messages \cup {Grant(m.term, s, m.from)}
    /\ UNCHANGED <<role, term>>

\* A candidate with a quorum of votes leads.
Lead(s) ==
    LET granted == {m \in messages :
                      m.type = "grant" /\ m.term = term[s] /\ m.to = s}
    IN  /\ role[s] = "candidate"
        /\ ({m.from : m \in granted} \cup {s}) \in Quorums
        /\ role' = [role EXCEPT ![s] = "leader"]
        /\ UNCHANGED <<term, votedFor, messages>>

Next ==
    \/ \E s \in Server : Timeout(s) \/ Lead(s)
    \/ \E s \in Server, m \in messages : Observe(s, m) \/ Vote(s, m)

Spec == Init /\ [][Next]_vars

TypeInv ==
    /\ role \in [Server -> {"follower", "candidate", "leader"}]
    /\ term \in [Server -> Nat]
    /\ votedFor \in [Server -> Server \cup {Nil}]
    /\ \A m \in messages :
        \/ m \in [type : {"request"}, term : Nat, from : Server]
        \/ m \in [type : {"grant"}, term : Nat, from : Server, to : Server]

OneLeaderInv ==
    \A s, t \in Server :
        role[s] = "leader" /\ role[t] = "leader" /\ term[s] = term[t] => s = t

TermProp == [][\A s \in Server : term'[s] >= term[s]]_vars
GrowProp == [][messages \subseteq messages']_vars

\* Violated: two leaders of different terms.
DebugOneLeaderInv == Cardinality({s \in Server : role[s] = "leader"}) < 2
=============================================================================
