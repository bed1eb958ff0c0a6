"""A fault tree quantified: probability, cut sets, importance, and what not knowing the inputs leaves.

What is made here is the published form (docs/reference/result.schema.json); every view reads it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import logic
from blackstart.engines.formula import Formula
from blackstart.errors import ModelError, Problem
from blackstart.fault_trees.faulttree import FaultTree, Question, below, probabilities, question, samples, uncertain
from blackstart.nearest import Nearest
from blackstart.version import __version__

SCHEMA_VERSION = "1"
LEVELS = (0.05, 0.5, 0.95)
NODE_BYTES = 120  # for each row that a diagram may have: three tables of them


class Study(NamedTuple):
    """What is asked, how carefully.

    mission_time : in the unit of the rates in the tree
    samples : of what is not known exactly; 0 for none
    most : cut sets to list
    prime : prime implicants where the tree is not coherent, instead of cut sets of what is there
    memory_mb : for diagrams; beyond it the answer is bounds. None: what the engine takes by itself
    """

    mission_time: float | None = None
    samples: int = 10_000
    seed: int = 1
    most: int = 20
    prime: bool = False
    memory_mb: int | None = None

    def limits(self) -> logic.Limits:
        """The same for the engine."""
        return logic.Limits() if self.memory_mb is None else logic.Limits(nodes=self.memory_mb * 2**20 // NODE_BYTES)


def top_of(tree: FaultTree, asked: str | None) -> str:
    """The gate to quantify: the one asked for, or the one that the file names, or the only one that no other uses.

    Raises
    ------
    ModelError
        There is no such gate, or there are several.
    """
    tops = tree.tops()
    if asked is not None:
        if asked not in tree.gates:
            near = Nearest(list(tree.gates)).to(asked)
            raise ModelError([Problem("ft-top-unknown", values={"name": asked, "tops": _some(tops)}, nearest=near)])
        return asked
    if tree.top:
        return tree.top
    if len(tops) != 1:
        raise ModelError([Problem("ft-several-tops", values={"tops": _some(tops), "first": tops[0]})])
    return tops[0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def quantify(tree: FaultTree, top: str, study: Study, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Everything about one gate of a fault tree.

    Parameters
    ----------
    files : contents of the files that the tree was read from, by name, for the digest

    Raises
    ------
    ModelError
        A probability that cannot be computed, or is none.
    """
    asked = question(tree, [top])
    p = probabilities(tree, asked, study.mission_time)
    solved = logic.solve(asked.formula, p, study.limits(), prime=study.prime)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "quantification",
        "title": tree.name or top,
        "outcome": {"state": solved.outcome, "reasons": [solved.reason] if solved.reason else []},
        "top": top,
        "probability": float(solved.probability[0]),
        "bounds": [float(solved.lower[0]), float(solved.upper[0])],
        "frequency": _frequency(solved, asked),
        "size": {"gates": len(asked.gates), "events": len(asked.events), "groups": _groups(tree, asked)},
        "coherent": bool(solved.coherent[0]),
        "cut_sets": _cut_sets(solved, asked, study.most),
        "importance": _importance(solved, asked, p),
        "uncertainty": _uncertainty(solved, tree, asked, p, study),
        "aside": _aside(tree, top),
        "labels": _labels(tree, asked),
        "provenance": {
            "model": list(files), "digest": digest(asked.formula, p, files), "version": __version__, "seed": study.seed,
            "study": {"top": top, "mission_time": study.mission_time, "samples": study.samples}, "with": [],
        },
    }  # fmt: skip


def digest(formula: Formula, p: np.ndarray, files: Mapping[str, bytes]) -> str:
    """A short name for exactly these files and the question that they were asked."""
    h = hashlib.blake2b(digest_size=16)
    for data in files.values():
        h.update(hashlib.blake2b(data).digest())
    for array in (*formula[1:], p):
        h.update(np.ascontiguousarray(array).tobytes())
    return h.hexdigest()


def _groups(tree: FaultTree, asked: Question) -> int:
    """Common-cause groups that take part."""
    members = {m for parents in asked.parents for m in parents}
    return sum(any(m in members for m in group.members) for group in tree.groups.values())


def _frequency(solved: logic.Solved, asked: Question) -> dict[str, Any] | None:
    """How often the top begins, where the tree says how often events do; those of which it does not are conditions."""
    known = ~np.isnan(asked.per_year)
    if not known.any():
        return None
    per_year = float(solved.frequency(np.where(known, asked.per_year, 0.0))[0])
    return {"per_year": per_year, "events": int(known.sum())} if math.isfinite(per_year) else None


