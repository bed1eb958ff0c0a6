"""Calls of the timed engine's kernel, as the product makes them."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from blackstart.engines import kernel, layout
from blackstart.engines.bundle import for_compiled
from blackstart.system import System, World

_NONE_T, _NONE_I = np.zeros(0), np.zeros(0, np.int64)
_NO_TRACE = np.zeros((0, layout.TRACE_COLUMNS))


class Engine:
    """One system and one possible world, with room for `threads` kernels at a time."""

    def __init__(self, system: System, world: World, threads: int = 1, rows: int = 1 << 20) -> None:
        self.threads = threads
        self.arrays, self.its_world = for_compiled(world.on(system.arrays)), for_compiled(world)
        self.rooms = [
            (for_compiled(layout.memory(system.arrays, 0)), np.zeros((rows // threads, layout.ROW_COLUMNS)))
            for _ in range(threads)
        ]
        self.pool = ThreadPoolExecutor(threads)
        self.cpu_s = [0.0] * threads  # of each thread in the last run

    def run(self, seed: int, samples: np.ndarray, horizon_h: float) -> tuple[np.ndarray, int]:
        """Rows of all samples (path: place in `samples`), and events handled."""
        parts = np.array_split(samples, self.threads)
        if self.threads == 1:
            done = [self._part(0, seed, samples, horizon_h)]
        else:
            done = list(
                self.pool.map(lambda k: self._part(k, seed, parts[k], horizon_h), range(self.threads))
            )
        offset = 0
        for part, (rows, _) in zip(parts, done, strict=True):
            rows[:, 0] += offset
            offset += part.size
        rows = done[0][0] if len(done) == 1 else np.concatenate([rows for rows, _ in done])
        return rows, sum(events for _, events in done)

    def _part(self, k: int, seed: int, samples: np.ndarray, horizon_h: float) -> tuple[np.ndarray, int]:
        began = time.thread_time()
        memory, rows = self.rooms[k]
        paths = np.zeros((samples.size, layout.PATH_COLUMNS))
        out = np.zeros(5, np.int64)
        tables = for_compiled(layout.Out(paths, rows, _NO_TRACE))
        kernel.run(
            self.arrays, self.its_world, memory, tables, seed, samples, np.full(samples.size, -1), np.ones(samples.size), 0, True,
            horizon_h, math.inf, 10**12, _NONE_T, _NONE_I, _NONE_I, False, out,
        )  # fmt: skip
        if out[1] > rows.shape[0] or out[4]:
            raise MemoryError(f"{out[1]} rows, heap {out[4]} needed")
        self.cpu_s[k] = time.thread_time() - began
        return rows[: out[1]], int(out[3])
