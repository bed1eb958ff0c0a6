"""What takes long of the records of incidents: ``python -m tests.cross.long_incidents kills|rank|order``.

``kills``: a writer killed with SIGKILL at 1,000 random moments; every acknowledged entry must be there.
``rank``: 500 incidents of each of three models, 60 % of their events hidden; how often what began them is ranked first.
``order``: the shares of Kakao's replay with 20 seeds; how often the order of the first three changes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.cross import incidents
from tests.unit.test_incident import killed_at_random

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.incidents import attribution, incident, ranking
from blackstart.language import load


def kills(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, torn = killed_at_random(Path(folder), count, seed=7)
        print(f"{count} kills, {acknowledged} entries acknowledged, all there; {torn} torn lines set aside")


def rank(count: int) -> None:
    for even in (True, False):
        for false in (0.0, incidents.FALSE):
            right = hidden = right_hidden = total = 0
            for name in ("corner-shop", "startup", "kakao-2022"):
                system = compile_model(load.load(examples.path(name)))
                library = [ranking.played(system, h, 60, 1) for h in ranking.hypotheses(system)]
                here = 0
                for case in incidents.cases(system, count, seed=11, even=even, false=false):
                    good = incidents.first_of(case, system, library) == case.truth
                    here, total, hidden = here + good, total + 1, hidden + case.own_event_hidden
                    right_hidden += good and case.own_event_hidden
                right += here
                print(f"  {name}: {here / count:.1%} of {count}")
            how = "each misfortune alike" if even else "as often as each comes"
            print(f"{how}, {false:.0%} of reports contradicted: {right / total:.1%} of {total} ranked first; "
                  f"of {hidden} whose own event was hidden {right_hidden / hidden:.1%}")  # fmt: skip


def order(count: int) -> None:
    path = examples.path("kakao-2022")
    model, record = load.load(path), incident.read(path.parent)
    seen: dict[str, dict[tuple[str, ...], int]] = {}
    for seed in range(1, count + 1):
        told = attribution.attribute(model, record, runs=60, seed=seed).as_dict()
        for measure in told["measures"]:
            rows = sorted(told["players"], key=lambda row: -row["share"][measure]["value"])
            first = tuple(row["id"] for row in rows[:3])
            seen.setdefault(measure, {})[first] = seen.get(measure, {}).get(first, 0) + 1
        print(f"seed {seed}: {len(seen)} measures, orders of the first three so far: {[len(o) for o in seen.values()]}", flush=True)
    for measure, orders in seen.items():
        print(measure, orders)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["kills", "rank", "order"])
    parser.add_argument("--count", type=int)
    asked = parser.parse_args()
    {"kills": kills, "rank": rank, "order": order}[asked.what](asked.count or {"kills": 1000, "rank": 500, "order": 20}[asked.what])
