"""What follows a change of a date: who is told what, and whose money goes back. Read `drafts` first."""
