"""The commands record, reconstruct and attribute: what they write, what they refuse, what they answer in both languages."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from blackstart import report
from blackstart.cli import main
from blackstart.incidents import incident, journal, moments

MODEL = """
blackstart: 1
title: {en: a shop, ko: 가게}
as_of: 2026-11-22
currency: KRW
components:
  db: {fails: 1/yr, repair: {takes: 5min..20min}}
  web: {needs: db, fails: 2/yr, repair: {takes: 1min..3min}}
services: {shop: {needs: web, loss: 1m KRW/h, users: 100}}
defences: {second-db: {change: {components: {db2: {}, web: {needs: {any: [db, db2]}}}}}}
"""
RECORD = """
incident: 1
model: model.yaml
zone: +09:00
began: 2026-11-22 10:02
ended: 2026-11-22 10:12
hit: db
missing: second-db
roles: {watch: {en: the watch, ko: 당직}}
observations:
  - {at: 2026-11-22 10:02, what: db, did: broke, by: watch, matter: begin, text: {en: disk full, ko: 디스크가 가득 참}}
  - {at: 2026-11-22 10:05, what: db, did: broke, by: watch, matter: begin, confidence: 20%}
  - {at: 2026-11-22 10:02, what: shop, did: fell, by: watch}
  - {at: 2026-11-22 10:12, what: shop, did: came-back, by: watch}
  - {what: all, lasted: 10min, by: watch}
people:
  - {at: -30d, did: declined, by: watch, about: second-db, text: a second database was put off, on: 2m KRW a year}
losses:
  - {amount: 160000 KRW..180000 KRW, by: watch}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / incident.FILE).write_text(RECORD, encoding="utf-8")
    return tmp_path


def asked(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words], catch_exceptions=False)


def answered(*words: object) -> dict[str, Any]:
    found = asked(*words, "--format", "json")
    assert found.exit_code == 0, found.output
    result = json.loads(found.stdout)
    jsonschema.validate(result, report.schema())
    return result


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_each_result_is_told_in_both_languages_and_keeps_its_schema(folder: Path, lang: str) -> None:
    model = folder / "model.yaml"
    for words in (["record", "show", folder], ["reconstruct", model, "--plays", 20], ["attribute", model, "--runs", 20]):
        result = answered(*words)
        for view in (report.text(result, lang), report.page(result, lang)):
            assert "incident." not in view and "None" not in view
        assert max(map(len, report.text(result, lang).splitlines())) <= 110


def test_what_the_views_say(folder: Path) -> None:
    model = folder / "model.yaml"
    told = asked("record", "show", folder).stdout
    assert "db broke. disk full" in told and "declined" in told and "a second database was put off. On the numbers" in told
    told = asked("reconstruct", model, "--plays", 60).stdout
    assert "Most likely it began with db, at 11-22 10:02" in told
    told = asked("attribute", model, "--runs", 20, "--lang", "ko").stdout
    assert "second-db가 없었던 것" in told and "섀플리" in told


def test_a_shipped_record_goes_by_the_name_of_its_example() -> None:
    result = answered("reconstruct", "kakao-2022", "--incident", "kakao-2022", "--plays", 20)
    assert "battery-fire" in result["hypotheses"][0]["id"]
    assert result["stated"]["hit"] == ["battery-fire"] and result["stated"]["rank"] in (1, 2)


# ------------------------------------------------------------------ noting


def test_notes_are_taken_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    begun = ["--model", "model.yaml", "--zone", "+09:00", "--began", "2026-11-22 10:02"]
    assert "no. 1 is on the disk" in asked("record", "open", file, *begun).stdout
    assert "2번 항목" in asked("record", "add", file, "--lang", "ko", "--what", "db", "--did", "broke", "--at", "+1min").stdout
    asked("record", "add", file, "users call", "--by", "help desk", "--source", "phone log", "--at", "..2026-11-22 10:10")
    asked("record", "person", file, "restart it", "--did", "decided", "--by", "watch", "--about", "db,web", "--on", "5 min by the manual")
    asked("record", "loss", file, "1m KRW", "--by", "watch")
    record = incident.read(file)
    assert [row.id for row in record.observations] == ["e2", "e3"] or [row.id for row in record.observations] == ["e3", "e2"]
    broke = next(row for row in record.observations if row.did == "broke")
    assert record.clock(broke.at)[0] == pytest.approx(1 / 60)
    assert record.people[0].about == ("db", "web") and record.people[0].on == "5 min by the manual"
    assert record.losses[0].amount == (1e6, 1e6)


