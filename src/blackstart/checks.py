"""Named checks on a model: what cannot work, what surely was not meant, what is worth a look.

`check` returns Problems. Their severity is no part of the Problem: it is the table `SEVERITY`, by code.
The reader (`load`) has already refused what it cannot understand; these checks ask whether what was
understood makes sense. None of them draws a random number, and all of them together are linear in the
size of the model, except where a limit is stated.
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from blackstart import at_rest, begetting, blindness, common_causes, counts, evidence, intended, lasting, overloads, tools, unmended
from blackstart.beliefs import SEVERITY as SEVERITY_OF_BELIEFS
from blackstart.beliefs import beliefs
from blackstart.coldstart import Deadlock, deadlocks
from blackstart.engines.layout import MOST_CHUNKS
from blackstart.errors import Problem, Said, listed
from blackstart.graph import circles_of, downwards
from blackstart.load import quiet_collector
from blackstart.model import (
    Barrier,
    Component,
    Crew,
    Effect,
    Hazard,
    Intended,
    Loss,
    Model,
    Need,
    Start,
    Target,
)
from blackstart.needs import leaf_names, least, leaves, weights
from blackstart.places import MOST_AROUND, Places
from blackstart.portfolio import SEVERITY as SEVERITY_OF_DEFENCES
from blackstart.portfolio import forgotten, overwrites, priceless
from blackstart.units import BadValue, Chance, Duration, read_hours

__all__ = ["SEVERITY", "Deadlock", "check", "deadlocks", "severity"]

ERROR, WARNING, NOTE = "error", "warning", "note"

SEVERITY: Mapping[str, str] = {
    # cannot work
    "needs-itself": ERROR,
    "standby-for-itself": ERROR,
    "standby-circle": ERROR,
    "crew-larger-than-team": ERROR,
    "until-unknown": ERROR,
    "chance-outside": ERROR,
    "domain-circle": ERROR,
    "at-least-impossible": ERROR,
    "at-least-of-pool": ERROR,
    "capacity-impossible": ERROR,
    "capacity-without-least": ERROR,
    "named-twice": ERROR,
    "begets-without-end": ERROR,
    "common-cause-twice": ERROR,
    "common-cause-alone": ERROR,
    "common-cause-in-two": ERROR,
    "common-cause-factors": ERROR,
    "common-cause-nothing": ERROR,
    "common-cause-many": ERROR,
    "common-cause-never-fails": ERROR,
    "backup-nowhere": ERROR,
    "defence-names-itself": ERROR,
    "defence-unknown": ERROR,
    "defence-circle": ERROR,
    "defence-contradiction": ERROR,
    "loss-falls": ERROR,
    "loss-twice": ERROR,
    "penalties-malformed": ERROR,
    "hours-malformed": ERROR,
    "no-services": ERROR,
    # surely not meant, or a finding to act on
    "cold-start-deadlock": WARNING,
    "repair-deadlock": WARNING,
    "restore-deadlock": WARNING,
    "standby-without-start": WARNING,
    "defences-overwrite": WARNING,
    "defence-forgets-need": WARNING,
    "team-without-people": WARNING,
    "on-call-larger-than-team": WARNING,
    "hazard-without-rate": WARNING,
    "barrier-without-works": WARNING,
    "people-without-time": WARNING,
    "hazard-strikes-nothing": WARNING,
    "effect-reaches-nothing": WARNING,
    "common-cause-unlike": WARNING,
    "copies-together": WARNING,
    "backup-with-data": WARNING,
    "redundancy-in-one-place": WARNING,
    "break-glass-unknown": WARNING,
    "rto-over-mtpd": WARNING,
    "accepted-rises": WARNING,
    "shown-without-as-of": WARNING,
    "shown-after-as-of": WARNING,
    "priority-zero": WARNING,
    "rides-without-needs": WARNING,
    "overload-without-load": WARNING,
    "overload-below-normal": WARNING,
    "tested-without-hidden": WARNING,
    "hidden-without-tested": WARNING,
    "hidden-never-asked": WARNING,
    "spare-never-arrives": WARNING,
    "in-two-places": WARNING,
    "domain-too-deep": WARNING,
    "kind-unknown": WARNING,
    "names-alike": WARNING,
    # worth a look
    "opens-by-break-glass": NOTE,
    "work-without-people": NOTE,
    "share-rounded": NOTE,
    "service-without-loss": NOTE,
    "under-no-service": NOTE,
    "shared-by-services": NOTE,
    "unused-barrier": NOTE,
    "unused-team": NOTE,
    "unused-domain": NOTE,
}

_KNOWN: Mapping[str, str] = {
    **at_rest.SEVERITY, **blindness.SEVERITY, **counts.SEVERITY, **lasting.SEVERITY, **overloads.SEVERITY, **tools.SEVERITY,
    **unmended.SEVERITY, **SEVERITY_OF_BELIEFS, **SEVERITY_OF_DEFENCES, **SEVERITY,
}  # fmt: skip
_WHOLE_PLACES = ("site", "building", "room", "cloud-region")  # nobody is in two of a kind
_BETWEEN_WORDS = re.compile(r"[\s,;]+")
_MOST_SERVICES = 2048  # beyond this `shared-by-services` is left out: it would no longer be linear
# Cyrillic and Greek small letters that are drawn like a Latin one.
_LATIN = str.maketrans(
    "\u0430\u0432\u0435\u0454\u0455\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
    "\u0475\u04bb\u0501\u051b\u051d\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c5\u03c7",
    "abeesijkmhopctyxvhdqwoavpikux",
)


def severity(problem: Problem) -> str:
    """``error``, ``warning`` or ``note``; a Problem that is not of the checks is an error."""
    return _KNOWN.get(problem.code) or intended.SEVERITY.get(problem.code, ERROR)


def apart(model: Model, found: Sequence[Problem]) -> tuple[list[Problem], list[tuple[Problem, Intended]]]:
    """What was found, without what the model says is meant to be so, and that apart (`intended.apart`)."""
    return intended.apart(model, found, _KNOWN)


@quiet_collector()
def check(model: Model, watched: Collection[str] = ()) -> list[Problem]:
    """Everything the named checks find, errors first, within each in the order of the file.

    Parameters
    ----------
    model : Model
        As read, or built from rows; names that the reader would have refused are skipped.
    watched : collection of str
        What files beside the model look at: it hangs on something, though no service needs it.

    Returns
    -------
    list of Problem
        Text in ``text/<lang>/checks.toml``; severity by `severity`.
    """
    index = _Index(model)
    found: list[Problem] = []
    for component in model.components.values():
        found += _component(index, component)
    found += _circular(model)
    found += [*_places(index), *tools.problems(model, index.places), *blindness.problems(model, index.places)]
    found += at_rest.early_standbys(model)
    found += _reach(index, watched)
    found += _domains(index)
    found += _signed(model)
    for hazard in model.hazards.values():
        found += _hazard(index, hazard)
    found += [*begetting.problems(model), *unmended.problems(model, index.places), *lasting.problems(model, index.places)]
    found += overloads.problems(model)
    found += counts.problems(model)
    found += common_causes.problems(model)
    found += _teams_and_barriers(index)
    found += [*_defences(model), *priceless(model)]
    found += overwrites(model)
    found += forgotten(model)
    found += _names(model)
    found += beliefs(model)
    rank = (ERROR, WARNING, NOTE)
    return sorted(found, key=lambda p: (rank.index(severity(p)), _place_order(p)))


def _place_order(problem: Problem) -> tuple[str, int, int]:
    at = problem.where
    return (at.file, at.line, at.column) if at else ("", 0, 0)


# --------------------------------------------------------------------------- what many checks ask


class _Index:
    """Answers many checks need, each worked out once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.used_teams: set[str] = set()
        self.used_barriers: set[str] = set()
        self.triggered = {e.hazard for h in model.hazards.values() for e in _effects(h) if e.op == "trigger"}
        self.loaded: set[str] = set()  # components whose load changes when another fails
        self.standbys: dict[str, list[str]] = {}  # whom -> who stands by for it
        self.places = Places(model)
        located = {component.located for component in model.components.values()}
        self.inhabited = {name for key in located for domain in key for name in self.places.around(domain)}
        self.tags = {tag for c in model.components.values() for tag in c.tags}
        self.tags |= {tag for domain in model.domains.values() for tag in domain.tags}
        self.mentioned = {word for d in model.defences.values() for word in _words(d.change)}
        targets = [e.target for h in model.hazards.values() for e in _effects(h) if e.op == "reveal"]
        self.revealed = [target for target in targets if target is not None]
        self.surges = any(c.surge is not None for c in model.components.values()) or any(
            effect.op == "surge" for hazard in model.hazards.values() for effect in _effects(hazard)
        )
        for component in model.components.values():
            if component.standby is not None:
                for name in component.standby.stands_for:
                    self.standbys.setdefault(name, []).append(component.id)

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


