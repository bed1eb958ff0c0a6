"""Why and unknowns: inputs found with their places, numbers moved as they should be, answers that narrow as foretold."""

from __future__ import annotations

import math

import jsonschema
import pytest

from blackstart import examples, report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.errors import ModelError
from blackstart.language.inputs import changed, cited, inputs, known, note, scaled
from blackstart.language.load import load, load_text
from blackstart.studies.explain import answered, number_at, numbers_of, unknowns, why
from blackstart.studies.results import assessment, causes_of, part_of_assessment

MODEL = """
blackstart: 1
components:
  a: {fails: 1/yr..4/yr, repair: {takes: 10 h}}
  b: {fails: 1/yr, repair: {takes: 5 h}}
services:
  s: {needs: [a, b], loss: 1,000 KRW/h}
  t: {needs: [b]}
"""
STUDY = simulate.Study(worlds=60, samples=60, threads=1)


def _asked(text: str, ask: object, path: str) -> dict:
    model = load_text(text)
    system = compile_model(model)
    return ask(model, system, path, STUDY, simulate.assess(system, STUDY)).as_dict()  # type: ignore[operator]


def test_inputs_have_their_lines_and_can_be_given_other_values() -> None:
    model = load_text(MODEL)
    found = {i.path: i for i in inputs(model)}
    assert set(found) == {"components.a.fails", "components.a.repair.takes", "components.b.fails", "components.b.repair.takes",
                          "components.s.loss.rate"}  # fmt: skip
    at = found["components.a.fails"]
    assert (at.kind, at.source, at.where.line) == ("rate", "", 4)
    other = changed(model, at, known(at.value, 3.0))
    assert other.components["a"].fails.dist.mean() == 3.0
    assert model.components["a"].fails.dist.kind == "lognormal"
    longer = changed(model, found["components.b.repair.takes"], scaled(found["components.b.repair.takes"].value, 2.0))
    assert longer.components["b"].repair.takes.mean() == 10.0


def test_a_number_is_moved_by_what_stands_behind_it_and_by_nothing_else() -> None:
    found = _asked(MODEL, why, "services.t.downtime_h_per_year")
    assert {row["path"] for row in found["inputs"] if abs(row["change"]) > 0.01} == {"components.b.fails", "components.b.repair.takes"}
    moved = {row["path"]: row["change"] for row in found["inputs"]}
    assert moved["components.b.fails"] == pytest.approx(0.25, abs=0.01)
    assert moved["components.b.repair.takes"] == pytest.approx(0.25, abs=0.01)


def test_loss_moves_with_its_rate_and_each_part_by_its_share() -> None:
    found = _asked(MODEL, why, "total.loss.aal")
    moved = {row["path"]: row for row in found["inputs"]}
    assert moved["components.s.loss.rate"]["change"] == pytest.approx(0.25, abs=1e-6)
    mean = load_text(MODEL).components["a"].fails.dist.mean()
    share = mean * 10 / (mean * 10 + 5)
    assert moved["components.a.fails"]["change"] == pytest.approx(0.25 * share, abs=0.02)
    assert moved["components.a.fails"]["share_of_band"] == 1.0
    low, high = moved["components.a.fails"]["low"], moved["components.a.fails"]["high"]
    assert high / low == pytest.approx((4 * 10 + 5) / (1 * 10 + 5), rel=0.03)


def test_a_part_of_an_assessment_is_that_of_the_whole() -> None:
    model = load(examples.path("corner-shop"))
    system = compile_model(model)
    sample = simulate.assess(system, STUDY)
    whole = assessment(model, system, sample, STUDY).as_dict()
    parts = {top: part_of_assessment(model, system, sample, STUDY, (top, "shop")) for top in ("services", "total")}
    for path in numbers_of(whole):
        assert number_at(parts[path.partition(".")[0]], path) == number_at(whole, path)


def test_a_wrong_number_is_answered_with_the_nearest() -> None:
    with pytest.raises(ModelError) as wrong:
        _asked(MODEL, why, "services.s.downtime")
    (problem,) = wrong.value.problems
    assert problem.code == "no-such-number"
    assert problem.nearest == "services.s.downtime_h_per_year"


