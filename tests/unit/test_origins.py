"""Every number of a page leads to inputs, and every input to a line of a file or a row of the library."""

import re

import pytest

from blackstart import origins, report
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.load import load_text
from blackstart.results import assessment
from blackstart.system import compile_model

MODEL = """\
blackstart: 1
# [n1]
#  n1  A Newspaper, 3 May
components:
  web: {needs: [db], in: seoul-1}
  db: {kind: database, in: seoul-1, fails: 1 per 10 yr, repair: 4h..20h}    # guess, after [n1]
domains: {seoul-1: {kind: site}}
services: {shop: {needs: [web], loss: 3000 KRW/h, users: 10}}
"""
STUDY = Study(worlds=20, samples=20)


@pytest.fixture(scope="module")
def result() -> dict:
    model = load_text(MODEL, "model.yaml")
    system = compile_model(model)
    return assessment(model, system, simulate.assess(system, STUDY), STUDY, texts={"model.yaml": MODEL}).as_dict()


def test_inputs_come_with_line_note_and_key(result: dict) -> None:
    rows = {row["path"]: row for row in result["grounds"]["inputs"]}
    own = rows["components.db.fails"]
    assert (own["state"], own["file"], own["line"], own["note"]) == ("stated", "model.yaml", 6, "guess, after [n1]")
    assert result["grounds"]["cited"]["n1"] == "A Newspaper, 3 May"
    borrowed = next(row for row in rows.values() if row["state"] == "library")
    assert borrowed["sources"][0]["title"]


def test_what_begins_most_stands_first(result: dict) -> None:
    first = result["causes_by_service"]["shop"][0]
    assert result["grounds"]["inputs"][0]["thing"][1] in {first["id"], result["causes"][0]["id"]}


def test_more_inputs_than_are_told_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "MOST_TOLD", 2)
    model = load_text(MODEL, "model.yaml")
    found = origins.grounds(model, [("components", "db")], {})
    assert len(found["inputs"]) == 2 and found["left_out"] > 0
    assert found["inputs"][0]["thing"] == ["components", "db"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_link_of_a_page_leads_somewhere(result: dict, lang: str) -> None:
    page = report.page(result, lang)
    places = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert set(links) <= places
    assert "from-shop" in links and "in-components.db.fails" in links and "key-n1" in links
