"""Barriers, hazards and their effects as columns, and what happens at random by itself."""

from __future__ import annotations

import numpy as np

from blackstart.compilation.numbering import Numbering
from blackstart.compilation.ragged import ints, numbers
from blackstart.engines import layout as k
from blackstart.language import common_causes
from blackstart.language.model import Effect, Target
from blackstart.language.places import members
from blackstart.system import AGAIN_FACTOR, EFFECT_FACTOR, TRIGGER_FACTOR

_OPS = {"break": k.BREAK, "destroy": k.DESTROY, "hold": k.HOLD, "bar": k.BAR, "surge": k.SURGE, "slow": k.SLOW,
        "take": k.TAKE, "trigger": k.TRIGGER, "reveal": k.REVEAL}  # fmt: skip
_FLOATS = ("factor", "share")
_COLUMNS = ("op", "hazard", "since", "after", "chance", "when", "until", "until_plus", "back", "other", "people", "uncounted", *_FLOATS)


def barriers(n: Numbering) -> dict[str, np.ndarray]:
    p, rows = n.parameters, list(n.model.barriers.values())
    return {
        "bar_salt": np.array([k.salt("barrier", b.id) for b in rows], np.uint64),
        "bar_works": ints(p.probability(f"barriers.{b.id}.works", b.works, n.age_d(b.shown)) for b in rows),
        "bar_dead": ints(p.hidden(f"barriers.{b.id}.hidden", b.hidden, b.tested) for b in rows),
        "bar_need": ints(n.gates.node(b.needs) for b in rows),
    }


