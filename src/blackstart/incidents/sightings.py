"""What somebody could have seen of a play, and how likely the reports of a record are if that play is what happened.

A play leaves *sightings*: a component fell and came back, a hazard began, a barrier failed, each at its time. A report is true with
the confidence that the record gives it; then its time is that of the sighting, give or take what a model can tell of times; else it
could name any time. Of the sightings of one kind somebody reports an unknown share, the same for all of that kind: so a play in
which much happens that nobody reported explains a record worse than one in which what happens was seen.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from blackstart.engines import layout as y
from blackstart.incidents.incident import EVERYTHING, Observation, Record, noun_of
from blackstart.language.model import Model
from blackstart.language.places import Places
from blackstart.system import System

Key = tuple[str, int, str]  # noun, number in the System, what happened
LEAST_WIDTH_H = 0.05  # what a model can tell of times: this, and a share of what has passed since the begin
WIDTH_SHARE = 0.15
LEVEL_WIDTH = 0.1  # a level that is reported and one that is played are the same if they lie no further apart
LEAST_HORIZON_H = 24.0  # a false report may name any time of the incident, and of a day at least
UP, DOWN = 0.95, 0.05  # from which level a component (not a service) counts as up, and below which as down
COUNTED = {"service": ("fell", "came-back"), "component": ("fell", "came-back"), "hazard": ("began",), "barrier": ("worked", "failed")}

Course = tuple[list[float], list[float]]  # times, level from each on


# ----------------------------------------------------------------------------- what a play shows


@dataclass
class Plays:
    """The sightings of many plays of one hypothesis.

    Attributes
    ----------
    times : dict of Key to (runs,)
        When it happened (the first time; for ``came-back`` the last), NaN where it did not.
    courses : list of dict
        For each run the levels of components and, under -1 - s, of services that changed.
    """

    system: System
    runs: int
    times: dict[Key, np.ndarray] = field(default_factory=dict)
    courses: list[dict[int, Course]] = field(default_factory=list)

    def __call__(self, run: int, trace: np.ndarray) -> None:
        """Takes in the trace of one run."""
        seen, courses = _seen(self.system, trace)
        for key, t in seen.items():
            if key not in self.times:
                self.times[key] = np.full(self.runs, np.nan)
            self.times[key][run] = t
        self.courses.append(courses)

    def counted(self) -> dict[str, np.ndarray]:
        """(runs,) how many sightings of each noun there are that somebody might report."""
        found = {noun: np.zeros(self.runs, np.int64) for noun in COUNTED}
        for (noun, _, did), t in self.times.items():
            if did in COUNTED.get(noun, ()):
                found[noun] += np.isfinite(t)
        return found


def _seen(system: System, trace: np.ndarray) -> tuple[dict[Key, float], dict[int, Course]]:
    """Sightings of one run with their times, and the levels of what changed."""
    seen: dict[Key, float] = {}
    courses: dict[int, Course] = {}
    chunks, standby = system.arrays.component["chunks"].tolist(), system.arrays.component["standby"].tolist()
    service_of = {int(c): s for s, c in enumerate(system.arrays.service["component"])}
    effects = system.arrays.effect["hazard"].tolist()
    for t, what, who, a, b in trace.tolist():
        kind, i = int(what), int(who)
        if kind == y.T_STATE:
            times, levels = courses.setdefault(i, ([0.0], [0.0 if standby[i] else 1.0]))
            times.append(t)
            levels.append(b / chunks[i])
            if int(a) == y.BROKEN:
                seen.setdefault(("component", i, "broke"), t)
        elif kind == y.T_LEVEL:
            times, levels = courses.setdefault(-1 - service_of[i], ([0.0], [1.0]))
            times.append(t)
            levels.append(a)
        elif kind == y.T_HAZARD:
            seen.setdefault(("hazard", i, "began"), t)
        elif kind == y.T_EFFECT:
            seen.setdefault(("effect", i, "began"), t)
        elif kind == y.T_EFFECT_END:
            seen.setdefault(("effect", i, "ended"), t)
            seen.setdefault(("hazard", effects[i], "ended"), t)
        elif kind == y.T_BARRIER:
            seen.setdefault(("barrier", i, "worked" if a > 0 else "failed"), t)
        elif kind == y.T_TEAM:
            seen.setdefault(("team", i, "arrived"), t)
        elif kind == y.T_JOB:
            seen.setdefault(("component", i, "failed" if a < 0 else "starts" if int(a) & 1 else "repairs"), t)
        elif kind == y.T_DATA:
            seen.setdefault(("data", i, "lost"), t)
        elif kind == y.T_FAIL:
            seen.setdefault(("component", i, "fails"), t)
    serves = system.arrays.service["serves"].tolist()
    for i, course in courses.items():
        noun, index, enough = ("component", i, 1.0) if i >= 0 else ("service", -1 - i, serves[-1 - i])
        seen |= {(noun, index, did): t for did, t in _fell_and_back(course, enough - 1e-9).items()}
        if i < 0 and "fell" in (worse := _fell_and_back(course, UP)):
            seen[noun, index, "worse"] = worse["fell"]
    return seen, courses


def _fell_and_back(course: Course, enough: float) -> dict[str, float]:
    """When it first fell below, and when it was back for good; a standby that takes over only comes up."""
    times, levels = course
    found: dict[str, float] = {}
    up = levels[0] >= enough
    for t, level in zip(times[1:], levels[1:], strict=True):
        if level < enough:
            if up:
                found.setdefault("fell", t)
            found.pop("came-back", None)
        elif not up:
            found["came-back"] = t
        up = level >= enough
    return found


# ----------------------------------------------------------------------------- what a report claims


@dataclass(frozen=True)
class Claim:
    """A report that a play can bear out: an event (`keys`: of which part, the `first` or the last to do it) or a state (`level`).

    at : hours on the record's clock; ends may be infinite.
    """

    id: str
    at: tuple[float, float]
    confidence: float
    keys: tuple[Key, ...]
    last: bool
    level: float | None
    members: tuple[int, ...]  # numbers in `Plays.courses`
    matter: str
    partly: bool = False  # of a state: some of it is up, or down


class Unusable(Exception):
    """A report that no play can bear out; `why` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def claims_of(record: Record, model: Model, system: System) -> tuple[list[Claim], list[dict[str, str]]]:
    """The claims of a record that stand, and the reports that claim nothing of the model, with the reason."""
    reader, found, left = _Claims(record, model, system), [], []
    standing = {row.id for row in record.standing()}
    for row in record.observations:
        try:
            if row.id not in standing:
                raise Unusable("corrected")
            found.append(reader.claim(row))
        except Unusable as why:
            left.append({"id": row.id, "why": why.why})
    return found, left


