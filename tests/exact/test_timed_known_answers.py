"""Known answers for the timed engine: generation adequacy of IEEE RTS-79, and k-of-n with few repairers.

Every comparison allows three standard errors of the simulated value, measured between independent samples.
Were the seed drawn anew at each run, one comparison would fail by chance in 1 of 370 runs, and some of the 32
comparisons here in at most 9 % of runs. The seed is fixed, so a red test here is never bad luck: it is a
change of the engine or of its random numbers.

Sources
-------
IEEE RTS-79: "IEEE Reliability Test System", IEEE Trans. Power Apparatus and Systems PAS-98 (1979), 2047-2054:
    units with mean times to failure and repair (their quotient is the forced outage rate), weekly, daily and
    hourly peaks in per cent. LOLE 9.394175 h/yr, 1.368863 days/yr and LOEE 1,176.298 MWh/yr are those of exact
    convolution; `test_rts_by_convolution` works them out anew.
k-of-n with r repairers: birth-death chain, as in any textbook; `test_table_is_the_chain` solves it anew.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.engines import kernel, layout
from blackstart.engines.bundle import for_compiled
from blackstart.engines.simulate import Study, assess
from blackstart.language.load import load_text
from blackstart.studies.results import assessment
from blackstart.system import System

SEED = 79
HOURS_PER_YEAR = 8760.0
NO_TIME, NO_ID = np.zeros(0), np.zeros(0, np.int64)


def simulate(
    system: System, samples: range, years: float, rows: int, trace: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and trace of plain years, each sample starting at rest."""
    room, told = np.zeros((rows, layout.ROW_COLUMNS)), np.zeros((trace, layout.TRACE_COLUMNS))
    paths, out = np.zeros((len(samples), layout.PATH_COLUMNS)), np.zeros(5, np.int64)
    kernel.run(
        for_compiled(system.arrays), for_compiled(system.world()), for_compiled(layout.memory(system.arrays, 0)),
        for_compiled(layout.Out(paths, room, told)), SEED, np.array(samples),
        np.full(len(samples), -1), np.ones(len(samples)), 0, True, years * HOURS_PER_YEAR, math.inf, 10**12,
        NO_TIME, NO_ID, NO_ID, False, out,
    )  # fmt: skip
    assert out[1] <= rows and out[2] <= trace and out[4] == 0
    return room[: out[1]], told[: out[2]]


