---------------------------- MODULE StrictErrors ----------------------------
(* What has no value has no value: each Next is an error, one configuration *)
(* for each. Nothing is converted, guessed or skipped.                      *)
EXTENDS Integers, Sequences, FiniteSets

VARIABLES x, y

Init == x = 0 /\ y = <<>>

Same == x' = x /\ y' = y

\* Values of the wrong kind.
NumberAsBoolean == (0 /\ TRUE) /\ Same
NumberAsCondition == IF x THEN Same ELSE Same
NumberNegated == ~x /\ Same
NumberIsString == x = "a" /\ Same
BooleanIsNumber == TRUE = x /\ Same
SetIsNumber == {1} = x /\ Same
TupleIsNumber == y # x /\ Same
MixedSet == {x, "a"} # {} /\ Same
StringPlus == x' = "a" + 1 /\ y' = y
BooleanLess == TRUE < 1 /\ Same
UnionOfNumbers == x \in UNION {1, 2} /\ Same
MemberOfNumber == x \in 5 /\ Same
SubsetOfNumber == {1} \subseteq 5 /\ Same
LengthOfNumber == Len(x) = 0 /\ Same
QuantifierBody == (\A i \in {1} : i) /\ Same
BothDisjuncts == (x = 0 \/ x = "a") /\ Same
FilterBody == {i \in {1} : i} = {} /\ Same

\* Arithmetic without a result.
Overflow == x' = 2147483647 + 1 /\ y' = y
OverflowTimes == x' = 65536 * 65536 /\ y' = y
OverflowMinus == x' = -2147483647 - 2 /\ y' = y
OverflowPower == x' = 2 ^ 31 /\ y' = y
DivideByZero == x' = 1 \div x /\ y' = y
ModuloZero == x' = 1 % x /\ y' = y
ModuloNegative == x' = 1 % (-2) /\ y' = y
PowerNegative == x' = 2 ^ (-1) /\ y' = y

\* Primed variables.
ReadBeforeAssigned == x' = Len(y') /\ y' = y
LeftUnassigned == x' = 1
LeftInBranch == x' = 1 /\ (y' = y \/ x = 0)
PrimedTuple == <<x, y>>' = <<x, y>>
MemberOfPrimed == 1 \in x' /\ y' = y
PrimedInInfinite == x' \in Nat /\ y' = y

\* Applications outside a domain, choices without a witness.
OutsideDomain == x' = [i \in 1..2 |-> i][3] /\ y' = y
OutsideTuple == x' = <<1, 2>>[0] /\ y' = y
OutsideRecord == x' = [a |-> 1].b /\ y' = y
ApplyNumber == x' = x[1] /\ y' = y
HeadOfEmpty == x' = Head(y) /\ y' = y
TailOfEmpty == y' = Tail(y) /\ x' = x
SubSeqOutside == y' = SubSeq(<<1>>, 1, 2) /\ x' = x
NoWitness == x' = (CHOOSE i \in 1..3 : i > 3) /\ y' = y
NoArm == x' = (CASE x > 0 -> 1 [] x > 1 -> 2) /\ y' = y
NoArmAction == CASE x > 0 -> Same [] x > 1 -> Same

\* Sets that cannot be enumerated.
EnumerateNat == (\E i \in Nat : x = i) /\ Same
EnumerateSeq == x' = Cardinality(Seq({1})) /\ y' = y
EnumerateString == (\A s \in STRING : s # "") /\ Same
NatIsNat == Nat \cup {1} = Nat /\ Same
UnboundedChoose == x' = (CHOOSE i : i = 1) /\ y' = y
UnboundedExists == (\E i : i = x) /\ Same

\* The value of an invariant, of a constraint, of an initial predicate.
NumberInv == x
UnevenInv == IF x = 0 THEN TRUE ELSE "a"
Up == x' = x + 1 /\ y' = y
NumberConstraint == x
NumberInit == x = 0 /\ y = <<>> /\ 7

\* No error: what stands behind a false guard is not evaluated.
Guarded ==
    /\ x = 0
    /\ IF x = 0 \/ x = "a" THEN TRUE ELSE FALSE
    /\ x # 1 => x # 2
    /\ (x = 1) => (x = "a")
    /\ IF x = 0 THEN TRUE ELSE "a"
    /\ ~(x = 1 /\ Head(y) = 0)
    /\ Same
=============================================================================
