"""Layers, and one place for each decision."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from tests.architecture.sources import APPS, ROOT, parse_file, source_files

PACKAGES = ("common", "config", "events_pages", "operations", "payments", "protection", "ticketing")


def nodes(*folders):
    for path in source_files(*folders):
        for node in ast.walk(parse_file(path)):
            yield path.relative_to(ROOT).as_posix(), node


def our_nodes(*folders):
    """Without the simulator, which is SumUp's side: it has words and numbers of its own."""
    return (pair for pair in nodes(*(folders or APPS)) if not pair[0].startswith("site/sumup_simulator/"))


def where(path, node):
    return f"{path}:{node.lineno}"


def test_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'site'}:{ROOT}"}
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_site_is_a_folder_and_never_a_package():
    assert not (ROOT / "site" / "__init__.py").exists()


def test_only_states_modules_assign_a_state():
    """`x.state = …`, `update(state=…)`, `bulk_update(…, ["state"])`; a row is created with its first state."""
    allowed = {
        "ticketing/domain/changes/states.py",
        "ticketing/domain/orders/states.py",
        "payments/domain/states.py",
        "ticketing/domain/admission/checkin.py",  # a ticket is used up by one conditional UPDATE
    }
    found = {where(path, node) for path, node in our_nodes() if assigns_state(node) and path not in allowed}
    assert found == set()


def assigns_state(node):
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "update":
            return any(keyword.arg == "state" for keyword in node.keywords)
        if node.func.attr == "bulk_update":
            return any(isinstance(each, ast.Constant) and each.value == "state" for each in ast.walk(node))
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr" and "'state'" in ast.unparse(node)


def test_no_float_near_money():
    """The one sanctioned place is where SumUp's schema asks for a number."""
    found = {
        where(path, node)
        for path, node in our_nodes()
        if (isinstance(node, ast.Name) and node.id in ("float", "FloatField"))
        or (isinstance(node, ast.Attribute) and node.attr == "FloatField")
    }
    assert {place.partition(":")[0] for place in found} <= {"payments/sumup/client.py"}
    assert len(found) <= 1


def test_states_are_never_typed_as_text():
    """A status typed as text may be mistyped unnoticed: code uses the names of enums.py."""
    words = {
        "pending_verification",
        "requires_manual_review",
        "refunded",
        "already_used",
        "wrong_event",
        "sold_out",
        "last_few",
    }
    found = {
        where(path, node)
        for path, node in our_nodes()
        if isinstance(node, ast.Constant) and node.value in words and not path.endswith("enums.py")
    }
    assert found == set()


@pytest.mark.parametrize("app", ["events_pages", "payments"])
def test_lower_apps_never_name_ticketing_in_code(app):
    """A StreamField block and a template tag reach upwards by name, nothing else does."""
    found = {
        where(path, node)
        for path, node in nodes(app)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(r"ticketing\.\w+$", node.value)
    }
    assert {place.partition(":")[0] for place in found} <= {"events_pages/blocks.py"}


def test_nothing_prints():
    calls = {
        where(path, node)
        for path, node in nodes(*APPS)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert calls == set()


def test_every_task_that_is_woken_by_name_is_there():
    named = {
        node.args[0].value
        for _, node in nodes(*APPS)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "wake"
    }
    assert named
    assert [name for name in sorted(named) if not callable(import_string(name))] == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0, skip_checks=True)


def our_views(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from our_views(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            if view.__module__.split(".")[0] in (
                "common",
                "config",
                "events_pages",
                "operations",
                "payments",
                "protection",
                "ticketing",
            ):
                yield prefix + str(pattern.pattern), view


def test_every_public_view_says_who_may_see_it():
    views = [(address, view) for address, view in our_views(get_resolver().url_patterns) if "admin/" not in address]
    assert views
    silent = [address for address, view in views if not (view.__doc__ or "").strip()]
    assert silent == []


def test_functions_stay_small():
    """House rule: half of them 8 lines or fewer, 95 of 100 at most 35, none above 40; files at most 350 lines."""
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for _, node in nodes(*APPS)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 95 // 100] <= 35
    assert lengths[-1] <= 40
    long_files = [path.name for path in source_files() if len(path.read_text().splitlines()) > 350]
    assert long_files == []
