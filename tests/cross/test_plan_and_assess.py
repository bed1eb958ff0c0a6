"""A plan and an assessment of the same model tell the same of the same misfortunes: how often they come, and what they bring."""

import pytest

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study, assess
from blackstart.language import load
from blackstart.planning.judge import Judge
from blackstart.studies import results

APART = 4.0  # errors of a difference: 1 in 16,000, were both normal
SEEN = 0.01  # of the loss: smaller causes have few courses
FRESH = Study(worlds=100, samples=25, depth=2, seed=7920, threads=1)


def begun(name: str) -> dict:
    judge = Judge(load.load(examples.path(name)), [], FRESH)
    judge.even_out()
    (verdict,) = judge([frozenset()])
    assert verdict is not None
    return dict(verdict.begun)


@pytest.mark.parametrize("name", ["kakao-2022", "corner-shop", "startup"])
def test_what_a_misfortune_brings_each_time_is_the_same(name: str) -> None:
    """A battery fire was 18.7 bn KRW each time in the plan and 27.1 bn in the assessment: the frequency was of another sample."""
    model, plan = load.load(examples.path(name)), begun(name)
    system, study = compile_model(model), Study(worlds=200, samples=100, threads=1)
    sample = assess(system, study)
    loss = results.part_of_assessment(model, system, sample, study, ["total"])["total"]["loss"]["aal"]["value"]
    rows = [row for row in results.causes_of(model, system, sample, study) if row["loss_share"] > SEEN]
    assert rows
    for row in rows:
        amounts, errors = plan[f"{row['what']}:{row['id']}"]
        both = 2.0**0.5 * errors[0] / amounts[3]  # the assessment plays more, and errs less
        assert amounts[0] / amounts[3] == pytest.approx(row["loss_share"] * loss / row["per_year"], abs=APART * both), row["id"]


@pytest.mark.parametrize("name", ["battery-fire", "hall-fire"])
def test_how_often_a_misfortune_comes_is_its_input(name: str) -> None:
    """The plan had a battery fire once in 1,350 years, where its input says once in 1,650."""
    stated = load.load(examples.path("kakao-2022")).hazards[name].rate.dist.mean()  # type: ignore[union-attr]
    assert begun("kakao-2022")[f"hazard:{name}"][0, 3] == pytest.approx(stated, rel=0.005)  # less the time in which all is not at rest
