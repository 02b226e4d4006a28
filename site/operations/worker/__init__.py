"""The worker: whether one is alive, what it did and what it will do. Read `task_history` first."""
