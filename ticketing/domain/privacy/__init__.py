"""What we hold about a person, who may see it, and when it is erased. Read `personal_data` first."""
