"""What machines are told of the site: its health and its metrics. Read `health` first."""
