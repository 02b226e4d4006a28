"""What follows a change of a date that people hold tickets for: who is told what, and whose money goes back. Read
`drafts` first, then `dispatch`."""
