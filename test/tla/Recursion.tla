----------------------------- MODULE Recursion ------------------------------
(* RECURSIVE operators, mutual recursion, recursive functions over finite   *)
(* sets and over Nat, recursion in LET.                                     *)
EXTENDS Integers, Sequences

VARIABLE n

RECURSIVE Factorial(_)
Factorial(k) == IF k = 0 THEN 1 ELSE k * Factorial(k - 1)

RECURSIVE IsEven(_), IsOdd(_)
IsEven(k) == IF k = 0 THEN TRUE ELSE IsOdd(k - 1)
IsOdd(k) == IF k = 0 THEN FALSE ELSE IsEven(k - 1)

fact[k \in Nat] == IF k = 0 THEN 1 ELSE k * fact[k - 1]
fib[k \in 0..20] == IF k < 2 THEN k ELSE fib[k - 1] + fib[k - 2]
power[<<b, e>> \in Nat \X Nat] == IF e = 0 THEN 1 ELSE b * power[<<b, e - 1>>]
gcd[a \in Nat, b \in Nat] == IF b = 0 THEN a ELSE gcd[b, a % b]

Reverse(s) ==
    LET rev[i \in 0..Len(s)] == IF i = 0 THEN <<>> ELSE <<s[i]>> \o rev[i - 1]
    IN  rev[Len(s)]

RECURSIVE Sum(_)
Sum(s) == IF s = <<>> THEN 0 ELSE Head(s) + Sum(Tail(s))

Depth(k) ==
    LET RECURSIVE Down(_, _)
        Down(i, d) == IF i = 0 THEN d ELSE Down(i \div 2, d + 1)
    IN  Down(k, 0)

Init == n = 0

Next ==
    \/ IsEven(n) /\ n' = fib[n] % 11
    \/ IsOdd(n) /\ n' = Factorial(n % 5) % 13
    \/ n' = (n + 1) % 8

ValueInv ==
    /\ Factorial(n) = fact[n]
    /\ fib[20] = 6765
    /\ power[<<2, 10>>] = 1024
    /\ gcd[48, 36] = 12
    /\ Reverse(<<1, n, 3>>) = <<3, n, 1>>
    /\ Sum(<<n, n, 1>>) = 2 * n + 1
    /\ Depth(8) = 4
    /\ DOMAIN fib = 0..20
=============================================================================
