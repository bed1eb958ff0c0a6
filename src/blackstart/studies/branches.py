"""What a rehearsal hangs on: the things that went one way in some runs and the other way in others.

A barrier works or not, a start works or not, an effect with a chance happens or not. Where the runs of one way end quite
differently from those of the other, the typical course tells only half of the story; this module finds that fork.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.simulate import Sample
from blackstart.system import System

FEWEST_RUNS = 5  # on each way
LEAST_SCORE = 4.5  # of the rank-sum test: by chance once in 150,000 comparisons
LEAST_FACTOR = 1.5  # between the two medians of the time until all is back
LEAST_HOURS = 0.25
MOST_FORKS = 5
KINDS = ("barrier", "start", "effect")


@dataclass(frozen=True, slots=True)
class Fork:
    """Something that went both ways. `yes` (runs,) is 1 where it worked or happened, 0 where not, -1 where nobody asked.

    kind : ``barrier``, ``start``, ``effect``; ``together``: the runs of several things that went one way at once (1), and the rest (0).
    score : how plainly the two ways differ (rank-sum z of the time until all is back; its size counts).
    """

    kind: str
    index: int
    yes: np.ndarray
    score: float


class Watch:
    """Gathers, from the trace of each run, how each thing went that can go either way."""

    def __init__(self, system: System, runs: int) -> None:
        self.system = system
        self.went = {kind: np.full((size, runs), -1, np.int8) for kind, size in zip(KINDS, self._sizes(), strict=True)}
        self.effects = np.flatnonzero(system.arrays.effect["chance"] >= 0)
        component = system.arrays.component
        self.may_fail = (component["start_works"] >= 0) | (component["dead"] >= 0)

    def _sizes(self) -> tuple[int, int, int]:
        return len(self.system.barriers), len(self.system.components), len(self.system.effects)

    def __call__(self, run: int, trace: np.ndarray) -> None:
        what, who, a, b = trace[:, 1].astype(np.int64), trace[:, 2].astype(np.int64), trace[:, 3], trace[:, 4]
        asked = what == y.T_BARRIER
        # backwards, so that the first time stands in the end
        self.went["barrier"][who[asked][::-1], run] = (a[asked] > 0)[::-1]
        began = (what == y.T_JOB) & (a >= 0)
        began[began] = a[began].astype(np.int64) % 2 == 1
        tried = who[began][self.may_fail[who[began]]]
        self.went["start"][tried, run] = 1
        failed = (what == y.T_JOB) & (a < 0) | (what == y.T_FAIL) & (b < 0)
        self.went["start"][who[failed][self.may_fail[who[failed]]], run] = 0
        self.went["effect"][self.effects, run] = 0
        happened = who[what == y.T_EFFECT]
        self.went["effect"][happened[np.isin(happened, self.effects)], run] = 1


def all_back_h(system: System, many: Sample) -> np.ndarray:
    """(runs,) hours from the first moment until no service is out; 0 where none ever was, inf where one never comes back."""
    rows = many.rows[many.rows[:, 1].astype(np.int64) == y.ROW_OUT]
    run = rows[:, 0].astype(np.int64)
    back = np.zeros(many.worlds)
    np.maximum.at(back, run, rows[:, 4])
    stuck = many.rows[many.rows[:, 1].astype(np.int64) == y.ROW_STUCK]
    services = system.arrays.service["component"]
    never = np.unique(stuck[np.isin(stuck[:, 2].astype(np.int64), services), 0].astype(np.int64))
    back[never] = math.inf
    stays = (many.paths[:, 3].astype(np.int64) & y.FLAGS_UNENDED > 0) & (back >= many.paths[:, 2]) & (back > 0)
    back[stays] = math.inf
    return back


def forks(watch: Watch, back_h: np.ndarray) -> list[Fork]:
    """What decides when all is back, the plainest first."""
    found = []
    for kind in KINDS:
        for index, row in enumerate(watch.went[kind][:, : back_h.size]):
            no, yes = back_h[row == 0], back_h[row == 1]
            if min(no.size, yes.size) < FEWEST_RUNS or not _far(float(np.median(no)), float(np.median(yes))):
                continue
            score = rank_sum_score(no, yes)
            if abs(score) >= LEAST_SCORE:
                found.append(Fork(kind, index, row[: back_h.size], score))
    found.sort(key=lambda f: (-abs(round(f.score, 6)), KINDS.index(f.kind), f.index))
    return _told_once(found)[:MOST_FORKS]


def together(watch: Watch, back_h: np.ndarray) -> tuple[Fork, list[tuple[Fork, bool]]] | None:
    """The runs in which anything is out, as one fork, where no single thing decides it; None where no run has an outage, or all have.

    With it the fewest things that went just so in these runs and in no other, each with how; none where nothing explains them.
    """
    bad = back_h > 0.0
    if not 0 < bad.sum() < bad.size:
        return None
    fork, asked = Fork("together", 0, bad.astype(np.int8), 0.0), []
    for kind in reversed(KINDS):
        for index, row in enumerate(watch.went[kind][:, : back_h.size]):
            how = set(row[bad].tolist())
            if how in ({0}, {1}) and (row[~bad] != row[bad][0]).any():
                asked.append((Fork(kind, index, row, 0.0), bool(row[bad][0])))
    if bad.sum() < FEWEST_RUNS or not _only(asked, bad):
        return fork, []
    for one in list(asked):
        less = [other for other in asked if other is not one]
        asked = less if less and _only(less, bad) else asked
    return fork, sorted(asked, key=lambda one: (KINDS.index(one[0].kind), one[0].index))


def _only(asked: list[tuple[Fork, bool]], bad: np.ndarray) -> bool:
    """Whether these runs and no others are those in which all of this went so."""
    return bool(asked) and np.array_equal(np.all([fork.yes == int(how) for fork, how in asked], axis=0), bad)


def _far(a: float, b: float) -> bool:
    low, high = min(a, b), max(a, b)
    return high >= low * LEAST_FACTOR and (math.isinf(high) or high - low >= LEAST_HOURS) and low != high


def _told_once(found: list[Fork]) -> list[Fork]:
    """Without those that went just as an earlier one did (an effect behind a barrier), or just the other way."""
    kept: list[Fork] = []
    for fork in found:
        same = [k for k in kept if np.array_equal(k.yes, fork.yes) or np.array_equal(k.yes, 1 - fork.yes)]
        if not same:
            kept.append(fork)
    return kept


def rank_sum_score(a: np.ndarray, b: np.ndarray) -> float:
    """Wilcoxon's rank-sum statistic of a against b in standard deviations, ties corrected; 0 where all are equal."""
    both = np.concatenate([a, b])
    values, place, count = np.unique(both, return_inverse=True, return_counts=True)
    if values.size < 2:
        return 0.0
    rank = (np.cumsum(count) - (count - 1) / 2.0)[place.reshape(-1)]
    n, m, total = a.size, b.size, both.size
    ties = float((count.astype(float) ** 3 - count).sum())
    spread = n * m / 12.0 * (total + 1 - ties / (total * (total - 1)))
    return float((rank[:n].sum() - n * (total + 1) / 2.0) / math.sqrt(spread)) if spread > 0 else 0.0


def middle_run(fork: Fork, yes: bool, back_h: np.ndarray) -> int:
    """The run in the middle of those that went this way, by the time until all is back."""
    mine = np.flatnonzero(fork.yes == int(yes))
    return int(mine[np.argsort(back_h[mine], kind="stable")[(mine.size - 1) // 2]])


def ways(fork: Fork, back_h: np.ndarray) -> list[dict[str, Any]]:
    """Both ways of a fork, in numbers: share of the runs in which somebody asked, and quantiles of the time until all is back."""
    asked = fork.yes >= 0
    found = []
    for yes in (True, False):
        mine = back_h[fork.yes == int(yes)]
        low, middle, high = np.quantile(mine, (0.1, 0.5, 0.9), method="inverted_cdf")
        ends = {k: None if math.isinf(v) else float(v) for k, v in (("10", low), ("50", middle), ("90", high))}
        found.append({"yes": yes, "share": float(mine.size / asked.sum()), "runs": int(mine.size), "all_back_h": ends})
    return found
