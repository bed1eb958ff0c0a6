"""A firm's own history: what was watched, what happened, what worked when it was asked for; and what is believed after it.

Each line says one thing. `watched`: from when to when the log was kept, of one component, hazard or
everything. `incident`: something broke and was mended. `demand`: a start, take-over or barrier was asked for
in earnest. `drill`: it was asked for on purpose. Without a time under watch a count says nothing, so incidents
outside any are refused.

A history is of what is there now. A number that a defence sets is one of something else: it keeps what the defence says of it, and
what was seen before is set aside (`set_aside` names such numbers).

Rates and chances that share their doubt are one number: all that was seen of them is counted together, and all of them are
believed what comes out.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any

from blackstart import units
from blackstart.distributions import Dist
from blackstart.errors import Where
from blackstart.evidence import update
from blackstart.evidence.rules import plain
from blackstart.evidence.update import Belief
from blackstart.graph import downwards
from blackstart.language.model import Barrier, Component, Hazard, Model, Repair, Start, Update
from blackstart.language.needs import leaf_names
from blackstart.language.reading import Path, Reading
from blackstart.language.tree import Document, Map, Seq, Text
from blackstart.nearest import Nearest
from blackstart.units import HOURS_PER_YEAR, BadValue, Chance, Duration, Rate

COLUMNS: Mapping[str, str] = {
    **{name: name for name in ("what", "component", "start", "end", "cause", "worked", "running")},
    "무엇": "what", "대상": "component", "시작": "start", "끝": "end", "원인": "cause", "성공": "worked", "가동": "running",
}  # fmt: skip
WORDS: Mapping[str, str] = {
    **{word: word for word in ("watched", "incident", "demand", "drill")},
    "관찰": "watched", "장애": "incident", "요청": "demand", "훈련": "drill",
}  # fmt: skip
EVERYTHING = ("", "*", "all", "모두")
SOURCE = units.OWN_HISTORY
UNMOVED = ("kept", "apart", "unread")  # how a number stayed as it was: it is exact, a defence has set it, or the log cannot tell
_YES = frozenset(("yes", "true", "1", "ok", "예", "네", "성공"))
_NO = frozenset(("no", "false", "0", "아니오", "아니요", "실패"))
_MOST_DEMANDS = 10_000_000
_MOST_SERVICES = 200
CONTRADICTS = 0.01  # a sum of rates that has learnt from a history should not find it as strange as this
_DAYS_PER_YEAR = HOURS_PER_YEAR / 24
Interval = tuple[float, float]  # days since the year 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history. Times are days since the year 1; `name` is empty for everything."""

    what: str
    name: str
    begin: float
    end: float | None
    cause: str
    worked: tuple[float, float]
    running_h: float | None
    where: Where


@dataclass(frozen=True, slots=True)
class Learnt:
    """The rows after the history, and every number that it changed."""

    components: dict[str, Component]
    hazards: dict[str, Hazard]
    barriers: dict[str, Barrier]
    updates: tuple[Update, ...]


def learn(
    ctx: Reading, value: Any, components: dict[str, Component], hazards: dict[str, Hazard], barriers: dict[str, Barrier],
    as_of: datetime.date | None,
) -> Learnt:  # fmt: skip
    """Read the history of a model and let it change what the model believes. Problems go to `ctx`."""
    if not isinstance(value, Seq):
        ctx.wants("list", value, (None, "history"))
        return Learnt(components, hazards, barriers, ())
    names = {**dict.fromkeys(components, "component"), **dict.fromkeys(barriers, "barrier")}
    names |= {h.id: "hazard" if h.chance is None else "change" for h in hazards.values()}
    before = len(ctx.problems)
    lines = _Reader(ctx, names, as_of).read(value)
    today = float(as_of.toordinal()) if as_of else max((line.end or line.begin for line in lines), default=0.0)
    log = _Log(ctx, lines, names, today)
    log.check(components)
    if len(ctx.problems) > before:
        return Learnt(components, hazards, barriers, ())
    return _Learner(log, as_of).learn(components, hazards, barriers)


