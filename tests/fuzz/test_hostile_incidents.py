"""Records and journals that were damaged: read, or refused with Problems; never a traceback, and the journal goes on."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from tests.unit.test_incident import MODEL, RECORD

from blackstart import errors, report
from blackstart.incidents import incident, journal, reconstruction, recorded
from blackstart.language import load

WEB = "blackstart: 1\ncomponents: {web: {fails: 1/yr, repair: {takes: 1h}}}\nservices: {shop: {needs: web}}\n"
BITS = (
    "~", "[]", "{}", "''", "-1", "nan", "1e999", "2022-10-15 15:19..", "all", "..", "+8min", "x2", "infra x", "0%", "∞", "x" * 300,
    "9999-12-31 23:59", "0001-01-01", "-99999y", "{a: 1}", "[1, 2]", "null", "57h..", "..57h", "1m KRW..", "&a", "*a", "!!python/x",
)  # fmt: skip
BYTES = (b"\n", b"{}", b"[]", b"null", b"\x00\xff", b'{"kind":"header","began":3}\n', b'{"n":1e999}\n', b'["x"]\n')


def damaged(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(rng.randint(1, 3)):
        i = rng.randrange(1, len(lines))
        values = list(re.finditer(r"(\w+): ?([^,}\n]*)", lines[i]))
        if values and rng.random() < 0.6:
            value = rng.choice(values)
            lines[i] = f"{lines[i][: value.start(2)]} {rng.choice(BITS)}{lines[i][value.end(2) :]}"
        else:
            lines[i] = rng.choice([lines[i][: rng.randrange(len(lines[i]) + 1)], lines[i] + rng.choice(lines), rng.choice(lines)])
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_records(seed: int, tmp_path: Path) -> None:
    rng, model = random.Random(seed), load.load_text(MODEL)
    for _ in range(150):
        (tmp_path / incident.FILE).write_text(damaged(RECORD, rng), encoding="utf-8")
        try:
            record = incident.read(tmp_path)
            told = recorded.recorded(record, incident.prepared(model, record)).as_dict()
            json.dumps(told, allow_nan=False)
            report.text(told, "ko")
        except errors.ModelError as wrong:
            assert errors.render(wrong.problems, "ko", wrong.sources)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_journals_are_read_and_go_on(seed: int, tmp_path: Path) -> None:
    rng, path = random.Random(seed), tmp_path / "live.jsonl"
    now = "2022-10-15T15:40:00+09:00"
    for _ in range(60):
        path.unlink(missing_ok=True)
        for _ in range(3):
            journal.append(path, incident.entry("observation", {"at": now, "what": "shop", "did": "fell", "text": "연기"}, now))
        data = bytearray(path.read_bytes())
        for _ in range(rng.randint(1, 6)):
            i = rng.randrange(len(data) + 1)
            data[i : i + rng.choice((0, 1, 30))] = rng.choice((*BYTES, bytes([rng.randrange(256)]), b""))
        path.write_bytes(bytes(data))
        try:
            report.text(recorded.recorded(incident.read(path)).as_dict(), "en")
        except errors.ModelError as wrong:
            assert errors.render(wrong.problems, "en", wrong.sources)
        journal.append(path, {"kind": "observation", "text": "on we go"})
        assert journal.read(path).entries[-1][1]["text"] == "on we go"


@pytest.mark.parametrize("data", [b"\x8f\x00\xfe" * 900, b"hello\nworld\n", b"[1, 2, 3]\n", b"PK\x03\x04"])
def test_what_is_no_journal_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    file.write_bytes(data)
    with pytest.raises(errors.ModelError) as wrong:
        incident.read(file)
    assert [p.code for p in wrong.value.problems] == ["incident-no-journal"]


def test_a_journal_whose_first_entry_was_torn_is_a_journal(tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    journal.append(file, incident.entry("header", {"zone": "+09:00"}, "2026-03-02T10:00:00+09:00"))
    whole = file.read_bytes()
    for end in (0, 1, 5, 12, len(whole) - 1):
        file.write_bytes(whole[:end])
        assert incident.read(file).torn == (((str(file), whole[:end]),) if end else ())


def test_a_huge_table_is_read_told_and_refused_where_it_is_too_much(tmp_path: Path) -> None:
    """Twenty thousand states of one component: the record tells them all, a reconstruction says how many it can take."""
    rows = "".join(f"2026-03-02 10:{i % 60:02d},web,{'up' if i % 2 else 'down'},same\n" for i in range(20_000))
    (tmp_path / "seen.csv").write_text("at,what,is,matter\n" + rows, encoding="utf-8")
    (tmp_path / incident.FILE).write_text("incident: 1\nzone: +09:00\nbegan: 2026-03-02 10:00\ntable: seen.csv\n", encoding="utf-8")
    record = incident.read(tmp_path)
    told = recorded.recorded(record).as_dict()
    assert len(told["observations"]) == 20_000 and [row["in"] for row in told["conflicts"]] == []
    with pytest.raises(errors.ModelError) as wrong:
        reconstruction.reconstruct(load.load_text(WEB), record, plays=10)
    assert [p.code for p in wrong.value.problems] == ["incident-too-many"]
