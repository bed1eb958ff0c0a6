"""How long misfortunes are felt, as means with the error that plays leave.

Two lengths are asked for. Until *all is at rest again* after one came (what it weakened is weak for so long: another misfortune
that comes meanwhile overlaps with it); and how long *each service is out* because of it (only that much of its time is lost).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from blackstart.compilation.components import repair_parts
from blackstart.engines import layout as y
from blackstart.engines.simulate import Given, Hit, Player
from blackstart.language.model import Model
from blackstart.system import System

PILOT = 100  # plays that tell how many are enough
CLOSE = 0.02  # relative error with which a mean is known well enough


class Hours(NamedTuple):
    """A mean in hours and its standard error: 0 where it needs no plays."""

    mean: float
    error: float


class Course(NamedTuple):
    """Means over the courses that one misfortune may take.

    end : until all is at rest again
    out, out_error : (services,) hours out in all, and their standard error; where no play was needed, a service that this stops is
        out for as long as it takes until all is at rest
    """

    end: Hours
    out: np.ndarray
    out_error: np.ndarray


class Felt:
    """Asks how long a misfortune is felt, each question once.

    A component that breaks, is mended in a stated time and touches nobody else's state, or only that of what falls with it and is back
    the moment it is, is felt for its repair: no play is needed.
    """

    def __init__(self, model: Model, system: System, player: Player, seed: int) -> None:
        self.model, self.system, self.player, self.seed = model, system, player, seed
        self.repairs: dict[int, Hours | None] = {}
        self.known: dict[tuple, Course] = {}

    def course(self, item: int, given: Given, plays: int) -> Course:
        """Means over the courses that one misfortune may take in the mean world, certain outcomes given.

        plays : the most that may be spent on it; fewer are where they leave an error of about 2 % of the time until all is at rest.
        """
        key = (item, *key_of(given))
        if key not in self.known:
            plain, count = self.repair(item), len(self.system.services)
            every = np.full(count, plain.mean) if plain else np.zeros(0)
            self.known[key] = Course(plain, every, np.zeros(count)) if plain else self._played(item, given, plays)
        return self.known[key]

    def hours(self, item: int, given: Given, plays: int) -> Hours:
        """Until all is at rest again, as in `course`."""
        return self.course(item, given, plays).end

    def _played(self, item: int, given: Given, plays: int) -> Course:
        first = self._mean(item, given, min(PILOT, plays))
        if plays <= PILOT or first.end.error <= CLOSE * first.end.mean:
            return first
        enough = math.ceil(PILOT * (first.end.error / (CLOSE * first.end.mean)) ** 2)
        return self._mean(item, given, min(plays, enough))

    def _mean(self, item: int, given: Given, plays: int) -> Course:
        paths, rows = self.player.by_chance([self.hit(item)], given, plays, self.seed)
        rows = rows[rows[:, 1] == y.ROW_OUT]
        out = np.zeros((plays, len(self.system.services)))
        np.add.at(out, (rows[:, 0].astype(np.int64), rows[:, 2].astype(np.int64)), rows[:, 4] - rows[:, 3])
        root = math.sqrt(plays)
        end = Hours(float(paths[:, 1].mean()), float(paths[:, 1].std(ddof=1)) / root)
        return Course(end, out.mean(axis=0), out.std(axis=0, ddof=1) / root)

    def hit(self, item: int) -> Hit:
        row = self.system.arrays.item[item]
        return Hit(0.0, bool(row["is_hazard"]), int(row["id"]))

    def repair(self, item: int) -> Hours | None:
        """The mean of its repair, exact, where that is all there is of a misfortune; else None."""
        if item not in self.repairs:
            mended = not self.system.arrays.item[item]["is_hazard"] and self._only_mended(item)
            self.repairs[item] = Hours(self._mean_repair(item), 0.0) if mended else None
        return self.repairs[item]

    def _only_mended(self, item: int) -> bool:
        c = int(self.system.arrays.item[item]["id"])
        row = self.system.arrays.component[c]
        stated = row["at_once"] and row["repair_takes"] >= 0 and row["repair_each"] < 0 and row["repair_need"] < 0
        aided = row["help_lo"] < row["help_hi"] or row["slot_lo"] < row["slot_hi"] or row["surge_factor"] != 1.0
        if not stated or aided or self._rides_above(c):
            return False
        others = self.player.changed([self.hit(item)]) - {c}
        rows = self.system.arrays.component[sorted(others)]
        return bool(((rows["at_once"] == 1) & (rows["surge_factor"] == 1.0)).all())

    def _rides_above(self, c: int) -> bool:
        """Whether anything that stands on a component rides: then a long repair may do what a typical one does not."""
        a, count = self.system.arrays, self.system.arrays.component.size
        seen, todo = {c}, [c]
        while todo:
            row = a.node[todo.pop()]
            above = {int(n) for n in a.links[row["up_lo"] : row["up_hi"]]} - seen
            if any(n < count and a.component[n]["rides"] >= 0 for n in above):
                return True
            seen |= above
            todo += above
        return False

    def _mean_repair(self, item: int) -> float:
        s = self.system
        c = int(s.arrays.item[item]["id"])
        duration, middles = int(s.arrays.component[c]["repair_takes"]), dict(s.middles)
        terms = [term for part, _ in repair_parts(self.model.components[s.components[c]]) for term in part.terms]
        first = int(s.arrays.dur_ptr[duration])
        return math.fsum(
            term.mean() * (s.parameters[middles[row]].dist.mean() if row in middles else 1.0)
            for row, term in enumerate(terms, start=first)
        )


def key_of(given: Given) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, bool], ...]]:
    """Given outcomes as something by which answers can be kept."""

    def in_order(rows: Mapping) -> tuple:
        return tuple(sorted(rows.items()))

    return in_order(given.chances), in_order(given.doubtful)
