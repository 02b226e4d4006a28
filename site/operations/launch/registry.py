"""What a check is and what it says. Each subject's module registers its own; apps above this one may add some."""

from collections.abc import Callable
from dataclasses import dataclass

from operations.enums import Colour, Urgency


@dataclass(frozen=True)
class Finding:
    """A colour, what was found, and what to do about it. Never a secret, a person or a trace."""

    colour: Colour
    words: str
    todo: str = ""


@dataclass(frozen=True)
class Check:
    name: str
    title: str
    urgency: Urgency
    run: Callable


CHECKS = {}


def register_check(name, title, *, urgency=Urgency.MUST):
    """Registers a function that takes `Facts` and returns a `Finding`; it reads and never writes."""

    def register(function):
        if name in CHECKS and CHECKS[name].run.__module__ != function.__module__:
            raise ValueError(f"There are two checks named {name}.")
        CHECKS[name] = Check(name, title, urgency, function)
        return function

    return register


def green(words):
    return Finding(Colour.GREEN, str(words))


def amber(words, todo=""):
    return Finding(Colour.AMBER, str(words), str(todo))


def red(words, todo=""):
    return Finding(Colour.RED, str(words), str(todo))
