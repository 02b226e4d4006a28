"""What is sold, to whom, and what becomes of it.

Read `stock` for where a seat is taken, then `orders`; `errors` has every refusal, in words fit for a buyer.
"""
