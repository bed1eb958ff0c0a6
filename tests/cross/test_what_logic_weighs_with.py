"""What `worst` and `overlaps` say by logic of the expected loss, against the timed engine's.

Every computation has a fixed seed: a test here fails by chance never, or always.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.engines.adversary import Adversary
from blackstart.engines.dependence import band
from blackstart.engines.simulate import Study, assess
from blackstart.language.load import load_text
from blackstart.planning.worst import Asked, dependence_band, worst
from blackstart.studies.overlaps import Asked as Overlapping
from blackstart.studies.overlaps import View, as_fault_tree, overlaps
from blackstart.studies.quantify import Study as Quantified
from blackstart.studies.quantify import quantify
from blackstart.studies.results import assessment

SERVICE = "services:\n  s: {needs: {any: [p, q]}, loss: '1,000,000 KRW/h'}\n"
PAIR = "components:\n  p: {fails: 12/yr, repair: 1h}\n  q: {fails: 2/yr, repair: 30 d, standby: {for: p}%s}\n"
STRUCK = (
    "components:\n  p: {fails: 10/yr, repair: 1h}\n  q: {repair: 30 d, standby: {for: p}, start: {takes: 1 min}}\n"
    "hazards:\n  shared-patch: {strikes: [p, q], rate: 2/yr}\n"
)
TAKES = ", start: {takes: 1 min}"


def _band(text: str) -> dict:
    model = load_text("blackstart: 1\n" + text)
    return dependence_band(model, compile_model(model))


def _loss(text: str) -> tuple[float, float]:
    model = load_text("blackstart: 1\n" + text)
    system, study = compile_model(model), Study(worlds=100, samples=100)
    found = assessment(model, system, assess(system, study), study).as_dict()["total"]["loss"]["aal"]
    return found["value"], found["standard_error"]


def test_no_dependence_of_the_same_rates_passes_the_bound() -> None:
    """A standby that takes a minute or no time; and the same rates where what breaks it strikes both."""
    value, error = _loss(STRUCK + SERVICE)
    assert value == pytest.approx(3.566e6, rel=0.05)
    for text in (PAIR % TAKES, PAIR % "", STRUCK):
        assert _band(text + SERVICE)["most_bound"] > value + 3.0 * error


def test_what_a_hazard_did_to_one_part_counts_until_that_part_is_back() -> None:
    """The first is down 10 + 2 times a year, an hour each, whatever else is broken; twice a year a minute of take-over."""
    found = _band(STRUCK + SERVICE)
    assert found["most_bound"] == pytest.approx((12 + 10 / 60) * 1e6, rel=0.001)


@pytest.mark.parametrize("more", [
    "", "  x: {needs: p, start: {takes: 50 h}}\n", "  x: {needs: {any: [p, q]}, start: {takes: 50 h}}\n",
    "  x: {needs: {any: [p, r]}, start: {takes: 9 h}}\n  r: {fails: 6/yr, repair: 40 h}\n",
])  # fmt: skip
def test_a_bound_over_what_lingers_holds_what_restarts_and_what_else_breaks(more: str) -> None:
    parts = "components:\n  p: {fails: 4/yr, repair: 2 h}\n  q: {fails: 1/yr, repair: 20 d}\n" + more
    needs = "x" if more else "{any: [p, q]}"
    text = f"{parts}hazards:\n  both: {{strikes: [p, q], rate: 3/yr}}\nservices:\n  s: {{needs: {needs}, loss: '1,000 KRW/h'}}\n"
    value, error = _loss(text)
    assert _band(text)["most_bound"] > value - 3.0 * error


def test_what_asks_whether_a_part_is_out_at_one_moment_may_last_longer_than_that() -> None:
    """The flood comes in because the pump is out for an hour, and stays: the pump's hour is not all that counts."""
    text = (
        "components:\n  pump: {repair: 1 h}\n  hall: {repair: 300 h}\n  other: {repair: 30 h}\n"
        "hazards:\n  storm:\n    strikes: pump\n    rate: 4/yr\n    effects:\n      - {break: [pump]}\n"
        "      - {break: [hall], when: {down: pump}, after: 30 min}\n      - {break: [other]}\n"
        "services:\n  s: {needs: hall, loss: '1,000 KRW/h'}\n"
    )
    value, error = _loss(text)
    assert value > 4 * 250_000 and _band(text)["most_bound"] > value - 3.0 * error


