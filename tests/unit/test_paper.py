"""The white paper: what it says, what an edition leaves out, what a person's edits survive, the same bytes twice."""

from __future__ import annotations

import json
import random
import re
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from blackstart import examples, report
from blackstart.cli import main
from blackstart.errors import ModelError
from blackstart.incidents import attribution, clocks, incident
from blackstart.incidents.paper import Asked, _beside, _both, _few, _stopped, digest_of, paper
from blackstart.language.load import load, load_text
from blackstart.report import charts, contract, editable, outline, reconstruction, typeset
from blackstart.report.markup import text_width
from blackstart.report.names import Names
from blackstart.report.outline import Figure, Heading, KeyFigures, Outline, Paragraph, Section
from blackstart.report.paper import change as paper_change
from blackstart.report.paper import charts as paper_charts
from blackstart.report.paper import choices as paper_choices
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import left as paper_left
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import reports as paper_reports
from blackstart.report.paper import stages as paper_stages
from blackstart.report.paper import story as paper_story
from blackstart.report.paper import summary as paper_summary
from blackstart.report.paper import tools as paper_tools
from blackstart.report.tables import Table
from blackstart.report.teller import Teller
from blackstart.text import say

MODEL = """
blackstart: 1
title: {en: The shop, ko: 가게}
currency: KRW
components:
  db: {label: {en: database, ko: 데이터베이스}, fails: 1 per 5 yr, start: {takes: 10 min}, repair: {takes: 5min..20min}}
services:
  shop: {label: {en: shop, ko: 가게}, needs: db, loss: 6,000,000 KRW/h, users: 1000}
barriers: {}
defences:
  second-db:
    label: {en: second database, ko: 두 번째 데이터베이스}
    costs: {once: 20m KRW, yearly: 5m KRW}
    change: {components: {db-2: {}}, services: {shop: {needs: {any: [db, db-2]}}}}
"""
RECORD = """
incident: 1
title: {en: Ten minutes without the shop, ko: 가게가 멈춘 10분}
zone: +09:00
began: 2026-03-02 10:00
ended: 2026-03-02 10:10
hit: db
missing: [second-db]
roles: {oncall: {en: engineer on call, ko: 당직 엔지니어}}
observations:
  - {at: 2026-03-02 10:00, what: db, did: broke, by: oncall}
  - {at: 2026-03-02 10:10, what: shop, did: came-back, by: oncall}
people:
  - {at: 2026-01-10, did: declined, by: oncall, about: [second-db],
     text: {en: A second database was put off., ko: 두 번째 데이터베이스를 미루었다.}}
losses:
  - {amount: 1m KRW, by: oncall, matter: orders, text: {en: Lost orders., ko: 놓친 주문.}}
  - {amount: 3m KRW, by: oncall, matter: orders, text: {en: Lost orders by another count., ko: 다르게 센 놓친 주문.}}
"""


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("record") / "incident.yaml"
    file.write_text(RECORD, encoding="utf-8")
    made = paper(load_text(MODEL), incident.read(file), Asked(worlds=20, samples=20, runs=40))
    return json.dumps(made.as_dict())


@pytest.fixture
def result(computed: str) -> dict[str, Any]:
    return json.loads(computed)


def words(told: Outline) -> str:
    """All of it on one line: a sentence is found wherever its line breaks."""
    return " ".join(outline.as_text(told).split())


def paragraphs(told: Outline) -> dict[str, Paragraph]:
    return {b.id: b for s in told.sections for b in s.blocks if isinstance(b, Paragraph)}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_small_paper_is_short_and_answers_the_questions(result: dict[str, Any], lang: str) -> None:
    told, _ = report.paper_outline(result, lang)
    assert ("10 min" if lang == "en" else "10분") in editable.plain(told.first)
    said = paragraphs(told)
    for question in ("broke", "long", "catch", "cost", "buy"):
        assert f"summary.{question}" in said, question
    assert ("second database" if lang == "en" else "두 번째 데이터베이스") in said["summary.catch"].text
    assert len(outline.as_text(told).splitlines()) < 375
    assert "None" not in words(told) and "{" not in words(told)


def test_the_result_keeps_the_published_schema(result: dict[str, Any]) -> None:
    Draft202012Validator(contract.schema()).validate(result)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_paragraph_with_a_number_names_the_result_behind_it(result: dict[str, Any], lang: str) -> None:
    told, _ = report.paper_outline(result, lang)
    known = set(result["marks"].values())
    free = {"method.how", "changes.clocks"}  # of which `method.how` says that they rest on no result
    for id_, one in paragraphs(told).items():
        assert set(one.of) <= known
        if editable.numbers_in(one.text) and not id_.startswith("forms.") and id_ not in free:
            assert one.of, f"{id_}: {one.text}"
    assert all(mark in words(told) for mark in known)


def test_marks_are_digests_of_the_results(result: dict[str, Any]) -> None:
    assert all(mark.endswith(digest_of(result["parts"][part])) for part, mark in result["marks"].items())
    assert all(re.fullmatch(r"R\d+·[0-9a-f]{6}", mark) for mark in result["marks"].values())
    assert len(set(result["marks"].values())) == len(result["marks"])


@pytest.mark.parametrize(
    ("said", "name", "named"),
    [("Payments and transfers.", "Pay", False), ("Pay is back.", "Pay", True), ("판교 전산실이 꺼졌다.", "판교 전산실", True),
     ("The 32,000 servers are dark.", "the 32,000 servers", True), ("결제와 송금.", "카카오페이", False)],
)  # fmt: skip
def test_a_report_that_does_not_name_its_thing_is_told_with_the_name(said: str, name: str, named: bool) -> None:
    assert paper_reports._speaks_of(said, name) is named


@pytest.mark.parametrize(("after", "said"), [(0.2, "within the error"), (0.01, "instead of")])
def test_a_change_within_the_error_is_not_told_as_a_change(result: dict[str, Any], after: float, said: str) -> None:
    for part, value in (("before", 0.21), ("after", after)):
        day = {"value": value, "standard_error": 0.01, "band": None}
        result["parts"][part]["services"]["shop"]["outages_per_year_longer_than"]["24h"] = day
    assert said in paragraphs(report.paper_outline(result, "en")[0])["changes.tail"].text.partition(". ")[0]


def test_the_summary_says_what_the_defences_cost_beyond_what_they_save(result: dict[str, Any]) -> None:
    row = result["parts"]["comparison"]["variants"][-1]
    row["net"], row["pays_share"] = {**row["net"], "value": -1e8}, 0.0
    told = report.paper_outline(result, "en")[0]
    lead = [b.text for b in told.sections[0].blocks if isinstance(b, Paragraph) and b.style == "lead"]
    assert len(lead) == 3 and re.search(r"bought .* costs .* over 10 years and avoids about .* of loss in that time\.", lead[2])
    said = paragraphs(told)["changes.money"].text
    assert re.search(r"without interest, [\d.]+ times the loss avoided", said) and "in none of the worlds" in said


