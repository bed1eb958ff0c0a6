"""Names to show: labels where the model gives them, ids otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.text import has, say

# what may have a label, in the order in which a bare id is looked for
NOUNS = ("component", "domain", "hazard", "team", "barrier", "defence")


class Names:
    """The labels of one result in one language."""

    def __init__(self, result: Mapping[str, Any], lang: str) -> None:
        self.lang = lang
        self._labels: Mapping[str, Any] = result.get("labels") or {}
        shown = {key: self._in_words(label) for key, label in self._labels.items() if key.startswith(("component:", "domain:"))}
        often = Counter(shown.values())
        self._alike = {key for key, label in shown.items() if often[label] > 1}

    def _in_words(self, label: Any) -> str | None:
        """A label in this language, or in whichever it has."""
        return label.get(self.lang) or next(iter(label.values()), None) if isinstance(label, Mapping) else label

    def of(self, id_: str, noun: str = "component") -> str:
        """The label of a thing in this language, in any language, or its id.

        Labels are filed under `noun:id`, because a team and a component may have the same name, or under the id.
        What is made for each domain of a kind (`fire@seoul-1`) borrows the labels of its parts. Of two parts or places with one
        label the id tells which is meant.
        """
        key = f"{noun}:{id_}"
        label = self._in_words(self._labels.get(key, self._labels.get(id_)))
        if label:
            return f"{label} ({id_})" if key in self._alike else str(label)
        _, at, place = id_.partition("@")
        if at and noun == "hazard":
            return self.made_at(id_, self.of(place, "domain"))
        return id_

    def made_at(self, id_: str, place: str) -> str:
        """A hazard that is made for a place, named with it."""
        stem = id_.partition("@")[0]
        known = f"report.library.{stem}"
        what = say(known, self.lang) if has(known, self.lang) else self.of(stem, "hazard")
        return say("report.list.at", self.lang, what=what, place=place)

    def said(self, label: Any) -> str | None:
        """A label in this language, or in whichever it has; None where there is none."""
        return self._in_words(label)

    def labelled(self, id_: str) -> bool:
        """Whether a label is shown for something in the place of its id."""
        return id_ in self._labels or any(f"{noun}:{id_}" in self._labels for noun in NOUNS)

    def anything(self, id_: str) -> str:
        """The label of something of which only the id is known."""
        for noun in NOUNS:
            label = self.of(id_, noun)
            if label != id_:
                return label
        return id_

    def listed(self, ids: Iterable[str], most: int = 3, noun: str = "component") -> str:
        """Several names in one phrase: `a, b and c`, or `a, b, c and 4 more`; `noun` "" where it is not known."""
        return self.join([self.of(i, noun) if noun else self.anything(i) for i in ids], most)

    def join(self, names: Sequence[str], most: int = 3) -> str:
        """Phrases as one: the first `most` and how many more, or all where only one would be left out."""
        comma = say("report.list.comma", self.lang)
        if len(names) > most + 1:
            rest = comma.join(names[:most])
            return say("report.list.more", self.lang, rest=rest, n=len(names) - most)
        if len(names) < 2:
            return "".join(names)
        return say("report.list.and", self.lang, rest=comma.join(names[:-1]), last=names[-1])

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the report, in this language."""
        return say(f"report.{key}", self.lang, **values)
