"""Durations whose middle is not known: a possible world of such a model is a model whose durations are longer by known factors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.cross.stories import engine_story, possible_world

from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.language.inputs import changed as with_input
from blackstart.language.inputs import inputs, known
from blackstart.language.load import load_text
from blackstart.language.model import Model

MODEL = """
blackstart: 1
components:
  feed: {fails: 2 in 10 yr, repair: {takes: "8h..40h (guess P1)", people: 2 crew}}
  ups: {needs: feed, rides: "5min..50min (3 cases)", start: {takes: "1h..3h (guess P2)", detect: "5min..20min (guess)", switch: 4 min}}
  spare: {needs: {any: [feed, ups]}, standby: {for: ups}, start: {takes: "1h..3h (guess P2)", works: 60%, retry: 10min..1h},
          repair: {takes: "weibull(shape=0.7, scale=20 h) (3 cases)"}}
  pool: {needs: feed, count: 40, start: {work: "2min..12min each (guess P2)", people: 4 crew}}
  old: {needs: feed, kind: server, repair: {takes: "gamma(2, 3h) (4 cases)"}}
  new: {needs: feed, kind: server}
teams:
  crew: {people: 6, on_call: 2, arrives: "10min..40min (2 cases)", musters: 1h..3h}
hazards:
  flood:
    strikes: old
    rate: 0.1/yr
    lasts: {dry: "10h..60h (guess)"}
    effects: [{break: old}, {after: "5min..1h (guess P1)", hold: feed, until: "dry + 1h..9h (guess P1)"}, {break: spare}]
services:
  shop: {needs: [{any: [ups, spare]}, pool, old, new], loss: 1000 KRW/h}
"""
SCRIPT = [(0.0, "flood"), (30.0, "!feed"), (31.0, "!new"), (200.0, "!spare")]


def with_known_middles(model: Model, values: dict[str, float]) -> Model:
    """The model in which each middle is off by the factor that it has in one possible world, and known."""
    for at in inputs(model):
        if at.dist is not None and at.kind == "duration":
            model = with_input(model, at, known(at.value, values[at.shared, at.value.doubt()]))
    return model


@pytest.mark.parametrize("seed", range(6))
def test_a_world_is_a_model_with_known_middles(seed: int) -> None:
    model = load_text(MODEL)
    system = compile_model(model)
    u = np.random.default_rng(seed).random(len(system.parameters))
    world, _ = possible_world(model, system, u)
    values = {
        (p.path.removeprefix("middle of "), p.dist.b): float(p.dist.quantile(float(u[i])))
        for i, p in enumerate(system.parameters) if p.path.startswith("middle of ")
    }  # fmt: skip
    other = compile_model(with_known_middles(model, values))
    assert system.middles and not other.middles
    told, again = (engine_story(s, w, 7, seed, SCRIPT) for s, w in ((system, world), (other, other.world())))
    assert len(told.states) > 20
    assert [rest for _, *rest in told.states] == [rest for _, *rest in again.states]
    assert [t for t, *_ in told.states] == pytest.approx([t for t, *_ in again.states], rel=1e-9)


def test_what_shares_a_name_moves_together_and_nothing_else_does() -> None:
    system = compile_model(load_text(MODEL))
    number = {p.path: i for i, p in enumerate(system.parameters)}
    assert len([p for p in system.parameters if p.path == "middle of P2"]) == 2  # of two widths
    worlds = np.array([world.terms[:, 1] for world in simulate.possible_worlds(system, 400, 3)])
    rows = {name: [row for row, p in system.middles if system.parameters[p].path == name] for name in number}
    logs = np.log(np.where(worlds > 0.0, worlds, 1.0))
    together = np.corrcoef(logs[:, rows["middle of P2"]].T)
    assert together.min() > 1.0 - 1e-9  # one number for all of one name
    apart = np.corrcoef(logs[:, rows["middle of P2"][0]], logs[:, rows["middle of teams.crew.arrives"][0]])[0, 1]
    assert abs(apart) < 4.0 / math.sqrt(400)  # false alarm: one in 16,000, and the seed is fixed


def test_typical_and_mean_worlds() -> None:
    """Typical: middles as stated. Mean: of a lognormal factor exp(s²/2), so that mean times are means over all worlds."""
    system = compile_model(load_text(MODEL))
    assert np.array_equal(system.world().terms, system.arrays.terms)
    row, p = system.middles[0]
    doubt = system.parameters[p].dist.b
    assert system.mean_world().terms[row, 1] == pytest.approx(system.arrays.terms[row, 1] * math.exp(doubt**2 / 2))


def test_a_guess_says_all_of_the_next_case() -> None:
    """Over all worlds the next case lies as the guess says; in one world its middle is off and its cases differ less."""
    model = load_text(MODEL)
    takes = model.components["feed"].repair.takes
    low, high = (float(takes.next_case().quantile(q)) for q in (0.05, 0.95))
    assert (low, high) == (pytest.approx(8.0), pytest.approx(40.0))
    assert takes.doubt() == pytest.approx(takes.terms[0].b) == pytest.approx(takes.next_case().b / math.sqrt(2.0))


def test_spellings_of_one_kind_share_a_middle() -> None:
    text = """
blackstart: 1
components:
  a: {kind: ups}
  b: {kind: inverter}
  c: {kind: chiller}
services:
  s: {needs: [a, b, c]}
"""
    middles = [p.path for p in compile_model(load_text(text)).parameters if p.path.startswith("middle of ")]
    assert middles == ["middle of RP-EDG ups", "middle of RP-EDG cooling"]
    assert len({at.shared for at in inputs(load_text(text)) if at.kind == "duration" and at.shared}) == 2
