"""Warnings and notes that are meant to be so (`intended`): set apart from the others, never silent, and told of when they are gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from blackstart.errors import Problem
from blackstart.language.model import Intended, Model
from blackstart.nearest import Nearest

SEVERITY: Mapping[str, str] = {"intended-unknown": "warning", "intended-error": "warning", "intended-gone": "note"}


def apart(model: Model, found: Sequence[Problem], severities: Mapping[str, str]) -> tuple[list[Problem], list[tuple[Problem, Intended]]]:
    """Problems that nobody meant, and those that are meant to be so, each with what says so.

    Parameters
    ----------
    found : sequence of Problem
        All that the checks find.
    severities : mapping
        Of each code of the checks. An error cannot be meant: without it nothing is computed.

    Returns
    -------
    list of Problem, list of (Problem, Intended)
        The first holds also what is wrong with the list itself: a word that no check has, an error, what no longer is found.
    """
    meant: list[tuple[Problem, Intended]] = []
    left = []
    rows = [row for row in model.intended if severities.get(row.finding or "", "error") != "error"]
    for problem in found:
        row = next((row for row in rows if row.finding == problem.code and _is_at(problem.path, row.at or "")), None)
        if row is None:
            left.append(problem)
        else:
            meant.append((problem, row))
    return [*left, *_of_the_list(model, meant, severities)], meant


def _is_at(path: str, at: str) -> bool:
    """Whether a place is the one meant, or lies in it: `services.api.needs` by that, by `services.api` or by `api`."""
    return any(f"{place}.".startswith(f"{at}.") for place in (path, path.partition(".")[2]))


def _of_the_list(model: Model, meant: Sequence[tuple[Problem, Intended]], severities: Mapping[str, str]) -> Iterator[Problem]:
    met = {id(row) for _, row in meant}
    for i, row in enumerate(model.intended):
        path, values = f"intended.{i}", {"finding": row.finding, "at": row.at}
        if row.finding not in severities:
            yield Problem("intended-unknown", row.where, path, values, Nearest(severities).to(row.finding or ""))
        elif severities[row.finding] == "error":
            yield Problem("intended-error", row.where, path, values)
        elif id(row) not in met:
            yield Problem("intended-gone", row.where, path, values)
