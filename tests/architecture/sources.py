"""The product's own source, as the tests of this folder read it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("events_pages", "ticketing", "payments", "site")


def source_files(*folders):
    for folder in folders or APPS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


@cache
def parse_file(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path):
    """As it is imported: `site/` is a folder on the path."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "site" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def public_functions():
    """(module, function) of every public function that stands in a module by itself."""
    for path in source_files():
        for node in parse_file(path).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield module_name(path), node
