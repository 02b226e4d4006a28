"""How dates and times are shown, a folder for each locale; Django finds them by FORMAT_MODULE_PATH."""
