"""What a change to a model does to its risk: two models side by side, with the error of the difference, and gates.

Both are played with the same luck, so that what they share drops out of the difference. Deadlocks and overlaps are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study
from blackstart.language.coldstart import deadlocks
from blackstart.language.edits import edits
from blackstart.language.gates import COUNTED, Gate
from blackstart.language.model import Model
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.studies.comparison import Sums, Variant, estimate, rescued, sums
from blackstart.studies.luck import Luck
from blackstart.studies.overlaps import Asked, overlaps
from blackstart.studies.results import Result, common, part_of_assessment

KIND = "difference"
TAIL_YEARS = "100"  # TVaR: the mean of the worst year in so many
TOLD_APART = 2.0  # standard errors
MOST_CHANGES = 500  # lines of the files that are listed
OVERLAPS = Asked(most=400, order=2)
MEASURES = ("hours", "over_24h", "user_hours", "loss")


@dataclass(frozen=True)
class Side:
    """A model as it was, or as it is: what to call it, and how it was played."""

    name: str
    variant: Variant


def sides(names: Sequence[str], models: Sequence[Model], study: Study) -> list[Side]:
    """Two models played with the same luck; the same model twice is played once."""
    systems = [compile_model(m) for m in models]
    luck = Luck(systems, study)
    new = systems[:1] if systems[0].digest == systems[1].digest else systems
    with ThreadPoolExecutor(max(1, min(study.threads, len(new)))) as pool:
        samples = list(pool.map(luck.sample, new))
    played = zip(names, models, systems, (samples[0], samples[-1]), strict=True)
    return [Side(name, Variant((), model, system, sample)) for name, model, system, sample in played]


def difference(
    before: Side, after: Side, study: Study, gates: Sequence[Gate] = (), defences: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None, texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """The second model held against the first.

    Parameters
    ----------
    gates : sequence of Gate
        What the change may cost at most; each is found kept, breached, or open where the error hides it.
    defences : sequence of str
        Those that both have on.
    texts : mapping
        Files of the second model and lists of sources beside them, by name: with them the result tells what it rests on.
    """
    both = (before, after)
    how = {"method": "years" if after.variant.sample.years else "episodes", "seed": study.seed, "worlds": after.variant.sample.worlds,
           "samples_per_world": study.samples, "depth": study.depth}  # fmt: skip
    data = common(KIND, after.variant.model, after.variant.system, defences, how)
    data["labels"] = {**common(KIND, before.variant.model, before.variant.system, (), how)["labels"], **data["labels"]}
    found = [sums(side.variant, study.seed) for side in both]
    data["before"], data["after"] = ({"name": s.name, "digest": s.variant.system.digest} for s in both)
    data["same"] = before.variant.system.digest == after.variant.system.digest
    data["services"] = _services(both, found)
    data["total"] = _total(both, found, study)
    data["outcome"] = rescued(data["outcome"], [side.variant for side in both])
    data["tail_years"] = int(TAIL_YEARS)
    knots = [deadlocks(side.variant.model) for side in both]
    members = [{d.members for d in row} for row in knots]
    data["deadlocks_added"] = [_knot(d) for d in knots[1] if d.members not in members[0]]
    data["deadlocks_removed"] = [_knot(d) for d in knots[0] if d.members not in members[1]]
    data["overlaps_added"], data["overlaps_removed"] = _overlaps(both, data["same"], progress)
    changes = list(edits(before.variant.model.raw, after.variant.model.raw))
    data["changes"], data["changes_left_out"] = changes[:MOST_CHANGES], max(0, len(changes) - MOST_CHANGES)
    data["gates"] = [_gate(gate, data, found) for gate in gates]
    if texts:
        data["grounds"] = grounds(after.variant.model, [], texts)
    return Result(data)


# ----------------------------------------------------------------------------- numbers


def _three(before: np.ndarray | None, after: np.ndarray | None, banded: bool) -> dict[str, Any]:
    """Before, after and the change, each with its error; a side that has no such thing is null."""
    row: dict[str, Any] = {
        name: None if x is None else estimate(x, banded).as_dict() for name, x in (("before", before), ("after", after))
    }
    row["change"] = None if before is None or after is None else estimate(after - before, False).as_dict()
    return row


def _of_service(side: Side, year: Sums, name: str) -> dict[str, np.ndarray | None]:
    if name not in year.hours:
        return dict.fromkeys(MEASURES)
    users = side.variant.model.components[name].users
    return {"hours": year.hours[name], "over_24h": year.long[name],
            "user_hours": None if users is None else year.lost[name] * users, "loss": year.losses[name]}  # fmt: skip


def _of_all(side: Side, year: Sums) -> dict[str, np.ndarray | None]:
    users = {name: side.variant.model.components[name].users for name in year.hours}
    with_users = [year.lost[name] * users[name] for name in year.lost if users[name] is not None]
    return {"hours": np.sum(list(year.hours.values()), axis=0), "over_24h": year.long[""],
            "user_hours": np.sum(with_users, axis=0) if with_users else None, "loss": year.loss}  # fmt: skip


def _services(sides: Sequence[Side], found: Sequence[Sums]) -> dict[str, Any]:
    names = dict.fromkeys([*found[1].hours, *found[0].hours])
    banded = _banded(sides)
    rows = {}
    for name in names:
        before, after = (_of_service(side, year, name) for side, year in zip(sides, found, strict=True))
        rows[name] = {measure: _three(before[measure], after[measure], banded) for measure in MEASURES}
    return rows


def _total(sides: Sequence[Side], found: Sequence[Sums], study: Study) -> dict[str, Any]:
    before, after = (_of_all(side, year) for side, year in zip(sides, found, strict=True))
    rows = {measure: _three(before[measure], after[measure], _banded(sides)) for measure in MEASURES}
    tails = [_tail(side, year, study) for side, year in zip(sides, found, strict=True)]
    change = None
    if tails[0] and tails[1]:
        error = math.hypot(tails[0]["standard_error"], tails[1]["standard_error"])
        same = sides[0].variant.system.digest == sides[1].variant.system.digest
        change = {"value": tails[1]["value"] - tails[0]["value"], "standard_error": 0.0 if same else error, "band": None}
    rows["tvar"] = {"before": tails[0], "after": tails[1], "change": change}
    return rows


def _banded(sides: Sequence[Side]) -> bool:
    return not all(side.variant.system.is_certain() for side in sides)


def _tail(side: Side, year: Sums, study: Study) -> dict[str, Any] | None:
    if year.loss is None:
        return None
    v = side.variant
    return part_of_assessment(v.model, v.system, v.sample, study, ("total",))["total"]["loss"]["tvar"][TAIL_YEARS]


# ----------------------------------------------------------------------------- what is exact


def _knot(d: Any) -> dict[str, Any]:
    return {"members": list(d.members), "chain": list(d.chain)}


def _overlaps(
    sides: Sequence[Side], same: bool, progress: Callable[[int, int], None] | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Single misfortunes and pairs that stop a service now and did not before, and the other way round."""
    if same:
        return [], []
    tables = [_small(overlaps(s.variant.model, s.variant.system, OVERLAPS, progress=progress).as_dict()) for s in sides]
    return _only(tables[1], tables[0]), _only(tables[0], tables[1])


