"""What every reader of the tree shares: problems, defaults, names that are declared, the currency."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from blackstart import evidence, units, uptime
from blackstart.errors import Problem, Where
from blackstart.language.model import Default, Need
from blackstart.language.tree import Document, Map, Seq, Text, added_to, placed
from blackstart.nearest import Nearest, folded
from blackstart.numerals import LONGEST
from blackstart.units import BadValue, Chance, Money, Rate

Path = tuple[Any, str]  # (path of the parent or None, key); joined only when somebody looks

SECTION_NOUN = {
    "components": "component",
    "services": "component",
    "domains": "domain",
    "teams": "team",
    "hazards": "hazard",
    "barriers": "barrier",
    "defences": "defence",
    "common_causes": "common-cause",
}
RESERVED = frozenset(("here", "each", "tag", "include", "cleared", "outage"))
_ALLOWED = re.compile(r"[\w./@:-]+(?: [\w./@:-]+)*")
_LONGEST_NAME = 200
_LONGEST_SHOWN = 300


class Sourced(Text):
    """A text of the evidence library, with the rows it rests on."""

    __slots__ = ("source",)
    source: str


def dotted(path: Path | None) -> str:
    """`components.db.repair` of a nested path."""
    parts: list[str] = []
    while path is not None:
        parts.append(str(path[1]))
        path = path[0]
    return ".".join(
        part if len(part) <= _LONGEST_NAME else part[:_LONGEST_NAME] + "…" for part in reversed(parts)
    )


def library_tree(raw: Any, near: Text, path: str, sources: Mapping[str, str]) -> Any:
    """Raw fields of the evidence library as a tree standing where the user asked for them.

    `sources` maps the dotted path of a number to its rows; such a text becomes `Sourced`.
    """
    if isinstance(raw, dict):
        lead = f"{path}." if path else ""
        items = {
            placed(Text, key, near.file, near.at): library_tree(value, near, lead + key, sources)
            for key, value in raw.items()
            if not key.startswith("_")
        }
        return placed(Map, items, near.file, near.at)
    if isinstance(raw, (list, tuple)):
        items_ = [library_tree(value, near, f"{path}.{i}", sources) for i, value in enumerate(raw)]
        return placed(Seq, items_, near.file, near.at)
    if path in sources:
        text = placed(Sourced, str(raw), near.file, near.at)
        text.source = sources[path]
        return text
    return placed(Text, str(raw), near.file, near.at)


class Reading:
    """State of one reading: what was found wrong, what was filled in, what may be referred to."""

    def __init__(self, root: Document) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.defaults: list[Default] = []
        self.known: dict[str, dict[str, str]] = {noun: {} for noun in set(SECTION_NOUN.values())}
        self._nearest: dict[str, Nearest] = {}
        self.each_hazards: dict[str, list[str]] = {}  # hazard with `each` -> the domains it is made for
        self.domains_of_kind: dict[str, list[str]] = {}
        self.currency: str | None = None
        self.exchange: dict[str, float] = {}  # currency -> its worth in the model's currency
        self._currency_where: Where | None = None
        self._declared: dict[str, dict[str, Text]] = {}
        self._tagged: dict[str, list[str]] | None = None
        self.leaves: dict[str, Need] = {}  # see `leaf`
        self._classes: dict[str, list[tuple[Rate | Chance, Text]]] = {}  # name -> what is said of it, each thing once

    # -- problems

    def problem(
        self, code: str, at: Any, path: Path | None, nearest: str | None = None, **values: Any
    ) -> None:
        """Note a problem; `at` is the node (or key, or place) it stands at."""
        where = at if isinstance(at, Where) or at is None else at.where
        shown = {key: shortened(value) if isinstance(value, str) else value for key, value in values.items()}
        self.problems.append(Problem(code, where, dotted(path), shown, nearest))

    def bad_value(self, bad: BadValue, at: Any, path: Path) -> None:
        self.problem(bad.code, at, path, **bad.values)

    def wants(self, shape: str, value: Any, path: Path) -> None:
        """The value has the wrong shape: a mapping where a text is needed, and so on."""
        code = "value-missing" if value is None else f"value-not-{shape}"
        self.problem(code, value, path, key=str(path[1]))

    def too_long(self, value: Text, path: Path) -> bool:
        """Whether a text is too long to be any value; then there is a problem."""
        if len(value) <= LONGEST:
            return False
        self.problem("value-too-long", value, path, length=len(value), most=LONGEST)
        return True

    def unknown_key(self, key: Text, known: Any, path: Path) -> None:
        if added_to(key) is not None:
            self.problem("no-list-to-add-to", key, path, key=str(key))
            return
        if str(key).lower() in uptime.CALLED:
            self.problem("uptime-place", key, path, key=str(key))
            return
        names = ", ".join(sorted(known))
        near = self.near(key, names, known)
        self.problem("unknown-key", key, path, near, key=str(key), known=names)

    def near(self, wrong: str, what: str, names: Iterable[str]) -> str | None:
        """The one of `names` that resembles `wrong`; `what` names the set, whose index is kept."""
        if what not in self._nearest:
            self._nearest[what] = Nearest(names)
        return self._nearest[what].to(wrong)

    def near_target(self, wrong: str) -> str | None:
        """The component or domain that resembles `wrong`."""
        return self.near(wrong, "target", (*self.known["component"], *self.known["domain"]))

    def share(self, value: Rate | Chance, at: Text, path: Path) -> None:
        """Note a rate or chance that shares its doubt; all of one name have to say the same."""
        said = self._classes.setdefault(value.shared, [])
        if any(replace(one, text="") == replace(value, text="") for one, _ in said):
            return
        said.append((value, at))
        if len(said) > 1:
            first, there = said[0]
            self.problem("shared-unequal", at, path, name=value.shared, text=value.text, other=first.text, first=str(there.where))

    def default(self, path: str, value: str, source: str, title: str = "", where: Where | None = None) -> None:
        self.defaults.append(Default(path, value, source, title, where))

    # -- names

    def declare(self, noun: str, name: Text, path: Path) -> bool:
        """Enter a name; False (with a problem) when it may not be one or stands there already."""
        text = str(name)
        if text in self.known[noun]:
            first = self._first_place(noun, name)
            self.problem("duplicate-name", name, path, name=text, first=first)
            return False
        if not _good_name(text):
            code = "name-reserved" if text in RESERVED else "name-characters"
            self.problem(code, name, path, name=text[:80])
            return False
        self.known[noun][text] = text
        return True

    def _first_place(self, noun: str, name: Text) -> str:
        """Where a name of `noun` was declared first."""
        if noun not in self._declared:
            sections = [section for section in self.root if SECTION_NOUN.get(section) == noun]
            entries = [self.root[section] for section in sections]
            self._declared[noun] = {}
            for key in (key for entry in entries if isinstance(entry, Map) for key in entry):
                self._declared[noun].setdefault(key, key)
        return str(self._declared[noun][name].where) if name in self._declared[noun] else ""

    def name(self, value: Any, noun: str, path: Path) -> str | None:
        """The declared name that `value` says, or None with a problem."""
        found = self.known[noun].get(value) if isinstance(value, Text) else None
        if found is not None:
            return found
        if not isinstance(value, Text):
            self.wants("text", value, path)
            return None
        self.unknown(value, noun, path)
        return None

    def leaf(self, name: str) -> Need | None:
        """The need of a declared component, one for all that need it; None where there is none of that name."""
        found = self.leaves.get(name)
        if found is None and (known := self.known["component"].get(name)) is not None:
            found = self.leaves[known] = Need("leaf", known)
        return found

    def unknown(self, value: Text, noun: str, path: Path, name: str | None = None) -> None:
        """Note that a name is not declared, or means something else than is wanted here."""
        name = str(value) if name is None else name
        for other, names in self.known.items():
            if name in names:
                self.problem("wrong-noun", value, path, name=name, noun=other, wanted=noun)
                return
        if "," in name:
            self.problem("name-comma", value, path, name=name, list=", ".join(part.strip() for part in name.split(",")))
            return
        self.problem(f"unknown-{noun}", value, path, self.near(name, noun, self.known[noun]), name=name)

    def names(self, value: Any, noun: str, path: Path) -> tuple[str, ...]:
        """One name, or a list of them; `{tag: x}` for components."""
        if value.__class__ is Text:
            one = self.name(value, noun, path)
            return () if one is None else (one,)
        if isinstance(value, Map) and noun == "component":
            return tuple(self.tagged(value.get("tag"), path)) if self.only_key(value, "tag", path) else ()
        items = value if isinstance(value, Seq) else [value]
        found = (
            self.name(item, noun, (path, str(i)) if len(items) > 1 else path) for i, item in enumerate(items)
        )
        return tuple(name for name in found if name is not None)

    def only_key(self, value: Map, key: str, path: Path) -> bool:
        """Whether the mapping has exactly this one key; else a problem."""
        if set(value) == {key}:
            return True
        self.problem("wants-one-key", value, path, known=key)
        return False

    # -- tags and kinds

    def tags(self) -> dict[str, list[str]]:
        """Tag -> names of the components and domains that carry it."""
        if self._tagged is None:
            self._tagged = {}
            for section in ("components", "services", "domains"):
                entries = self.root.get(section)
                for name, entry in entries.items() if isinstance(entries, Map) else ():
                    value = entry.get("tags") if isinstance(entry, Map) else None
                    for tag in value if isinstance(value, Seq) else [value]:
                        if isinstance(tag, Text):
                            self._tagged.setdefault(str(tag), []).append(str(name))
        return self._tagged

    def tag(self, value: Any, path: Path) -> str | None:
        """A tag that somebody carries, or None with a problem."""
        if not isinstance(value, Text):
            self.wants("text", value, path)
            return None
        if value not in self.tags():
            self.problem("unknown-tag", value, path, self.near(value, "tag", self.tags()), name=str(value))
            return None
        return str(value)

    def tagged(self, value: Any, path: Path) -> list[str]:
        """The components that carry a tag."""
        tag = self.tag(value, path)
        return [name for name in self.tags()[tag] if name in self.known["component"]] if tag else []

    def each(self, value: Any, path: Path) -> list[str]:
        """The domains of a kind, in the order of the file."""
        if not isinstance(value, Text):
            self.wants("text", value, path)
            return []
        found = self.domains_of_kind.get(kind_key(value, "domain"))
        if not found:
            near = self.near(value, "kind in use", self.domains_of_kind)
            self.problem("no-domain-of-kind", value, path, near, kind=str(value))
        return found or []

    # -- money

    def money(self, amount: Money, at: Text, path: Path) -> Money:
        """The amount in the model's currency; a problem when nobody said what it is worth there."""
        if not amount.currency or amount.currency == self.currency:
            return amount if amount.currency else amount.times(1.0, self.currency)
        if self.currency is None:
            self.currency, self._currency_where = amount.currency, at.where
            return amount
        if amount.currency in self.exchange:
            return amount.times(self.exchange[amount.currency], self.currency)
        first = str(self._currency_where or "")
        self.problem("currency-mixed", at, path, currency=amount.currency, other=self.currency, first=first)
        return amount

    def read_currency(self) -> None:
        """`currency` and `exchange` of the model, before any amount is read."""
        stated = self.root.get("currency")
        if stated is not None:
            self.currency = self._code(stated, (None, "currency"))
            self._currency_where = stated.where
        table = self.root.get("exchange")
        if table is None:
            return
        if not isinstance(table, Map):
            self.wants("mapping", table, (None, "exchange"))
            return
        for key, value in table.items():
            path = ((None, "exchange"), key)
            code = self._code(key, path)
            if not isinstance(value, Text):
                self.wants("text", value, path)
                continue
            try:
                worth = units.read_money(value)
            except BadValue as bad:
                self.bad_value(bad, value, path)
                continue
            if self.currency is None:
                self.currency, self._currency_where = worth.currency, value.where
            if worth.currency != self.currency or worth.dist.kind != "point" or worth.dist.a <= 0:
                self.problem("exchange", value, path, currency=self.currency)
            elif code:
                self.exchange[code] = worth.dist.a

    def _code(self, value: Any, path: Path) -> str | None:
        if not isinstance(value, Text):
            self.wants("text", value, path)
            return None
        try:
            return units.read_currency(value)
        except BadValue as bad:
            near = self.near(value, "currency", units.CURRENCIES)
            self.problem(bad.code, value, path, near, **bad.values)
            return None


def shortened(text: str) -> str:
    """A text short enough to stand inside a sentence."""
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _good_name(text: str) -> bool:
    """Letters and marks of any script, digits, `- _ . / @ :` and single spaces inside."""
    if text in RESERVED or len(text) > _LONGEST_NAME:
        return False
    if _ALLOWED.fullmatch(text):
        return True
    if text.isascii() or text != text.strip() or "  " in text:
        return False
    # vowel signs and other combining marks belong to the letters of many scripts
    return all(ch.isalnum() or ch in "-_./@: " or unicodedata.category(ch)[0] == "M" for ch in text)


def kind_key(kind: str, noun: str) -> str:
    """A kind under its own name when the library knows it by another, else folded."""
    return evidence.canonical(kind, noun) or folded(kind)