def mean_and_error(per_sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over samples and its standard error."""
    return per_sample.mean(axis=0), per_sample.std(axis=0, ddof=1) / math.sqrt(len(per_sample))


def assert_within_three_errors(value: float, error: float, exact: float, what: str) -> None:
    assert 0.0 < error
    assert abs(value - exact) <= 3.0 * error, f"{what}: {value:.6g} +- {error:.2g}, exact {exact:.6g}"


# ----------------------------------------------------------------------------- IEEE RTS-79

# units of a size, MW, mean time to failure (h), mean time to repair (h)
UNITS = (
    (5, 12, 2940, 60), (4, 20, 450, 50), (6, 50, 1980, 20), (4, 76, 1960, 40), (3, 100, 1200, 50),
    (4, 155, 960, 40), (3, 197, 950, 50), (1, 350, 1150, 100), (2, 400, 1100, 150),
)  # fmt: skip
INSTALLED_MW, PEAK_MW = 3405, 2850
WEEKS = (
    "86.2 90.0 87.8 83.4 88.0 84.1 83.2 80.6 74.0 73.7 71.5 72.7 70.4 75.0 72.1 80.0 75.4 83.7 87.0 88.0 85.6 81.1 90.0 88.7 "
    "89.6 86.1 75.5 81.6 80.1 88.0 72.2 77.6 80.0 72.9 72.6 70.5 78.0 69.5 72.4 72.4 74.3 74.4 80.0 88.1 88.5 90.9 94.0 89.0 "
    "94.2 97.0 100.0 95.2"
)
DAYS_FROM_MONDAY = (93, 100, 98, 96, 94, 77, 75)
HOURS = {
    ("winter", "weekday"): "67 63 60 59 59 60 74 86 95 96 96 95 95 95 93 94 99 100 100 96 91 83 73 63",
    ("winter", "weekend"): "78 72 68 66 64 65 66 70 80 88 90 91 90 88 87 87 91 100 99 97 94 92 87 81",
    ("summer", "weekday"): "64 60 58 56 56 58 64 76 87 95 99 100 99 100 100 97 96 96 93 92 92 93 87 72",
    ("summer", "weekend"): "74 70 66 65 64 62 62 66 81 86 91 93 93 92 91 91 92 94 95 95 100 93 88 80",
    ("other", "weekday"): "63 62 60 58 59 65 72 85 95 99 100 99 93 92 90 88 90 92 96 98 96 90 80 70",
    ("other", "weekend"): "75 73 69 66 65 65 68 74 83 89 92 94 91 90 90 86 85 88 92 100 97 95 90 85",
}
LOLE_H, LOLE_DAYS, LOEE_MWH = 9.394175, 1.368863, 1176.298
WATCHED_MW = (2050, 2450, 2850)  # loads that get a service of their own
RTS_SAMPLES, RTS_YEARS = 100, 50.0


def season(week: int) -> str:
    if week <= 8 or week >= 44:
        return "winter"
    return "summer" if 18 <= week <= 30 else "other"


def hourly_load_mw() -> np.ndarray:
    """Load of 52 weeks of 7 days from Monday: (364, 24)."""
    days = []
    for week, share in enumerate(WEEKS.split(), start=1):
        for day, of_week in enumerate(DAYS_FROM_MONDAY):
            hours = HOURS[season(week), "weekday" if day < 5 else "weekend"].split()
            days.append([PEAK_MW * float(share) / 100 * of_week / 100 * float(h) / 100 for h in hours])
    return np.array(days)


def adequacy(share_of_time: np.ndarray, load_mw: np.ndarray) -> tuple[float, float, float]:
    """LOLE (h/yr), LOLE (days/yr), LOEE (MWh/yr) from the share of time at each capacity (MW = place in the array)."""
    mw = np.arange(share_of_time.size)
    below = np.concatenate(([0.0], np.cumsum(share_of_time)))  # share of time with capacity < n
    weighted = np.concatenate(([0.0], np.cumsum(share_of_time * mw)))
    at = lambda load: np.ceil(load - 1e-9).astype(np.int64)  # noqa: E731
    short = at(load_mw)
    missing = load_mw * below[short] - weighted[short]
    return float(below[short].sum()), float(below[at(load_mw.max(axis=1))].sum()), float(missing.sum())


def convolved() -> np.ndarray:
    """Probability of each capacity, exactly."""
    p = np.zeros(INSTALLED_MW + 1)
    p[0] = 1.0
    for count, mw, up_h, down_h in UNITS:
        out = down_h / (up_h + down_h)
        for _ in range(count):
            p = out * p + (1.0 - out) * np.concatenate((np.zeros(mw), p[:-mw]))
    return p


def rts_model() -> System:
    units = {f"u{mw}-{i}": (mw, up, down) for count, mw, up, down in UNITS for i in range(count)}
    assert sum(mw for mw, _, _ in units.values()) == INSTALLED_MW
    lines = ["blackstart: 1", "components:"]
    for name, (_, up_h, down_h) in units.items():
        lines.append(
            f"  {name}: {{fails: {HOURS_PER_YEAR / up_h!r}/yr, repair: {{takes: exponential(mean={down_h}h)}}}}"
        )
    lines.append("services:")
    for load in (INSTALLED_MW, *WATCHED_MW):
        weights = ", ".join(f"{name}: {mw / load!r}" for name, (mw, _, _) in units.items())
        lines.append(f"  load-{load}: {{needs: {{capacity: {{{weights}}}}}, tolerance: {{serves: 100%}}}}")
    return compile_model(load_text("\n".join(lines), "rts79.yaml"))


def capacity_shares(trace: np.ndarray, service: int, end_h: float) -> np.ndarray:
    """Share of time at each capacity (MW), from the trace of the level of the service that needs all of it."""
    told = trace[(trace[:, 1] == layout.T_LEVEL) & (trace[:, 2] == service)]
    begin = np.concatenate(([0.0], told[:, 0]))
    level = np.concatenate(([1.0], told[:, 3]))
    mw = np.rint(level * INSTALLED_MW).astype(np.int64)
    return np.bincount(mw, np.diff(begin, append=end_h), INSTALLED_MW + 1) / end_h


def test_rts_by_convolution() -> None:
    lole_h, lole_days, loee_mwh = adequacy(convolved(), hourly_load_mw())
    assert lole_h == pytest.approx(LOLE_H, abs=5e-7)
    assert lole_days == pytest.approx(LOLE_DAYS, abs=5e-7)
    assert loee_mwh == pytest.approx(LOEE_MWH, abs=5e-4)


def test_rts_adequacy() -> None:
    system, load = rts_model(), hourly_load_mw()
    all_of_it = system.components.index(f"load-{INSTALLED_MW}")
    end_h = RTS_YEARS * HOURS_PER_YEAR
    found, short = [], []
    for sample in range(RTS_SAMPLES):
        rows, trace = simulate(system, range(sample, sample + 1), RTS_YEARS, 1 << 16, 1 << 19)
        found.append(adequacy(capacity_shares(trace, all_of_it, end_h), load))
        out = rows[rows[:, 1] == layout.ROW_OUT]
        by = out[:, 2].astype(np.int64)
        hours = np.bincount(by, out[:, 4] - out[:, 3], len(system.services)) / end_h
        lost = np.bincount(by, out[:, 5], len(system.services)) / end_h
        short.append(np.concatenate((hours, lost)))
    for value, error, exact, what in zip(
        *mean_and_error(np.array(found)),
        (LOLE_H, LOLE_DAYS, LOEE_MWH),
        ("LOLE, h", "LOLE, days", "LOEE"),
        strict=True,
    ):
        assert_within_three_errors(value, error, exact, what)
    means, errors = mean_and_error(np.array(short))
    p, n = convolved(), len(system.services)
    for i, name in enumerate(system.services):
        mw = int(name.removeprefix("load-"))
        below = np.arange(mw)
        assert_within_three_errors(means[i], errors[i], p[:mw].sum(), f"share of time short of {mw} MW")
        missing = ((mw - below) * p[:mw]).sum() / mw
        assert_within_three_errors(means[n + i], errors[n + i], missing, f"share of {mw} MW not served")


# ----------------------------------------------------------------------------- k of n with r repairers

FAILS_PER_H, REPAIRS_PER_H = 0.001, 0.1
# n, k, r, unavailability, outages per year, mean outage (h)
REPAIRERS = (
    (2, 1, 1, 1.960400e-04, 0.171731, 10.0000),
    (2, 1, 2, 9.802960e-05, 0.171748, 5.0000),
    (3, 2, 1, 5.880036e-04, 0.509991, 10.1000),
    (3, 2, 3, 2.921476e-04, 0.510142, 5.0167),
    (5, 3, 1, 5.818293e-05, 0.049959, 10.2020),
    (5, 3, 2, 1.441535e-05, 0.025004, 5.0503),
    (5, 3, 5, 9.562325e-06, 0.025005, 3.3500),
)
REPAIRER_SAMPLES, REPAIRER_YEARS = 400, 200.0


def chain(n: int, k: int, r: int) -> tuple[float, float, float]:
    """Unavailability, outages per year and mean outage (h) of the birth-death chain of broken units."""
    p = [1.0]
    for broken in range(n):
        p.append(p[-1] * (n - broken) * FAILS_PER_H / (min(broken + 1, r) * REPAIRS_PER_H))
    p = [x / math.fsum(p) for x in p]
    unavailability = math.fsum(p[n - k + 1 :])
    per_h = p[n - k] * k * FAILS_PER_H
    return unavailability, per_h * HOURS_PER_YEAR, unavailability / per_h


@pytest.mark.parametrize(("n", "k", "r", "unavailability", "per_year", "mean_h"), REPAIRERS)
def test_table_is_the_chain(
    n: int, k: int, r: int, unavailability: float, per_year: float, mean_h: float
) -> None:
    exact = chain(n, k, r)
    assert exact[0] == pytest.approx(unavailability, rel=5e-7)
    assert exact[1] == pytest.approx(per_year, abs=5e-7)
    assert exact[2] == pytest.approx(mean_h, abs=6e-5)


def repairer_model(n: int, k: int, r: int) -> System:
    unit = "{fails: 8.76/yr, repair: {takes: exponential(mean=10h), people: 1 repairers}}"
    lines = ["blackstart: 1", "components:", *(f"  unit-{i}: {unit}" for i in range(n))]
    lines += [
        "services:",
        f"  served: {{needs: {{at_least: {k}, of: [{', '.join(f'unit-{i}' for i in range(n))}]}}}}",
    ]
    lines += ["teams:", f"  repairers: {{people: {r}}}"]
    return compile_model(load_text("\n".join(lines), "repairers.yaml"))


def outages_of(system: System) -> tuple[np.ndarray, np.ndarray]:
    """Hours out, and outages, of each sample."""
    rows, _ = simulate(system, range(REPAIRER_SAMPLES), REPAIRER_YEARS, 1 << 18)
    out = rows[rows[:, 1] == layout.ROW_OUT]
    by = out[:, 0].astype(np.int64)
    return np.bincount(by, out[:, 4] - out[:, 3], REPAIRER_SAMPLES), np.bincount(
        by, minlength=REPAIRER_SAMPLES
    ).astype(float)


@pytest.mark.parametrize(("n", "k", "r", "unavailability", "per_year", "mean_h"), REPAIRERS)
def test_repairers(n: int, k: int, r: int, unavailability: float, per_year: float, mean_h: float) -> None:
    hours, outages = outages_of(repairer_model(n, k, r))
    value, error = mean_and_error(hours / (REPAIRER_YEARS * HOURS_PER_YEAR))
    assert_within_three_errors(value, error, unavailability, "unavailability")
    value, error = mean_and_error(outages / REPAIRER_YEARS)
    assert_within_three_errors(value, error, per_year, "outages per year")
    ratio = hours.sum() / outages.sum()
    _, error = mean_and_error((hours - ratio * outages) / outages.mean())  # of a quotient, to first order
    assert_within_three_errors(ratio, error, mean_h, "mean outage")
    assert error < 0.03 * mean_h  # three errors are a tenth at most: the test can see something


def test_second_repairer_cuts_downtime_to_a_quarter() -> None:
    one, _ = outages_of(repairer_model(5, 3, 1))
    two, _ = outages_of(repairer_model(5, 3, 2))
    quotient = one.sum() / two.sum()
    _, error = mean_and_error((one - quotient * two) / two.mean())
    assert_within_three_errors(
        quotient, error, chain(5, 3, 1)[0] / chain(5, 3, 2)[0], "downtime of one repairer to two"
    )


def test_failures_while_a_team_is_on_its_way() -> None:
    """A failure that arrives while another timer waits hits whom it is meant for, and only if that one runs.

    Such arrivals were once read as if a script had named the component with the number of the misfortune. The suite missed
    it because nothing simulated many years with a team that takes time to arrive; a C twin of the loop disagreed.
    """
    text = """
blackstart: 1
components:
  sturdy: {}
  weak: {fails: 100/yr, repair: {takes: 10h, people: 1 far-away}}
services:
  stands-on-sturdy: {needs: sturdy}
  stands-on-weak: {needs: weak}
teams:
  far-away: {people: 1, arrives: 20h}
"""
    system = compile_model(load_text(text, "far.yaml"))
    rows, _ = simulate(system, range(100), 20.0, 1 << 18)
    by = rows[:, 0].astype(np.int64)
    assert set(rows[:, 1]) == {layout.ROW_OUT} and set(rows[:, 2]) == {
        system.services.index("stands-on-weak")
    }
    hours = np.bincount(by, rows[:, 4] - rows[:, 3], 100)
    value, error = mean_and_error(hours / (20.0 * HOURS_PER_YEAR))
    assert_within_three_errors(
        value, error, 30.0 / (30.0 + 87.6), "share of time broken: 30 h after 87.6 h of running"
    )


# ----------------------------------------------------------------------------- less than all at rest


@pytest.mark.parametrize("method", ["episodes", "years"])
def test_what_a_service_never_serves_is_no_loss(method: str) -> None:
    """Of 90 % at rest 50 points are missing for 10 h after each failure: 0.5 x 100 KRW/h x 10 h, at 1 a year while it runs.

    Plain years counted the 10 points of every hour of the year, episodes only those of theirs: 84,760 and 599 KRW a year.
    """
    model = load_text(
        "blackstart: 1\ncomponents: {a: {fails: 1/yr, repair: 10h}, b: {}}\n"
        "services: {s: {needs: {capacity: {a: 50%, b: 40%}, at_least: 10%}, loss: 100 KRW/h, tolerance: {serves: 60%}}}\n"
    )
    system = compile_model(model)
    study = Study(worlds=4, samples=2000, seed=SEED, method=method, threads=1)
    loss = assessment(model, system, assess(system, study), study).as_dict()["services"]["s"]["loss"]["aal"]
    exact = 500.0 / (1.0 + 10.0 / HOURS_PER_YEAR)
    assert abs(loss["value"] - exact) <= 3.0 * loss["standard_error"] + 1e-9 * exact
