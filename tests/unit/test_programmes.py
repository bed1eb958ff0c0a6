"""HiGHS is not heard: what compiled code prints to stdout while a programme is solved is thrown away, and nothing else is."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import optimize

from blackstart.engines import programmes


def chatty(*_: object, **__: object) -> None:
    """A solver with a line of its own, printed by C and straight to the descriptor."""
    ctypes.CDLL(None).puts(b"HighsMipSolverData::transformNewIntegerFeasibleSolution tmpSolver.run();")
    os.write(1, b"more")


@pytest.mark.skipif(os.name != "posix", reason="how C's stdout is flushed")
def test_what_the_solver_prints_is_not_heard(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(optimize, "milp", chatty)
    os.write(1, b"before ")
    programmes.milp()
    os.write(1, b"after")
    assert capfd.readouterr().out == "before after"


def test_a_solver_that_breaks_gives_stdout_back(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(**_: object) -> None:
        raise ValueError

    monkeypatch.setattr(optimize, "linprog", broken)
    with pytest.raises(ValueError):
        programmes.linprog()
    os.write(1, b"here")
    assert capfd.readouterr().out == "here"


def test_where_one_method_gives_up_the_next_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried, solve = [], optimize.linprog

    def gives_up(*args: object, method: str, **options: object) -> optimize.OptimizeResult:
        tried.append(method)
        return optimize.OptimizeResult(status=4) if method == "highs" else solve(*args, method=method, **options)

    monkeypatch.setattr(optimize, "linprog", gives_up)
    assert programmes.linprog([1.0], bounds=[(2, 3)]).fun == 2.0 and tried == ["highs", "highs-ds"]


def test_answers_are_those_of_scipy_also_without_a_stdout() -> None:
    assert programmes.milp(-np.ones(2), integrality=np.ones(2), bounds=optimize.Bounds(0, 1.5)).fun == -2.0
    code = "import os; os.close(1); from blackstart.engines import programmes as p; assert p.linprog([1.0], bounds=[(2, 3)]).fun == 2.0"
    subprocess.run([sys.executable, "-c", code], check=True)
