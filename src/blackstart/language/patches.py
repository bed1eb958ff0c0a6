"""Where a change of the model is to blame: the line of a merge patch that makes the merged model wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from blackstart.errors import Problem, Where
from blackstart.language.tree import Map, Seq, Text, added_to

_STEP = re.compile(r"[^.\[\]]+")
_SAME = {"services": "components", "components": "services"}  # either may speak of the other's rows


def blamed(problems: Iterable[Problem], patches: Sequence[Any]) -> list[Problem]:
    """Problems of a model after some patches, each at the line of a patch that makes it wrong.

    What stands in a patch is there already. A mapping into which a patch was merged keeps the place that it had without it: the line
    of the patch that speaks of it is meant. If no patch does, it is the line that names what the problem names, or else the change.
    """
    own = {node.where for patch in patches for node in nodes(patch)}
    return [p if p.where in own or not own else _at_fault(p, patches) for p in problems]


def _at_fault(problem: Problem, patches: Sequence[Any]) -> Problem:
    steps = _STEP.findall(problem.path)
    deepest = max((_deepest(patch, way) for patch in patches for way in (steps, _other_section(steps))), key=lambda found: found[0])
    depth, where = deepest
    if depth < len(steps):
        named = [key for patch in patches for key in nodes(patch) if isinstance(key, Text) and key == problem.values.get("name")]
        where = named[0].where if named else where
    found = replace(problem, where=where)
    return _of_words(found, patches, steps) if problem.code == "need-two-ops" else found


def _other_section(steps: list[str]) -> list[str]:
    return [_SAME.get(steps[0], steps[0]), *steps[1:]] if steps else steps


def _of_words(problem: Problem, patches: Sequence[Any], steps: list[str]) -> Problem:
    """Of words for a need that a change adds to others: which of them it has to take away."""
    said = {key for patch in patches for way in (steps, _other_section(steps)) for key in (_at(patch, way) or ())}
    kept = [word for word in problem.values["words"] if word not in said]
    if not kept or not said:
        return problem
    shown = {"new": ", ".join(sorted(said)), "kept": ", ".join(kept), "nulls": ", ".join(f"{word}: null" for word in kept)}
    return replace(problem, code="need-two-ops-changed", values=shown)


def _at(patch: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if not isinstance(patch, Map) or step not in patch:
            return None
        patch = patch[step]
    return patch if isinstance(patch, Map) else None


def _deepest(patch: Any, steps: Sequence[str]) -> tuple[int, Where]:
    """How many steps of a path a patch goes along with, and where the last of them stands."""
    where: Where = patch.where
    for depth, step in enumerate(steps):
        key = next((key for key in patch if step in (key, added_to(key))), None) if isinstance(patch, Map) else None
        if key is None:
            return depth, where
        patch = patch[key]
        where = getattr(patch, "where", None) or key.where
    return len(steps), where


def nodes(node: Any) -> Iterator[Any]:
    """Everything in a patch that has a place: values and keys."""
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, Map):
            stack += [*at, *at.values()]
        elif isinstance(at, Seq):
            stack += at
        if isinstance(at, (Text, Map, Seq)):
            yield at
