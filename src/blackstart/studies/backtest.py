"""Back-tests: incidents that happened, played many times, and where reality lies in what the model says.

The inputs of a story and its targets are files (`targets.read`); here they are played. A target is inside if what really
happened meets the range from the 10 % to the 90 % quantile of the runs; an ablation passes if, without the named mechanism,
what really happened lies outside that range, for every target that it names. A target that cannot fail is told and not counted: one
whose real value is known no better than that it is possible at all, and one that hardly any run misses, neither of the story nor of
any of its ablations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from blackstart import units
from blackstart.checks import changes
from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines.simulate import Hit, Sample, rehearse_many
from blackstart.errors import ModelError, Problem
from blackstart.language import load, scenario
from blackstart.language.edits import edits
from blackstart.language.model import Model
from blackstart.language.targets import EVERYTHING, MEASURES, Ablation, Story, Target
from blackstart.language.tree import Map, Text, placed
from blackstart.nearest import Nearest
from blackstart.studies.results import SCHEMA_VERSION, Losses, Result
from blackstart.system import System
from blackstart.version import __version__

SEVERITY: Mapping[str, str] = {"targets-ablation-idle": "warning", "targets-cannot-fail": "warning", "targets-no-ablation": "note"}
QUANTILES = (10, 25, 50, 75, 90)
MOST_OUTSIDE = 0.2  # share of targets outside the central 80 % that a sound model may have
RARELY_MISSED = 0.005  # a target that fewer runs miss, in the story and in all its ablations, tests nothing
ATOM = 0.01  # so many of the runs that say the very same are no accident
NARROW = 1.1  # a real value is called exact if its ends are no further apart than this factor
HALF_A_CHUNK = 0.025  # counted units come in at most 20 chunks (docs/decisions/0007): the model knows shares no better than this
_FULL = 1.0 - 1e-9

Progress = Callable[[int, int], None]


def backtest(stories: Sequence[Story], *, runs: int = 2000, seed: int = 1, progress: Progress | None = None) -> Result:
    """Plays every story and its ablations `runs` times each, and says where reality lies.

    Raises
    ------
    ModelError
        A story names what its model does not have.
    """
    prepared = [_Played.of(story) for story in stories]
    total = runs * sum(1 + len(story.ablations) for story in stories)
    meter = _Meter(total, progress)
    told, stopped = [], False
    for story, base in zip(stories, prepared, strict=True):
        row = _story(story, base, runs, seed, meter)
        stopped = meter.stopped
        if row is not None:
            told.append(row)
        if stopped:
            break
    cases = [story.node.where.file for story in stories]  # what happened in one file of targets hangs together
    counted = [(case, t) for case, s in zip(cases, told, strict=False) for t in s["targets"] if t["inside"] is not None and not t["idle"]]
    return Result(
        {
            "schema_version": SCHEMA_VERSION,
            "kind": "backtest",
            "outcome": {"state": "stopped" if stopped else "estimated", "reasons": ["interrupted"] if stopped else []},
            "provenance": {"version": __version__, "seed": seed, "study": {"runs": runs}},
            "stories": told,
            "calibration": {"all": _calibration(counted), "exact": _calibration([(case, t) for case, t in counted if t["exact"]])},
        }
    )


def check(stories: Sequence[Story]) -> list[Problem]:
    """What is wrong or doubtful in stories that could be read: names that their models do not have, ablations that take nothing away.

    Nothing is played. Severity by `SEVERITY`; what is not in it is an error.
    """
    found: list[Problem] = []
    for story in stories:
        path = f"stories.{story.name}"
        found += [
            Problem("targets-cannot-fail", t.node.where, f"{path}.targets.{t.name}", {"name": t.name})
            for t in story.targets if _takes_all(t)
        ]  # fmt: skip
        if not story.ablations:
            found.append(Problem("targets-no-ablation", story.node.where, path, {"name": story.name}))
        systems: list[System | None] = []
        for ablation in (None, *story.ablations):
            try:
                systems.append(_Played.of(story, ablation).system)
            except ModelError as wrong:
                systems.append(None)
                found += wrong.problems
        for ablation, system in zip(story.ablations, systems[1:], strict=True):
            if system and systems[0] and system.digest == systems[0].digest:
                place = f"{path}.ablations.{ablation.name}"
                found.append(Problem("targets-ablation-idle", ablation.node.where, place, {"name": ablation.name}))
    return list({(p.code, p.where, str(p.values.get("name"))): p for p in reversed(found)}.values())[::-1]


# ----------------------------------------------------------------------------- one story


def _story(story: Story, base: _Played, runs: int, seed: int, meter: _Meter) -> dict[str, Any] | None:
    """A story told; None if it was stopped before anything was known."""
    values = base.play(story.targets, runs, seed, meter)
    if meter.stopped:
        return None
    model = base.model
    ablations, every = [], [values]
    for ablation in story.ablations:
        without = _Played.of(story, ablation)
        found = without.play(story.targets, runs, seed, meter)
        if meter.stopped:
            break
        every.append(found)
        rows = [_excluded(t, found[t.name], values[t.name]) for t in story.targets if t.name in ablation.excludes]
        ablations.append(
            {"id": ablation.name, "label": _label(ablation.label), "with": list(without.defences),
             "changes": _changes(base, without, ablation), "targets": rows, "excluded": all(r["excluded"] for r in rows)}
        )  # fmt: skip
    return {
        "id": story.name,
        "title": _label(story.title or model.title),
        "labels": _labels(model),
        "files": [str(story.model.name)],
        "digest": base.system.digest,
        "hit": list(story.hits),
        "given": {"fails": list(story.fails), "works": list(story.works)},
        "with": list(base.defences),
        "clock_h": story.clock_h,
        "currency": model.currency,
        "targets": [_target(t, values[t.name]) | {"idle": _idle(t, [found[t.name] for found in every])} for t in story.targets],
        "ablations": ablations,
    }


def _changes(base: _Played, without: _Played, ablation: Ablation) -> list[dict[str, Any]]:
    """What an ablation makes different: what is given of the day, then places of the model."""
    given = zip(("fails", "works"), _given(base.story, None), _given(base.story, ablation), strict=True)
    rows = [{"path": word, "before": ", ".join(old) or None, "after": ", ".join(new) or None} for word, old, new in given if old != new]
    return [*rows, *edits(base.model.raw, without.model.raw)]


def _label(label: Any) -> Any:
    return label if isinstance(label, str) else dict(label or {})


def _labels(model: Model) -> dict[str, Any]:
    """Names to show of what a story may speak of, by noun and id."""
    nouns = {"component": model.services, "hazard": model.hazards.values(), "barrier": model.barriers.values(),
             "defence": model.defences.values()}  # fmt: skip
    return {f"{noun}:{row.id}": _label(row.label) for noun, rows in nouns.items() for row in rows if row.label}


def _idle(target: Target, every: Sequence[np.ndarray]) -> str | None:
    """Why a target cannot fail: ``takes-all`` what is possible, or ``all-meet`` it, hardly a run of any model that was played misses it."""
    if target.measure == "order":
        return None
    if _takes_all(target):
        return "takes-all"
    low, high = _known(target)
    missed = max(float(((values < low) | (values > high) | np.isinf(values)).mean()) for values in every)
    return "all-meet" if missed < RARELY_MISSED else None


def _takes_all(target: Target) -> bool:
    """Whether everything that could be measured would meet the real value."""
    if target.measure == "order":
        return False
    low, high = _known(target)
    least = -1.0 if target.measure == "lead" else 0.0
    most = {"share": 1.0, "lead": 1.0, "down": target.at_h or 0.0}.get(target.measure, math.inf)
    return low <= least and high >= most


def _target(target: Target, values: np.ndarray) -> dict[str, Any]:
    """A target with the model's quantiles and the place of reality among them."""
    low, high = _known(target)
    row = {
        "id": target.name,
        "label": _label(target.label),
        "measure": target.measure,
        "unit": MEASURES[target.measure],
        "of": list(target.of),
        "part": target.part,
        "level": target.level,
        "shortest": target.shortest,
        "at_h": target.at_h,
        "source": target.source,
    }
    if target.measure == "order":
        return row | {"real": None, "quantiles": None, "place": None, "exact": False, "never": 0.0, "inside": None, "inside_half": None,
                      "share": float(values.mean())}  # fmt: skip
    quantiles = {q: _quantile(values, q) for q in QUANTILES}
    between = _between(low, high, values)
    return row | {
        "real": [target.real[0], _finite(target.real[1])],
        "quantiles": {str(q): _finite(v) for q, v in quantiles.items()},
        "place": [float((values < low).mean()), float((values <= high).mean())],
        "exact": target.real[1] <= target.real[0] * NARROW,
        "never": _never(values),
        "inside": not between and _meets(low, high, quantiles[10], quantiles[90]),
        "inside_half": not between and _meets(low, high, quantiles[25], quantiles[75]),
        "share": None,
    }


