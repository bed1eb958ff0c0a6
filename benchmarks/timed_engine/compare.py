"""The race: same plants, answers checked against each other, then timed in interleaved rounds.

What is counted is a *move*: a component or a service stops, or comes back. All three engines make the same moves (the C twin
exactly, SimPy on average), so moves per CPU second can be set side by side; the inner steps that an engine needs for one move
are its own business.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.engines import layout
from blackstart.system import System
from timed_engine import simpy_plant, twin
from timed_engine.ours import Engine
from timed_engine.plants import Plant, model_of, plant

YEARS = 100.0
HORIZON_H = YEARS * 8760.0
SAMPLES, CHECK_SAMPLES = 30, 200
SIMPY_SEEDS, SIMPY_PER_ROUND = 40, 2
SEED = 7
FALSE_ALARM = 1e-3  # how often correct engines may be said to disagree


@dataclass(frozen=True)
class Timing:
    """One run: CPU seconds of the process, seconds on the wall, CPU seconds of everybody else on the machine (nan: not known)."""

    cpu_s: float
    wall_s: float
    others_s: float


def _timed(work: Callable[[], Any]) -> tuple[Any, Timing]:
    wall, cpu, busy = time.perf_counter(), time.process_time(), _busy_s()
    result = work()
    spent = time.process_time() - cpu
    return result, Timing(spent, time.perf_counter() - wall, _busy_s() - busy - spent)


def _busy_s() -> float:
    """CPU seconds that all processes of the machine have used so far, to a hundredth."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return math.nan
    used = [int(word) for word in stat.read_text().split("\n", 1)[0].split()[1:]]
    return (sum(used) - used[3] - used[4]) / os.sysconf("SC_CLK_TCK")  # without idle and waiting for disks


def speed(rounds: int) -> bool:
    """Print the tables for both plants; whether all answers agree."""
    library = twin.build()
    if library is None:
        print("gcc is not there: no C twin")
    fine = True
    for crews in (False, True):
        fine &= _race(plant(crews), library, rounds)
    return fine