def test_answers_narrow_the_band_as_foretold() -> None:
    """`corner-shop` states no rate; the first answer, then the first three, narrow the band within 20 % of what is foretold."""
    model = load(examples.path("corner-shop"))
    path, study = "services.shop.downtime_h_per_year", simulate.Study(worlds=300, samples=100, threads=1)
    system = compile_model(model)
    sample = simulate.assess(system, study)
    questions = unknowns(model, system, path, study, sample).as_dict()["questions"]

    def width(of: object) -> float:  # the ends of a band are quantiles of the worlds: with 150 of them the width is off by 5 %
        its, careful = compile_model(of), simulate.Study(worlds=400, samples=400, threads=1)
        low, high = number_at(assessment(of, its, simulate.assess(its, careful), careful).as_dict(), path).band
        return math.log(high / low)

    before = width(model)
    for n in (1, 3):
        after = width(answered(model, [q["path"] for q in questions[:n]]))
        assert 1.0 - after / before == pytest.approx(1.0 - questions[n - 1]["left"], rel=0.2)


@pytest.mark.parametrize("ask", [why, unknowns])
def test_told_in_both_languages_by_the_contract(ask: object) -> None:
    result = _asked(MODEL, ask, "total.loss.aal")
    jsonschema.validate(result, report.schema())
    for lang in ("en", "ko"):
        assert max(map(len, report.text(result, lang).splitlines())) <= 100
        assert report.page(result, lang).startswith("<!DOCTYPE html>")


NOTED = """
blackstart: 1
teams:
  ops:
    people: 3
    arrives: 1h..2h   # the rota; "as written"
components:
  a: {in: here-1, fails: 1/yr, repair: {takes: 10 h, people: 1 ops}}    # measured in 2023
domains: {here-1: {}}
hazards:
  fire:
    strikes: here-1
    # one in a thousand sites
    rate: 0.0005/yr..0.002/yr
    lasts: {out: 3h..6h}
    effects:
      - hold: here-1
        after: 5min..1h     # guess
        until: out
services:
  s: {needs: [a], loss: "1,000 KRW/h"}
"""


def test_an_input_knows_its_own_line_and_what_is_noted_there() -> None:
    at = {i.path: i.where.line for i in inputs(load_text(NOTED)) if i.where}
    lines = NOTED.split("\n")
    assert "arrives" in lines[at["teams.ops.arrives"] - 1] and "rate:" in lines[at["hazards.fire.rate"] - 1]
    assert "lasts" in lines[at["hazards.fire.lasts.out"] - 1] and "after" in lines[at["hazards.fire.effects[0].after"] - 1]
    assert note(NOTED, at["teams.ops.arrives"]) == 'the rota; "as written"'
    assert note(NOTED, at["hazards.fire.rate"]) == "one in a thousand sites"
    assert note(NOTED, at["components.a.fails"]) == "measured in 2023"
    assert note(NOTED, at["hazards.fire.lasts.out"]) == "" and note(NOTED, 999) == ""


def test_a_hash_in_quotes_begins_no_note() -> None:
    assert note('a: {label: "floor #3", fails: 1/yr}', 1) == ""
    assert note("a: {label: 'floor # 3'}   # [k3]", 1) == "[k3]"
    assert note("a: one#two", 1) == ""


def test_keys_in_notes_are_followed_to_what_they_stand_for() -> None:
    model = "#   P1   6h..22h   fire, start to out: 8.4 h [k8]\na: 1   # [P1]\n"
    sources = "| key | source |\n|---|---|\n| k8 | a newspaper, page 3 |\n"
    found = cited(["[P1]; guess [k99]"], {"model.yaml": model, "sources.md": sources})
    assert found == {"P1": "6h..22h · fire, start to out: 8.4 h [k8]", "k8": "a newspaper, page 3"}


