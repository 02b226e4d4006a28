"""What is written down: how a line looks and what is taken out of it. Read `log_format` first."""
