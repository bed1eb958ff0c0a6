"""What most likely happened: the chain of events that explains a record, where record and model disagree, what it refutes.

Each misfortune of the model, and pairs of them, is a hypothesis with its rate as prior. Each is played many times at random, and
each play is held against the reports (`sightings`): the share of a hypothesis is its rate times the mean likelihood of its plays.
The plays of the first hypothesis are then redrawn piece by piece until they fit the reports (`nearest_course`); the one that fits
best, told, is the chain. What nobody reported in it is inferred, with the share of the plays given the record in which it happens.
"""

from __future__ import annotations

from blackstart import incident, load, nearest_course, ranking, scenario
from blackstart.errors import ModelError, Problem
from blackstart.incident import Record
from blackstart.model import Model
from blackstart.ranking import Progress
from blackstart.reconstructed import Told
from blackstart.results import Result
from blackstart.sightings import claims_of
from blackstart.system import compile_model

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
    near = nearest_course.nearest(ranked[0], system, claims, record.began is not None, seed)
    return Told(model, asked.model, system, record, claims, left, ranked, near, seed).result(plays, stated)