class Hazards:
    """Hazards in the order of the file, then the groups that fail together; what arises by itself, at which rate; effects.

    Attributes
    ----------
    names, items, item_rate, effects : as in `System`
    columns : dict of arrays
    """

    def __init__(self, n: Numbering) -> None:
        self.n = n
        self.stated = list(n.model.hazards.values())
        self.shocks = common_causes.shocks(n.model)
        self.names = [h.id for h in self.stated] + [name for name, _, _ in self.shocks]
        self.index = {name: i for i, name in enumerate(self.names)}
        self.items: list[str] = []
        self.item_rate: list[tuple[int, float, int]] = []
        self.effects: list[tuple[str, str]] = []
        self.rows: list[dict[str, object]] = []  # of the effects: a value for each column
        self.bars: list[list[int]] = []
        self.targets: list[list[int]] = []
        self.thens: list[list[int]] = []
        self.members = members(n.model)
        self.columns = {**self._arising(), **self._rows(), **self._effects()}

    def _arising(self) -> dict[str, np.ndarray]:
        """Items: components that fail, hazards that come, groups that fail together."""
        p, alone = self.n.parameters, common_causes.shares_alone(self.n.model)
        haz_item, haz_chance, is_hazard = [-1] * len(self.names), [-1] * len(self.names), []
        item_id: list[int] = []
        rate_of: dict[str, int] = {}

        def add(name: str, i: int, rate: tuple[int, float, int], hazard: bool) -> None:
            if hazard:
                haz_item[i] = len(self.items)
            self.items.append(name)
            self.item_rate.append(rate)
            is_hazard.append(hazard)
            item_id.append(i)

        for i, c in enumerate(self.n.rows):
            if c.fails is not None:
                rate_of[c.id] = p.rate(f"components.{c.id}.fails", c.fails)
                add(c.id, i, (rate_of[c.id], alone.get(c.id, 1.0), -1), False)
        for i, h in enumerate(self.stated):
            haz_chance[i] = chance = p.probability(f"hazards.{h.id}.chance", h.chance)
            if h.rate is not None:
                rate = p.rate(f"hazards.{h.id}.rate", h.rate)
                add(h.id, i, (rate, 1.0, p.probabilities[chance][0] if chance >= 0 else -1), True)
        for i, (name, group, share) in enumerate(self.shocks, start=len(self.stated)):
            add(name, i, (rate_of[group[0]], share, -1), True)
        return {
            "haz_item": ints(haz_item), "haz_chance": ints(haz_chance), "item_id": ints(item_id),
            "item_is_hazard": np.array(is_hazard, np.bool_).reshape(-1),
            "haz_salt": np.array([k.salt("hazard", name) for name in self.names], np.uint64),
        }  # fmt: skip

    def _rows(self) -> dict[str, np.ndarray]:
        """When a hazard's times end, how it comes again, what it costs; a group that fails together has none of these."""
        n, d, rows, none = self.n, self.n.durations, self.stated, len(self.shocks)
        lasts = [[d.of(x, f"hazards.{h.id}.lasts.{name}", h.kind) for name, x in (h.lasts or {}).items()] for h in rows]
        again = [n.factor(AGAIN_FACTOR, i, h.again.factor, f"hazards.{h.id}.again.rate") if h.again else 1.0 for i, h in enumerate(rows)]
        again_for = [d.of(h.again.lasts, f"hazards.{h.id}.again.for", h.kind) if h.again else -1 for h in rows]
        costs = [d.exactly(h.costs.dist) if h.costs else -1 for h in rows]
        ptr, last = numbers(lasts + [[]] * none)
        return {
            "haz_last_ptr": ptr, "haz_last": last, "haz_again": np.array(again + [1.0] * none),
            "haz_again_for": ints(again_for + [-1] * none), "haz_cost": ints(costs + [-1] * none),
        }  # fmt: skip

    def _effects(self) -> dict[str, np.ndarray]:
        top = [[self._effect(i, h.id, f"{h.id}/{j}", e) for j, e in enumerate(h.does)] for i, h in enumerate(self.stated)]
        for i, (name, group, _) in enumerate(self.shocks, start=len(top)):
            top.append([self._effect(i, name, f"{name}/0", Effect(op="break", target=Target(names=group)))])
        o: dict[str, np.ndarray] = {}
        for name, flat, lists in (("haz_eff_ptr", "haz_eff", top), ("eff_bar_ptr", "eff_bar", self.bars),
                                  ("tgt_ptr", "tgt_comp", self.targets), ("then_ptr", "then_eff", self.thens)):  # fmt: skip
            o[name], o[flat] = numbers(lists)
        o["eff_salt"] = np.array([k.salt("effect", path) for _, path in self.effects], np.uint64)
        for name in _COLUMNS:
            o[f"eff_{name}"] = np.array([row[name] for row in self.rows], float if name in _FLOATS else np.int64)
        return o

    def _effect(self, hazard: int, hazard_id: str, path: str, effect: Effect) -> int:
        """Add an effect and those that follow from it; its number."""
        number = len(self.effects)
        self.effects.append((hazard_id, path))
        targets = self._targets(effect)
        row = {"op": _OPS[effect.op], "hazard": hazard, **self._row(number, hazard_id, path, effect)}
        self.rows.append(row | {"uncounted": sum(1 for c in targets if self.n.rows[c].count <= 1)})
        self.bars.append([self.n.barriers[b] for b in effect.unless])
        self.targets.append(targets)
        self.thens.append([])
        self.thens[number] = [self._effect(hazard, hazard_id, f"{path}/{j}", child) for j, child in enumerate(effect.then)]
        return number

    def _row(self, number: int, hazard_id: str, path: str, effect: Effect) -> dict[str, object]:
        n, d = self.n, self.n.durations
        kind = getattr(n.model.hazards.get(hazard_id), "kind", None)
        other, people = -1, 0
        if effect.op == "trigger":
            other = self.index[effect.hazard]
        elif effect.op == "take":
            other = n.teams[effect.team]
            size = n.model.teams[effect.team].people
            people = int(effect.people * size + 0.5) if effect.people_share else int(effect.people)
        until, plus, back = k.NO_END, -1, -1
        if effect.until is not None and effect.until.back is not None:
            plus, back = d.of(effect.until.plus, f"hazards.{path}.until", kind), n.components[effect.until.back]
        elif effect.until is not None:
            until, plus = self._named_time(hazard_id, effect.until.named), d.of(effect.until.plus, f"hazards.{path}.until", kind)
        elif effect.op in ("hold", "bar", "surge", "slow", "take") or (effect.op == "trigger" and effect.factor != 1.0):
            until = k.CLEARED
        when = n.gates.node(effect.when)
        place = TRIGGER_FACTOR if effect.op == "trigger" else EFFECT_FACTOR
        return {
            "since": self._named_time(hazard_id, effect.since), "after": d.of(effect.after, f"hazards.{path}.after", kind),
            "chance": n.parameters.probability(f"hazards.{path}.chance", effect.chance), "when": when, "until": until,
            "until_plus": plus, "back": back, "other": other, "people": people,
            "factor": n.factor(place, number, effect.factor, f"hazards.{path}.by"),
            "share": effect.target.share if effect.target else 1.0,
        }  # fmt: skip

    def _named_time(self, hazard_id: str, name: str | None) -> int:
        if name is None or name == "cleared":
            return k.FROM_BEGIN if name is None else k.CLEARED
        return list(self.n.model.hazards[hazard_id].lasts).index(name)

    def _targets(self, effect: Effect) -> list[int]:
        if effect.target is None:
            return []
        inside, tagged = self.members
        found: set[int] = set()
        for name in effect.target.names:
            found.update((self.n.components[name],) if name in self.n.components else inside.get(name, ()))
        for tag in effect.target.tags:
            found.update(tagged.get(tag, ()))
        return sorted(found)
