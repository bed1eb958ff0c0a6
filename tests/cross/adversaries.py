"""The adversary against every set of events and against the linear programme over all states, on random formulas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.cross.formulas import random_formula, table_of

from blackstart.engines import adversary, gatewise
from blackstart.engines.adversary import Adversary
from blackstart.engines.combinations import ordered
from blackstart.engines.condensing import condensed
from blackstart.engines.dependence import band
from blackstart.engines.formula import THRESHOLD, Formula


def coherent_formula(seed: int, most_events: int) -> tuple[Formula, np.ndarray]:
    """The first formula without negation of a run of seeds of its own."""
    for number in range(1000 * seed, 1000 * seed + 1000):
        f, p = random_formula(number, most_events)
        if (f.op <= THRESHOLD).all() and not any((c >= 0 and c & 1) for c in (*f.child, *f.tops)):
            return f, p
    raise AssertionError


class Case:
    """A random formula with what its tops are worth, how much room events take up, which never are; and all its states."""

    def __init__(self, seed: int, most_events: int = 8) -> None:
        self.seed = seed
        self.f, p = coherent_formula(seed, most_events)
        draw = np.random.default_rng(seed)
        n = self.f.events
        self.worth = draw.choice([1.0, 2.0, 3.5, 0.0, 1e3], size=len(self.f.tops))
        self.size = draw.choice([0.0, 1.0, 1.0, 1.0], size=n)
        self.never = draw.random(n) < 0.1
        self.price = draw.normal(size=n) * self.worth.sum() * 0.3
        self.p = np.where(self.never, 0.0, np.where(p >= 1.0, 0.7, p))
        self.bits = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
        self.table = table_of(self.f)
        self.cost = self.table @ self.worth
        self.can_be = (self.bits[:, self.never] == 0).all(axis=1)
        self.asked = Adversary(self.f, self.worth, self.size, self.never)

    def allowed(self, most: float | None) -> np.ndarray:
        return self.can_be if most is None else self.can_be & (self.bits @ self.size <= most)

    def near(self, mine: float, right: float) -> bool:
        return abs(mine - right) <= 1e-6 * max(1.0, float(self.worth.sum()))

    def differences(self) -> Iterator[str]:
        yield from self._condensed()
        yield from self._gatewise()
        for most in (1, 2, 3):
            yield from self._worst(most)
            yield from self._priced(most)
        for most in (None, 2, 3):
            yield from self._band(most)

    def _condensed(self) -> Iterator[str]:
        small = condensed(self.f, self.never)
        if (table_of(small)[self.can_be] != self.table[self.can_be]).any():
            yield f"{self.seed}: condensed"

    def _gatewise(self) -> Iterator[str]:
        """Every set that makes a top true pays for it; the set that is told makes it true, and none is cheaper than the cheapest."""
        for t in range(self.f.tops.size):
            small = condensed(self.f._replace(tops=self.f.tops[t : t + 1]), self.never)
            if small.tops[0] < 0:
                continue
            tried, true = ordered(small), table_of(small)[:, 0] & self.can_be
            if not (self.bits[true] @ gatewise.prices(tried, self.p) >= 1.0 - 1e-9).all():
                yield f"{self.seed}: prices of top {t}"
            price = np.abs(self.price)
            if not true.any():
                if gatewise.cheapest(tried, price):
                    yield f"{self.seed}: cheapest of top {t}, which cannot be true"
                continue
            found = np.isin(np.arange(self.f.events), gatewise.cheapest(tried, price))
            if not tried.truth(found[None])[0, 0] or found @ price < (self.bits[true] @ price).min() - 1e-9:
                yield f"{self.seed}: cheapest of top {t}"

    def _worst(self, most: int) -> Iterator[str]:
        right = self.cost[self.allowed(most)].max()
        for words in (0.0, adversary.MOST_WORDS):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(adversary, "MOST_WORDS", words)
                found = self.asked.worst(most)
            if not (self.near(found.value, right) and self.near(found.bound, right)):
                yield f"{self.seed}: worst of {most} {found} instead of {right}"
        chance = np.clip(self.p, 0.01, 1.0)
        other = list(self.asked.likelier(found.events, chance))
        if not self.near(self.asked.cost(other), right) or self.size[other].sum() > most:
            yield f"{self.seed}: likelier {other}"
        if np.log(chance[other]).sum() < np.log(chance[list(found.events)]).sum() - 1e-9:
            yield f"{self.seed}: less likely {other}"

    def _priced(self, most: int) -> Iterator[str]:
        allowed = self.allowed(most)
        for sign, ask in ((1.0, self.asked.worst), (-1.0, self.asked.mildest)):
            right = (sign * self.cost - self.bits @ self.price)[allowed].max()
            found = ask(most, price=self.price)
            if not (self.near(found.value, right) and self.near(found.bound, right)):
                yield f"{self.seed}: priced {sign} of {most} {found} instead of {right}"

    def _band(self, most: int | None) -> Iterator[str]:
        found = band(self.asked, self.p, most)
        if found is None:
            if most is None or self.p @ self.size <= most:
                yield f"{self.seed}: no band of {most}"
            return
        allowed = self.allowed(most)
        rows, chances = np.vstack([self.bits[allowed].T, np.ones(allowed.sum())]), np.append(self.p, 1.0)
        least, most_ = (sign * linprog(sign * self.cost[allowed], A_eq=rows, b_eq=chances).fun for sign in (1.0, -1.0))
        ends = ((found.least, least), (found.most, most_), (found.least_bound, least), (found.most_bound, most_))
        if not all(self.near(mine, right) for mine, right in ends):
            yield f"{self.seed}: band of {most} {found} instead of {least} to {most_}"