def _known(target: Target) -> tuple[float, float]:
    """What really happened, as finely as the model can tell it."""
    low, high = target.real
    return (low - HALF_A_CHUNK, high + HALF_A_CHUNK) if MEASURES[target.measure] == "share" else (low, high)


def _excluded(target: Target, values: np.ndarray, with_it: np.ndarray) -> dict[str, Any]:
    """A target under an ablation. `spreads`: not, where eight of ten runs say the same, though with the mechanism they differ."""
    low, high = _known(target)
    quantiles = {q: _quantile(values, q) for q in (10, 50, 90)}
    alike = quantiles[10] == quantiles[90] < math.inf
    return {
        "spreads": not alike or _quantile(with_it, 10) == _quantile(with_it, 90),
        "id": target.name,
        "quantiles": {str(q): _finite(v) for q, v in quantiles.items()},
        "never": _never(values),
        "excluded": not _meets(low, high, quantiles[10], quantiles[90]) or _between(low, high, values),
    }


def _meets(low: float, high: float, least: float, most: float) -> bool:
    """Whether what really happened, and ended, meets a range of the runs; one that is all `never` is met by nothing that ended."""
    return bool(high >= least and low <= most and math.isfinite(least))


def _between(low: float, high: float, values: np.ndarray) -> bool:
    """Whether what really happened lies between two values that many runs have, and no run comes to it: 50 % of what is all or nothing."""
    below, above = values[values < low], values[values > high]
    if not below.size or not above.size or below.size + above.size < values.size:
        return False
    return min(float((values == below.max()).mean()), float((values == above.min()).mean())) >= ATOM


