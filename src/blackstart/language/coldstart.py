"""What can never be brought up again once everything is off: cold-start deadlocks, without simulation.

Two fixpoints of the same monotone rules are compared. The greatest fixpoint of the running needs is
what can run together. The least fixpoint of running, starting (and repair) needs is what can be brought
up from black. A component in the first and not in the second runs today and would never start again.

Every pass is linear in the number of needs: each expression is a gate that counts what it still misses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from blackstart.graph import strong_components
from blackstart.language.model import Component, Crew, Model, Need
from blackstart.language.needs import EPS, leaf_names, least, weights


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Components of which each waits for another, so that none ever starts.

    Attributes
    ----------
    members : tuple of str
        Who is caught, in the order of the file. What merely waits behind them is not named: these would
        stay down even if everything else ran.
    chain : tuple of str
        One shortest circle among them, its first name again at its end; or, without a circle, the member
        and the name of what it waits for in vain, if it is a component.
    escape : tuple of str
        Members whose `break_glass` opens it, so that all members start; empty if nothing does.
    kind : str
        ``start``: from black, with nothing damaged · ``repair``: once its members are broken · ``restore``: once all copies
        of some data are destroyed too, and its backup is kept on what needs them · ``crew``: a start asks for more people
        than the team has.
    """

    members: tuple[str, ...]
    chain: tuple[str, ...]
    escape: tuple[str, ...] = ()
    kind: str = "start"


# --------------------------------------------------------------------------- gates


@dataclass(slots=True)
class _Gates:
    """Counting gates. Gate i < n is component i; the others are inner nodes of expressions."""

    names: list[str]
    index: dict[str, int]
    missing: list[float] = field(default_factory=list)  # weight still to come before the gate opens
    owner: list[int] = field(default_factory=list)  # the component whose expression the gate is part of
    parent: list[int] = field(default_factory=list)  # the gate it feeds; -1 for a component
    feeds: list[list[int]] = field(default_factory=list)  # gates that wait for it with weight 1
    weighted: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # and with another weight
    blocked: set[int] = field(default_factory=set)  # components that wait for what never comes
    impossible: bool = False  # whether some gate asks for more than its members could ever give

    def add(self, owner: int, parent: int, missing: float) -> int:
        self.missing.append(missing)
        self.owner.append(owner)
        self.parent.append(parent)
        self.feeds.append([])
        return len(self.missing) - 1

    def outputs(self, gate: int) -> list[tuple[int, float]]:
        """The gates that `gate` feeds, with the weight it gives to each."""
        return [(target, 1.0) for target in self.feeds[gate]] + self.weighted.get(gate, [])

    def connect(self, source: int, target: int, weight: float) -> None:
        if weight == 1.0:
            self.feeds[source].append(target)
        else:
            self.weighted.setdefault(source, []).append((target, weight))


def _gates(model: Model) -> _Gates:
    names = list(model.components)
    n = len(names)
    index = {name: i for i, name in enumerate(names)}
    return _Gates(names, index, [0.0] * n, list(range(n)), [-1] * n, [[] for _ in range(n)])


def _require(gates: _Gates, i: int, need: Need | None, waived: Collection[str] = ()) -> None:
    """Component i needs the whole expression; what is waived, or unknown, counts as there."""
    stack = [need] if need is not None else []
    index, feeds = gates.index, gates.feeds
    while stack:
        node = stack.pop()
        if node.op == "leaf":
            source = index.get(node.name)
            if source is not None and node.name not in waived:
                gates.missing[i] += 1.0
                feeds[source].append(i)
        elif node.op in ("all", "maybe"):
            stack.extend(node.of)
        else:
            gates.missing[i] += 1.0
            _gate(gates, i, node, waived)


def _gate(gates: _Gates, i: int, need: Need, waived: Collection[str]) -> None:
    """Gates for an expression that is more than a list, feeding component i with weight 1."""
    stack = [(need, i, 1.0)]
    while stack:
        node, parent, weight = stack.pop()
        each, asked = weights(node), least(node)
        gate = gates.add(i, parent, asked)
        gates.connect(gate, parent, weight)
        gates.impossible |= sum(each) < asked - EPS
        for child, w in zip(node.of, each, strict=False):
            source = gates.index.get(child.name)
            if child.op != "leaf":
                stack.append((child, gate, w))
            elif source is None or child.name in waived:
                gates.missing[gate] -= w
            else:
                gates.connect(source, gate, w)


