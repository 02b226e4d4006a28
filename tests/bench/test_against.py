"""Which commit purchases are compared with, and when they cannot be."""

import pytest

from bench import against
from tests.harness import ROOT


@pytest.fixture
def commit(monkeypatch):
    return lambda name: monkeypatch.setattr(against, "COMMIT", name)


def test_a_commit_that_the_clone_has_not_is_said(commit, tmp_path):
    commit("0" * 40)
    assert against.take_out(tmp_path / "tree") == f"this clone has no commit {'0' * 40}; BENCH_AGAINST names another"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="without its history there is no commit to take out")
def test_a_commit_is_taken_out_beside_the_files_of_today(commit, tmp_path):
    commit("HEAD")
    assert against.take_out(tmp_path / "tree") == ""
    assert (tmp_path / "tree" / "bench" / "rush.py").exists()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="without its history there is no commit to take out")
def test_a_commit_that_wants_other_packages_is_not_compared_with(commit, tmp_path, monkeypatch):
    commit("HEAD")
    monkeypatch.setattr(against, "PACKAGES", "Procfile")
    monkeypatch.setattr(against.harness, "ROOT", make_other_root(tmp_path))
    assert against.take_out(tmp_path / "tree") == "HEAD wants other packages than are installed here"


def make_other_root(folder):
    """The same history, another Procfile."""
    root = folder / "root"
    root.mkdir()
    own = ROOT / ".git"
    (root / ".git").write_text(own.read_text() if own.is_file() else f"gitdir: {own}\n")
    (root / "Procfile").write_text("other\n")
    return root
