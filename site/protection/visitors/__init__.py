"""What a visitor may do: how often, by which program, and while the site is closed. Read `rate_limits` first."""
