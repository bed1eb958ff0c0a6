"""What can be asked, and how carefully: the values that each setting may have. The command line and Python read the same tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

from blackstart.errors import ModelError, Problem, Said
from blackstart.nearest import Nearest
from blackstart.text import LANGUAGES


class Refused(Exception):
    """A value that a setting cannot have: what the reader of it says of that."""

    def __init__(self, code: str, nearest: str | None = None, **values: Any) -> None:
        self.code, self.nearest, self.values = code, nearest, values


class Whole(NamedTuple):
    """A whole number, or, where it is optional, None."""

    least: int
    most: int
    optional: bool = False

    def read(self, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, Integral) or not self.least <= int(value) <= self.most:
            raise Refused("setting-whole", least=f"{self.least:,}", most=f"{self.most:,}")
        return int(value)


class Number(NamedTuple):
    least: float
    most: float

    def read(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or not self.least <= float(value) <= self.most:
            raise Refused("setting-number", least=f"{self.least:,g}", most=f"{self.most:,g}")
        return float(value)


class Choice(NamedTuple):
    words: tuple[str, ...]

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            near = Nearest(self.words).to(value) if isinstance(value, str) else None
            raise Refused("setting-choice", near, known=", ".join(f"`{word}`" for word in self.words))
        return value


class Switch(NamedTuple):
    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Refused("setting-switch")
        return value


class Names(NamedTuple):
    """Names, in any order; a text alone would be read letter by letter."""

    def read(self, value: Any) -> tuple[str, ...]:
        found = None if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
        if found is None or not all(isinstance(name, str) for name in found):
            raise Refused("setting-names")
        return found


class Thing(NamedTuple):
    """Something made elsewhere. said : what it is, by the key of its words."""

    types: tuple[type, ...]
    said: str
    optional: bool = True

    def read(self, value: Any) -> Any:
        if not isinstance(value, self.types) and not (value is None and self.optional):
            raise Refused("setting-thing", kind=Said((f"problems.thing.{self.said}",)))
        return value


Setting = Whole | Number | Choice | Switch | Names | Thing

SEED, THREADS = Whole(0, 2**31 - 1), Whole(1, 256, optional=True)
PROGRESS: dict[str, Setting] = {"progress": Thing((Callable,), "function")}  # type: ignore[arg-type]
CAREFULLY: dict[str, Setting] = {"worlds": Whole(2, 100_000), "samples": Whole(1, 1_000_000), "seed": SEED, "threads": THREADS}
TELL: dict[str, Setting] = {"lang": Choice(LANGUAGES)}
LOAD: dict[str, Setting] = {
    "model": Thing((str, os.PathLike), "file", optional=False), "defences": Names(), "history": Thing((str, os.PathLike), "file"),
    **TELL,
}  # fmt: skip
REHEARSE: dict[str, Setting] = {
    "hits": Names(), "fails": Names(), "works": Names(), "runs": Whole(1, 1_000_000), "seed": SEED, "partial": Switch(), **PROGRESS,
}  # fmt: skip
ASSESS: dict[str, Setting] = {
    **CAREFULLY, "method": Choice(("auto", "episodes", "years")), "returns": Switch(), "partial": Switch(), **PROGRESS,
}  # fmt: skip
OVERLAPS: dict[str, Setting] = {"services": Names(), "most": Whole(1, 10_000), "seed": SEED, **PROGRESS}
WORST: dict[str, Setting] = {
    "most": Whole(1, 12), "on_demand": Choice(("counted", "works", "fails")), "together": Whole(1, 1_000_000, optional=True),
    "against": Whole(1, 12), "years": Number(0.1, 1000.0), "seed": SEED, "partial": Switch(), **PROGRESS,
}  # fmt: skip
PLAN: dict[str, Setting] = {
    **CAREFULLY, "objective": Choice(("loss", "tvar", "user-hours", "hours")), "years": Number(0.1, 1000.0), "discount": Number(0.0, 1.0),
    "gross": Number(0.1, 1000.0), "accepted_years": Number(1.0, 1e6), "tail_years": Number(1.0, 1e6), "most": Whole(1, 10_000_000),
    "cuts": Switch(), "deep": Switch(), **PROGRESS, "beside": PROGRESS["progress"],
}  # fmt: skip
RECONSTRUCT: dict[str, Setting] = {"plays": Whole(20, 100_000), "seed": SEED, **PROGRESS}
ATTRIBUTE: dict[str, Setting] = {"runs": Whole(20, 100_000), "seed": SEED, **PROGRESS}
GROW: dict[str, Setting] = {**CAREFULLY, "years": Number(0.1, 100.0), "most": Whole(2, 1_000_000)}
PAPER: dict[str, Setting] = {**CAREFULLY, "years": Number(0.1, 1000.0), "runs": Whole(10, 1_000_000)}


def read(settings: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these settings among those that are given.

    Raises
    ------
    ModelError
        Of every value that its setting cannot have; the path of each problem is the setting's name.
    """
    found, problems = {}, []
    for name, setting in settings.items():
        try:
            found[name] = setting.read(given[name])
        except Refused as no:
            problems.append(Problem(no.code, None, name, {"given": _shown(given[name]), **no.values}, no.nearest))
    if problems:
        raise ModelError(problems)
    return found


def cores() -> int:
    """How many cores this process may use, as far as a study can."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, THREADS.most)


def _shown(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else said[:59] + "…"