def _small(result: Mapping[str, Any]) -> dict[frozenset, dict[str, Any]]:
    keys = ("what", "id", "of")
    return {
        frozenset(tuple(m[k] for k in keys) for m in row["misfortunes"]): {
            "misfortunes": [{k: m[k] for k in keys} for m in row["misfortunes"]], "services": row["stops"],
            "per_year": row["per_year"], "longest_h": max(row["hours"].values(), default=0.0),
        }
        for row in result["overlaps"] if len(row["misfortunes"]) <= OVERLAPS.order
    }  # fmt: skip


def _only(here: Mapping[frozenset, dict[str, Any]], there: Mapping[frozenset, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one table for what the other does not stop by the same set, nor by one misfortune of it alone."""
    rows = []
    for key, row in here.items():
        inside = [there[k] for k in (key, *(frozenset((m,)) for m in key)) if k in there]
        known = {service for other in inside for service in other["services"]}
        services = [s for s in row["services"] if s not in known]
        if services:
            rows.append({**row, "services": services})
    return sorted(rows, key=lambda r: (-r["per_year"] * r["longest_h"], [m["id"] for m in r["misfortunes"]]))


# ----------------------------------------------------------------------------- gates


def _gate(gate: Gate, data: Mapping[str, Any], found: Sequence[Sums]) -> dict[str, Any]:
    """Whether the change keeps a gate: how far it lies beyond the limit, against the error of that."""
    row = {"text": gate.text, "what": gate.what, "service": gate.service, "kind": gate.kind, "limit": gate.limit}
    if gate.what in COUNTED:
        new = len(data[f"{gate.what}_added"])
        return row | {"before": None, "after": None, "change": float(new), "state": "breached" if new > gate.limit else "kept"}
    table = data["total"] if gate.service is None else data["services"][gate.service]
    numbers = table[gate.what.replace("-", "_")]
    before, after, change = (numbers[name] for name in ("before", "after", "change"))
    row |= {"before": before and before["value"], "after": after and after["value"], "change": change and change["value"]}
    if after is None:  # the service is gone: it costs nothing any more
        return row | {"state": "kept"}
    beyond, error = _beyond(gate, before, after, change)
    return row | {"state": "kept" if beyond <= 0.0 else "breached" if beyond > TOLD_APART * error else "open"}


def _beyond(
    gate: Gate, before: Mapping[str, Any] | None, after: Mapping[str, Any], change: Mapping[str, Any] | None
) -> tuple[float, float]:
    """How far the limit is passed, and the error of that. What was not there before was nothing."""
    if gate.kind == "most":
        return after["value"] - gate.limit, after["standard_error"]
    grown = change or after
    allowed = gate.limit * (before["value"] if before else 0.0) if gate.kind == "relative" else gate.limit
    drift = gate.limit * before["standard_error"] if gate.kind == "relative" and before else 0.0
    return grown["value"] - allowed, math.hypot(grown["standard_error"], drift)
