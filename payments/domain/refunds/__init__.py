"""Whether and when money goes back, and what proves that it did: `decision` says what comes next, `execution`
asks and writes.

Read `decision` first.
"""