def set_aside(model: Model, defences: Iterable[str]) -> Iterator[tuple[str, Update]]:
    """Each number of which the history tells and that one of these defences sets, with the defence."""
    learnt = [(one, path, _steps(model, path)) for one in model.updates for path in one.members or (one.path,)]
    for name in defences:
        change = model.defences[name].change if name in model.defences else None
        for one, path, steps in learnt if change is not None else ():
            if _stands_at(change, steps) is not None:
                yield name, replace(one, path=path)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rates that after the history do not add up to it, however well each of them agrees with its own part of it.

    service : whose parts they are; "" for all rates of which the history tells
    rates : how many numbers; like parts that are one number count once
    expected, seen : incidents in the time that was watched
    chance : of such a count, or a stranger one on its side, by what is believed after the history
    singly : places of the rates that are strange by themselves, on the same side
    """

    service: str
    rates: int
    expected: float
    seen: float
    chance: float
    singly: tuple[str, ...]


def contradiction(model: Model) -> Contradiction | None:
    """What the model believes after its history against that history: of all rates together, else of what a service needs.

    Each rate learns from its own part of the log alone; where many of them each have too little to move them, their sum can stay far
    from what was seen. Of several services the strangest; beyond `_MOST_SERVICES` they are not looked at one by one.
    """
    rates = [one for one in model.updates if one.kind == "rate" and one.how != "apart"]
    whole = _against("", rates, 1)
    if whole is not None or not rates or len(model.services) > _MOST_SERVICES:
        return whole
    needs = {c.id: [name for name in leaf_names(c.needs) if name in model.components] for c in model.components.values()}
    places = {f"{c.section}.{c.id}.fails": c.id for c in model.components.values()}
    found = []
    for service in model.services:
        below = set(downwards(needs, [service.id]))
        own = [one for one in rates if all(places.get(path) in below for path in one.members or (one.path,))]
        found.append(_against(service.id, own, len(model.services)))
    return min((one for one in found if one is not None), key=lambda one: one.chance, default=None)


def _against(service: str, rates: Sequence[Update], looks: int) -> Contradiction | None:
    """Rates against what was seen of them, None where chance may explain it; `looks` is how many such sums are looked at."""
    if len(rates) < 2:  # one rate by itself is asked when it learns
        return None
    believed = update.predicted([(one.posterior, one.counted[1]) for one in rates])  # what still counts against what still counts
    chance = update.rate_surprise(believed, math.fsum(one.counted[0] for one in rates), 1.0)
    if chance * looks >= CONTRADICTS:
        return None
    expected = math.fsum(one.posterior.mean() * one.seen[1] for one in rates)
    seen = math.fsum(one.seen[0] for one in rates)
    strange = [one for one in rates if one.surprise < update.SURPRISING and one.how != "kept" and one.prior is not None]
    singly = tuple(one.path for one in strange if (one.prior.mean() * one.seen[1] > one.seen[0]) == (expected > seen))  # type: ignore[union-attr]
    return Contradiction(service, len(rates), expected, seen, chance, singly)


def told_aside(model: Model) -> dict[str, Any]:
    """Numbers of which the history tells and that defences set, as results tell them; left out where there are none."""
    rows = [{"defence": name, "path": one.path, "data": one.data} for name, one in set_aside(model, model.defences)]
    return {"set_aside": rows} if rows else {}


def contradicted(model: Model) -> dict[str, Any]:
    """Rates that do not add up to the history, as results tell them; left out where they do."""
    one = contradiction(model)
    return {} if one is None else {"contradiction": asdict(one) | {"service": one.service or None, "singly": list(one.singly)}}


def _steps(model: Model, path: str) -> tuple[str, ...]:
    """The keys that lead to a number; a row's name may have dots in it."""
    section, _, rest = path.partition(".")
    rows: Mapping[str, Any] = getattr(model, "components" if section == "services" else section)
    words = rest.split(".")
    split = next(n for n in range(len(words) - 1, 0, -1) if ".".join(words[:n]) in rows)
    return section, ".".join(words[:split]), *words[split:]


