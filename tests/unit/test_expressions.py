"""Expressions: every operation by hand, periodic tests against their Markov chain, deviates against their moments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import linalg, stats

from blackstart.fault_trees.expressions import OPERATIONS, Expression, Impossible, Reckoner, call, constant, is_uncertain, takes, uses

TIME = Expression("mission-time")


def value(op: str, *arguments: float) -> float:
    return float(Reckoner({}, 10.0).of(call(op, *map(constant, arguments))))


@pytest.mark.parametrize(
    ("op", "arguments", "expected"),
    [
        ("neg", (2,), -2), ("add", (1, 2, 3), 6), ("sub", (10, 2, 3), 5), ("mul", (2, 3, 4), 24), ("div", (24, 3, 4), 2),
        ("pi", (), math.pi), ("abs", (-2,), 2), ("acos", (0.5,), math.pi / 3), ("asin", (0.5,), math.pi / 6),
        ("atan", (1,), math.pi / 4), ("cos", (0.3,), math.cos(0.3)), ("cosh", (0.3,), math.cosh(0.3)), ("exp", (1,), math.e),
        ("log", (math.e,), 1), ("log10", (1000,), 3), ("mod", (7, 3), 1), ("pow", (2, 10), 1024), ("pow", (2, -1), 0.5),
        ("sin", (0.3,), math.sin(0.3)), ("sinh", (0.3,), math.sinh(0.3)), ("tan", (0.3,), math.tan(0.3)),
        ("tanh", (0.3,), math.tanh(0.3)), ("sqrt", (9,), 3), ("ceil", (1.2,), 2), ("floor", (1.8,), 1), ("min", (3, 1, 2), 1),
        ("max", (3, 1, 2), 3), ("mean", (1, 2, 6), 3), ("not", (0,), 1), ("not", (2,), 0), ("and", (1, 1, 0), 0), ("or", (0, 0, 1), 1),
        ("eq", (1, 1), 1), ("df", (1, 1), 0), ("lt", (1, 2), 1), ("gt", (1, 2), 0), ("leq", (2, 2), 1), ("geq", (1, 2), 0),
        ("ite", (1, 5, 6), 5), ("ite", (0, 5, 6), 6), ("switch", (0, 1, 1, 2, 1, 3, 4), 2), ("switch", (7,), 7),
        ("exponential", (0.01, 10), 1 - math.exp(-0.1)), ("exponential", (1e-12, 1), 1e-12), ("exponential", (0, 5), 0),
        ("GLM", (0.1, 0.01, 0.2, 10), 0.01 / 0.21 - (0.01 - 0.021) / 0.21 * math.exp(-2.1)), ("GLM", (0.3, 0, 0, 10), 0.3),
        ("Weibull", (100, 2, 5, 55), 1 - math.exp(-0.25)), ("Weibull", (100, 2, 60, 55), 0),
        ("uniform-deviate", (1, 3), 2), ("normal-deviate", (1, 3), 1), ("gamma-deviate", (2, 3), 6), ("beta-deviate", (1, 3), 0.25),
        ("lognormal-deviate", (0.01, 3, 0.95), 0.01), ("lognormal-deviate", (-2, 0.5), math.exp(-2 + 0.125)),
        ("histogram", (0, 1, 1, 3, 3), (0.5 + 3 * 2) / 4),
    ],
)  # fmt: skip
def test_values(op: str, arguments: tuple[float, ...], expected: float) -> None:
    assert takes(op, len(arguments))
    assert value(op, *arguments) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("op", "arguments"),
    [
        ("log", (0,)), ("sqrt", (-1,)), ("div", (1, 0)), ("acos", (2,)), ("exponential", (-1, 1)), ("exponential", (1, -1)),
        ("GLM", (0.1, -1, 1, 1)), ("Weibull", (0, 1, 0, 1)), ("periodic-test", (0.1, 0, 1, 5)), ("exp", (1e6,)),
        ("normal-deviate", (1, 0)), ("lognormal-deviate", (0.1, 3, 0.4)), ("lognormal-deviate", (0, 3, 0.95)),
        ("lognormal-deviate", (1, -1)), ("gamma-deviate", (0, 1)), ("beta-deviate", (1, 0)), ("uniform-deviate", (3, 1)),
        ("histogram", (0, 1, -1)), ("histogram", (0, 1, 1, 1, 1)), ("periodic-test", (0.1, 0.1, 1e-9, 0, 10)),
    ],
)  # fmt: skip
def test_without_a_value(op: str, arguments: tuple[float, ...]) -> None:
    with pytest.raises(Impossible) as caught:
        value(op, *arguments)
    assert caught.value.expression.op == op


@pytest.mark.parametrize(
    ("op", "count", "fits"),
    [("exp", 1, True), ("exp", 2, False), ("periodic-test", 5, True), ("periodic-test", 6, False), ("lognormal-deviate", 3, True),
     ("lognormal-deviate", 4, False), ("add", 9, True), ("add", 0, False), ("histogram", 3, True), ("histogram", 4, False)],
)  # fmt: skip
def test_numbers_of_arguments(op: str, count: int, fits: bool) -> None:
    assert takes(op, count) is fits


def test_parameters_and_mission_time() -> None:
    double = call("mul", Expression("parameter", name="p"), TIME)
    assert Reckoner({"p": constant(3)}, 10.0).of(double) == 30.0
    assert uses(double) == {"p", ""}


# ----------------------------------------------------------------------------- periodic tests


def chain(
    rate: float, test_rate: float, mu: float, period: float, first: float, gamma: float, lasts: float, available: float,
    found: float, bad: float, t: float,
) -> float:  # fmt: skip
    """Chance of being down by matrix exponentials of three states: up, failed, in repair.

    Tests begin at `first` and every `period` after; the standard's chapter "Built-ins" says what happens in each phase.
    """

    def phase(state: np.ndarray, time: float, of_up: float) -> np.ndarray:
        rates = np.array([[-of_up, of_up, 0], [0, 0, 0], [(1 - bad) * mu, bad * mu, -mu]])
        return state @ linalg.expm(rates * time)

    def tested(state: np.ndarray, time: float) -> np.ndarray:
        """Up ones may be broken by the test or during it, and are found with the rest; those in repair go on with it."""
        up, failed, repair = state
        hit = failed + up * (gamma + (1 - gamma) * (1 - math.exp(-test_rate * time)))
        after = phase(np.array([0, 0, repair]), time, rate) + [0, (1 - found) * hit, found * hit]
        return after + [1 - after.sum(), 0, 0]

    state = phase(np.array([1.0, 0, 0]), min(t, first), rate)
    begin = first
    while begin < t:
        before = state[0]
        state = tested(state, min(lasts, t - begin))
        if t - begin < lasts:  # within a test, those that are well may be out of service for it
            well = before * (1 - gamma) * math.exp(-test_rate * (t - begin))
            return float(1 - state[0] + (1 - available) * well)
        state = phase(state, min(period, t - begin) - lasts, rate)
        begin += period
    return float(1 - state[0])


CASES = [
    (0.002, 0.003, 0.05, 100.0, 30.0, 0.01, 8.0, 1.0, 0.9, 0.02),
    (0.01, 0.0, 0.5, 24.0, 24.0, 0.0, 2.0, 1.0, 1.0, 0.0),
    (0.05, 0.05, 0.05, 20.0, 0.0, 0.0, 5.0, 1.0, 0.5, 0.1),  # as fast to repair as to fail
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("t", [0.0, 10.0, 29.0, 33.0, 90.0, 131.0, 333.0, 480.5])
def test_periodic_test_with_eleven_arguments(case: tuple[float, ...], t: float) -> None:
    assert value("periodic-test", *case, t) == pytest.approx(chain(*case, t), abs=1e-9)


@pytest.mark.parametrize("t", [10.0, 55.0, 170.0, 999.0])
def test_periodic_test_with_five_arguments(t: float) -> None:
    rate, mu, period, first = 0.002, 0.05, 100.0, 30.0
    assert value("periodic-test", rate, mu, period, first, t) == pytest.approx(
        chain(rate, 0, mu, period, first, 0, 0, 1, 1, 0, t), abs=1e-9
    )


@pytest.mark.parametrize(("t", "since"), [(10.0, 10.0), (30.0, 30.0), (31.0, 1.0), (129.0, 99.0), (130.0, 100.0), (131.0, 1.0)])
def test_periodic_test_with_four_arguments(t: float, since: float) -> None:
    """As good as new after each test; at the moment of a test, as just before it."""
    assert value("periodic-test", 0.002, 100.0, 30.0, t) == pytest.approx(1 - math.exp(-0.002 * since))


def test_out_of_service_while_tested() -> None:
    case = (0.0, 0.0, 1.0, 100.0, 50.0, 0.0, 10.0, 0.0, 1.0, 0.0)
    assert [value("periodic-test", *case, t) for t in (49.0, 55.0, 61.0)] == [0.0, 1.0, 0.0]


# ----------------------------------------------------------------------------- deviates

N = 200_000
LAWS = {
    "uniform-deviate": ((1, 3), stats.uniform(1, 2)),
    "normal-deviate": ((1, 3), stats.norm(1, 3)),
    "lognormal-deviate": ((-2, 0.5), stats.lognorm(0.5, scale=math.exp(-2))),
    "gamma-deviate": ((2, 3), stats.gamma(2, scale=3)),
    "beta-deviate": ((2, 5), stats.beta(2, 5)),
}


@pytest.mark.parametrize("op", LAWS)
def test_deviates_have_their_law(op: str) -> None:
    """Kolmogorov-Smirnov: false alarm once in 1,000 seeds for each of five; the seed is fixed."""
    arguments, law = LAWS[op]
    drawn = Reckoner({}, None, N, (1,)).of(call(op, *map(constant, arguments)))
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3


def test_error_factor() -> None:
    """The 95 % quantile over the 5 % quantile is the square of the error factor; the mean is the mean."""
    drawn = Reckoner({}, None, N, (1,)).of(call("lognormal-deviate", *map(constant, (0.01, 3, 0.95))))
    low, high = np.quantile(drawn, [0.05, 0.95])
    assert math.sqrt(high / low) == pytest.approx(3, rel=0.01)
    assert drawn.mean() == pytest.approx(0.01, rel=0.01)


def test_histogram_draws_by_weight() -> None:
    drawn = Reckoner({}, None, N, (1,)).of(call("histogram", *map(constant, (0, 1, 1, 3, 3))))
    assert np.mean(drawn < 1) == pytest.approx(0.25, abs=0.005)
    assert drawn.mean() == pytest.approx(1.625, abs=0.01) and 0 <= drawn.min() and drawn.max() <= 3


def test_arguments_of_deviates_may_be_deviates() -> None:
    mean = call("uniform-deviate", constant(0), constant(2))
    drawn = Reckoner({}, None, N, (1,)).of(call("normal-deviate", mean, constant(1)))
    assert drawn.var() == pytest.approx(1 + 1 / 3, rel=0.02)


def test_what_is_uncertain() -> None:
    deviate = call("normal-deviate", constant(0), constant(1))
    assert is_uncertain(call("exp", deviate), set()) and is_uncertain(Expression("parameter", name="p"), {"p"})
    assert not is_uncertain(call("exp", constant(1)), set())


def test_every_operation_is_tested_here() -> None:
    marks = [*test_values.pytestmark, *test_periodic_test_with_four_arguments.pytestmark]
    seen = {case[0] for mark in marks if mark.name == "parametrize" for case in mark.args[1]} | {"periodic-test"}
    assert set(OPERATIONS) <= seen
