"""Which ticket a code names, and whether it lets somebody in. Read `checkin` first."""
