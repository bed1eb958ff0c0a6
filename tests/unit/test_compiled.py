"""How compiled code sees a system: bundles, columns, parts."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import types

import blackstart
from blackstart.engines import compiling
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


KEPT = """from blackstart.engines.compiling import compiled

@compiled
def twice(x):
    return 2.0 * x
"""


def test_machine_code_is_made_anew_where_any_source_of_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a changed draw went on as before, because numba looks at the caller's file only: wrong numbers, and no word about it
    (tmp_path / "kept.py").write_text(KEPT)
    monkeypatch.syspath_prepend(tmp_path)

    def found_on_disk() -> bool:
        monkeypatch.delitem(sys.modules, "kept", raising=False)
        module: Any = importlib.import_module("kept")
        assert module.twice(1.5) == 3.0
        return bool(module.twice.stats.cache_hits)

    assert not found_on_disk()
    assert found_on_disk()
    monkeypatch.setattr(compiling, "_stamp", lambda: "another source")
    assert not found_on_disk()


def test_whatever_compiled_code_is_made_of_is_stamped() -> None:
    package = Path(blackstart.__file__).parent
    for path in package.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if not re.search(r"^from blackstart\.engines\.compiling import", source, re.M):
            continue
        assert path.relative_to(package).parts[0] in compiling.SOURCES, f"{path}: compiled code outside of what is stamped"
        used = set(re.findall(r"^from (blackstart[\w.]*) import", source, re.M))
        outside = {name for name in used if name.split(".")[1] not in compiling.SOURCES}
        assert outside <= {"blackstart.units"}, f"{path}: {outside} is not stamped"  # of units only the hours of a year, a constant
