"""Checks on people: teams, and the crews that work asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from blackstart.checks.index import Index, finding
from blackstart.errors import Problem
from blackstart.language.model import Component, Crew

SEVERITY: Mapping[str, str] = {
    "crew-larger-than-team": "error", "team-without-people": "warning", "on-call-larger-than-team": "warning", "unused-team": "note",
}  # fmt: skip


def crew(index: Index, c: Component, field: str, crews: Sequence[Crew]) -> Iterator[Problem]:
    """People whom one piece of work asks for, more than their team has."""
    asked = Counter[str]()
    for one in crews:
        asked[one.team] += one.people
    for team, people in asked.items():
        there = index.model.teams.get(team)
        if there is not None and 0 < there.people < people:
            values = {"team": team, "asked": people, "people": there.people}
            yield finding(c, field, "crew-larger-than-team", **values)


def teams(index: Index) -> Iterator[Problem]:
    for team in index.model.teams.values():
        path = f"teams.{team.id}"
        if team.id not in index.used_teams and team.id not in index.mentioned:
            yield Problem("unused-team", team.where, path, {"name": team.id})
        elif team.id in index.used_teams and not team.people:
            yield Problem("team-without-people", team.where, path, {"name": team.id})
        if team.on_call is not None and team.on_call > team.people:
            values = {"name": team.id, "on_call": team.on_call, "people": team.people}
            yield Problem("on-call-larger-than-team", team.where, f"{path}.on_call", values)
