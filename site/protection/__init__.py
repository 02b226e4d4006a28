"""Who may do what, how often, and how staff sign in. Knows no other app; start with `sign_in` and `visitors`."""
