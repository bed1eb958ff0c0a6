"""Shares in an outage: by hand where they can be, adding up to the whole everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from blackstart import errors, examples, report
from blackstart.incidents import attribution, incident
from blackstart.language import load
from blackstart.language.load import load_text

MODEL = """
blackstart: 1
currency: KRW
domains: {north: {kind: site}, south: {kind: site}}
components:
  a: {in: north, repair: {takes: 10h}}
  b: {in: south, repair: {takes: 10h}}
teams: {ops: {people: 1}}
barriers: {valve: {works: 50%}}
services:
  shop: {needs: {any: [a, b]}, loss: 1000 KRW/h, users: 10}
hazards:
  flood: {strikes: north, rate: 0.01/yr, effects: [{break: a, unless: valve}]}
defences:
  valve-2: {change: {barriers: {valve: {works: 100%}}}}
  third: {change: {components: {c: {}}, services: {shop: {needs: {any: [a, b, c]}}}}}
  fourth: {requires: [third], change: {components: {c: {count: 2}}}}
"""


def record(tmp_path: Path, text: str) -> incident.Record:
    (tmp_path / incident.FILE).write_text("incident: 1\nzone: Z\n" + text, encoding="utf-8")
    return incident.read(tmp_path)


def shares(told: dict, measure: str = "hours") -> dict[str, float]:
    return {row["id"]: row["share"][measure]["value"] for row in told["players"]}


def test_two_redundant_sites_by_hand() -> None:
    """Loss 1 when both are down; a strikes both (0.001), b and c one each (0.1): derived by hand over the 6 orders."""
    p = {0: 0.0, 1: 0.001, 2: 0.0, 3: 0.001, 4: 0.0, 5: 0.001, 6: 0.01, 7: 0.01 + 0.001 - 0.01 * 0.001}
    found = attribution.shapley(np.array([p[mask] for mask in range(8)]))
    assert found == pytest.approx([0.001 - 0.00001 / 3, 0.005 - 0.00001 / 3, 0.005 - 0.00001 / 3], abs=1e-15)
    assert found.sum() == pytest.approx(0.01099, abs=1e-15)


def test_shapley_of_a_sum_is_each_its_own() -> None:
    worth = np.array([3.0, 5.0, 7.0, 11.0])
    values = np.array([sum(w for i, w in enumerate(worth) if mask >> i & 1) for mask in range(16)])
    assert attribution.shapley(values) == pytest.approx(worth)


def test_two_misfortunes_that_only_together_stop_it_share_it(tmp_path: Path) -> None:
    """Both sites break at once, each for 10 h: alone neither stops the shop."""
    told = attribution.attribute(load_text(MODEL), record(tmp_path, "hit: [a, b]\n"), runs=3).as_dict()
    assert told["whole"]["hours"]["value"] == pytest.approx(10.0)
    assert shares(told) == {"hit:0": pytest.approx(5.0), "hit:1": pytest.approx(5.0)}
    assert shares(told, "money") == {"hit:0": pytest.approx(5000.0), "hit:1": pytest.approx(5000.0)}
    assert shares(told, "user_hours")["hit:0"] == pytest.approx(50.0)


def test_misfortune_stage_and_decision(tmp_path: Path) -> None:
    """flood, b, the valve that failed, the third site that was not there: all four were needed, so a quarter each."""
    told = attribution.attribute(load_text(MODEL), record(tmp_path, "hit: [flood, b]\nfails: valve\nmissing: third\n"), runs=3).as_dict()
    assert list(shares(told).values()) == pytest.approx([2.5] * 4)
    assert {row["what"] for row in told["players"]} == {"misfortune", "barrier", "design"}
    third = next(row for row in told["players"] if row["id"] == "missing:third")
    assert third["without"]["hours"]["value"] == 0.0 and third["saved"]["hours"]["value"] == pytest.approx(10.0)
    assert third["by_service"] == {"shop": {"hours": [pytest.approx(10.0), 0.0]}}
    assert told["pairs"][0]["together"]["hours"]["value"] == pytest.approx(10.0)


def test_a_missing_defence_stands_for_the_stage_that_it_would_have_made_work(tmp_path: Path) -> None:
    told = attribution.attribute(load_text(MODEL), record(tmp_path, "hit: [flood, b]\nfails: valve\nmissing: valve-2\n"), runs=3).as_dict()
    assert {row["id"] for row in told["players"]} == {"hit:0", "hit:1", "missing:valve-2"}
    assert next(row for row in told["players"] if row["id"] == "missing:valve-2")["stands_for"] == ["valve"]
    assert sum(shares(told).values()) == pytest.approx(10.0)


def test_a_defence_without_what_it_requires_would_not_have_stood(tmp_path: Path) -> None:
    told = attribution.attribute(load_text(MODEL), record(tmp_path, "hit: [a, b]\nmissing: [third, fourth]\n"), runs=3).as_dict()
    fourth = next(row for row in told["players"] if row["id"] == "missing:fourth")
    assert fourth["also"] == ["missing:third"] and fourth["without"]["hours"]["value"] == 0.0
    assert fourth["share"]["hours"]["value"] == 0.0


def test_people_who_were_too_few(tmp_path: Path) -> None:
    model = load_text(MODEL.replace("repair: {takes: 10h}", "repair: {takes: 10h, people: 1 ops}"))
    told = attribution.attribute(model, record(tmp_path, "hit: [a, b]\nmissing: ops x2\n"), runs=3).as_dict()
    (ops,) = [row for row in told["players"] if row["what"] == "staffing"]
    assert ops["noun"] == "team" and ops["times"] == 2.0 and ops["saved"]["hours"]["value"] == pytest.approx(0.0)


def test_orders_that_are_sampled_agree_with_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pieces over 120 orders: within four of its own standard errors, or exactly (false alarms: 4 x 6e-5)."""
    asked = record(tmp_path, "hit: [flood, b]\nfails: valve\nmissing: third\n")
    exact = attribution.attribute(load_text(MODEL), asked, runs=3).as_dict()
    monkeypatch.setattr(attribution, "MOST_EXACT", 2)
    sampled = attribution.attribute(load_text(MODEL), asked, runs=3).as_dict()
    assert exact["method"]["exact"] and not sampled["method"]["exact"]
    for row in sampled["players"]:
        error = row["share"]["hours"]["standard_error"]
        assert abs(row["share"]["hours"]["value"] - shares(exact)[row["id"]]) <= 4 * error + 1e-9
    assert abs(sampled["sums"]["hours"]["gap"]) < 1e-9


