"""The launch checks, a module per subject; `operations.launch.registry` loads them in the order of its SUBJECTS."""
