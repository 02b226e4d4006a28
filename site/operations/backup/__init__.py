"""Last night, kept so that it can come back: what is written (`taking`), where (`places`), how it returns
(`restoring`).

One folder a backup, `jersey-20260314T030500Z`: a file of COPY lines per table, the media in tar files, and a manifest
with every hash, written last. The lines are the same whichever engine wrote them, so that a backup of PostgreSQL
restores into SQLite and back.
"""
