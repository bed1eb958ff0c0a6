"""Model → System: the same thing as integer-indexed arrays, ready for the engines.

A System is frozen and knows its digest; names stay outside the arrays. What is unknown but fixed (the rate of a fire, the
chance that a barrier works, whether a doubtful need exists) is a *parameter*; a World is one draw of all of them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from blackstart import at_rest, common_causes
from blackstart.engines import layout as k
from blackstart.engines.layout import Arrays
from blackstart.errors import ModelError
from blackstart.evidence import same_kind
from blackstart.evidence.update import aged
from blackstart.load import quiet_collector
from blackstart.model import Chance, Component, Crew, Effect, Hazard, Model, Need, Target
from blackstart.units import Dist, Duration, Factor, Rate

HOURS_PER_YEAR = 8760.0
ROUNDING = 1e-9  # levels that differ by less are the same
SERVICES_AT_ONCE = 512  # a bit for each, at each node: all of thousands would fill the memory

# where factors stand in the arrays (an array, and the column of a record), and the least that one can be: a rate is raised
FACTORS = (("help_factor", ""), ("component", "surge_factor"), ("effect", "factor"), ("effect", "factor"), ("hazard", "again"))
_HELP, _SURGE, _EFFECT, _TRIGGER, _AGAIN = range(5)
LEAST_FACTOR = (0.0, 0.0, 0.0, 1.0 + 1e-9, 1.0 + 1e-9)

FIRST_FAILS = -1.0  # given of a start: its first try fails; compiled code reads a negative chance p as "first 0, then −p"


class World(NamedTuple):
    """One possible world: every parameter has a value.

    rate is per hour for each item; cum_natural and cum_forced are cumulated chances of which item comes next, at their own
    rates and as the engine prefers to look; forced_ratio is the likelihood ratio of the two. terms and tables are those of
    the durations (layout.Arrays), with the middles that they have in this world.
    """

    rate: np.ndarray
    prob: np.ndarray
    exists: np.ndarray
    cum_natural: np.ndarray
    cum_forced: np.ndarray
    forced_ratio: np.ndarray
    total_rate: float
    terms: np.ndarray
    tables: np.ndarray
    factors: np.ndarray

    def on(self, arrays: Arrays) -> Arrays:
        """The arrays of its System with the durations and factors of this world."""
        return arrays._replace(terms=self.terms, tables=self.tables, **self._with_factors(getattr(arrays, "held", arrays)))

    def _with_factors(self, arrays: Arrays) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for place, row, value in self.factors.tolist():
            name, column = FACTORS[int(place)]
            if name not in found:
                old = getattr(arrays, name)
                found[name] = k.zeros(old.size, old.dtype) if column else old.copy()
                found[name][:] = old
            (found[name][column] if column else found[name])[int(row)] = value
        return found

    def only(self, items: np.ndarray, look: np.ndarray) -> World:
        """The same world in which nothing but these items (I,) bool happens by itself."""
        return _world(np.where(items, self.rate, 0.0), self.prob, self.exists, look, (self.terms, self.tables, self.factors))

    def given(self, chances: Mapping[int, float], doubtful: Mapping[int, bool] | None = None) -> World:
        """The same world with some outcomes on demand made certain.

        chances : number of a probability, 0 or 1; or `FIRST_FAILS`: of a start, the first try fails, further ones are left to chance.
        doubtful : number of a doubtful need, whether it exists.
        """
        prob, exists = self.prob.copy(), self.exists.copy()
        for number, value in chances.items():
            prob[number] = -prob[number] if value == FIRST_FAILS else value
        for number, there in (doubtful or {}).items():
            exists[number] = there
        return self._replace(prob=prob, exists=exists)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something fixed that nobody knows exactly.

    `path` is its place in the model, `dist` what is believed about it. Those of one `doubt` are off together: in each possible
    world all of them stand at the same quantile (docs/decisions/0013-one-doubt-for-one-row.md).
    """

    path: str
    dist: Dist
    text: str
    source: str
    doubt: str


@dataclass(frozen=True)
class System:
    """A compiled model. Indices run in the order of the file."""

    arrays: Arrays
    components: tuple[str, ...]
    services: tuple[str, ...]
    hazards: tuple[str, ...]
    barriers: tuple[str, ...]
    teams: tuple[str, ...]
    data_sets: tuple[str, ...]
    effects: tuple[tuple[str, str], ...]  # (hazard, path of the effect inside it)
    items: tuple[str, ...]  # what can happen at random: hazards and components that fail
    parameters: tuple[Parameter, ...]
    item_rate: tuple[tuple[int, float, int], ...]  # parameter, multiplier, parameter of the chance (or -1)
    probabilities: tuple[tuple[int, float], ...]  # parameter, tau_h (> 0: the share of time that a hidden fault is there)
    doubtful: tuple[int, ...]  # parameters of doubtful needs
    middles: tuple[tuple[int, int], ...]  # (row of terms, parameter): the factor by which the middle of a duration may be off
    factors: tuple[tuple[int, int, int], ...]  # (place in FACTORS, row there, parameter): a factor that is not known
    digest: str

    def is_certain(self) -> bool:
        """Whether every parameter is a point: then there is only one possible world."""
        return all(p.dist.kind == "point" for p in self.parameters) and not self.doubtful

    def world(self) -> World:
        """The typical world: every rate, chance and middle of a duration at its median; doubtful needs exist if likelier than not."""
        return next(self._worlds(np.array([[p.dist.median()] for p in self.parameters]).reshape(-1, 1), None, None))

    def mean_world(self, look: np.ndarray | None = None) -> World:
        """The world in which every rate, chance and middle of a duration has its mean; doubtful needs exist if likelier than not."""
        return next(self._worlds(np.array([[p.dist.mean()] for p in self.parameters]).reshape(-1, 1), None, look))

    def worlds(self, u: np.ndarray, look: np.ndarray | None = None) -> Iterator[World]:
        """Possible worlds at quantiles u (W, parameters + doubtful needs), numbers in (0, 1).

        look : chance for each item with which the engine should look at it when it forces a further misfortune.
        """
        n = len(self.parameters)
        yield from self.worlds_of(np.array([p.dist.quantile(u[:, i]) for i, p in enumerate(self.parameters)]), u[:, n:], look)

    def worlds_of(self, values: np.ndarray, u: np.ndarray, look: np.ndarray | None = None) -> Iterator[World]:
        """Possible worlds in which the parameters have these values (parameters, W); u (W, doubtful needs) as in `worlds`."""
        yield from self._worlds(values.reshape(len(self.parameters), u.shape[0]), u, look)

    def _worlds(self, values: np.ndarray, u: np.ndarray | None, look: np.ndarray | None) -> Iterator[World]:
        """Worlds in which the parameters have these values (parameters, W); doubtful needs at u, or where they are likelier than not."""
        of_item, times, chance = (np.array(column) for column in zip(*self.item_rate, strict=True)) if self.item_rate else ([], [], [])
        of_chance = [p for p, _ in self.probabilities]
        rate, prob, exists = (values[np.asarray(rows, np.int64)].T for rows in (of_item, of_chance, self.doubtful))
        if self.item_rate:
            rate = rate * times * np.where(chance < 0, 1.0, values[chance].T)
        rate, prob = np.ascontiguousarray(rate) / HOURS_PER_YEAR, np.ascontiguousarray(prob)
        for number, (_, tau) in enumerate(self.probabilities):
            if tau > 0:
                prob[:, number] = [_hidden_share(x, tau) for x in prob[:, number].tolist()]
        exists = np.ascontiguousarray((0.5 if u is None else u) < exists)
        for w in range(values.shape[1]):
            given = (*self._durations(values[:, w]), self._factors(values[:, w]))
            yield _world(rate[w], prob[w], exists[w], look, given)

    def _factors(self, values: np.ndarray) -> np.ndarray:
        """(F, 3) where each factor that is not known stands, and what it is where the parameters have these values."""
        return np.array([(place, row, max(values[p], LEAST_FACTOR[place])) for place, row, p in self.factors], float).reshape(-1, 3)

    def _durations(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Terms and tables of the durations where the parameters have these values."""
        terms, tables = self.arrays.terms, self.arrays.tables
        place, parameter, tabled = self._scaled
        if place.size:
            terms = terms.copy()
            terms.reshape(-1)[place] *= values[parameter]
        if tabled:
            tables = tables.copy()
        for first, end, p in tabled:
            tables[first:end] *= values[p]
        return terms, tables

    @cached_property
    def _scaled(self) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, int]]]:
        """Which numbers of the durations which parameter scales: places in `terms`, its number; begin and end of tables, its number."""
        terms, place, parameter, tabled = self.arrays.terms, [], [], []
        for row, p in self.middles:
            kind, first = int(terms[row, 0]), int(terms[row, 1])
            if kind in k.TABLED:
                tabled.append((first, first + (k.TABLE_SIZE if kind == k.TABLE else int(terms[row, 2])), p))
            else:
                place += [row * terms.shape[1] + column for column in k.SCALED[kind]]
                parameter += [p] * len(k.SCALED[kind])
        return np.array(place, np.int64), np.array(parameter, np.int64), tabled


def _hidden_share(rate_per_year: float, tau_h: float) -> float:
    """Mean share of time for which a fault that arises at a rate and is looked for every tau is there."""
    x = rate_per_year * tau_h / HOURS_PER_YEAR
    return x / 2 - x * x / 6 if x < 1e-4 else 1.0 + math.expm1(-x) / x


def _world(
    rate: np.ndarray, prob: np.ndarray, exists: np.ndarray, look: np.ndarray | None, durations: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> World:  # fmt: skip
    total = float(rate.sum())
    if total <= 0.0:
        return World(rate, prob, exists, np.ones(1), np.ones(1), np.ones(max(1, rate.size)), 0.0, *durations)
    p = rate / total
    # Half as it is, half where it is worth looking: no likelihood ratio is above 2.
    q = p if look is None or look.sum() <= 0.0 else 0.5 * p + 0.5 * look / look.sum()
    ratio = np.divide(p, q, out=np.zeros_like(p), where=q > 0)
    return World(rate, prob, exists, np.cumsum(p), np.cumsum(q), ratio, total, *durations)


# ----------------------------------------------------------------------------- small builders


class _Ragged:
    """Rows of different length, as one flat list with pointers."""

    def __init__(self) -> None:
        self.ptr = [0]
        self.flat: list = []

    def add(self, row: Iterable) -> None:
        self.flat.extend(row)
        self.ptr.append(len(self.flat))

    def arrays(self, dtype: type = np.int64) -> tuple[np.ndarray, np.ndarray]:
        return np.array(self.ptr, np.int64), np.array(self.flat, dtype).reshape(-1)


def _flat(rows: Sequence[Sequence]) -> tuple[np.ndarray, list]:
    """Rows of different length that are there already: where each begins and ends, and all behind one another."""
    return np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))), [x for row in rows for x in row]


def _inverse(ptr: np.ndarray, flat: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Row lists turned round: for each value, the rows that hold it."""
    row = np.repeat(np.arange(ptr.size - 1), np.diff(ptr))
    by_value = np.argsort(flat, kind="stable")
    counts = np.bincount(flat, minlength=n) if flat.size else np.zeros(n, int)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), row[by_value].astype(np.int64)


