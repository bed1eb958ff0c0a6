"""What most likely happened: the chain of events that explains a record, where record and model disagree, what it refutes.

Each misfortune of the model, and pairs of them, is a hypothesis with its rate as prior. Each is played many times at random, and
each play is held against the reports (`sightings`): the share of a hypothesis is its rate times the mean likelihood of its plays.
The plays of the first hypothesis are then redrawn piece by piece until they fit the reports (`nearest_course`); the one that fits
best, told, is the chain. What nobody reported in it is inferred, with the share of the plays given the record in which it happens.
"""

from __future__ import annotations

from collections.abc import Sequence

from blackstart.compilation import compile_model
from blackstart.errors import ModelError, Problem
from blackstart.incidents import incident, nearest_course, ranking
from blackstart.incidents.incident import Record
from blackstart.incidents.ranking import Progress, Ranked
from blackstart.incidents.reconstructed import Told
from blackstart.incidents.sightings import Claim, claims_of
from blackstart.language import load, scenario
from blackstart.language.model import Model
from blackstart.studies.results import Result
from blackstart.system import System

MOST_CLAIMS = 2000  # reports that are held against every play of every hypothesis


def reconstruct(model: Model, record: Record, *, plays: int = 400, seed: int = 1, progress: Progress | None = None) -> Result:
    """The chain of events that explains a record best, and what the record says of the model.

    Parameters
    ----------
    plays : int
        Of each hypothesis that stays in question.

    Raises
    ------
    ModelError
        The record names what the model does not have, says that something struck which cannot, or reports nothing that the model
        could show, or more than can be held against it.
    """
    model = load.apply(incident.prepared(model, record), record.defences)
    stated = [strike.name for strike in scenario.read(model, record.hits).strikes]
    asked = scenario.read(model, (), record.fails, record.works)
    system = compile_model(asked.model)
    claims, left = claims_of(record, asked.model, system)
    if not claims or not ranking.hypotheses(system):
        raise ModelError([Problem("incident-nothing-to-explain", None, "observations")], record.texts)
    if len(claims) > MOST_CLAIMS:
        raise ModelError([Problem("incident-too-many", None, "observations", {"n": len(claims), "most": MOST_CLAIMS})], record.texts)
    ranked = ranking.rank(system, claims, record.began is not None, plays, seed, progress)
    ranked, near = _bound(ranked, system, claims, record.began is not None, seed, progress)
    return Told(model, asked.model, system, record, claims, left, ranked, near, seed).result(plays, stated)


def _bound(
    ranked: list[Ranked], system: System, claims: Sequence[Claim], begin_known: bool, seed: int, progress: Progress | None
) -> tuple[list[Ranked], nearest_course.Nearest]:
    """The ranking without needless second misfortunes, and the courses of its first that come nearest to the record.

    A second misfortune must explain more reports than the courses of the first alone that fit best: a few hundred plays at random
    meet so few of many reports that one of a dozen pairs comes nearer by luck.
    """
    alone = next(r for r in ranked if len(r.hypothesis.parts) == 1)
    near = nearest_course.nearest(alone, system, claims, begin_known, seed, progress)
    fitted = ranking.held_against(alone.hypothesis, near.ranked.plays, claims, ranking.horizon_of(claims), begin_known)
    most, item = ranking.explained(fitted), alone.hypothesis.parts[0][0]
    joined = [r for r in ranked if r is not alone and item in (one for one, _ in r.hypothesis.parts)]
    kept = [r for r in ranked if r not in joined or ranking.explained(r) > most]
    return kept, near if kept[0] is alone else nearest_course.nearest(kept[0], system, claims, begin_known, seed, progress)
