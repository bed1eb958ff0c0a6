"""A1: redundancy allocation, 33 instances (Fyffe, Hines & Lee 1968; weight limits after Nakagawa & Miyazaki 1981).

14 subsystems in series, three or four kinds of component for each, one to eight in parallel and kinds may be mixed (Coit &
Smith 1996); cost at most 130, weight at most 159 ... 191. The published optima of the mixed problem, to 5e-9.

Solved by the merge that the plan uses for parts of a model that have nothing in common: reliabilities in series multiply, so
their negative logarithms add up.
"""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import pytest

from blackstart.planning.portfolios import Label, merged

REFERENCE = Path(__file__).parents[3] / "shared/reference"
FOUND = REFERENCE if REFERENCE.is_dir() else None
MOST_UNITS, COST = 8, 130.0


def rows(name: str) -> list[dict[str, str]]:
    assert FOUND is not None
    with (FOUND / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def subsystems() -> list[list[Label]]:
    kinds: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows("rap33-components.csv"):
        kinds.setdefault(row["subsystem"], []).append((float(row["reliability"]), float(row["cost"]), float(row["weight"])))
    found = []
    for name, choices in kinds.items():
        designs = []
        for n in range(1, MOST_UNITS + 1):
            for some in itertools.combinations_with_replacement(range(len(choices)), n):
                fails = math.prod(1.0 - choices[i][0] for i in some)
                takes = (sum(choices[i][1] for i in some), sum(choices[i][2] for i in some))
                designs.append(Label(takes, -math.log1p(-fails), (name + "".join(str(i + 1) for i in some),)))
        found.append(designs)
    return found


@pytest.mark.skipif(FOUND is None, reason="reference data not there")
def test_all_33_optima():
    optima = rows("rap33-optima.csv")
    frontier = merged(subsystems(), (COST, max(float(row["W"]) for row in optima)))
    reached = 0
    for row in optima:
        best = min((x for x in frontier if x.takes[1] <= float(row["W"])), key=lambda x: x.loss)
        assert math.exp(-best.loss) == pytest.approx(float(row["R_mixed"]), abs=6e-9)
        reached += 1
    assert reached == 33