def test_forms_hold_what_the_record_says_and_nothing_replayed(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    draft = paper_change._draft(teller)
    assert re.fullmatch(r"1\sm\sKRW: Lost orders / 3\sm\sKRW: Lost orders by another count", draft["loss"])
    assert draft["cause"].startswith("failure of database") and "root cause is to be checked" in draft["cause"]
    assert not any(mark in said for said in draft.values() for mark in ("replay", "about ", "±"))
    result["parts"]["record"]["losses"], result["parts"]["record"]["scenario"]["hit"] = [], []
    assert not {"loss", "cause"} & set(paper_change._draft(teller))


def test_deadlines_from_the_earliest_of_several_accounts_say_whose_it_is_and_what_another_would_change(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    people = result["parts"]["record"]["people"] = [deepcopy(result["parts"]["record"]["people"][0]) for _ in range(3)]
    for row, minute in zip(people, (23, 4, 4), strict=True):
        row |= {"kind": "told", "by": "oncall", "to": "owner", "at": [f"2026-03-02T10:{minute:02}:00+09:00"] * 2, "t_h": [minute / 60] * 2}
    said = paper_change._aware(teller)
    assert "10:04 by the account of the engineer on call" in said and "19\u00a0min from 03-02\u00a010:23" in said
    result["parts"]["record"]["people"] = people[1:]
    assert "learned of it at 03-02\u00a010:04; deadlines" in paper_change._aware(teller)
    people[1]["to"] = people[2]["to"] = None
    assert not paper_change._aware(teller)


@pytest.mark.parametrize(("lang", "word"), [("en", "Table"), ("ko", "표")])
def test_tables_of_which_several_share_a_heading_have_titles_with_numbers(result: dict[str, Any], lang: str, word: str) -> None:
    told = report.paper_outline(result, lang)[0]
    titles = [b.title for s in told.sections for b in s.blocks if isinstance(b, Table) and b.title]
    assert len(titles) > 1 and [title.partition(". ")[0] for title in titles] == [f"{word} {n + 1}" for n in range(len(titles))]
    page, text, markdown = outline.as_page(told, lang), words(told), editable.text(told, lang)
    assert all(f'<p class="table-title">{t}</p>' in page and t in text and f"*{t}*" in markdown for t in titles)


def test_every_service_is_said_only_of_every_service(result: dict[str, Any]) -> None:
    rows = result["parts"]["worst_after"]["worst"] = result["parts"]["worst"]["worst"]
    teller = Teller(result, Names(result, "en"), "board")
    assert rows[0]["share"] == 1.0 and "can stop shop." in " ".join(paper_plan.remaining_worst(teller))
    result["parts"]["before"]["services"]["another"] = result["parts"]["before"]["services"]["shop"]
    assert "can stop shop (" in " ".join(paper_plan.remaining_worst(teller))  # one of two: with its share
    rows[0]["stops"].append("another")
    assert "stop every service" in " ".join(paper_plan.remaining_worst(teller))


def test_a_service_that_stays_out_and_has_no_report_is_said_to_have_none(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_story.reported("shop", teller) and not paper_story.reported("another", teller)


def test_what_a_picture_leaves_out_is_counted(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    shares = [{"share": {"hours": {"value": v, "standard_error": 0.1}}} for v in (9.0,) * 8 + (0.1, 0.0)]
    assert "other 2 are within the error" in paper_change._caption(shares, teller)
    assert "2 with smaller shares" in paper_change._caption([*shares[:8], *shares[:2]], teller)
    assert "other 2 are within the error" in paper_change._caption(shares[6:], teller) and len(paper_change._drawn(shares[6:])) == 2
    rows = [paper_charts.Slice(str(k), "missing") for k in range(paper_charts.MOST_SLICES + 1)]
    assert "1 more did not fit" in paper_stages.caption(rows, teller)
    assert "fit" not in paper_stages.caption(rows[1:], teller)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_picture_has_a_number_a_title_and_a_caption(result: dict[str, Any], lang: str) -> None:
    told, _ = report.paper_outline(result, lang)
    figures = [b for s in told.sections for b in s.blocks if isinstance(b, Figure)]
    word = {"en": "Figure", "ko": "그림"}[lang]
    assert [f.title.partition(".")[0] for f in figures] == [f"{word} {n}" for n in range(1, len(figures) + 1)] and len(figures) >= 4
    assert all(len(f.title.partition(". ")[2]) > 4 and f.caption.endswith(".") for f in figures)
    page = outline.as_page(told, lang)
    assert all(f.title in page for f in figures) and all(f"*{f.title} (" in editable.text(told, lang) for f in figures)


@pytest.mark.parametrize("level", ["board", "regulator", "public"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_first_page_sets_its_key_figures_apart(result: dict[str, Any], lang: str, level: str) -> None:
    told, _ = report.paper_outline(result, lang, level)
    keys = next(s for s in told.sections if s.id == "summary").blocks[0]
    assert isinstance(keys, KeyFigures) and [bool(row.value) for row in keys.rows] == [True] * 5
    hours, stopped, lost, cause, bought = keys.rows
    assert hours.value.replace("\N{NO-BREAK SPACE}", " ") == {"en": "10 min", "ko": "10분"}[lang]
    assert stopped.value == {"en": "shop", "ko": "가게"}[lang] and "database" in cause.value.lower() + "database" * (lang == "ko")
    assert ("KRW" in lost.value or "원" in lost.value) is (level != "public")  # the public is told hours of users, not money
    assert bool(re.search("20 ?m|2,000만", bought.said.replace("\N{NO-BREAK SPACE}", " "))) is (level == "board")
    assert all(mark in result["marks"].values() for row in keys.rows for mark in row.of)
    said = [words(told), outline.as_page(told, lang), editable.text(told, lang)]
    assert all(" ".join(row.value.split()) in " ".join(text.split()) for text in said for row in keys.rows)


@pytest.mark.parametrize("level", ["board", "regulator", "public"])
def test_the_appendix_is_lettered_without_gaps(result: dict[str, Any], level: str) -> None:
    appendix = next(s for s in report.paper_outline(result, "en", level)[0].sections if s.id == "appendix")
    letters = [b.text[0] for b in appendix.blocks if isinstance(b, Heading) and b.text[1:3] == ". "]
    assert letters and letters == list("ABCDE")[: len(letters)]


def test_deadlines_count_from_the_first_stop_on_record(result: dict[str, Any]) -> None:
    told = result["parts"]["record"]
    assert _stopped(told) == told["began_at"]
    fell = {**told["observations"][0], "did": "fell", "what": {"noun": "all", "id": "all"}, "corrected_by": None}
    later = told["began_at"].replace("T10:00", "T10:04")
    told["observations"] = [{**fell, "at": [later, later]}]
    assert _stopped(told) == later


def test_what_nobody_decided_is_said_to_be_assumed(result: dict[str, Any]) -> None:
    assert result["chosen"] == "record"
    assert paragraphs(report.paper_outline(result, "en")[0])["summary.buy"].text.startswith("These figures assume")
    result["chosen"] = "stated"
    assert "decided" not in paragraphs(report.paper_outline(result, "en")[0])["summary.buy"].text


# ----------------------------------------------------------------------------- the plan and the worst overlap


def test_the_paper_carries_the_plan_and_the_worst_overlap_before_and_after(result: dict[str, Any]) -> None:
    parts = result["parts"]
    assert parts["plan"]["kind"] == "plan" and parts["worst"]["kind"] == parts["worst_after"]["kind"] == "worst"
    assert parts["worst"]["worst"][0]["stops"] == ["shop"] and parts["worst_after"]["worst"][0]["stops"] == []
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert "expected loss" in said["changes.plan"].text
    assert "can stop a service" in said["left.worst"].text and said["left.worst"].of == (result["marks"]["worst_after"],)
    tables = [b for s in report.paper_outline(result, "en")[0].sections if s.id == "changes" for b in s.blocks if isinstance(b, Table)]
    assert any(t.head[:2] == ["State", "Misfortunes"] for t in tables)
    assert any(t.head[0] == "Risk" and t.rows[0][0] == "expected loss a year" for t in tables)


def test_a_record_that_part_one_tells_as_a_whole_is_not_told_again(result: dict[str, Any], shipped: dict[str, Any]) -> None:
    for one, whole in ((result, True), (shipped, False)):
        told, _ = report.paper_outline(one, "en")
        headings = [b.text for s in told.sections if s.id == "appendix" for b in s.blocks if isinstance(b, Heading)]
        assert any("The other reports" in text for text in headings) is not whole
        first = next(b for s in told.sections if s.id == "happened" for b in s.blocks if isinstance(b, Table))
        assert ("Role" in first.head) is whole
        others = [b for s in told.sections if s.id == "appendix" for b in s.blocks if isinstance(b, Table) and "Report" in b.head]
        assert whole or not {" ".join(row[:2]) for row in first.rows} & {" ".join(row[:2]) for row in others[0].rows}


def test_a_budget_buys_the_best_choice_within_it_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "incident.yaml"
    file.write_text(RECORD, encoding="utf-8")
    record, model = incident.read(file), load_text(MODEL)
    little = Asked(worlds=20, samples=20, runs=20)
    rich = paper(model, record, replace(little, budget=1e9)).as_dict()
    assert rich["bought"] == ["second-db"] and rich["chosen"] == "budget"
    assert "Of all choices within 1 bn KRW over 10 years" in words(report.paper_outline(rich, "en")[0])
    poor = paper(model, record, replace(little, budget=1e6, plan=rich["parts"]["plan"])).as_dict()
    assert poor["bought"] == [] and poor["parts"]["after"] is None
    for lang in ("en", "ko"):
        told = words(report.paper_outline(poor, lang)[0])
        assert ("no choice of defences is told apart" if lang == "en" else "뚜렷이 나은 조합이 없어") in told


def test_a_plan_of_another_model_is_refused(tmp_path: Path, result: dict[str, Any]) -> None:
    file = tmp_path / "incident.yaml"
    file.write_text(RECORD, encoding="utf-8")
    other = load_text(MODEL.replace("1 per 5 yr", "1 per 6 yr"))
    with pytest.raises(ModelError) as wrong:
        paper(other, incident.read(file), Asked(plan=result["parts"]["plan"]))
    assert wrong.value.problems[0].code == "paper-other-plan"


@pytest.mark.parametrize("width", [330.0, 660.0, 1040.0])
def test_what_is_written_behind_a_bar_with_a_large_error_stays_in_the_picture(width: float) -> None:
    rows = [paper_charts.Bar("fire", 49.0, 9.0, "49 h (49 %)"), paper_charts.Bar("rest", 0.4, 0.3, "within the error of it")]
    drawn = str(paper_charts.shares(rows, "shares", width, "{:g} h".format))
    written = re.findall(r'<text[^>]*x="([\d.]+)"[^>]*class="value"[^>]*>([^<]+)<', drawn)
    assert len(written) == 2 and all(float(x) + text_width(words, 12.5) <= width for x, words in written)


def test_a_failure_that_a_misfortune_tells_is_told_once_and_seen_where_it_was_seen() -> None:
    effect = {"t_h": 0.0, "what": "effect", "who": "fire", "detail": {"op": "break"}, "recorded_h": None, "off_h": None, "seen": []}
    alone = {"t_h": 2.0, "what": "fails", "who": "db", "detail": {}, "recorded_h": None, "off_h": None, "seen": []}
    seen = {"recorded_h": [0.0, 0.1], "off_h": 0.0, "seen": ["o1"]}
    assert reconstruction.told_once([effect, {**alone, "t_h": 0.0, **seen}, alone]) == [{**effect, **seen}, alone]


def test_reports_alike_stand_in_one_row_and_words_of_their_own_are_kept(result: dict[str, Any]) -> None:
    row = {**result["parts"]["record"]["observations"][0], "did": None, "level": 1.0, "text": None}
    db, shop = ({**row, "id": f"o{n}", "what": {"noun": noun, "id": noun_id}} for n, noun, noun_id in
                ((7, "component", "db"), (8, "service", "shop")))  # fmt: skip
    words_of_its_own, later = {**db, "id": "o9", "text": {"en": "The database is up."}}, {**db, "id": "o10", "level": 0.0}
    rows = paper_reports.alike([db, words_of_its_own, shop, later])
    assert [[r["id"] for r in same] for same in rows] == [["o7", "o8"], ["o9"], ["o10"]]
    teller = Teller(result, Names(result, "en"), "board")
    assert [paper_reports.seen(same, teller) for same in rows] == ["database and shop: up", "The database is up.", "database: down"]


def test_one_defence_that_nobody_decided_on_is_not_told_as_all_of_them(result: dict[str, Any]) -> None:
    said = paragraphs(report.paper_outline(result, "ko")[0])["summary.buy"].text
    assert "방어책(두 번째 데이터베이스)을 도입한다고 가정하고" in said and "모두 도입" not in said


# ----------------------------------------------------------------------------- editions


def test_editions_leave_out_what_the_data_says(result: dict[str, Any]) -> None:
    board, regulator, public = (words(report.paper_outline(result, "en", level)[0]) for level in ("board", "regulator", "public"))
    assert "20 m KRW" in board and "20 m KRW" not in regulator and "20 m KRW" not in public  # the price of the defence
    assert "Lost orders" in board and "Lost orders" in regulator and "Lost orders" not in public
    assert "engineer on call" in regulator and "engineer on call" not in public
    assert "KRW" not in public
    assert "Left out of this edition" in public and "Left out of this edition" not in board
    summary = next(s for s in report.paper_outline(result, "en", "public")[0].sections if s.id == "summary")
    assert "summary.left-out" in [b.id for b in summary.blocks if isinstance(b, Paragraph)]
    assert "user-hours" in paragraphs(report.paper_outline(result, "en", "public")[0])["summary.cost"].text


# ----------------------------------------------------------------------------- edits


def test_a_paper_that_nobody_edited_comes_back_as_it_was(result: dict[str, Any]) -> None:
    told, _ = report.paper_outline(result, "ko")
    again, flags = report.paper_outline(result, "ko", "board", editable.edits(editable.text(told, "ko")))
    assert not flags and not editable.touched(again)
    assert outline.as_page(again, "ko") == outline.as_page(told, "ko")


def rewritten(written: str, id_: str, text: str) -> str:
    """The Markdown with another text under one mark."""
    pattern = rf"(<!-- paragraph {re.escape(id_)} [^\n]*-->\n(?:<!--[^\n]*-->\n)*).*?(?=\n\n|\Z)"
    found, n = re.subn(pattern, lambda m: m[1] + text, written, count=1, flags=re.S)
    assert n == 1, id_
    return found


def test_the_rule_beside_edited_paragraphs_is_explained_only_where_there_are_any(result: dict[str, Any]) -> None:
    told, _ = report.paper_outline(result, "ko")
    assert "method.edited" not in paragraphs(told)
    written = rewritten(editable.text(told, "ko"), "summary.broke", "내가 고쳐 쓴 문단이다.")
    assert "method.edited" in paragraphs(report.paper_outline(result, "ko", "board", editable.edits(written))[0])


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_edited_paragraphs_survive_being_made_again_and_again(result: dict[str, Any], lang: str) -> None:
    told, _ = report.paper_outline(result, lang)
    written = rewritten(editable.text(told, lang), "summary.broke", "내가 고쳐 쓴 문단이다.\n\n둘째 문단도 있다.")
    for _ in range(3):
        mine = editable.edits(written)
        again, flags = report.paper_outline(result, lang, "board", mine)
        assert not flags
        one = paragraphs(again)["summary.broke"]
        assert one.edited and one.text == "내가 고쳐 쓴 문단이다.\n\n둘째 문단도 있다."
        assert "둘째 문단도 있다." in outline.as_page(again, lang)
        written = editable.text(again, lang, mine)


def test_a_paragraph_that_was_taken_out_stays_out(result: dict[str, Any]) -> None:
    told, _ = report.paper_outline(result, "en")
    gone = paragraphs(told)["summary.long"].text
    written = rewritten(editable.text(told, "en"), "summary.long", "")
    for _ in range(2):
        mine = editable.edits(written)
        again, _ = report.paper_outline(result, "en", "board", mine)
        assert gone not in outline.as_page(again, "en")
        written = editable.text(again, "en", mine)


def _numbers(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Places of the means of all estimates of a result."""
    if isinstance(node, dict):
        if {"value", "standard_error"} <= set(node) and node["value"] > 0:
            return [path]
        return [p for key, value in node.items() for p in _numbers(value, (*path, key))]
    return [p for k, value in enumerate(node) for p in _numbers(value, (*path, k))] if isinstance(node, list) else []


def test_a_stale_number_is_caught_every_time(result: dict[str, Any]) -> None:
    """A person edits a paragraph and leaves its numbers; then the results change: 100 changes, 100 flags."""
    chance = random.Random(7)
    told, _ = report.paper_outline(result, "en")
    written = editable.text(told, "en")
    numbered = [p for p in paragraphs(told).values() if editable.numbers_in(p.text) and p.of]
    places = [p for p in _numbers(result["parts"]) if p[0] in ("attribution", "before", "after", "comparison", "steps")]
    tried = caught = 0
    while tried < 100:
        changed = deepcopy(result)
        node = changed["parts"]
        for key in (place := chance.choice(places)):
            node = node[key]
        node["value"] *= chance.choice([1.7, 3.0, 0.3])
        fresh = paragraphs(report.paper_outline(changed, "en")[0])
        touched = [p for p in numbered if p.id in fresh and editable.numbers_in(fresh[p.id].text) != editable.numbers_in(p.text)]
        if not touched:
            continue  # that number stands in no paragraph
        one = chance.choice(touched)
        mine = editable.edits(rewritten(written, one.id, "As a person would say it: " + one.text))
        again, flags = report.paper_outline(changed, "en", "board", mine)
        tried += 1
        shown = paragraphs(again)[one.id]
        caught += bool([f for f in flags if f.id == one.id]) and bool(shown.stale) and "As a person" in shown.text
        assert place
    assert caught == 100


def test_numbers_that_no_result_says_are_flagged_as_nobodys(result: dict[str, Any]) -> None:
    told, _ = report.paper_outline(result, "en")
    mine = editable.edits(rewritten(editable.text(told, "en"), "summary.broke", "It took 987 h, everybody knows."))
    _, flags = report.paper_outline(result, "en", "board", mine)
    assert [(f.was, f.kind) for f in flags if f.was == "987h"] == [("987h", "nobodys")]


def test_a_number_that_comes_beside_those_that_stay_is_flagged() -> None:
    """Before and after were the same and told as one number; then one of them changed, and the old number still held for the other."""
    edit = editable.Edit("changes.tail", "Mine: 2.4 bn KRW, whatever we do.", True, ("2.4bnKRW",))
    generated = Paragraph("changes.tail", "It changes from 2.4 bn KRW to 0.7 bn KRW.", ())
    now = frozenset({"2.4bnKRW", "0.7bnKRW"})
    assert [(f.now, f.kind) for f in editable._flags(edit, generated, now, frozenset())] == [("0.7bnKRW", "come")]
    taken = replace(edit, text="Mine: 2.4 bn KRW, then 0.7 bn KRW.")
    assert not editable._flags(taken, generated, now, frozenset())


def test_an_edit_that_took_over_the_new_number_is_left_in_peace(result: dict[str, Any]) -> None:
    told, _ = report.paper_outline(result, "en")
    one = paragraphs(told)["summary.cost"]
    old = rewritten(editable.text(told, "en"), one.id, "Mine: " + one.text)
    changed = deepcopy(result)
    changed["parts"]["attribution"]["whole"]["money"]["value"] *= 3
    fresh = paragraphs(report.paper_outline(changed, "en")[0])[one.id]
    assert fresh.text != one.text
    _, flags = report.paper_outline(changed, "en", "board", editable.edits(old))
    assert flags
    _, flags = report.paper_outline(changed, "en", "board", editable.edits(rewritten(old, one.id, "Mine: " + fresh.text)))
    assert not flags


# ----------------------------------------------------------------------------- the files


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_is_one_file_without_a_network(result: dict[str, Any], lang: str) -> None:
    page = outline.as_page(report.paper_outline(result, lang)[0], lang)
    assert "<script" not in page and "src=" not in page and "@import" not in page
    assert not re.findall(r'href="(?!#)[^"]*"', page)
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_pdf_has_the_same_bytes_twice_and_every_glyph(result: dict[str, Any], lang: str) -> None:
    pytest.importorskip("typst")
    from blackstart.report import typeset

    told, _ = report.paper_outline(result, lang)
    made = typeset.pdf(told, lang)  # PDF/UA-1 refuses a sign without a glyph
    assert made.startswith(b"%PDF") and made == typeset.pdf(told, lang)


def test_numbers_of_a_table_are_never_broken_and_long_tables_are() -> None:
    from blackstart.report import typeset

    often = "약 4,000년(±1,100년)에 한 번"
    table = Table(["서비스", "연간 정지(현재)", "연간 정지(도입 후)", "하루 넘는 정지(현재)", "하루 넘는 정지(도입 후)"],
                  [["카페·스토리·티스토리", "4.2 ± 0.6분", "0.119 ± 0.019분", often, often]] * 3, [False] + [True] * 4)  # fmt: skip
    size = typeset._size(table)
    assert typeset.SMALLEST <= size < 1.0
    for (wide, unit), cell in zip(typeset._widths(table, typeset.COLUMN / size), table.rows[0], strict=True):
        assert wide is None or text_width(cell, 1.0) <= wide + 0.01, (cell, wide, unit)
    assert ", true, " in typeset._table(table)
    assert ", false, " in typeset._table(replace(table, rows=table.rows * 6))


def test_a_sign_without_a_glyph_is_a_problem_not_a_box() -> None:
    pytest.importorskip("typst")
    from blackstart.errors import ModelError
    from blackstart.report import typeset

    told = Outline("板橋", "火", [], [], [Section("a", "a", [Table(("x",), [("y",)], (False,))]), Section("sources", "s", ["t"])])
    with pytest.raises(ModelError) as wrong:
        typeset.pdf(told, "ko")
    assert wrong.value.problems[0].code == "glyph-missing"


def test_pictures_stand_alone(result: dict[str, Any]) -> None:
    """No variable, no class without a rule of its own, nothing loaded: as another program would show them."""
    from xml.etree import ElementTree

    from blackstart.report import standalone

    told, _ = report.paper_outline(result, "ko")
    figures = [b for s in told.sections for b in s.blocks if isinstance(b, Figure)]
    assert figures
    for figure in figures:
        drawn = standalone.svg(figure.draw(660.0), "Pretendard")
        ElementTree.fromstring(drawn)
        assert "var(" not in drawn
        assert set(re.findall(r"url\(#([\w-]+)\)", drawn)) <= set(re.findall(r'id="([\w-]+)"', drawn))


# ----------------------------------------------------------------------------- a shipped incident

# sizes of words in pictures, as page.css and paper.css set them; 12 where nothing else is said
SIZES = {"said": 11.5, "slice-name": 11.0, "tick": 11.5, "row-name": 13.0, "small": 12.0, "row-note": 12.5}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    """The paper of an incident with public sources, computed quickly: its numbers are rough, its shape is not."""
    model = load(examples.path("cloudflare-2023"))
    record = incident.read(Path(examples.path("cloudflare-2023")).parent / incident.FILE)
    return json.loads(json.dumps(paper(model, record, Asked(worlds=8, samples=8, runs=20, tried=20)).as_dict()))


def outside(drawn: str) -> list[str]:
    """Words of a picture that do not lie within it."""
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    assert box
    found = []
    for head, words in re.findall(r"<text([^>]*)>([^<]*)</text>", drawn):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', head))
        size = next((SIZES[c] for c in reversed(said.get("class", "").split()) if c in SIZES), 12.0)
        wide, x, y = text_width(unescape(words), size), float(said["x"]), float(said["y"])
        left = x - {"end": wide, "middle": wide / 2}.get(said.get("text-anchor", ""), 0.0)
        if left < -1 or left + wide > int(box[1]) + 1 or not size * 0.6 <= y <= int(box[2]):
            found.append(unescape(words))
    return found


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [350.0, 660.0, 1120.0])
def test_words_of_pictures_lie_within_them(shipped: dict[str, Any], result: dict[str, Any], lang: str, width: float) -> None:
    for one in (shipped, result):
        told, _ = report.paper_outline(one, lang)
        for figure in (b for s in told.sections for b in s.blocks if isinstance(b, Figure)):
            assert not outside(str(figure.draw(width))), figure.title


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_paper_has_as_many_pages_as_its_incident_has_to_say(shipped: dict[str, Any], result: dict[str, Any], lang: str) -> None:
    pytest.importorskip("typst")
    from blackstart.report import typeset

    def pages(one: dict[str, Any]) -> int:
        return len(re.findall(rb"/Type\s*/Page\b", typeset.pdf(report.paper_outline(one, lang)[0], lang)))

    assert 12 <= pages(shipped) <= 25
    assert pages(result) <= 10


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("level", ["board", "regulator", "public"])
def test_the_executive_page_is_one_page(shipped: dict[str, Any], lang: str, level: str) -> None:
    """Its words are set smaller until they fit: the first part begins on the third page."""
    pytest.importorskip("typst")
    import typst

    from blackstart.report import typeset

    fonts = [str(files("blackstart.report").joinpath("fonts"))]
    made = typeset.source(report.paper_outline(shipped, lang, level)[0], lang) + "\n#context [#metadata(locate(<happened>).page()) <at>]"
    asked = typst.query(made.encode(), "<at>", field="value", one=True, font_paths=fonts)
    assert json.loads(asked) == 3


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_numbers_of_headline_tables_have_units(shipped: dict[str, Any], result: dict[str, Any], lang: str) -> None:
    """Key figures, services before and after, stages, risk: no bare number but counts whose heading says of what."""
    bare = re.compile(r"[−-]?[\d.,]+( ± [\d.,]+)?")
    counted = {"Misfortunes", "Services out", "Cost ÷ loss avoided", "악재(가지)", "멈추는 서비스(개)", "비용÷줄어드는 손실(배)"}
    for one in (shipped, result):
        told, _ = report.paper_outline(one, lang)
        parts = [s for s in told.sections if s.id in ("summary", "caught", "changes", "left")]
        for table in (b for s in parts for b in s.blocks if isinstance(b, Table)):
            for head, cells in zip(table.head, zip(*table.rows, strict=True), strict=True):
                assert head in counted or not [c for c in cells if bare.fullmatch(str(c).replace("\N{NO-BREAK SPACE}", " "))], (head, cells)
        keys = told.sections[0].blocks[0]
        assert isinstance(keys, KeyFigures)
        assert [row.value for row in keys.rows if bare.fullmatch(row.value)] in ([], [keys.rows[1].value])  # how many services


# ----------------------------------------------------------------------------- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "incident.yaml").write_text(RECORD, encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> Any:
    quick = ["--runs", "20", "--worlds", "4", "--samples", "4"]
    return CliRunner().invoke(main, ["paper", str(folder / "model.yaml"), "--incident", str(folder / "incident.yaml"), *quick, *words])


def test_the_command_keeps_edits_and_says_what_is_stale(folder: Path) -> None:
    md = folder / "paper.md"
    made = run(folder, "--format", "md", "-o", str(md))
    assert made.exit_code == 0, made.output
    written = rewritten(md.read_text(encoding="utf-8"), "summary.broke", "The database broke at 11:11.")
    md.write_text(written, encoding="utf-8")
    again = run(folder, "--edited", str(md), "--format", "html", "-o", str(folder / "paper.html"))
    assert again.exit_code == 0
    assert "1 edited paragraph was kept" in again.output and "“11:11” is not a number of the results" in again.output
    assert "The database broke at 11:11." in (folder / "paper.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--format", "pdf"], "A PDF needs a file"),
        (["--format", "json", "--level", "public"], "knows no editions"),
        (["--buy", "secnd-db"], "second-db"),
        (["--fact", "daily_user=1", "--fact", "hosts_others=x"], "daily_users"),
        (["--moment", "aware=noon"], "is no time"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(folder: Path, asked: list[str], said: str) -> None:
    refused = run(folder, *asked)
    assert refused.exit_code == 2 and said in refused.output
    assert "Traceback" not in refused.output


def test_what_is_counted_from_the_return_and_from_earlier_reports_is_said(result: dict[str, Any]) -> None:
    duty = {"at": "2026-03-03T10:10", "counted_from": "restored", "latest": False}
    result["clocks"] = [{"covered": True, "triggered": True, "elsewhere": False, "due": [duty]}]
    teller = Teller(result, Names(result, "en"), "board")
    assert "What counts from the return of service counts from 2 March 2026, 10:10." in paper_change._counted_from(teller)
    duty |= {"counted_from": "sent.initial", "latest": True}
    said = " ".join(paper_change._counted_from(teller))
    assert "return of service" not in said and "that report is taken to be sent when it was due" in said


def test_which_stage_alone_would_have_shortened_the_longest_outage_is_told(
    result: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = {"what": "design", "noun": "defence", "times": 1.0, "by_service": {"shop": {"hours": [10.0, 4.0]}}}
    result["parts"]["attribution"]["players"] = [
        {**stage, "name": name, "by_service": {"shop": {"hours": [10.0, had]}}} for name, had in (("a", 9.8), ("b", 4.0), ("c", 2.0))
    ]
    teller = Teller(result, Names(result, "en"), "board")
    assert not paper_course.shortened("shop", teller)  # of one service the paper tells it as that of the whole outage
    result["parts"]["rehearsal"]["services"]["post"] = result["parts"]["rehearsal"]["services"]["shop"]
    assert not paper_course.shortened("shop", teller)  # the replays do not have it as it was
    monkeypatch.setattr(paper_course, "misread", lambda teller: set())
    said = paper_course.shortened("shop", teller).replace("\N{NO-BREAK SPACE}", " ")
    assert said.endswith("shop is out for 10 h; with one stage alone in place it would have been: c 2 h and b 4 h (part 4).")
    assert not paper_course.shortened("post", teller)


def test_facts_and_moments_decide_what_is_due(folder: Path) -> None:
    facts = [word for name in ("eu_financial_entity=yes", "value_added=no", "hosts_others=no", "eu_essential_or_important=no",
                               "floor_m2=0") for word in ("--fact", name)]  # fmt: skip
    moments = ["--moment", "aware=2026-03-02T10:05", "--moment", "classified=2026-03-02T11:00"]
    told = run(folder, "--format", "text", *facts, *moments).output
    assert "03-02 15:00" in told and "2.4 description" in told  # four hours after it was classified
    assert "NIS2" not in told and "Network Act" not in told


@pytest.mark.parametrize(
    ("firm", "korea", "europe"),
    [
        ({}, True, True),  # nobody knows: both are to be checked
        ({"eu_financial_entity": 1.0}, False, True),
        ({"eu_financial_entity": 1.0, "daily_users": 2e6}, False, True),
        ({"eu_financial_entity": 1.0, "kr": 1.0}, True, True),
        ({"value_added": 1.0}, True, False),
        ({"kr": 0.0}, False, True),
        ({"kr_financial_entity": 0.0}, True, True),
    ],
)
def test_rules_stand_where_the_firm_is_at_work(result: dict[str, Any], firm: dict[str, float], korea: bool, europe: bool) -> None:
    began, ended = datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 18)
    result["clocks"] = clocks.clocks({"began": began, "aware": began, "classified": began, "restored": ended}, [(began, ended)], firm)
    told = report.text(result, "en")
    assert ("Telecommunications Business Act" in told, "NIS2" in told) == (korea, europe)
    assert ("Rules of Korea do not stand here" in " ".join(told.split())) == (not korea and "kr" not in firm)


# ----------------------------------------------------------------------------- what the day, decisions and sources come to


def tables(told: Outline, *head: str) -> list[list[str]]:
    """The rows of the first table that has these columns."""
    found = [b for s in told.sections for b in s.blocks if isinstance(b, Table) and set(head) <= set(b.head)]
    return found[0].rows


def test_the_three_lengths_of_one_day_stand_in_one_table(result: dict[str, Any]) -> None:
    """Recorded are ten minutes, which the restart alone takes: no course that the model allows is as short, and that is said."""
    rows = tables(report.paper_outline(result, "en")[0], "Which", "Meaning")
    assert [row[0] for row in rows] == ["Record", "Course fitted to the record", "Mean of the replays"]
    assert rows[0][1].split() == ["10", "min"] and 10 < int(rows[1][1].split()[0]) < 16
    said = paragraphs(report.paper_outline(result, "ko")[0])["response.lengths"].text
    assert "장애 시간이 세 가지" in said and "기록보다" in said and "깁니다" in said


def test_a_length_from_the_first_stop_is_told_from_worse_service_too(result: dict[str, Any]) -> None:
    """The record counts from the outage's begin: a course in which service is only worse then is not as near as its stops make it."""
    course = result["parts"]["reconstruction"]
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_course._from_worse(10.0, (12.0, 12.0), teller) == ""
    first = min(row["out_at_h"] for row in course["course"]["services"].values() if row["outages"])
    course["chain"].insert(0, {**course["chain"][0], "what": "falls", "who": "all", "detail": {"everything": True}, "t_h": first - 1.0,
                               "recorded_h": [first - 1.0] * 2, "off_h": 0.0, "partly": True})  # fmt: skip
    said = paper_course._from_worse(10.0, (12.0, 12.0), teller).replace("\N{NO-BREAK SPACE}", " ")
    assert "the course takes 11 h: 1 h off the record" in said


def test_what_shares_are_of_is_counted_by_kind(result: dict[str, Any]) -> None:
    players = result["parts"]["attribution"]["players"]
    players.append({**players[-1], "what": "staffing", "id": "more"})
    said = paper_stages.compared(Teller(result, Names(result, "en"), "board"))
    assert "1 misfortune" in said and "1 team with more people" in said


def test_every_decision_has_its_weight_or_why_it_has_none(result: dict[str, Any]) -> None:
    people = result["parts"]["record"]["people"]
    people.append({**people[0], "id": "p9", "kind": "decided", "about": [], "text": "The shop stays open."})
    rows = tables(report.paper_outline(result, "en")[0], "Decision", "Stages")
    assert len(rows) == 2 and "second database" in rows[0][2] and "min" in rows[0][3]
    assert rows[1][0] == "The shop stays open" and rows[1][3] == "no input in the model"
    people.append({**people[0], "id": "p10", "kind": "decided", "text": "No second one."})
    joined = result["parts"]["attribution"]["decisions"]
    joined.append({**joined[0], "id": "p10"})
    rows = tables(report.paper_outline(result, "en")[0], "Decision", "Stages")
    assert rows[2][3] == "counted in row 1"  # one weight for what several decided


def test_what_rests_on_weak_sources_alone_is_marked_where_it_is_cited(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    record["sources"] = {"a": {"text": "a letter", "url": None, "grade": "copy"}, "b": {"text": "a list", "url": None, "grade": "press"}}
    record["people"][0]["sources"] = ["a"]
    said = words(report.paper_outline(result, "en")[0])
    assert "a (only a copy)" in said and "Of the 1 row below, 1 rests on copies" in said
    record["people"][0]["sources"] = ["a", "b"]
    assert "only a copy" not in words(report.paper_outline(result, "en")[0])


def test_promised_and_ordered_stand_beside_what_is_assumed(result: dict[str, Any]) -> None:
    people = result["parts"]["record"]["people"]
    later = {**people[0], "at": ["2026-04-01T00:00:00+09:00"] * 2, "kind": "promised"}
    people += [later, {**later, "kind": "ordered", "about": [], "text": "A plan for emergencies."}]
    people += [{**later, "kind": "ordered", "about": [{"noun": "defence", "id": "third-db"}], "text": "A third database."}]
    rows = tables(report.paper_outline(result, "en")[0], "Promised", "Ordered")
    assert [row[0] for row in rows] == ["second database", "third-db", "A plan for emergencies"]
    assert "engineer on call" in rows[0][1] and rows[0][2] == "–" and rows[0][4] == "assumed" and rows[2][4] == "not in the figures"
    assert "engineer on call" in rows[1][2] and rows[1][4] == "not assumed (part 7)" and rows[1][3] == "–"
    compared = result["parts"]["comparison"]
    result["parts"]["steps"] = {**compared, "variants": [compared["variants"][0], {**compared["variants"][-1], "with": ["third-db"]}]}
    costed = tables(report.paper_outline(result, "en")[0], "Promised", "Ordered")
    assert costed[1][3] != "–"  # what it would cost is said in part seven too
    public = tables(report.paper_outline(result, "en", "public")[0], "Promised", "Ordered")
    assert "third-db" not in [row[0] for row in public]  # the public is not told what is not defended


def test_what_nobody_promised_or_ordered_is_told_with_its_share_of_the_cost(result: dict[str, Any]) -> None:
    """Most of a bill for things of which nobody spoke: readers had to add it up themselves."""
    people, first = result["parts"]["record"]["people"], result["building"][0]
    result["building"].append({**first, "id": "third-db", "once": 3 * first["once"], "yearly": 3 * first["yearly"]})
    people += [{**people[0], "at": ["2026-04-01T00:00:00+09:00"] * 2, "kind": "ordered"}]
    people += [{**people[0], "at": ["2026-03-02T10:02:00+09:00"] * 2, "kind": "ordered", "about": []}]  # what to do at once: no defence
    told = report.paper_outline(result, "en")[0]
    said = paragraphs(told)["changes.commitments"].text.replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"of the 2 that are assumed to be bought: 1 ordered only: \S+ m KRW \(25 %\), 1 neither: \S+ m KRW \(75 %\)\.", said)
    assert "the record has 1 order;" in words(told)
    assert "About what to build or to spend: 1 order. About the response of the day: 1." in paragraphs(told)["changes.undertaken"].text


def test_a_begin_that_the_record_has_between_two_times_is_told_as_both(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    record["scenario"]["hit"] = ["fire"]
    row = {**record["observations"][0], "did": "began", "what": {"noun": "hazard", "id": "fire"}, "at": ["2026-03-02T09:59:00+09:00",
           record["began_at"]]}  # fmt: skip
    record["observations"].append(row)
    assert paper_story.began_moment(Teller(result, Names(result, "en"), "board")) == "2 March 2026, 09:59 to 10:00"
    row["corrected_by"] = "x"
    assert paper_story.began_moment(Teller(result, Names(result, "en"), "board")) == "2 March 2026, 10:00"


def test_tools_inside_say_what_moving_them_would_have_changed(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    assert not paper_tools.saved(["db"], teller) and "does not tell apart" in paper_tools._unknown(["db"], teller)[0]
    result["building"][0]["moves"] = ["db"]
    assert "With a defence that puts it elsewhere too (second database)" in paper_tools.saved(["db"], teller)[0]
    assert "With a defence that puts database elsewhere too" in paper_tools.saved(["db", "db-2"], teller)[0]


def test_tools_that_fell_with_what_was_struck_count_as_those_inside(result: dict[str, Any]) -> None:
    """Chat, console and names went with a backbone, and the paper counted none of them: only what was struck."""
    course = paper_course.day(Teller(result, Names(result, "en"), "board"))
    course["graph"]["components"].append({**course["graph"]["components"][0], "id": "chat", "in": []})
    course["graph"]["needs"].append(["db", "chat", "repair"])
    result["parts"]["rehearsal"]["graph"] = course["graph"]
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_tools.inside(teller) == []
    for told in (result["parts"]["rehearsal"], result["parts"]["reconstruction"]["course"]):
        told["timeline"].append({"t_h": 0.01, "what": "falls", "who": "chat", "detail": {}})
    assert paper_tools.inside(teller) == ["chat"] and paper_tools.which(["chat"], teller) == "_fell"
    assert "What recovery uses, chat, fell with what had been struck" in words(report.paper_outline(result, "en")[0])


def test_a_barrier_and_the_defence_that_is_nothing_else_are_one_stage_whatever_they_are_called(result: dict[str, Any]) -> None:
    """They were one where their labels were the same, so that the papers of two languages differed in substance."""
    event = {"t_h": 0.0, "what": "barrier", "who": "staged", "detail": {"works": False}}
    result["parts"]["rehearsal"]["timeline"].insert(0, event)
    for lang in ("en", "ko"):
        teller = Teller(result, Names(result, lang), "board")
        assert [row.state for row in paper_stages.stages(teller)] == ["failed", "missing"]
    result["not_there"] = {"staged": {"defence": "second-db", "works": 0.0}}
    assert [row.state for row in paper_stages.stages(teller)] == ["missing"]


def test_the_length_is_that_of_the_outage_by_the_reports_of_services_not_of_the_whole_incident(tmp_path: Path) -> None:
    stop = "  - {at: 2026-03-02 10:01..2026-03-02 10:04, what: shop, did: fell}\n"
    record = RECORD.replace("began: 2026-03-02 10:00", "began: 2026-03-02 09:30").replace("10:10\nhit", "12:00\nhit")
    record = record.replace("  - {at: 2026-03-02 10:10, what: shop", f"{stop}  - {{at: 2026-03-02 10:10, what: shop")
    (tmp_path / "incident.yaml").write_text(record, encoding="utf-8")
    made = attribution.attribute(load_text(MODEL), incident.read(tmp_path / "incident.yaml"), runs=20).as_dict()
    assert made["replay"]["recorded"]["hours"] == pytest.approx([6 / 60, 9 / 60], abs=1e-3)


def test_words_without_a_source_or_a_full_stop_leave_no_trace_of_that(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    record["losses"][0]["text"], record["losses"][0]["by"] = None, None
    record["people"][0] |= {"text": "it was put off", "on": "18m KRW"}
    said = words(report.paper_outline(result, "en")[0])
    assert "()" not in said and "it was put off. On these numbers: 18m KRW." in said


def test_when_a_thing_was_last_seen_down_is_told_first_even_without_words(result: dict[str, Any]) -> None:
    """The service that made the outage long had no line on the page that tells what happened."""
    row = {**result["parts"]["record"]["observations"][0], "did": None, "matter": None, "level": 1.0, "text": "Up."}
    many = [{**row, "id": f"u{k}", "at": [f"2026-03-02T10:{k:02d}:00+09:00"] * 2} for k in range(50)]
    down = {**many[0], "id": "down", "level": 0.0, "text": None, "what": {"noun": "component", "id": "drawer"}}
    kept = [one["id"] for one in paper_reports.moments([*many, down])]
    assert "down" in kept and len(kept) == paper_reports.MOST_MOMENTS


def test_a_draft_for_a_regulator_says_of_whom_no_report_says_that_they_stopped(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    assert "to be checked" not in paper_change._draft(teller)["stopped"]
    result["parts"]["rehearsal"]["services"]["post"] = result["parts"]["rehearsal"]["services"]["shop"]
    course = result["parts"]["reconstruction"]
    course["services"]["post"] = course["services"]["shop"]
    draft = {key: said.replace("\N{NO-BREAK SPACE}", " ") for key, said in paper_change._draft(teller).items()}
    assert "shop (1 more to be checked)" in draft["stopped"] and "post" not in draft["services"]
    assert "Another 1 service is to be checked." in draft["summary"]


def test_early_returns_have_half_the_width_of_an_axis() -> None:
    assert charts.knee([5, 9, 10, 14, 20, 23, 60, 130], 140.0) == 24
    assert charts.knee([5, 60, 70, 80, 90, 130], 140.0) is None and charts.knee([5.0], 140.0) is None
    at, _ = charts.time_axis(charts.whole_axis(140.0, 400.0, 60, 24), 100.0, 400.0, 50.0, Names({"labels": {}}, "en"), 60, 24)
    assert at(0) == 100 and at(12) == 200 and at(24) == 300 and at(1e9) == 500


def test_rates_on_an_axis_are_round_and_do_not_touch() -> None:
    assert paper_charts._round_rates(1 / 260, 200.0 * 260) == [0.002]
    assert paper_charts._round_rates(4.4, 110.0) == [1.0, 2.0] and paper_charts._round_rates(4.4, 1.0) == []


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_table_of_several_rows_has_a_number_but_on_the_first_page(result: dict[str, Any], lang: str) -> None:
    told, _ = report.paper_outline(result, lang)
    found = [b for s in told.sections[1:] for b in s.blocks if isinstance(b, Table) and any(b.head) and len(b.rows) > 1]
    assert [re.search(r"\d+", table.title)[0] for table in found if table.title] == [str(n + 1) for n in range(len(found))]


def test_headings_inside_a_part_of_the_appendix_stand_below_its_heading() -> None:
    from blackstart.report import typeset

    section = Section("appendix", "Appendix", ["x", Heading("E. Forms"), "y", Heading("E-1. DORA", inner=True), "z"])
    told = Outline("t", "f", [], [], [section])
    assert "\n=== #words(\"E-1. DORA\")" in typeset.source(told, "en") and "<h4>E-1. DORA</h4>" in outline.as_page(told, "en")


def test_a_return_in_part_is_not_told_as_a_return(result: dict[str, Any]) -> None:
    teller, recorded = Teller(result, Names(result, "en"), "board"), result["parts"]["reconstruction"]["services"]["shop"]["recorded"]
    recorded["whole_h"] = [1 / 6, 0.5]
    said = paper_story._first_back((1 / 6, 1 / 6), "shop", teller)
    assert "shop was back first: in part 10 min after it began, in full 30 min after it began at the latest." in " ".join(said.split())
    assert paper_story.returned("shop", (1 / 6, 1 / 6), teller).replace("\N{NO-BREAK SPACE}", " ") == \
        "03-02 10:10 (in part), all of it by 03-02 10:30"  # fmt: skip
    recorded["whole_h"] = [1 / 6, None]
    assert paper_story.returned("shop", (1 / 6, 1 / 6), teller).replace("\N{NO-BREAK SPACE}", " ") == "03-02 10:10 (in part)"


def test_replays_that_miss_the_record_of_a_service_are_named(result: dict[str, Any]) -> None:
    """The record has the shop back after 10 minutes, of the replays (10 to 90 %) none is: it stands in a table, with a caveat."""
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert said["response.services"].text.startswith("Service by service, 0 of 1 of whose return the record tells")
    assert [row[0] for row in tables(report.paper_outline(result, "en")[0], "8 of 10 replays")] == ["shop"]
    assert "the replayed return does not fit the record" in said["changes.services"].text
    row = result["parts"]["reconstruction"]["services"]["shop"]
    row["recorded"]["back_h"] = [row["played"]["back_h"]["50"]] * 2
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert said["response.services"].text.startswith("The recorded return of shop overlaps")
    assert "changes.services" not in said


def test_a_barrier_that_failed_is_told_with_its_sources_and_what_else_was_said_of_it(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    record["sources"] = {"a": {"text": "a letter", "url": None, "grade": "copy"}, "b": {"text": "a list", "url": None, "grade": "official"}}
    row = {**record["observations"][0], "what": {"noun": "barrier", "id": "gas"}, "did": "failed", "matter": "gas", "sources": ["a"]}
    beside = {**row, "id": "o9", "what": None, "did": None, "text": "The gas was released.", "sources": ["b"]}
    record["observations"] += [row, beside]
    said = paper_stages.settled({"id": "gas", "what": "barrier"}, Teller(result, Names(result, "en"), "board"))
    assert "did not stop it [a (only a copy)]" in said and "“The gas was released” [b]." in said
    told = report.paper_outline(result, "en")[0]
    quotes = "The gas was released. [b] / gas: did not work [a (only a copy)]"
    said = "By one account the gas did not stop the damage [a (only a copy)]; part 3 has others."
    assert said in paragraphs(told)["summary.broke"].text
    assert "Stages that did not stop it (1): gas [a (only a copy)]." in paragraphs(told)["overlap.stages"].text
    assert quotes not in [cell for row in tables(told, "What was said") for cell in row]  # released, and not the end of the fire: both hold
    record["observations"][-1] |= {"what": row["what"], "did": "worked"}
    told = report.paper_outline(result, "en")[0]
    assert "By one account the gas did not stop the damage [a (only a copy)]" in paragraphs(told)["summary.broke"].text
    assert tables(told, "What was said", "Likelier")[-1][1:] == [quotes, "cannot be told"]


def test_rules_are_proposals_and_a_record_without_a_warning_says_so(result: dict[str, Any]) -> None:
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert said["changes.rules"].text.startswith("These proposals are on how to decide only. They are apart from the choice of defences")
    assert "No warning is on record." in said["decisions.count"].text
    result["parts"]["record"]["people"].append({**result["parts"]["record"]["people"][0], "id": "p9", "kind": "warned"})
    assert "No warning" not in paragraphs(report.paper_outline(result, "en")[0])["decisions.count"].text


def test_a_service_of_which_the_replays_must_not_be_read_is_no_headline(result: dict[str, Any]) -> None:
    """The shop's replayed return does not fit the record: no stage is said to shorten its outage most."""
    teller = Teller(result, Names(result, "en"), "board")
    player = {"by_service": {"shop": {"hours": [5.0, 1.0]}, "post": {"hours": [4.0, 1.0]}}}
    assert paper_course.misread(teller) == {"shop"}
    assert paper_change._gain(player, teller)["name"] == "post" and "overlaps the record" in paper_change._gain(player, teller)["among"]


def test_how_it_spread_is_a_table_of_steps_with_what_the_record_has_of_each(result: dict[str, Any]) -> None:
    """A barrier asked in the minute of an effect stands before it; the services that this stops stand beside it."""
    teller = Teller(result, Names(result, "en"), "board")
    effect = paper_course.Step(1.5, "fire cuts the power", 1, None, 0.0, 1.0, "moment.effect.hold", between=(1.2, 1.7))
    barrier = paper_course.Step(1.501, "no zones", 1, (1.55, 1.55), -0.05, None, "absent")
    fall = paper_course.Step(1.502, "shop out", 0, None, 0.0, 1.0, "service_out", who="shop")
    rows = paper_course._opened(paper_course._in_order([fall, effect, barrier]))
    assert [(step.text, who) for step, who in rows] == [("no zones", ""), ("fire cuts the power", "shop")]
    assert [paper_course._beside(step, teller) for step, _ in rows] == ["+1:33", "inferred +1:12 to +1:42"]
    far = replace(barrier, off_h=-0.5)
    assert "earlier" in paper_course._beside(far, teller)


def test_what_the_course_stops_later_than_the_record_is_counted(result: dict[str, Any]) -> None:
    course = result["parts"]["reconstruction"]
    shop = course["course"]["services"]["shop"]
    course["course"]["services"]["post"] = {**shop, "out_at_h": 2.0}
    result["parts"]["rehearsal"]["services"]["post"] = shop
    course["chain"].insert(0, {**course["chain"][0], "what": "falls", "who": "all", "detail": {"everything": True}, "t_h": 0.0,
                               "recorded_h": [0.0, 0.0], "off_h": 0.0})  # fmt: skip
    teller = Teller(result, Names(result, "en"), "board")
    assert "this course stops 1 service first, at +0:00, and 1 more at +2:00" in paper_course._begun_later(teller)[0]
    course["chain"][0]["partly"] = True
    assert "begin in part at +0:00. In this course service is only worse then" in paper_course._begun_later(teller)[0]
    course["services"]["post"] = course["services"]["shop"]
    course["course"]["services"]["post"] = {**shop, "outages": []}
    assert "By the record post stopped; in this course service there is only worse" in paper_course._never_out(teller)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("did", ["fell", "came-back", "broke", "began", "ended", "worked", "failed", "arrived", "called"])
def test_whatever_happened_in_part_can_be_told(result: dict[str, Any], did: str, lang: str) -> None:
    """An outage that began in part, without words of its own: the English paper of such a record could not be written."""
    row = {**result["parts"]["record"]["observations"][0], "did": did, "partly": True, "text": None}
    assert paper_reports.seen([row], Teller(result, Names(result, lang), "board"))


def test_what_others_pay_is_told_beside_the_price(result: dict[str, Any]) -> None:
    """A defence that the landlord pays for: part six says how much of the price that is; the regulator's edition does not."""
    assert "Paid by" not in words(report.paper_outline(result, "en")[0])
    result["building"][0]["paid_by"] = {"en": "landlord", "ko": "건물주"}
    told = report.paper_outline(result, "en")[0]
    assert tables(told, "Paid by")[0][1] == "landlord"
    said = " ".join(paragraphs(told)["changes.money"].text.split())
    assert "Of that, the landlord is taken to pay 20 m KRW once, 5 m KRW a year" in said
    assert "No promise of the landlord to build these (second database) is on record." in said
    promised = {**result["parts"]["record"]["people"][0], "kind": "promised"}
    kept = {**result, "parts": {**result["parts"], "record": {**result["parts"]["record"], "people": [promised]}}}
    assert "No promise" not in paragraphs(report.paper_outline(kept, "en")[0])["changes.money"].text
    assert "건물주가 부담하는 것으로 보았습니다" in paragraphs(report.paper_outline(result, "ko")[0])["changes.money"].text
    assert "landlord" not in words(report.paper_outline(result, "en", "regulator")[0])


def test_the_first_page_tells_apart_what_the_firm_and_others_pay(result: dict[str, Any]) -> None:
    teller, row = Teller(result, Names(result, "en"), "board"), result["parts"]["comparison"]["variants"][-1]
    assert not paper_summary._payers(row, teller)
    result["building"] += [{**result["building"][0], "id": "third-db", "once": 30e6, "yearly": 0.0, "paid_by": "landlord"}]
    row["once"], row["yearly"] = row["once"] + 30e6, row["yearly"]
    ((head, said),) = paper_summary._payers(row, teller)
    assert head == "paid over 10 years (as modelled)"
    assert said.replace("\N{NO-BREAK SPACE}", " ") == "own: 70 m KRW; landlord: 30 m KRW"
    assert not paper_summary._payers(row, Teller(result, Names(result, "en"), "public"))
    result["few"] = {"with": ["third-db"], "long_per_year": {}}
    assert paper_choices._others_pay(teller) == "The cost of third-db is taken to be paid by the landlord alone (as the model states)."
    result["few"]["with"].append("second-db")
    assert not paper_choices._others_pay(teller)


def test_defences_stand_in_the_order_of_what_an_hour_less_of_the_incident_costs(result: dict[str, Any]) -> None:
    """The second costs ten times as much and saves as many hours; of the third chance hides what it saves."""
    player = next(p for p in result["parts"]["attribution"]["players"] if p["what"] == "design")
    saved, first = {"value": 0.1, "standard_error": 0.001, "band": None}, result["building"][0]
    player["saved"]["hours"] = saved
    lost = {**player["saved"], "hours": {**saved, "standard_error": 1.0}}
    result["parts"]["attribution"]["players"] += [{**player, "id": "b", "name": "b"}, {**player, "id": "c", "name": "c", "saved": lost}]
    result["building"] = [{**first, "id": "c"}, {**first, "id": "b", "once": 10 * first["once"], "yearly": 10 * first["yearly"]}, first]
    table = next(b for b in paper_change._built(Teller(result, Names(result, "en"), "board")) if isinstance(b, Table))
    assert [row[0] for row in table.rows] == ["second database", "b", "c"] and table.head[-1] == "Cost of an hour less"
    assert [row[-1].replace("\N{NO-BREAK SPACE}", " ") for row in table.rows] == ["700 m KRW", "7 bn KRW", "–"]


def test_two_stages_that_help_most_are_told_alone_and_together(result: dict[str, Any]) -> None:
    attribution = result["parts"]["attribution"]
    attribution["whole"]["hours"]["value"], attribution["none"]["hours"]["value"] = 50.0, 0.0
    player, far = next(p for p in attribution["players"] if p["what"] == "design"), {"standard_error": 0.1, "band": None}
    best = [{**player, "id": i, "name": i, "without": {"hours": {"value": 50.0 - t, **far}}, "saved": {"hours": {"value": t, **far}}}
            for i, t in (("a", 30.0), ("b", 20.0))]  # fmt: skip
    attribution["pairs"] = [{"ids": ["b", "a"], "together": {"hours": {"value": 40.0, **far}}, "apart": {}}]
    teller = Teller(result, Names(result, "en"), "board")
    said = " ".join(paper_change.both(best, teller)).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "One stage alone would have shortened the whole outage from 50 h: a about 20 h and b about 30 h. With both: about 10 h."
    assert not paper_change.both(best[:1], teller)


def test_of_many_defences_the_two_that_shorten_it_most_stand_on_the_first_page(result: dict[str, Any]) -> None:
    assert result["few"] is None  # of one defence that is bought there are no few
    variants, long = result["parts"]["comparison"]["variants"], {"value": 0.01, "standard_error": 0.001, "band": None}
    for part in ("before", "after"):
        result["parts"][part]["services"]["shop"]["outages_per_year_longer_than"]["24h"] = long
    variants.insert(1, {**variants[-1], "with": ["a", "b"], "once": 1e6, "yearly": 0.0})
    result["few"] = {"with": ["a", "b"], "long_per_year": {"shop": {**long, "value": 0.001, "standard_error": 0.0001}}}
    variants[1]["avoided_per_year"] = {"value": 2e6, "standard_error": 1e5, "band": None}
    teller = Teller(result, Names(result, "en"), "board")
    (table,) = paper_choices.choices(teller)
    _, few, all_, *_ = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows]
    assert table.head[-1] == "Out for over a day: shop" and few[0] == "The two that shorten it most"
    assert few[1].startswith("1 m KRW") and few[2].startswith("20.0") and few[-1] == "once in 1,000 ± 100 years" != all_[-1]
    assert not paper_choices.as_often(teller)
    result["parts"]["after"]["services"]["shop"] |= {"outages_per_year_longer_than": {"24h": {**long, "value": 0.0011}}}
    assert "differs by no more than the error between the two and all of them" in paper_choices.as_often(teller)


def test_the_few_are_those_whose_effect_is_clear_and_not_all() -> None:
    model, est = load_text(MODEL.replace("second-db:", "one: {change: {}}\n  two: {change: {}}\n  second-db:")), {"standard_error": 1.0}
    players = [{"what": "design", "name": name, "saved": {"hours": {"value": value, **est}}}
               for name, value in (("one", 5.0), ("two", 9.0), ("second-db", 1.0))]  # fmt: skip
    assert _few(model, ("one", "two", "second-db"), {"players": players}) == ("two", "one")
    assert _few(model, ("one", "second-db"), {"players": players}) == () == _few(model, ("one", "two"), {"players": players})


def test_accounts_of_one_time_by_one_side_stand_together(result: dict[str, Any]) -> None:
    row = {**result["parts"]["record"]["observations"][0], "by": "oncall", "sources": [], "lasted_h": None}
    rows = [{**row, "id": str(k), "at": [f"2026-03-02T10:0{k}:00+09:00"] * 2} for k in (1, 3)]
    said = paper_story._claims([*rows, {**rows[0], "id": "c", "by": None}], Teller(result, Names(result, "en"), "board"))
    assert [words.replace("\N{NO-BREAK SPACE}", " ") for words in said] == ["03-02 10:01, 03-02 10:03 (engineer on call)", "03-02 10:01"]


def test_the_worst_before_and_after_are_not_compared_where_they_are_of_other_misfortunes(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    result["parts"]["worst_after"] = deepcopy(result["parts"]["worst"])
    assert not paper_plan._not_same(teller)
    result["parts"]["worst_after"]["worst"][0]["misfortunes"] = [{"id": "another"}]
    assert "not to be compared" in paper_plan._not_same(teller)


def test_a_begin_between_two_times_says_from_which_the_clock_counts(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    assert "Times since it began" not in words(report.paper_outline(result, "en")[0])
    record["scenario"]["hit"] = ["fire"]
    record["observations"].append({**record["observations"][0], "did": "began", "what": {"noun": "hazard", "id": "fire"},
                                   "at": ["2026-03-02T09:59:00+09:00", record["began_at"]]})  # fmt: skip
    assert "Times since it began count from 10:00 in this paper." in words(report.paper_outline(result, "en")[0])


def test_what_would_have_to_be_otherwise_for_the_costs_to_pay_is_told(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    row = {"once": 100e6, "yearly": 0.0, "avoided_per_year": {"value": 1e6, "standard_error": 1e5, "band": [0.0, 2e6]}}
    assert paper_plan.turned(row, teller) == [
        "To pay, incidents would have to come, or to cost, 10 times what the model has (still 5 times with the inputs at the far end "
        "of 9 in 10 worlds)."
    ]
    assert not paper_plan.turned({**row, "once": 15e6}, teller)
    assert not paper_plan.turned({**row, "avoided_per_year": {"value": 1e6, "standard_error": 1e6, "band": None}}, teller)


def test_how_often_what_struck_strikes_is_told_with_what_is_believed_of_it(result: dict[str, Any]) -> None:
    result["parts"]["record"]["scenario"]["hit"] = ["fire"]
    result["parts"]["before"]["grounds"] = {"inputs": [{"path": "hazards.fire.rate", "value": 0.001, "percentiles": [2e-4, 8e-4, 4e-3]}]}
    said = paper_plan.struck_often(Teller(result, Names(result, "en"), "board"))
    assert said == "once in 1,000 years (9 in 10: once in 250 to 5,000 years)"
    result["parts"]["record"]["scenario"]["hit"] = ["fire", "flood"]
    assert not paper_plan.struck_often(Teller(result, Names(result, "en"), "board"))


def test_what_most_of_the_remaining_outage_begins_with_is_told_and_whether_anything_changes_it(result: dict[str, Any]) -> None:
    cause = {**result["parts"]["before"]["causes"][0], "per_year": 0.2, "downtime_share": 0.9}
    result["parts"]["before"]["causes"], result["parts"]["after"]["causes"] = [cause], [{**cause, "per_year": 0.199}]
    said = " ".join(paper_left._mostly(Teller(result, Names(result, "en"), "board")))
    assert "90\u00a0% begins with" in said and said.endswith("hardly changes how often that is.")
    result["parts"]["after"]["causes"] = [{**cause, "per_year": 0.1}]
    assert "hardly" not in " ".join(paper_left._mostly(Teller(result, Names(result, "en"), "board")))


def test_a_misfortune_that_costs_most_in_all_is_named_beside_the_order_by_the_hour(result: dict[str, Any]) -> None:
    """10 % of 12 m a year, once in 100 years: 120 m each time; the other 90 % come twelve times a year."""
    before = result["parts"]["before"]
    before["total"]["loss"]["aal"]["value"] = 12e6  # the worst by the hour, a minute or so of the shop, is played at about one million
    first = before["causes"][0]
    dear = {**first, "id": "dear", "per_year": 0.01, "loss_share": 0.1}
    before["causes"] = [{**first, "id": "often", "per_year": 12.0, "loss_share": 0.9}, dear]
    cause, cost = paper_plan._dearest(before) or ({}, 0.0)
    assert cause["id"] == "dear" and cost == pytest.approx(120e6)
    said = " ".join(paragraphs(report.paper_outline(result, "en")[0])["changes.worst"].text.split())
    assert "By what one strike costs in all, failure of the dear is the worst as things stand (about 100 m KRW each time)." in said


def test_the_service_told_of_is_one_that_stopped_and_another_is_named_beyond_it(result: dict[str, Any]) -> None:
    services = result["parts"]["after"]["services"]
    long = {"value": 0.01, "standard_error": 0.001, "band": None}
    rarer = {**long, "value": 0.001, "standard_error": 1e-4}
    shop = services["shop"] = {**services["shop"], "outages_per_year_longer_than": {"24h": rarer}}
    for part in ("before", "after"):
        result["parts"][part]["services"]["bank"] = {**shop, "outages_per_year_longer_than": {"24h": long}}
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert "shop is still out for more than a day about once in 1,000 years" in said["summary.remain"].text
    assert "bank" not in said["summary.remain"].text and "bank is out for more than a day most often" in said["left.what"].text


def test_a_step_that_reaches_what_was_off_already_or_another_part_says_so() -> None:
    def hold(target: str, share: float, what: str = "effect") -> dict[str, Any]:
        return {"what": what, "detail": {"op": "hold", "targets": [target], "share": share}}

    graph = {"components": [{"id": "racks", "in": ["power"]}], "domains": [{"id": "power", "in": []}]}
    steps = [hold("racks", 0.05), hold("power", 1.0), hold("racks", 0.05), hold("power", 1.0, "effect-ends"), hold("racks", 1.0)]
    assert [row["apart"] for row in paper_course._set_apart(steps, graph)] == ["", "", "already_another", "", ""]


def test_the_public_is_told_neither_who_called_whom_nor_what_is_ordered_and_not_bought(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    first = record["observations"][0]
    crew, third = {"noun": "team", "id": "crew"}, {"noun": "defence", "id": "third-db"}
    record["observations"] += [{**first, "id": "o8", "did": "called", "what": crew, "text": "The landlord called."}]
    person = record["people"][0]
    record["people"] += [{**person, "id": "p8", "kind": "told", "to": "oncall", "text": "The landlord told them."},
                         {**person, "id": "p9", "kind": "ordered", "about": [third], "text": "A third one."}]
    board, public = (words(report.paper_outline(result, "en", level)[0]) for level in ("board", "public"))
    for said in ("The landlord called.", "The landlord told them.", "A third one."):
        assert said in board and said not in public, said


def test_a_gain_that_whole_hours_would_hide_or_double_is_told_by_itself(result: dict[str, Any]) -> None:
    """50.6 h that become 50.3 h are not told as 50 h instead of 51 h."""
    teller = Teller(result, Names(result, "en"), "board")
    attribution = result["parts"]["attribution"]
    attribution["whole"]["hours"]["value"], attribution["none"]["hours"]["value"] = 50.6, 0.0
    player = next(p for p in attribution["players"] if p["what"] == "design")
    player["without"]["hours"] = {"value": 50.3, "standard_error": 1.0, "band": None}
    player["saved"]["hours"] = {"value": 0.3, "standard_error": 0.01, "band": None}
    assert "would have been shorter by about 18 min" in " ".join(paper_change.had_been(player, teller).split())


def test_a_service_that_no_report_says_stopped_is_counted_by_those_of_the_whole_outage(result: dict[str, Any]) -> None:
    observations = result["parts"]["record"]["observations"]
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_story.stop_reported("shop", teller)  # it is reported to be back
    up = {**next(row for row in observations if row["did"] == "came-back"), "did": None, "level": 1.0}
    result["parts"]["record"]["observations"] = [up]
    assert not paper_story.stop_reported("shop", teller)  # that it was seen up does not say that it was ever down


def test_the_length_of_the_incident_carries_its_source_where_that_is_on_record(result: dict[str, Any]) -> None:
    record = result["parts"]["record"]
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_story.length_cited(teller) == ""
    record["sources"] = {"a": {"text": "a letter", "url": None, "grade": "copy"}}
    whole = {"noun": "all", "id": "all"}
    said = {**record["observations"][0], "id": "o9", "what": whole, "did": None, "lasted_h": [1 / 6, 1 / 6], "sources": ["a"]}
    record["observations"].append(said)
    assert paper_story.length_cited(teller) == "[a (only a copy)]"


def _report(id_: str, **said: Any) -> dict[str, Any]:
    blank = {"at": None, "t_h": None, "what": None, "did": None, "level": None, "partly": False, "corrected_by": None, "lasted_h": None,
             "matter": None, "text": "", "by": None, "sources": []}  # fmt: skip
    return {**blank, "id": id_, **said}


def _at(day: int) -> list[str]:
    return [f"2026-03-{day:02}T10:00:00+09:00"] * 2


def test_what_is_reported_up_in_part_is_neither_stopped_nor_whole(result: dict[str, Any]) -> None:
    shop, whole = {"noun": "service", "id": "shop"}, {"noun": "all", "id": "all"}
    reports = [_report("o1", at=_at(2), what=whole, did="fell"), _report("o2", at=_at(3), what=shop, level=1.0, sources=["k1"]),
               _report("o3", at=_at(4), what=shop, level=1.0, partly=True, sources=["k2"])]  # fmt: skip
    result["parts"]["record"]["observations"], result["parts"]["record"]["sources"] = reports, {}
    teller = Teller(result, Names(result, "en"), "board")
    assert paper_story.partly_up(teller) == ["shop"]
    (said,) = paper_story._less_later(teller)
    told = said.replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("shop is reported up: 03-03 10:00 [k1]; and after that up in part only: 2026-03-04 10:00 [k2].")
    reports[2]["at"] = _at(2)  # up in part first and whole afterwards is no contradiction
    assert not paper_story._less_later(teller)
    reports[2]["partly"] = False
    assert not paper_story.partly_up(teller)


def test_what_stopped_from_some_time_on_is_told_with_what_broke_first(result: dict[str, Any]) -> None:
    cut = _report("x1", at=[_at(2)[0], None], t_h=[1.5, None], what={"noun": "component", "id": "db"}, did="fell",
                  text={"en": "All of it was cut."})  # fmt: skip
    result["parts"]["record"]["observations"] = [cut]
    teller = Teller(result, Names(result, "en"), "board")
    (said,) = paper_story._cut(teller)
    assert said.replace("\N{NO-BREAK SPACE}", " ") == "From 1 h 30 min after it began: “All of it was cut”."
    cut["t_h"] = [1.5, 1.5]  # a time of its own: the sentence of the first fall has it
    assert not paper_story._cut(teller)


def test_a_step_says_of_what_its_report_is(result: dict[str, Any]) -> None:
    teller = Teller(result, Names(result, "en"), "board")
    row = {"what": "effect-ends", "who": "fire", "detail": {}, "recorded_h": [8.0, 8.0]}
    assert paper_course._as_reported(row, "People may enter again.", teller) == "People may enter again (on record: the end of the fire)"
    assert paper_course._as_reported({**row, "recorded_h": None}, "People may enter again.", teller) == "People may enter again."
    whole = {**row, "what": "runs", "detail": {"share": 1.0}}
    assert paper_course._as_reported(whole, "db runs", teller) == "db runs (all of it)"


def test_a_part_that_is_back_early_is_told_apart_from_the_whole(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_course, "bound", lambda teller: True)
    runs = {"what": "runs", "who": "db", "detail": {"share": 1.0}, "t_h": 85.45, "recorded_h": [85.7, 85.7]}
    result["parts"]["reconstruction"]["chain"] = [runs]
    teller, way = Teller(result, Names(result, "en"), "board"), [{"what": "start", "component": "db", "to_h": 12.1}]
    (said,) = paper_course.rest_later(way, teller)
    assert said.endswith("all of it was back at +85:27 (recorded +85:42).")
    assert not paper_course.rest_later([{**way[0], "to_h": 85.45}], teller)


def test_the_best_defence_off_the_list_stands_beside_what_is_assumed_to_be_bought(result: dict[str, Any]) -> None:
    """That nobody lists it as missing is no reason to leave it out of the choices; what an edition hides takes it out."""
    avoided = {"value": 1e7, "standard_error": 1e5, "band": None}
    step = {"add": ["third-db"], "drop": [], "cost": 7e7, "avoided": avoided, "ratio": 7.0}
    result["parts"]["plan"]["reading"]["pays"] = [step]
    assert _beside(result["parts"]["plan"], ["second-db"]) == ("third-db",)
    assert _beside(result["parts"]["plan"], ["third-db"]) == () == _beside({"reading": {"pays": [{**step, "drop": ["a"]}]}}, [])
    long = {"value": 0.01, "standard_error": 0.001, "band": None}
    for part in ("before", "after"):
        result["parts"][part]["services"]["shop"]["outages_per_year_longer_than"]["24h"] = long
    result["beside"] = {"with": ["third-db"], "long_per_year": {"shop": {**long, "value": 0.001, "standard_error": 0.0001}}}
    variants = result["parts"]["comparison"]["variants"]
    variants.insert(1, {**variants[-1], "with": ["third-db"], "once": 7e7, "yearly": 0.0, "avoided_per_year": {**avoided, "value": 1e6}})
    board, public = (Teller(result, Names(result, "en"), level) for level in ("board", "public"))
    (table,) = paper_choices.choices(board)
    assert table.rows[-1][0] == "Off the list: only third-db" and table.rows[-1][3] == "7" and "1,000" in table.rows[-1][4]
    assert "These three choices are set side by side" in " ".join(paper_choices.asked([table], board))
    assert not paper_choices.alone("beside", public)
    result["chosen"] = "stated"
    assert not paper_choices.alone("beside", board) and not any("The board" in said for said in paper_choices.asked([table], board))


def test_a_share_of_losses_names_the_services_without_one(result: dict[str, Any]) -> None:
    rows, services = result["parts"]["worst"]["worst"], result["parts"]["before"]["services"]
    result["parts"]["worst_after"]["worst"] = rows
    services["another"] = {**services["shop"], "loss": None}
    teller = Teller(result, Names(result, "en"), "board")
    said = " ".join(" ".join(paper_plan.remaining_worst(teller)).split())
    assert rows[0]["share"] == 1.0 and "by loss per hour, without another of which none is stated)" in said
    services["another"]["loss"] = services["shop"]["loss"]
    assert "without" not in " ".join(paper_plan.remaining_worst(teller))


def test_that_a_service_was_seen_down_is_no_time_at_which_it_stopped(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_story, "affected", lambda teller: ["shop", "post"])
    monkeypatch.setattr(paper_story, "recorded", lambda teller: {"shop": ((None, 0.1), (0.2, 0.2)), "post": (None, (0.2, 0.2))})
    _, said, *rest = paper_change._each_service(Teller(result, Names(result, "en"), "board"))
    assert "does not say when any single service stopped. “At the latest” is when it was first reported down." in said.text
    assert "at the latest" in str(rest)


# --------------------------------------------------------------------------- the paper contradicts itself nowhere


def test_no_edition_recommends_a_defence_or_has_the_board_choose_of_the_table_alone(result: dict[str, Any]) -> None:
    """What it proposes is on how to decide; a drill is followed where one is decided on, and other choices can be made (part 7)."""
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert "recommends none" in said["changes.rules"].text and "is part of the choice of defences" in said["changes.rule-drill"].text
    drills = [one.text for one in said.values() if "drill" in one.text and "Proposed" in one.text]
    assert drills and all("where a drill is decided on" in text for text in drills)
    assert all("choose one of" not in one.text for one in said.values())


def test_the_header_names_the_page_of_each_list(result: dict[str, Any]) -> None:
    """Marks and keys of sources are two lists: each is referred to by the heading under which it stands."""
    result["parts"]["record"]["sources"] = {"k1": {"text": "a letter", "url": None, "grade": "copy"}}
    told = typeset.source(report.paper_outline(result, "ko")[0], "ko")
    assert told.count("<cited>\n") == 1 and told.index("<sources>, ", told.index("#part(")) < told.index("<cited>\n")
    assert told.index(say("paper.sources.record", "ko"), told.index("#part(")) < told.index("<cited>\n")


def test_counts_of_reports_and_sources_are_those_shown(result: dict[str, Any]) -> None:
    """The sources that part one counts are all that stand beside its reports and amounts, in the part and in the appendix."""
    record = result["parts"]["record"]
    record["sources"] = {key: {"text": key, "url": None, "grade": None} for key in ("a", "b", "c")}
    record["observations"][0]["sources"], record["losses"][0]["sources"] = ["a"], ["b", "c"]
    teller = Teller(result, Names(result, "en"), "board")
    n, m = len(record["observations"]), len(record["losses"])
    assert paper_story._rests_on(teller) == f"This part: {n} reports and {m} amounts of damage from 3 sources."
    public = Teller(result, Names(result, "en"), "public")
    assert paper_story._rests_on(public) == f"This part: {n} reports from 1 source."


def test_services_of_which_only_an_end_is_known_are_counted_as_that(result: dict[str, Any]) -> None:
    row = result["parts"]["reconstruction"]["services"]["shop"]
    row["recorded"]["back_h"] = [None, 0.001]
    said = paragraphs(report.paper_outline(result, "en")[0])["response.services"].text
    assert "0 of 1 of whose return the record tells something (of 1 no more than that it was up by some time)" in said


def test_a_firm_that_learned_before_the_outage_did_not_learn_of_the_outage(result: dict[str, Any]) -> None:
    """A clock that runs from learning of an outage cannot start before it: said where the first report is earlier, and only there."""
    teller, people = Teller(result, Names(result, "en"), "board"), result["parts"]["record"]["people"]
    told = {**people[0], "kind": "told", "to": "oncall", "at": ["2026-03-02T10:00:00+09:00"] * 2, "t_h": [0.0, 0.0]}
    people.append(told)
    assert not paper_change._before_outage(teller)
    began = {**result["parts"]["record"]["observations"][0], "did": "fell", "what": {"noun": "all", "id": ""}, "t_h": [0.05, 0.1]}
    result["parts"]["record"]["observations"].append(began)
    assert "not an outage" in paper_change._before_outage(teller) and "10:03" in paper_change._before_outage(teller)
    told["t_h"] = [0.2, 0.2]
    assert not paper_change._before_outage(teller)


def test_what_the_record_does_not_answer_is_asked_of_somebody(result: dict[str, Any]) -> None:
    """Promises are asked of who made them, orders of who gave them, what another pays of that one; only the board is to ask."""
    record = result["parts"]["record"]
    people = record["people"]
    people.append({**people[0], "kind": "ordered", "by": "oncall", "to": None, "at": ["2026-04-01T00:00:00+09:00"] * 2})
    people.append({**people[0], "kind": "promised", "by": "oncall", "at": ["2026-04-01T00:00:00+09:00"] * 2})
    result["building"][0]["paid_by"] = {"en": "landlord", "ko": "건물주"}
    said = paragraphs(report.paper_outline(result, "en")[0])
    assert "Whether orders bind" in said["unanswered.kept"].text and "engineer on call" in said["unanswered.kept"].text
    assert "Will the landlord build second database" in said["unanswered.payers"].text
    assert not any(id_.startswith("unanswered") for id_ in paragraphs(report.paper_outline(result, "en", "public")[0]))


def test_two_choices_and_what_is_beside_them_are_chosen_together_unless_one_shuts_out_the_other() -> None:
    model = load_text(MODEL + """
  one: {costs: {once: 1m KRW}, change: {components: {a: {}}}}
  two: {costs: {once: 1m KRW}, change: {components: {b: {}}}, excludes: [one]}
""")  # fmt: skip
    assert _both(model, ("second-db",), ("one",)) == ("second-db", "one")
    assert _both(model, ("one",), ("two",)) == () == _both(model, (), ("one",)) == _both(model, ("one",), ())


def test_a_rate_is_told_with_its_place_and_what_it_rests_on(result: dict[str, Any]) -> None:
    """Where nothing is cited it is said to be an assumption."""
    result["parts"]["record"]["scenario"]["hit"] = ["fire"]
    rate = {"path": "hazards.fire.rate", "value": 0.01, "percentiles": [0.001, 0.01, 0.1], "file": "shop.yaml", "line": 7, "sources": []}
    result["parts"]["before"]["grounds"]["inputs"].append(rate)
    teller = Teller(result, Names(result, "en"), "board")
    assert "an input of the model (shop.yaml, line 7), an assumption without a source" in paper_plan._struck(teller)
    rate["sources"] = [{"id": "HZ-FIRE-SITE", "under": ""}, {"id": "HZ-FIRE-DCD", "under": "HZ-FIRE-SITE"}]
    assert "which rests on HZ-FIRE-SITE of the evidence library" in paper_plan._struck(teller)


def test_what_is_written_alike_is_drawn_alike(result: dict[str, Any]) -> None:
    ests = [{"value": 0.00434, "standard_error": 0.0004, "band": None}, {"value": 0.00436, "standard_error": 0.0004, "band": None}]
    pair = paper_change._pair_of("shop", ests, Teller(result, Names(result, "en"), "board"))
    assert pair.said[0] == pair.said[1] and pair.before == pair.after


@pytest.mark.parametrize("level", ["board", "regulator", "public"])
def test_only_an_edition_that_says_whom_to_ask_refers_to_it(shipped: dict[str, Any], level: str) -> None:
    told = paragraphs(report.paper_outline(shipped, "en", level)[0])
    refers = any("whom to ask" in one.text for id_, one in told.items() if not id_.startswith("unanswered"))
    assert not refers or "unanswered.lead" in told
