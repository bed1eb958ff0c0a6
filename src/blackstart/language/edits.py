"""What differs between two files as they are written: places, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def edits(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Every place at which two trees differ: the topmost that only one of them has, else the value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            place = f"{path}.{key}" if path else str(key)
            if key not in after or key not in before:
                one = (in_one_line(before[key]), None) if key in before else (None, in_one_line(after[key]))
                yield {"path": place, "before": one[0], "after": one[1]}
            else:
                yield from edits(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from edits(one, other, f"{path}[{i}]")
    elif before != after:
        yield {"path": path, "before": in_one_line(before), "after": in_one_line(after)}


def in_one_line(node: Any) -> str:
    """A value of a file in one line, as YAML would have it."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {in_one_line(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(in_one_line(value) for value in node) + "]"
    return "null" if node is None else str(node)
