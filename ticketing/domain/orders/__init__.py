"""What becomes of an order: placed, settled by its payments, reviewed, refunded. Read `states` first."""
