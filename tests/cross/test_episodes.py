"""Episodes against plain years, and what both promise: same seed same bytes, weights that add up.

Each comparison is a z-test on independent runs at 4 standard errors: a false alarm about once in 15,000 comparisons.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.engines import layout, simulate
from blackstart.language import load
from blackstart.studies.results import Losses, assessment

OVERLAP = """
blackstart: 1
teams:
  ops: {people: 2, arrives: 30 min}
domains:
  east: {kind: site}
  west: {kind: site}
components:
  feed-east: {in: east, fails: 0.8/yr, repair: {takes: 2h..9h}}
  feed-west: {in: west, fails: 0.8/yr, repair: {takes: 2h..9h}}
  db-east: {in: east, needs: [feed-east], start: 20 min}
  db-west: {in: west, needs: [feed-west], standby: {for: db-east}, start: {takes: 10 min, works: 80%, retry: 30 min, people: 1 ops}}
  db: {needs: {any: [db-east, db-west]}}
hazards:
  storm:
    rate: 0.3/yr
    strikes: [east, west]
    effects:
      - break: feed-east
        chance: 60%
      - break: feed-west
        chance: 60%
    again: {rate: x6, for: 20 d}
  fire@east: null
  fire@west: null
  power-loss@east: null
  power-loss@west: null
services:
  shop: {needs: [db], loss: 1e6 KRW/h}
"""


def _system(text: str):
    model = load.load_text(text)
    return model, compile_model(model)


def _figures(model, system, study):
    sample = simulate.assess(system, study)
    return sample, assessment(model, system, sample, study).as_dict()


def _z(a, b) -> float:
    return (a["value"] - b["value"]) / max(1e-300, float(np.hypot(a["standard_error"], b["standard_error"])))


def test_episodes_equal_plain_years_on_a_model_of_overlaps():
    model, system = _system(OVERLAP)
    _, a = _figures(model, system, simulate.Study(worlds=100, samples=400, seed=5, method="episodes"))
    _, b = _figures(model, system, simulate.Study(worlds=100, samples=1000, seed=6, method="years"))
    for one, other in zip(a["services"].values(), b["services"].values(), strict=True):
        for figure in ("downtime_h_per_year", "outages_per_year"):
            assert abs(_z(one[figure], other[figure])) < 4, figure
        for length in ("1h", "4h"):
            key = "outages_per_year_longer_than"
            assert abs(_z(one[key][length], other[key][length])) < 4, length
    assert abs(_z(a["total"]["loss"]["aal"], b["total"]["loss"]["aal"])) < 4


def test_episodes_equal_plain_years_on_the_corner_shop():
    model = load.load(examples.path("corner-shop"))
    system = compile_model(model)
    # the same worlds on both sides (same seed): what differs is only how they are played
    _, a = _figures(model, system, simulate.Study(worlds=50, samples=400, method="episodes"))
    _, b = _figures(model, system, simulate.Study(worlds=50, samples=4000, method="years"))
    one, other = a["services"]["shop"], b["services"]["shop"]
    assert abs(one["downtime_h_per_year"]["value"] / other["downtime_h_per_year"]["value"] - 1) < 0.06
    assert abs(one["outages_per_year"]["value"] / other["outages_per_year"]["value"] - 1) < 0.02


def test_the_same_seed_gives_the_same_bytes_on_one_thread_and_on_three():
    model, system = _system(OVERLAP)
    one, _ = _figures(model, system, simulate.Study(worlds=12, samples=30, threads=1))
    three, _ = _figures(model, system, simulate.Study(worlds=12, samples=30, threads=3))
    assert one.paths.tobytes() == three.paths.tobytes()
    assert one.rows.tobytes() == three.rows.tobytes()


def test_weights_of_the_paths_add_up_to_the_rate_of_episodes():
    """Over the replays of a job the weights are a partition: their mean is the rate of the initiators, rest and all."""
    _, system = _system(OVERLAP)
    study = simulate.Study(worlds=40, samples=300)
    sample = simulate.assess(system, study)
    per_world = np.bincount(sample.world_of_path, weights=sample.paths[:, 1], minlength=40)
    rest = 1 / (1 + sample.busy_share)
    # the two feeds, of db-west nothing fails by itself, and the storm
    expected = (0.8 + 0.8 + 0.3) * rest
    error = np.std(per_world - expected, ddof=1) / np.sqrt(40)
    assert abs(np.mean(per_world - expected)) < 4 * error + 1e-9


def test_a_busy_system_is_played_in_plain_years():
    text = OVERLAP.replace("fails: 0.8/yr", "fails: 2000/yr")
    _, system = _system(text)
    assert simulate.assess(system, simulate.Study(worlds=2, samples=2)).years > 0


def test_a_year_with_nothing_that_can_happen_is_a_quiet_year():
    model, system = _system("blackstart: 1\ncomponents:\n  a: {}\nservices:\n  s: {needs: [a], loss: 1 KRW/h}\n")
    _, result = _figures(model, system, simulate.Study(worlds=4, samples=4))
    assert result["services"]["s"]["availability"]["value"] == 1.0
    assert result["total"]["loss"]["aal"]["value"] == 0.0


@pytest.mark.parametrize("name", examples.names())
def test_no_path_of_a_shipped_example_meets_the_event_limit(name):
    system = compile_model(load.load(examples.path(name)))
    sample = simulate.assess(system, simulate.Study(worlds=10, samples=20))
    assert not (sample.paths[:, 3].astype(int) & layout.FLAG_EVENTS).any()


SHARED_END = """
blackstart: 1
domains: {s1: {}, s2: {}}
components:
  a: {in: s1}
  b: {in: s2}
