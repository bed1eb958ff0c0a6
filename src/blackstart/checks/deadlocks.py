"""Checks on what can never be brought up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from blackstart.checks.index import arrows
from blackstart.errors import Problem, Said, listed
from blackstart.language import coldstart
from blackstart.language.model import Model
from blackstart.language.needs import leaf_names

SEVERITY: Mapping[str, str] = {
    "cold-start-deadlock": "warning", "repair-deadlock": "warning", "restore-deadlock": "warning", "opens-by-break-glass": "note",
}  # fmt: skip


def problems(model: Model) -> Iterator[Problem]:
    """Components of which each waits for another, so that none ever starts."""
    for deadlock in coldstart.deadlocks(model):
        first = model.components[deadlock.chain[0]]
        # A component that needs itself, and a crew too large, have been named already.
        called = _called(model, deadlock.chain)
        if deadlock.kind == "crew" or (deadlock.chain == (first.id, first.id) and not called):
            continue
        code = {"repair": "repair-deadlock", "restore": "restore-deadlock"}.get(deadlock.kind, "cold-start-deadlock")
        chain = [x for i, name in enumerate(deadlock.chain) for x in ((name, f"({called[i]})") if i in called else (name,))]
        values = {"chain": arrows(chain), "count": len(deadlock.members), "called": Said(("problems.called-only",)) if called else ""}
        if deadlock.escape:
            code, values["escape"] = "opens-by-break-glass", listed(deadlock.escape)
        yield Problem(code, first.where, first.path, {"name": first.id, **values})


def _called(model: Model, chain: Sequence[str]) -> dict[int, str]:
    """At which links of a chain one waits for the next only because its people are called by it: the team."""
    found: dict[int, str] = {}
    for i, (name, other) in enumerate(zip(chain, chain[1:], strict=False)):
        c = model.components[name]
        rows = [row for row in (c.start, c.repair) if row is not None]
        if other in (*leaf_names(c.needs), *(n for row in rows for n in leaf_names(row.needs))):
            continue
        crews = [crew.team for row in (*rows, c.break_glass) if row is not None for crew in row.people if crew.team in model.teams]
        teams = [team for team in crews if other in leaf_names(model.teams[team].needs)]
        found |= {i: teams[0]} if teams else {}
    return found
