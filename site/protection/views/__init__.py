"""Pages of one's own account, and those in which administrators see how people sign in. Read `account_pages` first."""
