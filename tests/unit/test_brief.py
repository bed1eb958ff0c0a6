"""Many services in short: those alike in one row, the worst by themselves, and nobody left out without a word."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import render

from blackstart import report
from blackstart.report import outline, panels, story, tables, terminal
from blackstart.report.names import Names
from blackstart.report.tables import Table

NAMES = Names({}, "en")


def many(kind: str, n: int) -> dict[str, Any]:
    """The golden result of a kind with n more services, all like its first but for their loss."""
    result = copy.deepcopy(render.result({"assessment": "corner-shop-assessment", "rehearsal": "knot-rehearsal"}[kind]))
    first = next(iter(result["services"]))
    for i in range(n):
        result["services"][f"copy-{i}"] = copy.deepcopy(result["services"][first])
        part = next(c for c in result["graph"]["components"] if c["id"] == first)
        result["graph"]["components"].append({**part, "id": f"copy-{i}"})
        if result.get("causes_by_service"):
            result["causes_by_service"][f"copy-{i}"] = result["causes_by_service"][first]
    return result


@given(st.lists(st.integers(0, 40), max_size=120), st.integers(0, 2))
def test_every_row_is_told_put_with_its_like_or_counted(values: list[int], totals: int) -> None:
    rows = [[f"s{n}", str(value)] for n, value in enumerate(values)] + [["total", "x"]] * totals
    table, said = tables.brief(Table(["service", "hours"], rows, [False, True], [f"p{n}" for n in range(len(rows))]), NAMES, totals)
    shown = table.rows[: len(table.rows) - totals]
    assert [list(row) for row in table.rows[len(table.rows) - totals :]] == [["total", "x"]] * totals
    if len(values) <= story.SERVICES_MOST:
        assert [list(row) for row in table.rows] == rows and not said
        return
    assert len(shown) <= story.SERVICES_MOST and said
    told = sum(values.count(int(row[1])) for row in shown)
    left = re.search(r"these: (\d+) service", said)
    assert told + (int(left[1]) if left else 0) == len(values)
    for name, value in shown:
        more = re.search(r" and (\d+) more$", name)
        assert values.count(int(value)) == (3 + int(more[1]) if more else 1 + name.count(", ") + name.count(" and "))


def test_services_that_stop_and_are_back_alike_stand_in_one_row_with_what_they_lose_together() -> None:
    result = many("rehearsal", 40)
    first = next(iter(result["services"]))
    for n, row in enumerate(result["services"].values()):
        row["loss"] = 1000.0 + n
    table = tables.recovery(result, Names(result, "en"), short=True)
    assert len(table.rows) == len(render.result("knot-rehearsal")["services"])
    row = next(row for row in table.rows if "more" in row[0])
    alike = [first, *(f"copy-{i}" for i in range(40))]
    whole = sum(result["services"][id_]["loss"] for id_ in alike)
    assert row[-1] == tables._money(whole, result, Names(result, "en"))
    assert len(tables.recovery(result, NAMES).rows) == len(result["services"])  # each by itself, to be opened


def test_of_many_courses_those_of_least_loss_are_one_row_and_the_sums_stay() -> None:
    result = many("rehearsal", 60)
    for n, row in enumerate(result["services"].values()):
        row["loss"], row["out_at_h"], row["back_at_h"], row["outages"], row["never"] = float(n), 0.0, 1.0 + n, [[0.0, 1.0 + n]], False
    table = tables.recovery(result, NAMES, short=True)
    assert len(table.rows) == story.SERVICES_MOST
    assert table.rows[-1][0] == f"{len(result['services']) - story.SERVICES_MOST + 1} further services"
    assert table.rows[-2][0] == list(result["services"])[-1]  # of the largest loss, and last to be back


@pytest.mark.parametrize("kind", ["assessment", "rehearsal"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_terminal_tells_many_services_in_little_more_than_few(kind: str, lang: str) -> None:
    few, much = terminal.text(many(kind, 0), lang), terminal.text(many(kind, 80), lang)
    assert len(much.splitlines()) < len(few.splitlines()) + 40
    where = Names({}, lang).say("brief.where" if kind == "assessment" else "brief.where_report")
    assert where in " ".join(much.split()) and where not in " ".join(few.split())


@pytest.mark.parametrize("kind", ["assessment", "rehearsal"])
def test_a_page_has_every_service_to_be_opened(kind: str) -> None:
    page = report.page(many(kind, 80), "en")
    n = len(many(kind, 80)["services"])
    opened = page[page.index(f"Each of the {n} services by itself") :]
    assert all(re.search(rf"\bcopy-{i}<", opened) for i in range(80))


def test_a_report_in_sections_has_every_service_on_its_page_and_the_worst_in_its_text() -> None:
    rows = [[f"s{n}", str(n // 2)] for n in range(80)]
    blocks = outline.in_short(Table(["service", "hours"], rows, [False, True]), NAMES)
    told = outline.Outline("t", "f", [], [], [outline.Section("services", "Services", blocks)])
    text, page, md = outline.as_text(told), outline.as_page(told, "en"), outline.as_markdown(told)
    assert "s46 and s47" in text and "s48" not in text and "32 services" in text and "32 services" in md
    assert "Each of the 80 services by itself" in page and all(f">s{n}<" in page for n in range(80))
    assert outline.in_short(Table(["service", "hours"], rows[:9], [False, True]), NAMES)[0].rows == rows[:9]


def test_panels_of_a_page_end_at_a_size_and_lead_to_nothing_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    result = render.result("corner-shop-assessment")
    whole = report.page(result, "en")
    monkeypatch.setattr(panels, "MOST_SIZE", 20_000)
    page = report.page(result, "en")
    grounds = page[page.index('<section id="grounds"') : page.index("</section>", page.index('<section id="grounds"'))]
    asides = "".join(re.findall(r"<aside.*?</aside>", grounds, re.DOTALL))
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert len(page) < len(whole)
    assert {place for place in re.findall(r'href="#([^"]+)"', asides)} <= ids
