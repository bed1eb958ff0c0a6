"""What many checks ask of a model, each worked out once; and what findings are made of."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from blackstart import evidence
from blackstart.errors import Problem
from blackstart.language.model import Chance, Component, Model, Need, every_effect
from blackstart.language.needs import leaf_names
from blackstart.language.places import Places

SEVERITY: Mapping[str, str] = {
    "chance-outside": "error", "shown-without-as-of": "warning", "shown-after-as-of": "warning", "tested-without-hidden": "warning",
    "hidden-without-tested": "warning", "kind-unknown": "warning",
}  # fmt: skip
_BETWEEN_WORDS = re.compile(r"[\s,;]+")


class Index:
    """Answers many checks need, each worked out once."""

    def __init__(self, model: Model, watched: Collection[str] = ()) -> None:
        self.model, self.watched = model, watched
        self.effects = [e for h in model.hazards.values() for e in every_effect(h.effects)]
        self.triggered = {e.hazard for e in self.effects if e.op == "trigger"}
        self.standbys: dict[str, list[str]] = {}  # whom -> who stands by for it
        self.places = Places(model)
        located = {component.located for component in model.components.values()}
        self.inhabited = {name for key in located for domain in key for name in self.places.around(domain)}
        self.tags = {tag for c in model.components.values() for tag in c.tags}
        self.tags |= {tag for domain in model.domains.values() for tag in domain.tags}
        self.mentioned = {word for d in model.defences.values() for word in _words(d.change)}
        self.revealed = [e.target for e in self.effects if e.op == "reveal" and e.target is not None]
        self.surges = any(c.surge for c in model.components.values()) or any(e.op == "surge" for e in self.effects)
        for component in model.components.values():
            if component.standby is not None:
                for name in component.standby.stands_for:
                    self.standbys.setdefault(name, []).append(component.id)

    @cached_property
    def used_teams(self) -> set[str]:
        """Teams that work, a hazard or a defence asks for."""
        jobs = (job for c in self.model.components.values() for job in (c.start, c.repair, c.break_glass) if job is not None)
        asked = {crew.team for row in (*jobs, *self.model.defences.values()) for crew in row.people}
        return asked | {e.team for e in self.effects if e.team is not None}

    @cached_property
    def used_barriers(self) -> set[str]:
        return {name for effect in self.effects for name in effect.unless}

    @cached_property
    def loaded(self) -> set[str]:
        """Components whose load changes when another fails: members of gates with a choice, and standbys."""
        found = {c.id for c in self.model.components.values() if c.standby is not None}
        for c in self.model.components.values():
            stack = [row.needs for row in (c, c.start, c.repair) if row is not None and row.needs is not None and not is_plain(row.needs)]
            while stack:
                node = stack.pop()
                stack.extend(child for child in node.of if child.op != "leaf")
                if node.op in ("any", "at_least", "capacity"):
                    found.update(leaf_names(node))
        return found

    def is_revealed(self, c: Component) -> bool:
        """Whether some hazard shows the hidden faults of a component, or a defence might."""
        around = {c.id, *self.places.of(c)}
        tags = set(c.tags).union(*(self.model.domains[name].tags for name in around if name in self.model.domains))
        return c.id in self.mentioned or any(around & set(t.names) or tags & set(t.tags) for t in self.revealed)


def _words(change: Any) -> Iterator[str]:
    """Every word in a change that a defence makes: what it names may be in use once it stands."""
    stack = [change]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            if _BETWEEN_WORDS.search(node):
                yield from _BETWEEN_WORDS.split(node)
        elif isinstance(node, Mapping):
            stack.extend(node)
            stack.extend(node.values())
        elif isinstance(node, Sequence):
            stack.extend(node)


def finding(c: Component, field: str, code: str, **values: Any) -> Problem:
    """A Problem of a component, at what is stated of the field, or where it stands."""
    part = getattr(c, field.partition(".")[0], None)
    where = c.wheres.get(field) or getattr(part, "where", None) or c.where
    return Problem(code, where, f"{c.path}.{field}".rstrip("."), {"name": c.id, **values})


def nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


def unknown_kind(problem: Problem, kind: str, noun: str) -> Problem:
    values = {**problem.values, "kind": kind, "noun": noun}
    return Problem(problem.code, problem.where, problem.path, values, nearest(kind, evidence.kinds(noun)))


def is_plain(need: Need) -> bool:
    """Whether an expression is a plain list, all of which is needed."""
    return need.op == "all" and all(child.op == "leaf" for child in need.of)


def arrows(chain: Sequence[str]) -> str:
    if len(chain) > 12:
        chain = (*chain[:6], f"… (+{len(chain) - 9:,})", *chain[-3:])
    return " → ".join(chain)


def outside(chance: Chance | None, problem: Problem) -> Iterator[Problem]:
    """`problem`, if the chance can leave 0..1."""
    if chance is None or chance.dist.kind in ("beta", "logitnormal"):
        return
    dist = chance.dist
    bounds = {
        "point": (dist.a, dist.a),
        "uniform": (dist.a, dist.b),
        "triangular": (dist.a, dist.c),
        "empirical": (min(dist.values, default=0.0), max(dist.values, default=0.0)),
    }.get(dist.kind, (0.0, float("inf")))
    if not 0.0 <= bounds[0] <= bounds[1] <= 1.0:
        text = chance.text or f"{bounds[1]:g}"
        yield Problem(problem.code, problem.where, problem.path, {**problem.values, "chance": text})


def aged_evidence(index: Index, day: datetime.date | None, problem: Problem) -> Iterator[Problem]:
    """A date of evidence that cannot be aged, or that lies ahead."""
    if day is None:
        return
    as_of = index.model.as_of
    if as_of is None or day > as_of:
        code = "shown-without-as-of" if as_of is None else "shown-after-as-of"
        values = {**problem.values, "day": day.isoformat(), "as_of": str(as_of)}
        yield Problem(code, problem.where, problem.path, values)