def _section(component: Component) -> str:
    return "services" if component.is_service else "components"


def _problem(index: _Index, component: Component, field: str, code: str, **values: Any) -> Problem:
    part = getattr(component, field.partition(".")[0], None)
    where = component.wheres.get(field) or getattr(part, "where", None) or component.where
    path = f"{_section(component)}.{component.id}.{field}".rstrip(".")
    return Problem(code, where, path, {"name": component.id, **values})


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


# --------------------------------------------------------------------------- one component


def _component(index: _Index, c: Component) -> Iterator[Problem]:
    if c.needs is not None:
        yield from _need(index, c, "needs", c.needs)
    elif c.rides is not None:
        yield _problem(index, c, "rides", "rides-without-needs")
    if c.standby is not None:
        yield from _standby(index, c)
    if c.start is not None:
        yield from _job(index, c, "start", c.start)
        if c.start.works is not None:
            problem = _problem(index, c, "start.works", "chance-outside", what="works")
            yield from _chance(c.start.works, problem)
        if c.start.rehearsed is not None:
            yield from _shown(index, c.start.rehearsed, _problem(index, c, "start.rehearsed", ""))
    if c.repair is not None:
        yield from _job(index, c, "repair", c.repair)
        spare = c.repair.spare
        if spare is not None and not spare.stock and spare.lead is None:
            yield _problem(index, c, "repair.spare", "spare-never-arrives")
    if c.break_glass is not None:
        yield from _break_glass(index, c)
    if c.tested is not None and c.hidden is None:
        yield _problem(index, c, "tested", "tested-without-hidden")
    if c.hidden is not None and c.tested is None:
        yield _problem(index, c, "hidden", "hidden-without-tested")
    elif c.hidden is not None and c.standby is None and not index.is_revealed(c):
        yield _problem(index, c, "hidden", "hidden-never-asked")
    if c.overload is not None and c.overload <= 1.0:
        yield _problem(index, c, "overload", "overload-below-normal", percent=f"{c.overload:.0%}")
    if c.priority == 0:
        yield _problem(index, c, "priority", "priority-zero")
    if c.data is not None:
        yield from _data(index, c)
    if c.kind is not None and evidence.canonical(c.kind, "component") is None:
        yield _unknown_kind(_problem(index, c, "kind", "kind-unknown"), c.kind, "component")
    if c.is_service:
        yield from _service(index, c)


