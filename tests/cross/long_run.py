"""Engine against twin for a long time: ``python -m tests.cross.long_run --cases 10000``.

Prints how many cases were played, how often each feature of the language occurred and each kind of thing happened, and
every mismatch. A mismatch writes a replay file: the model, its settings and the first difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from tests.cross.stories import Case, Settings, difference, play_both, random_case, settings_of
from tests.property.models import features

SAMPLES = 3


def replay_text(case: Case, settings: Settings, first: str) -> str:
    """A model file that tells in its comments how to play it and what went wrong."""
    lines = [f"case {case.number}", f"first difference: {first}", *str(settings).splitlines()]
    return "".join(f"# {line}\n" for line in lines) + case.text


def run(first: int, cases: int, horizon: float, folder: Path) -> Counter:
    """Play cases first, first + 1, ...; returns what was seen."""
    seen: Counter = Counter()
    for number in range(first, first + cases):
        if number > first and (number - first) % 500 == 0:
            print(f"{number - first} cases, {seen['played']} plays, {seen['mismatches']} mismatches", file=sys.stderr, flush=True)
        case = random_case(number)
        if case is None:
            seen["not played: cannot run"] += 1
            continue
        seen.update({f"with {name}": 1 for name in features(case.model)})
        for sample in range(SAMPLES):
            settings = settings_of(case, sample, horizon)
            stories = play_both(case, settings)
            if stories is None:
                seen["not played: does not stay at rest"] += 1
                continue
            engine, twin = stories
            seen["played"] += 1
            if twin.flickers:
                seen["not compared: a circle flickers"] += 1
                continue
            seen["stuck"] += bool(twin.stuck)
            seen["stopped at the event limit"] += bool(twin.stopped)
            seen.update({f"happened: {noun}": n for noun, n in twin.happened.items()})
            what = difference(engine, twin)
            if what:
                seen["mismatches"] += 1
                path = folder / f"twin-{number}-{sample}.yaml"
                path.write_text(replay_text(case, settings, what), encoding="utf-8")
                print(f"case {number} sample {sample}: {what} -> {path}", flush=True)
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--horizon", type=float, default=400.0, help="hours of each play")
    parser.add_argument("--replays", type=Path, default=Path("."), help="folder for replay files")
    given = parser.parse_args()
    began = time.monotonic()
    seen = run(given.first, given.cases, given.horizon, given.replays)
    for name in sorted(seen):
        print(f"{seen[name]:8d}  {name}")
    print(f"{seen['played']} plays of {given.cases} cases, {seen['mismatches']} mismatches, {time.monotonic() - began:.0f} s")
    raise SystemExit(1 if seen["mismatches"] else 0)


if __name__ == "__main__":
    main()
