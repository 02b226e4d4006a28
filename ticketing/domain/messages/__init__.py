"""Which e-mails are owed to buyers and which alerts to staff. Read `outbox` first; `ticketing.mail` has the words."""
