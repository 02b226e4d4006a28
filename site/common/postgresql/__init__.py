"""PostgreSQL as Django speaks to it, but for one thing: whether a kept connection lives is told without asking.

Read `base` first.
"""
