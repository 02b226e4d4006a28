"""Modules that a library loads and nobody here uses."""

import importlib
import json

import pytest

from common.left_out import leaving_out


def test_what_is_left_out_can_be_loaded_afterwards_and_what_is_loaded_stays(tmp_path, monkeypatch):
    (tmp_path / "left_out_here.py").write_text("ANSWER = 42")
    monkeypatch.syspath_prepend(tmp_path)
    stand_in = object()
    with leaving_out(["left_out_here", "json"], stand_in):
        assert importlib.import_module("left_out_here") is stand_in
        assert importlib.import_module("json") is json
    assert importlib.import_module("left_out_here").ANSWER == 42


def test_with_nothing_in_its_place_a_module_is_not_installed(tmp_path, monkeypatch):
    (tmp_path / "left_out_there.py").write_text("ANSWER = 42")
    monkeypatch.syspath_prepend(tmp_path)
    with leaving_out(["left_out_there"], None), pytest.raises(ImportError):
        importlib.import_module("left_out_there")