def _unknown_kind(problem: Problem, kind: str, noun: str) -> Problem:
    values = {**problem.values, "kind": kind, "noun": noun}
    return Problem(problem.code, problem.where, problem.path, values, _nearest(kind, evidence.kinds(noun)))


def _need(index: _Index, c: Component, field: str, need: Need) -> Iterator[Problem]:
    """An expression that has the component itself in it, or asks for more than there is."""
    if need.op != "leaf" and not _plain(need):
        yield from _gates(index, c, field, need)
    if c.id in leaf_names(need):
        yield _problem(index, c, field, "needs-itself")


def _gates(index: _Index, c: Component, field: str, need: Need) -> Iterator[Problem]:
    stack = [need]
    while stack:
        node = stack.pop()
        stack.extend(child for child in node.of if child.op != "leaf")
        if node.op in ("any", "at_least", "capacity"):
            index.loaded.update(leaf.name for leaf in leaves(node))
        if node.op == "maybe" and node.chance is not None:
            problem = _problem(index, c, field, "chance-outside", what="maybe")
            yield from _chance(node.chance, problem)
        if node.op == "at_least" and not 1 <= node.threshold <= len(node.of):
            values = {"least": f"{node.threshold:g}", "members": len(node.of)}
            if (pool := counts.pool_of(index.model, node)) is not None:
                values |= {"pool": pool, "share": f"{min(1.0, node.threshold / index.model.components[pool].count):.0%}"}
            yield _problem(index, c, field, "at-least-of-pool" if pool else "at-least-impossible", **values)
        if node.op in ("any", "at_least"):
            yield from _named_twice(index, c, field, [child.name for child in node.of if child.op == "leaf"])
        if node.op == "capacity" and not least(node):
            yield _problem(index, c, field, "capacity-without-least", total=f"{sum(weights(node)):.0%}")
        elif node.op == "capacity" and not 0 < least(node) <= sum(weights(node)) + 1e-9:
            total, threshold = f"{sum(weights(node)):g}", f"{least(node):g}"
            yield _problem(index, c, field, "capacity-impossible", least=threshold, total=total)


def _named_twice(index: _Index, c: Component, field: str, names: Sequence[str]) -> Iterator[Problem]:
    """The same thing twice where each is to count for itself."""
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        yield _problem(index, c, field, "named-twice", what=listed(twice))


