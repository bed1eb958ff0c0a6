"""What stops if one thing alone is lost, by logic: a place, a team, a part that several services stand on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.language.model import Model
from blackstart.language.places import members
from blackstart.studies import chains
from blackstart.system import System

FEWEST_SERVICES = 2  # under which a component is no finding
MOST_FINDINGS = 40
AT_ONCE = 512  # single losses looked at side by side
MOST_PARTS = 4096  # parts under several services that are tried one by one, those under most services first


class Without:
    """A System read over the loss of its components, whatever the reason."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.read = st.structure(system, lost=True)
        self.place = {e.a: i for i, e in enumerate(self.read.events) if e.kind == st.LOST}
        self._chains: dict[bool, chains.Chains] = {}

    def out(self, groups: Sequence[Iterable[int]], before: bool = False) -> np.ndarray:
        """(groups, S) services out when just these components are gone; `before` any standby has taken over."""
        read = st.structure(self.system, lost=True, before=True) if before else self.read
        place = {e.a: i for i, e in enumerate(read.events) if e.kind == st.LOST}
        states = np.zeros((len(groups), len(read.events)), bool)
        for row, group in zip(states, groups, strict=True):
            row[[place[c] for c in group if c in place]] = True
        return logic.evaluate(read.formula, states)

    def why(self, groups: Sequence[Iterable[int]], stopped: Sequence[Sequence[str]], before: bool = False) -> list[dict[str, Any]]:
        """Of each group of components why these services stop without it."""
        if before not in self._chains:
            self._chains[before] = chains.Chains(self.system, self.read.events, before=before)
        there = [[self.place[c] for c in group if c in self.place] for group in groups]
        numbers = [[self.system.services.index(name) for name in names] for names in stopped]
        return [chains.as_rows(self.system, why) for why in self._chains[before].why(there, numbers)]


def lost_alone(model: Model, without: Without, worth: np.ndarray, standbys: bool) -> list[dict[str, Any]]:
    """For each place, operator, release, account … and each team: the services that stop if it alone is gone.

    worth : (S,) what an hour of each service is weighed by; standbys : whether some take time to take over
    """
    groups = [(name, model.domains[name].kind, of) for name, of in members(model).inside.items() if of]
    inside, system = [of for _, _, of in groups], without.system
    out = without.out(inside)
    first = without.out(inside, before=True) if standbys else out
    why = without.why(inside, [_named(system, row) for row in out])
    at_once = without.why(inside, [_named(system, row) for row in first], before=True) if standbys else why
    rows = [
        {
            "what": "domain", "id": name, "kind": kind, **_stopped(system, worth, out[n]),
            "meanwhile": _named(system, first[n] & ~out[n]), "why": at_once[n] | why[n],
        }
        for n, (name, kind, _) in enumerate(groups)
    ]  # fmt: skip
    rows += [_team_lost(model, team) for team in model.teams]
    return sorted(rows, key=lambda r: (-r["share"], -len(r["services"]), -len(r["meanwhile"]), -len(r["unmended"]), r["id"]))


def _named(system: System, out: np.ndarray) -> list[str]:
    return [name for name, o in zip(system.services, out, strict=True) if o]


def _stopped(system: System, worth: np.ndarray, out: np.ndarray) -> dict[str, Any]:
    whole = float(worth.sum())
    return {
        "services": _named(system, out),
        "share": float(worth[out].sum()) / whole if whole > 0 else 0.0,
        "unmended": [],
    }


def _team_lost(model: Model, team: str) -> dict[str, Any]:
    """Nothing stops at once when a team is gone; what needs it to be repaired or started does not come back."""
    unmended = [
        c.id for c in model.components.values()
        if any(crew.team == team for part in (c.repair, c.start) if part for crew in part.people)
    ]  # fmt: skip
    return {"what": "team", "id": team, "kind": None, "services": [], "share": 0.0, "unmended": unmended, "meanwhile": [], "why": {}}


def under_many(without: Without, worth: np.ndarray) -> list[dict[str, Any]]:
    """Parts without which two services or more stop: a login, a database, a line; those with the same services together."""
    system, read = without.system, without.read
    own = {name: i for i, name in enumerate(system.services)}
    groups: dict[bytes, list[str]] = {}
    outs: dict[bytes, np.ndarray] = {}
    under = _services_over(system)
    several = np.array([i for i, e in enumerate(read.events) if e.kind == st.LOST and under[e.a] >= FEWEST_SERVICES], np.int64)
    several = np.sort(several[np.argsort([-under[read.events[i].a] for i in several], kind="stable")][:MOST_PARTS])
    for block in np.array_split(several, max(1, several.size // AT_ONCE)):
        states = np.zeros((block.size, len(read.events)), bool)
        states[np.arange(block.size), block] = True
        for e, out in zip(block, logic.evaluate(read.formula, states), strict=True):
            name = system.components[read.events[e].a]
            others = out.sum() - (name in own and bool(out[own[name]]))
            if others and out.sum() >= FEWEST_SERVICES:
                groups.setdefault(out.tobytes(), []).append(name)
                outs[out.tobytes()] = out
    rows = [{"parts": names, **_stopped(system, worth, outs[key])} for key, names in groups.items()]
    for row in rows:
        del row["unmended"]
    told = sorted(rows, key=lambda r: (-r["share"], -len(r["services"]), r["parts"]))[:MOST_FINDINGS]
    first = [[system.components.index(row["parts"][0])] for row in told]
    why = without.why(first, [row["services"] for row in told])
    return [row | {"why": of} for row, of in zip(told, why, strict=True)]


def _services_over(system: System) -> np.ndarray:
    """(C,) how many services stand on each component: need it to run or to take over, directly or not."""
    a, count = system.arrays, system.arrays.component.size
    found = np.zeros(count, np.int64)
    for service in a.service["component"]:
        seen, todo = {int(service)}, [int(service)]
        while todo:
            node = todo.pop()
            if node < count:
                found[node] += 1
                row = a.component[node]
                below = [int(n) for n in (row["need"], row["want"], row["start_need"]) if n >= 0]
            else:
                gate = a.gate[node - count]
                below = [int(n) for n in a.child[gate["lo"] : gate["hi"]]]
            new = [n for n in below if n not in seen]
            seen.update(new)
            todo += new
    return found
