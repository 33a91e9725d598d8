-------------------------- MODULE ScopedOverrides ---------------------------
(* Replacements in one module only, which is reached through INSTANCE: of a *)
(* definition by a definition and by a model value, of one of a standard    *)
(* module; the name Ballot keeps its meaning elsewhere.                     *)
EXTENDS Naturals

VARIABLES n, last

Ballots == INSTANCE ScopedOverridesUser WITH Top <- 9

Init == n \in {0} /\ last = Ballots!Nothing

Next ==
    /\ n' \in Ballots!Ballot
    /\ n' > n
    /\ last' = IF last = Ballots!Nothing THEN n ELSE Ballots!Nothing

Ballot == {7}
FewBallots == 0..3
Few == 0..1

TypeInv ==
    /\ n \in Ballots!Ballot
    /\ Ballot = {7}
    /\ Ballots!Naturally = {0, 1}
=============================================================================
