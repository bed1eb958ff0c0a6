"""A rehearsal, told: from the kernel's trace to timelines, recovery stages and the critical path of each service.

The trace says what happened at each instant (layout.T_...); here it becomes spans of time with a reason, per component, and
from them the chain of waiting, starting and repairing that decided when each service came back.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.simulate import Story
from blackstart.language.model import Effect, Model
from blackstart.language.needs import leaf_names
from blackstart.language.scenario import HIT_PREFIX
from blackstart.system import System

STATES = {y.STANDBY: "standby", y.WAITING: "waiting", y.STARTING: "starting", y.BROKEN: "broken", y.RUNNING: "running"}
REASONS = {
    y.R_HELD: "wait-held", y.R_NEED: "wait-need", y.R_START_NEED: "wait-start-need", y.R_REPAIR_NEED: "wait-repair-need",
    y.R_BARRED: "wait-barred", y.R_PEOPLE: "wait-people", y.R_SPARE: "wait-spare", y.R_RESTORE: "wait-restore",
    y.R_RETRY: "wait-retry", y.R_GLASS: "wait-glass", y.R_NO_REPAIR: "never-repaired",
    y.R_CALL: "wait-call",
}  # fmt: skip
JOBS = {2: "repair", 3: "start", 4: "forced-repair", 5: "forced-start"}
STAGES = {1: "on-call", 2: "all", 3: "in-turns"}
CALLS = CALLED, HOME = "called", "home"  # stages of a team that are no arrival of people
WAITS_FOR_OTHERS = ("wait-need", "wait-start-need", "wait-repair-need", "wait-glass", "waiting", "wait-call")
LONGEST_PATH = 200  # links of a critical path; beyond it the path is cut
SAME_H = 1e-9  # two times nearer than this are one
_TINY = 1e-9
_AGAIN = 3  # trips in the later half of a course that met the limit of events: it goes round


@dataclass(slots=True)
class Span:
    """What a component did between two times; `ref` names what it waited for, `others` what would have done instead of it."""

    begin: float
    end: float
    what: str
    ref: str | None = None
    others: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As a row of a Result; `Telling.row` adds what is known of work and of people."""
        return {"from_h": self.begin, "to_h": self.end, "what": self.what, "ref": self.ref} | _or(self.others)


@dataclass(slots=True)
class _Doing:
    """What a component does while the trace is read."""

    index: int
    name: str
    what: str = "running"
    since: float = 0.0
    ref: str | None = None
    others: tuple[str, ...] = ()
    share: float | None = None  # of it that runs; None until something is known
    down: bool = False  # since when all of it ran last
    until: float = 0.0  # when its job is done
    why: tuple[str, str | None, tuple[str, ...]] | None = None  # what it waited for last


def _or(others: tuple[str, ...]) -> dict[str, Any]:
    return {"or": list(others)} if others else {}


