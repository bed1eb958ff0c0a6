"""How compiled code sees a system: bundles, columns, parts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types

from blackstart.engines.bundle import for_compiled
from blackstart.engines.compiling import compiled, hot, inner

ROW = np.dtype([("level", "f8"), ("place", "i4")], align=True)


class Held(NamedTuple):
    rows: np.ndarray
    table: np.ndarray
    small: np.ndarray
    whole: int
    share: float


@hot
def raise_level(H, k, by):
    H.rows[k].level += by


@inner
def write(H, k):
    raise_level(H, H.rows[k].place, H.share)
    H.table[k, 1] = H.rows[k].place
    H.table[k, H.small[k]] += 10.0
    H.small[k] = k + H.whole
    return H.table[k, 1]


@compiled
def play(H):
    H.table[:] = 0.5
    total = 0.0
    for k in range(H.rows.size):
        total += write(H, k)
    return total + H.table.shape[0] + H.table.shape[1]


def held() -> Held:
    rows = np.zeros(3, ROW)
    rows["place"] = [2, 0, 2]
    return Held(rows, np.zeros((3, 4)), np.array([3, 0, 1], np.int16), 7, 0.25)


def test_compiled_code_reads_and_writes_places_of_arrays() -> None:
    ours = held()
    assert play(for_compiled(ours)) == 2 + 0 + 12 + 3 + 4
    np.testing.assert_array_equal(ours.rows["level"], [0.25, 0.0, 0.5])
    np.testing.assert_array_equal(ours.table, [[0.5, 2, 0.5, 10.5], [10.5, 0, 0.5, 0.5], [0.5, 12, 0.5, 0.5]])
    np.testing.assert_array_equal(ours.small, [7, 8, 9])


def test_a_part_has_no_machine_code_of_its_own() -> None:
    write.compile((for_compiled(held()).kind, types.int64))
    for part in (write, raise_level):
        assert [one.library.get_pointer_to_function("") for one in part.overloads.values()] == [0]
