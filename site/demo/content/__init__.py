"""The demo's words: believable, invented. Loaded by `manage.py load_demo`."""
