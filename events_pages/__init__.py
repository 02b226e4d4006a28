"""Content: pages, venues, organisers, categories. No price, no stock, no order; start with `models`."""
