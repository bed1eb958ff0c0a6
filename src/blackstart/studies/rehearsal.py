"""The Result of a rehearsal: one scenario told at typical values, with the spread of many runs and what they hang on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines import simulate
from blackstart.engines.simulate import Hit, Sample, Story
from blackstart.language.at_rest import out_below
from blackstart.language.data import behind_h, data_under
from blackstart.language.model import Component, Model
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.scenario import Given, Scenario
from blackstart.studies import branches
from blackstart.studies.results import Losses, Result, common, data_losses
from blackstart.studies.story import Telling, effects_by_path
from blackstart.system import System


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: its typical course, and the runs by chance if there were any."""

    story: Story
    many: Sample | None
    watch: branches.Watch | None
    seed: int
    asked: int  # runs that were asked for


def hits_of(scenario: Scenario, system: System) -> list[Hit]:
    """The scenario's misfortunes as the engine takes them."""
    return [
        Hit(s.at_h, False, system.components.index(s.name)) if s.hazard is None else Hit(s.at_h, True, system.hazards.index(s.hazard))
        for s in scenario.strikes
    ]


def play(scenario: Scenario, system: System, *, runs: int, seed: int, progress: Any = None, partial: bool = False) -> Played:
    """The typical course, and so many runs by chance (none if 1).

    partial : Ctrl-C keeps the runs that are finished, perhaps none; else it goes on to the caller.
    """
    hits = hits_of(scenario, system)
    story = simulate.rehearse(system, hits, seed=seed)
    if runs <= 1:
        return Played(story, None, None, seed, runs)
    watch = branches.Watch(system, runs)
    many = simulate.rehearse_many(system, hits, runs=runs, seed=seed, progress=progress, watch=watch, partial=partial)
    return Played(story, many if many.worlds else None, watch, seed, runs)


def rehearsal(
    scenario: Scenario, system: System, played: Played, defences: Sequence[str] = (), texts: Texts = NO_TEXTS
) -> Result:
    """What one scenario does."""
    model, many, seed = scenario.model, played.many, played.seed
    runs = many.worlds if many is not None else 1
    data = common("rehearsal", model, system, defences, {"seed": seed, "runs": runs, "typical": True})
    data["provenance"] |= _digests(scenario, system)
    telling = Telling(model, system, played.story)
    data["outcome"] = _outcome(played)
    data["scenario"] = [
        {"at_h": s.at_h, "hit": s.name, "what": s.noun, "how": s.how, "for_h": s.lasts_h} | ({"share": s.share} if s.share < 1.0 else {})
        for s in scenario.strikes
    ]
    data["given"] = [_given(g) for g in scenario.given]
    data["runs"], data["typical"], data["end_h"] = runs, True, telling.end
    spread = None if many is None else _Spread(system, many)
    data["services"] = services_of(model, system, played.story, telling, seed, spread)
    data["timeline"] = telling.timeline()
    data["states"] = {name: [list(row) for row in rows] for name, rows in telling.states.items()}
    data["stages"] = stages_of(telling)
    data["stuck"] = telling.stuck
    data |= _without_end(telling, played.story)
    data["data_lost"] = data_lost_of(system, played.story)
    data["forks"], data["other"] = [], None
    if many is not None and played.watch is not None:
        data["forks"], data["other"] = _forks(scenario, system, played, many, played.watch)
    struck = [("hazards" if strike.noun == "hazard" else "components", strike.name) for strike in scenario.strikes]
    data["grounds"] = grounds(scenario.written, struck, texts)
    return Result(data)


def _digests(scenario: Scenario, system: System) -> dict[str, str]:
    """The digest of the model as written, whatever strikes it; and that of what was `played`, where the scenario added to the model."""
    if not scenario.adds:
        return {}
    return {"digest": compile_model(scenario.written).digest, "played": system.digest}


def stages_of(telling: Telling) -> dict[str, list[dict[str, Any]]]:
    """What each component did, one span of time after the other."""
    return {name: [telling.row(name, s) for s in spans] for name, spans in telling.spans.items()}


def _outcome(played: Played) -> dict[str, Any]:
    if _is_cut(played.story):
        return {"state": "stopped", "reasons": ["never-rests"]}
    done = played.many.worlds if played.many is not None else 1
    return {"state": "typical", "reasons": ["interrupted"] if done < played.asked else []}


def _is_cut(story: Story) -> bool:
    """Whether the story met the limit of events: what is out by then goes round without end, and is not back."""
    return bool(int(story.path[2]) & y.FLAG_EVENTS)


def _given(given: Given) -> dict[str, Any]:
    said = {"what": given.noun, "id": given.name, "works": given.works}
    return said if given.tries is None else said | {"tries": given.tries}


def data_lost_of(system: System, story: Story) -> list[dict[str, Any]]:
    """Data that one course lost for good, with the hours of writes; None: all of it."""
    return [
        {"component": system.data_sets[int(r[2])], "t_h": float(r[3]), "hours": None if math.isinf(r[4]) else float(r[4])}
        for r in data_losses(story.rows)
    ]  # fmt: skip


# ----------------------------------------------------------------------------- services


