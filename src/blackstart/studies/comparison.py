"""Defences side by side: what each would save a year, what it costs, what is left, with the error of the difference.

All variants are played in the same possible worlds with the same chances, so most noise is in both and drops out of the
difference. The standard error comes from the differences world by world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.simulate import Sample, Study
from blackstart.language.brought import brought
from blackstart.language.model import Model
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.portfolio import unpriced
from blackstart.studies.results import Losses, Result, common
from blackstart.studies.worlds import Estimate, Worlds
from blackstart.system import System


@dataclass(frozen=True)
class Variant:
    """The model with some defences, played. `defences` are those that it has beyond the first variant."""

    defences: tuple[str, ...]
    model: Model
    system: System
    sample: Sample


LONG_H = 24.0
MOST_NOISE = 0.8  # share of the spread of net values that may be noise of simulation; above it nothing is told of it


@dataclass(frozen=True)
class Sums:
    """What a year brings in each possible world, (worlds,) arrays: loss of all (and that of one half of the plays less that of the
    other, which tells the noise of simulation), and for each service hours out, service-hours
    lost, loss (None where none is stated), and the chance of an outage beyond a day, also of any service (under "")."""

    loss: np.ndarray | None
    halves: np.ndarray | None
    hours: dict[str, np.ndarray]
    lost: dict[str, np.ndarray]
    losses: dict[str, np.ndarray | None]
    long: dict[str, np.ndarray]


def comparison(
    variants: Sequence[Variant], study: Study, years: float, defences: Sequence[str] = (), texts: Texts = NO_TEXTS
) -> Result:
    """The first variant is what the others are held against; `defences` are those that all have.

    years : over which the net value is counted: years × (loss avoided - yearly cost) - cost once, without interest.
    texts : the model's files and lists of sources beside them, by name: with them the result tells what it rests on
    """
    first = variants[0]
    how = {"method": "years" if first.sample.years else "episodes", "seed": study.seed, "worlds": first.sample.worlds,
           "samples_per_world": study.samples, "depth": study.depth}  # fmt: skip
    data = common("comparison", first.model, first.system, defences, how)
    found = [sums(v, study.seed) for v in variants]
    data["years"] = years
    data["variants"] = [_row(v, s, found[0], years, v is first) for v, s in zip(variants, found, strict=True)]
    data["lead"] = _lead(data["variants"], variants, found, years)
    data["outcome"] = rescued(data["outcome"], variants)
    if texts:
        ids = list(dict.fromkeys(name for v in variants for name in v.defences))
        more = brought(first.model, ids, texts)
        data["grounds"] = grounds(first.model, [("defences", id_) for id_ in ids], texts, also=("defences",), more=more)
    return Result(data)


def rescued(outcome: dict[str, Any], variants: Sequence[Variant]) -> dict[str, Any]:
    """The outcome, with the reason that hours up to an assumed rescue are among what is held against each other, where they are."""
    some = any((v.sample.paths[:, 3].astype(np.int64) & y.FLAG_STUCK).any() for v in variants)
    return {**outcome, "reasons": [*outcome["reasons"], "rescued"]} if some else outcome


def sums(variant: Variant, seed: int) -> Sums:
    """The sums of one variant. Two variants of one study share their worlds: what differs world by world is the difference."""
    worlds = Worlds(variant.sample, variant.system.is_certain())
    what = variant.sample.rows[:, 1].astype(np.int64)
    pieces, costs = variant.sample.rows[what <= y.ROW_DEGRADED], variant.sample.rows[what == y.ROW_COST]
    loss = Losses(variant.model, variant.system, seed).of(pieces, variant.sample.number)
    is_out, long_h = pieces[:, 1].astype(np.int64) == y.ROW_OUT, pieces[:, 4] - pieces[:, 3]

    def per_year(which: np.ndarray, amount: np.ndarray) -> np.ndarray:
        return worlds.by_world(worlds.per_path(pieces[which], amount[which]))

    def chance(which: np.ndarray) -> np.ndarray:
        """That a year brings one: the share of years that do, or from the rate of episodes, which come as a Poisson process."""
        some = worlds.by_world(np.minimum(1.0, worlds.per_path(pieces[which], np.ones(int(which.sum())))))
        return some if variant.sample.years else -np.expm1(-some)

    hours, lost, losses, long = {}, {}, {}, {}
    beyond = is_out & (long_h > LONG_H)
    for s, name in enumerate(variant.system.services):
        mine = pieces[:, 2].astype(np.int64) == s
        hours[name], lost[name] = per_year(mine & is_out, long_h), per_year(mine, pieces[:, 5])
        long[name] = chance(mine & beyond)
        losses[name] = None if variant.model.components[name].loss is None else per_year(mine, loss)
    long[""] = chance(beyond)
    if not (any(c.loss for c in variant.model.services) or costs.size):
        return Sums(None, None, hours, lost, losses, long)
    paid = worlds.per_path(pieces, loss) + worlds.per_path(costs, costs[:, 4])
    sign = np.where(worlds.job % 2 == 0, 1.0, -1.0)
    return Sums(worlds.by_world(paid), worlds.by_world(sign * paid), hours, lost, losses, long)


def estimate(by_world: np.ndarray, banded: bool) -> Estimate:
    """Mean, its error, and 5 % to 95 % of the worlds: the noise of simulation is still in this band."""
    error = float(np.std(by_world, ddof=1) / np.sqrt(by_world.size)) if by_world.size > 1 else abs(float(by_world.mean()))
    low, high = np.quantile(by_world, (0.05, 0.95))
    return Estimate(float(by_world.mean()), error, (float(low), float(high)) if banded else None)


def _row(v: Variant, year: Sums, first: Sums, years: float, is_first: bool) -> dict[str, Any]:
    banded = not v.system.is_certain()
    once, yearly = costs(v)
    saved = None if year.loss is None or first.loss is None else first.loss - year.loss
    net = None if saved is None or is_first else _net(saved, v, years)
    zero = np.zeros_like(next(iter(year.hours.values()), np.zeros(1)))
    return {
        "with": list(v.defences), "free": unpriced(v.model, v.defences), "once": once, "yearly": yearly, "digest": v.system.digest,
        "loss_per_year": None if year.loss is None else estimate(year.loss, banded).as_dict(),
        "avoided_per_year": None if saved is None or is_first else estimate(saved, banded).as_dict(),
        "net": None if net is None else estimate(net, banded).as_dict(),
        "pays_share": None if net is None or not banded else _pays(net, years * (first.halves - year.halves)),
        "services": {
            name: {
                "downtime_h_per_year": estimate(hours, banded).as_dict(),
                "avoided_h_per_year": None if is_first else estimate(first.hours.get(name, zero) - hours, banded).as_dict(),
            }
            for name, hours in year.hours.items()
        },
    }  # fmt: skip


def _pays(net: np.ndarray, halves: np.ndarray) -> float | None:
    """Share of the possible worlds with a net value above 0, the noise of simulation taken out; None where it hides the worlds.

    halves : (worlds,) net value by one half of the plays less that by the other: its mean square is the noise in `net`
    """
    spread, noise = float(np.var(net, ddof=1)) if net.size > 1 else 0.0, float(np.mean(halves**2))
    if spread <= 0.0 or noise > MOST_NOISE * spread:
        return None
    told = net.mean() + (net - net.mean()) * np.sqrt(1.0 - noise / spread)
    return float((told > 0).mean())


def _net(saved: np.ndarray, v: Variant, years: float) -> np.ndarray:
    once, yearly = costs(v)
    return years * (saved - (yearly or 0.0)) - (once or 0.0)


def costs(v: Variant) -> tuple[float | None, float | None]:
    """Mean costs of a variant's own defences, once and a year; None where none of them states it."""
    rows = [v.model.defences[name] for name in v.defences]
    found = []
    for stated in ([r.costs_once for r in rows], [r.costs_yearly for r in rows]):
        amounts = [m.dist.mean() for m in stated if m is not None]
        found.append(float(sum(amounts)) if amounts else None)
    return found[0], found[1]


def _lead(rows: Sequence[dict[str, Any]], variants: Sequence[Variant], years_of: Sequence[Sums], years: float) -> dict[str, Any] | None:
    """The variant with the highest net value, and how far it lies before the next: a difference with its own error."""
    numbers = [i for i, row in enumerate(rows) if row["net"] is not None]
    if not numbers:
        return None
    best, *others = sorted(numbers, key=lambda i: -rows[i]["net"]["value"])
    if not others:
        return {"best": rows[best]["with"], "next": None, "difference": None}
    first = years_of[0].loss
    nets = [_net(first - years_of[i].loss, variants[i], years) for i in (best, others[0])]  # type: ignore[operator]
    return {"best": rows[best]["with"], "next": rows[others[0]]["with"], "difference": estimate(nets[0] - nets[1], False).as_dict()}