def _spread(gates: _Gates, given: Iterable[int] = ()) -> bytearray:
    """The least fixpoint: which gates open from black, `given` components being up from the first."""
    missing = list(gates.missing)
    stack = [g for g, m in enumerate(missing) if m <= EPS]
    stack.extend(given)
    up = bytearray(len(missing))
    feeds, weighted = gates.feeds, gates.weighted
    while stack:
        gate = stack.pop()
        if up[gate]:
            continue
        up[gate] = 1
        for target in feeds[gate]:
            left = missing[target] = missing[target] - 1.0
            if left <= EPS:
                stack.append(target)
        if gate in weighted:
            for target, weight in weighted[gate]:
                left = missing[target] = missing[target] - weight
                if left <= EPS:
                    stack.append(target)
    return up


def _runnable(model: Model) -> bytearray:
    """The greatest fixpoint of the running needs: what can run together (1 for each such component)."""
    gates = _gates(model)
    for i, component in enumerate(model.components.values()):
        _require(gates, i, component.needs)
    spare = [-m for m in gates.missing]
    for gate in range(len(spare)):
        for target, weight in gates.outputs(gate):
            spare[target] += weight
    runs = bytearray(b"\1" * len(spare))
    stack = [g for g, s in enumerate(spare) if s < -EPS]
    while stack:
        gate = stack.pop()
        if not runs[gate]:
            continue
        runs[gate] = 0
        for target, weight in gates.outputs(gate):
            spare[target] -= weight
            if spare[target] < -EPS:
                stack.append(target)
    return runs


# --------------------------------------------------------------------------- who can start


def _crew_missing(crews: Iterable[Crew], model: Model) -> bool:
    """Whether some team is too small for what is asked of it."""
    asked: dict[str, int] = {}
    for crew in crews:
        asked[crew.team] = asked.get(crew.team, 0) + crew.people
    return any(team in model.teams and n > model.teams[team].people for team, n in asked.items())


def _waived(component: Component, together: Collection[str]) -> set[str]:
    """Needs that people do without when they break the glass; `together`: who waits for it in turn."""
    glass = component.break_glass
    if glass is None:
        return set()
    if glass.without:
        return set(glass.without)
    mine = {name for name in leaf_names(component.needs) if name in together}
    for part in (component.start, component.repair):
        if part is not None:
            mine.update(leaf_names(part.needs))
    return mine


def _starting(model: Model, circles: Mapping[str, Collection[str]] | None = None) -> _Gates:
    """Gates of a start from black; given `circles` (who waits with whom), glass is broken where possible."""
    gates = _gates(model)
    for i, component in enumerate(model.components.values()):
        glass = component.break_glass if circles and component.id in circles else None
        waived = _waived(component, circles[component.id]) if circles and glass else ()
        crew = glass.people if glass else ()
        if component.needs is not None:
            _require(gates, i, component.needs, waived)
        if component.start is not None:
            _require(gates, i, component.start.needs, waived)
            crew = crew if glass else component.start.people
        if crew and _crew_missing(crew, model):
            _block(gates, i)
        _call(gates, i, crew, model)
    return gates


def _call(gates: _Gates, i: int, crews: Iterable[Crew], model: Model) -> None:
    """Component i needs what its people are called by. Nobody can do without that."""
    for team in dict.fromkeys(crew.team for crew in crews):
        if team in model.teams:
            _require(gates, i, model.teams[team].needs)


def _add_repairs(
    gates: _Gates, model: Model, circles: Mapping[str, Collection[str]] | None = None, among: Collection[int] | None = None
) -> None:
    """Let components be repaired before they start: all, or those `among` which they are."""
    for i, component in enumerate(model.components.values()):
        repair = component.repair
        if repair is None or (among is not None and i not in among):
            continue
        glass = component.break_glass if circles and component.id in circles else None
        if repair.needs is not None:
            _require(
                gates, i, repair.needs, _waived(component, circles[component.id]) if circles and glass else ()
            )
        if repair.people and not glass and _crew_missing(repair.people, model):
            _block(gates, i)
        _call(gates, i, repair.people, model)


