"""Why a number is what it is: the inputs it rests on, where each of them comes from, and how much each moves it.

The number is computed again with one input changed and everything else, the random draws among it, as before (common random
numbers in the world of mean rates and chances). `unknowns` asks the same of what nobody has stated: which answers would
narrow the band most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.distributions import Z95
from blackstart.engines import layout as y
from blackstart.engines import simulate
from blackstart.engines.simulate import Hit, Study
from blackstart.errors import ModelError, Problem
from blackstart.language.inputs import Input, changed, inputs, known, scaled
from blackstart.language.model import Model
from blackstart.language.origins import NO_TEXTS, Texts, explained, origin, rate_of
from blackstart.nearest import Nearest
from blackstart.studies.results import Result, assessment, causes_of, common, part_of_assessment
from blackstart.system import System
from blackstart.units import Chance

MORE = 1.25  # an input is tried at this many times its value (a chance: its odds)
LOOKED_AT = 12  # causes whose courses are followed to see which things they touch
COURSES = 8  # random courses of each
LEAST_SHARE = 0.002  # of a number, below which a cause is not followed
SECOND_SHARE = 0.1  # of the worlds of the study, for each of the inputs looked at a second time
LEAST_CHANGE = 0.01  # of the number, below which an input nobody stated is not worth a question
FULL_LOOK = 24  # inputs looked at a second time
CERTAIN, IMPOSSIBLE = 1.0 - 1e-9, 1e-9

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a result by its path, as it stands in the JSON."""

    path: str
    keys: tuple[str, ...]
    value: float
    standard_error: float | None
    band: tuple[float, float] | None


def number_at(result: Mapping[str, Any], path: str) -> Number:
    """The number at a dotted path of a result.

    Raises
    ------
    ModelError
        If the path leads to no number (code ``no-such-number``), with the nearest and some that there are.
    """
    keys = _keys(result, path)
    node = _at(result, keys) if keys is not None else None
    if isinstance(node, Mapping) and "value" in node and "standard_error" in node:
        band = None if node.get("band") is None else (node["band"][0], node["band"][1])
        return Number(path, keys, float(node["value"]), node["standard_error"], band)
    if isinstance(node, int | float) and not isinstance(node, bool):
        return Number(path, keys, float(node), None, None)
    known_paths = list(numbers_of(result))
    near = Nearest(known_paths).to(path)
    inside = [p for p in known_paths if p.startswith(path + ".")][:8] or known_paths[:8]
    raise ModelError([Problem("no-such-number", None, path, {"name": path, "known": ", ".join(inside)}, near)])


def numbers_of(result: Mapping[str, Any]) -> Iterable[str]:
    """Paths of all numbers that can be asked about: those of services, and of all of them together."""
    stack = [(f"{top}.{key}", node) for top in ("services", "total") for key, node in (result.get(top) or {}).items()]
    while stack:
        path, node = stack.pop(0)
        if isinstance(node, Mapping):
            if "standard_error" in node:
                yield path
            else:
                stack = [(f"{path}.{key}", child) for key, child in node.items()] + stack
        elif isinstance(node, list):  # of rows; a list of numbers is a curve
            stack = [(f"{path}.{n}", row) for n, row in enumerate(node) if isinstance(row, Mapping)] + stack
        elif isinstance(node, int | float) and not isinstance(node, bool):
            yield path


def _keys(result: Mapping[str, Any], path: str) -> tuple[str, ...] | None:
    """The keys of a path, where keys may have dots of their own."""
    words, keys, node = path.split("."), [], result
    while words:
        if isinstance(node, list) and words[0].isdecimal() and int(words[0]) < len(node):
            keys.append(words.pop(0))
            node = node[int(keys[-1])]
            continue
        if not isinstance(node, Mapping):
            return None
        n = next((n for n in range(len(words), 0, -1) if ".".join(words[:n]) in node), 0)
        if n == 0:
            return None
        keys.append(".".join(words[:n]))
        node, words = node[keys[-1]], words[n:]
    return tuple(keys)