def _stands_at(tree: Any, steps: Iterable[str]) -> Any:
    """What a tree says at the end of these keys, or of all that lies behind one of them (`repair: 2h`); None if it says nothing."""
    for step in steps:
        if not isinstance(tree, Map):
            return tree
        tree = tree.get(step)
    return tree


def _set_by_a_change(root: Document, steps: tuple[str, ...]) -> bool:
    """Whether a change that was merged in says the number at the end of these keys, or the kind that brings it.

    Where its text stands does not tell: by an alias one text may be a number of a change and one of the model as it was.
    """
    said = steps if _stands_at(root, steps) is not None else (*steps[:2], "kind")
    return any(_stands_at(change, said) is not None for change in root.changes)


# --------------------------------------------------------------------------- lines


class _Reader:
    def __init__(self, ctx: Reading, names: Mapping[str, str], as_of: datetime.date | None) -> None:
        self.ctx, self.names, self.as_of = ctx, names, as_of
        self.near = Nearest(names)
        self.unknown: set[Text] = set()

    def read(self, value: Seq) -> list[Line]:
        found = []
        for i, item in enumerate(value):
            path = ((None, "history"), str(i + 1))
            if not isinstance(item, Map):
                self.ctx.wants("mapping", item, path)
            elif (line := self.line(item, path)) is not None:
                found.append(line)
        return found

    def line(self, row: Map, path: Path) -> Line | None:
        before = len(self.ctx.problems)
        cells: dict[str, Text] = {}
        for key, cell in row.items():
            column = COLUMNS.get(str(key).strip().casefold())
            if column is None:
                if key not in self.unknown:  # once for a column, not for each of its cells
                    self.ctx.unknown_key(key, COLUMNS, (path, key))
                self.unknown.add(key)
            elif isinstance(cell, Text):
                cells[column] = cell
            elif cell is not None:
                self.ctx.wants("text", cell, (path, key))
        what = WORDS.get(str(cells.get("what", "")).casefold())
        if what is None:
            at = cells.get("what", row)
            self.ctx.problem("history-what", at, (path, "what"), Nearest(WORDS).to(str(cells.get("what", ""))),
                             text=str(cells.get("what", "")), known=", ".join(list(WORDS)[:4]))  # fmt: skip
            return None
        name = self.name(cells.get("component"), what, row, path)
        begin, end = self.times(cells, what, row, path)
        worked = self.worked(cells.get("worked"), row, path) if what in ("demand", "drill") else (0.0, 0.0)
        running = self.running(cells.get("running"), what, path)
        if running is not None and begin is not None and end is not None and begin < end and running > (end - begin) * 24:
            self.ctx.problem("history-running", cells["running"], (path, "running"), text=str(cells["running"]))
        if len(self.ctx.problems) > before or begin is None:
            return None
        return Line(what, name, begin, end, str(cells.get("cause", "")), worked, running, row.where)

    def name(self, cell: Text | None, what: str, row: Map, path: Path) -> str:
        name = str(cell or "")
        if name in EVERYTHING and what == "watched":
            return ""
        place = (path, "component")
        if cell is None:
            self.ctx.problem("history-nameless", row, place)
        elif name not in self.names:
            self.ctx.problem("history-name", cell, place, self.near.to(name), name=name)
        elif what == "incident" and self.names[name] in ("barrier", "change"):
            self.ctx.problem(f"history-{self.names[name]}-incident", cell, place, name=name)
        elif what in ("demand", "drill") and self.names[name] == "hazard":
            self.ctx.problem("history-hazard-demand", cell, place, name=name)
        return name

    def times(self, cells: Mapping[str, Text], what: str, row: Map, path: Path) -> tuple[float | None, float | None]:
        found: dict[str, float | None] = {}
        for column in ("start", "end"):
            cell = cells.get(column)
            found[column] = None if cell is None else self.time(cell, (path, column))
        begin, end = found["start"], found["end"]
        if "start" not in cells:
            self.ctx.problem("history-no-start", row, (path, "start"))
        if what == "watched" and "end" not in cells:
            self.ctx.problem("history-no-end", row, (path, "end"))
        if begin is not None and end is not None and not begin < end:
            self.ctx.problem("history-order", cells["end"], (path, "end"), start=str(cells["start"]), end=str(cells["end"]))
        last = end if end is not None else begin
        if self.as_of is not None and last is not None and last > self.as_of.toordinal() + 1:
            self.ctx.problem("history-after-as-of", row, path, as_of=self.as_of.isoformat())
        return begin, end

    def time(self, cell: Text, path: Path) -> float | None:
        """A day or a time in days; one with a zone is taken to UTC, one without as it stands."""
        try:
            return _days(datetime.datetime.fromisoformat(str(cell).strip()))
        except (ValueError, OverflowError):
            pass
        try:
            return float(units.read_date(str(cell)).toordinal())
        except BadValue:
            self.ctx.problem("history-time", cell, path, text=str(cell))
            return None

    def worked(self, cell: Text | None, row: Map, path: Path) -> tuple[float, float]:
        """Successes and failures: `yes`, `no`, or `11 of 12`."""
        word = str(cell or "").casefold()
        if word in _YES:
            return 1.0, 0.0
        if word in _NO:
            return 0.0, 1.0
        try:
            shown = units.read_chance(word) if word else None
        except BadValue:
            shown = None
        if shown is None or shown.demands is None or shown.successes is None or not 0 < shown.demands <= _MOST_DEMANDS:
            self.ctx.problem("history-worked", row if cell is None else cell, (path, "worked"), text=str(cell or ""))
            return 0.0, 0.0
        return shown.successes, shown.demands - shown.successes

    def running(self, cell: Text | None, what: str, path: Path) -> float | None:
        if cell is None:
            return None
        try:
            exact = units.read_duration(str(cell)).exact()
        except BadValue as bad:
            self.ctx.bad_value(bad, cell, (path, "running"))
            return None
        if exact is None or exact <= 0 or what != "watched":
            self.ctx.problem("history-running", cell, (path, "running"), text=str(cell))
        return exact


