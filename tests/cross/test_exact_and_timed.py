"""The exact engine and the timed engine on models that both can answer: exponential times, nobody waits for people.

A component does not fail while it waits for what it needs, which the exact engine does not know; the rates here are so low
that this is far below the errors allowed. Each comparison is at three standard errors of the simulation: of the 20 numbers
here about one in twenty runs of the suite would show one outside by chance, were the seed not fixed.
"""

from __future__ import annotations

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.engines import logic, simulate
from blackstart.engines import structure as st
from blackstart.language.load import load_text
from blackstart.studies.results import assessment
from blackstart.system import HOURS_PER_YEAR, System

HEAD = "blackstart: 1\n"
PART = "fails: {rate}/yr, repair: {{takes: exponential(mean={mean} h)}}"


def _part(name: str, rate: float, mean: float, more: str = "") -> str:
    return f"  {name}: {{{PART.format(rate=rate, mean=mean)}{more}}}\n"


MODELS = {
    "pair": HEAD + "components:\n" + _part("a", 2, 10) + _part("b", 3, 20) + "services:\n  s: {needs: {any: [a, b]}}\n  t: {needs: [a]}\n",
    "two of three": HEAD + "components:\n" + "".join(_part(n, 2, 12) for n in "abc")
    + "services:\n  s: {needs: {at_least: 2, of: [a, b, c]}}\n",
    "bridge": HEAD + "components:\n" + "".join(_part(n, 3, 8) for n in "abcde")
    + "services:\n  s: {needs: {any: [{all: [a, b]}, {all: [c, d]}, {all: [a, e, d]}, {all: [c, e, b]}]}}\n",
    "shares": HEAD + "components:\n" + _part("a", 2, 10) + _part("b", 2, 10) + _part("c", 2, 10)
    + "services:\n  s: {needs: {capacity: {a: 0.5, b: 0.3, c: 0.3}, at_least: 0.1}, tolerance: {serves: 70%}}\n",
    "one fire for two": HEAD + "domains: {hall: {}}\ncomponents:\n" + _part("a", 1, 10, ", in: hall") + _part("b", 1, 10, ", in: hall")
    + _part("c", 1, 10) + "hazards:\n  fire:\n    rate: 0.5/yr\n    effects: [{hold: hall, until: exponential(mean=30 h)}]\n"
    + "services:\n  s: {needs: {any: [a, b]}}\n  t: {needs: {at_least: 2, of: [a, b, c]}}\n",
    "common cause": HEAD + "components:\n" + _part("a", 4, 10) + _part("b", 4, 10)
    + "common_causes: {g: {of: [a, b], beta: 10%}}\nservices:\n  s: {needs: [a]}\n",
}  # fmt: skip


def _felt(system: System) -> np.ndarray:
    """(items,) mean hours of each misfortune: its repair, or the end of its hold, as written in the models above."""
    a = system.arrays
    out = np.zeros(len(system.items))
    for i, row in enumerate(a.item):
        if row["is_hazard"] == 0:
            out[i] = a.terms[a.dur_ptr[a.component[row["id"]]["repair_takes"]]][1]
        else:
            effect = a.effect[a.links[a.hazard[row["id"]]["eff_lo"]]]
            member = a.component[a.links[effect["tgt_lo"]]]
            out[i] = a.terms[a.dur_ptr[effect["plus"] if effect["plus"] >= 0 else member["repair_takes"]]][1]
    return out


@pytest.mark.parametrize("name", MODELS)
def test_availability_and_frequency_agree(name: str) -> None:
    model = load_text(MODELS[name])
    system = compile_model(model)
    read = st.structure(system)
    assert set(read.left_out) <= {"worse"}  # shares of capacity, of which here only what is out counts
    world = system.mean_world()
    p = st.probabilities(system, read.events, world, _felt(system))
    solved = logic.solve(read.formula, p)
    rate = np.array([world.rate[e.a] * HOURS_PER_YEAR for e in read.events])
    often = solved.frequency(rate * (1.0 - p))

    study = simulate.Study(worlds=40, samples=500, seed=3, method="episodes", threads=1)
    answer = assessment(model, system, simulate.assess(system, study), study).as_dict()["services"]
    for t, service in enumerate(system.services):
        down, outages = answer[service]["availability"], answer[service]["outages_per_year"]
        for exact, value, error in (
            (solved.probability[t], 1.0 - down["value"], down["standard_error"]),
            (often[t], outages["value"], outages["standard_error"]),
        ):
            assert abs(value - exact) <= 3.0 * error + 0.005 * exact, (service, exact, value, error)
            assert error < 0.06 * exact  # a comparison with an error as wide as the answer would say nothing