def _never(values: np.ndarray) -> float:
    """The share of the runs in which it never comes back."""
    return float(np.isinf(values).mean())


def _quantile(values: np.ndarray, percent: int) -> float:
    return float(np.quantile(values, percent / 100, method="inverted_cdf"))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


# ----------------------------------------------------------------------------- playing


class _Meter:
    """Progress over all plays; whether somebody stopped them."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.before, self.stopped = total, progress, 0, False

    def __call__(self, done: int, of: int) -> None:
        if self.progress:
            self.progress(self.before + done, self.total)
        if done == of:
            self.before += of


@dataclass
class _Played:
    """A story's model made ready to be played, with or without one mechanism."""

    story: Story
    model: Model
    system: System
    hits: list[Hit]
    defences: tuple[str, ...]
    of_name: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, story: Story, ablation: Ablation | None = None) -> _Played:
        fails, works = _given(story, ablation)
        problems: list[Problem] = []
        sources: dict[str, str] = dict(story.sources)

        def attempt(step: Callable[[], Any]) -> Any:
            """What a step makes; where it cannot, its problems are kept and the next step is tried: all are said at once."""
            try:
                return step()
            except ModelError as wrong:
                problems.extend(wrong.problems)
                sources.update(wrong.sources)
                return None

        model = attempt(lambda: load.load(story.model))
        if model is not None and ablation is None:
            problems += changes.errors(model)
            sources.update(model.raw.sources)
        if model is not None and story.watch:
            model = attempt(lambda: load.changed(model, [_watched(story.watch)]))
        system = asked = None
        defences: tuple[str, ...] = ()
        if model is not None:
            problems += _unknown_services(story, model)
            defences = attempt(lambda: _defences(model, story, ablation)) or ()
            applied = attempt(lambda: load.apply(model, defences))
            asked = attempt(lambda: scenario.read(applied or model, story.hits, fails, works))
        if asked is not None and not problems:
            system = attempt(lambda: compile_model(asked.model))
        if problems:
            raise _placed(problems, sources, story, [*story.hits, *fails, *works, *story.defences], ablation)
        hits = [
            Hit(s.at_h, s.hazard is not None, (system.hazards if s.hazard else system.components).index(s.hazard or s.name))
            for s in asked.strikes
        ]
        of_name = {name: i for i, name in enumerate(system.services)}
        return cls(story, asked.model, system, hits, defences, of_name)

    def services(self, target: Target) -> list[int]:
        if target.of == (EVERYTHING,):
            watched = set(self.story.watch or ())
            return [i for name, i in self.of_name.items() if name not in watched]
        return [self.of_name[name] for name in target.of]

    def play(self, targets: Sequence[Target], runs: int, seed: int, meter: _Meter) -> dict[str, np.ndarray]:
        """(runs,) values of each target."""
        values = {t.name: np.zeros(runs) for t in targets}
        by_course = [t for t in targets if t.measure not in ("loss", "data")]
        place = {self.system.components.index(name): i for i, name in enumerate(self.system.services)}
        serves = self.system.arrays.service["serves"]

        def watch(run: int, trace: np.ndarray) -> None:
            courses = _courses(trace, place, len(self.system.services))
            for t in by_course:
                values[t.name][run] = _value(t, [(courses[s], float(serves[s])) for s in self.services(t)], self.story.clock_h)

        sample = rehearse_many(self.system, self.hits, runs=runs, seed=seed, progress=meter, watch=watch, partial=True)
        meter.stopped = meter.stopped or sample.interrupted
        for t in targets:
            if t.measure == "loss":
                values[t.name] = self.losses(sample, runs, seed)
            elif t.measure == "data":
                values[t.name] = _most(sample, y.ROW_DATA, runs)
        return values

    def losses(self, sample: Sample, runs: int, seed: int) -> np.ndarray:
        """(runs,) what the story costs: loss of service and the damage of the misfortunes themselves."""
        pieces = sample.rows[sample.rows[:, 1] <= y.ROW_DEGRADED]
        costs = sample.rows[sample.rows[:, 1] == y.ROW_COST]
        loss = np.bincount(pieces[:, 0].astype(int), weights=Losses(self.model, self.system, seed).of(pieces), minlength=runs)
        return loss + np.bincount(costs[:, 0].astype(int), weights=costs[:, 4], minlength=runs)


