"""Factors that nobody knows exactly: a possible world of such a model is a model whose factors are known; engine and twin."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from tests.cross.stories import difference, engine_story, possible_world
from tests.cross.twin import Twin
from tests.cross.twin import World as TwinWorld

from blackstart import errors, report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.errors import ModelError
from blackstart.language.inputs import changed as with_input
from blackstart.language.inputs import inputs, known
from blackstart.language.load import load_text
from blackstart.language.model import Model
from blackstart.studies.explain import answered, unknowns
from blackstart.studies.results import Losses, assessment
from blackstart.units import Factor

MODEL = """
blackstart: 1
components:
  eye:  {repair: 20h}
  db:   {repair: 3h, helps: {eye: x1.5..x4, chat: x2}}
  chat: {repair: 20h}
  pool: {needs: db, headroom: 160%, overload: 120%, start: 10 min, surge: {by: x1.1..x3, lasts: 2h}}
hazards:
  flood:
    strikes: db
    rate: 0.1/yr
    again: {rate: x2..x30, for: 100h}
    lasts: {dry: 30h}
    effects: [{break: [db, eye, chat]}, {slow: {on: db, by: 1.2..3배}, until: dry}, {trigger: {hazard: quake, by: x20..x90}, until: dry}]
  quake: {strikes: eye, rate: 9/yr, effects: [{break: eye}, {surge: {on: pool, by: x1.2..x2.5}, for: 5h}]}
services:
  shop: {needs: pool, loss: 1000 KRW/h, aftermath: x1.5..x3}
"""
SCRIPT = [(0.0, "flood"), (60.0, "quake"), (70.0, "!eye"), (71.0, "!db")]


def with_known_factors(model: Model, values: dict[str, float]) -> Model:
    for at in inputs(model):
        if isinstance(at.value, Factor) and not at.path.endswith("aftermath"):
            model = with_input(model, at, known(at.value, values[at.text]))
    return model


@pytest.mark.parametrize("seed", range(8))
def test_a_world_is_a_model_with_known_factors(seed: int) -> None:
    model = load_text(MODEL)
    system = compile_model(model)
    u = np.random.default_rng(seed).random(len(system.parameters))
    world, _ = possible_world(model, system, u)
    values = {p.text: float(p.dist.quantile(float(u[i]))) for i, p in enumerate(system.parameters)}
    plain = with_known_factors(model, values)
    other = compile_model(plain)
    assert len(system.factors) == 6 and not other.factors
    rates = {p.path: 0.0 for p in other.parameters}
    told = engine_story(system, world, 7, seed, SCRIPT)
    assert len(told.states) > 10
    assert difference(told, engine_story(other, other.world(), 7, seed, SCRIPT)) is None
    assert difference(told, Twin(plain, TwinWorld(rates)).play(7, seed, script=SCRIPT)) is None


def test_in_typical_worlds_a_factor_is_its_median_and_in_the_mean_world_its_mean() -> None:
    system = compile_model(load_text(MODEL))
    at = {p.text: i for i, p in enumerate(system.parameters)}
    typical, mean = system.world().on(system.arrays), system.mean_world().on(system.arrays)
    assert typical.help_factor[0] == pytest.approx(np.sqrt(1.5 * 4)) and typical.help_factor[1] == 2.0
    assert mean.help_factor[0] == pytest.approx(system.parameters[at["x1.5..x4"]].dist.mean())
    assert system.arrays.component.dtype == typical.component.dtype


def test_a_rate_is_never_lowered_by_what_raises_it() -> None:
    system = compile_model(load_text(MODEL.replace("x2..x30", "x1.01..x30")))
    low = next(iter(system.worlds(np.full((1, len(system.parameters)), 1e-9)))).on(system.arrays)
    assert low.hazard["again"][0] > 1.0


def test_the_band_of_an_answer_holds_the_doubt_about_factors() -> None:
    text = MODEL.replace("rate: 0.1/yr", "rate: 5/yr")
    bands = []
    for model in (load_text(text), answered(load_text(text), [i.path for i in inputs(load_text(text))])):
        system = compile_model(model)
        study = simulate.Study(worlds=100, samples=200, seed=1)
        down = assessment(model, system, simulate.assess(system, study), study).as_dict()["services"]["shop"]["downtime_h_per_year"]
        bands.append(down["band"])
    assert bands[0] is not None and bands[0][1] > 1.3 * bands[0][0] and bands[1] is None


def test_an_aftermath_that_is_a_range_differs_from_case_to_case() -> None:
    """One outage of 10 h for 1,000 an hour: 10,000 and half of (a - 1) times as much again; the median of a is the root of 4.5."""
    model = load_text(MODEL)
    system = compile_model(model)
    runs = 4001
    pieces = np.array([[r, 0, 0, 5.0, 15.0, 10.0] for r in range(runs)])
    loss = Losses(model, system, 1).of(pieces)
    assert np.median(loss) == pytest.approx(10_000 + 5_000 * (np.sqrt(4.5) - 1), rel=0.01)  # 4 standard errors: 1 in 16,000
    assert np.quantile(loss, 0.05) == pytest.approx(12_500, rel=0.02) and np.quantile(loss, 0.95) == pytest.approx(20_000, rel=0.02)


@pytest.mark.parametrize(("good", "bad", "code"), [
    ("x1.5..x4", "x4..x1.5", "range-reversed"), ("x1.5..x4", "x0..x4", "range-from-zero"), ("x2..x30", "x0.5..x3", "factor-below"),
    ("x20..x90", "x0.9..x3", "factor-raises-nothing"), ("aftermath: x1.5..x3", "aftermath: x0.5..x3", "factor-below"),
])  # fmt: skip
def test_ranges_that_make_no_sense(good: str, bad: str, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_text(MODEL.replace(good, bad))
    (problem,) = caught.value.problems
    assert problem.code == code and all(errors.what(problem, lang) for lang in ("en", "ko"))


def test_a_stage_of_growth_is_decided_and_takes_one_number() -> None:
    with pytest.raises(ModelError) as caught:
        load_text(MODEL + "growth: [{when: 1 yr, demand: x2..x4}]\n")
    (problem,) = caught.value.problems
    assert problem.code == "bad-factor"


def test_a_factor_is_equal_to_what_is_believed_alike_and_to_no_number() -> None:
    one, same = (load_text(MODEL).components["db"].helps[0].factor for _ in range(2))
    assert one == same and hash(one) == hash(same) and one != float(one) and pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(("lang", "asks"), [
    ("en", "How many times as long does the work on db take without eye?"), ("ko", "eye가 없으면 db 작업이 몇 배나 오래 걸립니까?"),
])  # fmt: skip
def test_a_factor_is_asked_for_in_words(lang: str, asks: str) -> None:
    model = load_text(MODEL.replace("rate: 0.1/yr", "rate: 5/yr"))
    system = compile_model(model)
    study = simulate.Study(worlds=30, samples=20, seed=1)
    told = unknowns(model, system, "services.shop.downtime_h_per_year", study, simulate.assess(system, study)).as_dict()
    (row,) = [row for row in told["questions"] if row["path"] == "components.db.helps.eye"]
    assert row["path"] in {i.path for i in inputs(model)}
    assert asks in report.page(told, lang)
