"""The Result of a reconstruction: the ranking of what may have begun it, the chain, the fit of each report, and what is refuted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from blackstart.incidents import moments, outage
from blackstart.incidents.incident import EVERYTHING, NOTED_TO_H, Observation, Record
from blackstart.incidents.nearest_course import OFF, Nearest
from blackstart.incidents.ranking import Ranked, shares
from blackstart.incidents.recorded import brief, conflicts, named
from blackstart.incidents.sightings import Claim, Key
from blackstart.language.model import Model
from blackstart.language.needs import leaf_names
from blackstart.studies import rehearsal
from blackstart.studies.results import Result, common
from blackstart.studies.story import CALLS, Telling
from blackstart.system import System

SHOWN = 12  # hypotheses
CLOSEST, CLOSEST_SHARE = 20, 0.05  # plays that fit best: as many as this, or this share of all
DOUBTED, REFUTED = 0.05, 0.01  # chance of a report below which an assumption is doubted, and refuted
TRUE = 0.5  # from which chance a report counts as true
QUANTILES = (10, 50, 90)
_STEPS = {
    "hazard": ("hazard", "began"), "fails": ("component", "fails"), "falls": ("component", "fell"), "runs": ("component", "came-back"),
    "starts": ("component", "starts"), "repairs": ("component", "repairs"), "start-failed": ("component", "failed"),
    "team": ("team", "arrived"), "data": ("data", "lost"),
}  # fmt: skip


class Told:
    """Tells a ranking of hypotheses as a result; the first one is the one told."""

    def __init__(
        self, model: Model, day: Model, system: System, record: Record, claims: Sequence[Claim], left: Sequence[Mapping[str, str]],
        ranking: Sequence[Ranked], near: Nearest, seed: int,
    ) -> None:  # fmt: skip
        self.model, self.day, self.system, self.record = model, day, system, record
        self.claims, self.left, self.ranking, self.seed = claims, left, ranking, seed
        self.top = ranking[0]
        self.plays = self.top.plays
        self.story, self.near, self.steps = near
        self.closest = np.arange(1, self.near.plays.runs)  # run 0 is the one told
        self.telling = Telling(day, system, self.story)
        self.apart = [
            [i for i, claim in enumerate(claims) if claim.id in row["ids"]] for row in conflicts(record) if row["in"] in ("time", "state")
        ]
        self.true = self._truth(self.near, self.closest).mean(axis=1)
        self.best_true = self._truth(self.near, np.zeros(1, np.int64)).mean(axis=1)
        self.rows = {row.id: row for row in record.observations}
        self.stops = outage.stops(record, system.services, of_all=False)
        self.numbers = {
            "hazard": {n: i for i, n in enumerate(system.hazards)}, "component": {n: i for i, n in enumerate(system.components)},
            "service": {n: i for i, n in enumerate(system.services)}, "barrier": {n: i for i, n in enumerate(system.barriers)},
            "team": {n: i for i, n in enumerate(system.teams)}, "data": {n: i for i, n in enumerate(system.data_sets)},
        }  # fmt: skip

    def _truth(self, ranked: Ranked, runs: np.ndarray) -> np.ndarray:
        """(claims, runs) chance that each report is true, by these plays; of reports that contradict each other at most one is."""
        each = ranked.likelihood.each(ranked.begin)[:, :, runs]
        says, noise = each[:, 0], each[:, 1] - each[:, 0]
        total = says.copy()
        for rows in self.apart:
            total[rows] = says[rows].sum(axis=0)
        return says / (total + noise)

    def _agree(self, good: np.ndarray) -> int:
        """How many of the reports (claims,) bool are good, those that contradict each other counted as one."""
        together = {i for rows in self.apart for i in rows}
        alone = sum(bool(g) for i, g in enumerate(good) if i not in together)
        return alone + sum(bool(good[rows].any()) for rows in self.apart if rows)

    def result(self, plays: int, stated: Sequence[str]) -> Result:
        """All of it. stated : what the record itself says struck first."""
        data = common("reconstruction", self.day, self.system, self.record.defences, {"seed": self.seed, "plays": plays})
        fit = [self.fit(claim, number) for number, claim in enumerate(self.claims)]
        disagreements = [row for row in map(self.disagreement, self.claims, fit) if row is not None]
        refuted = list(self.refuted(disagreements))
        called = {f"matter:{name}": label for name, label in self.record.matters.items()}
        data["labels"] |= {key: label if isinstance(label, str) else dict(label) for key, label in called.items()}
        data["record"] = brief(self.record) | {"used": len(self.claims), "unused": list(self.left)}
        data["given"] = {"fails": list(self.record.fails), "works": list(self.record.works)}
        data["hypotheses"] = self.hypotheses()
        data["stated"] = {"hit": list(stated), "rank": self._rank(set(stated))}
        data["begin_h"] = {str(q): _round(v) for q, v in zip(QUANTILES, _quantiles(self.near.begin[self.closest]), strict=True)}
        data["chain"] = self.chain()
        data["services"] = {name: self.service(name) for name in self.system.services}
        data["fit"] = fit
        data["judged"] = {
            "matters": self._agree(np.ones(len(fit), bool)),
            "explained": self._agree(np.array([row["verdict"] == "explained" for row in fit], bool)),
        }  # fmt: skip
        data["conflicts"] = list(self.conflicts())
        data["disagreements"] = disagreements
        data["refuted"] = refuted
        data["tests"] = len(fit) + len(self.tested_barriers())
        data["course"] = self.course()
        data["method"] = {
            "plays": self.plays.runs, "closest": int(self.closest.size), "seed": self.seed, "steps": self.steps, "off": OFF,
            "late_h": self.record.late_h,
        }  # fmt: skip
        return Result(data)

    # -- ranking

    def _rank(self, stated: set[str]) -> int | None:
        """Which of the hypotheses is what the record states, the first being 1; None if none is."""
        parts = ({self._part(i, at_h)["id"] for i, at_h in ranked.hypothesis.parts} for ranked in self.ranking)
        return next((k for k, names in enumerate(parts, start=1) if names == stated), None)

    def hypotheses(self) -> list[dict[str, Any]]:
        share, error = shares(self.ranking)
        rows = []
        for ranked, p, e in zip(self.ranking[:SHOWN], share, error, strict=False):
            h = ranked.hypothesis
            closest = max(CLOSEST, math.ceil(CLOSEST_SHARE * ranked.plays.runs))
            matched = self._truth(ranked, np.argsort(-ranked.of_play)[:closest]).mean(axis=1)
            rows.append({
                "id": h.id, "parts": [self._part(i, at_h) for i, at_h in h.parts], "prior_per_year": h.per_year, "share": float(p),
                "standard_error": float(e), "plays": ranked.plays.runs, "matched": self._agree(matched >= TRUE),
            })  # fmt: skip
        return rows

    def _part(self, item: int, at_h: float) -> dict[str, Any]:
        noun = "hazard" if self.system.arrays.item[item]["is_hazard"] else "component"
        return {"noun": noun, "id": self.system.items[item], "at_h": float(at_h)}

    # -- the chain

    def chain(self) -> list[dict[str, Any]]:
        """The play that fits best, told on the record's clock; each step with those who reported it, or how likely it is."""
        steps = [self.step(row, key) for row, key in self._keyed(self.telling.timeline())]
        began, ended = (self.everything(did, what) for did, what in (("fell", "falls"), ("came-back", "runs")))
        return sorted([*began, *steps, *ended], key=lambda step: step["t_h"])

    def everything(self, did: str, what: str) -> Iterator[dict[str, Any]]:
        """What the record says of no service by name: when the outage began with the first of them, and when all were back."""
        mine = [number for number, claim in enumerate(self.claims) if self._of_all(number) and self.rows[claim.id].did == did]
        if not mine:
            return
        number = max(mine, key=lambda number: self.best_true[number])
        times = self.near.likelihood.times[number]
        if times is None or not math.isfinite(times[0]):
            return
        row = {"t_h": float(times[0]), "what": what, "who": EVERYTHING, "detail": {"everything": True}}
        seen = [self.claims[n].id for n in mine if self.best_true[n] >= TRUE]
        partly = any(self.rows[id_].partly for id_ in seen)
        yield self._step(row, times, seen, [_finite(t) for t in self.claims[number].at]) | {"partly": partly}

    def _of_all(self, number: int) -> bool:
        return self.rows[self.claims[number].id].what == EVERYTHING

    def _keyed(self, timeline: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Key | None]]:
        """Steps of the play that matter, each with the sighting that it is: of falls the first, of returns the last."""
        services = self.numbers["service"]
        for row in timeline:
            key = self._key(row)
            if row["what"] in ("waits", "called") or row["what"] == "team" and row["detail"]["stage"] in CALLS:
                continue
            now = self._is_now(key, row)
            if row["what"] in ("falls", "runs", "barrier") and (row["who"] in services or not now):
                continue
            yield row, key if now else None
        for name, i in services.items():
            if name in (self.record.watch or ()):
                continue
            for did, what in (("fell", "falls"), ("came-back", "runs")):
                t = self._time(("service", i, did))
                if t is not None:
                    yield {"t_h": t, "what": what, "who": name, "detail": {"service": True}}, ("service", i, did)

    def _key(self, row: Mapping[str, Any]) -> Key | None:
        if row["what"] == "barrier":
            return "barrier", self.numbers["barrier"][row["who"]], "worked" if row["detail"]["works"] else "failed"
        if row["what"] in ("effect", "effect-ends"):
            did = "began" if row["what"] == "effect" else "ended"
            over = ("hazard", self.numbers["hazard"][row["who"]], "ended")  # whoever saw it end saw what ended with it
            if did == "ended" and self._is_now(over, row):
                return over
            same = (("effect", e, did) for e, (hazard, _) in enumerate(self.system.effects) if hazard == row["who"])
            return next((key for key in same if self._is_now(key, row)), None)
        noun, did = _STEPS.get(row["what"], ("", ""))
        if row["what"] == "fails" and self._is_now(broke := ("component", self.numbers["component"][row["who"]], "broke"), row):
            return broke
        return (noun, self.numbers[noun][row["who"]], did) if noun and row["who"] in self.numbers[noun] else None

    def _time(self, key: Key) -> float | None:
        t = self.near.plays.times[key][0] if key in self.near.plays.times else math.nan
        return float(t) if math.isfinite(t) else None

    def _is_now(self, key: Key | None, row: Mapping[str, Any]) -> bool:
        t = None if key is None else self._time(key)
        return t is not None and abs(t - row["t_h"]) < 1e-9

    def step(self, row: Mapping[str, Any], key: Key | None) -> dict[str, Any]:
        about = [number for number in range(len(self.claims)) if self._bears_out(number, key)]
        seen = [self.claims[number].id for number in about if self.best_true[number] >= TRUE]
        partly = any(self.rows[id_].partly for id_ in seen)
        times = None if key is None else self.near.plays.times.get(key)
        return self._step(row, times, seen, self._recorded(key, about)) | {"partly": partly}

    def _step(
        self, row: Mapping[str, Any], played: np.ndarray | None, seen: Sequence[str], recorded: list[float | None] | None
    ) -> dict[str, Any]:  # fmt: skip
        """A step of the course; `played` is when it happens in each of the courses given the record."""
        t = row["t_h"] + float(self.near.begin[0])
        times = None if played is None else (played + self.near.begin)[self.closest]
        happens = None if times is None else np.isfinite(times)
        span = None
        if times is not None and happens is not None and happens.any():
            span = [_round(float(q)) for q in np.quantile(times[happens], (0.1, 0.9))]
        return {
            "t_h": _round(t), "at": moments.iso(self.record.zero + t, self.record.zone), "what": row["what"], "who": row["who"],
            "detail": row["detail"], "seen": list(seen), "recorded_h": recorded,
            "off_h": None if recorded is None else _round(_off(t, recorded)),
            "p": None if happens is None else float(happens.mean()), "span_h": span,
        }  # fmt: skip

    def _recorded(self, key: Key | None, about: Sequence[int]) -> list[float | None] | None:
        """Between which times the record has a step: of a service by all that is on record of it; else by the report likeliest true."""
        if key is not None and key[0] == "service":
            name = self.system.services[key[1]]
            found = self._back(name) if key[2] == "came-back" else self._reported(name, key[2])
            if found is not None:
                return found
        if about:
            best = max(about, key=lambda number: self.best_true[number])
            return [_finite(t) for t in self.claims[best].at]
        return None

    def _bears_out(self, number: int, key: Key | None) -> bool:
        """Whether a report is of this very step: one of several things is borne out by the first (or the last) of them."""
        times = self.near.likelihood.times[number]
        if key is None or times is None or key not in self.claims[number].keys or self._tells_of_other(number):
            return False
        return bool(times[0] == self.near.plays.times[key][0])

    def _tells_of_other(self, number: int) -> bool:
        """Whether a report that a sighting bears out is not of it: that somebody was called, that some service fell."""
        return self._of_all(number) or self.rows[self.claims[number].id].did == "called"

    # -- services

    def service(self, name: str) -> dict[str, Any]:
        i = self.numbers["service"][name]
        fell, back = (self._all(("service", i, did)) for did in ("fell", "came-back"))
        out = np.isfinite(fell)
        return {
            "recorded": {"fell_h": self._fell(name), "back_h": self._back(name), "whole_h": self._whole(name)},
            "course": {f"{end}_h": self._told_at(("service", i, did)) for end, did in (("fell", "fell"), ("back", "came-back"))},
            "played": {"fell_h": _spread(fell[out]), "back_h": _spread(back[out & np.isfinite(back)]),
                       "out_share": float(out.mean()), "never_share": float((out & ~np.isfinite(back)).mean())},
        }  # fmt: skip

    def _told_at(self, key: Key) -> float | None:
        """When it happens in the course told, on the record's clock."""
        t = self._time(key)
        return None if t is None else _round(t + float(self.near.begin[0]))

    def course(self) -> dict[str, Any]:
        """The same play as a rehearsal tells it, in hours since the misfortune struck."""
        return {
            "services": rehearsal.services_of(self.day, self.system, self.story, self.telling, self.seed),
            "timeline": self.telling.timeline(), "stages": rehearsal.stages_of(self.telling), "stuck": self.telling.stuck,
            "data_lost": rehearsal.data_lost_of(self.system, self.story), "end_h": self.telling.end,
        }  # fmt: skip

    def _all(self, key: Key) -> np.ndarray:
        """(runs,) when it happens, on the record's clock, NaN where it does not."""
        return self.plays.times.get(key, np.full(self.plays.runs, np.nan)) + self.top.begin

    def _reported(self, name: str, did: str) -> list[float | None] | None:
        """Between which times by its reports; of some that cannot all hold by those likelier true: what no play foresees stands."""
        spans = [(p, claim.at) for claim, p in zip(self.claims, self.true, strict=True)
                 if self.rows[claim.id].what == name and self.rows[claim.id].did == did]  # fmt: skip
        if not spans:
            return None
        for some in (spans, [one for one in spans if one[0] >= TRUE], [max(spans)]):
            low, high = max((at[0] for _, at in some), default=math.inf), min((at[1] for _, at in some), default=-math.inf)
            if low <= high:
                break
        return [_finite(low), _finite(high)]

    def _fell(self, name: str) -> list[float | None] | None:
        """When it stopped; where no report says so, by when at the latest, as it was seen down or back."""
        found, stop = self._reported(name, "fell"), self.stops.get(name)
        if found is not None or stop is None or not math.isfinite(stop.fell[1]):
            return found
        return [None, _finite(stop.fell[1])]

    def _back(self, name: str) -> list[float | None] | None:
        """Between which times it was back, if only in part: by reports of that, and after the last of down, before one of up or of all."""
        states = [(self.record.clock(row.at), row.level) for row in self.record.standing()
                  if row.what == name and row.level is not None and not (row.partly and row.level == 0.0)]  # fmt: skip
        found = self._reported(name, "came-back")
        if found is not None:
            return _narrowed(found, [(at, level) for at, level in states if at is not None])
        down = [at[0] for at, level in states if at and level == 0.0]  # seen at some moment of a span
        after = max(down, default=-math.inf)
        up = [at[1] for at, level in states if at and level == 1.0 and at[1] >= after]
        up += [at[1] for row in self.record.standing() if row.what == EVERYTHING and row.did == "came-back" and down
               if (at := self.record.clock(row.at)) and math.isfinite(at[1]) and at[1] >= after]  # fmt: skip
        return [_finite(after), _finite(min(up, default=math.inf))] if down or up else None

    def _whole(self, name: str) -> list[float | None] | None:
        """Between which times all of it was back, where the record says at any time that only a part was."""
        mine = [row for row in self.record.standing() if row.at is not None and row.what == name]
        if not any(row.partly and (row.level == 1.0 or row.did == "came-back") for row in mine):
            return None
        lame = [row for row in mine if row.level == 0.0 or row.did == "fell" or row.partly]
        after = max(at[0] for row in lame if (at := self.record.clock(row.at)))
        ends = [row for row in self.record.standing() if row.what in (name, EVERYTHING) and not row.partly and row.at is not None
                and (row.did == "came-back" or row.what == name and row.level == 1.0)]  # fmt: skip
        whole = [at[1] for row in ends if (at := self.record.clock(row.at)) and at[1] >= after]
        return [_finite(after), _finite(min(whole, default=math.inf))]

    # -- each report

    def fit(self, claim: Claim, number: int) -> dict[str, Any]:
        """How the report lies to what the first hypothesis lets one expect, before the report itself is looked at."""
        p, kind, times = self._chance(claim, number)
        verdict = "unexplained" if p < REFUTED else "doubtful" if p < DOUBTED else "explained"
        expected = None if times is None else _spread(times[np.isfinite(times)])
        return {"id": claim.id, "p": p, "true": float(self.true[number]), "expected_h": expected, "verdict": verdict, "kind": kind}

    def _chance(self, claim: Claim, number: int) -> tuple[float, str, np.ndarray | None]:
        """Chance of a report at least as far out, what is odd about it, and when the plays say it happens.

        What it tells lies up to `Record.late_h` before the time that it names, and either may be a minute off.
        """
        runs = self.plays.runs
        times, (low, high) = self.top.likelihood.times[number], self._told_between(claim)
        if times is None:
            fits = self.top.likelihood.holds(claim, (low, high), self.top.begin)
            return float((fits.sum() + 1) / (runs + 1)), "level", None
        times = times + self.top.begin
        there = times[np.isfinite(times)]
        happens = (there.size + 1) / (runs + 1)
        if happens < DOUBTED:
            return happens, "never-in-model", times
        early, late = ((int(n) + 1) / (there.size + 1) for n in ((there <= high).sum(), (there >= low).sum()))
        return min(1.0, 2.0 * min(early, late)), "too-early" if early < late else "too-late", times

    def _told_between(self, claim: Claim) -> tuple[float, float]:
        """Between which hours of the record's clock lies what a report tells."""
        return claim.at[0] - NOTED_TO_H - self.record.late_h, claim.at[1] + NOTED_TO_H

    def disagreement(self, claim: Claim, fit: Mapping[str, Any]) -> dict[str, Any] | None:
        if fit["verdict"] == "explained":
            return None
        row = self.rows[claim.id]
        return {
            "id": claim.id, "what": named(row.what, self.model, row.did), "kind": fit["kind"], "did": row.did, "level": row.level,
            "partly": row.partly, "recorded_h": [_finite(t) for t in claim.at], "expected_h": fit["expected_h"], "p": fit["p"],
            "true": fit["true"],
        }  # fmt: skip

    def conflicts(self) -> Iterator[dict[str, Any]]:
        """What is to be made of reports that contradict each other; all of them are kept."""
        true = {claim.id: float(p) for claim, p in zip(self.claims, self.true, strict=True)}
        for row in conflicts(self.record):
            reports = [{"id": i, "true": true.get(i)} for i in row["ids"]]
            known = [r for r in reports if r["true"] is not None]
            best = max(known, key=lambda r: r["true"], default=None)
            likelier = best["id"] if best is not None and best["true"] >= TRUE else None
            yield {"matter": row["matter"], "in": row["in"], "reports": reports, "likelier": likelier}

    # -- assumptions

    def tested_barriers(self) -> list[tuple[str, bool, list[str]]]:
        """Barriers of which the record says how they did, with the reports."""
        said = {name: False for name in self.record.fails} | {name: True for name in self.record.works}
        ids: dict[str, list[str]] = {}
        for claim in self.claims:
            row = self.rows[claim.id]
            if row.what in self.model.barriers and row.did in ("worked", "failed"):
                said.setdefault(row.what, row.did == "worked")
                ids.setdefault(row.what, []).append(row.id)
        return [(name, works, ids.get(name, [])) for name, works in said.items() if name in self.model.barriers]

    def refuted(self, disagreements: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Assumptions of the model under which what was reported would hardly have been seen."""
        for name, works, ids in self.tested_barriers():
            chance = self.model.barriers[name].works
            p = 1.0 if chance is None else chance.dist.mean() if works else 1.0 - chance.dist.mean()
            if p < DOUBTED:
                yield self._assumption(f"barriers.{name}.works", "chance", chance.text if chance else "", ids, p)
        groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        number = {claim.id: k for k, claim in enumerate(self.claims)}
        for row in disagreements:
            blamed = self._blamed(number[row["id"]], row["kind"])
            if blamed is not None and row["true"] >= TRUE:
                groups.setdefault(blamed, []).append(row)
        for (path, kind), rows in groups.items():
            yield self._assumption(path, kind, self._stated(path), [r["id"] for r in rows], min(r["p"] for r in rows))

    def _assumption(self, path: str, kind: str, stated: str, ids: Sequence[str], p: float) -> dict[str, Any]:
        return {"path": path, "kind": kind, "stated": stated, "ids": list(ids), "p": p, "verdict": "refuted" if p < REFUTED else "doubted"}

    def _blamed(self, number: int, kind: str) -> tuple[str, str] | None:
        """Which assumption a report speaks against: that on which what it tells rests; None where it rests on none.

        A report of a hazard or a barrier speaks against none: when the first begins nothing is assumed, the second is tested by itself.
        """
        claim, row = self.claims[number], self.rows[self.claims[number].id]
        if row.what in self.model.teams:
            return f"teams.{row.what}.arrives", "duration"
        if row.what in self.model.domains:
            return self._carried(row.what)
        if row.what == EVERYTHING:
            if row.did == "fell":
                return self._carried("")
            return self._way_back(self._last_back()) if row.did == "came-back" else None
        if row.what not in self.model.components:
            return None
        if kind == "never-in-model":
            return f"{self._noun(row.what)}s.{row.what}.needs", "structure"
        if row.did in ("fell", "broke") or row.did is None and self._before_the_stop(claim, row):
            return self._carried(row.what)
        return self._way_back(row.what) if row.did in ("came-back", None) else None

    def _noun(self, name: str) -> str:
        return "service" if name in self.numbers["service"] else "component"

    def _key_of(self, name: str, did: str) -> Key:
        noun = self._noun(name)
        return noun, self.numbers[noun][name], did

    def _before_the_stop(self, claim: Claim, row: Observation) -> bool:
        """Whether a state is reported of a time when in most plays the thing had not stopped yet."""
        fell = self._all(self._key_of(row.what, "fell"))
        return bool(np.isfinite(fell).any() and claim.at[1] < np.nanmedian(fell))

    def _carried(self, name: str) -> tuple[str, str] | None:
        """What says when something stops: the effects of what struck, if they reach it, else its own needs."""
        part, component = self._part(*self.top.hypothesis.parts[0]), name in self.model.components
        reached = {one for row in self.telling.timeline() if row["what"] == "effect" for one in row["detail"]["targets"]}
        if part["noun"] == "hazard" and (not component or name in reached):
            return f"hazards.{part['id']}.effects", "duration"
        if not component or name in (p["id"] for p in (self._part(*one) for one in self.top.hypothesis.parts)):
            return None
        return f"{self._noun(name)}s.{name}.needs", "structure"

    def _last_back(self) -> str:
        """The service that was back last in the course told, or ""."""
        back = {name: t for name in self.numbers["service"] if (t := self._time(self._key_of(name, "came-back"))) is not None}
        return max(back, key=lambda name: back[name], default="")

    def _way_back(self, name: str) -> tuple[str, str] | None:
        """What the longest step of the way back of something rests on; where the course has none, its needs."""
        t = self._time(self._key_of(name, "came-back")) if name else None
        links = self.telling.path_of(name, t) if t is not None else []
        if not links:
            return (f"{self._noun(name)}s.{name}.needs", "structure") if name else None
        return _path_of(max(links, key=lambda link: link["to_h"] - link["from_h"]), self.model), "duration"

    def _stated(self, path: str) -> str:
        section, _, rest = path.partition(".")
        name, _, field = rest.partition(".")
        row: Any = self.model.teams[name] if section == "teams" else self.model.components.get(name)
        if field == "needs" and row is not None:
            return ", ".join(leaf_names(row.needs))
        part = {"start.takes": "start", "repair.takes": "repair", "break_glass": "break_glass"}.get(field)
        takes = row.arrives if field == "arrives" else getattr(getattr(row, part, None), "takes", None) if part else None
        return takes.text if takes is not None else ""


def _path_of(link: Mapping[str, Any], model: Model) -> str:
    """The input that a step of a way back rests on."""
    name, what = link["component"], link["what"]
    lead = model.components[name].section
    if what in ("wait-held", "wait-barred") and link["ref"] in model.hazards:
        return f"hazards.{link['ref']}.effects"
    if what == "wait-people":
        return f"teams.{link['ref']}.people"
    if what == "wait-call":
        return next(f"teams.{t.id}.needs" for t in model.teams.values() if link["ref"] in leaf_names(t.needs))
    if "glass" in what or what.startswith("forced"):
        return f"{lead}.{name}.break_glass"
    return f"{lead}.{name}.{'repair' if 'repair' in what else 'start'}.takes"


def _quantiles(values: np.ndarray) -> list[float]:
    return [float(v) for v in np.quantile(values, [q / 100 for q in QUANTILES])]


def _spread(values: np.ndarray) -> dict[str, float] | None:
    if not values.size:
        return None
    return {str(q): _round(v) for q, v in zip(QUANTILES, _quantiles(values), strict=True)}


def _round(value: float) -> float:
    return round(value, 6)


def _off(t_h: float, recorded_h: Sequence[float | None]) -> float:
    """Hours by which a time lies after what is recorded (before it: negative); none where it lies within, or within the minute."""
    low, high = (math.inf * sign if end is None else end for end, sign in zip(recorded_h, (-1, 1), strict=True))
    off = max(0.0, t_h - high) + min(0.0, t_h - low)
    return off if abs(off) > NOTED_TO_H else 0.0


def _narrowed(span: Sequence[float | None], states: Sequence[tuple[Sequence[float], float | None]]) -> list[float | None]:
    """When something was back, by when it was seen down and up inside of that; hours."""
    low, high = (math.inf * sign if end is None else end for end, sign in zip(span, (-1, 1), strict=True))
    low = max([low, *(at[0] for at, level in states if level == 0.0 and at[0] <= high)])
    high = min([high, *(at[1] for at, level in states if level == 1.0 and at[1] >= low)])
    return [_finite(low), _finite(high)]


def _finite(value: float) -> float | None:
    return _round(value) if math.isfinite(value) else None
