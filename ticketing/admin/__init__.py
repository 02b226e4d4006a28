"""The admin's part of ticketing: lists and forms, and who may see which rows. Read `permissions` first."""
