"""Who is let in: passwords, lockout, second step, sessions, and the audit of all. Read `sessions` first."""