def services_of(
    model: Model, system: System, story: Story, telling: Telling, seed: int, spread: _Spread | None = None
) -> dict[str, Any]:  # fmt: skip
    """What one course did to each service: its outages, what they cost, and the way by which it came back."""
    what = story.rows[:, 1].astype(np.int64) if story.rows.size else np.zeros(0, np.int64)
    pieces = story.rows[what <= y.ROW_DEGRADED] if story.rows.size else np.zeros((0, 6))
    loss = Losses(model, system, seed).of(pieces)
    lost = data_lost_of(system, story)
    found, below = {}, out_below(model)
    for s, name in enumerate(system.services):
        c = model.components[name]
        mine = pieces[:, 2].astype(np.int64) == s
        rows = pieces[mine]
        out = rows[rows[:, 1].astype(np.int64) == y.ROW_OUT]
        levels = [[float(t), float(a)] for t, w, who, a, _ in telling.trace.tolist()
                  if int(w) == y.T_LEVEL and telling.names[int(who)] == name]  # fmt: skip
        never = bool((telling.stuck or _is_cut(story)) and levels and levels[-1][1] < system.arrays.service["serves"][s])
        outages = [[float(a), None if never and b >= telling.end else float(b)] for a, b in out[:, 3:5]]
        if never and (not outages or outages[-1][1] is not None):  # it went out at the very end and stays so
            outages.append([levels[-1][0], None])
        back = None if never or not outages else outages[-1][1]
        found[name] = {
            "out_at_h": outages[0][0] if outages else None,
            "back_at_h": back,
            "never": never,
            "outages": outages,
            "out_below": below[name],
            "level": levels,
            "lost_user_hours": None if c.users is None else float(rows[:, 5].sum() * c.users),
            "loss": None if c.loss is None else float(loss[mine].sum()),
            "tolerance": _tolerance(model, c, outages, lost, s, spread),
            "quantiles": None if spread is None else spread.quantiles(s),
            "critical_path": telling.ways_of(name, outages) if back is not None else [],
        } | ({"lacks": lacks} if never and (lacks := telling.lacks(name)) else {})
    return found


def _tolerance(
    model: Model, c: Component, outages: Sequence[Sequence[float | None]], lost: Sequence[Mapping[str, Any]], s: int, spread: _Spread | None
) -> dict[str, Any] | None:
    """Whether the course keeps what the business can bear: its longest outage, and the most writes lost of its data."""
    limits = c.tolerance
    if limits is None or not (limits.rto or limits.mtpd or limits.rpo):
        return None
    longest = max((math.inf if b is None else b - a for a, b in outages if a is not None), default=0.0)
    found: dict[str, Any] = {"rto": None, "mtpd": None, "rpo": None}
    for key, limit in (("rto", limits.rto), ("mtpd", limits.mtpd)):
        if limit is not None:
            missed = None if spread is None else spread.longer_share(s, limit.mean())
            found[key] = _limit(limit.mean(), longest, missed)
    if limits.rpo is not None:
        sets = data_under(model, c.id)
        most = max((math.inf if r["hours"] is None else r["hours"] for r in lost if r["component"] in sets), default=0.0)
        missed = None if spread is None else spread.data_share(sets, limits.rpo.mean())
        found["rpo"] = _limit(limits.rpo.mean(), most, missed) | {"behind_h": behind_h(model, c.id)}
    return found


def _limit(hours: float, reached: float, missed: float | None) -> dict[str, Any]:
    return {
        "hours": hours, "reached_h": None if math.isinf(reached) else reached, "met": reached <= hours, "missed_share": missed,
    }  # fmt: skip


