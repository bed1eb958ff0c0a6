"""What a back-test holds a model against: the stories of a `targets.yaml`, read strictly (docs/reference/targets.md).

A story says which model, which misfortune, and what really happened, quantity by quantity, each with its source. Targets
stand apart from inputs, so that the history of a file shows which was written first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blackstart import examples, units
from blackstart.errors import ModelError
from blackstart.language.beside import Beside
from blackstart.language.beside import hours as length
from blackstart.language.tree import Map, Text
from blackstart.language.tree.files import read_file
from blackstart.nearest import Nearest

FILE = "targets.yaml"
VERSION = "1"
EVERYTHING = "all"
_BEGINS = re.compile(r"^backtest\s*:", re.MULTILINE)
_BEGINS_MODEL = re.compile(r"^blackstart\s*:", re.MULTILINE)
_TIME_OF_DAY = re.compile(r"(\d{1,2}):([0-5]\d)")
_LONGEST_HEAD = 1 << 16
# what is measured, and in what
MEASURES = {
    "back": "hours", "stops": "hours", "length": "hours", "share": "share", "lead": "share", "down": "hours", "loss": "money",
    "data": "hours", "order": "chance",
}  # fmt: skip
_AT = ("share", "lead", "down")  # these need a time
# the words of each part of the file; what they mean stands in the texts (`backtest.field`) and on the page of reference
WORDS = {
    "top": ("backtest", "stories"),
    "story": ("title", "model", "hit", "fails", "works", "with", "clock", "watch", "targets", "ablations"),
    "target": ("label", "measure", "of", "level", "part", "pick", "at", "real", "source"),
    "ablation": ("label", "with", "fails", "works", "excludes"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One quantity, and what it really was.

    Attributes
    ----------
    measure : str
        ``back`` hours until the services of `of` were back for good (the share `part` of them, above `level`) ·
        ``stops`` hours until the first of the services of `of` fell below `level` ·
        ``length`` hours of the longest outage of one (of the shortest of several, with `shortest`) · ``share`` level at `at_h` ·
        ``lead`` how much more the first served than the second at `at_h` · ``down`` mean hours without service until `at_h` ·
        ``loss`` money · ``data`` hours of writes lost · ``order`` whether services came back in this order.
    of : tuple of str
        Services; ``all`` alone for every service.
    level : float or None
        Level from which a service counts as back; None: the service's own `tolerance.serves`.
    part : float
        Share of the services of `of` that must be back.
    at_h : float or None
        Hours on the story's clock.
    real : (float, float)
        Between these it was: hours, shares or money; both the same where it is known, the second infinite for a lower bound.
    """

    name: str
    measure: str
    of: tuple[str, ...]
    real: tuple[float, float]
    source: str
    level: float | None = None
    part: float = 1.0
    shortest: bool = False
    at_h: float | None = None
    label: str | Mapping[str, str] = ""
    node: Any = None


@dataclass(frozen=True, slots=True)
class Ablation:
    """The story without one mechanism; what really happened should then be out of reach for the targets `excludes`."""

    name: str
    defences: tuple[str, ...] | None
    fails: tuple[str, ...] | None
    works: tuple[str, ...] | None
    excludes: tuple[str, ...]
    label: str | Mapping[str, str] = ""
    node: Any = None


@dataclass(frozen=True, slots=True)
class Story:
    """One incident: a model, what struck it, what of the day is given, and its targets.

    Attributes
    ----------
    clock_h : float
        Hours from the strike to zero on the clock of the targets.
    title : str or mapping
        Empty: the model's own.
    watch : Map or None
        Services added to the model only to be measured.
    """

    name: str
    model: Path
    hits: tuple[str, ...]
    fails: tuple[str, ...]
    works: tuple[str, ...]
    defences: tuple[str, ...]
    clock_h: float
    watch: Any
    targets: tuple[Target, ...]
    ablations: tuple[Ablation, ...]
    sources: Mapping[str, str]
    title: str | Mapping[str, str] = ""
    node: Any = None


def find(path: Path) -> Path:
    """The file of targets that a folder or a path names."""
    return path / FILE if path.is_dir() else path


def is_one(path: Path) -> bool:
    """Whether a file begins as targets do."""
    return path.is_file() and _BEGINS.search(_head(path)) is not None and not is_model(path)


def is_model(path: Path) -> bool:
    """Whether a file begins as a model does."""
    return path.is_file() and _BEGINS_MODEL.search(_head(path)) is not None


