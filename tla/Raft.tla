--------------------------------- MODULE Raft ---------------------------------
(* Raft as the kernel of this project implements it: Ongaro's thesis, "Consensus:
   Bridging Theory and Practice" (2014), with the names of Ongaro's raft.tla.
   Sections in brackets are the thesis's. README.md beside this file says how to
   read it and what is abstracted away.

   One action is one event of one server, all of it: the term update, the change
   of state and the messages that must wait for the disk. What a server may send
   at any time (AppendEntries, heartbeats, pre-vote requests) is permitted by
   actions of its own, a message each, and never prescribed. *)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS
    Server,               \* all servers
    Value,                \* what clients may ask to be appended
    Nil,                  \* no server; not in Server
    Voters,               \* the founding configuration: its voters,
    OutgoingVoters,       \*   the old half where it is joint, else {},
    Learners,             \*   and those who receive entries only; the other servers
                          \*   wait to be added and know no configuration
    Targets,              \* what operators may ask the members to be: [voters, learners]
    Requests,             \* what else is asked for: of {"snapshot", "transfer"}
    Query,                \* the names of reads that clients may ask for, each once
    PreVoteEnabled,       \* ask whether an election could be won first [9.6]
    LeaseReads,           \* leaders answer reads by their clock where CheckQuorum is on
                          \*   [6.4.1], so what was promised to them outlives a restart
    ClocksBounded,        \* clocks run alike, as leases suppose
    CheckQuorumEnabled    \* leaders without a quorum step down [6.2], and servers
                          \*   that hear a leader disregard RequestVote [4.2.3]

ASSUME Nil \notin Server
ASSUME (Voters \cup OutgoingVoters \cup Learners) \subseteq Server
ASSUME Requests \subseteq {"snapshot", "transfer"}
ASSUME LeaseReads \in BOOLEAN /\ ClocksBounded \in BOOLEAN
ASSUME PreVoteEnabled \in BOOLEAN /\ CheckQuorumEnabled \in BOOLEAN

-------------------------------------------------------------------------------
(* Variables. All but `messages` and the history are functions on Server. *)

VARIABLES
    currentTerm,          \* the latest term the server has seen, from 0 up
    role,                 \* "follower", "pre-candidate", "candidate", "leader", "down"
    votedFor              \* the candidate it voted for in currentTerm, or Nil
serverVars == <<currentTerm, role, votedFor>>

VARIABLES
    log,                  \* [base, entries]: what a snapshot stands for, [lastIndex, lastTerm,
                          \*   configuration], and the sequence of entries after it [5.1]
    commitIndex           \* the index of the last entry known to be committed
logVars == <<log, commitIndex>>

VARIABLE
    votesGranted          \* of a (pre-)candidate: the servers that granted it a
                          \*   (pre-)vote, itself included once counted; else {}
candidateVars == <<votesGranted>>

VARIABLES
    matchIndex,           \* of a leader: for a peer, up to where the peer's log is known
                          \*   to agree, durably; for the leader itself, up to where
                          \*   its own log is durable in its term; else all 0
    transferTo,           \* of a leader: whom it hands over to, or Nil [3.10]
    yielded               \* of a leader with leases: it told another to campaign in this
                          \*   term, which may be obeyed at any later time; else FALSE
leaderVars == <<matchIndex, transferTo, yielded>>

VARIABLES
    leaderContact,        \* a leader was heard within the minimum election timeout;
                          \*   FALSE where neither PreVote nor CheckQuorum reads it
    bound                 \* <<l, s>>: since the lease timer of l was started, s heard a
                          \*   leader, or started. No server knows this: clocks do
contactVars == <<leaderContact, bound>>

VARIABLE
    reading               \* the reads to be answered. A leader names them [origin, read].
                          \*   [forwarded: of a follower, those it asked its leader for,
                          \*    waiting: of a leader, those of the next round, in order,
                          \*    round: the one that is running, or Nil: [context: the reads
                          \*      that name it, index: what was committed when it began,
                          \*      reads, acknowledgedBy, isFresh: its lease timer runs],
                          \*    lease: whether the round that was confirmed last gave a
                          \*      lease that holds]

VARIABLES
    durable,              \* on disk: [currentTerm, votedFor, log]
    pending               \* the sequence of writes in progress, oldest first, each
                          \*   [currentTerm, votedFor, log, messages]: what is about to
                          \*   become durable, and the messages held until it is
durableVars == <<durable, pending>>

VARIABLE
    messages              \* every message ever sent. A lost message is one that is never
                          \*   received, a duplicate one that is received twice.

(* History: read by the properties below and by no action, but that no name of a read is
   used twice. An implementation has none of it. *)
VARIABLES
    leaders,              \* every election won: [term, server]
    committed,            \* at each index the entry committed there first, and the term of
                          \*   the server that committed it: [entry, term]
    reads                 \* the reads asked for: [read, floor, outcome]; while a read is
                          \*   pending, floor says how much was committed when it was asked
historyVars == <<leaders, committed>>
readVars == <<reading, reads>>

vars == <<serverVars, logVars, candidateVars, leaderVars, contactVars, readVars,
          durableVars, messages, historyVars>>

-------------------------------------------------------------------------------
(* Logs. An entry is [term, kind |-> "no-op"], [term, kind |-> "command", command]
   or [term, kind |-> "configuration", configuration]. The first entry of all has
   index 1; the entries of a log follow its base. *)

Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a > b THEN a ELSE b

BaseIndex(xlog) == xlog.base.lastIndex

LastIndex(xlog) == BaseIndex(xlog) + Len(xlog.entries)

EntryAt(xlog, index) == xlog.entries[index - BaseIndex(xlog)]

(* The term at an index from the base on; 0 before the first entry of all. *)
TermAt(xlog, index) ==
    IF index = BaseIndex(xlog) THEN xlog.base.lastTerm ELSE EntryAt(xlog, index).term

LastTerm(xlog) == TermAt(xlog, LastIndex(xlog))

(* The entries after prev up to last. *)
EntriesBetween(xlog, prev, last) ==
    SubSeq(xlog.entries, prev - BaseIndex(xlog) + 1, last - BaseIndex(xlog))

AppendTo(xlog, entry) == [xlog EXCEPT !.entries = Append(@, entry)]

(* Whether a log that ends in (index, term) is at least as up-to-date as xlog [3.6.1]. *)
LogUpToDate(xlog, index, term) ==
    \/ term > LastTerm(xlog)
    \/ term = LastTerm(xlog) /\ index >= LastIndex(xlog)

HasEntry(xlog, index, term) ==
    /\ BaseIndex(xlog) <= index /\ index <= LastIndex(xlog)
    /\ TermAt(xlog, index) = term

(* The consistency check of AppendEntries: xlog has that entry [3.5], or had it and
   committed it [5.1]. *)
LogOk(xlog, prevLogIndex, prevLogTerm) ==
    prevLogIndex < BaseIndex(xlog) \/ HasEntry(xlog, prevLogIndex, prevLogTerm)

(* Whether xlog has all of the entries, from prevLogIndex + 1 on. *)
HasEntries(xlog, prevLogIndex, entries) ==
    \A i \in 1..Len(entries) :
      prevLogIndex + i <= BaseIndex(xlog) \/ HasEntry(xlog, prevLogIndex + i, entries[i].term)

(* xlog with the entries from prevLogIndex + 1 on in the place of what is there; those
   up to its base it has. *)
ReplaceSuffix(xlog, prevLogIndex, entries) ==
    LET from == Max(prevLogIndex, BaseIndex(xlog))
    IN  [xlog EXCEPT !.entries = EntriesBetween(xlog, BaseIndex(xlog), from)
                                 \o SubSeq(entries, from - prevLogIndex + 1, Len(entries))]

-------------------------------------------------------------------------------
(* Configurations. The latest one in the log is in force, committed or not [4.1]. *)

Founding ==
    [voters |-> Voters, outgoingVoters |-> OutgoingVoters, learners |-> Learners]

NoConfiguration == [voters |-> {}, outgoingVoters |-> {}, learners |-> {}]

(* The index of the latest of the configurations up to index; the base's where the log
   holds none. *)
ConfigurationIndex(xlog, index) ==
    LET at == {i \in (BaseIndex(xlog) + 1)..index : EntryAt(xlog, i).kind = "configuration"}
    IN  IF at = {} THEN BaseIndex(xlog) ELSE CHOOSE i \in at : \A j \in at : j <= i

ConfigurationAt(xlog, index) ==
    LET at == ConfigurationIndex(xlog, index)
    IN  IF at = BaseIndex(xlog) THEN xlog.base.configuration
        ELSE EntryAt(xlog, at).configuration

ConfigurationOf(xlog) == ConfigurationAt(xlog, LastIndex(xlog))

(* The founding configuration is what stands before the first entry, for who is in it. *)
EmptyLog(s) ==
    LET known == s \in (Voters \cup OutgoingVoters \cup Learners)
    IN  [base |-> [lastIndex |-> 0, lastTerm |-> 0,
                   configuration |-> IF known THEN Founding ELSE NoConfiguration],
         entries |-> <<>>]

IsJoint(configuration) == configuration.outgoingVoters # {}

VotersOf(configuration) == configuration.voters \cup configuration.outgoingVoters

MembersOf(configuration) == VotersOf(configuration) \cup configuration.learners

(* More than half of the voters; of no voters nothing is asked. *)
IsMajority(voters, members) ==
    voters = {} \/ Cardinality(voters \cap members) * 2 > Cardinality(voters)

(* A majority of the voters and, where the configuration is joint, of the old ones [4.3]. *)
IsQuorum(configuration, members) ==
    /\ configuration.voters # {}
    /\ IsMajority(configuration.voters, members)
    /\ IsMajority(configuration.outgoingVoters, members)

-------------------------------------------------------------------------------
(* Parts of actions. *)

IsUp(s) == role[s] # "down"

NoMatch == [t \in Server |-> 0]

(* What a leader knows of the members of a configuration, and of itself. *)
MatchOf(s, configuration, match) ==
    [t \in Server |-> IF t = s \/ t \in MembersOf(configuration) THEN match[t] ELSE 0]

