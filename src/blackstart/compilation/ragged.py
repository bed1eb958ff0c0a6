"""Rows of different length as flat arrays: where each row begins and ends, and all of them behind one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def ints(values: Iterable) -> np.ndarray:
    return np.fromiter(values, np.int64)


def flat(rows: Sequence[Sequence]) -> tuple[np.ndarray, list]:
    """Where each row begins and ends (rows + 1,) int64, and all behind one another."""
    return np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))), [x for row in rows for x in row]


def numbers(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """The same for rows of numbers: both arrays are int64."""
    ptr, values = flat(rows)
    return ptr, ints(values)


def inverse(ptr: np.ndarray, values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows turned round: for each of the values 0 .. n-1, the rows that hold it."""
    return grouped(values, np.repeat(np.arange(ptr.size - 1), np.diff(ptr)), n)


def grouped(keys: np.ndarray, values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """For each of the keys 0 .. n-1, the values that stand beside it, in their order."""
    by = np.argsort(keys, kind="stable")
    counts = np.bincount(keys, minlength=n) if keys.size else np.zeros(n, int)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), values[by].astype(np.int64)
