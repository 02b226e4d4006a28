"""How much one visitor may take without paying, and which orders look like fraud. Read `purchase_limits` first."""
