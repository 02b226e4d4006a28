"""Dates with their sales: put on sale, copied, changed many at once, deleted. Read `sales` first."""
