"""Linear and 0/1 programmes by HiGHS through SciPy, without what HiGHS prints.

HiGHS has a line that it prints to stdout whatever it is told (where a solution has to be mended after presolve). Data belongs there
and nothing else, so what compiled code prints while a programme is solved is thrown away.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from scipy import optimize

_STDOUT = 1
_one = Lock()  # a process has one stdout


def milp(*args: Any, **options: Any) -> optimize.OptimizeResult:
    """`scipy.optimize.milp`, silent."""
    with _silent():
        return optimize.milp(*args, **options)


def linprog(*args: Any, **options: Any) -> optimize.OptimizeResult:
    """`scipy.optimize.linprog` by HiGHS, silent; where its own choice of a method gives up, by simplex and then by interior points."""
    with _silent():
        for method in ("highs", "highs-ds", "highs-ipm"):
            found = optimize.linprog(*args, **options, method=method)
            if found.status == 0:
                break
        return found


@contextmanager
def _silent() -> Iterator[None]:
    with _one:
        try:
            kept = os.dup(_STDOUT)
        except OSError:  # there is no stdout
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            _flush()
            os.dup2(nowhere, _STDOUT)
            yield
        finally:
            _flush()
            os.dup2(kept, _STDOUT)
            os.close(kept)
            os.close(nowhere)


def _flush() -> None:
    """What C holds back goes where stdout points now."""
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
