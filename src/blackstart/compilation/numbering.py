"""Numbers for what has no place of its own in the file: parameters, doubtful needs, durations, gates.

Each gets its number where it is first met while a model is compiled, and equal ones share it; components, teams and barriers
are numbered in the order of the file.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

import numpy as np

from blackstart.compilation.ragged import ints
from blackstart.engines import layout as k
from blackstart.evidence import same_kind
from blackstart.evidence.update import aged
from blackstart.language.model import Chance, Component, Model, Need
from blackstart.system import Parameter
from blackstart.units import Dist, Duration, Factor, Rate


class Numbering:
    """All that the parts of a compilation number together."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows = list(model.components.values())
        self.components = {c.id: i for i, c in enumerate(self.rows)}
        self.teams = {name: i for i, name in enumerate(model.teams)}
        self.barriers = {name: i for i, name in enumerate(model.barriers)}
        self.parameters = Parameters()
        self.doubtful = Doubtful(self.parameters)
        self.gates = Gates(self.components, self.doubtful)
        self.durations = Durations(self.parameters)
        self.factors: list[tuple[int, int, int]] = []  # as in System

    def factor(self, place: int, row: int, factor: float, path: str) -> float:
        """A factor as the arrays hold it, its median; where it is not known it is a parameter.

        place, row : where it stands in the arrays (`system.FACTORS`).
        """
        if isinstance(factor, Factor):
            self.factors.append((place, row, self.parameters.add(path, factor.dist, factor.text, "")))
        return float(factor)

    def age_d(self, date: datetime.date | None) -> float | None:
        """Days between a date and the day from which the model counts the age of evidence; None where either is unstated."""
        return None if date is None or self.model.as_of is None else float((self.model.as_of - date).days)


class Parameters:
    """What is unknown but fixed, in the order in which it is met; and which of it are chances on demand."""

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
        tau = tested.mean()
        self.probabilities.append((self.rate(path, rate), tau))
        return len(self.probabilities) - 1


class Doubtful:
    """Doubtful needs: each place where one is written may exist or not."""

    def __init__(self, parameters: Parameters) -> None:
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
        self.rows.append(self.parameters.add(path, chance.dist, chance.text, chance.source, chance.doubted_as(path)))
        self.known[need.where] = len(self.rows) - 1
        return len(self.rows) - 1


class Durations:
    """The table of all durations and amounts; equal ones share a row. A middle that is not known is a parameter."""

    def __init__(self, parameters: Parameters) -> None:
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
        return ints(-1 if one is None else self.sum_of([(one, f"components.{c.id}.{tail}")], kind) for one, c, kind in each)

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

    def columns(self) -> dict[str, np.ndarray]:
        return {"dur_ptr": np.array(self.ptr, np.int64), "terms": np.array(self.terms, float).reshape(-1, 4),
                "tables": np.array(self.tables, float)}  # fmt: skip



class Gates:
    """Expressions over components as gates; equal ones are shared. Node numbers begin after the components.

    Those on one circle and those outside it share none where load is counted (§9): it does not run along circles.
    """

    OPS = {"all": k.ALL, "any": k.ANY, "at_least": k.AT_LEAST, "capacity": k.CAPACITY, "maybe": k.MAYBE}

    def __init__(self, index: dict[str, int], doubtful: Doubtful) -> None:
        self.index = index
        self.doubtful = doubtful
        self.op: list[int] = []
        self.k: list[float] = []
        self.children: list[tuple[int, ...]] = []
        self.weights: list[float] = []
        self.known: dict = {}

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
            self.children.append(children)
            self.weights.extend(weights)
        return number
