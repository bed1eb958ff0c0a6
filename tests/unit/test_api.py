"""Blackstart from Python: the public names, and the same answers as the command line's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import blackstart
from blackstart import examples
from blackstart.cli import main

PAGES = [Path(__file__).parents[2] / "docs/how-to" / name for name in ("ask-from-python.md", "ask-from-python.ko.md")]
SMALL = {"worlds": 4, "samples": 4}


def told(*command: str) -> dict:
    return json.loads(CliRunner().invoke(main, [*command, "--format", "json"], catch_exceptions=False).stdout)


@pytest.fixture(scope="module")
def shop() -> blackstart.Loaded:
    return blackstart.load("corner-shop")


def test_every_public_name_is_there_and_others_are_not():
    assert [name for name in blackstart.__all__ if not hasattr(blackstart, name)] == []
    with pytest.raises(AttributeError, match="no_such_name"):
        blackstart.no_such_name  # noqa: B018


def test_the_import_alone_loads_nothing_heavy():
    code = "import sys, blackstart; print(sorted({'numpy', 'numba', 'scipy', 'click'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_rehearsal_is_that_of_the_command(shop):
    hazard = examples.about("corner-shop", "en").hazard
    assert blackstart.rehearse(shop, hazard, runs=20, seed=3).data == told("rehearse", "corner-shop", "--runs", "20", "--seed", "3")


def test_an_assessment_is_that_of_the_command(shop):
    found = blackstart.assess(shop, **SMALL, seed=3)
    assert found.data == told("assess", "corner-shop", "--worlds", "4", "--samples", "4", "--seed", "3")
    assert found.episodes is not None


def test_overlaps_and_worst_are_those_of_the_commands(shop):
    assert blackstart.overlaps(shop, seed=3).data == told("overlaps", "corner-shop", "--seed", "3")
    assert blackstart.worst(shop, most=2).data == told("worst", "corner-shop", "-k", "2")


def test_a_plan_and_a_defence_are_those_of_the_command():
    startup = blackstart.load("startup")
    name = next(iter(startup.base.defences))
    bought = blackstart.load("startup", [name])
    assert bought.defences == (name,) and bought.base.components == startup.base.components
    small = ["--worlds", "4", "--samples", "4"]
    assert blackstart.plan(startup, **SMALL).data == told("plan", "startup", *small)
    assert blackstart.assess(bought, **SMALL).data == told("assess", "startup", "--with", name, *small)


def test_an_incident_beside_the_model_is_found():
    ten = blackstart.load("ten-minutes")
    assert blackstart.reconstruct(ten, plays=20).data == told("reconstruct", "ten-minutes", "--plays", "20")
    assert blackstart.attribute(ten, runs=20).data == told("attribute", "ten-minutes", "--runs", "20")


def test_an_answer_is_told_in_both_languages(shop):
    answer = blackstart.overlaps(shop)
    assert str(answer) == answer.text("en") != answer.text("ko")
    assert answer.page("ko").lstrip().lower().startswith("<!doctype html>")


def test_what_is_wrong_is_raised_with_place_and_hint(tmp_path):
    wrong = "blackstart: 1\ncomponents: {web: {needs: [dbb]}, db: {}}\nservices: {web: {}}\n"
    (tmp_path / "model.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(blackstart.ModelError, match=r"model\.yaml:2:"):
        blackstart.load(tmp_path / "model.yaml")
    with pytest.raises(blackstart.ModelError, match="corner-shop"):
        blackstart.load("corner-shopp")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_code_of_the_page_runs(page, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for code in re.findall(r"(?ms)^```python\n(.*?)^```", page.read_text(encoding="utf-8")):
        exec(compile(code, page.name, "exec"), names)  # noqa: S102
    assert "startup" in capsys.readouterr().out