def test_a_record_without_a_misfortune_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError) as caught:
        attribution.attribute(load_text(MODEL), record(tmp_path, "missing: third\n"), runs=2)
    assert [p.code for p in caught.value.problems] == ["incident-no-hit"]


@pytest.mark.parametrize("file", sorted(examples.path("startup").parent.parent.glob("*/incident.yaml")), ids=lambda f: f.parent.name)
def test_shares_of_shipped_incidents_add_up_to_the_whole(file: Path) -> None:
    asked = incident.read(file)
    told = attribution.attribute(load.load(asked.model), asked, runs=20).as_dict()
    for measure in told["measures"]:
        total = told["whole"][measure]["value"]
        assert abs(told["sums"][measure]["gap"]) <= 1e-9 * max(1.0, abs(total))
    parts = [sum(row["part"][m] for row in told["players"]) for m in told["measures"]]
    assert parts == pytest.approx([1.0] * len(parts))


def test_first_tries_that_failed_have_their_share(tmp_path: Path) -> None:
    """a is back after 10 h and as many tries of 1 h: with both down 11 h, 13 h after two that failed; by hand 2/3 h for the tries."""
    text = MODEL.replace("a: {in: north, repair: {takes: 10h}}", "a: {in: north, repair: {takes: 10h}, start: {takes: 1h, works: 100%}}")
    model = load_text(text.replace("b: {in: south, repair: {takes: 10h}}", "b: {in: south, repair: {takes: 20h}}"))
    told = attribution.attribute(model, record(tmp_path, "hit: [a, b]\nfails: a 2 times\n"), runs=3).as_dict()
    assert told["whole"]["hours"]["value"] == pytest.approx(13.0)
    assert shares(told) == {"hit:0": pytest.approx(37 / 6), "hit:1": pytest.approx(37 / 6), "fails:a 2 times": pytest.approx(2 / 3)}


TWO = """
blackstart: 1
components: {db: {fails: 1/yr, repair: 2h..6h}}
services: {pay: {needs: db}, portal: {needs: db}}
"""
PAY = """
began: 2026-03-02 10:00
hit: db
observations:
  - {at: 2026-03-02 10:00, what: pay, did: fell}
  - {at: 2026-03-02 12:00, what: pay, did: came-back}
"""


def test_a_service_of_which_only_the_end_is_on_record_counts(tmp_path: Path) -> None:
    """Pay from 10 to 12 h, of the portal no more than its return at 18 h: the whole outage goes until then."""
    back = "  - {at: 2026-03-02 18:00, what: portal, did: came-back}\n"
    told = attribution.attribute(load_text(TWO), record(tmp_path, PAY + back), runs=20).as_dict()["replay"]
    assert told["recorded"]["hours"] == pytest.approx([8.0, 8.0])
    assert told["compared"]["services"] == ["pay", "portal"]


def test_lengths_are_compared_over_the_services_on_record(tmp_path: Path) -> None:
    """The second service needs ten times as long: the record has no word of it, and its hours are not held against the record."""
    model = load_text(TWO.replace("portal: {needs: db}", "portal: {needs: [db, slow]}").replace(
        "db: {fails", "slow: {needs: db, start: {takes: 50h}}, db: {fails"))  # fmt: skip
    told = attribution.attribute(model, record(tmp_path, PAY), runs=20).as_dict()
    assert told["replay"]["recorded"]["hours"] == pytest.approx([2.0, 2.0])
    assert told["replay"]["compared"]["services"] == ["pay"]
    assert told["replay"]["measures"]["hours"]["10"] > 50 > 10 > told["replay"]["compared"]["hours"]["90"]
    assert "The record has times of 1 of 2 services (pay)" in report.text(told, "en")
    assert "2개 가운데 1개(pay)" in report.text(told, "ko")
