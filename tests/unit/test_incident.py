"""The record of an incident: read strictly, every report kept, and a journal that loses nothing it acknowledged."""

from __future__ import annotations

import datetime
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from blackstart import errors, examples, report
from blackstart.incidents import incident, journal, moments, recorded
from blackstart.language import load
from blackstart.units import BadValue

SEOUL = moments.read_zone("+09:00")
BEGAN = moments.in_hours(datetime.datetime(2022, 10, 15, 15, 19, tzinfo=SEOUL))

MODEL = """
blackstart: 1
domains: {room: {kind: room, in: site}, site: {kind: building}}
components:
  db: {in: room, fails: 1/yr, repair: {takes: 10min}}
teams: {ops: {people: 2}}
barriers: {alarm: {works: 90%}}
services: {shop: {needs: db, loss: 1000 KRW/h, users: 100}}
hazards: {fire: {strikes: room, rate: 0.01/yr, effects: [{break: db, unless: alarm}]}}
defences:
  second-db: {change: {components: {db2: {}}, services: {shop: {needs: {any: [db, db2]}}}}}
  other-db: {excludes: [second-db], change: {components: {db3: {}}}}
"""

RECORD = """
incident: 1
title: {en: a fire, ko: 화재}
model: model.yaml
zone: +09:00
began: 2022-10-15 15:19
ended: 2022-10-15 16:00
hit: fire
fails: alarm
missing: [second-db, ops x2]
roles: {watch: {en: the watch, ko: 당직}, press: press}
sources: {a1: "log of the watch", a2: {text: a newspaper, url: "https://example.org/x", grade: press}}
matters: {begin: {en: when the fire began, ko: 화재가 시작된 시각}}
observations:
  - {at: 2022-10-15 15:19, what: fire, did: began, by: watch, source: a1, matter: begin}
  - {at: 2022-10-15 15:33, what: fire, did: began, by: press, source: a2, matter: begin, confidence: 30%}
  - {at: +5min, what: shop, is: down, by: watch}
  - {at: +5min, what: shop, is: 40%, by: press, matter: level}
  - {at: +5min, what: shop, is: down, by: watch, matter: level}
  - {id: long, what: all, lasted: 41min, matter: length, by: watch}
  - {what: all, lasted: 1h.., matter: length, by: press, corrects: long}
  - {at: 2022-10-15, text: {en: smoke, ko: 연기}, by: watch, source: "a1, a2"}
people:
  - {at: -2d, did: warned, by: watch, about: [second-db], text: one database is too few, on: "3 outages in 2 years"}
losses:
  - {amount: 1m KRW, matter: money, by: watch}
  - {amount: 2m KRW..3m KRW, matter: money, by: press}
  - {amount: "12", unit: claims}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / incident.FILE).write_text(RECORD, encoding="utf-8")
    return tmp_path


# ------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2022-10-15 15:19", 0.0, 0.0),
        ("2022-10-15T15:19:36", 0.01, 0.01),
        ("2022-10-15 06:19 Z", 0.0, 0.0),
        ("2022-10-15 07:19 +01:00", 0.0, 0.0),
        ("2022-10-15 15:18..15:19", -1 / 60, 0.0),
        ("2022-10-15 23:45..00:15", 8 + 26 / 60, 8 + 56 / 60),
        ("2022-10-15", -15 - 19 / 60, 24 - 15 - 19 / 60),
        ("+8min", 8 / 60, 8 / 60),
        ("-2d", -48.0, -48.0),
        ("+1h..+2h", 1.0, 2.0),
        ("..2022-10-15 16:19", float("-inf"), 1.0),
        ("2022-10-15 16:19..", 1.0, float("inf")),
    ],
)
def test_times_as_people_write_them(text: str, low: float, high: float) -> None:
    found = moments.read_moment(text, SEOUL, BEGAN)
    assert (found[0] - BEGAN, found[1] - BEGAN) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("soon", "incident-time"), ("15:19", "incident-time"), ("..", "incident-time"), ("", "incident-time"),
        ("2022-13-15 15:19", "incident-time"), ("2022-10-15 25:19", "incident-time"), ("+8", "duration-no-unit"),
        ("+99999y", "incident-time"), ("-99999y", "incident-time"), ("0001-01-01 00:00", "incident-time"),
        ("2022-10-15 15:19..2022-10-14", "incident-backwards"), ("2022-10-15 15:19 +25:00", "incident-zone"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        moments.read_moment(text, SEOUL, BEGAN)
    assert caught.value.code == code


def test_a_time_without_a_zone_is_refused_where_the_record_has_none() -> None:
    with pytest.raises(BadValue) as caught:
        moments.read_moment("2022-10-15 15:19", None)
    assert caught.value.code == "incident-no-zone"
    assert moments.iso(BEGAN, SEOUL) == "2022-10-15T15:19:00+09:00"


# ------------------------------------------------------------------ the file


def test_every_report_is_kept_side_by_side(folder: Path) -> None:
    record = incident.read(folder)
    model = incident.prepared(load.load(folder / "model.yaml"), record)
    told = recorded.recorded(record, model).as_dict()
    assert len(told["observations"]) == 8
    assert {(c["matter"], c["in"]) for c in told["conflicts"]} == {("begin", "time"), ("level", "state"), ("money", "amount")}
    (begin,) = [c for c in told["conflicts"] if c["matter"] == "begin"]
    assert begin["ids"] == ["o1", "o2"] and begin["high"] == pytest.approx(14 / 60, abs=1e-5)
    long = next(row for row in told["observations"] if row["id"] == "long")
    assert long["corrected_by"] and long["lasted_h"] == pytest.approx([41 / 60] * 2)
    assert [row.id for row in record.standing()].count("long") == 0
    first = told["observations"][0]
    assert first["what"] is None or first["what"]["noun"] == "hazard"
    person = told["people"][0]
    assert person["t_h"] == [-48.0, -48.0] and person["about"] == [{"noun": "defence", "id": "second-db"}]
    assert told["scenario"]["missing"] == ["second-db", "ops x2"]
    assert told["labels"]["role:watch"] == {"en": "the watch", "ko": "당직"}


def test_the_same_record_has_the_same_digest_anywhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / incident.FILE
    other.write_text(RECORD, encoding="utf-8")
    assert incident.read(folder).digest == incident.read(other).digest
    other.write_text(RECORD.replace("41min", "42min"), encoding="utf-8")
    assert incident.read(folder).digest != incident.read(other).digest


def test_a_long_list_stands_in_a_table(folder: Path) -> None:
    (folder / "seen.csv").write_text("at,what,is,by,source\n+20min,shop,up,watch,a1\n+30min,db,down,press,\n", encoding="utf-8")
    (folder / incident.FILE).write_text(RECORD.replace("observations:", "table: seen.csv\nobservations:"), encoding="utf-8")
    rows = incident.read(folder).observations
    assert len(rows) == 10
    assert [(r.what, r.level) for r in rows if r.at and r.at[0] > BEGAN + 0.3] == [("shop", 1.0), ("db", 0.0)]


WRONG = {
    "incident-version": ("incident: 1", "incident: 2"),
    "incident-key": ("title:", "titel:"),
    "incident-zone": ("zone: +09:00", "zone: KST"),
    "incident-no-zone": ("zone: +09:00\n", ""),
    "incident-time": ("at: +5min, what: shop, is: down", "at: later, what: shop, is: down"),
    "incident-event": ("did: began, by: watch", "did: begin, by: watch"),
    "incident-deed": ("did: warned", "did: warn"),
    "incident-one-claim": ("is: down, by: watch}", "is: down, did: fell, by: watch}"),
    "incident-of-what": ("at: +5min, what: shop, is: down, by: watch}", "at: +5min, is: down, by: watch}"),
    "incident-nothing": ("text: {en: smoke, ko: 연기}, ", ""),
    "incident-corrects": ("corrects: long", "corrects: short"),
    "incident-confidence": ("confidence: 30%", "confidence: 0%"),
    "incident-role": ("by: press, source", "by: pres, source"),
    "incident-source": ("source: a2", "source: a3"),
    "incident-unit": ("unit: claims", "unit: claim"),
    "incident-times": ("ops x2", "ops x1"),
    "incident-backwards": ("2m KRW..3m KRW", "2m KRW..1m KRW"),
    "incident-currencies": ("2m KRW..3m KRW", "2m KRW..3m USD"),
    "incident-missing": ("amount: 1m KRW, ", ""),
    "incident-list": ("people:\n  - {at", "people: {at: x}\nlosses2:\n  - {at"),
}


@pytest.mark.parametrize("code", WRONG)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_wrong_is_said_with_its_place(code: str, lang: str, folder: Path) -> None:
    old, new = WRONG[code]
    assert old in RECORD
    (folder / incident.FILE).write_text(RECORD.replace(old, new), encoding="utf-8")
    with pytest.raises(errors.ModelError) as caught:
        incident.read(folder)
    found = [p for p in caught.value.problems if p.code == code]
    assert found and (found[0].where or code in ("incident-missing",))
    said = errors.render(found, lang, caught.value.sources)
    assert errors.what(found[0], lang) != code and "{" not in errors.what(found[0], lang), said


def test_a_day_that_there_is_not_is_told_once(folder: Path) -> None:
    (folder / incident.FILE).write_text(RECORD.replace("at: +5min, what: shop", "at: 2026-02-30 10:00, what: shop", 1), encoding="utf-8")
    with pytest.raises(errors.ModelError) as caught:
        incident.read(folder)
    assert [p.code for p in caught.value.problems] == ["incident-time"]


def test_names_that_the_model_does_not_have_are_refused_all_at_once(folder: Path) -> None:
    wrong = RECORD.replace("what: shop, is: 40%", "what: shp, is: 40%").replace("[second-db, ops x2]", "[second-db, other-db, op x2]")
    (folder / incident.FILE).write_text(wrong, encoding="utf-8")
    record = incident.read(folder)
    with pytest.raises(errors.ModelError) as caught:
        incident.prepared(load.load(folder / "model.yaml"), record)
    assert [p.code for p in caught.value.problems].count("incident-unknown") == 2
    assert {p.nearest for p in caught.value.problems if p.code == "incident-unknown"} == {"shop", "ops"}
    assert "incident-excludes" in [p.code for p in caught.value.problems]


def test_the_shipped_records_name_what_their_models_have() -> None:
    found = sorted(examples.path("startup").parent.parent.glob("*/incident.yaml"))
    assert len(found) >= 1
    for file in found:
        record = incident.read(file)
        assert record.model is not None
        model = incident.prepared(load.load(record.model), record)
        told = recorded.recorded(record, model).as_dict()
        nameless = [row["what"] for row in told["observations"] if row["what"] and row["what"]["noun"] is None]
        assert nameless == []
        for row in (*record.observations, *record.people, *record.losses):
            assert row.sources or row.by, row.id
            for words in (row.text, getattr(row, "on", ""), getattr(row, "known", "")):
                assert words == "" or set(words) >= {"en", "ko"}, row.id


# ------------------------------------------------------------------ the journal


def test_entries_are_numbered_and_chained(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    assert [journal.append(path, {"kind": "observation", "text": f"끊김 {n}"}).number for n in range(3)] == [1, 2, 3]
    lines = journal.read(path)
    assert [e["n"] for _, e in lines.entries] == [1, 2, 3] and not lines.broken and not lines.torn


def test_the_newest_line_is_vouched_for_by_the_digest_of_its_acknowledgement(tmp_path: Path) -> None:
    """A change of the newest line leaves the chain whole until the next is written: only what was printed shows it."""
    path = tmp_path / "live.jsonl"
    done = [journal.append(path, {"text": str(n)}) for n in range(3)]
    assert [d.digest for d in done[:2]] == [e["after"] for _, e in journal.read(path).entries[1:]]
    assert journal.digest(path.read_bytes().splitlines()[-1]) == done[-1].digest
    path.write_bytes(path.read_bytes().replace(b'"2"', b'"x"'))
    assert not journal.read(path).broken
    assert journal.digest(path.read_bytes().splitlines()[-1]) != done[-1].digest
    with pytest.raises(ValueError, match="n or after"):
        journal.append(path, {"text": "3", "n": 99})


def test_a_torn_line_is_set_aside_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    for n in range(3):
        journal.append(path, {"text": str(n)})
    with path.open("ab") as file:
        file.write(b'{"n": 4, "after": "')
    assert journal.read(path).torn == b'{"n": 4, "after": "'
    assert journal.append(path, {"text": "3"}).number == 4
    lines = journal.read(path)
    assert [e["text"] for _, e in lines.entries] == ["0", "1", "2", "3"] and not lines.torn and not lines.broken
    assert Path(f"{path}{journal.TORN}").read_bytes() == b'{"n": 4, "after": "\n'


@pytest.mark.parametrize(("change", "why"), [(lambda t: t.replace("one", "two"), "digest"), (lambda t: t.split("\n", 1)[1], "number"),
                                             (lambda t: "spoilt\n" + t.split("\n", 1)[1], "unreadable")])  # fmt: skip
def test_what_was_changed_afterwards_is_found(tmp_path: Path, change, why: str) -> None:
    path = tmp_path / "live.jsonl"
    for text in ("one", "three", "four"):
        journal.append(path, {"text": text})
    path.write_text(change(path.read_text()), encoding="utf-8")
    assert why in [b.why for b in journal.read(path).broken]


def test_several_writers_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    threads = [threading.Thread(target=lambda: [journal.append(path, {"text": "x"}) for _ in range(20)]) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    lines = journal.read(path)
    assert [e["n"] for _, e in lines.entries] == list(range(1, 81)) and not lines.broken


def test_a_journal_alone_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    now = "2026-11-22T03:00:00+09:00"
    journal.append(path, incident.entry("header", {"model": "m.yaml", "zone": "+09:00", "began": "2026-11-22 02:58"}, now))
    journal.append(path, incident.entry("observation", {"at": now, "what": "shop", "is": "down", "by": "watch"}, now))
    journal.append(path, incident.entry("person", {"at": now, "did": "decided", "text": "wait for the landlord"}, now))
    journal.append(path, incident.entry("loss", {"amount": "3m KRW"}, now))
    record = incident.read(path)
    assert record.model == tmp_path / "m.yaml"
    (row,) = record.observations
    assert row.id == "e2" and record.clock(row.at)[0] == pytest.approx(2 / 60) and row.recorded == now
    assert [p.id for p in record.people] == ["e3"] and record.losses[0].amount == (3e6, 3e6)


def test_a_record_and_its_journal_are_one(folder: Path) -> None:
    now = "2022-10-15T15:40:00+09:00"
    journal.append(folder / "live.jsonl", incident.entry("observation", {"at": now, "what": "shop", "did": "came-back"}, now))
    with (folder / "live.jsonl").open("ab") as file:
        file.write(b"{half")
    (folder / incident.FILE).write_text(RECORD + "log: live.jsonl\n", encoding="utf-8")
    record = incident.read(folder)
    assert len(record.observations) == 9
    assert recorded.recorded(record).as_dict()["outcome"]["reasons"] == ["torn-line"]


def test_an_entry_that_a_reader_would_refuse_is_not_written() -> None:
    with pytest.raises(errors.ModelError) as caught:
        incident.entry("observation", {"at": "2022-10-15T15:40:00+09:00", "what": "shop", "did": "fel"}, "")
    assert [p.code for p in caught.value.problems] == ["incident-event"] and caught.value.problems[0].nearest == "fell"


WRITER = """
import sys
from pathlib import Path
from blackstart.incidents import journal
path = Path(sys.argv[1])
n = 0
while True:
    n += 1
    number = journal.append(path, {"kind": "observation", "text": "x" * (n * 37 % 5000)}).number
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def killed_at_random(folder: Path, times: int, seed: int) -> tuple[int, int]:
    """Kills a writer with SIGKILL at random moments; entries acknowledged, lines torn. Every acknowledged entry must be there."""
    rng, path, acknowledged, torn = random.Random(seed), folder / "live.jsonl", 0, 0
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(times):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=environment)
        first = writer.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.02))
        writer.send_signal(signal.SIGKILL)
        said = (first + writer.stdout.read()).split(b"\n")[:-1]
        writer.wait()
        acknowledged = max(acknowledged, int(said[-1]) if said and said[-1] else 0)
        lines = journal.read(path)
        assert not lines.broken
        numbers = [entry["n"] for _, entry in lines.entries]
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= acknowledged
        torn += bool(lines.torn)
    return acknowledged, torn


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """30 moments here; tests/cross/long_incidents.py kills at 1,000."""
    acknowledged, _ = killed_at_random(tmp_path, 30, seed=1)
    assert acknowledged >= 30


