"""The launch check: whether this site may go live. Read `registry` first; a module per subject holds the checks."""
