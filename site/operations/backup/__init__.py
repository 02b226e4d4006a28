"""Backups of database and media: making, storing, checking and restoring them, and the restore drill.

Read `create` first. One folder per backup, `jersey-20260314T030500Z`: a gzip file of COPY lines per table, the media
in tar files, and a manifest with every hash, written last. The lines are the same whichever engine wrote them, so that
a backup of PostgreSQL restores into SQLite and back.
"""