def _restored(gates: _Gates, model: Model) -> dict[int, list[str]]:
    """Components whose data can come back from a backup, and who keeps it: only keepers that must run for that, somewhere else."""
    found: dict[int, list[str]] = {}
    for owner in model.components.values():
        backup = owner.data.backup if owner.data else None
        keeper = model.components.get(backup.kept) if backup and backup.kept else None
        holders = (owner.data.copies or (owner.id,)) if owner.data else ()
        if keeper is not None and keeper.standby is None and keeper.id not in holders:
            for name in holders:
                if name in gates.index:
                    found.setdefault(gates.index[name], []).append(keeper.id)
    return found


def _add_restores(gates: _Gates, model: Model, circles: Mapping[str, Collection[str]] | None = None) -> None:
    """Let all data be restored: who holds it is repaired, with the keeper of its backup running. Nobody can do without that."""
    restored = _restored(gates, model)
    _add_repairs(gates, model, circles, restored)
    for i, keepers in restored.items():
        for name in dict.fromkeys(keepers):
            _require(gates, i, Need("leaf", name))


def _block(gates: _Gates, i: int) -> None:
    """Let component i wait for what never comes."""
    gates.missing[i] += 1.0
    gates.blocked.add(i)


# --------------------------------------------------------------------------- circles


def _waits(gates: _Gates, stuck: Collection[int], up: bytearray) -> dict[int, list[int]]:
    """For each stuck component the stuck ones it waits for."""
    waits: dict[int, list[int]] = {i: [] for i in stuck}
    for j in stuck:
        for gate, _ in gates.outputs(j):
            i = gates.owner[gate]
            if i in waits and not _settled(gates, gate, up):
                waits[i].append(j)
    return waits


def _settled(gates: _Gates, gate: int, up: bytearray) -> bool:
    """Whether the part of the expression that this gate stands in is there already, by another member."""
    while gate >= 0:
        if up[gate]:
            return True
        gate = gates.parent[gate]
    return False


def _cores(gates: _Gates, circle: Mapping[int, int], runs: bytearray) -> list[list[int]]:
    """Of each circle those who stay down even if everything outside the circle that can run is running."""
    missing = list(gates.missing)
    inner: dict[int, list[tuple[int, float]]] = {}
    for i in range(len(gates.names)):
        for gate, weight in gates.outputs(i):
            mine = circle.get(gates.owner[gate])
            if mine is None:
                continue
            if i in circle and circle[i] == mine:
                inner.setdefault(i, []).append((gate, weight))
            elif runs[i]:
                missing[gate] -= weight
    n = len(gates.names)
    stack = [g for g, m in enumerate(missing) if m <= EPS and gates.owner[g] in circle]
    up = bytearray(len(missing))
    while stack:
        gate = stack.pop()
        if up[gate]:
            continue
        up[gate] = 1
        for target, weight in inner.get(gate, ()) if gate < n else gates.outputs(gate):
            missing[target] -= weight
            if missing[target] <= EPS:
                stack.append(target)
    groups: dict[int, list[int]] = {}
    for i in sorted(circle):
        if not up[i]:
            groups.setdefault(circle[i], []).append(i)
    return list(groups.values())


def _chain(members: Collection[int], waits: Mapping[int, Iterable[int]]) -> list[int]:
    """A shortest circle through a member, or the member alone when nobody among them blocks it."""
    inside = set(members)
    node = next(iter(members))
    seen: set[int] = set()
    while node not in seen:
        seen.add(node)
        ahead = next((j for j in waits[node] if j in inside), None)
        if ahead is None:
            return [node]
        node = ahead
    came: dict[int, int] = {}
    queue = deque([node])
    while queue:
        here = queue.popleft()
        for ahead in waits[here]:
            if ahead == node:
                circle = [node]
                while here != node:
                    circle.append(here)
                    here = came[here]
                return [node, *reversed(circle[1:]), node]
            if ahead in inside and ahead not in came:
                came[ahead] = here
                queue.append(ahead)
    return [node]


