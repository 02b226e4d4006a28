"""The fonts of PDFs, with their licences; `build.py` cuts them down from the published files. Read README.md first."""
