-------------------------------- MODULE View --------------------------------
(* VIEW: states that look the same through it are one state.                *)
EXTENDS Naturals

VARIABLES hand, steps

Init == hand = 0 /\ steps = 0

Next ==
    /\ hand' \in {(hand + 1) % 6, (hand + 2) % 6}
    /\ steps' = steps + 1

Hand == hand
Parity == <<hand, steps % 2>>

StepsInv == steps < 6
=============================================================================
