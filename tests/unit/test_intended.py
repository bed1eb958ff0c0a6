"""Warnings and notes that are meant to be so: listed apart with their reason, never silent, and told of when they are gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from blackstart import checks, errors
from blackstart.cli import main
from blackstart.language.load import load_text

MODEL = """
blackstart: 1
components:
  a: {fails: 1/yr}
services:
  api: {needs: a, users: 10}
intended:
  - INTENDED
"""
FITS = "{finding: fails-without-repair, at: a, because: it is thrown away, agreed: 2026-11-01}"


def apart(intended: str):
    model = load_text(MODEL.replace("INTENDED", intended))
    return checks.apart(model, checks.check(model))


@pytest.mark.parametrize("at", ["a", "components.a", "components.a.fails", "a.fails"])
def test_what_is_meant_is_set_apart_with_its_reason(at: str) -> None:
    left, meant = apart(FITS.replace("at: a,", f"at: {at},"))
    assert [(p.code, row.because) for p, row in meant] == [("fails-without-repair", "it is thrown away")]
    assert not {"fails-without-repair", "intended-gone"} & {p.code for p in left}


@pytest.mark.parametrize(
    ("intended", "code", "severity", "english", "korean"),
    [
        ("{finding: fails-without-repair, at: b, because: x}", "intended-gone", "note", "not found at `b`", "나오지 않습니다"),
        ("{finding: fails-without-repairs, at: a, because: x}", "intended-unknown", "warning", "No check has", "점검 항목은 없"),
        ("{finding: no-services, at: a, because: x}", "intended-error", "warning", "no error can be meant", "오류는 의도"),
    ],
)
def test_what_is_wrong_with_the_list_is_told(intended: str, code: str, severity: str, english: str, korean: str) -> None:
    left, meant = apart(intended)
    assert not meant and "fails-without-repair" in {p.code for p in left}
    (problem,) = (p for p in left if p.code.startswith("intended"))
    assert (problem.code, checks.severity(problem)) == (code, severity) and problem.where and problem.where.line == 8
    assert english in errors.what(problem) and korean in errors.what(problem, "ko")
    assert errors.hint(problem) and errors.hint(problem, "ko")


def test_all_three_are_asked_for() -> None:
    with pytest.raises(errors.ModelError) as refused:
        apart("{finding: fails-without-repair}")
    assert [(p.code, p.values["key"]) for p in refused.value.problems] == [("key-wanted", "at"), ("key-wanted", "because")]


def test_check_lists_them_and_counts_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(MODEL.replace("INTENDED", FITS), encoding="utf-8")
    told = CliRunner().invoke(main, ["check", str(file), "--lang", "en"])
    assert told.exit_code == 0
    assert "Because: it is thrown away (agreed 2026-11-01)" in told.output and "0 errors, 0 warnings" in told.output
    assert told.output.rstrip().endswith("1 finding is meant to be so.")
    korean = CliRunner().invoke(main, ["check", str(file), "--lang", "ko"])
    assert "이유: it is thrown away (2026-11-01 합의)" in korean.output and "의도한 것으로 적힌 항목 1건." in korean.output
    rows = json.loads(CliRunner().invoke(main, ["check", str(file), "--format", "json"]).output)["intended"]
    assert [(row["code"], row["path"], row["agreed"]) for row in rows] == [("fails-without-repair", "components.a.fails", "2026-11-01")]
    rehearsed = CliRunner().invoke(main, ["rehearse", str(file), "--hit", "a", "--runs", "2", "--lang", "en"])
    assert rehearsed.exit_code == 0 and "warning" not in rehearsed.stderr


def test_warnings_are_said_before_the_answer(tmp_path: Path) -> None:
    """Both streams of one terminal: the line stands above the answer, not in it."""
    file = tmp_path / "model.yaml"
    file.write_text(MODEL.partition("intended")[0], encoding="utf-8")
    told = CliRunner().invoke(main, ["rehearse", str(file), "--hit", "a", "--runs", "2", "--lang", "en"])
    assert told.output.startswith("1 warning about the model") and "1 warning" not in told.stdout
