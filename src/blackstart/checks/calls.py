"""People who can be called only in the first instant: what they are called by goes, a moment later, with what they are to bring back.

A call goes through at once where what it needs is still there (§10 of the meanings of the language). If that is only so because
something in between holds out for a while (`rides`), the answer hangs on that while: a real alarm may take longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem
from blackstart.language.model import Component, Model, Need, Team
from blackstart.language.needs import holds, leaf_names

SEVERITY: Mapping[str, str] = {"called-just-in-time": "warning"}
_MOST = 200_000  # steps for one team: beyond it the rest of what it brings back is not looked at


def problems(model: Model) -> Iterator[Problem]:
    """Each team with such a call, once: for the first part that shows it."""
    for team in model.teams.values():
        if team.needs is not None:
            yield from _of(model, team, team.needs)


def _of(model: Model, team: Team, call: Need) -> Iterator[Problem]:
    inside = _under(model, call)
    steps = 0
    for patient in (c for c in inside.values() if _brings_back(team, c)):
        steps += len(inside)
        if steps > _MOST:
            return
        at_once, later = _up(inside, patient, riding=True), _up(inside, patient, riding=False)
        if holds(call, lambda name, up=at_once: name in up) and not holds(call, lambda name, up=later: name in up):  # type: ignore[misc]
            rider = next((c for c in inside.values() if c.rides is not None and c.id in at_once and c.id not in later), patient)
            lost = next(name for name in leaf_names(call) if name not in later)
            rides = rider.rides.text if rider.rides else ""
            values = {"name": team.id, "patient": patient.id, "lost": lost, "rider": rider.id, "rides": rides}
            yield Problem("called-just-in-time", team.wheres.get("needs") or team.where, f"teams.{team.id}.needs", values)
            return


def _brings_back(team: Team, c: Component) -> bool:
    return any(crew.team == team.id for job in (c.start, c.repair) if job is not None for crew in job.people)


def _under(model: Model, call: Need) -> dict[str, Component]:
    """All that a need rests on, by name."""
    found: dict[str, Component] = {}
    stack = leaf_names(call)
    while stack:
        c = model.components.get(stack.pop())
        if c is not None and c.id not in found:
            found[c.id] = c
            stack += leaf_names(c.needs)
    return found


def _up(inside: Mapping[str, Component], lost: Component, *, riding: bool) -> set[str]:
    """What is up without one part: at once (what rides holds out, no standby has come yet), or later (none rides, standbys are there)."""
    up = {c.id for c in inside.values() if c is not lost and (c.standby is None or not riding)}
    gone = True
    while gone:
        gone = {name for name in up if not (riding and inside[name].rides is not None) and not holds(inside[name].needs, up.__contains__)}
        up -= gone
    return up
