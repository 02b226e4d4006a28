"""What staff decide and see: refunds, reviews, statements, the door. Read `order_actions` first."""
