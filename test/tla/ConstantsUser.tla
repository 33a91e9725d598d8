---------------------------- MODULE ConstantsUser ---------------------------
(* Uses a definition that the configuration replaces in this module only.   *)
LOCAL INSTANCE Naturals

Cap == 4
UserLimit == Cap + 1
Eight == 8
=============================================================================