def _days(when: datetime.datetime) -> float:
    """Days since the year 1, in UTC where a zone is stated."""
    if when.tzinfo is not None:
        when = when.astimezone(datetime.UTC).replace(tzinfo=None)
    return when.toordinal() + (when - datetime.datetime.combine(when.date(), datetime.time())).total_seconds() / 86400


# --------------------------------------------------------------------------- what the lines amount to


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, in order."""
    found: list[Interval] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def without(intervals: Iterable[Interval], away: Iterable[Interval]) -> Iterator[Interval]:
    """What is left of disjoint intervals outside others."""
    holes = union(away)
    for begin, end in intervals:
        for a, b in holes:
            if b <= begin or a >= end:
                continue
            if a > begin:
                yield begin, a
            begin = max(begin, b)
        if begin < end:
            yield begin, end


class _Log:
    """Counts and times under watch, by name."""

    def __init__(self, ctx: Reading, lines: list[Line], names: Mapping[str, str], today: float) -> None:
        self.ctx, self.names, self.today = ctx, names, today
        self.watched: dict[str, list[Line]] = {}
        self.incidents: dict[str, list[Line]] = {}
        self.demands: dict[str, list[Line]] = {}
        arrivals: dict[str, list[Line]] = {}
        for line in lines:
            if line.what == "watched":
                self.watched.setdefault(line.name, []).append(line)
            elif line.what in ("demand", "drill"):
                self.demands.setdefault(line.name, []).append(line)
            elif names.get(line.cause) == "hazard" or names.get(line.name) == "hazard":
                arrivals.setdefault(line.cause if names.get(line.cause) == "hazard" else line.name, []).append(line)
            elif line.cause == line.name or line.cause not in names:
                self.incidents.setdefault(line.name, []).append(line)  # else something of the model did it: that has its own line
        for name, several in arrivals.items():
            self.incidents[name] = list(_arrivals(several))

    def check(self, components: Mapping[str, Component]) -> None:
        """Incidents that nobody watched for, and standbys whose running nobody counted."""
        for name, lines in self.incidents.items():
            windows = [(line.begin, line.end or line.begin) for line in self.windows(name)]
            for line in lines:
                if not any(a <= line.begin <= b for a, b in windows):
                    self.ctx.problem("history-not-watched", line.where, (None, "history"), name=name)
            stands_by = name in components and components[name].standby is not None
            if stands_by and windows and not self.counted_running(name):
                self.ctx.problem("history-no-running", lines[0].where, (None, "history"), name=name)

    def windows(self, name: str) -> list[Line]:
        """The lines that say when a name was watched; those about its running go before those about the calendar."""
        return self.counted_running(name) or [*self.watched.get(name, ()), *self.watched.get("", ())]

    def counted_running(self, name: str) -> list[Line]:
        return [line for line in self.watched.get(name, ()) if line.running_h is not None]

    def exposure(self, name: str, stands_by: bool) -> tuple[float, float]:
        """Years under watch, and what of them still counts; for a component the years in which it ran."""
        running = self.counted_running(name)
        if running:
            pieces = [(line.begin, line.end or line.begin, (line.running_h or 0.0) / 24) for line in running]
        elif stands_by:
            return 0.0, 0.0
        else:
            windows = union((line.begin, line.end or line.begin) for line in self.windows(name))
            down = [(line.begin, line.end) for line in self.incidents.get(name, ()) if line.end is not None]
            own = down if self.names.get(name) == "component" else []
            pieces = [(a, b, b - a) for a, b in without(windows, own)]
        seen = math.fsum(days for _, _, days in pieces)
        counted = math.fsum(
            update.faded_span(self.today - a, self.today - b, update.INCIDENT_HALF_LIFE_D) * days / (b - a) for a, b, days in pieces
        )
        return seen / _DAYS_PER_YEAR, counted / _DAYS_PER_YEAR

    def weight(self, line: Line) -> float:
        if line.what == "incident":
            return update.fade(self.today - line.begin, update.INCIDENT_HALF_LIFE_D)
        earnest = 1.0 if line.what == "demand" else update.DRILL_WEIGHT
        return earnest * update.fade(self.today - line.begin, update.DEMAND_HALF_LIFE_D)


def _arrivals(lines: list[Line]) -> Iterator[Line]:
    """One line for each arrival of a hazard: what it struck at the same time is told in several lines."""
    lines = sorted(lines, key=lambda line: line.begin)
    last = lines[0]
    for line in lines[1:]:
        if line.begin <= (last.end or last.begin):
            ends = (last.end, line.end)
            last = replace(last, end=None if None in ends else max(ends))  # type: ignore[type-var]
        else:
            yield last
            last = line
    yield last


# --------------------------------------------------------------------------- posteriors


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the log says of one number, as it was and what of it still counts.

    seen, counted : of a rate events and years, of a chance how often it came true and how often not, of a time cases and their middle
    members : the places of the model that it is of, where several share their doubt
    """

    steps: tuple[str, ...]
    prior: Rate | Chance | Duration | None
    seen: tuple[float, float]
    counted: tuple[float, float]
    where: Where
    shown: datetime.date | None = None
    members: tuple[str, ...] = ()


