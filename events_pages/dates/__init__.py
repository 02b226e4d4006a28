"""Dates as people say and make them: in words, by a rule, beside public holidays. Read `wording` first."""
