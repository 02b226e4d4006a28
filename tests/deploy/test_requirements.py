"""requirements.txt is what production installs, to the byte: everything pinned, everything with its hashes."""

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.audit import locked
from tests.harness import ROOT

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
BLOCKS = [
    block.split()
    for block in re.sub(r"^ *#.*\n?", "", LOCK, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    if block
]


def direct(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def brought_along(wanted, **other):
    """{name: version} of everything that these requirements bring along, as it is installed here; None for what is not.

    `other` says what is different where they are wanted, in the words of markers: `python_full_version="3.11.2"`.
    """
    found, asked, queue = {}, set(), list(wanted)
    while queue:
        requirement = queue.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in asked:
            continue
        asked.add(key)
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            found[key[0]] = None
            continue
        found[key[0]] = package.version
        brought = map(Requirement, package.requires or [])
        queue += [each for each in brought if applies(each, requirement.extras, other)]
    return found


def applies(requirement, extras, other):
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra} | other) for extra in ("", *extras))


def test_it_works():
    assert len(BLOCKS) == len(locked(ROOT / "requirements.txt")) > 70


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block[0])
def test_every_package_has_one_version_and_its_hashes(block):
    """No index, no local path, no address: pip looks where it is told to, and takes nothing else."""
    pin, *hashes = block
    assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", pin)
    assert hashes
    assert all(HASH.fullmatch(each) for each in hashes)


def test_every_direct_requirement_is_locked_at_its_version():
    pins = locked(ROOT / "requirements.txt")
    for requirement in direct("requirements.in"):
        [exact] = requirement.specifier
        assert (exact.operator, pins[canonicalize_name(requirement.name)]) == ("==", exact.version), requirement


def test_what_is_installed_here_is_what_is_locked():
    """The suite runs on what production installs, and the lock leaves out nothing that is brought along."""
    found = brought_along(direct("requirements.in"))
    pins = locked(ROOT / "requirements.txt")
    assert {"django", "willow", "urllib3", "boto3", "cffi", "brotli"} <= found.keys()
    assert {name: version for name, version in found.items() if pins.get(name) != version} == {}


def test_nothing_is_missing_on_the_oldest_python_that_the_site_takes():
    """pip-compile locks for the Python that it runs on; what only an older one needs is named in requirements.in."""
    found = brought_along(direct("requirements.in"), python_full_version="3.11.2", python_version="3.11")
    assert "async-timeout" in found
    assert found.keys() - locked(ROOT / "requirements.txt").keys() == set()


def test_the_lock_fits_the_oldest_python_that_the_site_takes():
    """Debian 12's is 3.11.2; a lock that is made on a newer one may hold what that cannot install."""
    wanted = {name: distribution(name).metadata["Requires-Python"] or "" for name in locked(ROOT / "requirements.txt")}
    assert {name: each for name, each in wanted.items() if not SpecifierSet(each).contains("3.11.2")} == {}


def test_what_the_tests_need_is_installed_apart():
    """One hash would make pip ask for the hashes of all, so this file names no other."""
    assert all(len(each.specifier) == 1 for each in direct("requirements-dev.txt"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "prepare.py requirements.txt requirements-dev.txt" in makefile