def test_a_minute_of_take_over_does_not_lower_the_bound() -> None:
    assert _band(PAIR % TAKES + SERVICE)["most_bound"] >= _band(PAIR % "" + SERVICE)["most_bound"]


def test_apart_a_pair_with_a_take_over_costs_what_is_played() -> None:
    """Twelve take-overs of a minute, and the standby broken when it is called; its turns are all alike, so the second is too high."""
    found, (value, error) = _band(PAIR % TAKES + SERVICE), _loss(PAIR % TAKES + SERVICE)
    assert found["unseen"] == pytest.approx(12 / 60 * 1e6, rel=0.01)
    assert found["independent"] == pytest.approx(value, abs=2e3 + 3.0 * error)


def test_a_standby_breaks_only_while_it_runs() -> None:
    """By hand: the standby breaks while the first is down, or is still broken from an earlier time: 12 × 2 × 1 h, and × 720 h × it."""
    model = load_text("blackstart: 1\n" + PAIR % TAKES + SERVICE)
    system = compile_model(model)
    down = 12 / 8766
    broken = down * 2 * 720 / 8766
    row = overlaps(model, system, Overlapping()).as_dict()["overlaps"][0]
    assert row["per_year"] == pytest.approx(2 * down + 12 * broken, rel=0.02)
    view = View(model, system, Overlapping())
    q = [e for e, _ in enumerate(view.read.events) if view.key(e)[1] == "q"][0]
    assert view.chances(view.felt_h)[q] == pytest.approx(broken + 2 / 8766, rel=0.02)
    assert view.chances_at_most()[q] == pytest.approx(2 * 720 / 8766, rel=0.01)


def test_overlaps_worst_and_what_is_exported_read_alike() -> None:
    model = load_text("blackstart: 1\n" + PAIR % TAKES + SERVICE)
    system = compile_model(model)
    share = overlaps(model, system, Overlapping()).as_dict()["services"][0]["share_of_time"]
    found = dependence_band(model, system)
    assert share * 8766 * 1e6 == pytest.approx(found["independent"] - found["unseen"], rel=0.01)
    exported = quantify(as_fault_tree(model, system, Overlapping()), "s-out", Quantified(), {})
    assert exported["probability"] == pytest.approx(share, rel=1e-9)


def test_a_standby_that_stays_in_charge_counts_as_if_it_ran_all_the_time() -> None:
    model = load_text("blackstart: 1\n" + PAIR.replace("{for: p}", "{for: p, failback: no}") % "" + SERVICE)
    view = View(model, compile_model(model), Overlapping())
    assert (view.turns.share == 1.0).all() and "keeps-running" in view.left_out(())


@pytest.mark.parametrize(("loss", "year"), [
    ('{rate: "1,000 KRW/h", deferred: 50%}', 5_000), ('{8h: "2,000 KRW", 24h: "60,000 KRW", 72h: "600,000 KRW"}', 9_250),
    ('{rate: "1,000 KRW/h", hours: mon-fri 08-20}', 10_000 * 60 / 168), ('{rate: "1,000 KRW/h", cap: "4,000 KRW"}', 4_000),
    ('{rate: "1,000 KRW/h", penalties: {4h: "7,000 KRW"}}', 17_000),
])  # fmt: skip
def test_an_hour_costs_what_it_costs_on_average_over_the_outages(loss: str, year: float) -> None:
    model = load_text(f"blackstart: 1\ncomponents:\n  db: {{fails: 1/yr, repair: 10h}}\nservices:\n  s: {{needs: db, loss: {loss}}}\n")
    found = worst(model, compile_model(model), Asked(most=1, promise=1.1 * year)).as_dict()
    assert found["dependence"]["independent"] == pytest.approx(year, rel=0.005)
    assert found["dependence"]["most_bound"] >= 0.99 * year
    assert found["rates"]["breaks_at"] > 1.0


def test_a_penalty_for_any_outage_is_in_the_most_once_for_each_that_can_begin() -> None:
    """Two that each seldom stop anything; struck together they stop the service six times a year, and each time a penalty is due."""
    needs = "services:\n  s: {needs: {any: [p, q]}, loss: {rate: '100 KRW/h', penalties: {0h: '1,000,000 KRW'}}}\n"
    apart = "components:\n  p: {fails: 6/yr, repair: 1h}\n  q: {fails: 6/yr, repair: 1h}\n"
    struck = "components:\n  p: {repair: 1h}\n  q: {repair: 1h}\nhazards:\n  both: {strikes: [p, q], rate: 6/yr}\n"
    value, _ = _loss(struck + needs)
    assert value == pytest.approx(6e6, rel=0.05)
    assert _band(struck + needs)["most_bound"] > 0.98 * value
    assert _band(apart + needs)["most_bound"] == pytest.approx(12e6, rel=0.01)