def _never(gates: _Gates, runs: bytearray) -> dict[int, int]:
    """For whoever waits for a component that can never run: one such component."""
    dead = (j for j in range(len(gates.names)) if not runs[j])
    return {gates.owner[gate]: j for j in dead for gate, _ in gates.outputs(j)}


def _find(
    model: Model, gates: _Gates, kind: str, runs: bytearray, given: list[int]
) -> tuple[list[Deadlock], list[int]]:
    """The deadlocks of one kind, and the components caught in them (`given` are treated as running)."""
    up = _spread(gates, given)
    stuck = [i for i in range(len(gates.names)) if runs[i] and not up[i]]
    if not stuck:
        return [], []
    waits = _waits(gates, stuck, up)
    circle = strong_components(waits)
    found = _cores(gates, circle, runs)
    opened = _opened(model, kind, gates, circle, given)
    never = _never(gates, runs)
    told = [_deadlock(model, gates, kind, members, waits, opened, never) for members in found]
    return told, [i for members in found for i in members]


def _deadlock(
    model: Model,
    gates: _Gates,
    kind: str,
    members: list[int],
    waits: Mapping[int, list[int]],
    opened: bytearray,
    never: Mapping[int, int],
) -> Deadlock:
    chain = _chain(members, waits)
    crew = len(chain) == 1 and chain[0] in gates.blocked
    if len(chain) == 1 and not crew and chain[0] in never:
        chain.append(never[chain[0]])
    names = tuple(gates.names[i] for i in members)
    escape: tuple[str, ...] = ()
    if all(opened[i] for i in members):
        escape = tuple(name for name in names if model.components[name].break_glass is not None)
    return Deadlock(names, tuple(gates.names[i] for i in chain), escape, "crew" if crew else kind)


def _opened(
    model: Model, kind: str, gates: _Gates, circle: Mapping[int, int], given: Iterable[int]
) -> bytearray:
    """What comes up when people break the glass wherever they may."""
    if not any(model.components[gates.names[i]].break_glass for i in circle):
        return bytearray(len(gates.names))
    groups: dict[int, set[str]] = {}
    for i, number in circle.items():
        groups.setdefault(number, set()).add(gates.names[i])
    circles = {gates.names[i]: groups[number] for i, number in circle.items()}
    forced = _starting(model, circles)
    if kind == "repair":
        _add_repairs(forced, model, circles)
    elif kind == "restore":
        _add_restores(forced, model, circles)
    return _spread(forced, given)


def deadlocks(model: Model) -> list[Deadlock]:
    """Every circle of components that could run together but never start again from black.

    Exact for the static rules: running needs, needs for starting and for repair, keepers of backups, and crews larger than
    their team. It knows no time, so what a battery bridges (`rides`) is left out, and a doubtful need
    (``maybe``) counts as a need. Linear in the number of needs.

    Parameters
    ----------
    model : Model

    Returns
    -------
    list of Deadlock
        Those of starting first, then those that show only when their members are broken, or their data is destroyed.
    """
    gates = _starting(model)
    runs = _runnable(model) if gates.impossible else bytearray(b"\1" * len(gates.names))
    found: list[Deadlock] = []
    caught: list[int] = []
    with_repairs = any(c.repair is not None and (c.repair.needs or c.repair.people) for c in model.components.values())
    if with_repairs:
        _add_repairs(gates, model)
    if any(runs[i] and not up for i, up in zip(range(len(gates.names)), _spread(gates), strict=False)):
        gates = _starting(model)  # what starts though it must be repaired first starts without that too: mostly one look is enough
        found, caught = _find(model, gates, "start", runs, [])
        if with_repairs:
            # Who is caught already is taken as running here, so that only what repairs add is reported.
            _add_repairs(gates, model)
            told, members = _find(model, gates, "repair", runs, caught)
            found, caught = found + told, caught + members
    if any(c.data is not None and c.data.backup is not None for c in model.components.values()):
        gates = _starting(model)
        _add_restores(gates, model)
        found += _find(model, gates, "restore", runs, caught)[0]
    return found
