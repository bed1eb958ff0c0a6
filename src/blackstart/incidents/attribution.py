"""What each misfortune, missing stage, design decision and staffing decision had to do with an outage.

The day is played again and again with the same random numbers, each time without some of what went wrong: a misfortune that does
not come, a barrier that works, a defence that stands, a team that has more people. The share of each is its Shapley value: the
mean of what it adds over all orders in which the pieces of bad luck could have come together. The shares add up to the whole.
They are shares of the model's replay of the day, and the result says how well that replay fits the record.

Source: L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953), 307-317.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart import units
from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines.simulate import RESCUE_H, Sample, rehearse_many
from blackstart.errors import ModelError, Problem
from blackstart.incidents import incident, outage
from blackstart.incidents.incident import Record
from blackstart.incidents.recorded import brief, own_services
from blackstart.language import load, scenario
from blackstart.language.model import Model
from blackstart.language.portfolio import with_required
from blackstart.studies.rehearsal import hits_of
from blackstart.studies.results import Losses, Result, common
from blackstart.studies.worlds import Estimate
from blackstart.system import System

MOST_EXACT = 10  # pieces of bad luck; beyond it orders are sampled
PERMUTATIONS = 60  # sampled orders, each also backwards
MOST_PAIRS = 10
LEAST_OF_PAIR = 0.005  # of the whole: two that save so little more (or less) together are not worth a line
MEASURES = ("hours", "user_hours", "money")
QUANTILES = (10, 50, 90)

Progress = Callable[[int, int], None]
Values = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Player:
    """One piece of what went wrong. what : ``misfortune``, ``barrier``, ``design`` or ``staffing``; `name` is its name in the model."""

    id: str
    what: str
    noun: str
    name: str
    times: float = 1.0


def attribute(model: Model, record: Record, *, runs: int = 400, seed: int = 1, progress: Progress | None = None) -> Result:
    """The share of each misfortune, barrier, design and staffing decision in the outage, in hours, user-hours and money.

    Exact over all 2^n sets of n <= MOST_EXACT pieces (the only error left is that of the `runs` plays of each set); else over
    sampled orders, with their error.

    Raises
    ------
    ModelError
        The record names no misfortune, or something that the model does not have.
    """
    game = _Game(incident.prepared(model, record), record, runs, seed)
    n = len(game.players)
    exact = n <= MOST_EXACT
    shares, errors = _exact(game, progress) if exact else _sampled(game, progress)
    return Result(_told(game, shares, errors, exact))


# ----------------------------------------------------------------------------- Shapley


def shapley(values: np.ndarray) -> np.ndarray:
    """(n, ...) Shapley values of a game given as (2^n, ...) values; bit i of a row's number says whether player i takes part.

    Examples
    --------
    Two redundant sites, down together when a common cause comes (0.001) or both fail (0.1 x 0.1):

    >>> v = np.array([0, 0.001, 0, 0.001, 0, 0.001, 0.01, 0.01 + 0.001 - 0.00001])
    >>> shapley(v).round(8).tolist()
    [0.00099667, 0.00499667, 0.00499667]
    """
    n = int(values.shape[0]).bit_length() - 1
    masks = np.arange(values.shape[0])
    sizes = np.array([int(m).bit_count() for m in masks])
    weights = np.array([math.factorial(k) * math.factorial(n - k - 1) / math.factorial(n) for k in range(n)])
    found = []
    for i in range(n):
        without = masks[(masks >> i & 1) == 0]
        found.append(np.tensordot(weights[sizes[without]], values[without | 1 << i] - values[without], axes=1))
    return np.array(found)


def _exact(game: _Game, progress: Progress | None) -> tuple[Values, Values]:
    """Shares and their errors: every set is played with the same random numbers, so each run has its own exact shares."""
    sets = 1 << len(game.players)
    for mask in range(sets):
        game.value(mask)
        if progress:
            progress(mask + 1, sets)
    shares, errors = {}, {}
    for measure in game.measures:
        of_runs = shapley(np.array([game.value(mask)[measure] for mask in range(sets)]))
        shares[measure], errors[measure] = of_runs.mean(axis=1), of_runs.std(axis=1, ddof=1) / math.sqrt(game.runs)
    return shares, errors


def _sampled(game: _Game, progress: Progress | None) -> tuple[Values, Values]:
    """The same from sampled orders, each also backwards; the error is that of the orders and that of the runs together."""
    n = len(game.players)
    rng = np.random.Generator(np.random.Philox(key=game.seed))
    gains = {m: np.zeros((PERMUTATIONS, n, game.runs)) for m in game.measures}
    for k in range(PERMUTATIONS):
        order = rng.permutation(n)
        for one in (order, order[::-1]):
            mask, before = 0, game.value(0)
            for i in one.tolist():
                mask |= 1 << i
                after = game.value(mask)
                for m in game.measures:
                    gains[m][k, i] += 0.5 * (after[m] - before[m])
                before = after
        if progress:
            progress(k + 1, PERMUTATIONS)
    shares = {m: g.mean(axis=(0, 2)) for m, g in gains.items()}
    errors = {
        m: np.sqrt(g.mean(axis=2).var(axis=0, ddof=1) / PERMUTATIONS + g.mean(axis=0).var(axis=1, ddof=1) / game.runs)
        for m, g in gains.items()
    }
    return shares, errors


# ----------------------------------------------------------------------------- the game


class _Game:
    """The day, played with every set of what went wrong. Bit i of a set: player i went wrong, as it did."""

    def __init__(self, model: Model, record: Record, runs: int, seed: int) -> None:
        self.model, self.record, self.runs, self.seed = model, record, runs, seed
        if not record.hits:
            raise ModelError([Problem("incident-no-hit", None, "hit")], record.texts)
        self.stands_for = _stands_for(model, record)
        self.players = _players(model, record, self.stands_for)
        self.services = own_services(record, model)
        self.recorded = outage.whole(record, self.services)
        self.compared = list(self.recorded.services if self.recorded else ()) or self.services  # of which the record has the length
        known = {"hours": True, "user_hours": any(model.components[s].users for s in self.services),
                 "money": any(model.components[s].loss for s in self.services)}  # fmt: skip
        self.measures = [m for m in MEASURES if known[m]]
        self.played: dict[int, Values] = {}
        self.whole = (1 << len(self.players)) - 1

    def value(self, mask: int) -> Values:
        """(runs,) of each measure, and the mean hours out of each service, when just these went wrong."""
        if mask not in self.played:
            self.played[mask] = self._play(mask)
        return self.played[mask]

    def _play(self, mask: int) -> Values:
        wrong = {p.id for i, p in enumerate(self.players) if mask >> i & 1}
        hits = [hit for i, hit in enumerate(self.record.hits) if f"hit:{i}" in wrong]
        if not hits:
            nothing = {m: np.zeros(self.runs) for m in (*self.measures, "compared")}
            return nothing | {"services": np.zeros(len(self.services)), "rescued": np.zeros(1)}
        model, system, strikes = self.day(wrong, hits)
        sample = rehearse_many(system, strikes, runs=self.runs, seed=self.seed, rescue_h=RESCUE_H)
        return self._measured(model, system, sample)

    def day(self, wrong: set[str], hits: Sequence[str]) -> tuple[Model, System, list[Any]]:
        """The model of the day when just these went wrong, compiled, and what strikes it."""
        there = _standing(self.model, [*self.record.defences, *(p.name for p in self.players if p.what == "design" and p.id not in wrong)])
        model = load.apply(self.model, there)
        staffed = {p.name: p.times for p in self.players if p.what == "staffing" and p.id not in wrong}
        if staffed:
            model = dataclasses.replace(model, teams={t.id: _more(t, staffed.get(t.id, 1.0)) for t in model.teams.values()})
        own = {p.name: p.id in wrong for p in self.players if p.what == "barrier"}
        lone = [name for name in self.record.fails if name not in own and not set(self.stands_for[name]) & set(there)]
        fails = [*lone, *(name for name, failed in own.items() if failed)]
        works = [*self.record.works, *(units.read_tries(name)[0] for name, failed in own.items() if not failed)]
        asked = scenario.read(model, hits, fails, works)
        system = compile_model(asked.model)
        return asked.model, system, hits_of(asked, system)

    def had_been(self, i: int) -> tuple[int, list[str]]:
        """The day had player i not gone wrong, nor what it cannot do without; and which players these are."""
        player = self.players[i]
        names = with_required(self.model, player.name)[:-1] if player.what == "design" else ()
        also = [j for j, p in enumerate(self.players) if p.what == "design" and p.name in names]
        return self.whole & ~sum(1 << j for j in {i, *also}), [self.players[j].id for j in also]

    def _measured(self, model: Model, system: System, sample: Sample) -> Values:
        rows, ours = sample.rows, np.array([name in self.services for name in system.services])
        pieces = rows[rows[:, 1] <= y.ROW_DEGRADED]
        pieces = pieces[ours[pieces[:, 2].astype(np.int64)]]
        out = pieces[pieces[:, 1] == y.ROW_OUT]
        compared = np.array([name in self.compared for name in system.services])[out[:, 2].astype(np.int64)]
        found: Values = {"hours": _hours(out, self.runs), "compared": _hours(out[compared], self.runs)}
        if "user_hours" in self.measures:
            users = np.array([model.components[name].users or 0.0 for name in system.services])
            found["user_hours"] = _by_run(pieces, pieces[:, 5] * users[pieces[:, 2].astype(np.int64)], self.runs)
        if "money" in self.measures:
            costs = rows[rows[:, 1] == y.ROW_COST]
            loss = Losses(model, system, self.seed).of(pieces)
            found["money"] = _by_run(pieces, loss, self.runs) + _by_run(costs, costs[:, 4], self.runs)
        hours = np.bincount(out[:, 2].astype(np.int64), weights=out[:, 4] - out[:, 3], minlength=len(system.services)) / self.runs
        found["services"] = np.array([hours[system.services.index(name)] for name in self.services])
        found["rescued"] = np.array([(sample.paths[:, 3].astype(np.int64) & y.FLAG_STUCK > 0).mean()])
        return found


def _by_run(rows: np.ndarray, amount: np.ndarray, runs: int) -> np.ndarray:
    return np.bincount(rows[:, 0].astype(np.int64), weights=amount, minlength=runs)


def _hours(out: np.ndarray, runs: int) -> np.ndarray:
    """(runs,) hours from the first service falling until the last is back."""
    run = out[:, 0].astype(np.int64)
    first, last = np.full(runs, np.inf), np.zeros(runs)
    np.minimum.at(first, run, out[:, 3])
    np.maximum.at(last, run, out[:, 4])
    return np.where(np.isfinite(first), last - np.where(np.isfinite(first), first, 0.0), 0.0)


def _players(model: Model, record: Record, stands_for: Mapping[str, Sequence[str]]) -> list[Player]:
    """Misfortunes, barriers and take-overs that failed, defences that were not there, teams that were too small."""
    found = []
    for i, hit in enumerate(record.hits):
        (strike,) = scenario.read(model, [hit]).strikes
        found.append(Player(f"hit:{i}", "misfortune", strike.noun, strike.name))
    for name in record.fails:
        if not stands_for[name]:
            found.append(Player(f"fails:{name}", "barrier", "barrier" if name in model.barriers else "component", name))
    for one in record.missing:
        what, noun = ("design", "defence") if one.times == 1.0 else ("staffing", "team")
        found.append(Player(f"missing:{one.name}", what, noun, one.name, one.times))
    return found


def _stands_for(model: Model, record: Record) -> dict[str, list[str]]:
    """For each stage that failed, the missing defences that would have changed it: they stand for it, or it would count twice."""
    changed = {
        one.name: {str(name) for section in ("barriers", "components", "services") for name in (change.get(section) or ())}
        for one in record.missing
        if one.name in model.defences and (change := model.defences[one.name].change)
    }
    return {said: [defence for defence, names in changed.items() if units.read_tries(said)[0] in names] for said in record.fails}


def _standing(model: Model, names: Sequence[str]) -> list[str]:
    """What of these defences can stand: one without what it requires would not."""
    there = list(dict.fromkeys(names))
    while True:
        kept = [d for d in there if all(r in there or model.defences[r].state != "absent" for r in model.defences[d].requires)]
        if kept == there:
            return there
        there = kept


def _more(team: Any, times: float) -> Any:
    """A team with so many times its people."""
    on_call = None if team.on_call is None else round(team.on_call * times)
    return dataclasses.replace(team, people=round(team.people * times), on_call=on_call)


# ----------------------------------------------------------------------------- told


def _told(game: _Game, shares: Values, errors: Values, exact: bool) -> dict[str, Any]:
    wrong = {p.id for p in game.players}
    model, system, _ = game.day(wrong, game.record.hits)
    data = common("attribution", model, system, game.record.defences, {"seed": game.seed, "runs": game.runs})
    whole, none = game.value(game.whole), game.value(0)
    rank_by = next(m for m in reversed(game.measures) if m == "hours" or abs(float((whole[m] - none[m]).mean())) > 0)
    rows = [_player(game, i, shares, errors) for i in range(len(game.players))]
    rows.sort(key=lambda row: -row["share"][rank_by]["value"])
    data["outcome"] = {"state": "estimated", "reasons": ["rescued"] if float(whole["rescued"][0]) > 0 else []}
    data["record"] = brief(game.record)
    data["scenario"] = {"hit": list(game.record.hits), "fails": list(game.record.fails), "works": list(game.record.works),
                        "with": list(game.record.defences)}  # fmt: skip
    data["replay"] = _replay(game, whole)
    data["measures"] = game.measures
    data["whole"] = {m: _estimate(whole[m] - none[m]) for m in game.measures}
    data["none"] = {m: _estimate(none[m]) for m in game.measures}
    data["players"] = rows
    data["pairs"] = _pairs(game, rank_by)
    data["decisions"] = _decisions(game)
    data["sums"] = {m: _sum(shares[m], whole[m] - none[m]) for m in game.measures}
    data["method"] = {
        "exact": exact, "players": len(game.players), "subsets": len(game.played), "permutations": None if exact else 2 * PERMUTATIONS,
        "runs": game.runs, "seed": game.seed, "rank_by": rank_by,
    }  # fmt: skip
    return data


def _player(game: _Game, i: int, shares: Values, errors: Values) -> dict[str, Any]:
    player = game.players[i]
    mask, also = game.had_been(i)
    whole, none, without = game.value(game.whole), game.value(0), game.value(mask)
    total = {m: float((whole[m] - none[m]).mean()) for m in game.measures}
    return {
        "id": player.id, "what": player.what, "noun": player.noun, "name": player.name, "times": player.times,
        "stands_for": [name for name, defences in game.stands_for.items() if player.name in defences],
        "share": {m: Estimate(float(shares[m][i]), float(errors[m][i])).as_dict() for m in game.measures},
        "also": also,
        "part": {m: float(shares[m][i]) / total[m] if total[m] else 0.0 for m in game.measures},
        "without": {m: _estimate(without[m]) for m in game.measures},
        "saved": {m: _estimate(whole[m] - without[m]) for m in game.measures},
        "by_service": {
            name: {"hours": [float(whole["services"][s]), float(without["services"][s])]} for s, name in enumerate(game.services)
        },
    }  # fmt: skip


def _estimate(values: np.ndarray) -> dict[str, Any]:
    error = float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else 0.0
    return Estimate(float(values.mean()), error).as_dict()


def _sum(shares: np.ndarray, whole: np.ndarray) -> dict[str, float]:
    total, mean = float(shares.sum()), float(whole.mean())
    return {"shares": total, "whole": mean, "gap": total - mean}


def _pairs(game: _Game, measure: str) -> list[dict[str, Any]]:
    """Two pieces of bad luck of which the absence of both would have saved more (or less) than the absence of each by itself."""
    whole, rows = game.value(game.whole), []
    for i in range(len(game.players)):
        for j in range(i):
            bits = [game.whole ^ game.had_been(k)[0] for k in (i, j)]
            masks = [game.whole & ~one for one in (*bits, bits[0] | bits[1])]
            known = all(mask in game.played for mask in masks)
            if not known or bits[0] & bits[1] or "misfortune" in (game.players[i].what, game.players[j].what):
                continue
            one, other, both = (game.value(mask) for mask in masks)
            rows.append({
                "ids": [game.players[j].id, game.players[i].id],
                "together": {m: _estimate(whole[m] - both[m]) for m in game.measures},
                "apart": {m: _estimate(2 * whole[m] - one[m] - other[m]) for m in game.measures},
            })  # fmt: skip

    def apart(row: Mapping[str, Any]) -> float:
        return abs(row["together"][measure]["value"] - row["apart"][measure]["value"])

    least = LEAST_OF_PAIR * float((whole[measure] - game.value(0)[measure]).mean())
    return sorted((row for row in rows if apart(row) > least), key=lambda row: -apart(row))[:MOST_PAIRS]


def _decisions(game: _Game) -> list[dict[str, Any]]:
    """Which players each warning and decision of the record is about."""

    def ids(names: Iterable[str]) -> list[str]:
        of_stage = {defence for name in names for defence in game.stands_for.get(name, ())}
        return [p.id for p in game.players if p.name in names or p.name in of_stage]

    return [{"id": row.id, "players": found} for row in game.record.people if (found := ids(row.about))]


def _quantiles(values: np.ndarray) -> dict[str, float]:
    return {str(q): float(np.quantile(values, q / 100, method="inverted_cdf")) for q in QUANTILES}


def _replay(game: _Game, whole: Values) -> dict[str, Any]:
    """How the replay of the whole day lies to what was recorded of its length."""
    known, hours = (None if game.recorded is None else game.recorded.hours), whole["compared"]
    low, high = (float(np.quantile(hours, q, method="inverted_cdf")) for q in (0.1, 0.9))
    place = None if known is None else float((hours <= known[1]).mean())
    return {
        "runs": game.runs,
        "measures": {m: _quantiles(whole[m]) for m in game.measures},
        "compared": {"services": game.compared, "of": len(game.services), "hours": _quantiles(hours)},
        "recorded": {"hours": None if known is None else [t if math.isfinite(t) else None for t in known]},
        "places": {"hours": place},
        "good": None if known is None else bool(known[1] >= low and known[0] <= high),
        "rescued_share": float(whole["rescued"][0]),
    }  # fmt: skip
