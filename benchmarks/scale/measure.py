"""Time and peak memory of each stage, each size in a process of its own."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scale.platforms import Platform, write

STAGES = ("load", "check", "compile", "rehearse")
MOST_S, MOST_MB, MOST_REHEARSE_S = 10.0, 1e9 / 2**20, 2.0  # asked of 100,000 components
BIG = 100_000


def table(sizes: list[int], csv: bool, profile: str | None) -> int:
    """Print one line for each size; 1 if the largest misses what is asked of 100,000 components."""
    print(
        f"components in {'CSV' if csv else 'YAML'}; seconds on the wall (CPU), peak memory so far; load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'components':>10s}{'file MB':>9s}"
        + "".join(f"{stage:>16s}" for stage in STAGES)
        + f"{'sum before':>12s}{'MiB':>7s}{'in all':>8s}{'events':>9s}"
    )
    missed = False
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = write(Platform(size), Path(folder), csv)
            file_mb = sum(f.stat().st_size for f in Path(folder).iterdir()) / 1e6
            command = [sys.executable, "-m", "scale.measure", str(path), profile or ""]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        *talk, last = done.stdout.splitlines()
        found = json.loads(last)
        before = sum(found[stage]["wall_s"] for stage in STAGES[:3])
        cells = "".join(f"{found[s]['wall_s']:9.2f} ({found[s]['cpu_s']:4.1f})" for s in STAGES)
        peak = found["compile"]["peak_mb"]
        in_all = found["rehearse"]["peak_mb"]
        print(f"{size:10,d}{file_mb:9.1f}{cells}{before:12.2f}{peak:7.0f}{in_all:8.0f}{found['events']:9,d}")
        print("\n".join(talk), end="\n" if talk else "")
        if size >= BIG:
            missed |= before > MOST_S or peak > MOST_MB or found["rehearse"]["wall_s"] > MOST_REHEARSE_S
    return int(missed)


def _stage(name: str, work: Callable[[], Any], profile: str, found: dict) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    if profile == name:
        profiler = cProfile.Profile()
        result = profiler.runcall(work)
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(25)
    else:
        result = work()
    found[name] = {
        "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    return result


def main(path: str, profile: str) -> None:
    """Measure one model; JSON on the last line. What is imported, the compiled engine among it, is no part of the times."""
    from blackstart.checks import check, severity
    from blackstart.compilation import compile_model
    from blackstart.language.load import load, load_text

    found: dict[str, Any] = {}
    model = _stage("load", lambda: load(path), profile, found)
    problems = _stage("check", lambda: check(model), profile, found)
    errors = [p for p in problems if severity(p) == "error"]
    assert not errors, errors[:3]
    system = _stage("compile", lambda: compile_model(model), profile, found)

    from blackstart.engines.simulate import Hit, rehearse

    tiny = compile_model(
        load_text("blackstart: 1\ncomponents: {a: {repair: 1h}}\nservices: {s: {needs: a}}", "tiny.yaml")
    )
    rehearse(tiny, [Hit(0.0, False, 0)])  # the compiled kernel comes from its cache
    fire = Hit(0.0, True, system.hazards.index("fire-0"))
    story = _stage("rehearse", lambda: rehearse(system, [fire]), profile, found)
    found["events"] = int(story.path[3])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
