-------------------------- MODULE StringOrderOther --------------------------
EXTENDS StringOrderOtherDeep
otherName == "otherText"
=============================================================================
