"""Several systems under the same luck: the same worlds, the same misfortunes at the begin of each sample, draws known by name.

What they have in common then drops out of their differences, also where one of them has parts that the other has not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from blackstart.engines import simulate
from blackstart.engines.simulate import Look, Sample, Study, View
from blackstart.studies.separate import items
from blackstart.system import System


class Luck:
    """Where all systems are looked at: wherever a pilot of one of them wants to look.

    Parameters
    ----------
    systems : iterable of System
        Those that the pilots play. A system that knows a misfortune that none of these knows is looked at by itself.
    things : frozenset of str, optional
        A part of the model (`separate.Part`): nothing else happens by itself.
    """

    def __init__(self, systems: Iterable[System], study: Study, things: frozenset[str] | None = None) -> None:
        self.study, self.things = study, things
        wanted: dict[str, float] = {}
        self.known: set[str] = set()
        self.busy = 0.0
        for system in systems:
            busy, choice = simulate.pilot(system, study)
            self.busy = max(self.busy, busy)
            self.known.update(items(system))
            for name, share in zip(items(system), choice, strict=True):
                if share > 0.0 and (things is None or name in things):
                    wanted[name] = max(wanted.get(name, 0.0), float(share))
        total = sum(wanted.values())
        self.chance = {name: share / total for name, share in wanted.items()} if total > 0 else {}
        self.names = list(self.chance)
        if self.chance and not self.in_years:
            self.begin = simulate.beginnings(np.array([self.chance[n] for n in self.names]), study)

    @property
    def in_years(self) -> bool:
        """Whether plain years are played, because there is trouble most of the time."""
        return self.study.method == "years" or (self.study.method == "auto" and self.busy > simulate.BUSY_SHARE)

    @property
    def samples(self) -> int:
        """Samples in each world, if episodes are played."""
        return self.study.samples if self.names else 1

    def view(self, system: System) -> View | None:
        """Where one of the systems is looked at; None where it must be looked at by itself."""
        names = items(system)
        if self.in_years:
            return None
        if self.things is None and not self.known.issuperset(names):  # what only several defences together bring
            rate = system.mean_world().rate
            if any(rate[k] > 0.0 for k, name in enumerate(names) if name not in self.known):
                return None
        place = {name: k for k, name in enumerate(names)}
        here = np.array([place.get(name, -1) for name in self.names], np.int64)
        begin = here[self.begin] if self.names else np.full((self.study.worlds, 1), -1)
        happens = np.array([self.things is None or name in self.things for name in names], bool)
        return View(begin, np.array([self.chance.get(name, 0.0) for name in names]), happens)

    def sample(self, system: System) -> Sample:
        """What happens to one of the systems."""
        if self.in_years:
            look = Look(self.busy, np.zeros(len(system.items)))
            return simulate.assess(system, replace(self.study, method="years", threads=1), look=look)
        view = self.view(system)
        if view is None:
            return simulate.assess(system, replace(self.study, method="episodes", threads=1))
        return simulate.replay(system, self.study, view)
