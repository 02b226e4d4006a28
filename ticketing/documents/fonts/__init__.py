"""The fonts of PDFs, with their licences; `build.py` makes them from the published files. Read `README.md` first."""
