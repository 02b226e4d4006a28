"""The nudge from payments; wired in later."""
