"""Settings of every environment, split by subject; `base` assembles them. Read `base` first."""
