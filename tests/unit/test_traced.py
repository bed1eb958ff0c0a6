"""Every number of a page can be followed: by a click to its inputs or its formula, and from there to a line, a note, a newspaper."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from blackstart import examples, report
from blackstart.api import noted
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language import scenario
from blackstart.language.load import load
from blackstart.planning import plan
from blackstart.studies import overlaps, rehearsal, results

TOLD = ("words", "grounds", "provenance", "defaults", "method", "deadlocks")  # what numbers rest on, and no number of an answer
LANGS, KINDS = ("en", "ko"), ("assess", "rehearse", "overlaps", "plan")


class _Page(HTMLParser):
    """Texts with a figure in them, with what they stand in; all ids; all places that are linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.figures: list[tuple[list[tuple[str, dict[str, str]]], str]] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.ids.add(named.get("id", ""))
        if named.get("href", "").startswith("#"):
            self.links.add(named["href"][1:])
        if tag not in ("meta", "link", "br", "hr", "img", "input"):
            self.open.append((tag, named))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if re.search(r"\d", data) and not {"style", "title"} & {tag for tag, _ in self.open}:
            self.figures.append((list(self.open), data.strip()))


@pytest.fixture(scope="module")
def answers():
    model = load(examples.path("kakao-2022"))
    system, texts = compile_model(model), noted(model)
    study = Study(worlds=3, samples=60)
    assessed = results.assessment(model, system, simulate.assess(system, study), study, texts=texts)
    asked = scenario.read(model, ["battery-fire"])
    struck = compile_model(asked.model)
    rehearsed = rehearsal.rehearsal(asked, struck, rehearsal.play(asked, struck, runs=20, seed=1), texts=texts)
    found = overlaps.overlaps(model, system, overlaps.Asked(most=4), texts=texts)
    small = load(examples.path("ten-minutes"))
    planned = plan.plan(small, plan.Asked(most=20, fresh=(4, 4)), Study(worlds=4, samples=4, depth=1), texts=noted(small))
    return {"assess": assessed, "rehearse": rehearsed, "overlaps": found, "plan": planned}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_can_be_followed(answers, kind, lang):
    """By a click of its own, or by the link beside the heading that leads to the formula of its section."""
    page = _Page(report.page(answers[kind].as_dict(), lang))
    lost = []
    for around, text in page.figures:
        section = next((named["id"] for tag, named in around if tag == "section"), "header")
        if section in TOLD or ("h1", {}) in around or any(tag in ("th", "nav") for tag, _ in around):
            continue
        clicked = any(tag == "a" and named.get("href", "")[1:] in page.ids for tag, named in around)
        if not clicked and f"how-{section}" not in page.links & page.ids:
            lost.append((section, text))
    assert lost == []
    assert len(page.figures) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_leads_somewhere(answers, kind):
    page = _Page(report.page(answers[kind].as_dict(), "en"))
    assert page.links - page.ids - {""} == set()


@pytest.mark.parametrize("kind", ("assess", "rehearse", "overlaps"))
def test_every_input_of_kakao_says_where_it_comes_from(answers, kind):
    """A note with a key that is explained, a row of the library with its title, the word guess, or what the writer recalls."""
    told = answers[kind].as_dict()["grounds"]
    silent = []
    for row in told["inputs"]:
        sourced = any(source["title"] for source in row["sources"])
        keys = re.findall(r"\[([A-Za-z]+\d+)\]", row["note"])
        if not (sourced or row["note"]) or any(key not in told["cited"] for key in keys):
            silent.append((row["path"], row["text"], row["note"]))
    assert silent == []
    assert len(told["inputs"]) > 300


def test_costs_of_defences_are_inputs_of_a_plan(answers):
    rows = {row["path"]: row for row in answers["plan"].as_dict()["grounds"]["inputs"] if row["thing"][0] == "defences"}
    assert {path.split(".", 2)[2] for path in rows} >= {"costs.once", "costs.yearly"}
    assert all(row["file"] == "model.yaml" and row["line"] for row in rows.values())