class _Durations:
    """The table of all durations and amounts; equal ones share a row. A middle that is not known is a parameter."""

    def __init__(self, parameters: _Parameters) -> None:
        self.parameters = parameters
        self.ptr = [0]
        self.terms: list[tuple[float, float, float, float]] = []
        self.tables: list[float] = []
        self.known: dict = {}
        self.factors: dict[tuple[str, float], int] = {}
        self.middles: list[tuple[int, int]] = []

    def exactly(self, *terms: Dist) -> int:
        return self._add([(term, -1) for term in terms])

    def of(self, duration: Duration | None, path: str, kind: str | None = None) -> int:
        return -1 if duration is None else self.sum_of([(duration, path)], kind)

    def of_each(self, stated: Iterable[Duration | None], rows: Sequence[Component], tail: str, kinds: Sequence[str | None]) -> np.ndarray:
        """One duration for each component, -1 where it states none; `tail` is its place in the row."""
        each = zip(stated, rows, kinds, strict=True)
        return _ints(-1 if one is None else self.sum_of([(one, f"components.{c.id}.{tail}")], kind) for one, c, kind in each)

    def sum_of(self, parts: Sequence[tuple[Duration, str]], kind: str | None = None) -> int:
        """The sum of durations, each with its place in the model."""
        return self._add([(term, self._factor(d, path, kind)) for d, path in parts for term in d.terms]) if parts else -1

    def _add(self, terms: Sequence[tuple[Dist, int]]) -> int:
        key = tuple(terms)
        number = self.known.get(key)
        if number is None:
            number = self.known[key] = len(self.ptr) - 1
            self.middles += [(row, p) for row, (_, p) in enumerate(key, start=len(self.terms)) if p >= 0]
            self.terms.extend(self._term(d) for d, _ in key)
            self.ptr.append(len(self.terms))
        return number

    def _factor(self, duration: Duration, path: str, kind: str | None) -> int:
        """The parameter by which the middle of a duration may be off, -1 where it is known; the same for all that share it."""
        if duration.cases is None:
            return -1
        key = duration.middle(path, same_kind(kind)), duration.doubt()
        if key not in self.factors:
            self.factors[key] = self.parameters.add(f"middle of {key[0]}", Dist("lognormal", 1.0, key[1]), duration.text, duration.source)
        return self.factors[key]

    def _term(self, d: Dist) -> tuple[float, float, float, float]:
        plain = {
            "point": (k.POINT, d.a, 0.0, 0.0), "lognormal": (k.LOGNORMAL, d.a, d.b, 0.0),
            "exponential": (k.EXPONENTIAL, d.a, 0.0, 0.0), "weibull": (k.WEIBULL, d.a, d.b, 0.0),
            "triangular": (k.TRIANGULAR, d.a, d.b, d.c), "uniform": (k.UNIFORM, d.a, d.b, 0.0),
        }  # fmt: skip
        if d.kind in plain:
            return plain[d.kind]
        start = len(self.tables)
        if d.kind == "empirical":
            self.tables.extend(d.values)
            return (k.EMPIRICAL, start, len(d.values), 0.0)
        from scipy.special import ndtr

        scores = np.linspace(-k.TABLE_SPAN, k.TABLE_SPAN, k.TABLE_SIZE)
        self.tables.extend(np.asarray(d.quantile(np.clip(ndtr(scores), 1e-300, 1 - 1e-16)), float).tolist())
        return (k.TABLE, start, 0.0, 0.0)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.array(self.ptr, np.int64), np.array(self.terms, float).reshape(-1, 4), np.array(self.tables, float)