(* Who may campaign: a voter in force, or one that the latest change removes, until it
   knows that change to be committed: nobody else may have as long a log [4.2.2]. *)
MayCampaign(s) ==
    LET at == ConfigurationIndex(log[s], LastIndex(log[s]))
    IN  \/ s \in VotersOf(ConfigurationOf(log[s]))
        \/ /\ at > commitIndex[s]
           /\ s \in VotersOf(ConfigurationAt(log[s], at - 1))

(* A leader has committed an entry of its own term [6.4; Ongaro, 2015]. *)
CommittedInTerm(s) == TermAt(log[s], commitIndex[s]) = currentTerm[s]

(* Whether the server leads, or heard a leader lately [4.2.3]. *)
HasLeader(s) == role[s] = "leader" \/ leaderContact[s]

(* A change of term, vote or log starts one write, and the messages of the step wait
   for it; without a change they wait for the last write in progress, if any [3.8]. The
   early ones promise nothing, and leave at once [9.6, 10.2.1]. *)
PersistAndSend(s, held, early) ==
    LET changed == \/ currentTerm'[s] # currentTerm[s]
                   \/ votedFor'[s] # votedFor[s]
                   \/ log'[s] # log[s]
        write == [currentTerm |-> currentTerm'[s], votedFor |-> votedFor'[s],
                  log |-> log'[s], messages |-> held]
        last == Len(pending[s])
    IN  /\ CASE changed ->
                  /\ pending' = [pending EXCEPT ![s] = Append(@, write)]
                  /\ messages' = messages \cup early
             [] ~changed /\ last > 0 ->
                  /\ pending' = [pending EXCEPT ![s][last].messages = @ \cup held]
                  /\ messages' = messages \cup early
             [] ~changed /\ last = 0 ->
                  /\ messages' = messages \cup held \cup early
                  /\ UNCHANGED pending
        /\ UNCHANGED durable

Persist(s, held) == PersistAndSend(s, held, {})

(* Such a message, where it is all that a step does. *)
SendEarly(message) ==
    /\ messages' = messages \cup {message}
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars, readVars,
                   durableVars, historyVars>>

(* What a leader knows is forgotten with its role. *)
ResetLeader(s) ==
    /\ matchIndex' = [matchIndex EXCEPT ![s] = NoMatch]
    /\ transferTo' = [transferTo EXCEPT ![s] = Nil]
    /\ yielded' = [yielded EXCEPT ![s] = FALSE]

-------------------------------------------------------------------------------
(* What becomes of reads at a server. *)

NoReads == [forwarded |-> {}, waiting |-> <<>>, round |-> Nil, lease |-> FALSE]

Elements(names) == {names[i] : i \in 1..Len(names)}

(* The reads that a leader has not answered. *)
Unanswered(r) ==
    Elements(r.waiting) \cup IF r.round = Nil THEN {} ELSE Elements(r.round.reads)

(* The reads that the server itself was asked for, and has neither answered nor rejected. *)
OwnReads(s, r) ==
    r.forwarded \cup {name.read : name \in {it \in Unanswered(r) : it.origin = s}}

(* The reads asked for, once these have ended so. *)
EndReads(xreads, names, outcome(_)) ==
    {IF q.read \in names THEN [read |-> q.read, floor |-> 0, outcome |-> outcome(q)] ELSE q :
       q \in xreads}

(* Who loses its leader, or gives up its role, rejects what it was to answer; a leader leaves
   the reads of others to them [6.4]. *)
AbandonReads(s) ==
    LET rejected(q) == "rejected"
    IN  /\ reading' = [reading EXCEPT ![s] = NoReads]
        /\ reads' = EndReads(reads, OwnReads(s, reading[s]), rejected)

(* Leases rest on servers that refuse votes while they hear a leader [6.4.1]. *)
UsesLeases == LeaseReads /\ CheckQuorumEnabled

(* What names a round. A follower's read may come again once it was answered, so a round of
   those alone is named by all of them: an earlier one of that name was for the same reads. A
   read of the leader's own comes only once [6.4]. *)
ContextOf(s, names) ==
    LET own == {i \in 1..Len(names) : names[i].origin = s}
    IN  IF own = {} THEN names ELSE <<names[CHOOSE i \in own : \A j \in own : i <= j]>>

(* Whether a round of that name may give a lease: late answers to an earlier one of the same
   name promise too little. Nor where the leader hands over, or has told another to campaign
   whatever leader is heard [4.2.3, 6.4.1]. *)
MayLease(s, context) ==
    /\ UsesLeases
    /\ \E name \in Elements(context) : name.origin = s
    /\ transferTo[s] = Nil /\ ~yielded[s]

(* No lease holds, and the round that is running gives none. *)
WithoutLease(r) ==
    [r EXCEPT !.lease = FALSE,
              !.round = IF @ = Nil THEN Nil ELSE [@ EXCEPT !.isFresh = FALSE]]

(* A leader's reads, with what was answered so far in the step, a set of [name, index], and
   whether the lease timer was started. *)
ReadsOf(s) == [reading |-> reading[s], answered |-> {}, starts |-> FALSE]

(* Answers what waits under a lease, else begins the next round for it; where the leader
   decides alone, that is confirmed at once. Not before it has committed in its term: it may
   not know all that is committed [6.4]. *)
ServeReads(s, x, configuration, commit, isReady) ==
    LET r == x.reading
        context == ContextOf(s, r.waiting)
        isFresh == MayLease(s, context)
        atOnce == {[name |-> name, index |-> commit] : name \in Elements(r.waiting)}
        round == [context |-> context, index |-> commit, reads |-> r.waiting,
                  acknowledgedBy |-> {}, isFresh |-> isFresh]
    IN  IF r.waiting = <<>> \/ ~isReady THEN x
        ELSE IF r.lease
        THEN [x EXCEPT !.reading = [r EXCEPT !.waiting = <<>>], !.answered = @ \cup atOnce]
        ELSE IF r.round # Nil THEN x
        ELSE IF IsQuorum(configuration, {s})
        THEN [reading |-> [r EXCEPT !.waiting = <<>>, !.lease = isFresh],
              answered |-> x.answered \cup atOnce, starts |-> x.starts \/ isFresh]
        ELSE [reading |-> [r EXCEPT !.waiting = <<>>, !.round = round],
              answered |-> x.answered, starts |-> x.starts \/ isFresh]

(* Answers the reads of the round that is running, once a quorum has heard of it; it gives a
   lease if its timer still runs, and the next one begins [6.4]. *)
ConfirmReads(s, x, configuration, commit, isReady) ==
    LET r == x.reading
        answers == {[name |-> name, index |-> r.round.index] : name \in Elements(r.round.reads)}
        confirmed == [x EXCEPT !.reading = [r EXCEPT !.round = Nil, !.lease = r.round.isFresh],
                               !.answered = @ \cup answers]
    IN  IF r.round = Nil THEN x
        ELSE IF IsQuorum(configuration, {s} \cup r.round.acknowledgedBy)
        THEN ServeReads(s, confirmed, configuration, commit, isReady)
        ELSE x

(* What is sent to those who forwarded what is answered. *)
ReadResponses(s, x) ==
    {[kind |-> "read-index-response", from |-> s, to |-> a.name.origin,
      term |-> currentTerm[s], read |-> a.name.read, index |-> a.index] :
       a \in {it \in x.answered : it.name.origin # s}}

(* Takes what became of the reads, and answers the leader's own. *)
TakeReads(s, x, xreads) ==
    LET own == {a \in x.answered : a.name.origin = s}
        outcome(q) ==
          IF (CHOOSE a \in own : a.name.read = q.read).index < q.floor
          THEN "stale" ELSE "answered"
    IN  /\ reading' = [reading EXCEPT ![s] = x.reading]
        /\ reads' = EndReads(xreads, {a.name.read : a \in own}, outcome)
        /\ bound' = IF x.starts THEN {p \in bound : p[1] # s} ELSE bound

(* Whether a leader answers reads by its clock, or will once the round is confirmed. *)
ReliesOnLease(s) ==
    \/ reading[s].lease
    \/ IF reading[s].round = Nil THEN FALSE ELSE reading[s].round.isFresh

(* The timers of an election start anew at a server: those who rely on a lease by now have
   started theirs before. *)
StartElectionTimers(s) == bound' = bound \cup {<<l, s>> : l \in {t \in Server : ReliesOnLease(t)}}

(* The one assumption about clocks: a lease timer runs for less than any timer of an election,
   by at least as much as clocks drift apart meanwhile. So while it runs, none passes that was
   started after it [6.4.1]. *)
IsBoundByLease(s) ==
    ClocksBounded /\ \E l \in Server : ReliesOnLease(l) /\ <<l, s>> \in bound

-------------------------------------------------------------------------------
(* Parts of actions, continued. *)

BecomeFollower(s) ==
    /\ role' = [role EXCEPT ![s] = "follower"]
    /\ votesGranted' = [votesGranted EXCEPT ![s] = {}]
    /\ ResetLeader(s)
    /\ AbandonReads(s)

(* A higher term makes a follower of whoever learns of it [3.3]. *)
UpdateTerm(s, term) ==
    IF term > currentTerm[s]
    THEN /\ currentTerm' = [currentTerm EXCEPT ![s] = term]
         /\ BecomeFollower(s)
    ELSE UNCHANGED <<currentTerm, role, candidateVars, leaderVars, readVars>>

(* The vote that the server has cast in a term not below its own. *)
VoteIn(s, term) == IF term > currentTerm[s] THEN Nil ELSE votedFor[s]

(* All that an answer of a higher term does: its receiver is in no such campaign and
   leads no such term. *)
AdoptTerm(s, term) ==
    /\ term > currentTerm[s]
    /\ UpdateTerm(s, term)
    /\ votedFor' = [votedFor EXCEPT ![s] = Nil]
    /\ UNCHANGED <<logVars, contactVars, historyVars>>
    /\ Persist(s, {})

(* Follows the leader of a term not below its own [3.4]. Who hears its leader once more
   still waits for that leader's answers. *)
HearLeader(s, term) ==
    /\ term = currentTerm[s] => role[s] # "leader"
    /\ currentTerm' = [currentTerm EXCEPT ![s] = term]
    /\ votedFor' = [votedFor EXCEPT ![s] = VoteIn(s, term)]
    /\ IF role[s] = "follower" /\ term = currentTerm[s]
       THEN UNCHANGED <<role, candidateVars, leaderVars, readVars>>
       ELSE BecomeFollower(s)
    /\ leaderContact' = [leaderContact EXCEPT ![s] = PreVoteEnabled \/ CheckQuorumEnabled]
    /\ StartElectionTimers(s)

(* Votes for itself in a new term and asks the other voters; its own vote counts, and the
   requests leave, once the vote is durable [3.4, 3.8]. wished: the leader asked for it. *)
StartElection(s, term, wished) ==
    LET request(t) == [kind |-> "request-vote-request", from |-> s, to |-> t, term |-> term,
                       lastLogIndex |-> LastIndex(log[s]), lastLogTerm |-> LastTerm(log[s]),
                       leadershipTransfer |-> wished]
    IN  /\ currentTerm' = [currentTerm EXCEPT ![s] = term]
        /\ votedFor' = [votedFor EXCEPT ![s] = s]
        /\ role' = [role EXCEPT ![s] = "candidate"]
        /\ votesGranted' = [votesGranted EXCEPT ![s] = {}]
        /\ ResetLeader(s)
        /\ AbandonReads(s)
        /\ leaderContact' = [leaderContact EXCEPT ![s] = FALSE]
        /\ UNCHANGED <<logVars, bound, historyVars>>
        /\ Persist(s, {request(t) : t \in VotersOf(ConfigurationOf(log[s])) \ {s}})

(* Leads its term, and appends a no-op: only an entry of its own term lets it commit
   what earlier leaders left [3.6.2, 6.4]. *)
BecomeLeader(s) ==
    /\ role' = [role EXCEPT ![s] = "leader"]
    /\ votesGranted' = [votesGranted EXCEPT ![s] = {}]
    /\ ResetLeader(s)
    /\ log' = [log EXCEPT ![s] = AppendTo(@, [term |-> currentTerm[s], kind |-> "no-op"])]

(* Counts a vote for a candidate; a majority elects it [3.4]. *)
CountVote(s, voter) ==
    LET votes == votesGranted[s] \cup {voter}
    IN  IF IsQuorum(ConfigurationOf(log[s]), votes)
        THEN BecomeLeader(s)
        ELSE /\ votesGranted' = [votesGranted EXCEPT ![s] = votes]
             /\ UNCHANGED <<role, log, leaderVars>>

(* The last index that a quorum is known to have stored, if that is of the leader's own
   term [3.5, 3.6.2]; else from. *)
QuorumIndex(s, xlog, match, from) ==
    LET agreed == {i \in (from + 1)..LastIndex(xlog) :
                     IsQuorum(ConfigurationOf(xlog), {p \in Server : match[p] >= i})}
        last == CHOOSE i \in agreed : \A j \in agreed : j <= i
    IN  IF agreed # {} /\ TermAt(xlog, last) = currentTerm[s] THEN last ELSE from

(* What follows when a leader learns that t has stored its log up to index: it commits what a
   quorum has stored [3.5, 3.6.2, 10.2.1]. With a joint configuration it commits leaving it,
   and what the old half alone kept back [4.3]; with one in which it has no vote, it
   retires [4.2.2]. Reads that waited for a commit go on [6.4]. *)
Acknowledged(s, t, index) ==
    LET match == [matchIndex[s] EXCEPT ![t] = index]
        first == QuorumIndex(s, log[s], match, commitIndex[s])
        joint == ConfigurationOf(log[s])
        isCommitted(xlog, last) ==
          /\ last > commitIndex[s]
          /\ ConfigurationIndex(xlog, LastIndex(xlog)) <= last
        leaves == IsJoint(joint) /\ isCommitted(log[s], first)
        left == [joint EXCEPT !.outgoingVoters = {}]
        xlog == IF leaves
                THEN AppendTo(log[s], [term |-> currentTerm[s], kind |-> "configuration",
                                       configuration |-> left])
                ELSE log[s]
        second == IF leaves THEN QuorumIndex(s, xlog, match, first) ELSE first
        configuration == ConfigurationOf(xlog)
        retires == /\ isCommitted(xlog, second)
                   /\ ~IsJoint(configuration)
                   /\ s \notin configuration.voters
        withoutLease == [ReadsOf(s) EXCEPT !.reading = WithoutLease(@)]
        confirmed == IF leaves THEN ConfirmReads(s, withoutLease, left, first, TRUE)
                     ELSE ReadsOf(s)
        isReady == TermAt(xlog, second) = currentTerm[s]
    IN  [log |-> xlog, commitIndex |-> second, retires |-> retires,
         match |-> MatchOf(s, configuration, match),
         reads |-> IF retires THEN ReadsOf(s)
                   ELSE ServeReads(s, confirmed, configuration, second, isReady)]

(* Takes what follows. *)
AdvanceCommitIndex(s, next) ==
    /\ log' = [log EXCEPT ![s] = next.log]
    /\ commitIndex' = [commitIndex EXCEPT ![s] = next.commitIndex]
    /\ UNCHANGED leaderContact
    /\ IF next.retires
       THEN BecomeFollower(s) /\ UNCHANGED bound
       ELSE /\ matchIndex' = [matchIndex EXCEPT ![s] = next.match]
            /\ TakeReads(s, next.reads, reads)
            /\ UNCHANGED <<role, candidateVars, transferTo, yielded>>

(* Keeps the history; a function of what else changes. *)
RecordHistory(s) ==
    LET known == Len(committed)
        news == commitIndex'[s] - known
    IN  /\ leaders' = IF role'[s] = "leader" /\ role[s] # "leader"
                      THEN leaders \cup {[term |-> currentTerm'[s], server |-> s]}
                      ELSE leaders
        /\ committed' = IF commitIndex'[s] > known /\ BaseIndex(log'[s]) <= known
                        THEN committed \o
                               [i \in 1..news |-> [entry |-> EntryAt(log'[s], known + i),
                                                   term |-> currentTerm'[s]]]
                        ELSE committed

-------------------------------------------------------------------------------
(* Initial state: every server has an empty disk and follows nobody. *)
Init ==
    /\ currentTerm = [s \in Server |-> 0]
    /\ role = [s \in Server |-> "follower"]
    /\ votedFor = [s \in Server |-> Nil]
    /\ log = [s \in Server |-> EmptyLog(s)]
    /\ commitIndex = [s \in Server |-> 0]
    /\ votesGranted = [s \in Server |-> {}]
    /\ matchIndex = [s \in Server |-> NoMatch]
    /\ transferTo = [s \in Server |-> Nil]
    /\ yielded = [s \in Server |-> FALSE]
    /\ leaderContact = [s \in Server |-> FALSE]
    /\ bound = {}
    /\ reading = [s \in Server |-> NoReads]
    /\ reads = {}
    /\ durable = [s \in Server |-> [currentTerm |-> 0, votedFor |-> Nil,
                                     log |-> EmptyLog(s)]]
    /\ pending = [s \in Server |-> <<>>]
    /\ messages = {}
    /\ leaders = {}
    /\ committed = <<>>

-------------------------------------------------------------------------------
(* Time passes. *)

(* A server that heard no leader for an election timeout asks whether it could win the next
   term, or campaigns at once where its own vote decides [9.6]. Kernel: onElectionTimeout,
   startPreVote. *)
PreVoteTimeout(s) ==
    /\ PreVoteEnabled
    /\ role[s] \in {"follower", "pre-candidate", "candidate"}
    /\ MayCampaign(s)
    /\ ~IsBoundByLease(s)
    /\ IF IsQuorum(ConfigurationOf(log[s]), {s})
       THEN StartElection(s, currentTerm[s] + 1, FALSE)
       ELSE /\ role' = [role EXCEPT ![s] = "pre-candidate"]
            /\ votesGranted' = [votesGranted EXCEPT ![s] = {s}]
            /\ leaderContact' = [leaderContact EXCEPT ![s] = FALSE]
            /\ AbandonReads(s)
            /\ UNCHANGED <<currentTerm, votedFor, logVars, leaderVars, bound, durableVars,
                           messages, historyVars>>

(* A server that heard no leader for an election timeout campaigns [3.4]. Kernel:
   onElectionTimeout, startElection. *)
Timeout(s) ==
    /\ ~PreVoteEnabled
    /\ role[s] \in {"follower", "pre-candidate", "candidate"}
    /\ MayCampaign(s)
    /\ ~IsBoundByLease(s)
    /\ StartElection(s, currentTerm[s] + 1, FALSE)

(* A leader that heard no quorum for an election timeout steps down; whom it heard is left
   out [6.2]. Kernel: checkQuorum. *)
CheckQuorum(s) ==
    /\ CheckQuorumEnabled
    /\ role[s] = "leader"
    /\ ~IsQuorum(ConfigurationOf(log[s]), {s})
    /\ BecomeFollower(s)
    /\ UNCHANGED <<currentTerm, votedFor, logVars, contactVars, durableVars, messages,
                   historyVars>>

(* The minimum election timeout passed since a leader was heard: votes may be granted
   again [4.2.3]. Kernel: onMinimumElectionTimeout. *)
MinimumElectionTimeout(s) ==
    /\ leaderContact[s]
    /\ ~IsBoundByLease(s)
    /\ leaderContact' = [leaderContact EXCEPT ![s] = FALSE]
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, bound, readVars,
                   durableVars, messages, historyVars>>

(* A server that may not campaign heard no leader for an election timeout: nobody will answer
   what it asked for [6.4]. Kernel: onElectionTimeout. *)
GiveUpReads(s) ==
    /\ role[s] = "follower"
    /\ ~MayCampaign(s)
    /\ reading[s].forwarded # {}
    /\ AbandonReads(s)
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars, durableVars,
                   messages, historyVars>>

(* The lease timer ran out: what rests on the round that it was started with ends [6.4.1].
   Kernel: onLeaseTimeout. *)
LeaseTimeout(s) ==
    /\ ReliesOnLease(s)
    /\ reading' = [reading EXCEPT ![s] = WithoutLease(@)]
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars, reads,
                   durableVars, messages, historyVars>>

-------------------------------------------------------------------------------
(* Clients. *)

(* A leader appends a client's command to its log [3.5]. Kernel: onPropose,
   appendAsLeader. *)
ClientRequest(s, v) ==
    /\ role[s] = "leader"
    /\ transferTo[s] = Nil
    /\ log' = [log EXCEPT ![s] =
                 AppendTo(@, [term |-> currentTerm[s], kind |-> "command", command |-> v])]
    /\ UNCHANGED <<serverVars, commitIndex, candidateVars, leaderVars, contactVars,
                   readVars, historyVars>>
    /\ Persist(s, {})

(* A leader takes a read, its own or a follower's [6.4]. *)
TakeRead(s, name, xreads) ==
    LET taken == [ReadsOf(s) EXCEPT !.reading.waiting = Append(@, name)]
        x == ServeReads(s, taken, ConfigurationOf(log[s]), commitIndex[s], CommittedInTerm(s))
    IN  /\ name \notin Unanswered(reading[s])
        /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, leaderContact,
                       historyVars>>
        /\ TakeReads(s, x, xreads)
        /\ PersistAndSend(s, {}, ReadResponses(s, x))

(* A read is asked for, under a new name. *)
IsNew(q) == \A other \in reads : other.read # q
Asked(q) == reads \cup {[read |-> q, floor |-> Len(committed), outcome |-> "pending"]}

(* A leader is asked for a read [6.4]. Kernel: onRead. *)
Read(s, q) ==
    /\ role[s] = "leader"
    /\ IsNew(q)
    /\ TakeRead(s, [origin |-> s, read |-> q], Asked(q))

(* A follower is asked for a read, and is to ask its leader; if it knows none it refuses, but
   the leader's name is left out here [6.4]. Kernel: onRead. *)
ReadAtFollower(s, q) ==
    /\ role[s] = "follower"
    /\ IsNew(q)
    /\ q \notin reading[s].forwarded
    /\ reading' = [reading EXCEPT ![s].forwarded = @ \cup {q}]
    /\ reads' = Asked(q)
    /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars, durableVars,
                   messages, historyVars>>

-------------------------------------------------------------------------------
(* Operators. *)

(* A leader begins to change the members: no other change is open, it has committed in
   its term, and learners that are to vote hold what is committed. Where the voters
   change, both sets must agree until the change is committed [4.1, 4.2.1, 4.3]. A lease
   rests on the members of before, and ends. Kernel: onProposeConfiguration. *)
ProposeConfiguration(s, voters, learners) ==
    LET old == ConfigurationOf(log[s])
        new == [voters |-> voters, learners |-> learners,
                outgoingVoters |-> IF voters = old.voters THEN {} ELSE old.voters]
        x == ConfirmReads(s, [ReadsOf(s) EXCEPT !.reading = WithoutLease(@)], new,
                          commitIndex[s], TRUE)
    IN  /\ role[s] = "leader"
        /\ transferTo[s] = Nil
        /\ CommittedInTerm(s)
        /\ ConfigurationIndex(log[s], LastIndex(log[s])) <= commitIndex[s]
        /\ ~IsJoint(old)
        /\ voters # {} /\ voters \cap learners = {}
        /\ voters # old.voters \/ learners # old.learners
        /\ \A t \in voters \cap old.learners : matchIndex[s][t] >= commitIndex[s]
        /\ log' = [log EXCEPT ![s] =
                     AppendTo(@, [term |-> currentTerm[s], kind |-> "configuration",
                                  configuration |-> new])]
        /\ matchIndex' = [matchIndex EXCEPT ![s] = MatchOf(s, new, @)]
        /\ UNCHANGED <<serverVars, commitIndex, candidateVars, transferTo, yielded,
                       leaderContact, historyVars>>
        /\ TakeReads(s, x, reads)
        /\ PersistAndSend(s, {}, ReadResponses(s, x))

(* A leader begins to hand over to another voter: it takes no proposals meanwhile, and has no
   lease [3.10]. Kernel: onTransferLeadership. *)
TransferLeadership(s, t) ==
    /\ role[s] = "leader"
    /\ transferTo[s] = Nil
    /\ t \in VotersOf(ConfigurationOf(log[s])) \ {s}
    /\ transferTo' = [transferTo EXCEPT ![s] = t]
    /\ reading' = [reading EXCEPT ![s] = WithoutLease(@)]
    /\ UNCHANGED <<serverVars, logVars, candidateVars, matchIndex, yielded, contactVars,
                   reads, durableVars, messages, historyVars>>

(* After an election timeout it gives up, and goes on [3.10]. Kernel: giveUpTransfer. *)
GiveUpTransfer(s) ==
    /\ transferTo[s] # Nil
    /\ transferTo' = [transferTo EXCEPT ![s] = Nil]
    /\ UNCHANGED <<serverVars, logVars, candidateVars, matchIndex, yielded, contactVars,
                   readVars, durableVars, messages, historyVars>>

(* A snapshot of the state machine, as of a committed entry, is stored; the log begins
   after it [5.1]. A server that waits to be added knows no configuration to put in.
   Kernel: onSnapshotTaken. *)
SnapshotTaken(s, index) ==
    LET configuration == ConfigurationAt(log[s], index)
    IN  /\ IsUp(s)
        /\ BaseIndex(log[s]) < index /\ index <= commitIndex[s]
        /\ configuration # NoConfiguration
        /\ log' = [log EXCEPT ![s] =
                     [base |-> [lastIndex |-> index, lastTerm |-> TermAt(@, index),
                                configuration |-> configuration],
                      entries |-> EntriesBetween(@, index, LastIndex(@))]]
        /\ UNCHANGED <<serverVars, commitIndex, candidateVars, leaderVars, contactVars,
                       readVars, historyVars>>
        /\ Persist(s, {})

-------------------------------------------------------------------------------
(* Sends that are permitted at any time. *)

(* A pre-candidate asks a voter about the next term [9.6]. Kernel: startPreVote. *)
SendPreVoteRequest(s, t) ==
    /\ role[s] = "pre-candidate"
    /\ t \in VotersOf(ConfigurationOf(log[s])) \ {s}
    /\ SendEarly([kind |-> "pre-vote-request", from |-> s, to |-> t,
                  term |-> currentTerm[s] + 1,
                  lastLogIndex |-> LastIndex(log[s]), lastLogTerm |-> LastTerm(log[s])])

(* The commit index that a leader sends: its own. In the step that leaves a joint
   configuration it may commit twice, and sends in between [4.3]. *)
CommitsToSend(s) ==
    LET last == LastIndex(log[s])
        hasLeft == /\ commitIndex[s] < ConfigurationIndex(log[s], last)
                   /\ ConfigurationIndex(log[s], last) = last
                   /\ IsJoint(ConfigurationAt(log[s], last - 1))
    IN  IF hasLeft
        THEN {i \in ConfigurationIndex(log[s], last - 1)..commitIndex[s] :
                TermAt(log[s], i) = currentTerm[s]}
        ELSE {commitIndex[s]}

(* A leader sends a peer the entries after prev up to last, none where they are equal
   [3.5]. Kernel: sendAppendEntries, handleHeartbeatResponse. *)
AppendEntries(s, t, prev, last, commit) ==
    /\ role[s] = "leader"
    /\ t \in MembersOf(ConfigurationOf(log[s])) \ {s}
    /\ BaseIndex(log[s]) <= prev /\ prev <= last /\ last <= LastIndex(log[s])
    /\ SendEarly([kind |-> "append-entries-request", from |-> s, to |-> t,
                  term |-> currentTerm[s],
                  prevLogIndex |-> prev, prevLogTerm |-> TermAt(log[s], prev),
                  entries |-> EntriesBetween(log[s], prev, last),
                  leaderCommit |-> commit])

(* A leader sends a peer any part of its log, as above. *)
SendAppendEntries(s, t) ==
    /\ role[s] = "leader"
    /\ \E prev \in BaseIndex(log[s])..LastIndex(log[s]) :
         \E last \in prev..LastIndex(log[s]) :
           \E commit \in CommitsToSend(s) : AppendEntries(s, t, prev, last, commit)

(* A leader sends a peer what its log follows; how the bytes get there is the host's
   affair [5.3]. Kernel: sendSnapshot. *)
SendInstallSnapshot(s, t) ==
    /\ role[s] = "leader"
    /\ t \in MembersOf(ConfigurationOf(log[s])) \ {s}
    /\ BaseIndex(log[s]) > 0
    /\ SendEarly([kind |-> "install-snapshot-request", from |-> s, to |-> t,
                  term |-> currentTerm[s], snapshot |-> log[s].base])

(* A leader tells the target of a transfer to campaign, once that has its whole log; from
   then on no lease holds in its term [3.10, 6.4.1]. Kernel: handOver. *)
SendTimeoutNow(s, t) ==
    /\ role[s] = "leader"
    /\ transferTo[s] = t
    /\ matchIndex[s][t] = LastIndex(log[s])
    /\ messages' = messages \cup {[kind |-> "timeout-now-request", from |-> s, to |-> t,
                                   term |-> currentTerm[s]]}
    /\ yielded' = [yielded EXCEPT ![s] = UsesLeases]
    /\ UNCHANGED <<serverVars, logVars, candidateVars, matchIndex, transferTo, contactVars,
                   readVars, durableVars, historyVars>>

(* The name of the round of reads that is running; empty where none is. *)
RunningContext(s) == IF reading[s].round = Nil THEN <<>> ELSE reading[s].round.context

(* A leader keeps its authority; beyond what the peer acknowledged the peer's log may
   differ, and it must not commit that [3.4]. It asks on behalf of the round that is running;
   a leader that decides alone has confirmed a round before it asks, and heeds no answer
   [6.4]. Kernel: sendHeartbeats. *)
HeartbeatFor(s, t, context) ==
    /\ role[s] = "leader"
    /\ t \in MembersOf(ConfigurationOf(log[s])) \ {s}
    /\ context # RunningContext(s) => IsQuorum(ConfigurationOf(log[s]), {s})
    /\ \E commit \in CommitsToSend(s) :
         SendEarly([kind |-> "heartbeat-request", from |-> s, to |-> t,
                    term |-> currentTerm[s],
                    leaderCommit |-> Min(commit, matchIndex[s][t]), context |-> context])

Heartbeat(s, t) ==
    /\ role[s] = "leader"
    /\ HeartbeatFor(s, t, RunningContext(s))

(* A follower asks for a read; whom, for it knows its leader, is left out here [6.4]. Kernel:
   onRead, forwardReadsAgain. *)
SendReadIndexRequest(s, t, q) ==
    /\ q \in reading[s].forwarded
    /\ t # s
    /\ SendEarly([kind |-> "read-index-request", from |-> s, to |-> t,
                  term |-> currentTerm[s], read |-> q])

-------------------------------------------------------------------------------
(* A message m arrives at server s. The term rule comes first: a message of an earlier
   term goes no further than DropStaleMessage, one of a later term makes a follower.
   What neither changes the server nor is answered is no step and has no action: an answer
   of an earlier term, a vote refused, an old acknowledgement. *)

(* A request of an earlier term is answered with the current one; the bare heartbeat
   response serves a stale leader, which needs the term only [3.3]. Kernel:
   ignoreStaleTerm. *)
DropStaleMessage ==
    \E m \in messages : LET s == m.to IN
      /\ m.term < currentTerm[s]
      /\ m.kind \in {"request-vote-request", "append-entries-request", "heartbeat-request",
                     "install-snapshot-request", "timeout-now-request"}
      /\ IsUp(s)
      /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars, readVars,
                     historyVars>>
      /\ Persist(s, {IF m.kind = "request-vote-request"
                     THEN [kind |-> "request-vote-response", from |-> s, to |-> m.from,
                           term |-> currentTerm[s], voteGranted |-> FALSE]
                     ELSE [kind |-> "heartbeat-response", from |-> s, to |-> m.from,
                           term |-> currentTerm[s], context |-> <<>>]})

(* A pre-vote is granted to a later campaign with an up-to-date log where no leader is
   heard; a grant names the campaign's term, a refusal the server's own, and neither
   changes anything [9.6]. Kernel: handlePreVoteRequest. *)
HandlePreVoteRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "pre-vote-request"
      /\ IsUp(s)
      /\ LET granted == /\ m.term > currentTerm[s]
                        /\ LogUpToDate(log[s], m.lastLogIndex, m.lastLogTerm)
                        /\ ~HasLeader(s)
         IN  SendEarly([kind |-> "pre-vote-response", from |-> s, to |-> m.from,
                        term |-> IF granted THEN m.term ELSE currentTerm[s],
                        voteGranted |-> granted])

(* A quorum of pre-votes for the next term starts the election; a refusal brings a
   pre-candidate that is behind up to date [9.6]. Kernel: handlePreVoteResponse. *)
HandlePreVoteResponse ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "pre-vote-response"
      /\ IsUp(s)
      /\ \/ ~m.voteGranted /\ AdoptTerm(s, m.term)
         \/ /\ m.voteGranted
            /\ role[s] = "pre-candidate"
            /\ m.from \in VotersOf(ConfigurationOf(log[s]))
            /\ m.term = currentTerm[s] + 1
            /\ LET votes == votesGranted[s] \cup {m.from}
               IN  IF IsQuorum(ConfigurationOf(log[s]), votes)
                   THEN StartElection(s, m.term, FALSE)
                   ELSE /\ votesGranted' = [votesGranted EXCEPT ![s] = votes]
                        /\ UNCHANGED <<serverVars, logVars, leaderVars, contactVars,
                                       readVars, durableVars, messages, historyVars>>

(* A server that hears a leader is not to be disrupted: it disregards RequestVote, the
   term included, unless that leader wished for it [4.2.3]. Kernel: ignoreDisruption. *)
IgnoreDisruption(m) == CheckQuorumEnabled /\ HasLeader(m.to) /\ ~m.leadershipTransfer

(* One vote a term, first come, first served, and none for a log that is less up-to-date;
   to anyone, for the candidate may know of members that its voter does not [3.4, 3.6.1].
   Kernel: handleRequestVoteRequest. *)
HandleRequestVoteRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "request-vote-request"
      /\ m.term >= currentTerm[s]
      /\ IsUp(s)
      /\ ~IgnoreDisruption(m)
      /\ UpdateTerm(s, m.term)
      /\ LET granted == /\ VoteIn(s, m.term) \in {Nil, m.from}
                        /\ LogUpToDate(log[s], m.lastLogIndex, m.lastLogTerm)
         IN  /\ votedFor' = [votedFor EXCEPT ![s] =
                               IF granted THEN m.from ELSE VoteIn(s, m.term)]
             /\ UNCHANGED <<logVars, contactVars, historyVars>>
             /\ Persist(s, {[kind |-> "request-vote-response", from |-> s, to |-> m.from,
                             term |-> m.term, voteGranted |-> granted]})

(* A candidate counts a vote of its term, and a majority elects it [3.4]. Kernel:
   handleRequestVoteResponse, countVote, becomeLeader. *)
HandleRequestVoteResponse ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "request-vote-response"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ /\ m.term = currentTerm[s]
            /\ m.voteGranted
            /\ role[s] = "candidate"
            /\ m.from \in VotersOf(ConfigurationOf(log[s]))
            /\ CountVote(s, m.from)
            /\ UNCHANGED <<currentTerm, votedFor, commitIndex, contactVars, readVars>>
            /\ RecordHistory(s)
            /\ Persist(s, {})

(* A follower whose log has the entry before the new ones takes them, in the place of
   whatever conflicts with them, and commits what it was sent of what its leader
   committed; else it says where the logs part [3.5]. Kernel:
   handleAppendEntriesRequest. *)
HandleAppendEntriesRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "append-entries-request"
      /\ m.term >= currentTerm[s]
      /\ IsUp(s)
      /\ HearLeader(s, m.term)
      /\ IF LogOk(log[s], m.prevLogIndex, m.prevLogTerm)
         THEN LET match == m.prevLogIndex + Len(m.entries)
              IN  /\ log' = IF HasEntries(log[s], m.prevLogIndex, m.entries)
                            THEN log
                            ELSE [log EXCEPT ![s] =
                                    ReplaceSuffix(@, m.prevLogIndex, m.entries)]
                  /\ commitIndex' = [commitIndex EXCEPT ![s] =
                                       Max(@, Min(m.leaderCommit, match))]
                  /\ RecordHistory(s)
                  /\ Persist(s, {[kind |-> "append-entries-accepted", from |-> s,
                                  to |-> m.from, term |-> m.term, matchIndex |-> match]})
         ELSE /\ UNCHANGED <<logVars, historyVars>>
              /\ Persist(s, {[kind |-> "append-entries-rejected", from |-> s,
                              to |-> m.from, term |-> m.term,
                              prevLogIndex |-> m.prevLogIndex]})

(* A leader learns what a peer has stored, and commits what a quorum has [3.5]. Kernel:
   handleAppendEntriesAccepted, advanceCommitIndex. *)
HandleAppendEntriesAccepted ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "append-entries-accepted"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ /\ m.term = currentTerm[s]
            /\ role[s] = "leader"
            /\ m.from \in MembersOf(ConfigurationOf(log[s]))
            /\ m.matchIndex > matchIndex[s][m.from]
            /\ LET next == Acknowledged(s, m.from, m.matchIndex)
               IN  /\ AdvanceCommitIndex(s, next)
                   /\ UNCHANGED <<currentTerm, votedFor>>
                   /\ RecordHistory(s)
                   /\ PersistAndSend(s, {}, ReadResponses(s, next.reads))

(* A leader goes back in its log for this peer: it may send any part of it as it is, so
   nothing changes here [3.5]. Kernel: handleAppendEntriesRejected. *)
HandleAppendEntriesRejected ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "append-entries-rejected"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ m.term = currentTerm[s] /\ role[s] = "leader" /\ UNCHANGED vars

(* A follower hears its leader, and commits what the leader knows it has [3.4]. Kernel:
   handleHeartbeatRequest. *)
HandleHeartbeatRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "heartbeat-request"
      /\ m.term >= currentTerm[s]
      /\ IsUp(s)
      /\ HearLeader(s, m.term)
      /\ commitIndex' = [commitIndex EXCEPT ![s] = Max(@, m.leaderCommit)]
      /\ UNCHANGED log
      /\ RecordHistory(s)
      /\ Persist(s, {[kind |-> "heartbeat-response", from |-> s, to |-> m.from,
                      term |-> m.term, context |-> m.context]})

(* A member has heard the leader for the round that is running [6.4]. *)
AcknowledgeReads(s, from) ==
    LET heard == [ReadsOf(s) EXCEPT !.reading.round.acknowledgedBy = @ \cup {from}]
        x == ConfirmReads(s, heard, ConfigurationOf(log[s]), commitIndex[s], CommittedInTerm(s))
    IN  /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, leaderContact,
                       historyVars>>
        /\ TakeReads(s, x, reads)
        /\ PersistAndSend(s, {}, ReadResponses(s, x))

(* A leader hears that a peer is there, which may confirm reads, and may send to it again; a
   stale leader hears of the current term [3.3, 3.5, 6.4]. Kernel: handleHeartbeatResponse,
   acknowledgeReads. *)
HandleHeartbeatResponse ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "heartbeat-response"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ /\ m.term = currentTerm[s]
            /\ role[s] = "leader"
            /\ IF /\ m.context # <<>> /\ m.context = RunningContext(s)
                  /\ m.from \in MembersOf(ConfigurationOf(log[s]))
               THEN AcknowledgeReads(s, m.from)
               ELSE UNCHANGED vars

(* A leader takes a follower's read [6.4]. Kernel: handleReadIndexRequest. *)
HandleReadIndexRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "read-index-request"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ /\ m.term = currentTerm[s]
            /\ role[s] = "leader"
            /\ TakeRead(s, [origin |-> m.from, read |-> m.read], reads)

(* A follower learns from which index on it may answer a read [6.4]. Kernel:
   handleReadIndexResponse. *)
HandleReadIndexResponse ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "read-index-response"
      /\ IsUp(s)
      /\ \/ AdoptTerm(s, m.term)
         \/ /\ m.term = currentTerm[s]
            /\ m.read \in reading[s].forwarded
            /\ LET outcome(q) == IF m.index < q.floor THEN "stale" ELSE "answered"
               IN  /\ reading' = [reading EXCEPT ![s].forwarded = @ \ {m.read}]
                   /\ reads' = EndReads(reads, {m.read}, outcome)
            /\ UNCHANGED <<serverVars, logVars, candidateVars, leaderVars, contactVars,
                           durableVars, messages, historyVars>>

(* A follower takes the leader's snapshot in the place of its log, unless its log has
   what the snapshot stands for; what it has committed the leader has too [5.3]. Kernel:
   handleInstallSnapshotRequest. *)
HandleInstallSnapshotRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "install-snapshot-request"
      /\ m.term >= currentTerm[s]
      /\ IsUp(s)
      /\ HearLeader(s, m.term)
      /\ LET index == m.snapshot.lastIndex
             committedTo == Max(commitIndex[s], index)
         IN  /\ log' = IF \/ index <= commitIndex[s]
                          \/ HasEntry(log[s], index, m.snapshot.lastTerm)
                       THEN log
                       ELSE [log EXCEPT ![s] = [base |-> m.snapshot, entries |-> <<>>]]
             /\ commitIndex' = [commitIndex EXCEPT ![s] = committedTo]
             /\ RecordHistory(s)
             /\ Persist(s, {[kind |-> "append-entries-accepted", from |-> s, to |-> m.from,
                             term |-> m.term, matchIndex |-> committedTo]})

(* The target of a transfer campaigns at once, whatever leader it hears [3.10]. Kernel:
   handleTimeoutNowRequest. *)
HandleTimeoutNowRequest ==
    \E m \in messages : LET s == m.to IN
      /\ m.kind = "timeout-now-request"
      /\ m.term >= currentTerm[s]
      /\ IsUp(s)
      /\ m.term = currentTerm[s] => role[s] # "leader"
      /\ IF s \in VotersOf(ConfigurationOf(log[s]))
         THEN StartElection(s, m.term + 1, TRUE)
         ELSE AdoptTerm(s, m.term)

-------------------------------------------------------------------------------
(* Disk and power. *)

(* The oldest write in progress completes and the messages that waited for it leave; a
   candidate now counts its own vote, and a leader its own entries [3.8, 10.2.1]. Kernel:
   onPersisted, countOwnVote. *)
Persisted(s) ==
    /\ pending[s] # <<>>
    /\ LET w == Head(pending[s])
           rest == Tail(pending[s])
           noOp == [currentTerm |-> currentTerm[s], votedFor |-> votedFor[s],
                    log |-> log'[s], messages |-> {}]
       IN  /\ durable' = [durable EXCEPT ![s] = [currentTerm |-> w.currentTerm,
                                                 votedFor |-> w.votedFor, log |-> w.log]]
           /\ CASE role[s] = "candidate" /\ w.currentTerm = currentTerm[s] ->
                     /\ CountVote(s, s)
                     /\ messages' = messages \cup w.messages
                     /\ UNCHANGED <<commitIndex, contactVars, readVars>>
                [] /\ role[s] = "leader"
                   /\ LastTerm(w.log) = currentTerm[s]
                   /\ LastIndex(w.log) > matchIndex[s][s] ->
                     LET next == Acknowledged(s, s, LastIndex(w.log))
                     IN  /\ AdvanceCommitIndex(s, next)
                         /\ messages' = messages \cup w.messages
                                          \cup ReadResponses(s, next.reads)
                [] OTHER ->
                     /\ messages' = messages \cup w.messages
                     /\ UNCHANGED <<role, logVars, candidateVars, leaderVars, contactVars,
                                    readVars>>
           /\ pending' = [pending EXCEPT ![s] =
                            IF log'[s] = log[s] THEN rest ELSE Append(rest, noOp)]
           /\ UNCHANGED <<currentTerm, votedFor>>
           /\ RecordHistory(s)

(* A server stops: what is left is what is durable [3.8]. *)
Crash(s) ==
    /\ IsUp(s)
    /\ currentTerm' = [currentTerm EXCEPT ![s] = durable[s].currentTerm]
    /\ votedFor' = [votedFor EXCEPT ![s] = durable[s].votedFor]
    /\ log' = [log EXCEPT ![s] = durable[s].log]
    /\ role' = [role EXCEPT ![s] = "down"]
    /\ commitIndex' = [commitIndex EXCEPT ![s] = BaseIndex(durable[s].log)]
    /\ votesGranted' = [votesGranted EXCEPT ![s] = {}]
    /\ ResetLeader(s)
    /\ leaderContact' = [leaderContact EXCEPT ![s] = FALSE]
    /\ reading' = [reading EXCEPT ![s] = NoReads]
    /\ pending' = [pending EXCEPT ![s] = <<>>]
    /\ UNCHANGED <<durable, bound, reads, messages, historyVars>>

(* A server starts as a follower of nobody that knows nothing committed but what its
   snapshot stands for; its term, vote and log are the durable ones since it stopped
   [3.8]. Kernel: recover. *)
Restart(s) ==
    /\ role[s] = "down"
    /\ role' = [role EXCEPT ![s] = "follower"]
    /\ leaderContact' = [leaderContact EXCEPT ![s] = UsesLeases]
    /\ StartElectionTimers(s)
    /\ UNCHANGED <<currentTerm, votedFor, logVars, candidateVars, leaderVars, readVars,
                   durableVars, messages, historyVars>>

-------------------------------------------------------------------------------
Next ==
    \/ \E s \in Server : PreVoteTimeout(s)
    \/ \E s \in Server : Timeout(s)
    \/ \E s \in Server : CheckQuorum(s)
    \/ \E s \in Server : MinimumElectionTimeout(s)
    \/ \E s \in Server : GiveUpReads(s)
    \/ \E s \in Server : LeaseTimeout(s)
    \/ \E s \in Server, v \in Value : ClientRequest(s, v)
    \/ \E s \in Server, q \in Query : Read(s, q)
    \/ \E s \in Server, q \in Query : ReadAtFollower(s, q)
    \/ \E s \in Server, to \in Targets : ProposeConfiguration(s, to.voters, to.learners)
    \/ "transfer" \in Requests /\ \E s, t \in Server : TransferLeadership(s, t)
    \/ \E s \in Server : GiveUpTransfer(s)
    \/ /\ "snapshot" \in Requests
       /\ \E s \in Server : \E index \in 1..commitIndex[s] : SnapshotTaken(s, index)
    \/ \E s, t \in Server : SendPreVoteRequest(s, t)
    \/ \E s, t \in Server : SendAppendEntries(s, t)
    \/ \E s, t \in Server : Heartbeat(s, t)
    \/ \E s, t \in Server : SendInstallSnapshot(s, t)
    \/ \E s, t \in Server : SendTimeoutNow(s, t)
    \/ \E s, t \in Server, q \in Query : SendReadIndexRequest(s, t, q)
    \/ DropStaleMessage
    \/ HandlePreVoteRequest
    \/ HandlePreVoteResponse
    \/ HandleRequestVoteRequest
    \/ HandleRequestVoteResponse
    \/ HandleAppendEntriesRequest
    \/ HandleAppendEntriesAccepted
    \/ HandleAppendEntriesRejected
    \/ HandleHeartbeatRequest
    \/ HandleHeartbeatResponse
    \/ HandleInstallSnapshotRequest
    \/ HandleTimeoutNowRequest
    \/ HandleReadIndexRequest
    \/ HandleReadIndexResponse
    \/ \E s \in Server : Persisted(s)
    \/ \E s \in Server : Crash(s)
    \/ \E s \in Server : Restart(s)

Spec == Init /\ [][Next]_vars

-------------------------------------------------------------------------------
(* Types. *)

IsEntry(e) ==
    /\ e.term \in Nat \ {0}
    /\ \/ e = [term |-> e.term, kind |-> "no-op"]
       \/ \E v \in Value : e = [term |-> e.term, kind |-> "command", command |-> v]
       \/ /\ e.kind = "configuration"
          /\ MembersOf(e.configuration) \subseteq Server

IsSnapshot(base) ==
    /\ base.lastIndex \in Nat /\ base.lastTerm \in Nat
    /\ MembersOf(base.configuration) \subseteq Server

IsSequence(entries) == \A i \in 1..Len(entries) : IsEntry(entries[i])

IsLog(xlog) == IsSnapshot(xlog.base) /\ IsSequence(xlog.entries)

AreReads(names) ==
    \A i \in 1..Len(names) : names[i].origin \in Server /\ names[i].read \in Query

IsReading(r) ==
    /\ r.forwarded \subseteq Query
    /\ AreReads(r.waiting)
    /\ r.lease \in BOOLEAN
    /\ r.round # Nil =>
         /\ Len(r.round.context) > 0 /\ AreReads(r.round.context)
         /\ AreReads(r.round.reads)
         /\ r.round.index \in Nat
         /\ r.round.acknowledgedBy \subseteq Server
         /\ r.round.isFresh \in BOOLEAN

IsMessage(m) ==
    /\ m.from \in Server /\ m.to \in Server \ {m.from}
    /\ m.term \in Nat
    /\ CASE m.kind \in {"pre-vote-request", "request-vote-request"} ->
              m.lastLogIndex \in Nat /\ m.lastLogTerm \in Nat
         [] m.kind = "install-snapshot-request" -> IsSnapshot(m.snapshot)
         [] m.kind = "timeout-now-request" -> TRUE
         [] m.kind \in {"pre-vote-response", "request-vote-response"} ->
              m.voteGranted \in BOOLEAN
         [] m.kind = "append-entries-request" ->
              /\ m.prevLogIndex \in Nat /\ m.prevLogTerm \in Nat
              /\ IsSequence(m.entries) /\ m.leaderCommit \in Nat
         [] m.kind = "append-entries-accepted" -> m.matchIndex \in Nat
         [] m.kind = "append-entries-rejected" -> m.prevLogIndex \in Nat
         [] m.kind = "heartbeat-request" -> m.leaderCommit \in Nat /\ AreReads(m.context)
         [] m.kind = "heartbeat-response" -> AreReads(m.context)
         [] m.kind = "read-index-request" -> m.read \in Query
         [] m.kind = "read-index-response" -> m.read \in Query /\ m.index \in Nat
         [] OTHER -> FALSE

TypeOKInv ==
    /\ \A s \in Server :
         /\ currentTerm[s] \in Nat
         /\ role[s] \in {"follower", "pre-candidate", "candidate", "leader", "down"}
         /\ votedFor[s] \in Server \cup {Nil}
         /\ IsLog(log[s])
         /\ commitIndex[s] \in Nat
         /\ votesGranted[s] \subseteq Server
         /\ \A t \in Server : matchIndex[s][t] \in Nat
         /\ transferTo[s] \in Server \cup {Nil}
         /\ yielded[s] \in BOOLEAN
         /\ leaderContact[s] \in BOOLEAN
         /\ IsReading(reading[s])
         /\ durable[s].currentTerm \in Nat
         /\ durable[s].votedFor \in Server \cup {Nil}
         /\ IsLog(durable[s].log)
         /\ \A i \in 1..Len(pending[s]) :
              /\ pending[s][i].currentTerm \in Nat
              /\ pending[s][i].votedFor \in Server \cup {Nil}
              /\ IsLog(pending[s][i].log)
              /\ \A m \in pending[s][i].messages : IsMessage(m) /\ m.from = s
    /\ \A m \in messages : IsMessage(m)

-------------------------------------------------------------------------------
(* The five safety properties of the thesis's Figure 3.2, and durability. *)

(* Whether two logs have the same entries up to index, as far as both still hold them. *)
Agree(a, b, index) ==
    \A i \in (Max(BaseIndex(a), BaseIndex(b)) + 1)..index : EntryAt(a, i) = EntryAt(b, i)

(* Whether a log has the entry committed at i, or a snapshot that stands for it. *)
HasCommitted(xlog, i) ==
    \/ i <= BaseIndex(xlog)
    \/ i <= LastIndex(xlog) /\ EntryAt(xlog, i) = committed[i].entry

(* What was in force after the first n committed entries. *)
CommittedConfiguration(n) ==
    LET at == {i \in 1..n : committed[i].entry.kind = "configuration"}
    IN  IF at = {} THEN Founding
        ELSE committed[CHOOSE i \in at : \A j \in at : j <= i].entry.configuration

(* At most one leader can be elected in a given term [3.4]. *)
ElectionSafetyInv ==
    \A a, b \in leaders : a.term = b.term => a.server = b.server

(* A leader never overwrites or deletes entries in its log; it only appends [3.5]. *)
LeaderAppendOnlyProp ==
    [][\A s \in Server :
         role[s] = "leader" /\ role'[s] = "leader" /\ currentTerm'[s] = currentTerm[s] =>
           /\ LastIndex(log'[s]) >= LastIndex(log[s])
           /\ Agree(log[s], log'[s], LastIndex(log[s]))]_vars

(* If two logs contain an entry with the same index and term, then the logs are identical
   in all entries up through that index [3.5]. *)
LogMatchingInv ==
    \A s, t \in Server :
      \A i \in (Max(BaseIndex(log[s]), BaseIndex(log[t])) + 1)
               ..Min(LastIndex(log[s]), LastIndex(log[t])) :
        EntryAt(log[s], i).term = EntryAt(log[t], i).term => Agree(log[s], log[t], i)

(* An entry committed in a term is in the logs of the leaders of all higher terms [3.6.3].
   The term is the one in which it was committed: with the term in which it was created
   this is false, for a leader of a term in between may lack it. *)
LeaderCompletenessInv ==
    \A s \in Server : role[s] = "leader" =>
      \A i \in 1..Len(committed) : committed[i].term < currentTerm[s] =>
        HasCommitted(log[s], i)

(* No two servers ever apply different entries at an index [3.6.3]; applied is at most
   what is known to be committed. *)
StateMachineSafetyInv ==
    \A s \in Server : \A i \in 1..commitIndex[s] :
      i <= Len(committed) /\ HasCommitted(log[s], i)

(* A committed entry survives any minority of crashes: a majority has stored it, of the
   voters that the last committed configuration leads to [3.8, 4.3]. *)
DurabilityInv ==
    LET n == Len(committed)
        holders == {s \in Server : HasCommitted(durable[s].log, n)}
    IN  n = 0 \/ IsMajority(CommittedConfiguration(n).voters, holders)

(* A snapshot ends with an entry that was committed, and carries the configuration that
   was in force there [5.1]. *)
SnapshotsAreCommittedInv ==
    \A s \in Server : \A base \in {log[s].base, durable[s].log.base} :
      LET n == base.lastIndex
      IN  n = 0 \/ /\ n <= Len(committed)
                   /\ base.lastTerm = committed[n].entry.term
                   /\ base.configuration = CommittedConfiguration(n)

-------------------------------------------------------------------------------
(* Reads. *)

(* A read is answered with at least what was committed when it was asked for [6.4]. *)
ReadsAreLinearizableInv == \A q \in reads : q.outcome # "stale"

(* While a lease holds, nobody is elected in a higher term [6.4.1]. *)
LeaseSafetyInv ==
    \A s \in Server : reading[s].lease => \A e \in leaders : e.term <= currentTerm[s]

(* A read waits for a round that is running, or for a commit in the leader's term [6.4]. *)
ReadsWaitForAReasonInv ==
    \A s \in Server : reading[s].waiting # <<>> =>
      ~reading[s].lease /\ (reading[s].round # Nil \/ ~CommittedInTerm(s))

-------------------------------------------------------------------------------
(* What is true of every server at every moment. *)

CommitWithinLogInv ==
    \A s \in Server : BaseIndex(log[s]) <= commitIndex[s] /\ commitIndex[s] <= LastIndex(log[s])

TermsGrowAlongLogInv ==
    \A s \in Server :
      /\ \A i \in (BaseIndex(log[s]) + 1)..LastIndex(log[s]) :
           TermAt(log[s], i - 1) <= TermAt(log[s], i)
      /\ LastTerm(log[s]) <= currentTerm[s]

CampaignsForItselfInv ==
    \A s \in Server : role[s] \in {"candidate", "leader"} => votedFor[s] = s

OnlyVotersCampaignInv ==
    \A s \in Server : role[s] \in {"pre-candidate", "candidate"} =>
      votesGranted[s] \ {s} \subseteq VotersOf(ConfigurationOf(log[s]))

(* Of the configurations that a leader has not committed, once it has committed in its
   term, there is one, and the one that leaves it; others know late what is committed
   [4.1, 4.3]. *)
OneChangeAtATimeInv ==
    \A s \in Server : role[s] = "leader" /\ CommittedInTerm(s) =>
      LET open == {i \in (commitIndex[s] + 1)..LastIndex(log[s]) :
                     EntryAt(log[s], i).kind = "configuration"}
          of(i) == EntryAt(log[s], i).configuration
      IN  /\ Cardinality(open) <= 2
          /\ \A i, j \in open : i < j =>
               IsJoint(of(i)) /\ of(j) = [of(i) EXCEPT !.outgoingVoters = {}]

(* Votes and matches are kept by those roles only that use them. *)
RolesKeepTheirOwnInv ==
    \A s \in Server :
      /\ role[s] \notin {"pre-candidate", "candidate"} => votesGranted[s] = {}
      /\ role[s] # "leader" =>
           /\ matchIndex[s] = NoMatch /\ transferTo[s] = Nil /\ ~yielded[s]
           /\ reading[s] = [NoReads EXCEPT !.forwarded = reading[s].forwarded]
      /\ role[s] # "follower" => reading[s].forwarded = {}

(* Who campaigns or leads is in contact with no other leader. *)
CampaignWithoutLeaderInv ==
    \A s \in Server : leaderContact[s] => role[s] = "follower"

ProgressIsSoundInv ==
    \A s, t \in Server : matchIndex[s][t] <= LastIndex(log[s])

(* What a leader knows a quorum to have stored of its term is committed. *)
CommitsWhatAQuorumStoredInv ==
    \A s \in Server : role[s] = "leader" =>
      \A i \in (commitIndex[s] + 1)..LastIndex(log[s]) :
        \/ TermAt(log[s], i) # currentTerm[s]
        \/ ~IsQuorum(ConfigurationOf(log[s]), {t \in Server : matchIndex[s][t] >= i})

(* A leader counts nobody, itself included, for an entry that is not stored there. *)
CountsWhatIsDurableInv ==
    \A s \in Server : role[s] = "leader" =>
      \A t \in Server : matchIndex[s][t] > 0 =>
        /\ \/ LastIndex(durable[t].log) >= matchIndex[s][t]
           \/ durable[t].currentTerm > currentTerm[s]
        /\ durable[t].currentTerm = currentTerm[s] =>
             Agree(durable[t].log, log[s], matchIndex[s][t])

(* What is stored is never ahead of the state: no later term, and no other vote in one. *)
DurableStateLagsInv ==
    \A s \in Server :
      \/ durable[s].currentTerm < currentTerm[s]
      \/ /\ durable[s].currentTerm = currentTerm[s]
         /\ durable[s].votedFor \in {Nil, votedFor[s]}

(* The last write in progress, or else the disk, holds what the server holds. *)
WritesAreCompleteInv ==
    \A s \in Server :
      LET n == Len(pending[s])
          last == IF n = 0 THEN durable[s] ELSE pending[s][n]
      IN  /\ last.currentTerm = currentTerm[s]
          /\ last.votedFor = votedFor[s]
          /\ last.log = log[s]

(* A vote asked for or given, and an acknowledgement, is durable before it is sent [3.8]. *)
PromisesWaitForTheDiskInv ==
    \A m \in messages : LET d == durable[m.from] IN
      \/ d.currentTerm > m.term
      \/ CASE m.kind = "request-vote-request" ->
                d.currentTerm = m.term /\ d.votedFor = m.from
           [] m.kind = "request-vote-response" ->
                d.currentTerm = m.term /\ (m.voteGranted => d.votedFor = m.to)
           [] m.kind = "append-entries-accepted" ->
                d.currentTerm = m.term /\ LastIndex(d.log) >= m.matchIndex
           [] OTHER -> TRUE

-------------------------------------------------------------------------------
(* What is true of every step. A crash is no step of the server: what it had not stored is
   lost. *)

StaysUp(s) == role[s] # "down" /\ role'[s] # "down"

MonotonicTermProp ==
    [][\A s \in Server :
         /\ StaysUp(s) => currentTerm'[s] >= currentTerm[s]
         /\ durable'[s].currentTerm >= durable[s].currentTerm]_vars

(* A commit index never falls, and what is committed never changes [3.5]. *)
MonotonicCommitProp ==
    [][\A s \in Server : StaysUp(s) =>
         /\ commitIndex'[s] >= commitIndex[s] /\ LastIndex(log'[s]) >= commitIndex[s]
         /\ Agree(log'[s], log[s], commitIndex[s])]_vars

(* A server votes for at most one candidate in a term [3.4]. *)
OneVotePerTermProp ==
    [][\A s \in Server :
         StaysUp(s) /\ currentTerm'[s] = currentTerm[s] /\ votedFor[s] # Nil =>
           votedFor'[s] = votedFor[s]]_vars

(* An election starts by a timeout, by a quorum of pre-votes, or at a leader's wish. *)
ElectionsStartByTimeoutOrPreVoteProp ==
    [][\A s \in Server : role[s] # "candidate" /\ role'[s] = "candidate" =>
         \/ \E m \in messages : /\ m.kind = "timeout-now-request" /\ m.to = s
                                /\ m.term + 1 = currentTerm'[s]
         \/ /\ currentTerm'[s] = currentTerm[s] + 1
            /\ PreVoteEnabled => \/ role[s] = "pre-candidate"
                                 \/ IsQuorum(ConfigurationOf(log[s]), {s})]_vars

(* A leader that hands over appends no command and starts no change [3.10]. *)
NoProposalWhileHandingOverProp ==
    [][\A s \in Server : transferTo[s] # Nil /\ transferTo'[s] = transferTo[s] =>
         \A i \in (LastIndex(log[s]) + 1)..LastIndex(log'[s]) :
           LET entry == EntryAt(log'[s], i)
           IN  entry.kind = "configuration" /\ ~IsJoint(entry.configuration)]_vars

(* A change begins where its leader has committed in its term and none is open [4.1]. *)
ChangesStartInACommittedTermProp ==
    [][\A s \in Server : role[s] = "leader" /\ role'[s] = "leader" =>
         LET i == LastIndex(log[s]) + 1
         IN  LastIndex(log'[s]) >= i /\ EntryAt(log'[s], i).kind = "configuration" =>
               \/ /\ CommittedInTerm(s)
                  /\ ConfigurationIndex(log[s], LastIndex(log[s])) <= commitIndex[s]
                  /\ ~IsJoint(ConfigurationOf(log[s]))
               \/ IsJoint(ConfigurationOf(log[s]))]_vars

(* A server that stays up answers or rejects every read that it was asked for [6.4]. *)
ReadsAreEndedProp ==
    [][\A s \in Server : StaysUp(s) =>
         \A q \in reads : q.read \in OwnReads(s, reading[s]) =>
           \/ q.read \in OwnReads(s, reading'[s])
           \/ \E ended \in reads' : ended.read = q.read /\ ended.outcome # "pending"]_vars

(* Messages are sent for ever. *)
MessagesOnlyGrowProp == [][messages \subseteq messages']_vars

-------------------------------------------------------------------------------
(* What a client sees: one sequence of commands that only grows, of which every server's
   state machine was given a prefix. *)

IsCommand(entry) == entry.kind = "command"

CommandsOf(entries) ==
    LET commands == SelectSeq(entries, IsCommand)
    IN  [i \in 1..Len(commands) |-> commands[i].command]

(* What the state machine of s holds: from its snapshot, and from its log. *)
Applied(s) ==
    [i \in 1..commitIndex[s] |->
       IF i <= BaseIndex(log[s]) THEN committed[i].entry ELSE EntryAt(log[s], i)]

Client == INSTANCE ReplicatedLog WITH
    sequence <- CommandsOf([i \in 1..Len(committed) |-> committed[i].entry]),
    applied <- [s \in Server |-> CommandsOf(Applied(s))]

ReplicatedLogProp == Client!Spec

-------------------------------------------------------------------------------
(* Reachability: each of these must be VIOLATED, or the properties above may be true of
   nothing. README.md says which configuration violates which. *)

DebugNoLeaderInv == leaders = {}

DebugNoSecondLeaderInv == \A e \in leaders : e.term < 2

DebugNoSplitVoteInv ==
    ~\E s, t \in Server : /\ s # t
                          /\ role[s] = "candidate" /\ role[t] = "candidate"
                          /\ currentTerm[s] = currentTerm[t]

DebugNoCommandCommittedInv ==
    \A i \in 1..Len(committed) : committed[i].entry.kind # "command"

DebugNoFollowerCommitsInv == \A s \in Server : role[s] = "follower" => commitIndex[s] = 0

(* An entry of an earlier term is committed with one of the leader's own [3.6.2]. *)
DebugNoIndirectCommitInv ==
    \A i \in 1..Len(committed) : committed[i].entry.term = committed[i].term

DebugNoTruncationProp ==
    [][\A s \in Server : StaysUp(s) =>
         Agree(log[s], log'[s], Min(LastIndex(log[s]), LastIndex(log'[s])))]_vars

DebugNoRejectionInv == \A m \in messages : m.kind # "append-entries-rejected"

DebugNoStaleAnswerInv ==
    ~\E m \in messages : m.kind = "heartbeat-response" /\
       \E r \in messages : /\ r.kind \in {"append-entries-request", "heartbeat-request"}
                           /\ r.from = m.to /\ r.to = m.from /\ r.term < m.term

DebugNoVoteLostProp ==
    [][\A s \in Server : role'[s] = "down" => votedFor'[s] = votedFor[s]]_vars

DebugNoEntryLostProp ==
    [][\A s \in Server : role'[s] = "down" => log'[s] = log[s]]_vars

(* A leader commits an entry that it has not stored itself [10.2.1]. *)
DebugNoCommitAheadOfDiskInv ==
    \A s \in Server : commitIndex[s] <= LastIndex(durable[s].log)

DebugNoPreVoteWonInv ==
    PreVoteEnabled => \A m \in messages : m.kind # "request-vote-request"

DebugNoPreVoteRefusedInv ==
    \A m \in messages : m.kind = "pre-vote-response" => m.voteGranted

DebugNoDisruptionIgnoredInv ==
    ~\E m \in messages : /\ m.kind = "request-vote-request"
                         /\ IsUp(m.to) /\ m.term > currentTerm[m.to]
                         /\ IgnoreDisruption(m)

DebugNoSnapshotTakenInv == \A s \in Server : BaseIndex(log[s]) = 0

DebugNoSnapshotInstalledProp ==
    [][\A s \in Server : BaseIndex(log'[s]) <= commitIndex[s]]_vars

DebugNoJointConfigurationInv == \A s \in Server : ~IsJoint(ConfigurationOf(log[s]))

DebugNoChangeCommittedInv ==
    CommittedConfiguration(Len(committed)) \in
      {Founding} \cup {c \in {committed[i].entry.configuration :
                               i \in {j \in 1..Len(committed) :
                                        committed[j].entry.kind = "configuration"}} : IsJoint(c)}

DebugNoRetirementProp ==
    [][\A s \in Server : role[s] = "leader" /\ role'[s] = "follower" =>
         currentTerm'[s] > currentTerm[s] \/ s \in VotersOf(ConfigurationOf(log[s]))]_vars

DebugNoHandOverInv == \A m \in messages : m.kind # "timeout-now-request"

DebugNoWishedElectionInv ==
    ~\E e \in leaders : \E m \in messages :
       m.kind = "request-vote-request" /\ m.from = e.server /\ m.term = e.term
       /\ m.leadershipTransfer

DebugNoReadAnsweredInv == \A q \in reads : q.outcome # "answered"

DebugNoReadRejectedInv == \A q \in reads : q.outcome # "rejected"

DebugNoForwardedReadInv == \A m \in messages : m.kind # "read-index-response"

DebugNoBatchInv ==
    \A s \in Server : reading[s].round # Nil => Len(reading[s].round.reads) < 2

DebugNoReadBeforeCommitInv ==
    \A s \in Server : reading[s].waiting # <<>> => CommittedInTerm(s)

(* A leader runs a round when another leads a higher term. *)
DebugNoReadAtAStaleLeaderInv ==
    \A s \in Server : reading[s].round # Nil => \A e \in leaders : e.term <= currentTerm[s]

DebugNoLeaseReadProp ==
    [][\A s \in Server : reading[s].lease /\ reading'[s].lease => reads' = reads]_vars

DebugNoLeaseWithheldInv ==
    \A s \in Server : yielded[s] /\ transferTo[s] = Nil => reading[s].round = Nil

DebugNoServerIsBoundInv == \A s \in Server : ~IsBoundByLease(s)

DebugNoStepDownProp ==
    [][\A s \in Server : role[s] = "leader" /\ role'[s] = "follower" =>
         currentTerm'[s] > currentTerm[s]]_vars
===============================================================================
