"""What breaks and has no repair: warned of at the effect that breaks it, and told as the reason why nothing comes back."""

from __future__ import annotations

import json

import jsonschema
import pytest

from blackstart import errors, report
from blackstart.checks import check, severity
from blackstart.compilation import compile_model
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.studies import rehearsal

MODEL = """
blackstart: 1
components:
  core: {tags: [mpls], CORE}
  edge: {tags: [mpls], repair: 1h}
services:
  wireless: {needs: [core, edge], users: 10}
hazards:
  bad:
    strikes: core
    rate: 1/yr
    effects:
      - {hold: edge, until: 1h, then: [{EFFECT}]}
"""


def model(core: str = "start: 1h", effect: str = "break: core"):
    return load_text(MODEL.replace("CORE", core).replace("EFFECT", effect))


def found(core: str, effect: str) -> list[errors.Problem]:
    return [p for p in check(model(core, effect)) if p.code.endswith("-without-repair")]


@pytest.mark.parametrize(("lang", "says"), [("en", "breaks `core`, and nothing says how"), ("ko", "`core`를 고장 내는데")])
@pytest.mark.parametrize("effect", ["break: core", "break: {tag: mpls}", "break: [edge, core]"])
def test_a_hazard_that_breaks_what_nothing_repairs(lang: str, says: str, effect: str) -> None:
    (problem,) = found("start: 1h", effect)
    assert severity(problem) == "warning" and problem.where and problem.where.line == 13
    assert says in errors.what(problem, lang) and "repair: 2h" in errors.hint(problem, lang)


def test_own_failures_that_nothing_repairs() -> None:
    (problem,) = found("fails: 1/yr", "hold: core, until: 1h")
    assert problem.code == "fails-without-repair" and severity(problem) == "warning" and problem.where and problem.where.line == 4


@pytest.mark.parametrize(
    ("core", "effect"),
    [
        ("repair: 1h", "break: core"),
        ("start: 1h", "hold: core, until: 1h"),
        ("start: 1h", "destroy: core"),
        ("kind: server", "break: core"),
    ],
)
def test_what_is_repaired_switched_off_or_gone_for_good_is_no_finding(core: str, effect: str) -> None:
    assert found(core, effect) == []


@pytest.mark.parametrize(("lang", "says"), [("en", "says how this is repaired: core."), ("ko", "모델에 적혀 있지 않습니다: core")])
def test_the_head_of_a_rehearsal_says_why_nothing_comes_back(lang: str, says: str) -> None:
    asked = scenario.read(model(), ["bad"])
    system = compile_model(asked.model)
    result = rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=20, seed=1)).as_dict()
    assert says in " ".join(report.text(result, lang).split())


LASTS = """
blackstart: 1
components:
  fe: {count: 100, repair: 1h}
  whole: {needs: {capacity: {fe: 100%}, at_least: 80%}}
services:
  s: {needs: whole, users: 100}
hazards:
  h: {strikes: fe, rate: 1/yr, effects: [{break: fe}, {surge: {on: fe, by: x2}, until: whole}]}
"""


@pytest.mark.parametrize(("lang", "says"), [
    ("en", "waiting for whole, which waits for fe. Demand on fe stays up by h until whole is back"),
    ("ko", "기다리는 차례 whole → fe. h로 늘어난 fe 수요가 whole 복귀 때까지 이어지는데"),
])  # fmt: skip
def test_an_effect_that_never_ends_is_the_reason(lang, says):
    """It once said that the front waited for its engineers, who had gone home: reasons of what runs again were kept."""
    asked = scenario.read(load_text(LASTS), ["h"])
    system = compile_model(asked.model)
    result = rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=2, seed=1)).as_dict()
    jsonschema.validate(json.loads(json.dumps(result)), report.schema())
    assert result["lasting"] == [{"hazard": "h", "op": "surge", "targets": ["fe"], "until": "whole"}]
    text = " ".join(report.text(result, lang).split())
    assert text.count(says.partition(". ")[2]) == 2 and says in text


def test_what_a_fire_takes_with_its_place_is_told_where_nothing_mends_it() -> None:
    """Only a play that never ended said so."""
    text = "blackstart: 1\ndomains: {primary: {kind: site}}\ncomponents: {platform: {in: primary, start: 30 min}}\n"
    text += "services: {play: {needs: platform, users: 1000}}\n"
    (found,) = [p for p in check(load_text(text)) if p.code == "place-without-repair"]
    assert found.path == "components.platform" and severity(found) == "note"
    assert "`platform`. What stands on it then never comes back." in errors.what(found, "en")
    assert "`primary`에 있는 것을 고장 내는데" in errors.what(found, "ko")
    assert not [p for p in check(load_text(text.replace("start: 30 min", "repair: 5h"))) if p.code == "place-without-repair"]