class _Gates:
    """Expressions over components as gates; equal ones are shared. Node numbers begin after the components.

    Those on one circle and those outside it share none where load is counted (§9): it does not run along circles.
    """

    OPS = {"all": k.ALL, "any": k.ANY, "at_least": k.AT_LEAST, "capacity": k.CAPACITY, "maybe": k.MAYBE}

    def __init__(self, index: dict[str, int], doubtful: _Doubtful) -> None:
        self.index = index
        self.doubtful = doubtful
        self.op: list[int] = []
        self.k: list[float] = []
        self.children = _Ragged()
        self.weights: list[float] = []
        self.known: dict = {}
        self.text: list[str] = []

    def node(self, need: Need | None, circle: int = -1) -> int:
        if need is None:
            return -1
        if need.op == "leaf":
            return self.index[need.name]
        children = tuple([self.index[n.name] if n.op == "leaf" else self.node(n, circle) for n in need.of])
        if need.op in ("all", "any") and len(children) == 1:
            return children[0]
        threshold = need.threshold
        if need.op == "maybe":
            threshold = self.doubtful.add(need.chance, need)
        weights = need.weights if need.op == "capacity" else (1.0,) * len(children)
        return self._gate(self.OPS[need.op], threshold, children, weights, circle)

    def wants(self, component: Component) -> int:
        if not component.wants:
            return -1
        children = tuple(self.index[w.name] for w in component.wants)
        return self._gate(k.WANTS, 0.0, children, tuple(w.share for w in component.wants))

    def _gate(self, op: int, threshold: float, children: tuple[int, ...], weights: tuple[float, ...], circle: int = -1) -> int:
        key = (op, threshold, children, weights, circle)
        number = self.known.get(key)
        if number is None:
            number = self.known[key] = len(self.index) + len(self.op)
            self.op.append(op)
            self.k.append(threshold)
            self.children.add(children)
            self.weights.extend(weights)
        return number


class _Doubtful:
    """Doubtful needs: each place where one is written may exist or not."""

    def __init__(self, parameters: _Parameters) -> None:
        self.parameters = parameters
        self.rows: list[int] = []
        self.known: dict = {}
        self.named: dict[str, int] = {}

    def add(self, chance: Chance, need: Need) -> int:
        if need.where is not None and need.where in self.known:  # the same place again, in what a forced component needs
            return self.known[need.where]
        name = f"maybe {need.of[0].name}" if need.of else "maybe"
        self.named[name] = self.named.get(name, 0) + 1  # not by file and line: the same model in another folder is the same
        path = f"{name} ({self.named[name]})"
        self.rows.append(self.parameters.add(path, chance.dist, chance.text, chance.source))
        self.known[need.where] = len(self.rows) - 1
        return len(self.rows) - 1


class _Parameters:
    def __init__(self) -> None:
        self.rows: list[Parameter] = []
        self.probabilities: list[tuple[int, float]] = []

    def add(self, path: str, dist: Dist, text: str, source: str, doubt: str = "") -> int:
        self.rows.append(Parameter(path, dist, text, source, doubt or path))
        return len(self.rows) - 1

    def rate(self, path: str, rate: Rate) -> int:
        return self.add(path, rate.dist, rate.text, rate.source, rate.doubted_as(path))

    def probability(self, path: str, chance: Chance | None, age_d: float | None = None) -> int:
        if chance is None or (chance.dist.kind == "point" and chance.dist.a >= 1.0):
            return -1
        self.probabilities.append((self.add(path, aged(chance, age_d), chance.text, chance.source, chance.doubted_as(path)), 0.0))
        return len(self.probabilities) - 1

    def hidden(self, path: str, rate: Rate | None, tested: Duration | None) -> int:
        if rate is None or tested is None:
            return -1
        tau = sum(d.mean() for d in tested.terms)
        self.probabilities.append((self.rate(path, rate), tau))
        return len(self.probabilities) - 1


# ----------------------------------------------------------------------------- compilation


@quiet_collector()
def compile_model(model: Model) -> System:
    """Compile a checked model.

    Raises
    ------
    ModelError
        If a component cannot run, or a service is out, even when nothing is broken (`at_rest`), or if the members of a group
        cannot fail together (`common_causes`).
    """
    if wrong := [p for p in common_causes.problems(model) if p.code != common_causes.ONLY_ODD]:
        raise ModelError(wrong)
    return _Compiler(model).system()


