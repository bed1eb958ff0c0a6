"""Why services stop: from each, need by need, to what is lost or struck."""

from __future__ import annotations

from typing import Any

from blackstart.compilation import compile_model
from blackstart.language.load import load_text
from blackstart.studies import overlaps

MODEL = """
blackstart: 1
components:
  hall-a: {in: east, fails: 1 in 10 yr, repair: 4 h}
  db-a: {needs: hall-a}
  tools: {needs: hall-a}
  db-b: {in: west, standby: {for: db-a}, start: {takes: 10 min, works: 90%, needs: tools}}
  quick-a: {needs: hall-a}
  quick-b: {in: west, standby: {for: quick-a}, start: {takes: 10 min}}
  cache: {needs: {maybe: 20%, on: hall-a}, in: west}
domains:
  east: {kind: site}
  west: {kind: site}
services:
  shop: {needs: [{any: [db-a, db-b]}, cache], loss: 1,000,000 KRW/h}
  site: {needs: {any: [quick-a, quick-b]}, loss: 1,000,000 KRW/h}
"""


def _told() -> dict[str, Any]:
    model = load_text(MODEL)
    return overlaps.overlaps(model, compile_model(model), overlaps.Asked(most=6)).as_dict()


def _row(told: dict[str, Any], place: str) -> dict[str, Any]:
    return next(row for row in told["lost_alone"] if row["id"] == place)


def test_a_chain_leads_through_what_is_out_to_what_is_lost() -> None:
    row = _row(_told(), "east")
    assert row["services"] == ["shop"] and row["meanwhile"] == ["site"]
    why = row["why"]
    assert why["shop"]["on"] == ["db-a", "db-b"]  # of several that would do each, the standby last
    assert why["db-a"]["on"] == ["hall-a"] and why["hall-a"] == {"on": [], "by": None, "waits": False}  # it is lost itself
    assert why["db-b"]["on"] == ["tools"]  # which it needs to start
    assert why["quick-b"]["waits"] and not why["quick-a"]["waits"]


def test_a_chain_ends_with_the_misfortune_that_strikes() -> None:
    row = next(row for row in _told()["overlaps"] if [m["id"] for m in row["misfortunes"]] == ["hall-a"])
    why = row["why"]
    end = why["hall-a"]
    assert end["on"] == [] and end["by"] == {"what": "component", "id": "hall-a", "of": None}
    assert all(part in why for stop in why.values() for part in stop["on"])


def test_a_doubtful_need_is_not_taken_for_a_lost_component() -> None:
    """Losing a place set the doubtful need that had the number of its first component, so that nothing was lost: counts were 0."""
    assert "shop" in _row(_told(), "east")["services"]
    assert all(row["services"] for row in _told()["under_all"])