def _unknown_services(story: Story, model: Model) -> list[Problem]:
    """Every service that a target names must be one of the model."""
    known = [c.id for c in model.services]
    near = Nearest(known)
    return [
        Problem("targets-no-service", getattr(name, "where", None), f"stories.{story.name}.targets.{t.name}", {"name": name}, near.to(name))
        for t in story.targets for name in t.of if name != EVERYTHING and name not in known
    ]  # fmt: skip


def _placed(
    problems: Sequence[Problem], sources: Mapping[str, str], story: Story, words: Sequence[str], ablation: Ablation | None
) -> ModelError:  # fmt: skip
    """The same problems; one that stands in no file is where the story says the word, or where the story or its ablation begins."""
    places = {str(word): getattr(word, "where", None) for word in words}
    whole = (story if ablation is None else ablation).node.where
    path = f"stories.{story.name}" + (f".ablations.{ablation.name}" if ablation is not None else "")

    def place(p: Problem) -> Problem:
        if p.where is not None:
            return p
        said = next((at for word, at in places.items() if p.values.get("name") in word.split()), None)
        return replace(p, where=said or whole, path=path)

    return ModelError([place(p) for p in problems], {**story.sources, **sources})


def _watched(watch: Map) -> Map:
    """The merge patch that adds services to be measured."""
    return placed(Map, {placed(Text, "services", watch.file, watch.at): watch}, watch.file, watch.at)


