"""Which seats are taken: counters, holds of baskets, seats of orders. Read `allocation` first."""
