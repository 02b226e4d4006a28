"""The buyer's way from the buy box to the tickets. Read `holds`, then `checkout`, then `orders`."""
