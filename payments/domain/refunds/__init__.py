"""Whether and when money goes back, and what proves that it did: `steps` decides what comes next, `execution`
asks and writes.

Read `steps` first.
"""