hazards:
  flood:
    rate: 0.01/yr
    lasts: {dry: 1h..10h}
    effects:
      - {hold: s1, until: dry}
      - {hold: s2, until: dry}
services:
  either: {needs: {any: [a, b]}, loss: {rate: 100 KRW/h, cap: 150 KRW}}
  both: {needs: [a, b]}
"""


def test_effects_that_end_together_do_so_in_the_tail_too():
    """A quantity that is asked for twice is one draw, also where it is drawn from its tail."""
    model, system = _system(SHARED_END)
    _, result = _figures(model, system, simulate.Study(worlds=200, samples=400))
    sigma = np.log(10) / (2 * 1.6448536)
    for service in result["services"].values():
        longer = service["outages_per_year_longer_than"]["24h"]
        exact = 0.01 * 0.5 * math.erfc(np.log(24 / np.sqrt(10)) / sigma / np.sqrt(2))
        assert abs(longer["value"] - exact) < 4 * longer["standard_error"]
    assert result["services"]["either"]["mean_outage_h"]["standard_error"] < 0.5


BESIDE_NOISE = """
blackstart: 1
components:
  app: {fails: 2/yr, repair: {takes: "lognormal(median=0.5h, p95=5h)"}}
  other: {fails: 200/yr, repair: 5 min}
services:
  shop: {needs: [app]}
  aside: {needs: [other]}
