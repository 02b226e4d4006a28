"""Every pattern that meets text from outside costs in proportion to it: 8,000 characters less than 3 × ten times 800.

The patterns are found in the source, so a new one is measured too. What a pattern is fed is made of its own characters.
"""

import ast
import re
import time
from importlib import import_module
from itertools import product

import pytest
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RegexPattern

from tests.harness import ROOT
from ticketing.domain.privacy.redaction import compile_name_pattern

PACKAGES = {"site": "", "ticketing": "ticketing", "payments": "payments", "events_pages": "events_pages"}
METHODS = {"match", "fullmatch", "search", "sub", "subn", "findall", "finditer", "split"}
MADE = {
    "ticketing.domain.privacy.redaction": [compile_name_pattern({"Ana Le Brocq", "aaa aaa", "-" * 100})],
    "sumup_simulator.api.calls": [re.compile(r"/v0\.1/(?P<a>[^/]+)/x/(?P<b>[^/]+)")],
}
"""Patterns that are made while the site runs, by the module that makes them: an example of each."""
SHORT, LONG = 800, 8_000
HARMLESS = 0.002  # seconds; below, a clock tells nothing


def modules():
    for folder, package in PACKAGES.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT / folder).with_suffix("").parts
                name = ".".join(part for part in (package, *parts) if part and part != "__init__")
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree):
    """(the name it is given, the call) of everything that makes or uses a pattern of its own."""
    named = {id(node.value): node.targets[0].id for node in tree.body if is_named(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_about_patterns(node.func):
            yield named.get(id(node)), node


def is_named(node):
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def is_about_patterns(function):
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re":
        return function.attr in METHODS | {"compile"}
    return isinstance(function, ast.Name) and function.id == "RegexValidator"


def uses(trees):
    """{name of a pattern: the methods that are called on it}, anywhere."""
    found = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                found.setdefault(name, set()).add(node.attr)
    return found


def patterns():
    """(where, the pattern, the methods it is used with)"""
    trees = dict(modules())
    used = uses(trees.values())
    for module, tree in trees.items():
        for name, call in calls(tree):
            yield from one(module, name, call, used)
    for pattern in routes(get_resolver()):
        yield f"route {pattern.pattern}", pattern, {"search"}


def one(module, name, call, used):
    where = f"{module}:{call.lineno}"
    if name and isinstance(call.func, ast.Attribute):
        yield f"{where} {name}", getattr(import_module(module), name), used.get(name) or {"search"}
    elif call.args and isinstance(call.args[0], ast.Constant):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else "search"
        yield where, re.compile(call.args[0].value), {method if method in METHODS else "search"}
    else:
        assert module in MADE, f"{where} makes a pattern: name it at the top of its module, or add an example to MADE"
        for each in MADE[module]:
            yield where, each, {"search", "fullmatch"}


def routes(resolver):
    for each in resolver.url_patterns:
        if isinstance(each.pattern, RegexPattern):
            yield each.pattern.regex
        if not isinstance(each, URLPattern):
            yield from routes(each)


FOUND = list(patterns())


def pieces(pattern):
    """Characters and words that this pattern knows, and one that it does not."""
    characters, words, word = {"!", "a"}, {"http://"}, ""
    for name, value in flat(re._parser.parse(pattern.pattern, pattern.flags)):
        literal = chr(value) if name is re._constants.LITERAL else ""
        word += literal
        if not literal:
            words.add(word)
            word = ""
        characters.add(literal or example(name, value))
    return sorted(characters - {""}), sorted(words | {word} - {""})


def flat(tree):
    """(name, value) of everything in a parsed pattern, however deep."""
    for name, value in tree:
        yield name, value
        for inner in parts_of(value):
            yield from flat(inner)
            yield re._constants.SUBPATTERN, None


def parts_of(value):
    if isinstance(value, re._parser.SubPattern):
        return [value]
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], tuple) and isinstance(value[0][0], type(re._constants.LITERAL)):
            return [value]  # a class of characters
        return [part for each in value for part in parts_of(each)]
    return []


def example(name, value):
    known = re._constants
    if name is known.RANGE:
        return chr(value[0])
    if name is known.CATEGORY:
        return {known.CATEGORY_DIGIT: "1", known.CATEGORY_SPACE: " ", known.CATEGORY_WORD: "a"}.get(value, "")
    return ""


def hostile(pattern):
    """Texts that make a careless pattern look at the same characters again and again."""
    characters, words = pieces(pattern)
    units = {*characters[:12], *words, *map("".join, product(characters[:12], repeat=2))}
    units |= {word + character for word in words[:8] for character in characters[:12]}
    for unit in sorted(units):
        yield "", unit
    yield from product(words[:8], characters[:12])


def text_of(start, unit, length):
    return start + (unit * length)[: length - len(start)]


def seconds(pattern, method, text, times):
    """Of the processor, not of the clock: other work on the machine is none of the pattern's. The best of some runs."""
    text = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    arguments = (text[:0], text) if method in ("sub", "subn") else (text,)
    best = 9
    for _ in range(times):
        began = time.thread_time()
        found = getattr(pattern, method)(*arguments)
        if method == "finditer":
            list(found)
        best = min(best, time.thread_time() - began)
    return best


def assert_linear(pattern, method, start, unit):
    once = seconds(pattern, method, text_of(start, unit, LONG), 1)
    if once < HARMLESS:
        return
    short = seconds(pattern, method, text_of(start, unit, SHORT), 7)
    long = seconds(pattern, method, text_of(start, unit, LONG), 5)
    assert long < max(HARMLESS, 3 * LONG / SHORT * short), f"{method} of {start!r} + {unit!r} × n took {long:.3f} s"


def assert_all_linear(pattern, methods):
    for method, (start, unit) in product(sorted(methods), hostile(pattern)):
        assert_linear(pattern, method, start, unit)


def test_it_works():
    where = " ".join(name for name, *_ in FOUND)
    assert len(FOUND) > 40
    for known in ("common.logs.redaction", "ticketing.domain.privacy.redaction", "events_pages.models.snippets"):
        assert known in where
    assert pieces(re.compile(r"(?:at_|[0-9]+\.)\w{2,}"))[0] == ["!", ".", "0", "_", "a", "t"]


@pytest.mark.parametrize(
    "careless", [r"[\w.+'-]+(@|%40)[\w-]+(\.[\w-]+)+", r"[^\s<>]+@[^\s<>]+", r"x\d*\d*y", r"key=\s*\S*;"]
)
def test_a_careless_pattern_is_found(careless):
    with pytest.raises(AssertionError, match="× n took"):
        assert_all_linear(re.compile(careless), {"search"})


@pytest.mark.parametrize(("pattern", "methods"), [each[1:] for each in FOUND], ids=[each[0] for each in FOUND])
def test_a_long_text_costs_in_proportion(pattern, methods):
    assert_all_linear(pattern, methods)
