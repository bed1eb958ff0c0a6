"""Parts of a model that have nothing to do with each other: what happens in one is never felt in another.

Two things belong together when one needs, helps, stands by for, keeps data for or is repaired by the same team as the other, when
one misfortune strikes, triggers or takes both, when a barrier guards both, or when one defence changes both. The ties of the model
as it is and of the model with each defence count, so two defences in different parts meet no common misfortune.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from blackstart.engines import layout as y
from blackstart.graph import joined
from blackstart.language.model import Model
from blackstart.language.places import members
from blackstart.system import System

Design = tuple[Model, System]


@dataclass(frozen=True, slots=True)
class Part:
    """Defences, and the things (`component:db`, `hazard:fire`, `team:infra`, `barrier:gas`) that are tied to them."""

    defences: tuple[str, ...]
    things: frozenset[str]


def parts(base: Design, with_each: Mapping[str, Design]) -> list[Part]:
    """The model as it is and with each defence (and what that requires), taken apart; parts without a defence come as one, last."""
    ties = [tie for _, system in (base, *with_each.values()) for tie in _ties(system)]
    ties += [(f"defence:{name}", *changed(base, design)) for name, design in with_each.items()]
    found, rest = [], set()
    for together in joined(ties):
        defences = tuple(name for name in with_each if f"defence:{name}" in together)
        things = {t for t in together if not t.startswith("defence:")}
        if defences:
            found.append(Part(defences, frozenset(things)))
        else:
            rest |= things
    return [*found, Part((), frozenset(rest))] if rest else found


def items(system: System) -> list[str]:
    """What can happen at random, as things."""
    hazard = system.arrays.item["is_hazard"]
    return [f"{'hazard' if h else 'component'}:{name}" for name, h in zip(system.items, hazard, strict=True)]


def _ties(system: System) -> Iterator[tuple[str, ...]]:
    """Things that are tied by what the compiled model says of one of them."""
    a = system.arrays
    leaves = Leaves(system)
    for i, c in enumerate(a.component):
        roots = (c["need"], c["want"], c["start_need"], c["repair_need"], c["glass_run"])
        listed = [*a.links[c["help_lo"] : c["help_hi"]], *a.links[c["sb_lo"] : c["sb_hi"]]]
        tied = [name for n in (*roots, *listed) for name in leaves.of(int(n))]
        tied += [f"data:{a.slot_data[slot]}" for slot in a.links[c["slot_lo"] : c["slot_hi"]]]
        tied += [f"team:{system.teams[t]}" for t in a.crew_team[c["crew0"] : c["crew3"]]]
        yield (leaves.name(i), *tied)
    for k, d in enumerate(a.data):
        yield (f"data:{k}", *leaves.of(int(d["kept"])))
    for b, row in zip(system.barriers, a.barrier, strict=True):
        yield (f"barrier:{b}", *leaves.of(int(row["need"])))
    yield from ((f"hazard:{h}",) for h in system.hazards)
    yield from ((f"team:{t}", *leaves.of(int(need))) for t, need in zip(system.teams, a.team_need, strict=True))
    for e, back in zip(a.effect, a.effect_back, strict=True):
        tied = [leaves.name(int(c)) for c in a.links[e["tgt_lo"] : e["tgt_hi"]]] + [*leaves.of(int(e["when"])), *leaves.of(int(back))]
        tied += [f"barrier:{system.barriers[b]}" for b in a.links[e["bar_lo"] : e["bar_hi"]]]
        if e["op"] == y.TRIGGER:
            tied.append(f"hazard:{system.hazards[e['other']]}")
        elif e["op"] == y.TAKE:
            tied.append(f"team:{system.teams[e['other']]}")
        yield (f"hazard:{system.hazards[e['hazard']]}", *tied)


class Leaves:
    """The components under the nodes of a compiled model."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.known: dict[int, tuple[str, ...]] = {-1: ()}

    def name(self, i: int) -> str:
        return f"component:{self.system.components[i]}"

    def of(self, node: int) -> tuple[str, ...]:
        a, size = self.system.arrays, len(self.system.components)
        if node not in self.known:
            if node < size:
                self.known[node] = (self.name(node),)
            else:
                gate = a.gate[node - size]
                below = (name for child in a.child[gate["lo"] : gate["hi"]] for name in self.of(int(child)))
                self.known[node] = tuple(dict.fromkeys(below))
        return self.known[node]


def changed(base: Design, design: Design) -> set[str]:
    """Things that are not the same in two designs."""
    (before, old), (after, new) = base, design
    if (before.as_of, before.currency, before.growth) != (after.as_of, after.currency, after.growth):
        return {f"component:{name}" for name in (*before.components, *after.components)}
    found: set[str] = set()
    for noun in ("component", "hazard", "barrier", "team"):
        a, b = getattr(before, f"{noun}s"), getattr(after, f"{noun}s")
        found |= {f"{noun}:{name}" for name in {*a, *b} if a.get(name) != b.get(name)}
    for name, row in before.domains.items():
        if after.domains.get(name) != row:
            for model in (before, *([after] if name in after.domains else [])):
                rows = list(model.components)
                found |= {f"component:{rows[i]}" for i in members(model).inside[name]}
    for name in {*before.common_causes, *after.common_causes}:
        groups = [m.common_causes[name] for m in (before, after) if name in m.common_causes]
        if len(groups) < 2 or groups[0] != groups[1]:
            found |= {f"component:{c}" for group in groups for c in group.of}
    struck, now = _struck(old), _struck(new)
    return found | {f"hazard:{name}" for name in {*struck, *now} if struck.get(name) != now.get(name)}


def _struck(system: System) -> Mapping[str, Iterable[frozenset[str]]]:
    """What each effect of each hazard strikes, by name."""
    a = system.arrays
    found: dict[str, list[frozenset[str]]] = {}
    for e in a.effect:
        targets = frozenset(system.components[c] for c in a.links[e["tgt_lo"] : e["tgt_hi"]])
        found.setdefault(system.hazards[e["hazard"]], []).append(targets)
    return found
