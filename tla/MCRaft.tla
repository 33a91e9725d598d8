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
    MaxHeartbeats,        \*   heartbeats,
    MaxForwards,          \*   and reads that are forwarded
    MaxPending,           \* writes in progress, per server
    MaxDown               \* servers down at once

Sent(kind) == Cardinality({m \in messages : m.kind = kind})

Bound ==
    /\ Cardinality(messages) <= MaxMessages
    /\ Sent("append-entries-request") <= MaxAppendEntries
    /\ Sent("heartbeat-request") <= MaxHeartbeats
    /\ Sent("read-index-request") <= MaxForwards
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

(* For INIT: the first of the servers already leads term 1, by the votes of all, and has
   stored its no-op; what was sent so far is lost. The servers in `holders` have stored it
   too, and the leader knows. *)
CONSTANT FirstLeader

Led(holders) ==
    LET noOp == [term |-> 1, kind |-> "no-op"]
        disk(s) == [currentTerm |-> 1, votedFor |-> FirstLeader,
                    log |-> IF s \in holders THEN AppendTo(EmptyLog(s), noOp) ELSE EmptyLog(s)]
        isCommitted == IsQuorum(Founding, holders)
    IN  /\ currentTerm = [s \in Server |-> 1]
        /\ role = [s \in Server |-> IF s = FirstLeader THEN "leader" ELSE "follower"]
        /\ votedFor = [s \in Server |-> FirstLeader]
        /\ log = [s \in Server |-> disk(s).log]
        /\ commitIndex = [s \in Server |-> IF isCommitted /\ s = FirstLeader THEN 1 ELSE 0]
        /\ votesGranted = [s \in Server |-> {}]
        /\ matchIndex = [s \in Server |-> [t \in Server |->
                           IF s = FirstLeader /\ t \in holders THEN 1 ELSE 0]]
        /\ transferTo = [s \in Server |-> Nil]
        /\ yielded = [s \in Server |-> FALSE]
        /\ leaderContact = [s \in Server |-> FALSE]
        /\ bound = {}
        /\ reading = [s \in Server |-> NoReads]
        /\ durable = [s \in Server |-> disk(s)]
        /\ pending = [s \in Server |-> <<>>]
        /\ messages = {}
        /\ leaders = {[term |-> 1, server |-> FirstLeader]}
        /\ committed = IF isCommitted THEN <<[entry |-> noOp, term |-> 1]>> ELSE <<>>
        /\ reads = {}

(* Nothing is committed yet; *)
InitLed == Led({FirstLeader})

(* or the no-op is, and all have it. *)
InitReady == Led(Server)

(* For SYMMETRY where one leads. *)
FollowerSymmetry == Permutations(Server \ {FirstLeader})

(* For ACTION_CONSTRAINT: a leader sends a peer all that it lacks, and who forwards a read
   knows its leader. *)
SendsToThePoint ==
    \A m \in messages' \ messages :
      /\ m.kind = "append-entries-request" =>
           /\ m.entries # <<>>
           /\ m.prevLogIndex = matchIndex[m.from][m.to]
           /\ m.prevLogIndex + Len(m.entries) = LastIndex(log[m.from])
      /\ m.kind = "read-index-request" => [term |-> m.term, server |-> m.to] \in leaders
===============================================================================
