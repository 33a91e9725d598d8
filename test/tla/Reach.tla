-------------------------------- MODULE Reach -------------------------------
(* How far replacements of definitions reach: the definition itself is      *)
(* replaced, for all modules that use it; without [module] its copies by    *)
(* INSTANCE are not.                                                        *)
EXTENDS Naturals, ReachBase

VARIABLE x

Extending == INSTANCE ReachUser
Again == INSTANCE ReachBase

Few == 0..1

\* Here, in a module that extends Naturals, in two that instantiate it.
Nats == <<5 \in Nat, Extending!InNat, InNatBase, Again!InNatBase>>
Bases == <<5 \in Base, InBase, Again!InBase>>

Init == x = <<Nats, Bases>>
Next == x' = x

None == x = <<<<TRUE, TRUE, TRUE, TRUE>>, <<TRUE, TRUE, TRUE>>>>
NatOnly == x = <<<<FALSE, FALSE, TRUE, TRUE>>, <<TRUE, TRUE, TRUE>>>>
NatEverywhere == x = <<<<FALSE, FALSE, FALSE, FALSE>>, <<TRUE, TRUE, TRUE>>>>
BaseEverywhere == x = <<<<TRUE, TRUE, TRUE, TRUE>>, <<FALSE, FALSE, FALSE>>>>
=============================================================================