def test_a_note_goes_to_the_journal_that_a_record_names(folder: Path) -> None:
    (folder / incident.FILE).write_text(RECORD + "log: live.jsonl\n", encoding="utf-8")
    assert asked("record", "add", folder, "--what", "shop", "--is", "up", "--at", "2026-11-22 10:20 +09:00").exit_code == 0
    assert len(incident.read(folder).observations) == 6 and (folder / "live.jsonl").is_file()


def test_a_name_that_the_model_does_not_have_is_noted_and_said(folder: Path) -> None:
    file = folder / "live.jsonl"
    asked("record", "open", file, "--model", "model.yaml", "--zone", "Z")
    found = asked("record", "add", file, "--what", "shp", "--did", "fell")
    assert found.exit_code == 0 and "Nearest: shop" in found.stderr
    assert len(journal.read(file).entries) == 2


def test_a_wrong_name_in_a_journal_is_corrected_by_a_later_report(folder: Path) -> None:
    file = folder / "live.jsonl"
    asked("record", "open", file, "--model", "model.yaml", "--zone", "Z")
    asked("record", "add", file, "--what", "shp", "--did", "fell")
    asked("record", "person", file, "restart", "--did", "decided", "--about", "dbb")
    asked("record", "loss", file, "1m KRW", "--what", "shp")
    refused = asked("record", "show", file)
    assert refused.exit_code == 2 and "--corrects" in refused.stderr
    for number in ("e2", "e3", "e4"):
        asked("record", "add", file, "a slip of the keyboard", "--corrects", number)
    assert answered("record", "show", file)["kind"]


def test_a_clock_time_alone_is_the_last_one() -> None:
    zone, now = moments.read_zone("+09:00"), moments.read_moment("2026-11-22 10:05", moments.read_zone("+09:00"))[0]
    for text, when in (
        ("10:05", "2026-11-22 10:05"), ("10:07", "2026-11-22 10:07"), ("10:30", "2026-11-21 10:30"), ("09:59:30", "2026-11-22 09:59:30"),
        ("..09:10", "..2026-11-22 09:10"), ("23:50..00:10", "2026-11-21 23:50..2026-11-22 00:10"),
    ):  # fmt: skip
        assert moments.read_moment(text, zone, now=now) == pytest.approx(moments.read_moment(when, zone)), text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "live.jsonl", "--what", "db", "--is", "x"], "is"),
        (["add", "live.jsonl"], "says nothing"),
        (["add", "none.yaml", "x"], "There is no record"),
        (["show", "none.yaml"], "There is no record"),
        (["add", incident.FILE, "x"], "names no journal"),
    ],
)
def test_what_cannot_be_noted_is_refused_and_nothing_is_written(words: list[str], said: str, folder: Path) -> None:
    found = asked("record", words[0], folder / words[1], *words[2:])
    assert found.exit_code == 2 and said in found.stderr
    assert not (folder / "live.jsonl").exists()


@pytest.mark.parametrize("at", ["25:99", "later", "2026-02-30 10:00", "+8min"])
def test_a_note_with_a_time_that_cannot_be_read_is_kept(at: str, tmp_path: Path) -> None:
    """At three in the morning nobody writes a note twice: it is of now or before, with the words as written, and that is said."""
    file = tmp_path / "live.jsonl"
    found = asked("record", "add", file, "no space left", "--what", "db", "--did", "broke", "--at", at)
    assert found.exit_code == 0 and "kept as of now or before" in found.stderr
    (row,) = incident.read(file).observations
    assert row.text == f"no space left (--at {at})" and row.at is not None
    assert row.at[0] == -math.inf and math.isfinite(row.at[1])


def test_which_record_must_be_clear(folder: Path) -> None:
    (folder / incident.FILE).write_text(RECORD.replace("model: model.yaml", "model: other.yaml"), encoding="utf-8")
    found = asked("attribute", folder / "model.yaml")
    assert found.exit_code == 2 and "--incident" in found.stderr
    (folder / incident.FILE).write_text(RECORD.replace("what: shop", "what: shp"), encoding="utf-8")
    found = asked("attribute", folder / "model.yaml", "--lang", "ko")
    assert found.exit_code == 2 and "shp" in found.stderr and "shop" in found.stderr


def test_the_record_of_a_shipped_example_is_shown_by_its_name() -> None:
    """As the other commands take it; that record and model are of one folder was no reason to ask for the path."""
    told = CliRunner().invoke(main, ["record", "show", "ten-minutes", "--lang", "en"])
    assert told.exit_code == 0 and "7 reports" in told.stdout, told.output