def _standby(index: _Index, c: Component) -> Iterator[Problem]:
    assert c.standby is not None
    if c.id in c.standby.stands_for:
        yield _problem(index, c, "standby", "standby-for-itself")
    if c.start is None or not any((c.start.takes, c.start.detect, c.start.decide, c.start.switch, c.start.work)):
        yield _problem(index, c, "standby", "standby-without-start")
    index.loaded.add(c.id)


def _job(index: _Index, c: Component, field: str, job: Any) -> Iterator[Problem]:
    """A start or a repair: its needs, its people, its time."""
    if job.needs is not None:
        yield from _need(index, c, f"{field}.needs", job.needs)
    timed = job.takes or job.work or job.detect or job.decide or (isinstance(job, Start) and job.switch)
    if job.people:
        yield from _crew(index, c, f"{field}.people", job.people)
        if not timed:
            yield _problem(index, c, f"{field}.people", "people-without-time")
    elif job.work is not None:
        yield _problem(index, c, f"{field}.work", "work-without-people")


def _crew(index: _Index, c: Component, field: str, crews: Sequence[Crew]) -> Iterator[Problem]:
    asked = Counter[str]()
    for crew in crews:
        asked[crew.team] += crew.people
    index.used_teams.update(asked)
    for team, people in asked.items():
        there = index.model.teams.get(team)
        if there is not None and 0 < there.people < people:
            values = {"team": team, "asked": people, "people": there.people}
            yield _problem(index, c, field, "crew-larger-than-team", **values)


def _break_glass(index: _Index, c: Component) -> Iterator[Problem]:
    glass = c.break_glass
    assert glass is not None
    yield from _crew(index, c, "break_glass.people", glass.people)
    if glass.people and glass.takes is None:
        yield _problem(index, c, "break_glass.people", "people-without-time")
    if glass.without:
        known = set(leaf_names(c.needs))
        for job in (c.start, c.repair):
            known.update(leaf_names(job.needs) if job is not None else ())
        for name in glass.without:
            if name not in known:
                yield _problem(index, c, "break_glass.without", "break-glass-unknown", what=name)


def _data(index: _Index, c: Component) -> Iterator[Problem]:
    """Copies that one fire takes, and a backup that burns with them."""
    assert c.data is not None
    yield from _named_twice(index, c, "data.copies", c.data.copies)
    copies = tuple(dict.fromkeys(c.data.copies)) or (c.id,)
    places = index.places.shared(copies)
    if len(copies) > 1 and places:
        yield _problem(index, c, "data.copies", "copies-together", copies=listed(copies), place=places[0])
    if c.data.backup is not None and c.data.backup.kept is None:
        yield _problem(index, c, "data.backup", "backup-nowhere")
    kept = c.data.backup.kept if c.data.backup is not None else None
    if kept is not None:
        place = next(iter(index.places.shared((*copies, kept))), None)
        if kept in copies:
            yield _problem(index, c, "data.backup.kept", "backup-with-data", kept=kept, place=place or kept)
        elif place is not None:
            yield _problem(index, c, "data.backup.kept", "backup-with-data", kept=kept, place=place)


def _service(index: _Index, c: Component) -> Iterator[Problem]:
    if c.loss is None and c.users is None:
        yield _problem(index, c, "", "service-without-loss")
    if c.loss is not None:
        yield from _loss(index, c, c.loss)
    bears = c.tolerance
    if bears is not None and bears.rto is not None and bears.mtpd is not None:
        if _hours(bears.rto) > _hours(bears.mtpd):
            values = {"rto": bears.rto.text or f"{_hours(bears.rto):g} h"}
            values["mtpd"] = bears.mtpd.text or f"{_hours(bears.mtpd):g} h"
            yield _problem(index, c, "tolerance", "rto-over-mtpd", **values)


def _signed(model: Model) -> Iterator[Problem]:
    """Points of a signed curve by which something worse may come more often than something milder."""
    bears = [("tolerance", model.tolerance), *((f"services.{c.id}.tolerance", c.tolerance) for c in model.services)]
    for path, row in bears:
        points = row.at_most if row is not None else ()
        for milder, worse in zip(points, points[1:], strict=False):
            if milder.measure == worse.measure and worse.per_year > milder.per_year:
                yield Problem("accepted-rises", worse.where, f"{path}.at_most", {})


def _hours(duration: Duration) -> float:
    """A duration's middle, in hours."""
    return sum(term.median() for term in duration.terms)


