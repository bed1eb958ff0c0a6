"""Numbers that are computed: expressions over parameters, laws of failure, and the spread of what is not known.

The operations are those of the Open-PSA Model Exchange Format 2.0d, chapter "Stochastic Layer". An expression has a value
(a deviate then stands for its mean) and, where a deviate lies below it, a spread that is sampled: a parameter has one value
in a sample, whoever uses it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from blackstart.errors import Where

Number = Any  # float64 or an array of samples of it
MOST_TESTS = 20_000  # periodic tests within the mission


class Expression(NamedTuple):
    """A node: `op` is a name of `FUNCTIONS` or `DEVIATES`, or "value", "parameter", "mission-time".

    Two deviates written alike are two: nodes are told apart by identity.
    """

    op: str
    arguments: tuple[Expression, ...] = ()
    value: float = 0.0
    name: str = ""
    where: Where | None = None


class Impossible(ValueError):
    """An expression without a value (a logarithm of nothing, a negative spread); `expression` is the innermost."""

    def __init__(self, expression: Expression) -> None:
        super().__init__(expression.op)
        self.expression = expression


def constant(value: float) -> Expression:
    """A number."""
    return Expression("value", value=value)


def call(op: str, *arguments: Expression) -> Expression:
    """An operation on expressions."""
    return Expression(op, arguments)


def uses(expression: Expression) -> set[str]:
    """Names of the parameters below an expression; "" stands for the mission time."""
    if expression.op == "value":
        return set()
    found = {expression.name} if expression.op in ("parameter", "mission-time") else set()
    return found.union(*map(uses, expression.arguments))


# ----------------------------------------------------------------------------- operations


class Function(NamedTuple):
    """How many arguments an operation takes (`most` < 0: any number from `least` on), and what it does."""

    least: int
    most: int
    compute: Callable[..., Number]


def _all(args: Sequence[Number]) -> Number:
    return np.logical_and.reduce(np.broadcast_arrays(*args)) + 0.0


def _any(args: Sequence[Number]) -> Number:
    return np.logical_or.reduce(np.broadcast_arrays(*args)) + 0.0


def _switch(*args: Number) -> Number:
    """Condition, value, condition, value … and the value where none of them holds."""
    found = args[-1]
    for k in range(len(args) - 3, -1, -2):
        found = np.where(np.asarray(args[k]) != 0, args[k + 1], found)
    return found


def _failed(rate: Number, t: Number) -> Number:
    """Chance that something of this rate happens within t; no number where either is negative."""
    return np.where((rate >= 0) & (t >= 0), -np.expm1(-rate * t), np.nan)


def _glm(gamma: Number, rate: Number, mu: Number, t: Number) -> Number:
    total = rate + mu
    found = rate / total - (rate - gamma * total) / total * np.exp(-total * t)
    return np.where((rate >= 0) & (mu >= 0) & (t >= 0), np.where(total > 0, found, gamma), np.nan)


def _weibull(scale: Number, shape: Number, begin: Number, t: Number) -> Number:
    found = -np.expm1(-((np.maximum(t - begin, 0.0) / scale) ** shape))
    return np.where((scale > 0) & (shape > 0) & (t >= 0), found, np.nan)


def _repaired_and_failed(mu: Number, rate: Number, t: Number) -> Number:
    """Chance that a repair ends and the repaired fails again, both within t."""
    apart = rate - mu
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - (rate * np.exp(-mu * t) - mu * np.exp(-rate * t)) / apart
    same = 1 - np.exp(-mu * t) * (1 + mu * t)
    return np.where(np.abs(apart) <= 1e-9 * (rate + mu), same, found)


def _periodic_test(*args: Number) -> Number:
    """Chance of being down at t between tests: 4 (repaired at once), 5 (tested at once) or 11 arguments."""
    if len(args) == 4:
        rate, period, first, t = args
        since = np.where(t > first, t - first, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = since - np.floor(since / period) * period
        return np.where(period > 0, _failed(rate, np.where(t <= first, t, np.where(rest > 0, rest, period))), np.nan)
    if len(args) == 5:
        rate, mu, period, first, t = args
        zero = 0.0 * rate
        args = (rate, zero, mu, period, first, zero, zero, zero + 1, zero + 1, zero, t)
    return _tested(*(np.asarray(a, float) for a in np.broadcast_arrays(*args)))


def _tested(
    rate: Number, test_rate: Number, mu: Number, period: Number, first: Number, gamma: Number, lasts: Number, available: Number,
    found: Number, bad: Number, t: Number,
) -> Number:  # fmt: skip
    """Three states (failed, in repair, available), stepped from test to test; SCRAM reads the standard the same way."""

    def again(time: Number) -> Number:
        return -np.expm1(-mu * time) * bad + (1 - bad) * _repaired_and_failed(mu, rate, time)

    def test(failed: Number, repair: Number, time: Number) -> tuple[Number, Number]:
        hit = failed + (1 - failed - repair) * (gamma + (1 - gamma) * -np.expm1(-test_rate * time))
        return repair * again(time) + (1 - found) * hit, repair * np.exp(-mu * time) + found * hit

    def work(failed: Number, repair: Number, time: Number) -> tuple[Number, Number]:
        failed = failed + (1 - failed - repair) * -np.expm1(-rate * time) + repair * again(time)
        return failed, repair * np.exp(-mu * time)

    with np.errstate(all="ignore"):
        count = np.floor((t - first) / period)
    legal = (rate >= 0) & (test_rate >= 0) & (mu >= 0) & (period > 0) & (first >= 0) & (lasts >= 0) & (lasts <= period) & (t >= 0)
    for chance in (gamma, found, bad):
        legal &= (chance >= 0) & (chance <= 1)
    legal &= count < MOST_TESTS
    failed, repair = -np.expm1(-rate * np.minimum(t, first)), 0.0 * rate
    for i in range(int(np.max(np.where(legal, count, 0), initial=0))):
        after = work(*test(failed, repair, lasts), period - lasts)
        failed, repair = (np.where(i < count, new, old) for new, old in zip(after, (failed, repair), strict=True))
    since = t - first - count * period
    within = test(failed, repair, np.minimum(since, lasts))
    idle = (1 - available) * (1 - failed - repair) * (1 - gamma) * np.exp(-test_rate * since)
    done = work(*within, np.maximum(since - lasts, 0.0))
    down = np.where(since < lasts, within[0] + within[1] + idle, done[0] + done[1])
    return np.where(legal, np.where(t <= first, failed, down), np.nan)


FUNCTIONS: dict[str, Function] = {
    "neg": Function(1, 1, lambda a: -a),
    "add": Function(1, -1, lambda *a: sum(a)),
    "sub": Function(1, -1, lambda a, *b: a - sum(b)),
    "mul": Function(1, -1, lambda a, *b: a * math.prod(b)),
    "div": Function(1, -1, lambda a, *b: a / math.prod(b)),
    "pi": Function(0, 0, lambda: math.pi),
    "abs": Function(1, 1, np.abs),
    "acos": Function(1, 1, np.arccos),
    "asin": Function(1, 1, np.arcsin),
    "atan": Function(1, 1, np.arctan),
    "cos": Function(1, 1, np.cos),
    "cosh": Function(1, 1, np.cosh),
    "exp": Function(1, 1, np.exp),
    "log": Function(1, 1, np.log),
    "log10": Function(1, 1, np.log10),
    "mod": Function(2, 2, np.fmod),
    "pow": Function(2, 2, np.float_power),
    "sin": Function(1, 1, np.sin),
    "sinh": Function(1, 1, np.sinh),
    "tan": Function(1, 1, np.tan),
    "tanh": Function(1, 1, np.tanh),
    "sqrt": Function(1, 1, np.sqrt),
    "ceil": Function(1, 1, np.ceil),
    "floor": Function(1, 1, np.floor),
    "min": Function(1, -1, lambda *a: np.minimum.reduce(np.broadcast_arrays(*a))),
    "max": Function(1, -1, lambda *a: np.maximum.reduce(np.broadcast_arrays(*a))),
    "mean": Function(1, -1, lambda *a: sum(a) / len(a)),
    "not": Function(1, 1, lambda a: (np.asarray(a) == 0) + 0.0),
    "and": Function(1, -1, lambda *a: _all(a)),
    "or": Function(1, -1, lambda *a: _any(a)),
    "eq": Function(2, 2, lambda a, b: np.equal(a, b) + 0.0),
    "df": Function(2, 2, lambda a, b: np.not_equal(a, b) + 0.0),
    "lt": Function(2, 2, lambda a, b: np.less(a, b) + 0.0),
    "gt": Function(2, 2, lambda a, b: np.greater(a, b) + 0.0),
    "leq": Function(2, 2, lambda a, b: np.less_equal(a, b) + 0.0),
    "geq": Function(2, 2, lambda a, b: np.greater_equal(a, b) + 0.0),
    "ite": Function(3, 3, _switch),
    "switch": Function(1, -1, _switch),
    "exponential": Function(2, 2, _failed),
    "GLM": Function(4, 4, _glm),
    "Weibull": Function(4, 4, _weibull),
    "periodic-test": Function(4, 11, _periodic_test),
}
ARGUMENTS = {"periodic-test": (4, 5, 11), "lognormal-deviate": (2, 3)}  # where not every number between is allowed


# ----------------------------------------------------------------------------- deviates


class Deviate(NamedTuple):
    """Arguments as in `Function`; the mean, and samples drawn by a generator (with its arguments as arrays of samples)."""

    least: int
    most: int
    mean: Callable[..., Number]
    draw: Callable[..., Number]


def _where(legal: Number, value: Number) -> Number:
    return np.where(legal, value, np.nan)


def _log_moments(*args: Number) -> tuple[Number, Number]:
    """Mean and deviation of the logarithm: as given, or from mean, error factor and the level of the error factor."""
    if len(args) == 2:
        return args[0], args[1]
    mean, factor, level = args
    z = np.vectorize(NormalDist().inv_cdf)(np.where((level > 0.5) & (level < 1), level, 0.95))
    legal = (mean > 0) & (factor > 1) & (level > 0.5) & (level < 1)
    sigma = _where(legal, np.log(np.where(factor > 1, factor, 2.0)) / z)
    return np.log(np.where(mean > 0, mean, 1.0)) - sigma**2 / 2, sigma


def _lognormal_mean(*args: Number) -> Number:
    mu, sigma = _log_moments(*args)
    return _where(sigma > 0, np.exp(mu + sigma**2 / 2))


def _lognormal_draw(rng: np.random.Generator, n: int, *args: Number) -> Number:
    mu, sigma = _log_moments(*args)
    return np.exp(mu + sigma * rng.standard_normal(n))


def _bins(args: Sequence[Number]) -> tuple[Number, Number]:
    """Bounds (bins + 1, …) and weights (bins, …) of a histogram: lower bound, then upper bound and weight of each bin."""
    whole = np.stack(np.broadcast_arrays(*args))
    bounds, weights = np.concatenate((whole[:1], whole[1::2])), whole[2::2]
    legal = np.all(weights >= 0, 0) & np.all(np.diff(bounds, axis=0) > 0, 0) & (weights.sum(0) > 0)
    return np.where(legal, bounds, np.nan), weights


def _histogram_mean(*args: Number) -> Number:
    bounds, weights = _bins(args)
    return ((bounds[1:] + bounds[:-1]) / 2 * weights).sum(0) / weights.sum(0)


def _histogram_draw(rng: np.random.Generator, n: int, *args: Number) -> Number:
    """Uniform within a bin, bins by weight (a weight is the share of the whole bin)."""
    bounds, weights = _bins([np.broadcast_to(a, n) for a in args])
    edges = np.vstack((np.zeros(n), np.cumsum(weights, axis=0)))
    at = rng.random(n) * edges[-1]
    bin_ = np.minimum((at >= edges[1:]).sum(0), len(weights) - 1)
    column = np.arange(n)
    share = (at - edges[bin_, column]) / weights[bin_, column]
    return bounds[bin_, column] + share * (bounds[bin_ + 1, column] - bounds[bin_, column])


DEVIATES: dict[str, Deviate] = {
    "uniform-deviate": Deviate(
        2, 2, lambda a, b: _where(np.less_equal(a, b), (a + b) / 2), lambda rng, n, a, b: a + (b - a) * rng.random(n)
    ),
    "normal-deviate": Deviate(
        2, 2, lambda m, s: _where(np.greater(s, 0), m), lambda rng, n, m, s: m + s * rng.standard_normal(n)
    ),
    "lognormal-deviate": Deviate(2, 3, _lognormal_mean, _lognormal_draw),
    "gamma-deviate": Deviate(
        2, 2, lambda k, theta: _where((k > 0) & (theta > 0), k * theta), lambda rng, n, k, theta: rng.standard_gamma(k, n) * theta
    ),
    "beta-deviate": Deviate(
        2, 2, lambda a, b: _where((a > 0) & (b > 0), a / (a + b)), lambda rng, n, a, b: rng.beta(a, b, n)
    ),
    "histogram": Deviate(3, -1, _histogram_mean, _histogram_draw),
}  # fmt: skip
OPERATIONS = {**FUNCTIONS, **DEVIATES}


def takes(op: str, count: int) -> bool:
    """Whether an operation can have this number of arguments."""
    if op in ARGUMENTS:
        return count in ARGUMENTS[op]
    if op in ("histogram", "switch"):
        return count >= OPERATIONS[op].least and count % 2 == 1
    return OPERATIONS[op].least <= count and not 0 <= OPERATIONS[op].most < count


# ----------------------------------------------------------------------------- values


class Reckoner:
    """Gives expressions their values: once at the means, or as `samples` of what is not known.

    Parameters
    ----------
    parameters : mapping of names to expressions, in an order in which each uses only those before it
    mission_time : the value of the mission time (the unit is that of the rates beside it, usually hours); None: not known
    samples : how many at once; 0 for values at the means
    seed : numbers that select the random numbers; the k-th deviate met gets a stream of its own
    """

    def __init__(
        self, parameters: Mapping[str, Expression], mission_time: float | None, samples: int = 0, seed: Iterable[int] = ()
    ) -> None:
        self.samples, self.seed = samples, tuple(seed)
        self.mission_time = math.nan if mission_time is None else float(mission_time)
        self.known: dict[int, Number] = {}  # deviates by identity
        self.parameters: dict[str, Number] = {}
        for name, expression in parameters.items():
            self.parameters[name] = self.of(expression)

    def of(self, expression: Expression) -> Number:
        """The value (float64), or an array of samples.

        Raises
        ------
        Impossible
            When there is none, or it is not finite, in any sample.
        """
        if expression.op == "value":
            return np.float64(expression.value)
        with np.errstate(all="ignore"):
            found = self._compute(expression)
        if not np.all(np.isfinite(found)):
            raise Impossible(expression)
        return found

    def _compute(self, expression: Expression) -> Number:
        if expression.op == "parameter":
            return self.parameters[expression.name]
        if expression.op == "mission-time":
            return np.float64(self.mission_time)
        if id(expression) in self.known:
            return self.known[id(expression)]
        arguments = [self.of(a) for a in expression.arguments]
        deviate = DEVIATES.get(expression.op)
        if deviate is None:
            return np.asarray(FUNCTIONS[expression.op].compute(*arguments), float)[()]
        found = deviate.mean(*arguments)
        if self.samples and np.all(np.isfinite(found)):
            found = deviate.draw(np.random.default_rng([*self.seed, len(self.known)]), self.samples, *arguments)
        self.known[id(expression)] = found
        return found


def is_uncertain(expression: Expression, uncertain_parameters: set[str]) -> bool:
    """Whether a deviate lies below an expression, directly or through a parameter."""
    if expression.op == "parameter":
        return expression.name in uncertain_parameters
    return expression.op in DEVIATES or any(is_uncertain(a, uncertain_parameters) for a in expression.arguments)