def _pooled(several: Sequence[_Seen]) -> _Seen:
    """What the log says of all that share their doubt, as of one number; evidence in the file is as old as the oldest of them."""
    several = sorted(several, key=lambda one: one.steps)
    seen, counted = (
        tuple(math.fsum(pair[i] for pair in pairs) for i in (0, 1))
        for pairs in ([one.seen for one in several], [one.counted for one in several])
    )
    where = next((one.where for one in several if one.seen[0]), several[0].where)
    shown = min((one.shown for one in several if one.shown is not None), default=None)
    return _Seen(several[0].steps, several[0].prior, seen, counted, where, shown, tuple(".".join(one.steps) for one in several))


def _with_beliefs(node: Any, beliefs: Mapping[str, Rate | Chance]) -> Any:
    """A row of the model in which every rate or chance that shares its doubt is what is believed of its name now."""
    if isinstance(node, Rate | Chance):
        return beliefs.get(node.shared, node) if node.shared else node
    if isinstance(node, tuple) and not hasattr(node, "_fields"):
        parts = tuple(_with_beliefs(part, beliefs) for part in node)
        return parts if any(a is not b for a, b in zip(parts, node, strict=True)) else node
    if isinstance(node, Mapping):
        rows = {key: _with_beliefs(part, beliefs) for key, part in node.items()}
        return rows if any(rows[key] is not node[key] for key in rows) else node
    if not is_dataclass(node) or isinstance(node, type | Where | Dist):
        return node
    parts = {f.name: _with_beliefs(getattr(node, f.name), beliefs) for f in fields(node)}
    changed = {name: part for name, part in parts.items() if part is not getattr(node, name)}
    return replace(node, **changed) if changed else node  # type: ignore[type-var]


