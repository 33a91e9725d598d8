--------------------------- MODULE StringOrderBase --------------------------
EXTENDS StringOrderDeep
baseName == "baseText"
=============================================================================