class _Compiler:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows = list(model.components.values())
        self.index = {c.id: i for i, c in enumerate(self.rows)}
        self.teams = {name: i for i, name in enumerate(model.teams)}
        self.parameters = _Parameters()
        self.doubtful = _Doubtful(self.parameters)
        self.gates = _Gates(self.index, self.doubtful)
        self.durations = _Durations(self.parameters)
        self.out: dict[str, object] = {}
        self.watch: list[np.ndarray] = []  # rows of (node, component whose conditions hang on it)
        self.members = _members(model)
        self.factors: list[tuple[int, int, int]] = []

    def system(self) -> System:
        self._components()
        self._crews()
        self._data()
        self._teams()
        self._barriers()
        self._hazards()
        self._graph()
        self._order()
        self._load()
        dur_ptr, terms, tables = self.durations.arrays()
        self.out.update(dur_ptr=dur_ptr, terms=terms, tables=tables)
        arrays = _pack(self.out)
        if wrong := [p for p in at_rest.problems(self.model, arrays) if at_rest.SEVERITY[p.code] == "error"]:
            raise ModelError(wrong)
        system = System(
            arrays=arrays,
            components=tuple(self.index),
            services=tuple(c.id for c in self.rows if c.is_service),
            hazards=tuple(self.hazard_ids),
            barriers=tuple(self.model.barriers),
            teams=tuple(self.teams),
            data_sets=tuple(self.data_sets),
            effects=tuple(self.effect_names),
            items=tuple(self.items),
            parameters=tuple(self.parameters.rows),
            item_rate=tuple(self.item_rate),
            probabilities=tuple(self.parameters.probabilities),
            doubtful=tuple(self.doubtful.rows),
            middles=tuple(self.durations.middles),
            factors=tuple(self.factors),
            digest="",
        )
        object.__setattr__(system, "digest", _digest(system, self.model))
        return system

    def _factor(self, place: int, row: int, factor: float, path: str) -> float:
        """A factor as the arrays hold it, its median; where it is not known it is a parameter."""
        if isinstance(factor, Factor):
            self.factors.append((place, row, self.parameters.add(path, factor.dist, factor.text, "")))
        return float(factor)

    # -- components

    def _age_d(self, date: object) -> float | None:
        if date is None or self.model.as_of is None:
            return None
        return float((self.model.as_of - date).days)  # type: ignore[operator]

    def _components(self) -> None:
        rows, d, p = self.rows, self.durations, self.parameters
        o = self.out
        count = np.array([c.count for c in rows], float)
        chunks = np.where(count > 1, np.minimum(k.MOST_CHUNKS, count), 1.0)
        o["chunks"] = chunks.astype(np.int64)
        o["chunk_units"] = count / chunks
        o["is_counted"] = count > 1
        o["salt"] = np.array([k.salt("component", c.id) for c in rows], np.uint64)
        own = [c.kind for c in rows]
        o["overload"] = np.array([math.inf if c.overload is None else c.overload for c in rows])
        loaded = _circles(rows, self.index, _held) if np.isfinite(o["overload"]).any() else np.full(len(rows), -1)
        o["need"] = _ints(self.gates.node(c.needs, int(circle)) for c, circle in zip(rows, loaded, strict=True))
        o["want"] = _ints(self.gates.wants(c) if c.wants else -1 for c in rows)
        o["start_need"] = _ints(self.gates.node(c.start.needs) if c.start else -1 for c in rows)
        o["repair_need"] = _ints(self.gates.node(c.repair.needs) if c.repair else -1 for c in rows)
        forced = any(c.break_glass for c in rows)
        on_circle = _circles(rows, self.index, _needed) if forced else np.full(len(rows), -1)
        o["glass_run"] = _ints(self.gates.node(_without(c, on_circle, self.index)) if c.break_glass else -1 for c in rows)
        o["rides"] = d.of_each((c.rides for c in rows), rows, "rides", own)
        o["headroom"] = np.array([c.headroom for c in rows], float)
        o["surge_factor"] = np.array(
            [self._factor(_SURGE, i, c.surge.factor, f"components.{c.id}.surge.by") if c.surge else 1.0 for i, c in enumerate(rows)]
        )
        o["surge_lasts"] = d.of_each((c.surge.lasts if c.surge else None for c in rows), rows, "surge.lasts", own)
        o["surge_after"] = np.array([_mean_h(c.surge.after) if c.surge else 0.0 for c in rows])
        o["is_standby"] = np.array([c.standby is not None for c in rows], np.bool_)
        o["sb_ptr"], whom = _flat([c.standby.stands_for if c.standby else () for c in rows])
        o["sb_for"] = _ints(self.index[name] for name in whom)
        o["sbrev_ptr"], o["sbrev"] = _inverse(o["sb_ptr"], o["sb_for"], len(rows))
        o["sb_below"] = np.array([c.standby.below if c.standby else 0.0 for c in rows])
        o["sb_failback"] = np.array([c.standby.failback if c.standby else True for c in rows], np.bool_)
        o["dead"] = _ints(p.hidden(f"components.{c.id}.hidden", c.hidden, c.tested) if c.hidden else -1 for c in rows)
        self._starts()
        self._repairs()
        factors = [(h.factor, f"components.{c.id}.helps.{h.name}") for c in rows for h in c.helps]
        o["help_ptr"], helps = _flat([c.helps for c in rows])
        o["help_node"] = _ints(self.index[h.name] for h in helps)
        o["help_factor"] = np.array([self._factor(_HELP, n, *one) for n, one in enumerate(factors)], float)
        services = [i for i, c in enumerate(rows) if c.is_service]
        o["svc_comp"] = _ints(services)
        svc_of = np.full(len(rows), -1, np.int64)
        svc_of[services] = np.arange(len(services))
        o["svc_of"] = svc_of
        o["svc_serves"] = np.array([_serves(rows[i]) for i in services], float)

    def _starts(self) -> None:
        rows, d, p, o = self.rows, self.durations, self.parameters, self.out
        kinds = [(c.start.kind if c.start else None) or c.kind for c in rows]
        parts = [_start_parts(c) if c.start else [] for c in rows]
        o["start_takes"] = _ints(d.sum_of(some, kind) for some, kind in zip(parts, kinds, strict=True))
        o["start_again"] = _ints(
            d.sum_of(_start_parts(c, again=True), kind) if c.start and (c.start.detect or c.start.decide) else first
            for c, kind, first in zip(rows, kinds, o["start_takes"], strict=True)
        )
        o["start_outage"] = np.array([sum([part.per_outage for part, _ in some]) for some in parts], float)
        o["start_each"] = d.of_each((c.start.work if c.start else None for c in rows), rows, "start.work", kinds)
        o["start_works"] = _ints(
            p.probability(f"components.{c.id}.start.works", s.works, self._age_d(s.rehearsed)) if (s := c.start) and s.works else -1
            for c in rows
        )
        o["start_retry"] = d.of_each((c.start.retry if c.start else None for c in rows), rows, "start.retry", kinds)
        o["start_on_site"] = np.array([bool(c.start and c.start.on_site) for c in rows], np.bool_)
        o["start_fails"] = _ints(c.start.first_fail if c.start else 0 for c in rows)
        needed = {name for c in rows for name in leaves(c.needs)} if any(c.start and c.start.throttled for c in rows) else set()
        o["throttled"] = np.array([bool(c.start and c.start.throttled and c.id in needed) for c in rows], np.bool_)

    def _repairs(self) -> None:
        rows, d, o = self.rows, self.durations, self.out
        own, repairs = [c.kind for c in rows], [c.repair for c in rows]
        o["has_repair"] = np.array([r is not None for r in repairs], np.bool_)
        o["repair_takes"] = _ints(d.sum_of(repair_parts(c), kind) for c, kind in zip(rows, own, strict=True))
        o["repair_each"] = d.of_each((r.work if r else None for r in repairs), rows, "repair.work", own)
        spares = [r.spare if r else None for r in repairs]
        o["spare_stock"] = _ints(s.stock if s else -1 for s in spares)
        never, at_once = Duration((Dist("point", math.inf),)), Duration((Dist("point", 0.0),))
        o["spare_lead"] = d.of_each((s and (s.lead or never) for s in spares), rows, "repair.spare.lead", own)
        glasses = [c.break_glass for c in rows]
        o["glass_after"] = d.of_each((g and (g.after or at_once) for g in glasses), rows, "break_glass.after", own)
        o["glass_takes"] = d.of_each((g.takes if g else None for g in glasses), rows, "break_glass.takes", own)

    def _crews(self) -> None:
        self.out["crew_ptr"], crews = _flat([people for c in self.rows for people in _crews_of(c)])
        self.out["crew_team"] = _ints(self.teams[crew.team] for crew in crews)
        self.out["crew_n"] = _ints(crew.people for crew in crews)

    def _data(self) -> None:
        d, o = self.durations, self.out
        self.data_sets = [c.id for c in self.rows if c.data]
        holders = _Ragged()
        lag, copy, every, kept, restore = [], [], [], [], []
        for i, c in enumerate(self.rows):
            if not c.data:
                continue
            holders.add([self.index[n] for n in c.data.copies] or [i])
            backup = c.data.backup
            has_backup = backup is not None and backup.kept is not None
            path = f"components.{c.id}.data"
            lag.append(d.of(c.data.lag, f"{path}.lag", c.kind))
            copy.append(d.of(c.data.copy, f"{path}.copy", c.kind))
            at_once = d.exactly(Dist("point", 0.0)) if has_backup and not backup.every else -1
            every.append(d.of(backup.every, f"{path}.backup.every", c.kind) if has_backup and backup.every else at_once)
            kept.append(self.index[backup.kept] if has_backup else -1)
            restore.append(d.of(backup.restore, f"{path}.backup.restore", c.kind) if has_backup else -1)
        ptr, holder = holders.arrays()
        o["ds_ptr"], o["ds_holder"] = ptr, holder
        o["slot_ds"] = np.repeat(np.arange(ptr.size - 1), np.diff(ptr)).astype(np.int64)
        o["hold_ptr"], slots = _inverse(np.arange(holder.size + 1), holder, len(self.rows))
        o["hold_slot"] = slots
        o.update(ds_lag=_ints(lag), ds_copy=_ints(copy), ds_every=_ints(every), ds_kept=_ints(kept), ds_restore=_ints(restore))
        for n, keeper in enumerate(kept):
            if keeper >= 0:
                holders_here = holder[ptr[n] : ptr[n + 1]]
                self.watch.append(np.column_stack((np.full_like(holders_here, keeper), holders_here)))

    def _teams(self) -> None:
        d, o = self.durations, self.out
        teams = list(self.model.teams.values())
        shift = [_mean_h(t.shift) if t.shift else math.inf for t in teams]
        shift = [s if s < 24.0 else math.inf for s in shift]
        o["team_people"] = _ints(t.people for t in teams)
        o["team_on_call"] = _ints(t.people if t.on_call is None else min(t.on_call, t.people) for t in teams)
        o["team_on_turn"] = _ints(
            max(1, int(t.people * s / 24.0)) if s < 24.0 else t.people for t, s in zip(teams, shift, strict=True)
        )
        o["team_arrives"] = _ints(d.of(t.arrives, f"teams.{t.id}.arrives") for t in teams)
        o["team_musters"] = _ints(d.of(t.musters, f"teams.{t.id}.musters") for t in teams)
        o["team_shift"] = np.array(shift, float)
        o["team_need"] = _ints(self.gates.node(t.needs) for t in teams)
        o["team_salt"] = np.array([k.salt("team", t.id) for t in teams], np.uint64)

    def _barriers(self) -> None:
        o, p = self.out, self.parameters
        rows = list(self.model.barriers.values())
        self.barrier_index = {b.id: i for i, b in enumerate(rows)}
        o["bar_salt"] = np.array([k.salt("barrier", b.id) for b in rows], np.uint64)
        o["bar_works"] = _ints(p.probability(f"barriers.{b.id}.works", b.works, self._age_d(b.shown)) for b in rows)
        o["bar_dead"] = _ints(p.hidden(f"barriers.{b.id}.hidden", b.hidden, b.tested) for b in rows)
        o["bar_need"] = _ints(self.gates.node(b.needs) for b in rows)

    # -- hazards

    def _hazards(self) -> None:
        o, p, d = self.out, self.parameters, self.durations
        hazards = list(self.model.hazards.values())
        common = common_causes.shocks(self.model)
        self.hazard_ids = [h.id for h in hazards] + [name for name, _, _ in common]
        self.hazard_index = {name: i for i, name in enumerate(self.hazard_ids)}
        self.items, self.item_rate, is_hazard, item_id = [], [], [], []
        haz_item = [-1] * len(self.hazard_ids)
        haz_chance = []
        alone = common_causes.shares_alone(self.model)
        rate_param: dict[str, int] = {}
        for i, c in enumerate(self.rows):
            if c.fails is not None:
                rate_param[c.id] = p.rate(f"components.{c.id}.fails", c.fails)
                self.items.append(c.id)
                self.item_rate.append((rate_param[c.id], alone.get(c.id, 1.0), -1))
                is_hazard.append(False)
                item_id.append(i)
        for i, h in enumerate(hazards):
            chance = p.probability(f"hazards.{h.id}.chance", h.chance)
            haz_chance.append(chance)
            if h.rate is not None:
                haz_item[i] = len(self.items)
                param = p.rate(f"hazards.{h.id}.rate", h.rate)
                self.items.append(h.id)
                self.item_rate.append((param, 1.0, p.probabilities[chance][0] if chance >= 0 else -1))
                is_hazard.append(True)
                item_id.append(i)
        for i, (name, members, share) in enumerate(common, start=len(hazards)):
            haz_chance.append(-1)
            haz_item[i] = len(self.items)
            self.items.append(name)
            self.item_rate.append((rate_param[members[0]], share, -1))
            is_hazard.append(True)
            item_id.append(i)
        o["haz_item"], o["haz_chance"] = _ints(haz_item), _ints(haz_chance)
        o["haz_salt"] = np.array([k.salt("hazard", name) for name in self.hazard_ids], np.uint64)
        o["item_is_hazard"] = np.array(is_hazard, np.bool_).reshape(-1)
        o["item_id"] = _ints(item_id)
        lasts = _Ragged()
        for h in hazards:
            lasts.add([d.of(x, f"hazards.{h.id}.lasts.{name}", h.kind) for name, x in (h.lasts or {}).items()])
        for _ in common:
            lasts.add(())
        o["haz_last_ptr"], o["haz_last"] = lasts.arrays()
        quiet = len(common)
        again = [(i, h.again.factor if h.again else 1.0, f"hazards.{h.id}.again.rate") for i, h in enumerate(hazards)]
        o["haz_again"] = np.array([self._factor(_AGAIN, *one) for one in again] + [1.0] * quiet)
        o["haz_again_for"] = _ints(
            [d.of(h.again.lasts, f"hazards.{h.id}.again.for", h.kind) if h.again else -1 for h in hazards] + [-1] * quiet
        )
        o["haz_cost"] = _ints([d.exactly(h.costs.dist) if h.costs else -1 for h in hazards] + [-1] * quiet)
        self._effects(hazards, common)

    def _effects(self, hazards: list[Hazard], common: list[tuple[str, tuple[str, ...], float]]) -> None:
        o = self.out
        self.effect_names: list[tuple[str, str]] = []
        e = {name: [] for name in ("op", "hazard", "salt", "since", "after", "chance", "when", "until", "until_plus", "back", "other",
                                   "people", "factor", "share", "uncounted")}  # fmt: skip
        tables = e, [], [], []
        top = _Ragged()
        for i, h in enumerate(hazards):
            top.add([self._effect(tables, i, h.id, f"{h.id}/{j}", effect) for j, effect in enumerate(effects_of(h))])
        for i, (name, members, _) in enumerate(common, start=len(hazards)):
            top.add([self._effect(tables, i, name, f"{name}/0", Effect(op="break", target=Target(names=members)))])
        o["haz_eff_ptr"], o["haz_eff"] = top.arrays()
        _, bars, targets, thens = tables
        for name, flat, dtype in (("eff_bar", bars, np.int64), ("tgt", targets, np.int64), ("then", thens, np.int64)):
            ragged = _Ragged()
            for row in flat:
                ragged.add(row)
            o[f"{name}_ptr"], o[{"eff_bar": "eff_bar", "tgt": "tgt_comp", "then": "then_eff"}[name]] = ragged.arrays(dtype)
        o["eff_salt"] = np.array(e["salt"], np.uint64)
        for name in ("op", "hazard", "since", "after", "chance", "when", "until", "until_plus", "back", "other", "people", "uncounted"):
            o[f"eff_{name}"] = _ints(e[name])
        for name in ("factor", "share"):
            o[f"eff_{name}"] = np.array(e[name], float)

    def _effect(self, tables: tuple[dict[str, list], list, list, list], h: int, hazard_id: str, path: str, effect: Effect) -> int:
        """Add an effect and those that follow from it to the tables of columns, barriers, targets and what follows; its number."""
        columns, bars, targets, thens = tables
        n = len(self.effect_names)
        self.effect_names.append((hazard_id, path))
        for column, value in self._effect_row(h, hazard_id, path, effect).items():
            columns[column].append(value)
        members = self._targets(effect, hazard_id)
        bars.append([self.barrier_index[b] for b in effect.unless])
        targets.append(members)
        columns["uncounted"].append(sum(1 for c in members if self.rows[c].count <= 1))
        thens.append([])
        thens[n] = [self._effect(tables, h, hazard_id, f"{path}/{j}", child) for j, child in enumerate(effect.then)]
        return n

    OPS = {"break": k.BREAK, "destroy": k.DESTROY, "hold": k.HOLD, "bar": k.BAR, "surge": k.SURGE, "slow": k.SLOW,
           "take": k.TAKE, "trigger": k.TRIGGER, "reveal": k.REVEAL}  # fmt: skip

    def _effect_row(self, h: int, hazard_id: str, path: str, effect: Effect) -> dict[str, object]:
        d = self.durations
        kind = getattr(self.model.hazards.get(hazard_id), "kind", None)
        other, people = -1, 0
        if effect.op == "trigger":
            other = self.hazard_index[effect.hazard]
        elif effect.op == "take":
            other = self.teams[effect.team]
            size = self.model.teams[effect.team].people
            people = int(effect.people * size + 0.5) if effect.people_share else int(effect.people)
        until, plus, back = k.NO_END, -1, -1
        if effect.until is not None and effect.until.back is not None:
            plus, back = d.of(effect.until.plus, f"hazards.{path}.until", kind), self.index[effect.until.back]
        elif effect.until is not None:
            until, plus = self._named_time(hazard_id, effect.until.named), d.of(effect.until.plus, f"hazards.{path}.until", kind)
        elif effect.op in ("hold", "bar", "surge", "slow", "take") or (effect.op == "trigger" and effect.factor != 1.0):
            until = k.CLEARED
        when = self.gates.node(effect.when)
        place = _TRIGGER if effect.op == "trigger" else _EFFECT
        return {
            "op": self.OPS[effect.op], "hazard": h, "salt": k.salt("effect", path),
            "since": self._named_time(hazard_id, effect.since), "after": d.of(effect.after, f"hazards.{path}.after", kind),
            "chance": self.parameters.probability(f"hazards.{path}.chance", effect.chance), "when": when, "until": until,
            "until_plus": plus, "back": back, "other": other, "people": people,
            "factor": self._factor(place, len(self.effect_names) - 1, effect.factor, f"hazards.{path}.by"),
            "share": effect.target.share if effect.target else 1.0,
        }  # fmt: skip

    def _named_time(self, hazard_id: str, name: str | None) -> int:
        if name is None or name == "cleared":
            return k.FROM_BEGIN if name is None else k.CLEARED
        return list(self.model.hazards[hazard_id].lasts).index(name)

    def _targets(self, effect: Effect, hazard_id: str) -> list[int]:
        if effect.target is None:
            return []
        found: set[int] = set()
        for name in effect.target.names:
            found.update((self.index[name],) if name in self.index else self.members.get(name, ()))
        for tag in effect.target.tags:
            found.update(self.members.get(("tag", tag), ()))
        return sorted(found)

    # -- the graph of values

    def _graph(self) -> None:
        o = self.out
        C, G = len(self.rows), len(self.gates.op)
        N = C + G
        o["gate_op"] = np.array(self.gates.op, np.int8).reshape(-1)
        o["gate_k"] = np.array(self.gates.k, float).reshape(-1)
        o["gate_ptr"], o["gate_child"] = self.gates.children.arrays()
        o["gate_w"] = np.array(self.gates.weights, float).reshape(-1)
        o["maybe_node"] = _ints(C + g for g in range(G) if self.gates.op[g] == k.MAYBE)
        child = [o["gate_child"]]
        parent = [C + np.repeat(np.arange(G), np.diff(o["gate_ptr"]))]
        for name in ("need", "want", "glass_run"):
            root = o[name]
            has = np.flatnonzero(root >= 0)
            child.append(root[has])
            parent.append(has)
        for name in ("need", "start_need", "repair_need", "glass_run"):
            root = o[name]
            has = np.flatnonzero(root >= 0)
            self.watch.append(np.column_stack((root[has], has)))
        children, parents = np.concatenate(child).astype(np.int64), np.concatenate(parent).astype(np.int64)
        o["par_ptr"], o["par_node"] = _grouped(children, parents, N)
        watch = np.unique(np.concatenate(self.watch).astype(np.int64), axis=0)
        o["watch_ptr"], o["watch_comp"] = _grouped(watch[:, 0], watch[:, 1], N)
        level, scc, scc_ptr, scc_node = _levels(children, parents, N)
        o.update(level_of=level, scc_of=scc, scc_ptr=scc_ptr, scc_node=scc_node)
        o["value_at_rest"] = at_rest.levels(o, C, N)

    def _order(self) -> None:
        o = self.out
        C = len(self.rows)
        first = np.array([math.inf if c.priority is None else c.priority for c in self.rows])
        value = np.zeros(C)
        if o["crew_team"].size:
            value = _value_at_stake(o, self.rows)
        by = np.lexsort((np.arange(C), -value, first))
        order = np.empty(C, np.int64)
        order[by] = np.arange(C)
        o["order"] = order

    def _load(self) -> None:
        o = self.out
        if not np.isfinite(o["overload"]).any():
            o["load_node"] = np.zeros(0, np.int64)
            return
        # only those above a component that can trip put load on it
        # (on one level: components, then gates, those that hold others first)
        N, C = o["level_of"].size, len(self.rows)
        wanted = np.zeros(N, bool)
        stack = [int(i) for i in np.flatnonzero(np.isfinite(o["overload"]))]
        while stack:
            n = stack.pop()
            if wanted[n]:
                continue
            wanted[n] = True
            stack.extend(int(p) for p in o["par_node"][o["par_ptr"][n] : o["par_ptr"][n + 1]])
        nodes = np.flatnonzero(wanted)
        o["load_node"] = nodes[np.lexsort((np.where(nodes < C, nodes, -nodes), nodes >= C, -o["level_of"][nodes]))].astype(np.int64)