class _Claims:
    def __init__(self, record: Record, model: Model, system: System) -> None:
        self.record, self.model, self.system = record, model, system
        self.places = Places(model)
        self.number = {
            "component": {n: i for i, n in enumerate(system.components)}, "service": {n: i for i, n in enumerate(system.services)},
            "hazard": {n: i for i, n in enumerate(system.hazards)}, "barrier": {n: i for i, n in enumerate(system.barriers)},
            "team": {n: i for i, n in enumerate(system.teams)},
        }  # fmt: skip

    def claim(self, row: Observation) -> Claim:
        if row.lasted_h is not None:
            raise Unusable("length")
        if row.did is None and row.level is None:
            raise Unusable("text-only")
        at = self.record.clock(row.at)
        if at is None:
            raise Unusable("no-time")
        keys, members = self.of(row)
        last = row.did == "came-back"
        if row.did == "called":  # nobody comes before being called
            at = (at[0], math.inf)
        return Claim(row.id, at, row.confidence, keys, last, row.level, members, row.matter or row.id, row.partly)

    def of(self, row: Observation) -> tuple[tuple[Key, ...], tuple[int, ...]]:
        """Sightings that would bear the report out, and whose levels count for a state."""
        noun, did = noun_of(self.model, row.what, row.did), "arrived" if row.did == "called" else row.did or ""
        if row.what == EVERYTHING:
            numbers = [i for name, i in self.number["service"].items() if name not in (self.record.watch or ())]
            noun, parts = "service", [("service", i) for i in numbers]
        elif noun == "domain":
            inside = [self.number["component"][c.id] for c in self.model.components.values() if row.what in self.places.of(c)]
            parts = [("component", i) for i in inside]
        elif noun in self.number and row.what in self.number[noun]:
            parts = [(noun, self.number[noun][row.what])]
        else:
            raise Unusable("no-name" if noun is None else "untestable")
        if did == "fell" and row.partly and noun == "service":  # a component that counts as fallen need not be gone; a service has to be
            did = "worse"
        if row.level is not None:
            if parts[0][0] not in ("component", "service") if parts else True:
                raise Unusable("untestable")
            return (), tuple(i if kind == "component" else -1 - i for kind, i in parts)
        known = {"component": ("fell", "came-back", "broke", "failed"), "service": ("fell", "worse", "came-back"),
                 "hazard": ("began", "ended"), "barrier": ("worked", "failed"), "team": ("arrived",)}  # fmt: skip
        keys = tuple((kind, i, did) for kind, i in parts if did in known[kind])
        if not keys:
            raise Unusable("untestable")
        return keys, ()


