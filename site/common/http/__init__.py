"""What a request may bring, and what a browser may do with the answer. Read `request_input` first."""
