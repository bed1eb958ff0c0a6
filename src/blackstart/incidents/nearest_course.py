"""The courses that come nearest to a record: plays of one misfortune, redrawn piece by piece until they fit what was reported.

Of some hundred plays at random none agrees with fifty reports. But every chance of a play belongs to one part of the model (a
start, an arrival, an effect), so a play can be changed one part at a time: the part is drawn anew from the distribution that the
model gives it, and the change is kept with the chance min(1, L'/L), L being the likelihood of the record. What stays is a sample of
the plays given the record. Nothing is drawn that the model excludes: a report that no play can meet stays unmet and is told as that.
Parameters that nobody knows remain those of the play begun with. The best of the sample is refined further in the same way, what fits
worse being hardly kept any more: it is the one course that is told.

Source: N. Metropolis et al., "Equation of state calculations by fast computing machines", J. Chem. Phys. 21 (1953), 1087-1092;
with proposals from the prior.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from blackstart.engines.simulate import Redrawn, Story
from blackstart.incidents.ranking import Progress, Ranked, held_against, hits_of, horizon_of
from blackstart.incidents.sightings import WIDTH_SHARE, Claim, Likelihood, Plays
from blackstart.system import System

CHAINS = 4  # each begins with another of the plays that fit best
MOST_ASKED = 400  # plays asked for from which on a chain grows no longer
KEPT = 10  # plays of each, evenly spread over the second half of its last stage
# how far a reported time may lie off, as a share of what has passed since the begin, and steps for each play that is asked for: at
# first as far as a model may be off, at last as far as people note times wrongly
OFF = 0.02
STAGES = ((WIDTH_SHARE, 1), (0.05, 1), (OFF, 4))
REFINED, SHARP = 12, 4.0  # steps of the best chain for the course told, and the power to which ratios of likelihood are raised in them
SEVERAL, MOST_AT_ONCE = 0.3, 3  # how often more than one part is drawn anew at once, and how many at most

Part = tuple[str, int]  # table of the System, row


class Nearest(NamedTuple):
    """The play that fits best, told; it (run 0) with a sample of the plays given the record (the runs after it); steps made."""

    story: Story
    ranked: Ranked
    steps: int


def nearest(
    top: Ranked, system: System, claims: Sequence[Claim], begin_known: bool, seed: int, progress: Progress | None = None
) -> Nearest:
    """The plays of a hypothesis that come nearest to a record; `top` has the plays by which it was ranked."""
    parts, runs = _parts(system, top.plays), top.plays.runs
    chains = []
    for number, run in enumerate(np.argsort(-top.of_play, kind="stable")[:CHAINS].tolist()):
        redrawn = Redrawn(system, hits_of(system, top.hypothesis), runs=runs, seed=seed, sample=run)
        chains.append(_Chain(redrawn, parts, claims, begin_known, np.random.Generator(np.random.Philox(key=[seed, number]))))
        chains[-1].walk(min(runs, MOST_ASKED))
        if progress:
            progress(number + 1, CHAINS)
    best = max(chains, key=lambda chain: chain.best_log)
    best.refine(min(runs, MOST_ASKED))
    traces = [best.best_trace, *(trace for chain in chains for trace in chain.kept)]
    plays = Plays(system, len(traces))
    for number, trace in enumerate(traces):
        plays(number, trace)
    ranked = held_against(top.hypothesis, plays, claims, horizon_of(claims), begin_known, OFF)
    return Nearest(best.story(), ranked, min(runs, MOST_ASKED) * (len(chains) * sum(steps for _, steps in STAGES) + REFINED))


def _parts(system: System, plays: Plays) -> list[Part]:
    """Parts with chances that befall any of the plays."""
    of_service = system.arrays.service["component"].tolist()
    found = {("component", int(of_service[i])) if noun == "service" else (noun, i) for noun, i, _ in plays.times}
    return sorted(part for part in found if part[0] in Redrawn.TABLES)


class _Chain:
    """One play that is changed step by step."""

    def __init__(
        self, redrawn: Redrawn, parts: Sequence[Part], claims: Sequence[Claim], begin_known: bool, rng: np.random.Generator
    ) -> None:  # fmt: skip
        self.redrawn, self.parts, self.claims, self.begin_known, self.rng = redrawn, parts, claims, begin_known, rng
        self.salts = {(table, i): int(redrawn.own[table]["salt"][i]) for table, i in parts}
        self.kept: list[np.ndarray] = []
        self.best_log, self.best_trace, self.best_salts = -math.inf, np.zeros((0, 0)), self.salts

    def walk(self, runs: int) -> None:
        """Through all stages; plays are kept in the second half of the last."""
        for share, steps in STAGES:
            last = share == OFF
            n = steps * runs
            keep = set(np.linspace(n // 2, n - 1, KEPT).astype(int).tolist()) if last else set()
            for k, (log, trace) in enumerate(self._steps(share, n)):
                if last:
                    self._note(log, trace)
                if k in keep:
                    self.kept.append(trace)

    def refine(self, runs: int) -> None:
        """On from the best play: what fits worse is hardly kept any more, for one course is to be told, the nearest."""
        self._set(self.best_salts)
        for log, trace in self._steps(OFF, REFINED * runs, SHARP):
            self._note(log, trace)

    def _note(self, log: float, trace: np.ndarray) -> None:
        if log > self.best_log:
            self.best_log, self.best_trace, self.best_salts = log, trace, dict(self.salts)

    def _steps(self, share: float, n: int, sharp: float = 1.0) -> Iterator[tuple[float, np.ndarray]]:
        """The state after each of n steps: its log likelihood and trace."""
        log, trace = self._played(share)
        for _ in range(n):
            had = self._redraw()
            new_log, new_trace = self._played(share)
            if math.log(self.rng.random()) < sharp * (new_log - log):
                log, trace = new_log, new_trace
            else:
                self._set(had)
            yield log, trace

    def _played(self, share: float) -> tuple[float, np.ndarray]:
        trace = self.redrawn.trace()
        play = Plays(self.redrawn.system, 1)
        play(0, trace)
        likelihood = Likelihood(play, self.claims, horizon_of(self.claims), share)
        begins = [np.zeros(1)] if self.begin_known else likelihood.offsets()
        return float(likelihood.best(begins)[0][0]), trace

    def _redraw(self) -> dict[Part, int]:
        """Draws one part or several anew; returns the salts that they had."""
        n = int(self.rng.integers(2, MOST_AT_ONCE + 1)) if self.rng.random() < SEVERAL else 1
        chosen = self.rng.choice(len(self.parts), size=min(n, len(self.parts)), replace=False)
        return self._set({self.parts[i]: int(self.rng.integers(0, 2**64, dtype=np.uint64)) for i in chosen.tolist()})

    def _set(self, salts: dict[Part, int]) -> dict[Part, int]:
        had = {part: self.redrawn.salt(*part, salt) for part, salt in salts.items()}
        self.salts |= salts
        return had

    def story(self) -> Story:
        """The best play of the last stage, told."""
        self._set(self.best_salts)
        return self.redrawn.story()