def _at(result: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        result = result[int(key)] if isinstance(result, list) else result.get(key) if isinstance(result, Mapping) else None
    return result


# ----------------------------------------------------------------------------- asking again


class _Again:
    """Answers one number for models that differ in one input, with the same draws each time."""

    def __init__(self, model: Model, system: System, keys: Sequence[str], study: Study) -> None:
        self.model, self.keys, self.study = model, keys, study
        self.inputs = inputs(model)
        self.look = simulate.pilot(system, Study(seed=study.seed))

    def candidates(self, touched: Mapping[tuple[str, str], float]) -> list[Input]:
        """The inputs of these things; of those that share their doubt that of the thing on which the number hangs most."""
        mine = [at for at in self.inputs if at.thing in touched]
        found: dict[str, Input] = {}
        for at in mine:
            first = found.setdefault(at.shared or at.path, at)
            if touched[at.thing] > touched[first.thing]:
                found[at.shared] = at
        return list(found.values())

    def with_value(self, at: Input, value: Callable[[Input], Any]) -> Model:
        """The model with another value for one input, and for every one that shares its doubt."""
        return with_value(self.model, self.inputs, at, value)

    def alike(self, at: Input) -> int:
        """How many inputs one answer stands for."""
        return sum(1 for one in self.inputs if at.shared and one.shared == at.shared) or 1

    def quick(self, model: Model) -> float:
        """The number, roughly: enough to see which inputs matter."""
        return self._number(model, 1)[0]

    def careful(self, model: Model) -> float:
        return self.with_error(model)[0]

    def with_error(self, model: Model) -> tuple[float, float]:
        """The number and its standard error, from a tenth of the plays of the study."""
        return self._number(model, max(6, round(SECOND_SHARE * self.study.worlds)))

    def _number(self, model: Model, worlds: int) -> tuple[float, float]:
        system = compile_model(model)
        study = Study(worlds=worlds, samples=self.study.samples, seed=self.study.seed, threads=self.study.threads)
        sample = simulate.assess(system, study, mean=True, look=self.look)
        node = _at(part_of_assessment(model, system, sample, study, self.keys), self.keys)
        if isinstance(node, Mapping):
            return float(node["value"]), float(node["standard_error"])
        return (math.nan, math.nan) if node is None else (float(node), 0.0)


def _touched(model: Model, system: System, causes: Sequence[Mapping[str, Any]], seed: int) -> dict[tuple[str, str], float]:
    """Things of the model that take part when the most weighty causes come, in typical and in random courses, each with the shares
    of the number that begin with the causes whose courses it takes part in."""
    a = system.arrays
    index = {name: i for i, name in enumerate(system.items)}
    found = {("components", name): 0.0 for name in system.services if name in model.components}
    weighty = [c for c in causes if _share(c) > LEAST_SHARE]
    for cause in weighty[:LOOKED_AT]:
        row = a.item[index[cause["id"]]]
        hit = Hit(0.0, bool(row["is_hazard"]), int(row["id"]))
        mine = {("hazards" if hit.is_hazard else "components", cause["id"])}
        for k in range(COURSES + 1):
            story = simulate.rehearse(system, [hit], seed=seed, sample=k, typical=k == 0)
            mine |= _in_trace(system, story.trace)
        mine |= _in_trace(system, simulate.rehearse(system, [hit], seed=seed, given=_worst(system)).trace)
        for thing in mine:
            found[thing] = found.get(thing, 0.0) + _share(cause)
    return found


def _share(cause: Mapping[str, Any]) -> float:
    """The largest share of a number that begins with a cause: of hours out, of the loss, or of long outages."""
    return max(cause["downtime_share"], cause["loss_share"] or 0.0, cause["long_share"])


def _worst(system: System) -> simulate.Given:
    """Every barrier fails and every effect with a chance happens: rare courses are met once, too."""
    a = system.arrays
    chances = {int(n): 0.0 for n in a.barrier["works"] if n >= 0}
    chances |= {int(n): 1.0 for n in [*a.effect["chance"], *a.hazard["chance"]] if n >= 0}
    return simulate.Given(chances)


def _in_trace(system: System, trace: np.ndarray) -> set[tuple[str, str]]:
    of = {
        y.T_STATE: ("components", system.components), y.T_TEAM: ("teams", system.teams), y.T_BARRIER: ("barriers", system.barriers),
        y.T_HAZARD: ("hazards", system.hazards),
    }  # fmt: skip
    found = set()
    for what, (group, names) in of.items():
        found |= {(group, names[int(i)]) for i in np.unique(trace[trace[:, 1] == what, 2]) if 0 <= i < len(names)}
    for node in np.unique(trace[trace[:, 1] == y.T_EFFECT, 2]):
        if 0 <= node < len(system.effects):
            found.add(("hazards", system.effects[int(node)][0]))
    return found


# ----------------------------------------------------------------------------- how much an input moves the number


@dataclass(slots=True)
class _Move:
    """What one input does to the number: the number if the input is larger, and at the ends of what is believed about it."""

    input: Input
    step: float
    more: float
    low: float | None = None
    high: float | None = None
    variance: float = 0.0


def _moves(again: _Again, candidates: Sequence[Input], progress: Progress | None) -> tuple[float, float, list[_Move]]:
    """The number in the mean world with its error, and how each input moves it, the strongest first."""
    base = again.quick(again.model)
    first: list[tuple[float, Input, float]] = []
    total = len(candidates) + FULL_LOOK
    for n, at in enumerate(candidates):
        if progress:
            progress(n, total)
        other, step = _larger(again, at)
        value = again.quick(other)
        first.append((_weight(at, base, value, step), at, step))
    first.sort(key=lambda row: (-row[0], row[1].path))
    base, error = again.with_error(again.model)
    moves = []
    for n, (weight, at, step) in enumerate(first[:FULL_LOOK]):
        if progress:
            progress(len(candidates) + n, total)
        if weight <= 0.0:
            break
        move = _Move(at, step, again.careful(_larger(again, at)[0]))
        _believed(again, move, base)
        moves.append(move)
    return base, error, moves


def _larger(again: _Again, at: Input) -> tuple[Model, float]:
    """The model with a larger input, and how many times larger it is (a doubtful need: certain)."""
    if _is_doubt(at):
        return again.with_value(at, lambda one: known(one.value, CERTAIN)), math.inf
    if isinstance(at.value, float) and float(at.value).is_integer() and at.value < 20:
        return again.with_value(at, lambda one: one.value + 1.0), (at.value + 1.0) / at.value
    return again.with_value(at, lambda one: scaled(one.value, MORE)), MORE


def with_value(model: Model, among: Sequence[Input], at: Input, value: Callable[[Input], Any]) -> Model:
    """The model in which an input, and every one of `among` that shares its doubt, has the value that `value` gives it."""
    for one in [at] if not at.shared else [one for one in among if one.shared == at.shared]:
        model = changed(model, one, value(one))
    return model


def _at_quantile(u: float) -> Callable[[Input], Any]:
    return lambda one: known(one.value, float(one.dist.quantile(u)))


def _is_doubt(at: Input) -> bool:
    """Whether it is the chance of a doubtful need: the mean world has it or has it not, nothing between."""
    return isinstance(at.value, Chance) and ".needs" in at.path


def _weight(at: Input, base: float, value: float, step: float) -> float:
    """How much an input may matter: what it does when larger, times how wide it is believed to be."""
    if not math.isfinite(value) or base <= 0.0 or value <= 0.0:
        return abs(value - base) if math.isfinite(value) else 0.0
    move = abs(math.log(value / base))
    if math.isinf(step):
        return move
    width = 1.0
    if at.dist is not None and at.dist.kind != "point":
        low, high = (float(at.dist.quantile(q)) for q in (0.05, 0.95))
        width += math.log(max(high, 1e-12) / max(low, 1e-12)) / (2 * Z95)
    return move / math.log(step) * width


def _believed(again: _Again, move: _Move, base: float) -> None:
    """The number at the 5th and 95th percentile of what is believed about an uncertain input."""
    at = move.input
    if not _is_uncertain(at):
        return
    if _is_doubt(at):
        p = at.dist.mean()
        move.low, move.high = (again.careful(again.with_value(at, lambda one, x=x: known(one.value, x))) for x in (IMPOSSIBLE, CERTAIN))
        move.variance = p * (1.0 - p) * _log_ratio(move.high, move.low, base) ** 2
        return
    move.low, move.high = (again.careful(again.with_value(at, _at_quantile(u))) for u in (0.05, 0.95))
    move.variance = (_log_ratio(move.high, move.low, base) / (2 * Z95)) ** 2


def _log_ratio(high: float, low: float, base: float) -> float:
    """Logarithm of a ratio of two numbers; of what is next to nothing a thousandth of the number stands in."""
    least = 1e-3 * base
    return 0.0 if base <= 0.0 else math.log(max(high, least) / max(low, least))


# ----------------------------------------------------------------------------- why


def why(
    model: Model, system: System, path: str, study: Study, sample: simulate.Sample, defences: Sequence[str] = (),
    progress: Progress | None = None, texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """The chain behind one number of an assessment: what begins it, which inputs move it and where they come from.

    `texts` are the texts of the model's files, and of lists of sources beside them, by name: what their writer noted beside an
    input is told with it.
    """
    answer = assessment(model, system, sample, study, defences).as_dict()
    number = number_at(answer, path)
    again = _Again(model, system, number.keys, study)
    causes = _causes(model, system, sample, study, number, answer)
    touched = _touched(model, system, causes, study.seed)
    base, error, moves = _moves(again, again.candidates(touched), progress)
    data = common("why", model, system, defences, {"seed": study.seed, "worlds": study.worlds, "samples": study.samples})
    data["outcome"] = answer["outcome"]
    data["number"] = _shown_number(number, base, error)
    data["causes"] = [c | {"input": _rate(model, c, texts)} for c in causes[:LOOKED_AT]]
    data["inputs"] = _input_rows(again, base, moves, texts)
    data |= explained([*data["inputs"], *(c["input"] for c in data["causes"] if c["input"])], texts)
    return Result(data)


def _shown_number(number: Number, base: float, error: float) -> dict[str, Any]:
    return {
        "path": number.path, "value": number.value, "standard_error": number.standard_error,
        "band": None if number.band is None else list(number.band), "in_mean_world": base, "in_mean_world_error": error,
        "service": number.keys[1] if number.keys[0] == "services" else None,
    }  # fmt: skip


def _causes(
    model: Model, system: System, sample: simulate.Sample, study: Study, number: Number, answer: Mapping[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    """What the episodes behind a number begin with: those of its service, or of all."""
    if number.keys[0] != "services" or len(system.services) == 1:
        return list(answer["causes"])
    return causes_of(model, system, sample, study, number.keys[1])


def _rate(model: Model, cause: Mapping[str, Any], texts: Texts) -> dict[str, Any] | None:
    at = rate_of(model, cause)
    return None if at is None else origin(model, at, texts)


def _input_rows(again: _Again, base: float, moves: Sequence[_Move], texts: Texts) -> list[dict[str, Any]]:
    total = sum(m.variance for m in moves)
    rows = []
    for m in moves:
        change = m.more / base - 1.0 if base > 0 else None
        rows.append(origin(again.model, m.input, texts) | {
            "alike": again.alike(m.input), "times": None if math.isinf(m.step) else m.step, "change": change,
            "low": m.low, "high": m.high, "share_of_band": m.variance / total if total > 0 else 0.0,
        })  # fmt: skip
    return sorted(rows, key=lambda r: (-max(abs(r["change"] or 0.0), r["share_of_band"]), r["path"]))


# ----------------------------------------------------------------------------- unknowns


def unknowns(
    model: Model, system: System, path: str, study: Study, sample: simulate.Sample, defences: Sequence[str] = (),
    progress: Progress | None = None, texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """What nobody has stated, ranked by how much knowing it would narrow the band of one number."""
    answer = assessment(model, system, sample, study, defences).as_dict()
    number = number_at(answer, path)
    again = _Again(model, system, number.keys, study)
    causes = _causes(model, system, sample, study, number, answer)
    touched = _touched(model, system, causes, study.seed)
    candidates = [at for at in again.candidates(touched) if _is_uncertain(at) or at.source]
    base, error, moves = _moves(again, candidates, progress)
    moves.sort(key=lambda m: -m.variance)
    total = sum(m.variance for m in moves)
    data = common("unknowns", model, system, defences, {"seed": study.seed, "worlds": study.worlds, "samples": study.samples})
    data["outcome"] = answer["outcome"]
    data["number"] = _shown_number(number, base, error)
    data["questions"], left = [], total
    for m in moves:
        if m.variance < 1e-4 * total:
            break
        left -= m.variance
        data["questions"].append(origin(model, m.input, texts) | {
            "alike": again.alike(m.input), "low": m.low, "high": m.high, "share_of_band": m.variance / total if total > 0 else 0.0,
            "left": math.sqrt(max(0.0, left) / total) if total > 0 else 1.0,
        })  # fmt: skip
    data["also"] = [row for row in _input_rows(again, base, [m for m in moves if not _is_uncertain(m.input)], texts)
                    if abs(row["change"] or 0.0) > LEAST_CHANGE]  # fmt: skip
    data |= explained([*data["questions"], *data["also"]], texts)
    return Result(data)


def _is_uncertain(at: Input) -> bool:
    return at.dist is not None and (at.dist.kind != "point" or _is_doubt(at))


def answered(model: Model, paths: Iterable[str]) -> Model:
    """The model in which these inputs are known to be what is now their median (of a duration: its middle)."""
    wanted, among = set(paths), inputs(model)
    for at in among:
        if at.path in wanted and at.dist is not None and at.dist.kind != "point":
            model = with_value(model, among, at, _at_quantile(0.5))
    return model