def _race(one: Plant, library: Any, rounds: int) -> bool:
    system = compile_model(model_of(one))
    engine, pair = Engine(system, system.world()), Engine(system, system.world(), threads=2)
    c_loop = twin.Twin(library, system, system.world()) if library else None
    print(f"\n{one.name}: {len(one.repair)} components, {len(one.groups)} groups, {len(one.services)} services, "
          f"{len(one.shocks)} shocks, {len(one.team_of) and 1 + max(one.team_of)} teams; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    fine, moves = _agree(one, system, engine, c_loop)
    _clock(one, engine, pair, c_loop, moves, rounds)
    return fine


# --------------------------------------------------------------------------- same answers


def _agree(one: Plant, system: System, engine: Engine, c_loop: twin.Twin | None) -> tuple[bool, int]:
    """Whether the C twin writes the same rows and SimPy the same averages; and moves in SAMPLES samples."""
    samples = np.arange(CHECK_SAMPLES)
    rows, events = engine.run(SEED, samples, HORIZON_H)
    fine, moves = True, 0
    if c_loop is not None:
        theirs = np.zeros((rows.shape[0] + 1, layout.ROW_COLUMNS))
        n, c_events, _ = c_loop.run(SEED, samples, HORIZON_H, theirs)
        same = n == len(rows) and c_events == events
        worst = float(np.abs(rows - theirs[:n]).max(initial=0.0)) if same else np.inf
        fine = same and worst < 1e-6
        _, _, moves = c_loop.run(SEED, samples[:SAMPLES], HORIZON_H, np.zeros_like(theirs))
        print(f"  C twin: {events:,} events and {len(rows):,} rows, {'the same' if same else 'NOT the same'}; "
              f"largest difference of a time {worst:.1g} h")  # fmt: skip
    down, outages = _by_sample(rows, CHECK_SAMPLES, len(system.services))
    simpy_moves, simpy_down, simpy_outages = simpy_plant.replicate(one, range(SIMPY_SEEDS), YEARS)
    z = np.concatenate([_z(down, simpy_down), _z(outages, simpy_outages)])
    worst = float(np.abs(z).max())
    print(
        f"  SimPy: unavailability of services {down.mean() / HORIZON_H:.5f} here, "
        f"{simpy_down.mean() / HORIZON_H:.5f} there; outages per year {outages.mean() / YEARS:.4f}, "
        f"{simpy_outages.mean() / YEARS:.4f}; worst of {z.size} comparisons {worst:.1f} standard errors, "
        f"root mean square {np.sqrt((z**2).mean()):.2f}"
    )
    if not moves:
        moves = round(simpy_moves * SAMPLES / SIMPY_SEEDS)
    return fine and z.size * math.exp(-0.5 * worst**2) > FALSE_ALARM, moves  # an upper bound of the chance of that


def _by_sample(rows: np.ndarray, samples: int, services: int) -> tuple[np.ndarray, np.ndarray]:
    """Hours out and number of outages: (samples, services) each."""
    out = rows[rows[:, 1] == layout.ROW_OUT]
    at = out[:, 0].astype(np.int64), out[:, 2].astype(np.int64)
    down, outages = np.zeros((samples, services)), np.zeros((samples, services))
    np.add.at(down, at, out[:, 4] - out[:, 3])
    np.add.at(outages, at, 1.0)
    return down, outages


def _z(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Difference of the means of each column in standard errors."""
    spread = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    return (a.mean(axis=0) - b.mean(axis=0)) / spread


# --------------------------------------------------------------------------- how fast


def _clock(
    one: Plant, engine: Engine, pair: Engine, c_loop: twin.Twin | None, moves: int, rounds: int
) -> None:
    samples = np.arange(SAMPLES)
    room = np.zeros((1 << 20, layout.ROW_COLUMNS))
    works: dict[str, Callable[[], Any]] = {"timed engine": lambda: engine.run(SEED, samples, HORIZON_H)}
    pairs: dict[str, Engine | twin.Pair] = {"two threads": pair}
    if c_loop is not None:
        c_pair = pairs["C, two threads"] = twin.Pair(c_loop, room.shape[0])
        works["C twin"] = lambda: c_loop.run(SEED, samples, HORIZON_H, room)
        works["C, two threads"] = lambda: c_pair.run(SEED, samples, HORIZON_H)
    works["two threads"] = lambda: pair.run(SEED, samples, HORIZON_H)
    seeds = iter(range(rounds * SIMPY_PER_ROUND))
    works["SimPy"] = lambda: simpy_plant.replicate(one, [next(seeds) for _ in range(SIMPY_PER_ROUND)], YEARS)
    times: dict[str, list[Timing]] = {name: [] for name in works}
    rates: dict[str, list[float]] = {name: [] for name in works}
    free: dict[str, list[float]] = {name: [] for name in pairs}  # seconds that two threads would have taken with a core for each
    for _ in range(rounds):
        for name, work in works.items():
            result, spent = _timed(work)
            times[name].append(spent)
            rates[name].append((result[0] if name == "SimPy" else moves) / spent.cpu_s)
            if name in pairs:
                each = pairs[name].cpu_s
                free[name].append(spent.cpu_s - sum(each) + max(each))
    _table(times, rates, moves)
    _threads("timed engine", times["timed engine"], times["two threads"], free["two threads"])
    if c_loop is not None:
        _threads("C twin", times["C twin"], times["C, two threads"], free["C, two threads"])


def _table(times: dict[str, list[Timing]], rates: dict[str, list[float]], moves: int) -> None:
    ours = times["timed engine"]
    print(
        f"  {'':14s}{'moves/CPU s':>13s}{'moves/wall s':>14s}{'CPU ns/move':>13s}{'against SimPy':>15s}{'against C':>11s}"
    )
    for name, spent in times.items():
        done = [r * s.cpu_s for r, s in zip(rates[name], spent, strict=True)]
        wall = median(d / s.wall_s for d, s in zip(done, spent, strict=True))
        simpy = median(a / b for a, b in zip(rates[name], rates["SimPy"], strict=True))
        c = (
            median(b / a for a, b in zip(rates[name], rates["C twin"], strict=True))
            if "C twin" in rates
            else float("nan")
        )
        cpu = median(rates[name])
        print(f"  {name:14s}{cpu:13,.0f}{wall:14,.0f}{1e9 / cpu:13,.0f}{simpy:14.1f}x{c:10.2f}x")
    years = SAMPLES * YEARS
    print(
        f"  one simulated year: {moves / years:.0f} moves, {median(s.cpu_s for s in ours) / years * 1e6:.0f} CPU us"
    )


def _threads(name: str, one: list[Timing], two: list[Timing], free: list[float]) -> None:
    """What a second thread gives. The C loops share nothing and allocate nothing while they run: what they miss, the machine keeps."""
    both = list(zip(one, two, strict=True))
    wall = [a.wall_s / b.wall_s for a, b in both]
    others = median((a.others_s + b.others_s) / (a.wall_s + b.wall_s) for a, b in both)
    alone = median(a.cpu_s / f for (a, _), f in zip(both, free, strict=True))
    print(f"  {name}, two threads against one: {alone:.2f}x with a core for each (what is done alone, and the busier thread, in CPU time); "
          f"CPU {median(b.cpu_s / a.cpu_s for a, b in both):.2f}x\n"
          f"  on the wall: {median(wall):.2f}x median, {max(wall):.2f}x best of {len(both)}, "
          f"while others kept {others:.1f} of {os.cpu_count()} cores busy")  # fmt: skip