def _given(story: Story, ablation: Ablation | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What fails and what works: of an ablation what it says; of what it leaves unsaid, as in the story."""
    if ablation is None:
        return story.fails, story.works
    fails, works = ablation.fails, ablation.works
    return (
        tuple(said for said in story.fails if units.read_tries(said)[0] not in (works or ())) if fails is None else fails,
        tuple(name for name in story.works if name not in [units.read_tries(said)[0] for said in fails or ()]) if works is None else works,
    )


def _defences(model: Model, story: Story, ablation: Ablation | None) -> tuple[str, ...]:
    """What is on: of a story what it says; of an ablation what it says, else the defence of its name and what that requires."""
    if ablation is None:
        return story.defences
    if ablation.defences is not None:
        return ablation.defences
    if ablation.name not in model.defences:
        near = Nearest(model.defences).to(ablation.name)
        where = getattr(ablation.node, "where", None)
        values = {"name": ablation.name, "given": ", ".join(story.defences)}
        raise ModelError([Problem("targets-no-defence", where, f"ablations.{ablation.name}", values, near)], story.sources)
    found = list(story.defences)

    def add(name: str) -> None:
        for first in model.defences[name].requires:
            add(first)
        if name not in found:
            found.append(name)

    add(ablation.name)
    return tuple(found)


# ----------------------------------------------------------------------------- what is measured


Course = list[tuple[float, float]]  # (from when, level), in time; before the first the service is whole


def _courses(trace: np.ndarray, place: Mapping[int, int], services: int) -> list[Course]:
    """The level of each service over one run."""
    courses: list[Course] = [[] for _ in range(services)]
    for t, _, who, level, _ in trace[trace[:, 1] == y.T_LEVEL]:
        courses[place[int(who)]].append((float(t), float(level)))
    return courses


def _value(target: Target, courses: Sequence[tuple[Course, float]], clock_h: float) -> float:
    """What one run says of a target. courses : of its services, with the level from which each counts as up."""
    if target.measure in ("share", "lead"):
        at = clock_h + (target.at_h or 0.0)
        levels = [_level(course, at) for course, _ in courses]
        return levels[0] - levels[1] if target.measure == "lead" else levels[0]
    if target.measure == "down":
        return _missing(courses[0][0], clock_h, clock_h + (target.at_h or 0.0))
    ends = [(course, serves if target.level is None else min(target.level, _FULL)) for course, serves in courses]
    if target.measure == "length":
        lengths = [_longest(course, level) for course, level in ends]
        out = [h for h in lengths if h > 0]
        return 0.0 if not out else min(out) if target.shortest else max(out)
    if target.measure == "stops":
        return max(0.0, min(_stops(course, level) for course, level in ends) - clock_h)
    back = [_back(course, level) for course, level in ends]
    if target.measure == "order":
        return float(all(a <= b for a, b in zip(back, back[1:], strict=False)))
    return max(0.0, sorted(back)[max(1, math.ceil(target.part * len(back) - 1e-9)) - 1] - clock_h)


def _level(course: Course, at: float) -> float:
    level = 1.0
    for t, value in course:
        if t > at:
            break
        level = value
    return level


def _missing(course: Course, begin: float, end: float) -> float:
    """Hours of full outage that what was missing between two times amounts to."""
    lost, level, since = 0.0, 1.0, begin
    for t, value in course:
        if t >= end:
            break
        if t > begin:
            lost += (1.0 - level) * (t - since)
            since = t
        level = value
    return lost + (1.0 - level) * (end - since)


def _back(course: Course, enough: float) -> float:
    """When it was back for good: the end of its last time below `enough`; 0 if there was none, infinite if it never ends."""
    back, out = 0.0, False
    for t, level in course:
        if out and level >= enough:
            back = t
        out = level < enough
    return math.inf if out else back


def _stops(course: Course, enough: float) -> float:
    """When it first fell below `enough`; infinite if it never did."""
    return next((t for t, level in course if level < enough), math.inf)


def _longest(course: Course, enough: float) -> float:
    longest, since = 0.0, math.nan
    for t, level in course:
        if level < enough and math.isnan(since):
            since = t
        elif level >= enough and not math.isnan(since):
            longest, since = max(longest, t - since), math.nan
    return longest if math.isnan(since) else math.inf


def _most(sample: Sample, what: int, runs: int) -> np.ndarray:
    rows = sample.rows[sample.rows[:, 1] == what]
    most = np.zeros(runs)
    np.maximum.at(most, rows[:, 0].astype(int), rows[:, 4])
    return most


# ----------------------------------------------------------------------------- over all targets


def _calibration(counted: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """How often reality lies inside, and whether the misses lean one way; each target with the case that it belongs to."""
    cases, targets = [case for case, _ in counted], [t for _, t in counted]
    return {
        "targets": len(targets),
        "cases": len(set(cases)),
        "inside_half": _share(cases, [t["inside_half"] for t in targets]),
        "inside": _share(cases, [t["inside"] for t in targets]),
        "misses": _leans(cases, [0 if t["inside"] else _missed(t) for t in targets]),
        "middle": _leans(cases, [_side(t) for t in targets]),
        "enough": bool(targets) and sum(not t["inside"] for t in targets) <= MOST_OUTSIDE * len(targets),
    }


def _leans(cases: Sequence[str], sides: Sequence[int]) -> dict[str, Any]:
    """Values on each side (1 worse, -1 better), and cases by the side on which more of theirs fall; the odds are those of the cases.

    What happened in one case hangs together, so that its values are no independent throws.
    """
    of_case: dict[str, int] = {}
    for case, side in zip(cases, sides, strict=True):
        of_case[case] = of_case.get(case, 0) + side
    better, worse = sum(net < 0 for net in of_case.values()), sum(net > 0 for net in of_case.values())
    counted = {"better": better, "worse": worse, "chance": _two_sided(better, worse)}
    return {"better": sides.count(-1), "worse": sides.count(1), "cases": counted}


def _missed(target: Mapping[str, Any]) -> int:
    """1 if a value that was missed was worse than the model's range, -1 if better: less time, less money, more of a share."""
    return -1 if (target["place"][0] < 0.5) != _more_is_better(target) else 1


def _more_is_better(target: Mapping[str, Any]) -> bool:
    """Of a share served, and of the time until something stops."""
    return target["unit"] == "share" or target["measure"] == "stops"


def _side(target: Mapping[str, Any]) -> int:
    """1 if reality was worse than the model's middle, -1 if better; 0 if what is known of it holds the middle."""
    low, high = target["place"]
    side = int(low > 0.5) - int(high < 0.5)
    return -side if _more_is_better(target) else side


def _share(cases: Sequence[str], hits: Sequence[bool]) -> dict[str, Any]:
    """A share of targets with its error; none where there is one case, or nothing but hits or misses.

    The error is that of a ratio over cases (Cochran, Sampling Techniques, 3rd ed., eq. 6.13: k hits of n targets in a case), and
    never below that of as many independent throws: few cases that happen to be alike do not make the share surer than that.
    """
    n, found = len(hits), sum(hits)
    share = found / n if n else 0.0
    of_case: dict[str, float] = {}
    for case, hit in zip(cases, hits, strict=True):
        of_case[case] = of_case.get(case, 0.0) + hit - share
    m = len(of_case)
    if m < 2 or found in (0, n):
        return {"n": found, "share": share, "standard_error": None}
    between = math.sqrt(m / (m - 1) * sum(d * d for d in of_case.values())) / n
    return {"n": found, "share": share, "standard_error": max(between, math.sqrt(share * (1.0 - share) / n))}


def _two_sided(a: int, b: int) -> float:
    """Chance that misses which fall either way with even odds lean at least as much as these."""
    n, k = a + b, min(a, b)
    if n == 0:
        return 1.0
    return min(1.0, 2.0 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n)
