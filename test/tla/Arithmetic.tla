----------------------------- MODULE Arithmetic -----------------------------
(* Integers: negative numbers, \div and % that round downwards, powers, the *)
(* ends of the range; a minus binds weaker than \div and stronger than %.   *)
EXTENDS Integers

VARIABLE n

Init == n = -7

Next ==
    \/ n' = n + 3 /\ n < 7
    \/ n' = n \div 2
    \/ n' = -n % 4
    \/ n' = n % 5

ASSUME 7 \div 2 = 3 /\ -7 \div 2 = -3 /\ (-7) \div 2 = -4
ASSUME 7 % 2 = 1 /\ (-7) % 2 = 1 /\ (-7) % 5 = 3 /\ -7 % 5 = 3
ASSUME \A a \in -9..9, b \in 1..4 : b * (a \div b) + (a % b) = a /\ a % b \in 0..(b - 1)
ASSUME 2147483647 - 1 = 2147483646
ASSUME -2147483647 < 0
ASSUME 46340 * 46340 = 2147395600
ASSUME 2 ^ 30 = 1073741824 /\ 5 ^ 0 = 1 /\ (-2) ^ 3 = -8
ASSUME -1..1 = {-1, 0, 1}
ASSUME - - 3 = 3 /\ 1 - -1 = 2
ASSUME -3 \in Int /\ -3 \notin Nat
ASSUME (10 \div 3) * 3 = 9
ASSUME 0 - 5 = -5
=============================================================================