def test_lines_are_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    journal.append(path, {"text": '따옴표 " 와 줄\n바꿈'})
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["text"] == '따옴표 " 와 줄\n바꿈'


def test_grades_of_sources_names_of_matters_and_what_was_only_in_part(tmp_path: Path) -> None:
    text = """
incident: 1
zone: Z
sources: {a: {text: a letter, grade: copy}, b: {text: a list, grade: pres}}
matters: {m: {en: the matter, ko: 그 사안}}
observations:
  - {at: 2026-01-01 10:00, what: shop, did: came-back, partly: yes, source: a, matter: m}
  - {at: 2026-01-01 11:00, what: shop, did: came-back, partly: perhaps}
  - {at: 2026-01-01 11:00, what: shop, is: up, partly: yes}
  - {at: 2026-01-01 11:00, what: shop, is: 40%, partly: yes}
people:
  - {at: 2026-01-01, did: told, text: said, matter: m}
"""
    (tmp_path / incident.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(errors.ModelError) as caught:
        incident.read(tmp_path)
    problems = {p.code: p for p in caught.value.problems}
    assert set(problems) == {"incident-grade", "bad-flag", "incident-partly"} and problems["incident-grade"].nearest == "press"
    assert problems["incident-partly"].path == "observations.4.partly"
    (tmp_path / incident.FILE).write_text(text.replace("pres}", "press}").replace("perhaps", "no").replace("40%, partly: yes", "40%"),
                                             encoding="utf-8")  # fmt: skip
    record = incident.read(tmp_path)
    told = recorded.recorded(record).as_dict()
    assert [row["grade"] for row in told["sources"].values()] == ["copy", "press"]
    assert [row["partly"] for row in told["observations"]] == [True, False, True, False]
    assert "shop is up, in part" in report.text(told, "en")
    assert told["matters"] == {"m": {"en": "the matter", "ko": "그 사안"}} and told["people"][0]["matter"] == "m"
