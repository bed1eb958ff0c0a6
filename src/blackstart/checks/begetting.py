"""Misfortunes that bring further ones: how many, on average, and whether that ever ends.

A hazard that raises its own rate for a time (`again`), or sets off or makes likelier another one that leads back to it, is a
branching process. Where one coming brings one or more of its own kind on average, there is no end to it, no rate of years and no
average to compute; a play of it would run into the limit of events. Barriers, chances and durations count with their means,
what `when` asks for counts as given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from blackstart.errors import Problem, listed
from blackstart.graph import strong_components
from blackstart.language.model import Chance, Duration, Effect, Hazard, Model
from blackstart.units import mean_factor

SEVERITY: Mapping[str, str] = {"begets-without-end": "error"}
HOURS_PER_YEAR = 8760.0


def problems(model: Model) -> list[Problem]:
    """Hazards whose comings beget at least as many again."""
    brought = {h.id: _brought(model, h) for h in model.hazards.values() if h.again is not None or _triggers(h.effects)}
    names = list(brought)
    number = {name: i for i, name in enumerate(names)}
    leads = {number[a]: [number[b] for b, mean in row.items() if mean > 0.0 and b in number] for a, row in brought.items()}
    label = strong_components(leads)
    together: dict[int, list[str]] = {}
    for i, name in enumerate(names):
        together.setdefault(label[i], []).append(name)
    found = []
    for circle in together.values():
        many = np.array([[brought[a].get(b, 0.0) for b in circle] for a in circle])
        times = float(np.abs(np.linalg.eigvals(many)).max())
        if times >= 1.0:
            first = model.hazards[circle[0]]
            values = {"names": listed(circle), "times": f"{times:.3g}"}
            found.append(Problem("begets-without-end", first.where, f"hazards.{first.id}", values))
    return found


def _triggers(effects: Iterable[Effect]) -> bool:
    return any(e.op == "trigger" or _triggers(e.then) for e in effects)


def _brought(model: Model, hazard: Hazard) -> dict[str, float]:
    """How many of each hazard one coming of this one brings directly, on average."""
    found: dict[str, float] = {}
    if hazard.again is not None:
        found[hazard.id] = max(0.0, mean_factor(hazard.again.factor) - 1.0) * _per_hour(hazard) * _mean_h(hazard.again.lasts)
    for effect, likely in _likely(model, hazard.effects, 1.0):
        other = model.hazards.get(effect.hazard or "") if effect.op == "trigger" else None
        if other is None:
            continue
        more = mean_factor(effect.factor) - 1.0
        times = _mean(other.chance) if effect.factor == 1.0 else more * _per_hour(other) * _lasts_h(hazard, effect)
        found[other.id] = found.get(other.id, 0.0) + likely * times
    return found


def _likely(model: Model, effects: Iterable[Effect], cause: float) -> Iterator[tuple[Effect, float]]:
    """Every effect, those of effects included, with the chance that it happens."""
    for effect in effects:
        likely = cause * _mean(effect.chance)
        for name in effect.unless:
            likely *= 1.0 - _mean(model.barriers[name].works)
        yield effect, likely
        yield from _likely(model, effect.then, likely)


def _lasts_h(hazard: Hazard, effect: Effect) -> float:
    """Mean time for which an effect raises a rate."""
    times = {name: _mean_h(time) for name, time in (hazard.lasts or {}).items()}
    cleared = max(times.values(), default=0.0)
    if effect.until is None:
        return cleared
    begin = 0.0 if effect.until.named is None else times.get(effect.until.named, cleared) - _mean_h(effect.after)
    return max(0.0, begin + _mean_h(effect.until.plus))


def _per_hour(hazard: Hazard) -> float:
    return 0.0 if hazard.rate is None else hazard.rate.dist.mean() * _mean(hazard.chance) / HOURS_PER_YEAR


def _mean(chance: Chance | None) -> float:
    return 1.0 if chance is None else chance.dist.mean()


def _mean_h(duration: Duration | None) -> float:
    return 0.0 if duration is None else sum(term.mean() for term in duration.terms)