class _Spread:
    """Over all runs, for each service: how long it was out, when it was back, whether it never came back."""

    def __init__(self, system: System, many: Sample) -> None:
        self.system, self.many = system, many
        what = many.rows[:, 1].astype(np.int64)
        self.out = many.rows[what == y.ROW_OUT]
        self.data = many.rows[what == y.ROW_DATA]
        self.stuck = many.rows[what == y.ROW_STUCK]
        self.is_stuck = (many.paths[:, 3].astype(np.int64) & y.FLAGS_UNENDED) > 0

    def _of(self, s: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(runs,) hours out, longest outage, time of return; inf where it never returns."""
        n = self.many.worlds
        rows = self.out[self.out[:, 2].astype(np.int64) == s]
        run = rows[:, 0].astype(np.int64)
        hours, longest, back = np.zeros(n), np.zeros(n), np.zeros(n)
        np.add.at(hours, run, rows[:, 4] - rows[:, 3])
        np.maximum.at(longest, run, rows[:, 4] - rows[:, 3])
        np.maximum.at(back, run, rows[:, 4])
        itself = np.zeros(n, bool)  # its own component is stuck, even if it fell at the very end
        mine = self.stuck[:, 2].astype(np.int64) == self.system.arrays.service["component"][s]
        itself[self.stuck[mine, 0].astype(np.int64)] = True
        never = itself | self.is_stuck & (back >= self.many.paths[:, 2]) & (np.bincount(run, minlength=n) > 0)
        for values in (hours, longest, back):
            values[never] = math.inf
        return hours, longest, back

    def quantiles(self, s: int) -> dict[str, Any]:
        """Hours out and time of return at 10, 50 and 90 % of the runs, how often it is out at all, and how often it never returns."""
        hours, _, back = self._of(s)
        shares = {"out_share": float((hours > 0.0).mean()), "never_share": float(np.isinf(back).mean())}
        return {"out_h": _quantiles(hours), "back_at_h": _quantiles(back), **shares}

    def longer_share(self, s: int, limit_h: float) -> float:
        """Share of the runs with an outage longer than a limit."""
        return float((self._of(s)[1] > limit_h).mean())

    def data_share(self, sets: Sequence[str], limit_h: float) -> float:
        """Share of the runs that lose more writes than a limit, in hours, of some of these data sets."""
        numbers = [i for i, name in enumerate(self.system.data_sets) if name in sets]
        worse = self.data[np.isin(self.data[:, 2].astype(np.int64), numbers) & (self.data[:, 4] > limit_h)]
        return np.unique(worse[:, 0]).size / self.many.worlds


def _quantiles(values: np.ndarray) -> dict[str, float | None]:
    at = np.quantile(values, (0.1, 0.5, 0.9), method="inverted_cdf")
    return {k: None if math.isinf(v) else float(v) for k, v in zip(("10", "50", "90"), at, strict=True)}


# ----------------------------------------------------------------------------- what it hangs on


def _forks(
    scenario: Scenario, system: System, played: Played, many: Sample, watch: branches.Watch
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """What the scenario hangs on, and a course that goes the other way than the one told: the middle one of those runs."""
    back_h = branches.all_back_h(system, many)
    found, told_h = branches.forks(watch, back_h), _all_back_h(played.story)
    told = branches.Watch(system, 1)
    told(0, played.story.trace)
    rows = []
    for fork in found:
        yes = int(told.went[fork.kind][fork.index, 0])
        rows.append(_named(fork, system, scenario.model) | {"told": None if yes < 0 else bool(yes), "ways": branches.ways(fork, back_h)})
    if told_h == 0.0 and (not rows or rows[0]["told"] is None) and (several := branches.together(watch, back_h)) is not None:
        fork, parts = several
        of = [_named(part, system, scenario.model) | {"yes": yes} for part, yes in parts]
        rows.insert(0, {"what": "together", "id": "", "detail": {"of": of}, "told": False, "ways": branches.ways(fork, back_h)})
        found.insert(0, fork)
    if not rows or rows[0]["told"] is None:
        return rows, None
    mine = back_h[found[0].yes == int(rows[0]["told"])]
    alike = np.isclose(mine, told_h, rtol=1e-9, atol=0.0)
    rows[0]["told_among"] = [float((~alike & (mine < told_h)).mean()), float((~alike & (mine > told_h)).mean())]
    yes = not rows[0]["told"]
    run = branches.middle_run(found[0], yes, back_h)
    story = simulate.rehearse(system, hits_of(scenario, system), seed=played.seed, sample=run, typical=False, runs=played.asked)
    telling = Telling(scenario.model, system, story)
    services = services_of(scenario.model, system, story, telling, played.seed)
    return rows, {
        "run": run, "yes": yes, "services": services, "stuck": telling.stuck, "end_h": telling.end,
        "data_lost": data_lost_of(system, story), "waits": _last_waits(telling), **_without_end(telling, story),
    }  # fmt: skip


def _all_back_h(story: Story) -> float:
    """Hours until no service is out in one course; inf where something is out at its end for good."""
    out = story.rows[story.rows[:, 1] == y.ROW_OUT] if story.rows.size else np.zeros((0, 6))
    flags, end = int(story.path[2]), float(story.path[1])
    back = float(out[:, 4].max(initial=0.0))
    return math.inf if flags & y.FLAGS_UNENDED and back >= end else back


def _without_end(telling: Telling, story: Story) -> dict[str, Any]:
    """Of a course that does not bring all back: effects that never end, and what trips again and again, if there are any."""
    found = {"lasting": telling.lasting() if telling.stuck else [], "loops": telling.loops() if _is_cut(story) else []}
    return {key: rows for key, rows in found.items() if rows}


def _last_waits(telling: Telling) -> list[dict[str, Any]]:
    """What everything still waits for at the end of a course that does not bring all back."""
    last = {e["who"]: e for e in telling.timeline() if e["what"] == "waits"}
    return list(last.values()) if telling.stuck else []


def _named(fork: branches.Fork, system: System, model: Model) -> dict[str, Any]:
    if fork.kind == "barrier":
        return {"what": "barrier", "id": system.barriers[fork.index], "detail": {}}
    if fork.kind == "start":
        return {"what": "start", "id": system.components[fork.index], "detail": {}}
    hazard, path = system.effects[fork.index]
    effect = effects_by_path(model, hazard)[path]
    targets = [*effect.target.names, *effect.target.tags] if effect.target else []
    share = effect.target.share if effect.target else 1.0
    return {"what": "effect", "id": hazard, "detail": {"op": effect.op, "targets": targets, "share": share}}
