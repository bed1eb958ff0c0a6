"""What a defence can change, held against what an episode touched: where the two never meet, the episode need not be played again.

Two designs play a sample in the same way as long as nothing in which they differ is asked. A changed component is asked when it is
struck, or when what it needs, wants or stands by for changes its level (the levels of what lies above anything touched count as
changed); a changed barrier when a misfortune comes that it may stop; a changed team when somebody works whose crew it is. What
changes how often misfortunes come, which doubtful needs there are, or who stands in which domain is asked in every episode.
The ties of the model as it is and of the model with each defence count together, as in `separate`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from blackstart.engines import layout as y
from blackstart.graph import strong_components
from blackstart.language.model import Model
from blackstart.studies.separate import Design, Leaves, changed
from blackstart.system import System

BITS = 64  # of one word
TOLD_OF_COMPONENTS = (y.T_STATE, y.T_REASON, y.T_LEVEL, y.T_FAIL, y.T_JOB, y.T_CALL)


class Reach:
    """Which of some defences matter to an episode, by what it touched.

    Parameters
    ----------
    designs : mapping
        The model as it is (under the name "") and with each defence; a defence that is not there matters to every episode.
    names : sequence of str
        The defences: number k is bit k of all masks.
    """

    def __init__(self, designs: Mapping[str, Design], names: Sequence[str]) -> None:
        self.words = max(1, -(-len(names) // BITS))
        ties = _Ties(designs.values())
        everywhere = 0
        mask: dict[str, int] = defaultdict(int)
        apart = not any(system.arrays.load.size for _, system in designs.values())
        for k, name in enumerate(names):
            if not apart or name not in designs or _everywhere(designs[""], designs[name]):
                everywhere |= 1 << k
                continue
            touched = changed(designs[""], designs[name])
            if touched & ties.may_fail_unseen:
                everywhere |= 1 << k
            for thing in ties.below(ties.asked(designs[""], designs[name], touched)):
                mask[thing] |= 1 << k
        self.mask, self.known = mask, ties.known
        self.all = (1 << len(names)) - 1
        self.always = everywhere

    def of(self, system: System) -> Look:
        """How the traces of one design are read."""
        return Look(self, system)

    def of_thing(self, thing: str) -> int:
        return self.mask[thing] if thing in self.known else self.all

    def words_of(self, masks: Iterable[int]) -> np.ndarray:
        """(n, words) uint64"""
        whole = b"".join(m.to_bytes(8 * self.words, "little") for m in masks)
        return np.frombuffer(whole, np.uint64).reshape(-1, self.words)


class Look:
    """Reads which defences matter to what was played, from its trace."""

    def __init__(self, reach: Reach, system: System) -> None:
        self.reach = reach
        a = system.arrays
        component = [reach.of_thing(f"component:{name}") for name in system.components]
        hazard = [reach.of_thing(f"hazard:{name}") for name in system.hazards]
        team = [reach.of_thing(f"team:{name}") for name in system.teams]
        effect = []
        for e in a.effect:
            mask = 0
            for c in a.links[e["tgt_lo"] : e["tgt_hi"]]:
                mask |= component[c]
            if e["op"] == y.TAKE:
                mask |= team[e["other"]]
            effect.append(mask)
        for e in a.effect:  # what is triggered may arrive without a word, where its own chance decides
            if e["op"] == y.TRIGGER:
                hazard[e["hazard"]] |= hazard[e["other"]]
        self.table = reach.words_of([0, *component, *hazard, *effect, *team])  # none matters to what else a trace tells
        self.first = np.zeros(y.T_TURNOUT + 1, np.int64)  # row of the first that each kind of news may tell of
        self.first[list(TOLD_OF_COMPONENTS)] = 1
        self.first[[y.T_HAZARD, y.T_EFFECT, y.T_TEAM]] = 1 + np.cumsum([len(component), len(hazard), len(effect)])

    def masks(self, trace: np.ndarray, ends: np.ndarray) -> list[tuple[int, int]]:
        """Bits of the defences that matter to samples with this trace (Q, 5): to the course of each without a further misfortune,
        which is played first, and to all of it. Where the clock goes back the next course begins; `ends` is where each sample does.
        """
        begins = np.concatenate([[0], ends[:-1]])
        back = np.append(np.flatnonzero(np.diff(trace[:, 0]) < 0.0) + 1, trace.shape[0] + 1)
        split = np.minimum(back[np.searchsorted(back, begins, side="right")], ends)
        first = self.first[trace[:, 1].astype(np.int64)]
        rows = np.where(first > 0, first + trace[:, 2].astype(np.int64), 0)
        words = np.concatenate([self.table[rows], self.table[:1]])  # one row more, so that a part may begin behind the last
        parts = np.bitwise_or.reduceat(words, np.column_stack([begins, split]).reshape(-1), axis=0)
        parts[np.column_stack([begins == split, split == ends]).reshape(-1)] = 0  # of a part that is empty it tells the next row
        found = [int.from_bytes(row.tobytes(), "little") | self.reach.always for row in parts]
        return [(one, one | more) for one, more in zip(found[::2], found[1::2], strict=True)]


class _Ties:
    """What the designs say of their things, all together."""

    def __init__(self, designs: Iterable[Design]) -> None:
        self.needs: dict[str, set[str]] = defaultdict(set)  # what gives a component its level: needs and wants
        self.stands: dict[str, set[str]] = defaultdict(set)  # what it stands by for, whose data it keeps
        self.every_need: dict[str, set[str]] = defaultdict(set)  # to run, to start and to be mended
        self.readers: dict[str, set[str]] = defaultdict(set)  # who looks at the level of a component, for whatever
        self.crew_of: dict[str, set[str]] = defaultdict(set)
        self.guarded: dict[str, set[str]] = defaultdict(set)
        self.strikes: dict[str, set[str]] = defaultdict(set)
        self.known: set[str] = set()
        self.may_fail_unseen: set[str] = set()  # what stands by leaves no trace when it fails uncalled
        for model, system in designs:
            self._read(model, system)
        self.circle = self._circles()

    def _read(self, model: Model, system: System) -> None:
        a, leaves = system.arrays, Leaves(system)
        for i, c in enumerate(a.component):
            me = leaves.name(i)
            level = {name for n in (c["need"], c["want"], c["glass_run"]) for name in leaves.of(int(n))}
            self.needs[me] |= level
            self.every_need[me] |= level | {name for n in (c["start_need"], c["repair_need"]) for name in leaves.of(int(n))}
            self.stands[me] |= {name for n in a.links[c["sb_lo"] : c["sb_hi"]] for name in leaves.of(int(n))}
            helps = {name for n in a.links[c["help_lo"] : c["help_hi"]] for name in leaves.of(int(n))}
            for name in self.every_need[me] | self.stands[me] | helps:
                self.readers[name].add(me)
            for team in a.crew_team[c["crew0"] : c["crew3"]]:
                self.crew_of[f"team:{system.teams[team]}"].add(me)
            row = model.components[system.components[i]]
            if row.data:
                kept = [row.data.backup.kept] if row.data.backup and row.data.backup.kept else []
                self.stands[me] |= {f"component:{name}" for name in (*row.data.copies, *kept)}
            if c["standby"] == 1 and row.fails is not None:
                self.may_fail_unseen.add(me)
            self.known.add(me)
        self.known |= {f"hazard:{h}" for h in system.hazards} | {f"team:{t}" for t in system.teams}
        for team, need in zip(system.teams, a.team_need, strict=True):
            for name in leaves.of(int(need)):
                self.readers[name].add(f"team:{team}")
        for e, back in zip(a.effect, a.effect_back, strict=True):
            hazard = f"hazard:{system.hazards[e['hazard']]}"
            for b in a.links[e["bar_lo"] : e["bar_hi"]]:
                self.guarded[f"barrier:{system.barriers[b]}"].add(hazard)
            for c in a.links[e["tgt_lo"] : e["tgt_hi"]]:
                self.strikes[leaves.name(int(c))].add(hazard)
            for name in leaves.of(int(back)):
                self.readers[name].add(hazard)

    def _circles(self) -> dict[str, set[str]]:
        names = sorted({*self.every_need, *(n for some in self.every_need.values() for n in some)})
        number = {name: k for k, name in enumerate(names)}
        of = strong_components({number[n]: [number[m] for m in self.every_need[n]] for n in names})
        together: dict[int, set[str]] = defaultdict(set)
        for name in names:
            together[of[number[name]]].add(name)
        return {name: some for some in together.values() for name in some}

    def asked(self, base: Design, design: Design, touched: Iterable[str]) -> set[str]:
        """Things that a defence changes, and those whose change of level makes what it changed be asked."""
        found = set()
        for thing in touched:
            found.add(thing)
            found |= self.needs.get(thing, set()) | self.stands.get(thing, set()) | self.guarded.get(thing, set())
            found |= self.crew_of.get(thing, set()) | self.circle.get(thing, set())
            name = thing.partition(":")[2]
            if thing.startswith("component:") and _count(base[0], name) != _count(design[0], name):
                found |= self.strikes[thing]  # of how many a share is struck
        before, after = _at_rest(base[1]), _at_rest(design[1])
        for thing in before:
            if before[thing] != after.get(thing):
                found |= self.readers.get(thing, set())
        return found

    def below(self, asked: Iterable[str]) -> set[str]:
        """These, and everything whose change of level may reach one of them."""
        found, todo = set(), list(asked)
        while todo:
            thing = todo.pop()
            if thing not in found:
                found.add(thing)
                todo += self.needs.get(thing, ())
        return found


def _count(model: Model, name: str) -> int:
    row = model.components.get(name)
    return 0 if row is None else row.count


def _at_rest(system: System) -> dict[str, float]:
    """The level of each component while nothing is wrong."""
    levels = system.arrays.node["rest"][: len(system.components)].tolist()
    return {f"component:{name}": level for name, level in zip(system.components, levels, strict=True)}


def _everywhere(base: Design, design: Design) -> bool:
    """Whether a defence changes what every episode hangs on."""
    (before, old), (after, new) = base, design
    if (before.as_of, before.currency, before.growth) != (after.as_of, after.currency, after.growth):
        return True
    if any(after.domains.get(name) != row for name, row in before.domains.items()):
        return True
    rested = [_at_rest(system) for system in (old, new)]
    if any(rested[0].get(f"component:{name}") != rested[1].get(f"component:{name}") for name in {*old.services, *new.services}):
        return True  # a service that is not whole even at rest loses something in every episode
    return _rates(old) != _rates(new) or [old.parameters[p].path for p in old.doubtful] != [new.parameters[p].path for p in new.doubtful]


def _rates(system: System) -> dict[tuple[str, bool], tuple]:
    """How often each thing happens by itself."""
    dist = [(p.dist, p.doubt) for p in system.parameters]
    hazard = system.arrays.item["is_hazard"]
    return {
        (name, bool(h)): (dist[p], times, None if chance < 0 else dist[chance])
        for name, h, (p, times, chance) in zip(system.items, hazard, system.item_rate, strict=True)
    }
