"""Records and journals that were damaged: read, or refused with Problems; never a traceback, and the journal goes on."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from tests.unit.test_incident import MODEL, RECORD

from blackstart import errors, incident, journal, load, recorded, report

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