# ----------------------------------------------------------------------------- how likely a report is


class Likelihood:
    """How likely the claims of a record are in each of many plays of one hypothesis.

    width_share : how far a reported time may lie off that of the play, as a share of what has passed since the begin.
    """

    def __init__(self, plays: Plays, claims: Sequence[Claim], horizon_h: float, width_share: float = WIDTH_SHARE) -> None:
        self.plays, self.claims, self.horizon_h = plays, claims, max(LEAST_HORIZON_H, horizon_h)
        self.width_share = width_share
        self.serves = plays.system.arrays.service["serves"].tolist()
        self.standby = plays.system.arrays.component["standby"].tolist()
        self.times = [self._time(claim) for claim in claims]
        self.unreported = self._unreported()

    def _time(self, claim: Claim) -> np.ndarray | None:
        """(runs,) when what a report claims happened in each run; None for a state."""
        if claim.level is not None:
            return None
        rows = [self.plays.times[key] for key in claim.keys if key in self.plays.times]
        if not rows:
            return np.full(self.plays.runs, np.nan)
        with np.errstate(invalid="ignore"):
            return np.fmax.reduce(rows) if claim.last else np.fmin.reduce(rows)

    def _unreported(self) -> np.ndarray:
        """(runs,) log chance that of all sightings of each noun just those were reported: an unknown share, any as likely as another."""
        total = np.zeros(self.plays.runs)
        reported: dict[str, dict[Any, np.ndarray]] = {noun: {} for noun in COUNTED}
        for claim, times in zip(self.claims, self.times, strict=True):
            if times is not None and len(claim.keys) == 1 and claim.keys[0][2] in COUNTED.get(claim.keys[0][0], ()):
                reported[claim.keys[0][0]][claim.keys[0]] = np.isfinite(times)
        for noun, n in self.plays.counted().items():
            m = sum((seen.astype(np.int64) for seen in reported[noun].values()), np.zeros(self.plays.runs, np.int64))
            total += _LOG_FACTORIAL(m) + _LOG_FACTORIAL(n - m) - _LOG_FACTORIAL(n + 1)
        return total

    def offsets(self, most: int = 3) -> list[np.ndarray]:
        """Candidates for the time at which each play began, on the record's clock: each lets one of the first reports be true."""
        found = []
        for claim, times in sorted(zip(self.claims, self.times, strict=True), key=lambda row: _middle(row[0].at)):
            if times is not None and np.isfinite(times).any() and len(found) < most:
                found.append(np.where(np.isfinite(times), _middle(claim.at) - times, _middle(claim.at)))
        return found or [np.zeros(self.plays.runs)]

    def each(self, begin: np.ndarray) -> np.ndarray:
        """(claims, runs) chance that each report is true and says what it says, and (claims, runs) that of the report altogether."""
        rows = [self._one(claim, times, begin) for claim, times in zip(self.claims, self.times, strict=True)]
        return np.array(rows).reshape(len(rows), 2, self.plays.runs)

    def _one(self, claim: Claim, times: np.ndarray | None, begin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if times is None:
            true = claim.confidence * self._state(claim, begin)
            return true, true + (1.0 - claim.confidence) * 0.5
        away = _distance(times + begin, claim.at)
        width = np.maximum(LEAST_WIDTH_H, self.width_share * np.abs(np.nan_to_num(times)))
        long = min(self.horizon_h, max(0.0, claim.at[1] - claim.at[0]))
        true = claim.confidence * np.where(np.isfinite(times), np.exp(-np.nan_to_num(away, nan=np.inf) / width), 0.0) / (2.0 * width + long)
        return true, true + (1.0 - claim.confidence) / self.horizon_h

    def _state(self, claim: Claim, begin: np.ndarray) -> np.ndarray:
        """(runs,) how well the level that is reported is the level played, at that time or not far from it."""
        found = np.zeros(self.plays.runs)
        for run, courses in enumerate(self.plays.courses):
            low, high = claim.at[0] - begin[run], claim.at[1] - begin[run]
            width = max(LEAST_WIDTH_H, self.width_share * max(0.0, min(abs(low), abs(high))))
            found[run] = math.exp(-self._nearest(claim, courses, low, high) / width)
        return found

    def holds(self, claim: Claim, at: tuple[float, float], begin: np.ndarray) -> np.ndarray:
        """(runs,) whether the level that is reported is the level played at some moment between two times on the record's clock."""
        rows = zip(self.plays.courses, begin.tolist(), strict=True)
        return np.array([self._nearest(claim, courses, at[0] - b, at[1] - b) == 0.0 for courses, b in rows])

    def _nearest(self, claim: Claim, courses: Mapping[int, Course], low: float, high: float) -> float:
        """Hours between the reported time and the nearest at which the play has that level; infinite if it never has."""
        if len(claim.members) == 1:
            member = claim.members[0]
            course = courses.get(member) or ([0.0], [self._rest(member)])
            return nearest_h(course, self.fits(claim, member), low, high)
        middle = _middle((low, high))
        level = sum(level_at(courses.get(m) or ([0.0], [self._rest(m)]), middle) for m in claim.members) / max(1, len(claim.members))
        fits = _in_part(claim.level or 0.0)(level) if claim.partly else abs(level - (claim.level or 0.0)) <= LEVEL_WIDTH
        return 0.0 if fits else math.inf

    def _rest(self, member: int) -> float:
        return 0.0 if member >= 0 and self.standby[member] else 1.0

    def fits(self, claim: Claim, member: int) -> Callable[[float], bool]:
        """Whether a level that is played is the one that is reported."""
        level = claim.level or 0.0
        if claim.partly:
            return _in_part(level, DOWN if member >= 0 else 0.0)
        enough, gone = (self.serves[-1 - member] - 1e-9, self.serves[-1 - member] - 1e-9) if member < 0 else (UP, DOWN)
        if level >= 1.0:
            return lambda played: played >= enough
        if level <= 0.0:
            return lambda played: played < gone or played <= 0.0
        return lambda played: abs(played - level) <= LEVEL_WIDTH

    def best(self, begins: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(runs,) log likelihood of the whole record in each play, at the begin that suits it best; and that begin."""
        best, at = np.full(self.plays.runs, -np.inf), np.zeros(self.plays.runs)
        for begin in begins:
            log = np.log(self.each(begin)[:, 1]).sum(axis=0) + self.unreported
            better = log > best
            best, at = np.where(better, log, best), np.where(better, begin, at)
        return best, at


def _in_part(level: float, nothing: float = DOWN) -> Callable[[float], bool]:
    """Whether some of it is up, or some of it down: how much, such a report does not say."""
    return (lambda played: played > nothing) if level >= 1.0 else (lambda played: played < UP)


def nearest_h(course: Course, fits: Callable[[float], bool], low: float, high: float) -> float:
    """Hours from a span to the nearest time at which a course has a level that fits; infinite if it never has."""
    times, levels = course
    nearest = math.inf
    for i, level in enumerate(levels):
        if fits(level):
            begin = times[i] if i else -math.inf
            end = times[i + 1] if i + 1 < len(times) else math.inf
            nearest = min(nearest, max(0.0, begin - high, low - end))
    return nearest


def level_at(course: Course, t: float) -> float:
    times, levels = course
    return levels[max(0, bisect.bisect_right(times, t) - 1)]


def _middle(at: tuple[float, float]) -> float:
    low, high = at
    return low if math.isinf(high) else high if math.isinf(low) else 0.5 * (low + high)


def _distance(t: np.ndarray, at: tuple[float, float]) -> np.ndarray:
    """Hours from each time to a span."""
    return np.maximum(0.0, np.maximum(at[0] - t, t - at[1]))


class _LogFactorial:
    """log n! of whole numbers, looked up."""

    def __init__(self) -> None:
        self.table = np.zeros(2)

    def __call__(self, n: np.ndarray) -> np.ndarray:
        most = int(n.max(initial=0))
        if most >= self.table.size:
            self.table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 2 * most + 2)))])
        return self.table[n]


_LOG_FACTORIAL = _LogFactorial()
