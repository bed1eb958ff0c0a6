"""Builds and calls the C twin (twin.c) on the very arrays that the kernel reads."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from blackstart.engines import draws, layout
from blackstart.system import System, World

SOURCE = Path(__file__).with_name("twin.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-std=c11", "-shared", "-fPIC")
_C_TYPES = {"f8": "double", "i8": "int64_t", "i4": "int32_t", "i2": "int16_t", "i1": "int8_t", "u8": "uint64_t", "u4": "uint32_t"}
_RECORDS = {
    "Component": layout.COMPONENT, "Node": layout.NODE, "Gate": layout.GATE, "Effect": layout.EFFECT, "Hazard": layout.HAZARD_ROW,
    "Team": layout.TEAM, "Service": layout.SERVICE, "Item": layout.ITEM_ROW, "Live": layout.LIVE, "Timer": layout.TIMER,
    "Team_live": layout.TEAM_LIVE, "Service_live": layout.SERVICE_LIVE,
}  # fmt: skip
_POINTERS = {
    "component": "Component", "node": "Node", "gate": "Gate", "effect": "Effect", "hazard": "Hazard", "team": "Team",
    "service": "Service", "item": "Item", "child": "int64_t", "links": "int64_t", "crew_team": "int64_t",
    "crew_people": "int64_t", "dur_ptr": "int64_t", "terms": "double",
}  # fmt: skip
_COUNTS = ("n_components", "n_gates", "n_hazards", "n_teams", "n_services", "n_items", "n_levels", "n_crews")
HEAP_ROOM = 1 << 14


class _System(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in (*_POINTERS, "cum_natural")]
    _fields_ += [("total_rate", ctypes.c_double)] + [(name, ctypes.c_int64) for name in _COUNTS]


def _records() -> str:
    """The C structs that lie in memory as layout.py says."""
    parts = ["#include <stdint.h>"]
    for name, dtype in _RECORDS.items():
        fields = " ".join(f"{_C_TYPES[dtype[f].str[1:]]} {f};" for f in dtype.names)
        last = dtype.names[-1]
        pad = dtype.itemsize - dtype.fields[last][1] - dtype[last].itemsize
        fields += f" char pad[{pad}];" if pad >= dtype.alignment else ""
        parts.append(f"typedef struct {{ {fields} }} {name};")
        parts.append(f'_Static_assert(sizeof({name}) == {dtype.itemsize}, "layout of {name}");')
    fields = [f"const {kind} *{name};" for name, kind in _POINTERS.items()] + [
        "const double *cum_natural;",
        "double total_rate;",
    ]
    fields += [f"int64_t {name};" for name in _COUNTS]
    parts.append(f"typedef struct {{ {' '.join(fields)} }} System;")
    return "\n".join(parts) + "\n"


def build() -> ctypes.CDLL | None:
    """The compiled twin; None where there is no gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "records.h").write_text(_records())
        library = Path(folder) / "twin.so"
        subprocess.run([gcc, *FLAGS, "-I", folder, str(SOURCE), "-o", str(library), "-lm"], check=True)
        return ctypes.CDLL(str(library))


def refuse(system: System) -> None:
    """Raise where a system needs what the twin leaves out: it would be a comparison of different things."""
    a = system.arrays
    c, e = a.component, a.effect
    kinds = a.terms[:, 0]
    left_out = {
        "circles": a.circle_node.size, "load": a.load.size, "doubtful needs": a.maybe.size, "data": a.data.size,
        "counted": (c["chunks"] > 1).any(), "standby": c["standby"].any(), "riding": (c["rides"] >= 0).any(),
        "wants": (c["want"] >= 0).any(), "surge": (c["surge_factor"] != 1).any(), "glass": (c["glass_after"] >= 0).any(),
        "chances": (c["start_works"] >= 0).any() or (e["chance"] >= 0).any() or (a.hazard["chance"] >= 0).any(),
        "spares": (c["stock"] >= 0).any(), "helps": (c["help_hi"] > c["help_lo"]).any(), "barriers": a.barrier.size,
        "effects": not np.isin(e["op"], (layout.BREAK, layout.SLOW)).all() or (e["share"] < 1).any(),
        "named times": (e["since"] != layout.FROM_BEGIN).any(),
        "ends": (e["op"] == layout.SLOW)[e["until"] != layout.FROM_BEGIN].any(), "again": (a.hazard["again"] != 1).any(),
        "gates": not np.isin(a.gate["op"], (layout.ALL, layout.ANY, layout.AT_LEAST)).all() or (a.gate["k"] > 64).any(),
        "durations": not np.isin(kinds, (draws.POINT, draws.LOGNORMAL, draws.EXPONENTIAL)).all(),
        "musters": (a.team["musters"] >= 0).any(),
    }  # fmt: skip
    found = [name for name, there in left_out.items() if there]
    if found:
        raise ValueError(f"the C twin has no {', '.join(found)}")


class Twin:
    """One system and one possible world, ready for the C loop."""

    def __init__(self, library: ctypes.CDLL, system: System, world: World) -> None:
        refuse(system)
        self.library, a = library, world.on(system.arrays)
        self.memory = layout.memory(a, 0)
        self.kept = {
            name: np.ascontiguousarray(getattr(a, name)) for name in _POINTERS
        }  # C holds only addresses
        self.kept["cum_natural"] = np.ascontiguousarray(world.cum_natural)
        self.system = _System(
            **{name: array.ctypes.data for name, array in self.kept.items()}, total_rate=world.total_rate,
            n_components=a.component.size, n_gates=a.gate.size, n_hazards=a.hazard.size, n_teams=a.team.size,
            n_services=a.service.size, n_items=a.item.size, n_levels=a.levels, n_crews=a.crew_team.size,
        )  # fmt: skip

    def run(self, seed: int, samples: np.ndarray, horizon_h: float, rows: np.ndarray) -> tuple[int, int, int]:
        """Fill `rows` as the kernel does; rows written, events handled, moves (a component stops or comes back)."""
        out = np.zeros(3, np.int64)
        pointer = lambda array: ctypes.c_void_p(array.ctypes.data)  # noqa: E731
        self.library.twin_run(
            ctypes.byref(self.system), pointer(self.memory.at_rest), pointer(self.memory.service), ctypes.c_uint64(seed),
            pointer(samples), ctypes.c_int64(samples.size), ctypes.c_double(horizon_h), pointer(rows),
            ctypes.c_int64(rows.shape[0]), ctypes.c_int64(HEAP_ROOM), pointer(out),
        )  # fmt: skip
        if out[0] > rows.shape[0]:
            raise MemoryError(f"{out[0]} rows needed")
        return int(out[0]), int(out[1]), int(out[2])


class Pair:
    """The same C loop twice at once, each with half of the samples: what the machine gives to a second thread."""

    def __init__(self, one: Twin, rows: int) -> None:
        self.one = one
        self.rooms = [np.zeros((rows // 2, layout.ROW_COLUMNS)) for _ in range(2)]
        self.pool = ThreadPoolExecutor(2)
        self.cpu_s = [0.0, 0.0]  # of each thread in the last run

    def run(self, seed: int, samples: np.ndarray, horizon_h: float) -> None:
        """Play all samples; the rows stay where they were written."""
        halves = np.array_split(samples, 2)

        def half(k: int) -> None:
            began = time.thread_time()
            self.one.run(seed, halves[k], horizon_h, self.rooms[k])
            self.cpu_s[k] = time.thread_time() - began

        list(self.pool.map(half, range(2)))
