------------------------------- MODULE Resumed ------------------------------
(* What an action binds has its value again when the action goes on to its  *)
(* next branch, however often the same text was run in between.             *)
EXTENDS Naturals

VARIABLES x, y, z

Init == x = 0 /\ y = 0 /\ z = 0

\* Each element of \A runs the same \E, LET and arguments within the others.
Twofold(a) == a \in {a, a + 1}
Quantified ==
    /\ \A p \in 1..2 : \E q \in 1..2 : LET r == p * q IN \/ q = 1 \/ r = 2 \/ (q = 2 /\ r = 4)
    /\ x' = (x + 1) % 3 /\ UNCHANGED <<y, z>>
Argued ==
    /\ \A p \in 0..1 : LET low == p * 2 IN
                                        \/ Twofold(low + p) /\ low = 0
                                        \/ low = p * 2 /\ p = 1
                                        \/ Twofold(low) /\ low = 2 * p
    /\ y' = (y + 1) % 2 /\ UNCHANGED <<x, z>>
Assigning ==
    \A p \in {1, 2, 3} :
        \E q \in 0..1 :
            LET value == (p + q) % 3
            IN  \/ p = 1 /\ x' = value
                \/ p = 2 /\ y' = value /\ x' + z' # value
                \/ p = 3 /\ z' = value /\ value # x'
TwoDeep ==
    /\ \A p \in 1..2 : \A q \in p..2 : \/ p = q \/ p < q \/ p + q = 3
    /\ z' = (z + 1) % 2 /\ UNCHANGED <<x, y>>

\* A LET and an argument as actions: a branch for each true disjunct.
Lazily ==
    LET Any == \/ x >= 0 \/ y >= 0
        Known == \/ x >= 0 \/ y >= 0
    IN  /\ Any
        /\ IF Known THEN Known ELSE FALSE
        /\ UNCHANGED <<x, y, z>>
Given(a) == a /\ UNCHANGED <<x, y, z>>

Next == Quantified \/ Argued \/ Assigning \/ TwoDeep \/ Lazily \/ Given(x = 0 \/ y = 0)
=============================================================================
