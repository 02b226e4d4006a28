"""What spares the database and Django work where a queryset alone would not. Read `compiled_queries` first."""
