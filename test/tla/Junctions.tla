------------------------------ MODULE Junctions -----------------------------
(* Junction lists: their columns say what belongs together.                 *)
EXTENDS Naturals

VARIABLES x, y

Init == /\ x = 0 /\ y = 0

A == /\ x = 0
     /\ \/ y = 0
        \/ y = 1
             /\ x = 0
        \/ /\ FALSE
     /\ x' = 1
     /\ y' = y

B ==
  \/ /\ x = 1
     /\ IF y = 0
        THEN /\ x' = 2
             /\ y' = 1
        ELSE \/ /\ x' = 0
                /\ y' = 0
             \/ x' = 3 /\ y' = 2
  \/ x = 2
     /\ x' = 0 /\
        y' = 1

C == /\ x = 3 /\ y = 2
     /\ LET d == /\ x > 0
                 /\ y > 0
        IN  d
     /\ \A i \in {1, 2} :
          /\ i > 0
          /\ \/ i < 3
             \/ FALSE
     /\ UNCHANGED << x ,
                     y >>

(* A comment (* nested *) between. *)
Next == \/ A
        \/ B \* a line comment
        \/
           C

\* One line: /\ binds its operands, => is weaker than the junction's items.
WeakInv ==
    /\ x > 5 => y > 5
    /\ x < 5 \/ y < 5
    /\ (/\ x >= 0
        /\ y >= 0)
    /\ { i \in 0..3 : /\ i > 1
                      /\ i < 3 } = {2}
    /\ [a |-> /\ TRUE
              /\ TRUE,
        b |-> 1].a

MixInv == x = 2 => \/ y = 1
                   \/ y = 9

LessInv == TRUE /\ x <= 3
           /\ y <= 2
=============================================================================
