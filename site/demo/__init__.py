"""The demo: which rows `make run` starts with, and the processes it runs. Read `run_demo` first."""
