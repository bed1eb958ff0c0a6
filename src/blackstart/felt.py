"""How long misfortunes are felt: hours from their coming until all is at rest again, as means with the error that plays leave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from blackstart.compilation.components import repair_parts
from blackstart.engines.simulate import Given, Hit, Player
from blackstart.model import Model
from blackstart.system import System

PILOT = 100  # plays that tell how many are enough
CLOSE = 0.02  # relative error with which a mean is known well enough


class Hours(NamedTuple):
    """A mean in hours and its standard error: 0 where it needs no plays."""

    mean: float
    error: float


class Felt:
    """Asks how long a misfortune is felt, each question once.

    A component that breaks, is mended in a stated time and touches nobody else's state is felt for its repair: no play is needed.
    """

    def __init__(self, model: Model, system: System, player: Player, seed: int) -> None:
        self.model, self.system, self.player, self.seed = model, system, player, seed
        self.repairs: dict[int, Hours | None] = {}
        self.known: dict[tuple, Hours] = {}

    def hours(self, item: int, given: Given, plays: int) -> Hours:
        """Mean over the courses that one misfortune may take in the mean world, certain outcomes given.

        plays : the most that may be spent on it; fewer are where they leave an error of about 2 %.
        """
        plain = self.repair(item)
        if plain is not None:
            return plain
        key = (item, *key_of(given))
        if key not in self.known:
            self.known[key] = self._played(item, given, plays)
        return self.known[key]

    def _played(self, item: int, given: Given, plays: int) -> Hours:
        hit = [self.hit(item)]
        first = Hours(*self.player.mean_end(hit, given, min(PILOT, plays), self.seed))
        if plays <= PILOT or first.error <= CLOSE * first.mean:
            return first
        enough = math.ceil(PILOT * (first.error / (CLOSE * first.mean)) ** 2)
        return Hours(*self.player.mean_end(hit, given, min(plays, enough), self.seed))

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
        return self.player.changed([self.hit(item)]) <= {c}

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
