"""docs/security.md names the test behind each line: a defence that nobody tries any more is none."""

import ast
import re

from tests.architecture.test_layers import ROOT

PAGE = ROOT / "docs" / "security.md"
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def references():
    return REFERENCE.findall(PAGE.read_text(encoding="utf-8"))


def names_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists():
    missing = [f"{path}::{name}" for path, name in references() if name not in names_in(path)]
    assert (missing, len(references()) > 30) == ([], True)


def test_every_line_of_a_table_names_a_test():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    bare = [row for row in rows if not REFERENCE.search(row) and not row.startswith(("| what they try |", "|---"))]
    assert bare == []
