-------------------------------- MODULE MCRaft --------------------------------
(* Bounded instances of Raft.tla: the MCRaft*.cfg files beside this one. A state beyond
   the bounds is generated but not explored further, so each .cfg states its bounds
   with its result. *)
EXTENDS Raft, TLC

CONSTANTS
    MaxTerm,              \* no server beyond this term
    MaxLog,               \* no log longer than this
    MaxMessages,          \* messages ever sent,
    MaxAppendEntries,     \*   among them AppendEntries,
    MaxHeartbeats,        \*   and heartbeats
    MaxPending,           \* writes in progress, per server
    MaxDown               \* servers down at once

Sent(kind) == Cardinality({m \in messages : m.kind = kind})

Bound ==
    /\ Cardinality(messages) <= MaxMessages
    /\ Sent("append-entries-request") <= MaxAppendEntries
    /\ Sent("heartbeat-request") <= MaxHeartbeats
    /\ \A s \in Server : /\ currentTerm[s] <= MaxTerm
                         /\ LastIndex(log[s]) <= MaxLog
                         /\ Len(pending[s]) <= MaxPending
    /\ Cardinality({s \in Server : role[s] = "down"}) <= MaxDown

(* For ACTION_CONSTRAINT: synchronous storage, where a write completes before anything
   else happens. *)
WriteAtOnce == \A s \in Server : pending[s] # <<>> => durable'[s] # durable[s]

Symmetry == Permutations(Server)

(* For Targets: any members, with and without learners. *)
AnyVoters == {[voters |-> v, learners |-> {}] : v \in SUBSET Server \ {{}}}

AnyMembers == {[voters |-> v, learners |-> l] : v \in SUBSET Server \ {{}}, l \in SUBSET Server}

(* For INIT: the first of the servers already leads term 1, by the votes of all, has
   stored its no-op and committed nothing; what was sent so far is lost. *)
CONSTANT FirstLeader

InitLed ==
    LET disk(s) == [currentTerm |-> 1, votedFor |-> FirstLeader,
                    log |-> IF s = FirstLeader
                            THEN AppendTo(EmptyLog(s), [term |-> 1, kind |-> "no-op"])
                            ELSE EmptyLog(s)]
    IN  /\ currentTerm = [s \in Server |-> 1]
        /\ role = [s \in Server |-> IF s = FirstLeader THEN "leader" ELSE "follower"]
        /\ votedFor = [s \in Server |-> FirstLeader]
        /\ log = [s \in Server |-> disk(s).log]
        /\ commitIndex = [s \in Server |-> 0]
        /\ votesGranted = [s \in Server |-> {}]
        /\ matchIndex = [s \in Server |-> [t \in Server |->
                           IF s = FirstLeader /\ t = FirstLeader THEN 1 ELSE 0]]
        /\ transferTo = [s \in Server |-> Nil]
        /\ leaderContact = [s \in Server |-> FALSE]
        /\ durable = [s \in Server |-> disk(s)]
        /\ pending = [s \in Server |-> <<>>]
        /\ messages = {}
        /\ leaders = {[term |-> 1, server |-> FirstLeader]}
        /\ committed = <<>>
===============================================================================
