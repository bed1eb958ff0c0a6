"""The mechanisms that ship are complete: 23 of 23, each with a model that can be read, a page in two languages and a test."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

from blackstart import checks, examples
from blackstart.compilation import compile_model
from blackstart.language import scenario
from blackstart.language.load import apply, load
from blackstart.language.model import shown_text
from blackstart.studies import rehearsal

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs/mechanisms"
TESTS = sorted((ROOT / "tests/exact").glob("test_mechanisms_*.py"))
NUMBERS = [f"m{i:02}" for i in range(1, 24)]
NAMES = [name.partition("/")[2] for name in examples.mechanisms()]


def lines_of(name: str) -> list[str]:
    return examples.path(f"mechanisms/{name}").read_text(encoding="utf-8").splitlines()


def test_there_is_one_model_for_each_mechanism():
    assert [name[:3] for name in NAMES] == NUMBERS


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_is_a_small_model_that_says_what_it_shows(name):
    lines = lines_of(name)
    assert re.match(rf"# M{int(name[1:3])}  \S.*\.$", lines[0])
    assert 10 <= sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in lines) <= 40
    model = load(examples.path(f"mechanisms/{name}"))
    assert shown_text(model.title, "en") != shown_text(model.title, "ko")


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_has_no_error_with_or_without_each_defence(name):
    model = load(examples.path(f"mechanisms/{name}"))
    for bought in [(), *((*d.requires, d.id) for d in model.defences.values())]:
        found = checks.check(apply(model, bought) if bought else model)
        assert not [p for p in found if checks.severity(p) == "error"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", [".md", ".ko.md"])
def test_a_mechanism_has_a_page_that_quotes_its_model(name, ending):
    page = (DOCS / f"{name}{ending}").read_text(encoding="utf-8")
    model = "\n".join(lines_of(name))
    quoted = re.findall(r"```yaml\n(.*?)```", page, re.S)
    assert quoted
    for block in quoted:
        for passage in re.split(r"(?m)^\s*…\n", block):  # a line with … stands for lines left out
            indents = [" " * n for n in range(0, 13, 2)]
            found = [textwrap.indent(textwrap.dedent(passage).rstrip(), indent) for indent in indents]
            assert any(text in model for text in found), f"not in the model:\n{passage}"


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_is_listed_on_both_index_pages(name):
    for index, ending in (("README.md", ".md"), ("README.ko.md", ".ko.md")):
        assert f"({name}{ending})" in (DOCS / index).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_has_a_test_of_its_number(name):
    played = {
        node.args[0].value
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mechanism"
        and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert name in played


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_whatever_a_mechanism_is_hit_by_can_be_told(name):
    """A cap on what an outage costs broke every rehearsal in which that service stayed up: each was only played where it falls."""
    model = load(examples.path(f"mechanisms/{name}"))
    for hit in (*model.hazards, *model.components, *model.domains):
        asked = scenario.read(model, (hit,))
        system = compile_model(asked.model)
        told = rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=3, seed=1)).as_dict()
        assert list(told["services"]) == list(system.services)