"""


def test_a_long_outage_is_found_among_many_harmless_misfortunes():
    """In five days nearly three of the others come: a duration from its tail in courses without them only saw a sixteenth of it.

    The estimates of 12 seeds lay up to thirty times below the truth, with errors a tenth of that. Where the engine is right, the mean
    of 12 squared deviations passes 3 once in 3,000 runs (chi-squared).
    """
    model, system = _system(BESIDE_NOISE)
    sigma = np.log(5 / 0.5) / 1.6448536
    mean_h = 0.5 * np.exp(sigma**2 / 2)
    exact = 8760 / (8760 / 2 + mean_h) * 0.5 * math.erfc(np.log(120 / 0.5) / sigma / np.sqrt(2))
    deviations = []
    for seed in range(12):
        _, result = _figures(model, system, simulate.Study(worlds=60, samples=200, seed=seed))
        found = result["services"]["shop"]["outages_per_year_longer_than"]["120h"]
        deviations.append((found["value"] - exact) / found["standard_error"])
    assert np.mean(np.square(deviations)) < 3


def test_a_cap_is_for_the_outage_and_not_for_each_of_its_pieces():
    text = (
        "blackstart: 1\nteams: {ops: {people: 1}}\ncomponents:\n"
        "  pool: {count: 10, fails: 1/yr, repair: {work: 1h each, people: 1 ops}}\n"
        "services:\n  s: {needs: [pool], loss: {rate: 100 KRW/h, cap: 150 KRW}}\n"
    )
    model, system = _system(text)
    _, result = _figures(model, system, simulate.Study(worlds=20, samples=50))
    assert result["services"]["s"]["loss"]["aal"]["value"] == pytest.approx(150, rel=0.02)


def test_plain_years_count_long_outages_whole():
    text = "blackstart: 1\ncomponents:\n  a: {fails: 1/yr, repair: exponential(mean=2000h)}\nservices:\n  s: {needs: [a]}\n"
    model, system = _system(text)
    _, result = _figures(model, system, simulate.Study(worlds=100, samples=200, method="years"))
    down = result["services"]["s"]["downtime_h_per_year"]
    assert abs(down["value"] - 8760 * 2000 / (2000 + 8760)) < 4 * down["standard_error"]


def test_the_largest_event_of_a_year_is_the_same_thing_in_episodes_and_in_years():
    services = "".join(f"  s{i}: {{needs: [a], loss: 10 KRW/h}}\n" for i in range(5))
    hazard = "  h: {rate: 1/yr, costs: 1000 KRW, effects: [{hold: a, for: 2h}]}\n"
    text = "blackstart: 1\ncomponents:\n  a: {}\nhazards:\n" + hazard + "services:\n" + services
    model, system = _system(text)
    for method in ("episodes", "years"):
        _, result = _figures(model, system, simulate.Study(worlds=30, samples=200, method=method))
        assert result["total"]["loss"]["oep"]["10"]["value"] == pytest.approx(1100)


def test_hundreds_of_misfortunes_can_be_given_at_once():
    _, system = _system(OVERLAP)
    hits = [simulate.Hit(float(i % 7), False, i % 2) for i in range(3000)]
    assert simulate.rehearse(system, hits).path[0] == 1.0


# --------------------------------------------------------------------------- the same luck for every design

UNCERTAIN = """
blackstart: 1
components:
  db: {fails: 2/yr, repair: 2h..9h}
services:
SERVICES
  shop: {needs: [db], loss: {rate: 1e6..9e6 KRW/h, hours: mon-fri 09-18}}
hazards:
  flood: {rate: 0.2/yr, effects: [{hold: db, for: 30h}]}
"""


def test_what_a_sample_costs_does_not_hang_on_what_else_is_in_the_model() -> None:
    """Amounts were drawn by the place of a path in a table and of a service in the file: no test had looked at one sample."""
    study = simulate.Study(worlds=3, samples=40, depth=1, method="episodes", threads=1)
    costs = []
    for more in ("", "  first: {needs: [db], loss: 1e6..2e6 KRW/h}"):
        model, system = _system(UNCERTAIN.replace("SERVICES", more))
        look = simulate.pilot(_system(UNCERTAIN.replace("SERVICES", ""))[1], study)
        sample = simulate.assess(system, study, look=look)
        mine = (sample.rows[:, 1] == layout.ROW_OUT) & (sample.rows[:, 2] == system.services.index("shop"))
        rows = sample.rows[mine]
        loss = Losses(model, system, study.seed).of(rows, sample.number)
        costs.append({(int(sample.number[int(r[0])]), *r[3:5].tolist()): float(x) for r, x in zip(rows, loss, strict=True)})
    assert costs[0] == costs[1] and len({n for n, *_ in costs[0]}) > 50


@pytest.mark.parametrize(("before", "after"), [("9e6 KRW/h", "8e6 KRW/h"), ("09-18", "09-17"), ("shop: {", "shop: {users: 5, ")])
def test_the_digest_knows_what_an_outage_costs(before: str, after: str) -> None:
    text = UNCERTAIN.replace("SERVICES\n", "")
    assert _system(text)[1].digest != _system(text.replace(before, after))[1].digest


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"depth": 0}, "depth must be at least 1, not 0"), ({"worlds": 0}, "worlds must be at least 1"), ({"method": "guess"}, "not 'guess'")],
)
def test_a_study_that_cannot_be_is_refused(wrong: dict, said: str) -> None:
    """depth=0 left out whatever begins while something is broken, without a word."""
    with pytest.raises(ValueError, match=said):
        simulate.Study(**wrong)
