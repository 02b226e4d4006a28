"""What organisers see and change in Wagtail's admin. Read `permissions` first."""
