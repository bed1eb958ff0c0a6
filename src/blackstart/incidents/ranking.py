"""What may have begun an incident, ranked: each misfortune of the model and pairs of them, played many times, held against the reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from blackstart.engines.simulate import RESCUE_H, Hit, rehearse_many
from blackstart.incidents.sightings import WIDTH_SHARE, Claim, Likelihood, Plays
from blackstart.system import HOURS_PER_YEAR, System

BATCHES = 5  # of plays, from which the error of a share is taken
FIRST_PLAYS = 60  # of each hypothesis; those that stay in question get all
KEPT = 6  # hypotheses that stay in question after the first plays
PAIRED = 3  # single hypotheses with which pairs are formed
MOST_PAIRS = 12
TRUE = 0.5  # from which chance a report counts as explained

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What may have begun it. parts : items of the System with the hours after the first at which they come."""

    id: str
    parts: tuple[tuple[int, float], ...]
    per_year: float


@dataclass
class Ranked:
    """A hypothesis held against a record. log : log of rate times mean likelihood; parts of it by batch in `logs`."""

    hypothesis: Hypothesis
    plays: Plays
    likelihood: Likelihood
    of_play: np.ndarray
    begin: np.ndarray
    log: float
    logs: np.ndarray


def hypotheses(system: System) -> list[Hypothesis]:
    """Every misfortune of a model by itself, with its mean rate."""
    rate = system.mean_world().rate * HOURS_PER_YEAR
    return [Hypothesis(name, ((i, 0.0),), float(rate[i])) for i, name in enumerate(system.items) if rate[i] > 0]


def hits_of(system: System, hypothesis: Hypothesis) -> list[Hit]:
    """What a hypothesis says came, as the engine takes it."""
    items = system.arrays.item
    return [Hit(at_h, bool(items[i]["is_hazard"]), int(items[i]["id"])) for i, at_h in hypothesis.parts]


def played(system: System, hypothesis: Hypothesis, plays: int, seed: int) -> Plays:
    """A hypothesis, played so many times at random."""
    seen = Plays(system, plays)
    rehearse_many(system, hits_of(system, hypothesis), runs=plays, seed=seed, rescue_h=RESCUE_H, watch=seen)
    return seen


def held_against(
    hypothesis: Hypothesis, plays: Plays, claims: Sequence[Claim], horizon_h: float, begin_known: bool, width_share: float = WIDTH_SHARE
) -> Ranked:
    """A hypothesis that was played, against the claims of a record."""
    likelihood = Likelihood(plays, claims, horizon_h, width_share)
    begins = [np.zeros(plays.runs)] if begin_known else likelihood.offsets()
    of_play, begin = likelihood.best(begins)
    logs = np.array([_log_mean(part) for part in np.array_split(of_play, min(BATCHES, plays.runs))]) + math.log(hypothesis.per_year)
    return Ranked(hypothesis, plays, likelihood, of_play, begin, _log_mean(of_play) + math.log(hypothesis.per_year), logs)


def rank(
    system: System, claims: Sequence[Claim], begin_known: bool, plays: int, seed: int, progress: Progress | None = None
) -> list[Ranked]:
    """Hypotheses by how well they explain a record: all by themselves, then pairs of the best with others, most likely first."""
    horizon, known = horizon_of(claims), begin_known
    singles = hypotheses(system)
    total, done = len(singles) + KEPT + MOST_PAIRS, 0

    def one(h: Hypothesis, n: int) -> Ranked:
        nonlocal done
        done += 1
        found = held_against(h, played(system, h, n, seed), claims, horizon, known)
        if progress:
            progress(min(done, total), total)
        return found

    first = sorted((one(h, min(plays, FIRST_PLAYS)) for h in singles), key=lambda r: -r.log)
    kept = sorted((one(r.hypothesis, plays) for r in first[:KEPT]), key=lambda r: -r.log)
    pairs = [one(h, min(plays, FIRST_PLAYS)) for h in _pairs(kept[:PAIRED], first, horizon)]
    alone = {item: explained(r) for r in kept for item, _ in r.hypothesis.parts}
    # two misfortunes must explain more than either of them does alone
    pairs = [r for r in pairs if explained(r) > max(alone.get(item, 0) for item, _ in r.hypothesis.parts)]
    pairs = [one(r.hypothesis, plays) if r.log > kept[0].log else r for r in pairs]
    return sorted([*kept, *first[KEPT:], *pairs], key=lambda r: -r.log)


def horizon_of(claims: Sequence[Claim]) -> float:
    """Hours from the first to the last thing reported."""
    known = [t for claim in claims for t in claim.at if math.isfinite(t)]
    return max(known, default=0.0) - min(known, default=0.0)


def _pairs(best: Sequence[Ranked], singles: Sequence[Ranked], horizon_h: float) -> list[Hypothesis]:
    """A second misfortune for the best hypotheses, when the first report that they leave open came."""
    found = []
    for ranked in best:
        begin = _first_open(ranked)
        if begin is None:
            continue
        (i, _), *_ = ranked.hypothesis.parts
        within = max(horizon_h, 1.0) / HOURS_PER_YEAR
        for other in singles:
            (j, _), *_ = other.hypothesis.parts
            if j != i:
                rate = ranked.hypothesis.per_year * other.hypothesis.per_year * within
                found.append(Hypothesis(f"{ranked.hypothesis.id} + {other.hypothesis.id}", ((i, 0.0), (j, begin)), rate))
    return found[:MOST_PAIRS]


def _first_open(ranked: Ranked) -> float | None:
    """Hours after its begin at which the best play first leaves a report unexplained; None if it explains them all."""
    run = int(np.argmax(ranked.of_play))
    true = truth(ranked, np.array([run]))[:, 0]
    at = [claim.at[0] - ranked.begin[run] for claim, p in zip(ranked.likelihood.claims, true, strict=True)
          if p < TRUE and math.isfinite(claim.at[0])]  # fmt: skip
    return float(max(0.0, min(at))) if at else None


def truth(ranked: Ranked, runs: np.ndarray) -> np.ndarray:
    """(claims, len(runs)) chance that each report is true if the play of that number is what happened."""
    each = ranked.likelihood.each(ranked.begin)[:, :, runs]
    return each[:, 0] / each[:, 1]


def explained(ranked: Ranked) -> int:
    """How many reports are more likely true than not if the best play is what happened."""
    return int((truth(ranked, np.array([int(np.argmax(ranked.of_play))])) >= TRUE).sum())


def _log_mean(logs: np.ndarray) -> float:
    top = float(logs.max(initial=-math.inf))
    return top + math.log(float(np.exp(logs - top).mean())) if math.isfinite(top) else -math.inf


def shares(ranking: Sequence[Ranked]) -> tuple[np.ndarray, np.ndarray]:
    """Share of each hypothesis, and its standard error from batches of plays."""
    logs = np.array([r.log for r in ranking])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    batches = []
    for b in range(BATCHES):
        part = np.array([r.logs[min(b, r.logs.size - 1)] for r in ranking])
        w = np.exp(part - part.max())
        batches.append(w / w.sum())
    return share, np.std(batches, axis=0, ddof=1) / math.sqrt(BATCHES)
