"""What every part of the product stands on. Imports none of ours: start with `env`, then the room that you need."""
