----------------------------- MODULE ReplicatedLog -----------------------------
(* What a client sees of a Raft cluster: one sequence of commands that only grows, of
   which every server's state machine was given a prefix. Raft.tla implements it:
   ReplicatedLogProp there. *)
EXTENDS Naturals, Sequences

CONSTANTS
    Server,               \* all servers
    Value                 \* what clients may ask to be appended

VARIABLES
    sequence,             \* the committed commands
    applied               \* what each server's state machine was given since it started

IsPrefix(a, b) == Len(a) <= Len(b) /\ SubSeq(b, 1, Len(a)) = a

Init ==
    /\ sequence = <<>>
    /\ applied = [s \in Server |-> <<>>]

(* Commands are committed, one or more at once, and a state machine may be given them. *)
Commit ==
    /\ IsPrefix(sequence, sequence')
    /\ \A i \in 1..Len(sequence') : sequence'[i] \in Value
    /\ \A s \in Server : /\ IsPrefix(applied[s], applied'[s])
                         /\ IsPrefix(applied'[s], sequence')

(* A state machine is lost with its server, and starts anew, or from a snapshot. *)
Reset(s) ==
    /\ sequence' = sequence
    /\ \E n \in 0..Len(applied[s]) : applied' = [applied EXCEPT ![s] = SubSeq(@, 1, n)]

Next == Commit \/ \E s \in Server : Reset(s)

Spec == Init /\ [][Next]_<<sequence, applied>>
================================================================================