def _loss(index: _Index, c: Component, loss: Loss) -> Iterator[Problem]:
    for field, table in (("table", loss.table), ("penalties", loss.penalties)):
        hours = [h for h, _ in table]
        amounts = [money.dist.median() for _, money in table]
        rises = all(a <= b for a, b in zip(amounts, amounts[1:], strict=False))  # what has been lost; penalties are paid one by one
        ordered = all(a < b for a, b in zip(hours, hours[1:], strict=False))
        if field == "table" and not (rises and ordered):
            steps = zip(hours[1:], amounts, amounts[1:], strict=False)
            at = next((h for h, before, after in steps if after < before), hours[-1])
            yield _problem(index, c, "loss", "loss-falls", hours=f"{at:g} h")
        if field == "penalties" and not (ordered and all(h > 0 for h in hours)):
            yield _problem(index, c, "loss.penalties", "penalties-malformed")
    if loss.rate is not None and loss.table:
        yield _problem(index, c, "loss", "loss-twice")
    if loss.hours is not None and not _is_hours(loss.hours):
        yield _problem(index, c, "loss.hours", "hours-malformed", hours=loss.hours)


def _is_hours(text: str) -> bool:
    try:
        read_hours(text)
    except BadValue:
        return False
    return True


def _chance(chance: Chance | None, problem: Problem) -> Iterator[Problem]:
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


def _shown(index: _Index, day: datetime.date | None, problem: Problem) -> Iterator[Problem]:
    """A date of evidence that cannot be aged, or that lies ahead."""
    if day is None:
        return
    as_of = index.model.as_of
    if as_of is None or day > as_of:
        code = "shown-without-as-of" if as_of is None else "shown-after-as-of"
        values = {**problem.values, "day": day.isoformat(), "as_of": str(as_of)}
        yield Problem(code, problem.where, problem.path, values)


# --------------------------------------------------------------------------- circles


def _circular(model: Model) -> Iterator[Problem]:
    """Standbys that call each other, and deadlocks."""
    calls = {c.id: c.standby.stands_for for c in model.components.values() if c.standby is not None}
    for circle in circles_of({name: [n for n in whom if n != name] for name, whom in calls.items()}):
        first = model.components[circle[0]]
        values = {"name": first.id, "chain": _arrows([*circle, circle[0]])}
        yield Problem("standby-circle", first.where, f"{_section(first)}.{first.id}.standby", values)
    yield from _deadlocked(model)


def _deadlocked(model: Model) -> Iterator[Problem]:
    for deadlock in deadlocks(model):
        first = model.components[deadlock.chain[0]]
        # A component that needs itself, and a crew too large, have been named already.
        called = _called(model, deadlock.chain)
        if deadlock.kind == "crew" or (deadlock.chain == (first.id, first.id) and not called):
            continue
        code = {"repair": "repair-deadlock", "restore": "restore-deadlock"}.get(deadlock.kind, "cold-start-deadlock")
        chain = [x for i, name in enumerate(deadlock.chain) for x in ((name, f"({called[i]})") if i in called else (name,))]
        values = {"chain": _arrows(chain), "count": len(deadlock.members), "called": Said(("problems.called-only",)) if called else ""}
        if deadlock.escape:
            code, values["escape"] = "opens-by-break-glass", listed(deadlock.escape)
        section = _section(first)
        yield Problem(code, first.where, f"{section}.{first.id}", {"name": first.id, **values})


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


def _arrows(chain: Sequence[str]) -> str:
    if len(chain) > 12:
        chain = (*chain[:6], f"… (+{len(chain) - 9:,})", *chain[-3:])
    return " → ".join(chain)


# --------------------------------------------------------------------------- places


def _places(index: _Index) -> Iterator[Problem]:
    """What stands where it must not: redundancy behind one wall."""
    seen: set[tuple[Any, ...]] = set()
    for c in index.model.components.values():
        if c.needs is not None and c.needs.op != "leaf" and not _plain(c.needs):
            yield from _redundancy(index, c, c.needs, seen)


def _plain(need: Need) -> bool:
    """Whether an expression is a plain list, all of which is needed."""
    return need.op == "all" and all(child.op == "leaf" for child in need.of)