def test_a_rule_above_is_found() -> None:
    text = "a: 1\n# ---- Loss: 7 bn a year [k5], shared\n# by size (a guess)\nb:\n  c: 2   # rule above: 3 units\n# as the\nd: 5\n"
    said = note(text, 5, "shop.yaml")
    assert said == "rule above: 3 units [shop.yaml:3]"
    assert cited([said], {"here/shop.yaml": text}) == {"shop.yaml:3": "Loss: 7 bn a year [k5], shared by size (a guess)"}
    assert note(text, 7) == "as the" and cited(["[gone.yaml:3]"], {"shop.yaml": text}) == {}


def test_rows_named_in_a_note_are_shown_with_those_they_come_from() -> None:
    line = "  a: {fails: 1/yr..4/yr, repair: {takes: 5 h}}   # RP-DEF-SW, doubled\n"
    model = load_text(f"blackstart: 1\ncomponents:\n{line}services:\n  s: {{needs: [a]}}\n")
    system = compile_model(model)
    at = inputs(model)[0]
    found = why(model, system, "services.s.downtime_h_per_year", STUDY, simulate.assess(system, STUDY),
                texts={at.where.file: f"\n\n{line}"}).as_dict()  # fmt: skip
    rows = {s["id"]: s["under"] for s in found["inputs"][0]["sources"]}
    assert rows["RP-DEF-SW"] == "" and rows["RP-PATRONI"] == "RP-DEF-SW"
    assert found["inputs"][0]["state"] == "stated"
    assert "RP-PATRONI" in report.text(found, "en")


def test_what_the_file_says_is_told_beside_the_number() -> None:
    model = load_text(NOTED)
    system = compile_model(model)
    sample = simulate.assess(system, STUDY)
    texts = {inputs(model)[0].where.file: NOTED}
    found = why(model, system, "services.s.downtime_h_per_year", STUDY, sample, texts=texts).as_dict()
    notes = {row["path"]: row["note"] for row in found["inputs"]}
    assert notes["components.a.fails"] == "measured in 2023"
    assert "measured in 2023" in report.text(found, "en") and "measured in 2023" in report.text(found, "ko")


def test_causes_are_those_of_the_service_asked_about() -> None:
    model = load_text(MODEL)
    system = compile_model(model)
    sample = simulate.assess(system, STUDY)
    mine = causes_of(model, system, sample, STUDY, "t")
    assert {c["id"]: c["loss_share"] for c in mine if c["downtime_share"] > 0.05} == {"b": None}
    found = _asked(MODEL, why, "services.t.downtime_h_per_year")
    assert found["causes"][0]["id"] == "b" and found["causes"][0]["downtime_share"] > 0.95


def test_every_number_is_named_and_told_in_words() -> None:
    """No path, key or id of a field stands where a sentence names a number or an input."""
    model = load_text(MODEL.replace("loss: 1,000 KRW/h", "loss: 1,000 KRW/h, users: 50"))
    system = compile_model(model)
    sample = simulate.assess(system, STUDY)
    whole = assessment(model, system, sample, STUDY).as_dict()
    found = why(model, system, "services.s.downtime_h_per_year", STUDY, sample).as_dict()
    for path in numbers_of(whole):
        n = number_at(whole, path)
        band = None if n.band is None else list(n.band)
        number = found["number"] | {"path": path, "value": n.value, "standard_error": n.standard_error, "band": band}
        number["service"] = n.keys[1] if n.keys[0] == "services" else None
        for lang in ("en", "ko"):
            first = report.text(found | {"number": number}, lang).split("\n")[0]
            assert path not in first and "_" not in first, first


@pytest.mark.parametrize("ask", [why, unknowns])
def test_of_parts_that_share_a_row_the_one_is_named_that_the_number_hangs_on(ask: object) -> None:
    """A part that no service needs came first in the file, and was named for all that share its row of the library."""
    parts = "  slack: {kind: third-party}\n  acquirer: {kind: third-party}\n"
    text = f"blackstart: 1\ncomponents:\n{parts}services:\n  pay: {{needs: acquirer}}\n"
    found = _asked(text, ask, "services.pay.downtime_h_per_year")
    rows = found["questions" if ask is unknowns else "inputs"]
    assert rows[0]["path"] == "components.acquirer.fails" and rows[0]["alike"] == 2
    assert not [row["path"] for row in rows if row["thing"][1] == "slack"]
    jsonschema.validate(found, report.schema())
