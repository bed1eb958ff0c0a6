"""Help that falls with what it is to help bring back: found over needs and behind walls, and nowhere else."""

from __future__ import annotations

import pytest

from blackstart import errors
from blackstart.checks import check, severity
from blackstart.language.load import load_text

MODEL = """
blackstart: 1
domains: {a: {kind: building}, b: {kind: building}}
components:
  store: {in: a, helps: {telemetry: x3}, repair: 1h, fails: 1/yr}
  other: {}
  discovery: {needs: NEEDS}
  telemetry: {in: PLACE, needs: discovery}
services:
  shop: {needs: [store, discovery], users: 10}
"""


def found(needs: str, place: str) -> list[errors.Problem]:
    return [p for p in check(load_text(MODEL.replace("NEEDS", needs).replace("PLACE", place))) if p.code.startswith("help-")]


@pytest.mark.parametrize(("lang", "says"), [("en", "speed up the work on `store` but falls with it"), ("ko", "함께 멈춥니다")])
def test_a_helper_that_stands_on_its_patient_through_others(lang: str, says: str) -> None:
    (problem,) = found("store", "b")
    assert problem.code == "help-falls-with-its-patient" and severity(problem) == "note"
    assert problem.path == "components.store.helps.telemetry" and problem.where and problem.where.line == 5
    said = errors.what(problem, lang)
    assert says in said and "`telemetry` → `discovery` → `store`" in said


@pytest.mark.parametrize(("lang", "says"), [("en", "stands in `a` together"), ("ko", "같은 `a`에 있습니다")])
def test_a_helper_behind_the_same_wall(lang: str, says: str) -> None:
    (problem,) = found("other", "a")
    assert problem.code == "help-beside-its-patient"
    assert says in errors.what(problem, lang) and "3" in errors.hint(problem, lang)


@pytest.mark.parametrize("needs", ["other", "{any: [store, other]}", "{at_least: 1, of: [store, other]}"])
def test_a_helper_that_stays_is_no_finding(needs: str) -> None:
    assert found(needs, "b") == []


def test_a_helper_is_told_once_for_all_whom_it_helps() -> None:
    racks = "".join(f"  rack{i}: {{helps: {{eye: x2}}, repair: 1h}}\n" for i in range(7))
    names = ", ".join(f"rack{i}" for i in range(7))
    text = f"blackstart: 1\ncomponents:\n{racks}  eye: {{needs: [{names}]}}\nservices: {{shop: {{needs: [{names}], users: 1}}}}\n"
    (problem,) = [p for p in check(load_text(text)) if p.code.startswith("help-")]
    assert problem.values["patients"] == "`rack0`, `rack1`, `rack2`, `rack3`, `rack4` (+2)"


STANDBY = """
blackstart: 1
components:
  pool: {count: 10, start: {work: 1h each}}
  tool: {needs: pool}
  by-hand: {standby: {for: tool}, start: 10 min}
services:
  page: {needs: {any: [tool, by-hand]}, users: 10}
"""


@pytest.mark.parametrize(("old", "new", "told"), [
    ("", "", True), ("{for: tool}", "{for: tool, below: 50%}", False), ("{for: tool}", "{for: tool, below: 0%}", False),
    ("{for: tool}", "{for: tool, failback: no}", False), ("count: 10, start: {work: 1h each}", "start: 1h", False),
])  # fmt: skip
def test_a_standby_that_goes_back_at_the_first_part(old: str, new: str, told: bool) -> None:
    found_ = [p for p in check(load_text(STANDBY.replace(old, new))) if p.code == "standby-leaves-early"]
    assert bool(found_) is told
    for p in found_:
        assert severity(p) == "note" and p.path == "components.by-hand.standby" and p.where
        assert "serves anything at all" in errors.what(p, "en") and "일부씩 돌아옵니다" in errors.what(p, "ko")
        assert "for: tool, below: 50%" in errors.hint(p, "en")
