"""Which rows a search finds, on both databases. Read `words` first."""
