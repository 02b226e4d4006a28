"""When events take place: their dates in order, in words, by rule, and what follows a change. Read `schedule` first."""