# ----------------------------------------------------------------------------- pieces


def _ints(values: Iterable) -> np.ndarray:
    return np.fromiter(values, np.int64)


def _mean_h(duration: Duration | None) -> float:
    return 0.0 if duration is None else float(sum(d.mean() for d in duration.terms))


def _serves(c: Component) -> float:
    """Below what a service is out; a level that is the limit but for rounding (70 % of 80 % is not 0.56 in binary) is not below it."""
    return max(0.0, (c.tolerance.serves if c.tolerance else 0.5) - ROUNDING)


def _start_parts(c: Component, again: bool = False) -> list[tuple[Duration, str]]:
    """What a start is made of, each part with its place; `again`: after one that failed, all is noticed and decided."""
    assert (s := c.start) is not None
    first = [] if again else [("detect", s.detect), ("decide", s.decide)]
    parts = first if s.work is not None else [("takes", s.takes), *first, ("switch", s.switch)]
    return [(part, f"components.{c.id}.start.{name}") for name, part in parts if part is not None]


def repair_parts(c: Component) -> list[tuple[Duration, str]]:
    r, names = c.repair, ("takes", "detect", "decide")
    parts = [(name, getattr(r, name)) for name in names if name != "takes" or r.work is None] if r else []
    return [(part, f"components.{c.id}.repair.{name}") for name, part in parts if part is not None]


