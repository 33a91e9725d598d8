---------------------------- MODULE SequencesUse ----------------------------
(* The module Sequences.                                                    *)
EXTENDS Integers, Sequences

VARIABLES queue, done

Init == queue = <<>> /\ done = <<>>

Put == \E e \in 1..2 :
    /\ Len(queue) < 3
    /\ queue' = Append(queue, e)
    /\ UNCHANGED done

Take ==
    /\ queue # <<>>
    /\ done' = SubSeq(done \o <<Head(queue)>>, 1, 1)
    /\ queue' = Tail(queue)

Drop ==
    /\ queue' = SelectSeq(queue, LAMBDA e : e # 1)
    /\ UNCHANGED done

Next == Put \/ Take \/ Drop

ASSUME Len(<<>>) = 0 /\ Len(<<1, 2>>) = 2
ASSUME <<1>> \o <<>> \o <<2, 3>> = <<1, 2, 3>>
ASSUME SubSeq(<<1, 2, 3>>, 2, 3) = <<2, 3>>
ASSUME SubSeq(<<1, 2, 3>>, 3, 2) = <<>>
ASSUME SubSeq(<<1, 2, 3>>, 1, 0) = <<>>
ASSUME SubSeq([i \in 1..3 |-> i], 2, 2) = <<2>>
ASSUME SelectSeq(<<4, 1, 3, 2>>, LAMBDA e : e > 2) = <<4, 3>>
ASSUME Append([i \in 1..1 |-> 0], 9) = <<0, 9>>
ASSUME Head(<<7, 8>>) = 7 /\ Tail(<<7, 8>>) = <<8>> /\ Tail(<<7>>) = <<>>
ASSUME "ab" \o "cd" = "abcd"
ASSUME Len("abc") = 3
ASSUME <<<<1>>, "a">>[1][1] = 1
ASSUME {s[1] : s \in {<<1, 2>>, <<3>>}} = {1, 3}
ASSUME <<1, 2>> \in Seq(1..2) /\ <<0>> \notin Seq(1..2) /\ <<>> \in Seq({})

TypeInv == queue \in Seq(1..2) /\ done \in Seq(1..2)
=============================================================================
