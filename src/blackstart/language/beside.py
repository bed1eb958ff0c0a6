"""Small files beside a model (targets of a back-test, the record of an incident), read strictly: nothing unknown, nothing guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from blackstart import units
from blackstart.errors import ModelError, Problem
from blackstart.language.tree import Map, Seq, Text
from blackstart.language.tree.files import read_file
from blackstart.nearest import Nearest


class Beside:
    """Reads one such file; notes every problem with its place. `area` begins the codes of its problems: ``targets-key``."""

    area: ClassVar[str]

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self.problems: list[Problem] = []

    def problem(self, code: str, at: Any, path: str, nearest: str | None = None, **values: Any) -> None:
        self.problems.append(Problem(code, getattr(at, "where", None), path, values, nearest))

    def own_problem(self, what: str, at: Any, path: str, nearest: str | None = None, **values: Any) -> None:
        """A problem whose text is the area's own."""
        self.problem(f"{self.area}-{what}", at, path, nearest, **values)

    def keys(self, node: Map, known: tuple[str, ...], path: str) -> None:
        for key in node:
            if key not in known:
                self.own_problem("key", key, _below(path, str(key)), Nearest(known).to(key), name=str(key), known=", ".join(known))

    def mapping(self, node: Any, name: Any, path: str, known: tuple[str, ...]) -> Map:
        if not isinstance(node, Map):
            self.own_problem("mapping", node if node is not None else name, path)
            return Map()
        self.keys(node, known, path)
        return node

    def entries(self, node: Map, key: str, path: str, required: bool = False) -> list[tuple[Text, Any]]:
        found = node.get(key)
        path = _below(path, key)
        if isinstance(found, Map) and found:
            return list(found.items())
        if found is not None and not isinstance(found, Map):
            self.own_problem("mapping", found, path)
        elif required and getattr(node, "where", None):
            self.own_problem("missing", node, path, key=key)
        return []

    def text(self, node: Map, key: str, path: str, required: bool = False) -> Text | None:
        found = node.get(key)
        if isinstance(found, Text):
            return found
        if found is not None:
            self.own_problem("text", found, _below(path, key))
        elif required and getattr(node, "where", None):
            self.own_problem("missing", node, path, key=key)
        return None

    def names(self, node: Map, key: str, path: str) -> tuple[Text, ...] | None:
        found = node.get(key)
        if found is None:
            return None
        several = found if isinstance(found, Seq) else [found]
        if not all(isinstance(n, Text) for n in several):
            self.own_problem("names", found, _below(path, key))
            return ()
        return tuple(several)

    def value(self, node: Map, key: str, path: str, convert: Callable[[str], Any]) -> Any:
        text = self.text(node, key, path)
        if text is None:
            return None
        try:
            return convert(text)
        except units.BadValue as bad:
            self.problem(bad.code, text, _below(path, key), **bad.values)
            return None

    def label(self, node: Map, key: str = "label") -> str | Mapping[str, str]:
        found = node.get(key)
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, Map) else str(found or "")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def watched(file: Path) -> set[str]:
    """Every word under a `watch` of such a file, names of parts among them; none where there is no such file that can be read."""
    try:
        stack: list[tuple[Any, bool]] = [(read_file(file), False)] if file.is_file() else []
    except ModelError:  # who asks for that file hears why
        return set()
    found: set[str] = set()
    while stack:
        node, inside = stack.pop()
        if isinstance(node, Map):
            stack += [item for key, value in node.items() for item in ((value, inside or key == "watch"), (key, inside))]
        elif isinstance(node, Seq):
            stack += [(value, inside) for value in node]
        elif inside and isinstance(node, Text):
            found.add(str(node))
    return found


def hours(text: str) -> float:
    """A single length of time, in hours."""
    found = units.read_duration(text).exact()
    if found is None:
        raise units.BadValue("bad-duration", text=text)
    return found
