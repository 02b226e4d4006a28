"""What an event earned, whose GST is in it, and which organiser sells. Read `statements` first."""