class Telling:
    """Reads one Story of a System. All times in hours from the begin of the rehearsal."""

    def __init__(self, model: Model, system: System, story: Story) -> None:
        self.model = model
        self.system = system
        self.end = float(story.path[1])
        self.stuck = [system.components[int(r[2])] for r in story.rows if int(r[1]) == y.ROW_STUCK]
        self.trace = story.trace
        self.names = system.components
        self.states: dict[str, list[tuple[float, str, float]]] = {}
        self.spans: dict[str, list[Span]] = {}
        self.ran_at: dict[float, list[str]] = {}  # components of which something came up at that time
        self.freed_at: dict[tuple[float, str], list[str]] = {}  # (time, team): whose job ended
        self.by_hazard: dict[tuple[int, int], str] = {}
        self.let_go: dict[tuple[float, str], str] = {}  # (time, component): what came back until which it was held or barred
        self.running: dict[int, tuple[list[float], list[bool]]] = {}  # of each component that ever changed: when, runs it
        self.levels: dict[int, list[tuple[float, float]]] = {}  # of each component that is watched: when, how much of it is there
        self.jobs: dict[str, list[tuple[float, float, tuple[str, ...]]]] = {}  # of each: when, how long, helpers that were down
        self._read()

    # -- reading the trace

    def _read(self) -> None:
        chunks = self.system.arrays.component["chunks"]
        for t, what, who, a, b in self.trace.tolist():
            if int(what) == y.T_STATE:
                times, shares = self.running.setdefault(int(who), ([], []))
                times.append(t)
                shares.append(b / chunks[int(who)] if int(a) == y.RUNNING else 0.0)
            elif int(what) == y.T_LEVEL:
                self.levels.setdefault(int(who), []).append((t, a))
        doing: dict[str, _Doing] = {}
        for t, what, who, a, b in self.trace.tolist():
            kind, index = int(what), int(who)
            if kind == y.T_EFFECT:
                self._note_effect(index)
            elif kind == y.T_EFFECT_END:
                self._note_end(t, index)
            elif kind in (y.T_STATE, y.T_REASON, y.T_JOB):
                now = doing.setdefault(self.names[index], _Doing(index, self.names[index]))
                if kind == y.T_STATE:
                    self._note_state(now, t, STATES[int(a)], b / chunks[index])
                elif kind == y.T_REASON:
                    self._note_reason(now, t, int(a), int(b))
                else:
                    self._note_job(now, t, a, b)
        for now in doing.values():
            self._turn(now, self.end, "")
        self._note_freed(doing)

    def _note_state(self, now: _Doing, t: float, state: str, up: float) -> None:
        """A component is in a state now, with this share of it running."""
        self.states.setdefault(now.name, []).append((t, state, up))
        before = (1.0 if state == "running" else 0.0) if now.share is None else now.share
        if up > before or (state == "running" and now.down):
            self.ran_at.setdefault(t, []).append(now.name)
        now.share = up
        given_up = now.what in ("start", "forced-start") and state in ("waiting", "broken", "standby") and t < now.until
        if given_up:  # what it needs went away before it was done
            now.until = t
        if state == "running" and up >= 1.0:
            self._turn(now, t, "running")
            now.down = False
        elif not now.down:
            now.down = True
            if now.what == "running":
                self._turn(now, t, state)
        elif now.what in ("standby", "running"):
            self._turn(now, t, state)
        elif now.what in JOBS.values() and now.until <= t and now.why:
            self._turn(now, t, *now.why)  # one part is done, and the others wait for what they waited for before

    def _note_reason(self, now: _Doing, t: float, why: int, ref: int) -> None:
        """What a component waits for from now on, or that it waits no longer."""
        if why == y.R_NONE:
            now.why = None
            if now.what.startswith("wait") or now.what == "never-repaired":
                self._turn(now, t, "waiting")
            return
        now.why = (self._why(why, now.index), *self._ref(why, ref, now.index, t))
        if now.what not in JOBS.values() or now.until <= t:
            self._turn(now, t, *now.why)

    def _note_job(self, now: _Doing, t: float, job: float, takes: float) -> None:
        """A job begins, or (below 0) a start has failed."""
        if job < 0:
            self._turn(now, t, self._again(now.index))
            return
        self._turn(now, t, JOBS[int(job)])
        now.until = t + takes
        self.jobs.setdefault(now.name, []).append((t, takes, self._slowed_by(now.name, t)))

    def _note_freed(self, names: Iterable[str]) -> None:
        """Remember whose people were free again, and when."""
        for name in names:
            for span in self.spans.get(name, ()):
                if span.what in JOBS.values():
                    for crew in self._teams(name, span.what):
                        self.freed_at.setdefault((span.end, crew), []).append(name)

    def _note_effect(self, e: int) -> None:
        """Remember which hazard holds or bars each component."""
        effect = self.system.arrays.effect[e]
        if effect["op"] in (y.HOLD, y.BAR):
            for c in self.system.arrays.links[effect["tgt_lo"] : effect["tgt_hi"]].tolist():
                self.by_hazard[int(effect["op"]), c] = self._striker(self.system.effects[e][0])

    def _note_end(self, t: float, e: int) -> None:
        """Remember whose return ends an effect that lasts until then."""
        back, effect = int(self.system.arrays.effect_back[e]), self.system.arrays.effect[e]
        if back >= 0 and effect["op"] in (y.HOLD, y.BAR):
            for c in self.system.arrays.links[effect["tgt_lo"] : effect["tgt_hi"]].tolist():
                self.let_go[t, self.names[c]] = self.names[back]

    def _turn(self, now: _Doing, t: float, what: str, ref: str | None = None, others: tuple[str, ...] = ()) -> None:
        """A component does something else from now on: what it did is a span, joined to one before that is like it."""
        if t > now.since and now.what != "running":
            spans = self.spans.setdefault(now.name, [])
            if spans and spans[-1].what == now.what and spans[-1].ref == now.ref and spans[-1].end == now.since:
                spans[-1].end = t
            else:
                spans.append(Span(now.since, t, now.what, now.ref, now.others))
        now.what, now.since, now.ref, now.others = what, t, ref, others

    def _why(self, why: int, component: int) -> str:
        return self._again(component) if why == y.R_RETRY else REASONS[why]

    def _again(self, component: int) -> str:
        """What a start that has failed waits for: the next try, unless there is none."""
        start = self.model.components[self.names[component]].start
        return "never-starts" if start and start.retry and start.retry.exact() == math.inf else "wait-retry"

    def _ref(self, why: int, ref: int, component: int, t: float) -> tuple[str | None, tuple[str, ...]]:
        """What a reason names, and what would do instead of it."""
        if why in (y.R_HELD, y.R_BARRED):
            return self.by_hazard.get((y.HOLD if why == y.R_HELD else y.BAR, component)), ()
        if why in (y.R_NEED, y.R_START_NEED, y.R_REPAIR_NEED, y.R_GLASS):
            return self._missing(ref, t)
        if why == y.R_PEOPLE:
            return self.system.teams[ref], ()
        if why == y.R_CALL:
            return self._missing(int(self.system.arrays.team_need[ref]), t)
        return (self.names[ref] if why == y.R_RESTORE and ref >= 0 else None), ()

    def _missing(self, node: int, t: float) -> tuple[str | None, tuple[str, ...]]:
        """A component under an expression that is down at the end of instant t, or runs in part only; else one of those it names.

        With it those of which any one would do instead.
        """
        stack, leaves = [node], []
        seen = set()
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            if n < len(self.names):
                leaves.append(n)
                continue
            gate = self.system.arrays.gate[n - len(self.names)]
            stack.extend(reversed(self.system.arrays.child[gate["lo"] : gate["hi"]].tolist()))
        if not leaves:
            return None, ()
        least = min(leaves, key=lambda n: self._share(n, t))  # the first of those that run least
        enough = dict.fromkeys(self._would_do(node, t, least))
        return self.names[least], tuple(self.names[n] for n in enough if n != least) if least in enough else ()

    def _would_do(self, node: int, t: float, least: int) -> list[int]:
        """Components any one of which, if it ran, would meet an expression; where more is missing than one, the part that holds `least`."""
        if node < len(self.names):
            return [node]
        gate = self.system.arrays.gate[node - len(self.names)]
        lo, hi = int(gate["lo"]), int(gate["hi"])
        parts = [(int(n), self._value(int(n), t)) for n in self.system.arrays.child[lo:hi]]
        if gate["op"] == y.CAPACITY:
            weights = self.system.arrays.weight[lo:hi].tolist()
            short = float(gate["k"]) - sum(w * v for w, (_, v) in zip(weights, parts, strict=True))
            some = [n for w, (n, v) in zip(weights, parts, strict=True) if w * (1.0 - v) >= max(short, _TINY) - _TINY and v < 1.0]
        else:
            down = [n for n, v in parts if v <= 0.0]
            wanted = {y.ANY: 1, y.AT_LEAST: int(gate["k"])}.get(int(gate["op"]), len(parts)) - (len(parts) - len(down))
            some = down if wanted == 1 else []
        inner = [self._would_do(n, t, least) for n in some]
        if inner:
            return [n for one in inner for n in one]
        missing = (self._would_do(n, t, least) for n, v in parts if v < 1.0)
        return next((one for one in missing if least in one), [])

    def _value(self, node: int, t: float, back: Mapping[int, float] = MappingProxyType({})) -> float:
        """The value of an expression (§2) by the shares that run at the end of instant t, or that `back` says; a doubtful need exists."""
        if node < len(self.names):
            return back.get(node, self._share(node, t))
        gate = self.system.arrays.gate[node - len(self.names)]
        lo, hi = int(gate["lo"]), int(gate["hi"])
        parts = [self._value(int(n), t, back) for n in self.system.arrays.child[lo:hi]]
        if gate["op"] == y.CAPACITY:
            served = sum(w * v for w, v in zip(self.system.arrays.weight[lo:hi].tolist(), parts, strict=True))
            return 0.0 if served < gate["k"] - _TINY else min(1.0, served)
        k = {y.ANY: 1, y.AT_LEAST: int(gate["k"])}.get(int(gate["op"]), len(parts))
        return sorted(parts, reverse=True)[k - 1]

    def _share(self, index: int, t: float) -> float:
        """The share of a component that runs at the end of instant t; what stands by at rest does not."""
        if index not in self.running:
            return 0.0 if self.model.components[self.names[index]].standby is not None else 1.0
        times, shares = self.running[index]
        place = bisect.bisect_right(times, t) - 1
        return shares[place] if place >= 0 else 1.0

    def _slowed_by(self, name: str, t: float) -> tuple[str, ...]:
        """The helpers of a component that do not run when a job of it begins."""
        return tuple(h.name for h in self.model.components[name].helps if self._share(self.names.index(h.name), t) <= 0.0)

    def row(self, name: str, span: Span) -> dict[str, Any]:
        """A span as results hold it: of work with its rounds, of a wait for people with the part whose work let them go."""
        row = span.told()
        if span.what in JOBS.values():
            alike: dict[tuple[float, tuple[str, ...]], int] = {}
            for t, takes, slowed in self.jobs.get(name, ()):
                if span.begin <= t < span.end and takes > 0.0:
                    alike[round(takes, 9), slowed] = alike.get((round(takes, 9), slowed), 0) + 1
            units = float(self.system.arrays.component["units"][self.names.index(name)])
            same = {"units": units, "teams": self._teams(name, span.what)}
            row["rounds"] = [{"n": n, "takes_h": takes, **same, "slowed_by": list(slowed)} for (takes, slowed), n in alike.items()]
        if span.what == "wait-people" and (freed := self._let_go_by(name, span)):
            row["freed_by"] = freed
        return row

    def _let_go_by(self, name: str, span: Span) -> str | None:
        """A part whose work ended when a wait for a team did, and that had people of that team."""
        for other, jobs in self.jobs.items() if self._gets_to_work(name, span.end) else ():
            if other != name and any(abs(t + takes - span.end) < SAME_H for t, takes, _ in jobs):
                if any(span.ref in self._teams(other, what) for what in JOBS.values()):
                    return other
        return None

    def _gets_to_work(self, name: str, t: float) -> bool:
        """Whether a job of a component begins in a moment: a wait for people may end for lack of something else, too."""
        return any(s.begin == t and s.what in JOBS.values() for s in self.spans.get(name, ()))

    def _teams(self, name: str, what: str) -> list[str]:
        c = self.model.components[name]
        crews = {
            "start": c.start.people if c.start else (),
            "forced-start": c.break_glass.people if c.break_glass else (),
        }.get(what, c.repair.people if c.repair else ())
        return [crew.team for crew in crews]

    # -- critical path

    def critical_path(self, service: str, back_at: float, out_at: float = math.inf) -> list[tuple[str, Span]]:
        """What decided when the service came back at `back_at`: links backwards in time, then shown forwards.

        A component that waited for a need continues with the one whose coming up at that very time met the need; one that
        waited for people, with the job that freed them. Where that ends after `out_at`, when the service went out, its last
        component fell while the service was out already: the path goes on with what was missing until then.
        """
        path: list[tuple[str, Span]] = []
        seen: set[tuple[str, float]] = set()
        name, t = self._came_up(service, back_at), back_at
        while len(path) < LONGEST_PATH:
            t = self._links(name, t, path, seen)
            if t <= out_at + SAME_H:
                break
            name, t = self._missing_before(service, t, out_at)
            if name is None or (name, t) in seen:
                break
        return path[::-1]

    def _links(self, name: str | None, t: float, path: list[tuple[str, Span]], seen: set[tuple[str, float]]) -> float:
        """Adds to a path, backwards, what a component did until t and what that hung on; gives the begin of the earliest."""
        while name is not None and len(path) < LONGEST_PATH and (name, t) not in seen:
            seen.add((name, t))
            span = self._span_before(name, t)
            if span is None:
                break
            back, came = self._until_back(name, span, t)
            if back is not None:
                path.append((name, dataclasses.replace(span, begin=came, end=t)))
                name, t = back, came
                continue
            if span.what in WAITS_FOR_OTHERS:
                enabler = self._enabler(name, t)
                if enabler is not None and (enabler, t) not in seen:
                    name = enabler
                    continue
            path.append((name, dataclasses.replace(span, end=t)))
            if span.what == "wait-people":
                before = [n for n in self.freed_at.get((t, span.ref or ""), []) if n != name and self._gets_to_work(name, t)]
                if before and self._span_before(before[0], t) is not None:
                    path[-1] = (name, dataclasses.replace(span, begin=t, end=t))
                    name = before[0]
                    continue
            t = span.begin
        return t

    def _missing_before(self, service: str, t: float, out_at: float) -> tuple[str | None, float]:
        """Of a service that is out: what it lacked until just before t, at the root; else what raised it last since `out_at`, and when."""
        name, root = service, None
        for _ in self.names:
            node, before = int(self.system.arrays.component["need"][self.names.index(name)]), t - SAME_H
            found = self._missing(node, before)[0] if node >= 0 else None
            if found is None or self._span_before(found, t) is None:
                break
            name = root = found
        if root is not None:
            return root, t
        index = self.names.index(service)
        rises = [(at, level) for at, level in self.levels.get(index, ()) if at < t]
        for (_, low), (at, high) in reversed(list(itertools.pairwise(rises))):
            if high > low and at > out_at and (raised := self._came_up(service, at)) is not None:
                return raised, at
        return None, t

    def path_of(self, service: str, back_at: float, out_at: float = math.inf) -> list[dict[str, Any]]:
        """The links of a critical path that last, as rows of a Result."""
        spans = self.critical_path(service, back_at, out_at)
        return [{"component": name} | self.row(name, s) | self._in_place_of(name, s) for name, s in spans if s.end > s.begin]

    def ways_of(self, service: str, outages: Iterable[tuple[float, float]]) -> list[dict[str, Any]]:
        """What each return of the service waited for, outage after outage; of each the links that end after the return before it."""
        links, before = [], 0.0
        for out, back in outages:
            links += [link for link in self.path_of(service, back, out) if link["to_h"] > before]
            before = back
        return links

    def _in_place_of(self, name: str, span: Span) -> dict[str, Any]:
        """Of the start of a standby: what it stands for that was down then, and what that waited for."""
        standby = self.model.components[name].standby
        if standby is None or span.what not in ("start", "forced-start"):
            return {}
        for other in standby.stands_for:
            if self._share(self.names.index(other), span.begin) <= standby.below:
                its = next((s for s in self.spans.get(other, ()) if s.begin <= span.begin < s.end), None)
                why = None if its is None or its.ref is None else {"why": its.what, "ref": its.ref} | _or(its.others)
                return {"instead": {"of": other, "waits": why}}
        return {}

    def _span_before(self, name: str, t: float) -> Span | None:
        for span in reversed(self.spans.get(name, ())):
            if span.begin < t <= span.end:
                return span
        return None

    def lasting(self) -> list[dict[str, Any]]:
        """Effects that still act at the end, because what they last until has not come back."""
        open_: dict[tuple[int, int], int] = {}
        back = self.system.arrays.effect_back
        for _, what, who, arrival, _ in self.trace.tolist():
            if int(what) in (y.T_EFFECT, y.T_EFFECT_END) and back[int(who)] >= 0:
                key = int(who), int(arrival)
                open_[key] = open_.get(key, 0) + (1 if int(what) == y.T_EFFECT else -1)
        found = []
        for e in dict.fromkeys(e for (e, _), n in open_.items() if n > 0):
            hazard, path = self.system.effects[e]
            effect = effects_by_path(self.model, hazard)[path]
            reached = list(effect.target.names + effect.target.tags) if effect.target else [effect.team or ""]
            found.append({"hazard": self._striker(hazard), "op": effect.op, "targets": reached, "until": self.names[int(back[e])]})
        return found

    def lacks(self, name: str) -> dict[str, Any] | None:
        """What a component that runs at the end lacks most, itself or through what it needs, and what would do instead; None: nothing."""
        todo, seen = [name], set()
        while todo:
            name = todo.pop(0)
            index = self.names.index(name)
            if name in seen or self._share(index, self.end) <= 0.0 or (node := int(self.system.arrays.component["need"][index])) < 0:
                continue
            seen.add(name)
            ref, others = self._missing(node, self.end)
            if ref is not None and self._share(self.names.index(ref), self.end) < 1.0:
                return {"ref": ref} | _or(others)
            todo += leaf_names(self.model.components[name].needs)
        return None

    def loops(self) -> list[dict[str, Any]]:
        """Components that trip again and again (§9) without end: by then how often, every how many hours, under what load, and whose."""
        trips: dict[int, list[tuple[float, float]]] = {}
        for (t, c), load in self._trips().items():
            trips.setdefault(c, []).append((t, load))
        found = []
        for c, rows in sorted(trips.items()):
            late = [t for t, _ in rows if t >= self.end / 2]
            if len(late) >= _AGAIN:
                every = (late[-1] - late[0]) / (len(late) - 1)
                start = self.model.components[self.names[c]].start
                found.append({"component": self.names[c], "trips": len(rows), "every_h": every, "load": rows[-1][1],
                              "overload": float(self.system.arrays.component["overload"][c]), "by": self._back_with(c),
                              **({"throttled": True} if start is not None and start.throttled else {})})  # fmt: skip
        return found

    def _back_with(self, c: int) -> list[str]:
        """Who needs a component and runs again as soon as the first of its parts is back, as things are at the end."""
        need, back = self.system.arrays.component["need"], {c: 1.0 / int(self.system.arrays.component["chunks"][c])}
        above = [i for i, other in enumerate(self.names) if self.names[c] in leaf_names(self.model.components[other].needs)]
        return [self.names[i] for i in above if self._value(int(need[i]), self.end, back) > 0.0]

    def _until_back(self, name: str, span: Span, t: float) -> tuple[str | None, float]:
        """What had to come back before an effect that kept `name` off could end at t, and when it did."""
        back = self.let_go.get((t, name))
        if back is None:
            return None, t
        times = [at for at, names in self.ran_at.items() if back in names and span.begin < at <= t]
        return (back, max(times)) if times else (None, t)

    def _came_up(self, name: str, t: float) -> str | None:
        """The component under `name` whose coming up at t raised it."""
        stack, seen = [name], set()
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            if n in self.ran_at.get(t, ()) and self._span_before(n, t) is not None:
                return n
            c = self.model.components[n]
            stack.extend(reversed(leaf_names(c.needs) + [w.name for w in c.wants]))
        return name if self._span_before(name, t) is not None else None

    def _enabler(self, name: str, t: float) -> str | None:
        c = self.model.components[name]
        names = leaf_names(c.needs) + leaf_names(c.start.needs if c.start else None) + leaf_names(c.repair.needs if c.repair else None)
        crews = [crew.team for row in (c.start, c.repair, c.break_glass) if row for crew in row.people]
        names += [name for team in crews for name in leaf_names(self.model.teams[team].needs)]
        ran = set(self.ran_at.get(t, ()))
        for n in names:
            if n in ran and self._span_before(n, t) is not None:
                return n
        for n in names:  # it may have come through one that was running all the while at a lower level
            found = self._came_up(n, t)
            if found is not None and found != name and found in ran:
                return found
        return None

    # -- timeline

    def timeline(self) -> list[dict[str, Any]]:
        """What happened, in order: misfortunes, barriers, falls, jobs, people, data."""
        s = self.system
        rows: list[dict[str, Any]] = []

        def add(t: float, what: str, who: str, **detail: Any) -> None:
            rows.append({"t_h": t, "what": what, "who": who, "detail": detail})

        up = 1.0 - s.arrays.component["standby"].astype(float)  # share of each that is up so far
        tripped = self._trips()
        effects = {path: e for h in self.model.hazards for path, e in effects_by_path(self.model, h).items()}
        for t, what, who, a, b in self.trace.tolist():
            kind, index = int(what), int(who)
            if kind == y.T_HAZARD:
                if not s.hazards[index].startswith(HIT_PREFIX):  # the scenario says itself what it does
                    add(t, "hazard", s.hazards[index])
            elif kind in (y.T_EFFECT, y.T_EFFECT_END):
                hazard, path = s.effects[index]
                given = hazard.startswith(HIT_PREFIX)
                if given and kind == y.T_EFFECT:
                    continue
                effect = effects.get(path)
                reach = list(effect.target.names + effect.target.tags) if effect is not None and effect.target else []
                add(
                    t, "effect" if kind == y.T_EFFECT else "effect-ends", self._striker(hazard), op=effect.op if effect else "break",
                    targets=reach, share=effect.target.share if effect is not None and effect.target else 1.0,
                    **({"given": True} if given else {}),
                )  # fmt: skip
            elif kind == y.T_BARRIER:
                add(t, "barrier", s.barriers[index], works=a > 0, hazard=s.effects[int(b)][0])
            elif kind == y.T_FAIL:
                add(t, "fails", self.names[index], share=a / int(s.arrays.component["chunks"][index]), hidden=b < 0)
            elif kind == y.T_TEAM:
                add(t, "team", s.teams[index], stage=STAGES[int(a)])
            elif kind == y.T_DATA:
                add(t, "data", s.data_sets[index], hours=None if np.isinf(a) else a, destroyed=self.names[int(b)])
            elif kind == y.T_CALL:
                add(t, "called", self.names[index], called=a > 0)
            elif kind == y.T_JOB and a >= 0:
                add(t, "starts" if int(a) & 1 else "repairs", self.names[index], takes_h=b, forced=int(a) >= 4)
            elif kind == y.T_JOB:
                add(t, "start-failed", self.names[index])
            elif kind == y.T_REASON and int(a) != y.R_NONE:
                team = {"team": s.teams[int(b)]} if int(a) == y.R_CALL else {}
                ref, others = self._ref(int(a), int(b), index, t)
                add(t, "waits", self.names[index], why=self._why(int(a), index), ref=ref, **team, **_or(others))
            elif kind == y.T_TRIP:  # also of what has come up in this very instant
                add(t, "falls", self.names[index], share=0.0, tripped=True, load=a)
            elif kind == y.T_STATE:
                share, before = b / int(s.arrays.component["chunks"][index]), up[index]
                up[index] = share
                stops = int(a) in (y.WAITING, y.STARTING) and before > share  # what was not up does not stop
                if int(a) == y.RUNNING or stops and (t, index) not in tripped:
                    add(t, "runs" if share > 0 else "falls", self.names[index], share=share)
        for t, what, who, a, _ in self.trace.tolist():  # last in their instant: things fall, and people are called
            if int(what) == y.T_TURNOUT:
                add(t, "team", s.teams[int(who)], stage=CALLED if a > 0 else HOME)
        rows.sort(key=lambda row: row["t_h"])
        for n, row in enumerate(rows):
            if row["detail"].get("stage") == CALLED:
                _told_before_arrival(rows, n)
        return rows

    def _trips(self) -> dict[tuple[float, int], float]:
        """(time, component) where one tripped (§9), and the load under which it did."""
        return {(t, int(who)): load for t, what, who, load, _ in self.trace.tolist() if int(what) == y.T_TRIP}

    def _striker(self, hazard: str) -> str:
        """A hazard, or the place that the scenario itself strikes with it."""
        return self.model.hazards[hazard].strikes[0] if hazard.startswith(HIT_PREFIX) else hazard


def _told_before_arrival(rows: list[dict[str, Any]], n: int) -> None:
    """Moves the call of a team up in its instant, to before the arrival of its people, if they come at once."""
    place = n
    while place and rows[place - 1]["t_h"] == rows[n]["t_h"]:
        place -= 1
    place = next((k for k in range(place, n) if rows[k]["what"] == "team" and rows[k]["who"] == rows[n]["who"]), n)
    rows.insert(place, rows.pop(n))


def effects_by_path(model: Model, hazard: str) -> dict[str, Effect]:
    """The effects of a hazard by their path in it (`fire/0/1`), as `System.effects` names them."""
    found: dict[str, Effect] = {}

    def walk(path: str, effects: Iterable[Effect]) -> None:
        for j, effect in enumerate(effects):
            found[f"{path}/{j}"] = effect
            walk(f"{path}/{j}", effect.then)

    walk(hazard, model.hazards[hazard].does)
    return found
