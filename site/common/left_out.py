"""Leaves out modules that a library loads at once and this site does not use."""

import sys
from contextlib import contextmanager


@contextmanager
def leaving_out(modules, stand_in):
    """Whoever imports one of these meanwhile gets the stand-in; one that is loaded already stays what it is."""
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent, stand_in))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