def _redundancy(index: _Index, c: Component, need: Need, seen: set[tuple[Any, ...]]) -> Iterator[Problem]:
    mine = index.places.of(c)
    stack = [need]
    while stack:
        node = stack.pop()
        stack.extend(child for child in node.of if child.op != "leaf")
        if node.op not in ("any", "at_least", "capacity"):
            continue
        members = sorted(set(leaf_names(node)))
        key = (*members, mine)
        if len(members) < 2 or key in seen:
            continue
        seen.add(key)
        # A place that holds the component too says nothing: when it is lost, so is the component.
        shared = [place for place in index.places.shared(members) if place not in mine]
        if shared:
            yield _problem(
                index, c, "needs", "redundancy-in-one-place", members=listed(members), place=shared[0]
            )


# --------------------------------------------------------------------------- what hangs on what


def _reach(index: _Index, watched: Collection[str]) -> Iterator[Problem]:
    model = index.model
    services = model.services
    if not services:
        yield Problem("no-services")
        return
    reached = _reached(index, [*(service.id for service in services), *watched])
    for c in model.components.values():
        if c.id not in reached and c.id not in index.mentioned:
            yield _problem(index, c, "", "under-no-service")
        if c.overload is not None and c.id not in index.loaded and not index.surges:
            yield _problem(index, c, "overload", "overload-without-load")
    yield from _shared(index, services)


def _references(index: _Index, c: Component) -> list[str]:
    """Everything a component leans on in some way."""
    names = leaf_names(c.needs)
    names = names + [want.name for want in c.wants] + [help_.name for help_ in c.helps]
    for job in (c.start, c.repair):
        if job is not None and job.needs is not None:
            names += leaf_names(job.needs)
    if c.data is not None:
        names += c.data.copies
        if c.data.backup is not None and c.data.backup.kept is not None:
            names.append(c.data.backup.kept)
    return names + index.standbys.get(c.id, [])


def _reached(index: _Index, roots: list[str]) -> set[str]:
    model = index.model
    stack = list(roots)
    stack += [name for group in model.common_causes.values() for name in group.of]
    for row in (*model.barriers.values(), *model.teams.values()):
        stack += leaf_names(row.needs)
    for hazard in model.hazards.values():
        for effect in _effects(hazard):
            stack += [*leaf_names(effect.when), *([effect.until.back] if effect.until and effect.until.back else [])]
    reached: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in reached and name in model.components:
            reached.add(name)
            stack += _references(index, model.components[name])
    return reached


def _must(need: Need | None) -> list[str]:
    """Names without which an expression cannot hold, by its shape alone: those under ``all`` only."""
    names: list[str] = []
    stack = [need] if need is not None else []
    while stack:
        node = stack.pop()
        if node.op == "leaf":
            names.append(node.name)
        elif node.op == "all" or (node.op in ("any", "at_least") and least(node) == len(node.of)):
            stack.extend(node.of)
    return names