def _crews_of(c: Component) -> tuple[tuple[Crew, ...], tuple[Crew, ...], tuple[Crew, ...]]:
    """People of the start, of the repair, of breaking the glass."""
    return (
        c.start.people if c.start else (),
        c.repair.people if c.repair else (),
        c.break_glass.people if c.break_glass else (),
    )


def effects_of(hazard: Hazard) -> tuple[Effect, ...]:
    """A hazard's effects; one that states none breaks what it strikes."""
    from blackstart.model import Target

    if hazard.effects:
        return hazard.effects
    return (Effect(op="break", target=Target(names=hazard.strikes)),) if hazard.strikes else ()


def _members(model: Model) -> dict:
    """Components inside each domain (directly or not) and with each tag, as indices in the order of the file."""
    above: dict[str, tuple[str, ...]] = {}

    def ancestors(name: str) -> tuple[str, ...]:
        if name not in above:
            seen = [name]
            for n in seen:  # grows while it is read: breadth first, each domain once
                seen.extend(p for p in model.domains[n].located if p not in seen)
            above[name] = tuple(seen)
        return above[name]

    members: dict = {name: [] for name in model.domains}
    same: dict[tuple[tuple[str, ...], tuple[str, ...]], list[list[int]]] = {}  # place and tags -> the lists such a component is in
    for i, c in enumerate(model.components.values()):
        lists = same.get((c.located, c.tags))
        if lists is None:
            inside = {d for name in c.located for d in ancestors(name)}
            tags = set(c.tags).union(*(model.domains[d].tags for d in inside))
            lists = same[c.located, c.tags] = [members[d] for d in inside] + [members.setdefault(("tag", tag), []) for tag in tags]
        for one in lists:
            one.append(i)
    return members


def leaves(need: Need | None) -> list[str]:
    """Names in an expression, in order, with repeats."""
    if need is None:
        return []
    return [need.name] if need.op == "leaf" else [name for n in need.of for name in leaves(n)]


def doubtful(need: Need | None) -> list[str]:
    """Names in an expression that are needed only perhaps."""
    if need is None:
        return []
    return leaves(need) if need.op == "maybe" else [name for n in need.of for name in doubtful(n)]


def _circles(rows: list[Component], index: dict[str, int], names: Callable[[Component], list[str]]) -> np.ndarray:
    """For each component the number of its circle in the graph of what `names` gives, -1 if on none."""
    a = [index[n] for c in rows for n in names(c)]
    b = [index[c.id] for c in rows for _ in names(c)]
    return _levels(np.array(a, np.int64), np.array(b, np.int64), len(index))[1]


