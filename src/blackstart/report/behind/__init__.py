"""What stands behind one number of a result: how it follows, in words, and line by line whom it rests on, with the inputs of each.

A number is known by its path in the result, as `--format json` writes it. On a page a number is a link to the place of its path
(`ways.number`), and `panels` makes what opens there; `why RESULT.json PATH` asks the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from blackstart.report.names import Names
from blackstart.report.origins import changed_by
from blackstart.text import has, say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
T = TypeVar("T")
TIMES = r".*(until|lasts|takes|detect|decide|switch|work|after|arrives|retry|rides)\b"  # inputs that say how long something takes
MOST_INPUTS = 8  # of one thing, told behind one number
MOST_LINES = 16
LEAST_SHARE = 0.002  # of a number, below which a cause is not told


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a number rests on.

    shown : what the page says of it, a text for each column of its own
    inputs : what the model or the library states of it
    to : path of another number that is behind this one, to go on with
    part : heading of the part that it stands in, where there are several: by cause, by service, the way back
    at : path under which all of its inputs stand, for a page to tell the first alone; "" where it tells all
    links : paths of other numbers that are behind what is shown, one for each column; "" or none at the end where there is none
    """

    what: str
    shown: tuple[str, ...] = ()
    inputs: tuple[Row, ...] = ()
    to: str = ""
    part: str = ""
    links: tuple[str, ...] = ()
    at: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a number. head : over the columns of `Line.shown`; command : with which an engineer asks for more."""

    heading: str
    said: Sequence[str]
    lines: Sequence[Line]
    head: Sequence[str] = ()
    command: str = ""

    def inputs(self) -> list[Row]:
        """The inputs of all lines, each once."""
        return list({row["path"]: row for line in self.lines for row in line.inputs}.values())


def under(part: str, lines: Iterable[Line]) -> list[Line]:
    """Lines as a part of a panel, under a heading of its own."""
    return [replace(line, part=part) for line in lines]


def as_dict(found: Behind) -> dict[str, Any]:
    """What stands behind a number, as a saved answer has it: inputs by their paths."""
    lines = [
        {"what": x.what, "shown": list(x.shown), "inputs": [row["path"] for row in x.inputs], "to": x.to, "part": x.part}
        for x in found.lines
    ]
    return {"heading": found.heading, "said": list(found.said), "head": list(found.head), "lines": lines}


@dataclass(frozen=True, slots=True)
class Asked:
    """A result in one language, of which it is asked what stands behind its numbers."""

    result: Result
    names: Names
    _things: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.result["grounds"]["inputs"]:
            self._things.setdefault((row["thing"][0], row["thing"][1]), []).append(row)

    @property
    def lang(self) -> str:
        return self.names.lang

    def kept(self, what: str, make: Callable[[], T]) -> T:
        """What many panels of a result ask for, worked out once."""
        if what not in self._kept:
            self._kept[what] = make()
        found: T = self._kept[what]
        return found

    def say(self, key: str, **values: Any) -> str:
        return say(f"behind.{key}", self.lang, **values)

    def titled(self, what: str, name: str) -> str:
        """A heading: of whom, and what of it."""
        return self.say("of", what=what, name=name)

    def how(self, section: str) -> str:
        """How the numbers of a section follow from the inputs, in words."""
        key = f"grounds.how.{self.result['kind']}.{section}"
        return say(key if has(key, self.lang) else f"grounds.how.assessment.{section}", self.lang)

    def of(self, group: str, name: str, inside: str = "") -> tuple[Row, ...]:
        """The inputs of a thing whose path inside it begins with a pattern; none where there is none."""
        return self.every(group, name, inside)[:MOST_INPUTS]

    def every(self, group: str, name: str, inside: str) -> tuple[Row, ...]:
        """All of them, however many."""
        skip = len(f"{group}.{name}.")
        return tuple(row for row in self._things.get((group, name), ()) if re.match(inside, row["path"][skip:]))

    def there(self, group: str, name: str, inside: str, bought: Collection[str]) -> tuple[Row, ...]:
        """The same inputs as `of` where some defences are there: what these change of it in the place of what the model says."""
        if not bought:
            return self.of(group, name, inside)
        new: dict[str, Row] = {}
        for row in (row for id_ in bought for row in self.every("defences", id_, "change")):
            first = row["changes"]["thing"]
            if [group, name] in [list(one["thing"]) for one in changed_by(row)]:
                field = row["path"].partition(f".change.{first[0]}.{first[1]}.")[2]
                new |= {field: row} if re.match(inside, field) else {}
        kept = (row for row in self.of(group, name, inside) if row["path"][len(f"{group}.{name}.") :] not in new)
        return (*new.values(), *kept)

    # -- lines that several kinds of results have

    def rate(self, cause: Row) -> tuple[Row, ...]:
        """The input that says how often a cause of episodes comes."""
        return self.of("hazards", cause["id"], "rate") if cause["what"] == "hazard" else self.of("components", cause["id"], "fails")

    @property
    def cause_head(self) -> tuple[str, str]:
        return self.say("column.often"), self.say("column.share")

    def share_head(self, service: str) -> tuple[str, str]:
        """Over causes of a number of a service, of which all services' shares stand in where its own were not kept."""
        own = service in self.result["causes_by_service"]
        return self.say("column.often"), self.say("column.share" if own else "column.share-all")

    @property
    def sum_head(self) -> tuple[str, str, str]:
        """Of causes that add up to a number."""
        return self.say("column.often"), self.say("column.each"), self.say("column.adds")

    def costs_of(self, services: Iterable[str], shown: Mapping[str, str] | None = None) -> list[Line]:
        """What an hour of each service costs, or how many use it; the dearest first."""
        return list(self.costs_by(services, shown).values())

    def costs_by(self, services: Iterable[str], shown: Mapping[str, str] | None = None) -> dict[str, Line]:
        """The same by service."""
        ids = sorted(services, key=lambda id_: -sum(row.get("value") or 0.0 for row in self.of("components", id_, "loss|users")))
        known = shown or {}
        own = {id_: self.of("components", id_, "loss") or self.of("components", id_, "users") for id_ in ids[:MOST_LINES]}
        return {id_: Line(self.names.of(id_), (known[id_],) if id_ in known else (), inputs) for id_, inputs in own.items()}


def setting(asked: Asked, key: str, value: float = 0.0, option: str = "", usual: float | None = None) -> Behind:
    """A setting: what it is, and who chose it; without an option it is the program's own."""
    said = [asked.say(f"setting.{key}")]
    if usual is not None:
        chosen = "setting.usual" if value == usual else "setting.chosen"
        said.append(asked.say(chosen, option=option, n=write_number(value, 6), usual=write_number(usual, 6)))
    return Behind(asked.say(f"setting-name.{key}"), said, [])