def test_a_pair_adds_what_its_time_together_costs() -> None:
    """Two of three, each a day: they overlap for half a day on average, and so the three pairs cost what the year does."""
    parts = "".join(f"  {c}: {{fails: 4/yr, repair: 24h}}\n" for c in "abc")
    text = f"components:\n{parts}services:\n  s: {{needs: {{at_least: 2, of: [a, b, c]}}, loss: '1,000 KRW/h'}}\n"
    model = load_text("blackstart: 1\n" + text)
    rows = overlaps(model, compile_model(model), Overlapping()).as_dict()["overlaps"]
    value, error = _loss(text)
    assert [row["together"] for row in rows] == pytest.approx([0.5] * 3, rel=0.03)
    assert sum(row["adds_per_year"]["value"] for row in rows) == pytest.approx(value, abs=0.03 * value + 3.0 * error)


@pytest.mark.parametrize("seed", range(4))
def test_random_models_lie_within_what_logic_says(seed: int) -> None:
    """Four parts, two services over any pair of them; apart near the plays, and with shared hazards of the same rates below the most."""
    luck = np.random.default_rng(seed)
    rates, hours = luck.integers(2, 12, 4), luck.integers(2, 40, 4)
    pairs = list(itertools.combinations("abcd", 2))
    first, second = (pairs[i] for i in luck.choice(len(pairs), 2, replace=False))
    needs = f"services:\n  s: {{needs: {{any: [{', '.join(first)}]}}, loss: '1,000 KRW/h'}}\n"
    needs += f"  t: {{needs: [{second[0]}, {{any: [{', '.join(first)}]}}], loss: '300 KRW/h'}}\n"

    def parts(shared: int) -> str:
        return "components:\n" + "".join(
            f"  {c}: {{{f'fails: {r - shared}/yr, ' if r > shared else ''}repair: {h} h}}\n"
            for c, r, h in zip("abcd", rates, hours, strict=True)
        )

    found, (value, error) = _band(parts(0) + needs), _loss(parts(0) + needs)
    assert found["independent"] == pytest.approx(value, abs=0.04 * value + 3.0 * error)
    for shared in (1, int(rates.min())):
        struck = f"hazards:\n  both: {{strikes: [a, b, c, d], rate: {shared}/yr}}\n"
        assert found["most_bound"] > _loss(parts(shared) + struck + needs)[0]
        assert found["least_bound"] < value


@pytest.mark.parametrize("seed", range(6))
def test_random_hazards_on_several_parts_lie_below_the_bound(seed: int) -> None:
    """Hazards strike any of five parts with repairs from an hour to a month; services over sets of them; whatever strikes together."""
    luck = np.random.default_rng(100 + seed)
    hours = np.round(np.exp(luck.uniform(0.0, np.log(700.0), 5)), 1)
    parts = "components:\n" + "".join(
        f"  {c}: {{{'fails: 1/yr, ' if luck.random() < 0.5 else ''}repair: {h} h}}\n" for c, h in zip("abcde", hours, strict=True)
    )
    sets = [luck.choice(list("abcde"), int(luck.integers(2, 5)), replace=False) for _ in range(3)]
    struck = "hazards:\n" + "".join(f"  h{n}: {{strikes: [{', '.join(some)}], rate: {n + 1}/yr}}\n" for n, some in enumerate(sets))
    pairs = [luck.choice(list("abcde"), 2, replace=False) for _ in range(3)]
    needs = "services:\n" + "".join(
        f"  s{n}: {{needs: {{any: [{x}, {y}]}}, loss: '1,000 KRW/h'}}\n" for n, (x, y) in enumerate(pairs)
    )
    (value, error), model = _loss(parts + struck + needs), load_text("blackstart: 1\n" + parts + struck + needs)
    system = compile_model(model)
    view, found = View(model, system, Overlapping()), dependence_band(model, system)
    whole = band(Adversary(view.read.formula, view.worth_at_most, np.zeros(len(view.read.events))), view.chances_at_most())
    assert value - 3.0 * error < found["most_bound"] <= whole.most_bound * 8766 * 1.001
