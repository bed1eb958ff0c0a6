"""The whole outage of a record: what is on record of the end of a service counts, and what cannot be meant is told."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from blackstart import report
from blackstart.incidents import incident, outage
from blackstart.incidents.recorded import recorded
from blackstart.language.load import load_text

MODEL = """
blackstart: 1
components: {db: {fails: 1/yr, repair: 2h..6h}}
services: {pay: {needs: db}, portal: {needs: db}, mail: {needs: db}}
"""
SERVICES = ("pay", "portal", "mail")
BEGAN = "began: 2026-03-02 10:00\n"


def read(tmp_path: Path, rows: str, head: str = BEGAN) -> incident.Record:
    lines = "".join(f"  - {{at: {row}}}\n" for row in rows.splitlines())
    (tmp_path / incident.FILE).write_text(f"incident: 1\nzone: Z\n{head}observations:\n{lines}", encoding="utf-8")
    return incident.read(tmp_path)


PAY = "2026-03-02 10:00, what: pay, did: fell\n2026-03-02 12:00, what: pay, did: came-back\n"


@pytest.mark.parametrize(
    ("rows", "head", "low", "high"),
    [
        (PAY, BEGAN, 2, 2),
        (PAY + "2026-03-02 18:00, what: portal, did: came-back", BEGAN, 8, 8),  # when it fell nobody says
        (PAY + "2026-03-02 15:20..2026-03-02 17:00, what: portal, did: came-back", BEGAN, 5 + 1 / 3, 7),
        (PAY + "2026-03-02 11:00, what: portal, is: down\n2026-03-02 16:00, what: portal, is: up", BEGAN, 2, 6),  # only states
        (PAY + "2026-03-02 13:00, what: portal, is: down", BEGAN, 3, math.inf),  # back nobody knows when
        (PAY + "2026-03-02 13:00, what: portal, is: down", BEGAN + "ended: 2026-03-02 15:00\n", 5, 5),  # then when it was over
        (PAY + "2026-03-02 14:00, what: mail, is: up", BEGAN, 2, 2),  # seen up: never said to have been down
        (PAY + "2026-03-02 14:00, what: pay, is: down\n2026-03-02 16:00, what: pay, is: up", BEGAN, 4, 6),  # down again
        (PAY + "2026-03-02 18:00, what: all, did: came-back", BEGAN, 8, 8),
        ("2026-03-02 12:00, what: pay, did: came-back", BEGAN, 2, 2),  # nobody says when it fell: from the beginning
        ("2026-03-02 12:00, what: pay, did: came-back", "", 0, math.inf),
        ("2026-03-02 12:00, what: db, did: broke", BEGAN + "ended: 2026-03-02 15:00\n", 5, 5),
    ],
)
def test_the_whole_outage_goes_to_the_last_known_return(rows: str, head: str, low: float, high: float, tmp_path: Path) -> None:
    found = outage.whole(read(tmp_path, rows, head), SERVICES)
    assert found is not None
    assert found.hours == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("row", "ended", "kind", "said"),
    [
        ("2026-03-02 18:00, what: portal, did: came-back", "17:00", "back-after-end", "last service was back 2026-03-02 18:00; `ended`"),
        ("2026-03-02 12:00, what: portal, did: came-back", "17:00", "end-after-back", "services were back 2026-03-02 12:00; `ended`"),
        ("2024-03-02 12:00, what: db, did: broke", "12:00", "far", "report is more than a month from the incident: o3 (2024-03-02 12:00)"),
    ],
)
def test_what_can_hardly_be_meant_is_told(row: str, ended: str, kind: str, said: str, tmp_path: Path) -> None:
    record = read(tmp_path, PAY + row, f"{BEGAN}ended: 2026-03-02 {ended}\n")
    told = recorded(record, load_text(MODEL)).as_dict()
    assert [row["kind"] for row in told["remarks"]] == [kind]
    assert said in " ".join(report.text(told, "en").split())


def test_a_record_of_one_piece_has_no_remark(tmp_path: Path) -> None:
    assert not list(outage.remarks(read(tmp_path, PAY, f"{BEGAN}ended: 2026-03-02 12:00\n"), SERVICES))