def _head(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as text:
        return text.read(_LONGEST_HEAD)


def read(path: Path) -> tuple[Story, ...]:
    """The stories of a folder's `targets.yaml` (or of the file at `path`).

    Raises
    ------
    ModelError
        With everything that is wrong in it.
    """
    file = find(path)
    root = read_file(file)
    reader = _Reader(file.parent, root.sources)
    stories = reader.stories(root)
    if reader.problems:
        raise ModelError(reader.problems, root.sources)
    return stories


def shipped() -> tuple[Story, ...]:
    """The stories of the examples that ship."""
    folders = dict.fromkeys(examples.path(name).parent for name in examples.names())
    return tuple(story for folder in folders if find(folder).is_file() for story in read(folder))


class _Reader(Beside):
    """Reads stories."""

    area = "targets"

    def __init__(self, folder: Path, sources: Mapping[str, str]) -> None:
        super().__init__(sources)
        self.folder = folder

    # -- rows

    def stories(self, root: Map) -> tuple[Story, ...]:
        self.keys(root, WORDS["top"], "")
        if root.get("backtest") != VERSION:
            self.problem("targets-version", root.get("backtest") or root, "backtest", version=VERSION)
        return tuple(self.story(name, node, f"stories.{name}") for name, node in self.entries(root, "stories", "", required=True))

    def story(self, name: Text, node: Any, path: str) -> Story:
        node = self.mapping(node, name, path, WORDS["story"])
        model = self.text(node, "model", path, required=True)
        if model and not (self.folder / model).exists():
            self.problem("file-missing", model, f"{path}.model", file=str(self.folder / model))
        hits = self.names(node, "hit", path) or ()
        if not hits:
            self.problem("targets-missing", node, path, key="hit")
        clock = self.value(node, "clock", path, hours)
        targets = tuple(self.target(n, t, f"{path}.targets.{n}") for n, t in self.entries(node, "targets", path, required=True))
        known = [t.name for t in targets]
        ablations = tuple(
            self.ablation(n, a, f"{path}.ablations.{n}", known) for n, a in self.entries(node, "ablations", path)
        )
        watch = node.get("watch")
        if watch is not None and not isinstance(watch, Map):
            self.problem("targets-mapping", watch, f"{path}.watch")
        return Story(
            str(name), self.folder / str(model or ""), hits, self.names(node, "fails", path) or (), self.names(node, "works", path) or (),
            self.names(node, "with", path) or (), clock or 0.0, watch if isinstance(watch, Map) else None, targets, ablations,
            self.sources, self.label(node, "title"), name,
        )  # fmt: skip

    def target(self, name: Text, node: Any, path: str) -> Target:
        node = self.mapping(node, name, path, WORDS["target"])
        measure = str(node.get("measure") or "back")
        if measure not in MEASURES:
            self.problem("targets-measure", node["measure"], f"{path}.measure", Nearest(MEASURES).to(measure),
                         name=measure, known=", ".join(MEASURES))  # fmt: skip
            measure = "back"
        of = self.names(node, "of", path) or (() if measure in ("loss", "data") else (name,))
        at = self.value(node, "at", path, hours)
        if (measure in _AT) != (at is not None):
            self.problem("targets-at" if measure in _AT else "targets-no-at", node, path, measure=measure)
        if measure == "lead" and len(of) != 2 or measure == "order" and len(of) < 2:
            self.problem("targets-several", node, f"{path}.of", measure=measure)
        pick = self.text(node, "pick", path)
        if pick not in (None, "shortest", "longest"):
            self.problem("targets-pick", node["pick"], f"{path}.pick", name=str(pick))
        real = self.value(node, "real", path, lambda text: _real(text, MEASURES[measure]))
        if real is None:
            if "real" not in node and measure != "order":
                self.problem("targets-missing", node, path, key="real")
            real = (1.0, 1.0)
        part, level = (self.value(node, key, path, _share) for key in ("part", "level"))
        source = self.text(node, "source", path, required=True) or ""
        return Target(
            str(name), measure, of, real, str(source), level, 1.0 if part is None else part, pick == "shortest", at,
            self.label(node), name,
        )  # fmt: skip

    def ablation(self, name: Text, node: Any, path: str, known: Iterable[str]) -> Ablation:
        node = self.mapping(node, name, path, WORDS["ablation"])
        excludes = self.names(node, "excludes", path) or ()
        if not excludes:
            self.problem("targets-missing", node, path, key="excludes")
        for other in excludes:
            if other not in known:
                self.problem("targets-unknown", other, f"{path}.excludes", Nearest(known).to(other), name=other)
        return Ablation(
            str(name), self.names(node, "with", path), self.names(node, "fails", path), self.names(node, "works", path), excludes,
            self.label(node), name,
        )  # fmt: skip


def hours(text: str) -> float:
    """Hours on the story's clock; a time of day is none."""
    clock = _TIME_OF_DAY.fullmatch(text.strip())
    if clock:
        raise units.BadValue("targets-time-of-day", text=text, length=f"{int(clock[1])}h + {int(clock[2])}min")
    return length(text)


def _share(text: str) -> float:
    share = units.read_percent(text)
    if share > 1.0:
        raise units.BadValue("percent-above", text=text, most="100%")
    return share


def _real(text: str, unit: str) -> tuple[float, float]:
    """`10.1h`, `16.6h..23h` (between these), `57h..` (this or more); also shares and money."""
    read_one = {"hours": hours, "share": units.read_percent, "money": lambda t: units.read_money(t).dist.mean()}.get(unit)
    if read_one is None:
        raise units.BadValue("targets-no-real", text=text)
    low, dots, high = text.partition("..")
    first = read_one(low.strip())
    last = first if not dots else read_one(high.strip()) if high.strip() else math.inf
    if last < first:
        raise units.BadValue("targets-order", text=text)
    return first, last
