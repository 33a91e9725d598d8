---------------------------- MODULE LayersMiddle ----------------------------
(* The middle of a chain of EXTENDS.                                        *)
EXTENDS LayersBase, Naturals

Middle == Successor(Base)
Top == Middle * 2
=============================================================================
