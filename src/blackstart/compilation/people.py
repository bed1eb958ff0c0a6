"""Teams, and the crews that work asks for, as columns."""

from __future__ import annotations

import math

import numpy as np

from blackstart.compilation.numbering import Numbering
from blackstart.compilation.ragged import flat, ints
from blackstart.engines import layout as k
from blackstart.language.model import Component, Crew


def crews(n: Numbering) -> dict[str, np.ndarray]:
    """Whom each component's work asks for: three rows of crews for each component."""
    ptr, asked = flat([people for c in n.rows for people in _crews_of(c)])
    return {"crew_ptr": ptr, "crew_team": ints(n.teams[crew.team] for crew in asked), "crew_n": ints(crew.people for crew in asked)}


def teams(n: Numbering) -> dict[str, np.ndarray]:
    d, o = n.durations, {}
    rows = list(n.model.teams.values())
    shift = [t.shift.mean() if t.shift else math.inf for t in rows]
    shift = [s if s < 24.0 else math.inf for s in shift]
    o["team_people"] = ints(t.people for t in rows)
    o["team_on_call"] = ints(t.people if t.on_call is None else min(t.on_call, t.people) for t in rows)
    o["team_on_turn"] = ints(
        max(1, int(t.people * s / 24.0)) if s < 24.0 else t.people for t, s in zip(rows, shift, strict=True)
    )
    o["team_arrives"] = ints(d.of(t.arrives, f"teams.{t.id}.arrives") for t in rows)
    o["team_musters"] = ints(d.of(t.musters, f"teams.{t.id}.musters") for t in rows)
    o["team_shift"] = np.array(shift, float)
    o["team_need"] = ints(n.gates.node(t.needs) for t in rows)
    o["team_salt"] = np.array([k.salt("team", t.id) for t in rows], np.uint64)
    return o


def _crews_of(c: Component) -> tuple[tuple[Crew, ...], tuple[Crew, ...], tuple[Crew, ...]]:
    """People of the start, of the repair, of breaking the glass."""
    return (
        c.start.people if c.start else (),
        c.repair.people if c.repair else (),
        c.break_glass.people if c.break_glass else (),
    )
