---------------------------- MODULE InfiniteSets ----------------------------
(* Sets that cannot be enumerated can be tested for membership, also inside *)
(* other sets, and large ones are not enumerated to test it.                *)
EXTENDS Integers, Sequences, FiniteSets

VARIABLES n, log

Init == n = 0 /\ log = <<>>

Next ==
    \/ n < 3 /\ n' = n + 1 /\ UNCHANGED log
    \/ Len(log) < 2 /\ log' = Append(log, [value |-> n, last |-> FALSE]) /\ n' = n

TypeInv ==
    /\ n \in Nat
    /\ log \in Seq([value : Nat, last : BOOLEAN])
    /\ log \in Seq([value : Int \ {-1}, last : BOOLEAN])

LazyInv ==
    /\ n \in Int \ {-1, 9}
    /\ n \in {i \in Nat : i < 5}
    /\ n \in Nat \cup {-7}
    /\ n \in Nat \cap Int
    /\ -n \in Int /\ (n = 0 \/ -n \notin Nat)
    /\ <<n, log>> \in Nat \X Seq([value : Int, last : BOOLEAN])
    /\ {n} \in SUBSET Nat
    /\ {n, 1} \subseteq Nat
    /\ 0..n \in SUBSET (0..1000)
    /\ [i \in 1..3 |-> n] \in [1..3 -> Nat]
    /\ [i \in 1..60 |-> n] \in [1..60 -> 0..50]
    /\ "abc" \in STRING
    /\ [a |-> "abc", b |-> {n}] \in [a : STRING, b : SUBSET Nat]
    /\ log \notin Seq({})  \/ log = <<>>

IdentityFunction == [i \in Nat |-> i]
Successor == [i \in Nat |-> i + 1]

FunctionInv ==
    /\ IdentityFunction[n] = n
    /\ Successor[Successor[n]] = n + 2
    /\ DOMAIN IdentityFunction = Nat
=============================================================================