def _shared(index: _Index, services: Sequence[Component]) -> Iterator[Problem]:
    """A component under at least three services, and under at least half of all, with nothing above it so."""
    if not 3 <= len(services) <= _MOST_SERVICES:
        return
    model = index.model
    must = {c.id: [n for n in _must(c.needs) if n in model.components] for c in model.components.values()}
    above: dict[str, int] = {service.id: 1 << i for i, service in enumerate(services)}
    for name in downwards(must, list(above)):
        for below in must[name]:
            above[below] = above.get(below, 0) | above[name]
    least_many = max(3, -(-len(services) // 2))
    wide = {name: count for name, mine in above.items() if (count := mine.bit_count()) >= least_many}
    hidden = {
        below
        for name in wide
        if not model.components[name].is_service
        for below in must[name]
        if above[below] == above[name] and below != name
    }
    for name, count in wide.items():
        c = model.components[name]
        if not c.is_service and name not in hidden:
            yield _problem(index, c, "", "shared-by-services", count=count, services=len(services))


# --------------------------------------------------------------------------- domains, teams, barriers


def _domains(index: _Index) -> Iterator[Problem]:
    model = index.model
    for circle in circles_of({d.id: d.located for d in model.domains.values()}):
        first = model.domains[circle[0]]
        values = {"name": first.id, "chain": _arrows([*circle, circle[0]])}
        yield Problem("domain-circle", first.where, f"domains.{first.id}.in", values)
    deep = next((d for d in model.domains.values() if len(index.places.around(d.id)) >= MOST_AROUND), None)
    if deep is not None:
        values = {"name": deep.id, "most": MOST_AROUND}
        yield Problem("domain-too-deep", deep.where, f"domains.{deep.id}.in", values)
    used = index.inhabited | {name for hazard in model.hazards.values() for name in _struck(hazard)}
    for domain in model.domains.values():
        if domain.id not in used and domain.id not in index.mentioned:
            yield Problem("unused-domain", domain.where, f"domains.{domain.id}", {"name": domain.id})
        if domain.kind is not None and evidence.canonical(domain.kind, "domain") is None:
            problem = Problem("kind-unknown", domain.where, f"domains.{domain.id}.kind", {"name": domain.id})
            yield _unknown_kind(problem, domain.kind, "domain")
    yield from _in_two_places(index)


def _in_two_places(index: _Index) -> Iterator[Problem]:
    """A component in two sites, buildings or rooms of which neither is inside the other."""
    model = index.model
    judged: dict[tuple[str, ...], tuple[str, str] | None] = {}
    for c in model.components.values():
        if len(c.located) < 2:
            continue
        if c.located not in judged:
            judged[c.located] = _two_of_a_kind(index, index.places.of(c))
        two = judged[c.located]
        if two is not None:
            yield _problem(index, c, "in", "in-two-places", first=two[0], second=two[1])


def _two_of_a_kind(index: _Index, domains: Collection[str]) -> tuple[str, str] | None:
    kinds: dict[str, str] = {}
    for name in sorted(domains):
        kind = evidence.canonical(index.model.domains[name].kind or "", "domain")
        if kind not in _WHOLE_PLACES:
            continue
        other = kinds.setdefault(kind, name)
        nested = other in index.places.around(name) or name in index.places.around(other)
        if not nested:
            return other, name
    return None


def _struck(hazard: Hazard) -> Iterator[str]:
    """Names a hazard or one of its effects reaches."""
    yield from hazard.strikes
    for effect in _effects(hazard):
        if effect.target is not None:
            yield from effect.target.names


def _teams_and_barriers(index: _Index) -> Iterator[Problem]:
    model = index.model
    for hazard in model.hazards.values():
        for effect in _effects(hazard):
            index.used_barriers.update(effect.unless)
    for defence in model.defences.values():
        index.used_teams.update(crew.team for crew in defence.people)
    for team in model.teams.values():
        path = f"teams.{team.id}"
        if team.id not in index.used_teams and team.id not in index.mentioned:
            yield Problem("unused-team", team.where, path, {"name": team.id})
        elif team.id in index.used_teams and not team.people:
            yield Problem("team-without-people", team.where, path, {"name": team.id})
        if team.on_call is not None and team.on_call > team.people:
            values = {"name": team.id, "on_call": team.on_call, "people": team.people}
            yield Problem("on-call-larger-than-team", team.where, f"{path}.on_call", values)
    for barrier in model.barriers.values():
        yield from _barrier(index, barrier)


def _barrier(index: _Index, barrier: Barrier) -> Iterator[Problem]:
    path = f"barriers.{barrier.id}"
    named = {"name": barrier.id}
    if barrier.id not in index.used_barriers and barrier.id not in index.mentioned:
        yield Problem("unused-barrier", barrier.where, path, named)
    yield from _chance(
        barrier.works, Problem("chance-outside", barrier.where, f"{path}.works", {**named, "what": "works"})
    )
    if barrier.works is None and barrier.hidden is None and barrier.needs is None:
        yield Problem("barrier-without-works", barrier.where, f"{path}.works", named)
    yield from _shown(index, barrier.shown, Problem("", barrier.where, f"{path}.shown", named))
    if barrier.tested is not None and barrier.hidden is None:
        yield Problem("tested-without-hidden", barrier.where, f"{path}.tested", named)
    if barrier.hidden is not None and barrier.tested is None:
        yield Problem("hidden-without-tested", barrier.where, f"{path}.hidden", named)


# --------------------------------------------------------------------------- hazards


def _effects(hazard: Hazard) -> Iterator[Effect]:
    """All effects of a hazard, those of its effects included."""
    stack = list(reversed(hazard.effects))
    while stack:
        effect = stack.pop()
        yield effect
        stack.extend(reversed(effect.then))


def _hazard(index: _Index, hazard: Hazard) -> Iterator[Problem]:
    path = f"hazards.{hazard.id}"
    named = {"name": hazard.id}
    yield from _chance(
        hazard.chance, Problem("chance-outside", hazard.where, f"{path}.chance", {**named, "what": "chance"})
    )
    if hazard.rate is None and hazard.id not in index.triggered:
        yield Problem("hazard-without-rate", hazard.where, f"{path}.rate", named)
    struck = [name for name in hazard.strikes if name in index.model.domains]
    if struck and len(struck) == len(hazard.strikes) and not index.inhabited.intersection(struck):
        yield Problem("hazard-strikes-nothing", hazard.where, path, {**named, "domain": listed(struck)})
    for effect in _effects(hazard):
        yield from _effect(index, hazard, effect)


def _effect(index: _Index, hazard: Hazard, effect: Effect) -> Iterator[Problem]:
    where = effect.where or hazard.where
    path = f"hazards.{hazard.id}.effects"
    named = {"name": hazard.id, "op": effect.op}
    until = effect.until
    if effect.team is not None:
        index.used_teams.add(effect.team)
    times = ("cleared", *(hazard.lasts or ()))
    if until is not None and until.named is not None and until.named not in times:
        values = {**named, "until": until.named}
        yield Problem("until-unknown", where, path, values, _nearest(until.named, times))
    yield from _chance(effect.chance, Problem("chance-outside", where, path, {**named, "what": "chance"}))
    if effect.target is not None and _reaches_nothing(index, effect.target):
        reach = listed([*effect.target.names, *effect.target.tags])
        yield Problem("effect-reaches-nothing", where, path, {**named, "target": reach})
    if effect.target is not None and (rounded := _rounded(index, effect.target)) is not None:
        counted, hit, parts = rounded
        values = {"counted": counted, "share": f"{effect.target.share:.1%}", "hit": hit, "parts": parts, "taken": f"{hit / parts:.1%}"}
        yield Problem("share-rounded", where, path, {**named, **values})


def _rounded(index: _Index, target: Target) -> tuple[str, int, int] | None:
    """A counted component of whose parts a share is not a whole number: its name, the parts that are hit, all parts."""
    c = index.model.components.get(target.names[0]) if len(target.names) == 1 and not target.tags else None
    if c is None or c.count <= 1 or target.share >= 1.0:
        return None
    parts = min(MOST_CHUNKS, c.count)
    hit = max(1, int(target.share * parts + 0.5))
    return None if abs(hit - target.share * parts) < 1e-9 else (c.id, hit, parts)


def _reaches_nothing(index: _Index, target: Target) -> bool:
    """Whether a target names only domains without components, and tags that nothing carries."""
    names = [name for name in target.names if name not in index.model.domains or name in index.inhabited]
    asked = target.names or target.tags
    return bool(asked) and not names and not index.tags.intersection(target.tags)


# --------------------------------------------------------------------------- defences


def _defences(model: Model) -> Iterator[Problem]:
    known = model.defences
    for defence in known.values():
        path = f"defences.{defence.id}"
        for field, names in (("requires", defence.requires), ("excludes", defence.excludes)):
            for name in names:
                values = {"name": defence.id, "field": field, "other": name}
                if name == defence.id:
                    yield Problem("defence-names-itself", defence.where, f"{path}.{field}", values)
                elif name not in known:
                    nearest = _nearest(name, known)
                    yield Problem("defence-unknown", defence.where, f"{path}.{field}", values, nearest)
    for circle in circles_of({d.id: [n for n in d.requires if n != d.id] for d in known.values()}):
        first = known[circle[0]]
        values = {"name": first.id, "chain": _arrows([*circle, circle[0]])}
        yield Problem("defence-circle", first.where, f"defences.{first.id}.requires", values)
    yield from _contradictions(model)


def _contradictions(model: Model) -> Iterator[Problem]:
    """A defence that, directly or through what it requires, needs something it cannot stand beside."""
    pairs = ((d.id, name) for d in model.defences.values() for name in d.excludes)
    excluded = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}
    if not excluded:
        return
    for defence in model.defences.values():
        together: set[str] = set()
        stack = [defence.id]
        while stack:
            name = stack.pop()
            if name not in together and name in model.defences:
                together.add(name)
                stack.extend(model.defences[name].requires)
        pair = next((p for p in excluded if p <= together), None)
        if pair is not None:
            first, second = sorted(pair)
            values = {"name": defence.id, "first": first, "second": second}
            yield Problem("defence-contradiction", defence.where, f"defences.{defence.id}", values)


# --------------------------------------------------------------------------- names


def _names(model: Model) -> Iterator[Problem]:
    """Names of one section that a reader would take for each other."""
    for section in ("components", "domains", "teams", "hazards", "barriers", "defences"):
        first: dict[str, str] = {}
        rows: Mapping[str, Any] = getattr(model, section)
        for name, row in rows.items():
            other = first.setdefault(looks_like(name), name)
            if other != name:
                values = {"name": name, "other": other}
                yield Problem("names-alike", row.where, f"{section}.{name}", values)


def looks_like(name: str) -> str:
    """What a name looks like: names with the same result differ only in case, width or alphabet."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).casefold().translate(_LATIN)
    return name.lower().replace("_", "-")