def _needed(c: Component) -> list[str]:
    """All that a component needs: to run, to be started, to be repaired."""
    return leaves(c.needs) + leaves(c.start.needs if c.start else None) + leaves(c.repair.needs if c.repair else None)


def _held(c: Component) -> list[str]:
    """What the level of a component that runs hangs on."""
    return leaves(c.needs) + [w.name for w in c.wants]


def _without(c: Component, circle: np.ndarray, index: dict[str, int]) -> Need | None:
    """What a forced component still needs to run (§8)."""
    mine = circle[index[c.id]]
    named = set(c.break_glass.without)

    def spared(name: str) -> bool:
        return name in named if named else mine >= 0 and circle[index[name]] == mine

    return _reduced(c.needs, spared) if c.needs else None


def _reduced(need: Need, spared: Callable[[str], bool]) -> Need | None:
    """What is left of a need when some components count as fully there."""
    if need.op == "leaf":
        return None if spared(need.name) else need
    kept = [r for n in need.of if (r := _reduced(n, spared)) is not None]
    gone = len(need.of) - len(kept)
    if gone == 0:
        return Need(need.op, need.name, tuple(kept), need.weights, need.threshold, need.chance, need.where)
    if need.op == "all" and kept:
        return Need("all", of=tuple(kept), where=need.where)
    if need.op == "at_least" and need.threshold > gone:
        return Need("at_least", of=tuple(kept), threshold=need.threshold - gone, where=need.where)
    if need.op == "capacity":  # its members are leaves
        stay = [(n, w) for n, w in zip(need.of, need.weights, strict=True) if n in kept]
        least = need.threshold - sum(w for n, w in zip(need.of, need.weights, strict=True) if n not in kept)
        if stay and least > 0.0:
            return Need("capacity", of=tuple(n for n, _ in stay), weights=tuple(w for _, w in stay), threshold=least)
    return None


def _grouped(keys: np.ndarray, values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    by = np.argsort(keys, kind="stable")
    counts = np.bincount(keys, minlength=n) if keys.size else np.zeros(n, int)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), values[by].astype(np.int64)


