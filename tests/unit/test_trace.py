"""Any number of a saved result is followed to its inputs, without the model and with nothing computed."""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner

from blackstart import examples, report
from blackstart.api import noted
from blackstart.cli import main
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.errors import ModelError
from blackstart.language import scenario
from blackstart.language.load import load
from blackstart.planning import plan
from blackstart.report.trace import trace
from blackstart.studies import overlaps, rehearsal, results


@pytest.fixture(scope="module")
def saved() -> dict[str, dict]:
    model = load(examples.path("ten-minutes"))
    system, texts, study = compile_model(model), noted(model), Study(worlds=3, samples=20)
    asked = scenario.read(model, [next(iter(model.hazards))])
    struck = compile_model(asked.model)
    found = {
        "assessment": results.assessment(model, system, simulate.assess(system, study), study, texts=texts),
        "rehearsal": rehearsal.rehearsal(asked, struck, rehearsal.play(asked, struck, runs=5, seed=1), texts=texts),
        "overlaps": overlaps.overlaps(model, system, overlaps.Asked(most=3), texts=texts),
        "plan": plan.plan(model, plan.Asked(most=20, fresh=(4, 4)), Study(worlds=4, samples=4, depth=1), texts=texts),
    }
    return {kind: json.loads(json.dumps(result.as_dict())) for kind, result in found.items()}


def _paths(kind: str, result: dict) -> list[str]:
    service = next(iter(result["services"])) if kind in ("assessment", "rehearsal") else ""
    return {
        "assessment": [f"services.{service}.downtime_h_per_year", "causes.0.per_year"], "rehearsal": [f"services.{service}.loss"],
        "overlaps": ["overlaps.0.per_year", "overlaps.0.cost", "importance.0.raw", "services.0.share_of_time"],
        "plan": ["options.0.once", "frontier.points.1.cost"],
    }[kind]  # fmt: skip


@pytest.mark.parametrize("kind", ["assessment", "rehearsal", "overlaps", "plan"])
def test_a_number_of_every_kind_leads_to_inputs_with_origins(saved: dict, kind: str) -> None:
    for path in _paths(kind, saved[kind]):
        told = trace(saved[kind], path)
        jsonschema.Draft202012Validator(report.schema()).validate(told)
        assert told["inputs"] and all(row["file"] or row["sources"] for row in told["inputs"])
        for lang in ("en", "ko"):
            text = report.text(told, lang)
            assert path in text and told["inputs"][0]["file"] in text


def test_the_inputs_of_an_overlap_are_those_of_its_misfortunes(saved: dict) -> None:
    row = saved["overlaps"]["overlaps"][0]
    told = trace(saved["overlaps"], "overlaps.0.per_year")
    assert told["inputs"]
    assert {at["thing"][1] for at in told["inputs"]} <= {m["id"] for m in row["misfortunes"]} | {m["of"] for m in row["misfortunes"]}


def test_a_cause_leads_to_its_own_rate(saved: dict) -> None:
    cause = saved["assessment"]["causes"][0]
    first, *course = trace(saved["assessment"], "causes.0.downtime_share")["inputs"]
    assert first["path"].endswith((".rate", ".fails"))
    assert {row["thing"][1] for row in (first, *course)} == {cause["id"]}


def test_what_cannot_be_asked_is_refused_with_what_can(saved: dict) -> None:
    with pytest.raises(ModelError) as wrong:
        trace(saved["overlaps"], "overlaps.0.per_yea")
    assert wrong.value.problems[0].code == "no-such-number" and wrong.value.problems[0].nearest == "overlaps.0.per_year"
    for nothing in (None, [], {"kind": "worst"}):
        with pytest.raises(ModelError) as wrong:
            trace(nothing, "a")
        assert wrong.value.problems[0].code == "not-a-result"


def test_on_the_command_line(saved: dict, tmp_path) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(saved["overlaps"]), encoding="utf-8")
    done = CliRunner().invoke(main, ["why", str(file), "overlaps.0.per_year", "--lang", "ko"])
    assert done.exit_code == 0 and "이 숫자의 입력" in done.output
    assert CliRunner().invoke(main, ["why", str(tmp_path / "none.json"), "x"]).exit_code == 2
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert CliRunner().invoke(main, ["why", str(tmp_path / "broken.json"), "x"]).exit_code == 2
