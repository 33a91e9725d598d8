----------------------------- MODULE StringOrder ----------------------------
(* Strings are ordered by where they first appear: values of the            *)
(* configuration, then names as the modules are parsed, then strings as     *)
(* they are analysed, what a module needs first. CHOOSE shows it.           *)
EXTENDS StringOrderBase, Sequences

VARIABLE sorted

Other == INSTANCE StringOrderOther

RECURSIVE Sorted(_)
Sorted(S) ==
    IF S = {} THEN <<>>
    ELSE LET least == CHOOSE element \in S : TRUE
         IN  <<least>> \o Sorted(S \ {least})

Shuffled ==
    {"zuluText", "yankeeText", "otherDeepText", "otherText", "baseText", "deepText",
     "otherDeepName", "otherName", "deepName", "baseName", "zuluField", "rootParameter",
     "rootName", "zuluBound", "configText", "configName", "alphaText"}

rootName(rootParameter) == [zuluField |-> rootParameter, alphaField |-> "alphaText"]
THEOREM \A zuluBound \in {} : TRUE

Init == sorted = <<>>
Next == sorted = <<>> /\ sorted' = Sorted(Shuffled)

InOrder ==
    sorted \in
        {<<>>,
         <<"configText", "rootName", "rootParameter", "zuluField", "zuluBound",
           "baseName", "deepName", "otherName", "otherDeepName",
           "deepText", "baseText", "otherDeepText", "otherText",
           "zuluText", "yankeeText", "configName", "alphaText">>}
=============================================================================