_READINGS = {"minimal": "minimal-cut-sets", "prime": "prime-implicants", "": "not-found"}


def _cut_sets(solved: logic.Solved, asked: Question, most: int) -> dict[str, Any]:
    """Counted, summed and listed: all of them, or where the answer is bounded those of the lower bound."""
    sets, whole = solved.cut_sets, float(solved.probability[0])
    reading = _READINGS[sets.kind[0]]
    if reading == "not-found":
        return {"reading": reading, "complete": False, "total": None, "by_order": [], "rare_event_sum": None, "most_likely": []}
    by_order = [int(n) for n in sets.by_order(0)]
    listed = [
        {
            "events": [asked.events[x >> 1] for x in literals if not x & 1],
            "absent": [asked.events[x >> 1] for x in literals if x & 1],
            "probability": chance,
            "share": chance / whole if whole > 0 else 0.0,
        }
        for chance, literals in solved.most_likely(0, most)
    ]
    listed.sort(key=lambda row: (-_nine_digits(row["probability"]), len(row["events"]), row["events"], row["absent"]))
    return {
        "reading": reading,
        "complete": solved.outcome == "exact",
        "total": sum(by_order),
        "by_order": by_order[1:],
        "rare_event_sum": sets.rare_event_sum(0, solved.p),
        "most_likely": listed,
    }


def _importance(solved: logic.Solved, asked: Question, p: np.ndarray) -> list[dict[str, Any]]:
    """Every event, the one that matters most first; a reduction worth without end is null."""
    columns = {
        "birnbaum": solved.birnbaum[0],
        "criticality": logic.criticality(solved)[0],
        "fussell_vesely": logic.fussell_vesely(solved)[0],
        "dif": logic.diagnostic(solved)[0],
        "raw": logic.achievement_worth(solved)[0],
        "rrw": logic.reduction_worth(solved)[0],
    }
    ranks = [tuple(-_nine_digits(columns[key][i]) for key in ("fussell_vesely", "birnbaum")) for i in range(len(p))]
    order = sorted(range(len(p)), key=lambda i: (ranks[i], asked.events[i]))
    return [
        {"event": asked.events[i], "probability": float(p[i])}
        | {key: float(column[i]) if math.isfinite(column[i]) else None for key, column in columns.items()}
        for i in order
    ]


def _nine_digits(value: float) -> float:
    """What is equal but for the rounding of sums is equal, and then stands in the order of names."""
    return float(f"{value:.9e}")


def _uncertainty(solved: logic.Solved, tree: FaultTree, asked: Question, p: np.ndarray, study: Study) -> dict[str, Any] | None:
    """Mean and quantiles over samples of what is not known, pushed through the one diagram; None where all is known."""
    moving = uncertain(tree, asked)
    if not moving or study.samples < 2 or solved.outcome != "exact":
        return None
    drawn, cut = [], 0
    for block in samples(tree, asked, p, study.mission_time, study.samples, study.seed):
        drawn.append(solved.probabilities(block.p)[:, 0])
        cut += block.cut
    values = np.sort(np.concatenate(drawn))
    return {
        "samples": len(values),
        "events": len(moving),
        "mean": _estimate(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))),
        "quantiles": {f"{100 * level:g}": _quantile(values, level) for level in LEVELS},
        "cut_share": cut / (len(values) * len(moving)),
    }


def _estimate(value: float, error: float) -> dict[str, Any]:
    return {"value": value, "standard_error": error, "band": None}


def _quantile(values: np.ndarray, level: float) -> dict[str, Any]:
    """A quantile, and half of the distance between those one standard error of the rank below and above."""
    n = len(values)
    step = math.sqrt(level * (1 - level) / n)
    low, middle, high = np.quantile(values, np.clip([level - step, level, level + step], 0.0, 1.0))
    return _estimate(float(middle), float(high - low) / 2)


def _aside(tree: FaultTree, top: str) -> dict[str, Any]:
    """What stands in the files and takes no part: gates and events that the top does not rest on, kinds that are passed over."""
    used = below(tree, [top])
    gates = [name for name in tree.gates if name not in used]
    return {
        "gates": gates,
        "tops": [name for name in tree.tops() if name != top],
        "events": [name for name in (*tree.events, *tree.houses) if name not in used],
        "kinds": list(tree.unread),
    }


def _labels(tree: FaultTree, asked: Question) -> dict[str, str]:
    labels = {name: tree.events[name].label for name in asked.events if name in tree.events}
    labels |= {name: tree.gates[name].label for name in asked.gates}
    return {name: label for name, label in labels.items() if label}
