"""Which ticket a code names, whether it lets somebody in, and how orders are found. Read `checkin` first."""
