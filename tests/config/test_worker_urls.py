"""The worker's addresses: every one that it writes into a mail, a ticket or an alert, and the same as the site's."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wagtail.admin
from django.conf import settings
from django.urls import get_resolver

from tests import harness

LOADED = """
import json, sys
import django

django.setup()
from django.conf import settings

settings.ROOT_URLCONF = settings.WORKER_URLCONF
from django.urls import get_resolver
from django.utils.module_loading import autodiscover_modules
from wagtail import hooks

autodiscover_modules("tasks")
import ticketing.documents.pdf

get_resolver().reverse_dict
found = {name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}
hooks.search_for_hooks()  # what publishes a page needs: no hook asks for an address while it is loaded
print(json.dumps(found))
"""
URL_TAG = re.compile(r"""{% url ['"]([\w:-]+)""")
TEMPLATES = [
    *(harness.ROOT / "templates" / "emails").rglob("*.*"),
    *(harness.ROOT / "templates" / "pdf").rglob("*.*"),
    *Path(wagtail.admin.__file__).parent.glob("templates/wagtailadmin/account/password_reset/email*.txt"),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """{module: file} of a process that has loaded what the worker works with."""
    known = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "sqlite:///:memory:"}
    environment = harness.environment_for(tmp_path_factory.mktemp("worker"), **known)
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=harness.ROOT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def list_routes(patterns, prefix="", namespaces=()):
    """(name with its namespaces, route)"""
    for each in patterns:
        route = f"{prefix}{each.pattern}"
        if hasattr(each, "url_patterns"):
            inner = [*namespaces, each.namespace] if each.namespace else namespaces
            yield from list_routes(each.url_patterns, route, inner)
        elif each.name:
            yield ":".join([*namespaces, each.name]), route


def routes_of(urlconf):
    found = {}
    for name, route in list_routes(get_resolver(urlconf).url_patterns):
        found.setdefault(name, set()).add(route)
    return found


def list_reversed(path):
    """The argument of every `reverse` in a file: a name, or its source where it is not written out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("reverse", "reverse_lazy"):
            yield ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else ast.unparse(node)


def list_names(loaded):
    """Views are left out: the worker has their addresses, and calls none."""
    own = {name: Path(file) for name, file in loaded.items() if ".views" not in name and ".venv" not in file}
    for file in own.values():
        if file.is_relative_to(harness.ROOT):
            yield from list_reversed(file)
    for template in TEMPLATES:
        yield from URL_TAG.findall(template.read_text())


def test_every_address_that_is_written_is_known(loaded):
    wanted, known = set(list_names(loaded)), routes_of(settings.WORKER_URLCONF)
    assert {"ticketing:order", "payments:callback", "legal-version", "worker_tasks"} <= wanted
    assert "wagtailadmin_password_reset_confirm" in wanted
    assert wanted - known.keys() == set()


def test_each_is_that_of_the_site():
    site, own = routes_of(settings.ROOT_URLCONF), routes_of(settings.WORKER_URLCONF)
    assert "wagtail_serve" in own
    assert {name: routes for name, routes in own.items() if site.get(name) != routes} == {}


def test_the_admin_s_views_are_not_loaded(loaded):
    assert "config.worker_urls" in loaded
    assert not {"wagtail.admin.urls", "config.urls", "ticketing.wagtail_hooks"} & loaded.keys()