def _levels(child: np.ndarray, parent: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Level of each node (all it stands on is lower, or on its circle), circles as rows of nodes.

    Returns level (n,), circle of each node or -1 (n,), and the circles as pointers and nodes.
    """
    level = _ranks(child, parent, n)
    if (level >= 0).all():
        return level, np.full(n, -1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    from scipy.sparse import csr_matrix  # most models have no circle: imported late, it is slow to load
    from scipy.sparse.csgraph import connected_components

    graph = csr_matrix((np.ones(child.size, np.int8), (child, parent)), shape=(n, n))
    n_comp, label = connected_components(graph, directed=True, connection="strong")
    size = np.bincount(label, minlength=n_comp)
    self_loop = np.zeros(n_comp, bool)
    self_loop[label[child[child == parent]]] = True
    circle = (size > 1) | self_loop
    number = np.full(n_comp, -1)
    number[circle] = np.arange(circle.sum())
    scc_of = number[label].astype(np.int64)
    on = np.flatnonzero(scc_of >= 0)
    scc_ptr, scc_node = _grouped(scc_of[on].astype(np.int64), on, int(circle.sum()))
    a, b = label[child], label[parent]
    keep = a != b
    return _ranks(a[keep], b[keep], n_comp)[label], scc_of, scc_ptr, scc_node


def _ranks(child: np.ndarray, parent: np.ndarray, n: int) -> np.ndarray:
    """How many steps each node stands above those that stand on nothing (n,) int64; -1 on a circle or above one."""
    ptr, above = _grouped(child, parent, n)
    waits = np.bincount(parent, minlength=n) if parent.size else np.zeros(n, int)
    level = np.full(n, -1, np.int64)
    front = np.flatnonzero(waits == 0)
    depth = 0
    while front.size:  # Kahn's algorithm, one whole level at a time
        level[front] = depth
        counts = ptr[front + 1] - ptr[front]
        starts = np.repeat(ptr[front] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        reached = above[starts + np.arange(counts.sum())]
        np.subtract.at(waits, reached, 1)
        reached = np.unique(reached)
        front = reached[waits[reached] == 0]
        depth += 1
    return level


def _value_at_stake(o: dict, rows: list[Component]) -> np.ndarray:
    """Loss rate (money/h) of all services that need each component for running, directly or not: (C,) float64."""
    C = len(rows)
    value = np.zeros(C)
    eight = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float)
    for first in range(0, o["svc_comp"].size, SERVICES_AT_ONCE):
        services = o["svc_comp"][first : first + SERVICES_AT_ONCE]
        bits = _services_above(o, services)
        worth = np.zeros(8 * bits.shape[1])
        worth[: services.size] = [loss_per_hour(rows[i]) for i in services]
        for byte in range(bits.shape[1]):
            value += (eight @ worth[8 * byte : 8 * byte + 8])[bits[:C, byte]]
    return value


def _services_above(o: dict, services: np.ndarray) -> np.ndarray:
    """Which services need each node for running, directly or not: (N, services / 8) uint8, a bit for each service."""
    level, scc, ptr, parent = o["level_of"], o["scc_of"], o["par_ptr"], o["par_node"]
    bits = np.zeros((level.size, (services.size + 7) // 8), np.uint8)
    place = np.arange(services.size)
    bits[services, place // 8] |= (128 >> (place % 8)).astype(np.uint8)
    below_somebody = np.flatnonzero(np.diff(ptr) > 0)
    by_level = below_somebody[np.argsort(-level[below_somebody], kind="stable")]
    cuts = np.flatnonzero(np.diff(level[by_level])) + 1
    for nodes in np.split(by_level, cuts):  # parents first; within one level nobody needs another, but on a circle
        for part in np.array_split(nodes, 1 + nodes.size // 4096):
            alone = part[scc[part] < 0]
            if alone.size:
                counts = ptr[alone + 1] - ptr[alone]
                begin = np.cumsum(counts) - counts
                above = parent[np.repeat(ptr[alone] - begin, counts) + np.arange(counts.sum())]
                bits[alone] |= np.bitwise_or.reduceat(bits[above], begin, axis=0)
        for number in np.unique(scc[nodes[scc[nodes] >= 0]]):  # on a circle everybody stands under everybody
            circle = o["scc_node"][o["scc_ptr"][number] : o["scc_ptr"][number + 1]]
            around = np.unique(np.concatenate([parent[ptr[m] : ptr[m + 1]] for m in circle]))
            bits[circle] |= np.bitwise_or.reduce(bits[np.union1d(around, circle)], axis=0)
    return bits


def loss_per_hour(c: Component) -> float:
    """Mean loss of an hour of full outage; of a table, its average up to its last row."""
    if c.loss is None:
        return 0.0
    if c.loss.rate is not None:
        return c.loss.rate.dist.mean()
    if c.loss.table:
        hours, money = c.loss.table[-1]
        return money.dist.mean() / hours
    return 0.0


def _pack(o: dict) -> Arrays:
    """Columns to records, lists into one array of links (layout.py)."""
    links = _Links()
    component = _records(k.COMPONENT, o["chunks"].size, {
        "salt": o["salt"], "units": o["chunk_units"], "headroom": o["headroom"], "overload": o["overload"], "below": o["sb_below"],
        "surge_factor": o["surge_factor"], "surge_after": o["surge_after"], "start_outage": o["start_outage"], "chunks": o["chunks"],
        "need": o["need"], "want": o["want"], "start_need": o["start_need"], "repair_need": o["repair_need"], "throttled": o["throttled"],
        "glass_run": o["glass_run"], "rides": o["rides"], "surge_lasts": o["surge_lasts"], "dead": o["dead"],
        "start_takes": o["start_takes"], "start_again": o["start_again"], "start_each": o["start_each"], "start_works": o["start_works"],
        "start_retry": o["start_retry"], "repair_takes": o["repair_takes"], "repair_each": o["repair_each"],
        "stock": o["spare_stock"], "lead": o["spare_lead"], "glass_after": o["glass_after"], "glass_takes": o["glass_takes"],
        "order": o["order"], "service": o["svc_of"], "counted": o["is_counted"], "standby": o["is_standby"],
        "failback": o["sb_failback"], "on_site": o["start_on_site"], "has_repair": o["has_repair"], "start_fails": o["start_fails"],
        "crew0": o["crew_ptr"][0:-1:3], "crew1": o["crew_ptr"][1::3], "crew2": o["crew_ptr"][2::3], "crew3": o["crew_ptr"][3::3],
    })  # fmt: skip
    c = component
    c["at_once"] = (
        (c["start_takes"] < 0) & (c["start_each"] < 0) & (c["start_works"] + c["start_fails"] < 0) & (c["start_need"] < 0)
        & (c["crew0"] == c["crew3"]) & (c["glass_after"] < 0) & (c["stock"] < 0) & (c["standby"] == 0) & (c["on_site"] == 0)
        & (c["chunks"] == 1))  # fmt: skip
    links.put(component, "help", o["help_ptr"], o["help_node"])
    links.put(component, "sb", o["sb_ptr"], o["sb_for"])
    links.put(component, "heirs", o["sbrev_ptr"], o["sbrev"])
    links.put(component, "slot", o["hold_ptr"], o["hold_slot"])
    node = _records(k.NODE, o["level_of"].size, {"rest": o["value_at_rest"], "level": o["level_of"], "circle": o["scc_of"]})
    links.put(node, "up", o["par_ptr"], o["par_node"])
    links.put(node, "watch", o["watch_ptr"], o["watch_comp"])
    gate = _records(k.GATE, o["gate_op"].size, {"k": o["gate_k"], "op": o["gate_op"], "lo": o["gate_ptr"][:-1], "hi": o["gate_ptr"][1:]})
    effect = _records(k.EFFECT, o["eff_op"].size, {
        "salt": o["eff_salt"], "factor": o["eff_factor"], "share": o["eff_share"], "op": o["eff_op"], "hazard": o["eff_hazard"],
        "since": o["eff_since"], "after": o["eff_after"], "chance": o["eff_chance"], "when": o["eff_when"], "until": o["eff_until"],
        "plus": o["eff_until_plus"], "other": o["eff_other"], "people": o["eff_people"], "uncounted": o["eff_uncounted"],
    })  # fmt: skip
    links.put(effect, "bar", o["eff_bar_ptr"], o["eff_bar"])
    links.put(effect, "tgt", o["tgt_ptr"], o["tgt_comp"])
    links.put(effect, "then", o["then_ptr"], o["then_eff"])
    hazard = _records(k.HAZARD_ROW, o["haz_item"].size, {
        "salt": o["haz_salt"], "again": o["haz_again"], "item": o["haz_item"], "chance": o["haz_chance"],
        "again_for": o["haz_again_for"], "cost": o["haz_cost"],
    })  # fmt: skip
    links.put(hazard, "eff", o["haz_eff_ptr"], o["haz_eff"])
    links.put(hazard, "last", o["haz_last_ptr"], o["haz_last"])
    barrier = _records(k.BARRIER, o["bar_salt"].size, {
        "salt": o["bar_salt"], "works": o["bar_works"], "dead": o["bar_dead"], "need": o["bar_need"],
    })  # fmt: skip
    team = _records(k.TEAM, o["team_people"].size, {
        "salt": o["team_salt"], "shift": o["team_shift"], "people": o["team_people"], "on_call": o["team_on_call"],
        "on_turn": o["team_on_turn"], "arrives": o["team_arrives"], "musters": o["team_musters"],
    })  # fmt: skip
    data = _records(k.DATA_SET, o["ds_lag"].size, {
        "lo": o["ds_ptr"][:-1], "hi": o["ds_ptr"][1:], "lag": o["ds_lag"], "copy": o["ds_copy"], "every": o["ds_every"],
        "kept": o["ds_kept"], "restore": o["ds_restore"],
    })  # fmt: skip
    return Arrays(
        component=component, node=node, gate=gate, child=o["gate_child"], weight=o["gate_w"], links=links.array(),
        crew_team=o["crew_team"], crew_people=o["crew_n"], help_factor=o["help_factor"], circle_ptr=o["scc_ptr"],
        circle_node=o["scc_node"], maybe=o["maybe_node"], load=o["load_node"], effect=effect, effect_back=o["eff_back"],
        hazard=hazard, barrier=barrier, team=team, team_need=o["team_need"], data=data, slot_data=o["slot_ds"], slot_holder=o["ds_holder"],
        service=_records(k.SERVICE, o["svc_comp"].size, {"serves": o["svc_serves"], "component": o["svc_comp"]}),
        item=_records(k.ITEM_ROW, o["item_id"].size, {"id": o["item_id"], "is_hazard": o["item_is_hazard"]}),
        levels=int(o["level_of"].max(initial=0)) + 1, dur_ptr=o["dur_ptr"], terms=o["terms"], tables=o["tables"],
    )  # fmt: skip


def _records(dtype: np.dtype, n: int, columns: dict[str, np.ndarray]) -> np.ndarray:
    rows = k.zeros(n, dtype)
    for name, values in columns.items():
        rows[name] = values
    return rows


class _Links:
    """Lists of all kinds behind one another; a record's `<name>_lo`, `<name>_hi` say where its own stands."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.size = 0

    def put(self, rows: np.ndarray, name: str, ptr: np.ndarray, flat: np.ndarray) -> None:
        rows[f"{name}_lo"] = ptr[:-1] + self.size
        rows[f"{name}_hi"] = ptr[1:] + self.size
        self.parts.append(flat)
        self.size += flat.size

    def array(self) -> np.ndarray:
        return np.concatenate([*self.parts, np.zeros(1, np.int64)]).astype(np.int64)


_SELDOM = ("effect_back", "team_need")  # words younger than the digest: a model without them keeps its own


def _digest(system: System, model: Model) -> str:
    """A short name for exactly this system: same digest, same course of events, same losses and limits."""
    h = hashlib.blake2b(digest_size=16)
    for name, array in zip(Arrays._fields, system.arrays, strict=True):
        if name in _SELDOM and (array < 0).all():
            continue
        h.update(name.encode())
        whole = isinstance(array, np.ndarray)
        h.update(np.ascontiguousarray(array).view(np.uint8).data if whole else repr(array).encode())
    for part in (system.components, system.hazards, system.item_rate, (*system.probabilities, *system.middles, *system.factors)):
        h.update(repr(part).encode())
    for p in system.parameters:  # one by one: their text is long
        d = p.dist
        h.update(repr((p.path, d.kind, d.a, d.b, d.c, d.values, p.text, p.source)).encode())
    for c in model.services:
        h.update(repr((c.id, c.users, c.aftermath, _values(c.loss), _values(c.tolerance))).encode())
    bears = [("", model.tolerance), *((c.id, c.tolerance) for c in model.services)]
    if signed := [(name, _values(row.at_most)) for name, row in bears if row and row.at_most]:
        h.update(repr(signed).encode())
    return h.hexdigest()


def _values(row: object) -> object:
    """What a row of the model says, without where and in what words it says it."""
    if isinstance(row, tuple):
        return tuple(_values(x) for x in row)
    if not is_dataclass(row):
        return row
    return tuple(_values(getattr(row, f.name)) for f in fields(row) if f.name not in ("where", "text", "source", "at_most"))


def members_of(model: Model, domain: str) -> list[int]:
    """Indices of the components inside a domain, directly or not, in the order of the file."""
    return _members(model)[domain]