class _Learner:
    def __init__(self, log: _Log, as_of: datetime.date | None) -> None:
        self.log, self.as_of = log, as_of
        self.updates: list[Update] = []
        self.classes: dict[str, list[_Seen]] = {}  # by the name under which they share their doubt

    def learn(self, components: dict[str, Component], hazards: dict[str, Hazard], barriers: dict[str, Barrier]) -> Learnt:
        after = (
            {name: self.component(c) for name, c in components.items()},
            {name: self.hazard(h) for name, h in hazards.items()},
            {name: self.barrier(b) for name, b in barriers.items()},
        )
        beliefs = {name: belief for name, several in self.classes.items() if (belief := self.of_class(several)) is not None}
        if beliefs:
            after = tuple({name: _with_beliefs(row, beliefs) for name, row in rows.items()} for rows in after)
        changed = {one.path for one in self.updates if one.how not in UNMOVED}
        ctx = self.log.ctx
        ctx.defaults[:] = [one for one in ctx.defaults if one.path not in changed]
        for one in self.updates:
            if one.how not in UNMOVED:
                prior = f"{one.prior_text} ({one.prior_source})" if one.prior_source else one.prior_text
                ctx.default(one.path, one.posterior_text, SOURCE, f"{prior} + {one.data}" if prior else one.data, one.where)
        return Learnt(*after, tuple(self.updates))

    def component(self, c: Component) -> Component:
        lead = c.section, c.id
        fails = self.rate((*lead, "fails"), c.id, c.fails, c.standby is not None)
        if fails is not None:
            c = replace(c, fails=fails)
        in_parts = c.repair is not None and (c.repair.detect or c.repair.decide)  # a log tells how long the whole took
        takes = None if in_parts else self.duration((*lead, "repair", "takes"), c.id, c.repair.takes if c.repair else None)
        if takes is not None:
            c = replace(c, repair=replace(c.repair or Repair(), takes=takes))
        start = c.start or Start()
        works = self.chance((*lead, "start", "works"), c.id, start.works, start.rehearsed)
        return c if works is None else replace(c, start=replace(start, works=works))

    def hazard(self, h: Hazard) -> Hazard:
        if h.chance is not None:
            return self.change(h)
        rate = self.rate(("hazards", h.id, "rate"), h.id, h.rate, False)
        if rate is not None:
            h = replace(h, rate=rate)
        if len(h.lasts) == 1:  # with several named times nobody can say which of them the log means
            (name,) = h.lasts
            lasts = self.duration(("hazards", h.id, "lasts", name), h.id, h.lasts[name])
            if lasts is not None:
                h = replace(h, lasts={name: lasts})
        return h

    def change(self, h: Hazard) -> Hazard:
        """A hazard that comes often and seldom does harm: each coming is a demand, and the chance is that it does not work."""
        steps = "hazards", h.id, "chance"
        if h.chance is not None and not self.log.demands.get(h.id):
            self.unread(steps, h)
        harm = self.chance(steps, h.id, h.chance, None, of_failing=True)
        return h if harm is None else replace(h, chance=harm)

    def unread(self, steps: tuple[str, ...], h: Hazard) -> None:
        """Notes that a hazard was watched and nothing can be learnt of it, as the log does not say how often it came."""
        years, _ = self.log.exposure(h.id, False)
        if years <= 0 or h.rate is None or h.chance is None:
            return
        came = h.rate.dist.mean() * years
        belief = Belief(h.chance.dist, "unread", data_weight=0.0)
        expected = came, came * h.chance.dist.mean()
        where = self.log.windows(h.id)[0].where
        self.note(_Seen(steps, h.chance, expected, (0.0, 0.0), where), "chance", f"{plain(years, 3)} yr", belief, h.chance.text)

    def barrier(self, b: Barrier) -> Barrier:
        works = self.chance(("barriers", b.id, "works"), b.id, b.works, b.shown)
        return b if works is None else replace(b, works=works)

    def believed(self, steps: tuple[str, ...], prior: Dist | None, belief: Belief) -> Belief:
        """What is believed of a number: of one that a defence sets, what the defence says."""
        return Belief(prior, "apart", data_weight=0.0) if prior is not None and _set_by_a_change(self.log.ctx.root, steps) else belief

    def rate(self, steps: tuple[str, ...], name: str, prior: Rate | None, stands_by: bool) -> Rate | None:
        lines = self.log.incidents.get(name, [])
        years, counted_years = self.log.exposure(name, stands_by)
        if years <= 0 or (prior is None and not lines):
            return None
        counted = math.fsum(self.log.weight(line) for line in lines), counted_years
        where = lines[0].where if lines else self.log.windows(name)[0].where
        return self.rate_after(_Seen(steps, prior, (float(len(lines)), years), counted, where))

    def rate_after(self, one: _Seen) -> Rate | None:
        """What is believed of a rate now, None where it stays as it was or waits for the others that share its doubt."""
        if self.waits(one):
            return None
        prior = one.prior.dist if one.prior else None
        belief = self.believed(one.steps, prior, update.rate(prior, *one.counted, seen=one.seen))
        events, years = one.seen
        text = self.note(one, "rate", f"{events:.0f} in {plain(years, 3)} yr", belief, _rate_text(belief.posterior))
        return None if belief.how in UNMOVED else Rate(belief.posterior, text, SOURCE, _shared(one))

    def chance(
        self, steps: tuple[str, ...], name: str, prior: Chance | None, shown: datetime.date | None, of_failing: bool = False
    ) -> Chance | None:
        lines = self.log.demands.get(name, [])
        if not lines:
            return None
        order = (1, 0) if of_failing else (0, 1)
        seen, counted = (
            tuple(math.fsum(weight(line) * line.worked[i] for line in lines) for i in order)
            for weight in (lambda line: 1.0, self.log.weight)
        )
        return self.chance_after(_Seen(steps, prior, seen, counted, lines[0].where, shown))

    def chance_after(self, one: _Seen) -> Chance | None:
        """What is believed of a chance now, as of a rate."""
        if self.waits(one):
            return None
        age_d = (self.as_of - one.shown).days if self.as_of and one.shown else None
        aged = update.aged(one.prior, age_d) if one.prior else None
        belief = self.believed(one.steps, one.prior.dist if one.prior else None, update.chance(aged, *one.counted, seen=one.seen))
        data = f"{plain(one.seen[0])} of {plain(sum(one.seen))}"
        text = self.note(one, "chance", data, belief, _chance_text(belief.posterior))
        return None if belief.how in UNMOVED else Chance(belief.posterior, text=text, source=SOURCE, shared=_shared(one))

    def waits(self, one: _Seen) -> bool:
        """Whether a number is to be judged with all that share its doubt; then it is noted for that."""
        name = _shared(one)
        if name and not one.members and not _set_by_a_change(self.log.ctx.root, one.steps):
            self.classes.setdefault(name, []).append(one)
            return True
        return False

    def of_class(self, several: Sequence[_Seen]) -> Rate | Chance | None:
        """What is believed now of all that share their doubt."""
        whole = _pooled(several)
        return self.rate_after(whole) if isinstance(whole.prior, Rate) else self.chance_after(whole)

    def duration(self, steps: tuple[str, ...], name: str, prior: Duration | None) -> Duration | None:
        lines = [line for line in self.log.incidents.get(name, []) if line.end is not None]
        if not lines or (prior is not None and (prior.per_outage or len(prior.terms) != 1 or prior.terms[0].median() <= 0)):
            return None
        hours = [(line.end - line.begin) * 24 for line in lines]  # type: ignore[operator]
        weights = [self.log.weight(line) for line in lines]
        belief = self.believed(
            steps, prior.next_case() if prior else None,
            update.duration(prior.terms[0] if prior else None, hours, weights, prior.cases if prior else None),
        )  # fmt: skip
        middle = math.exp(math.fsum(map(math.log, hours)) / len(hours))
        data = f"{len(hours)} x {plain(middle, 3)} h"
        counted = math.fsum(weights), middle
        text = f"lognormal(median={plain(belief.posterior.median(), 3)} h, p95={plain(belief.posterior.quantile(0.95), 3)} h)"
        self.note(_Seen(steps, prior, (float(len(hours)), middle), counted, lines[0].where), "duration", data, belief, text)
        if belief.how in UNMOVED or belief.cases is None:
            return None
        case = units.one_case(belief.posterior, belief.cases)
        said = f"lognormal(median={plain(case.median(), 3)} h, p95={plain(case.quantile(0.95), 3)} h) ({plain(belief.cases, 2)} cases)"
        return Duration((case,), text=said, source=SOURCE, cases=belief.cases)

    def note(self, one: _Seen, kind: str, data: str, belief: Belief, text: str) -> str:
        """Keep what a number was, is now and why; gives back what it is now in words."""
        prior = one.prior
        name = _shared(one) if one.members else ""
        now = prior.text if prior and belief.how in UNMOVED else f"{text} (shared {name})" if name else text
        dist = None if prior is None else prior.next_case() if isinstance(prior, Duration) else prior.dist
        self.updates.append(
            Update(
                ".".join(one.steps), kind, dist, prior.text if prior else "", prior.source if prior else "", data, one.seen, one.counted,
                belief.posterior, now, belief.how, belief.surprise, belief.data_weight, belief.kept, one.where, name, one.members,
            )  # fmt: skip
        )
        return now


def _shared(one: _Seen) -> str:
    """The name under which a rate or chance shares its doubt, or ""."""
    return one.prior.shared if isinstance(one.prior, Rate | Chance) else ""


def _rate_text(dist: Dist) -> str:
    if dist.kind == "gamma":
        return f"gamma(shape={plain(dist.a, 3)}, exposure={plain(1 / dist.b, 3)} yr)"
    low, high = update.band(dist)
    return f"{plain(low, 3)}/yr..{plain(high, 3)}/yr"


def _chance_text(dist: Dist) -> str:
    if dist.kind == "beta":
        return f"beta(a={plain(dist.a, 3)}, b={plain(dist.b, 3)})"
    low, high = update.band(dist)
    return f"{plain(100 * low, 3)}%..{plain(100 * high, 3)}%"


