"""Incidents played from a model, most of their events hidden, and what the ranking makes of the rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from blackstart.incidents import ranking
from blackstart.incidents.sightings import COUNTED, Claim, Key, Plays
from blackstart.system import System

HIDDEN = 0.6
FEWEST_EVENTS = 4
FALSE = 0.1  # share of reports that are joined by one that contradicts them


@dataclass(frozen=True)
class Case:
    """One incident: what began it, and what is left of its events as reports."""

    truth: int
    own_event_hidden: bool
    claims: tuple[Claim, ...]


def events(plays: Plays, run: int) -> list[tuple[Key, float]]:
    """All that somebody might have reported of one run."""
    found = [(key, float(t[run])) for key, t in plays.times.items() if np.isfinite(t[run]) and key[2] in COUNTED.get(key[0], ())]
    return sorted(found)


def cases(system: System, count: int, seed: int, even: bool = True, false: float = 0.0) -> Iterator[Case]:
    """Incidents that stop a service, begun by each misfortune alike (or as often as it comes); nothing says when they began."""
    hypotheses = ranking.hypotheses(system)
    truth = [ranking.played(system, h, 60, 999) for h in hypotheses]
    rows = [(i, [k for k in range(60) if _counts(events(truth[i], k))]) for i in range(len(hypotheses))]
    rows = [(i, runs) for i, runs in rows if runs]
    rng = random.Random(seed)
    weights = [1.0 if even else hypotheses[i].per_year for i, _ in rows]
    for _ in range(count):
        i, runs = rng.choices(rows, weights)[0]
        happened = events(truth[i], rng.choice(runs))
        shown = rng.sample(happened, max(2, round((1.0 - HIDDEN) * len(happened))))
        item = system.arrays.item[i]
        own = ("hazard", int(item["id"]), "began") if item["is_hazard"] else ("component", int(item["id"]), "fell")
        yield Case(i, own not in [key for key, _ in shown], tuple(_reports(shown, rng, false)))


def _counts(happened: list[tuple[Key, float]]) -> bool:
    return len(happened) >= FEWEST_EVENTS and any(key[0] == "service" for key, _ in happened)


def _reports(shown: list[tuple[Key, float]], rng: random.Random, false: float) -> Iterator[Claim]:
    base = rng.uniform(0.0, 100.0)
    for j, (key, t) in enumerate(shown):
        yield Claim(f"o{j}", (base + t, base + t), 0.95, (key,), key[2] == "came-back", None, (), f"m{j}")
        if rng.random() < false:
            wrong = base + t + rng.choice((-1, 1)) * rng.uniform(2.0, 10.0)
            yield Claim(f"f{j}", (wrong, wrong), 0.95, (key,), key[2] == "came-back", None, (), f"m{j}")


def first_of(case: Case, system: System, library: list[Plays]) -> int:
    """Number of the misfortune that is ranked first."""
    horizon = ranking.horizon_of(case.claims)
    logs = [
        ranking.held_against(h, plays, case.claims, horizon, begin_known=False).log
        for h, plays in zip(ranking.hypotheses(system), library, strict=True)
    ]
    return int(np.argmax(logs))
