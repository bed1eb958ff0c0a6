"""Groups of like components that also fail together: what is asked of them, and the rates that come of it.

A group splits the rate at which each of its members fails; it adds nothing to it. That holds only where all members fail, at one
rate, and each is in one group (docs/explanation/life-cycle.md, §12).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping

from blackstart.errors import Problem, listed
from blackstart.language.model import CommonCause, Model

ONLY_ODD = "common-cause-unlike"  # the one that is no error
SEVERITY: Mapping[str, str] = {
    "common-cause-twice": "error", "common-cause-alone": "error", "common-cause-in-two": "error", "common-cause-factors": "error",
    "common-cause-nothing": "error", "common-cause-many": "error", "common-cause-never-fails": "error", ONLY_ODD: "warning",
}  # fmt: skip
MOST_BY_SETS = 12  # members of an alpha group: each set of them is a misfortune of its own, and there are 2^m


def problems(model: Model) -> list[Problem]:
    """What keeps a group from being a group of like components that fail together."""
    found: list[Problem] = []
    groups: dict[str, str] = {}  # component -> the first group that it is in
    for group in model.common_causes.values():
        found += _problems(model, group)
        for name in dict.fromkeys(group.of):
            other = groups.setdefault(name, group.id)
            if other != group.id:
                found.append(_problem(group, "common-cause-in-two", what=name, other=other))
    return found


def _problem(group: CommonCause, code: str, **values: object) -> Problem:
    return Problem(code, group.where, f"common_causes.{group.id}", {"name": group.id, **values})


def _problems(model: Model, group: CommonCause) -> Iterator[Problem]:
    twice = [name for name, times in Counter(group.of).items() if times > 1]
    if twice:
        yield _problem(group, "common-cause-twice", what=listed(twice))
    elif len(group.of) < 2:
        yield _problem(group, "common-cause-alone")
    elif group.model == "alpha" and len(group.of) > MOST_BY_SETS:
        yield _problem(group, "common-cause-many", members=len(group.of), most=MOST_BY_SETS)
    elif group.model == "alpha" and len(group.factors) != len(group.of):
        yield _problem(group, "common-cause-factors", factors=len(group.factors), members=len(group.of))
    elif group.model == "alpha" and not sum(group.factors) > 0.0:
        yield _problem(group, "common-cause-nothing")
    fails = {name: c.fails.dist.mean() if (c := model.components[name]).fails is not None else 0.0 for name in group.of}
    never = [name for name, rate in fails.items() if rate <= 0.0]
    if never:
        yield _problem(group, "common-cause-never-fails", what=listed(never))
    elif max(fails.values()) > min(fails.values()) * (1.0 + 1e-9):
        low, high = min(fails, key=fails.__getitem__), max(fails, key=fails.__getitem__)
        values = {"low": low, "low_rate": f"{fails[low]:.3g}", "high": high, "high_rate": f"{fails[high]:.3g}", "first": group.of[0]}
        yield _problem(group, "common-cause-unlike", **values)


def shares_alone(model: Model) -> dict[str, float]:
    """What is left of each member's own failure rate beside its group."""
    alone: dict[str, float] = {}
    for group in model.common_causes.values():
        alone.update(dict.fromkeys(group.of, 1.0 - group.factors[0] if group.model == "beta" else group.factors[0] / _whole(group)))
    return alone


def shocks(model: Model) -> list[tuple[str, tuple[str, ...], float]]:
    """(name, members that fail together, share of one member's rate) for each shock of each group (§12)."""
    found = []
    for group in model.common_causes.values():
        if group.model == "beta":
            found.append((f"common-cause:{group.id}", group.of, group.factors[0]))
            continue
        m, total = len(group.of), _whole(group)
        for size in range(2, m + 1):
            share = size / math.comb(m - 1, size - 1) * group.factors[size - 1] / total
            for members in itertools.combinations(group.of, size):
                found.append((f"common-cause:{group.id}:{'+'.join(members)}", members, share))
    return found


def _whole(group: CommonCause) -> float:
    """a1 + 2 a2 + ... of an alpha group."""
    return sum(i * a for i, a in enumerate(group.factors, start=1))
