"""Who opens which view and row of Wagtail's admin, and what leaves it as a table. Read `pages` first."""
