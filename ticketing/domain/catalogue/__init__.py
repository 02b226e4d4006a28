"""What may be bought, by whom, for how much, and why not. Read `availability` first."""
