"""The launch checks, a module per subject; `operations.launch.registry` loads them. Read `database` first."""
