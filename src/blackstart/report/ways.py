"""A way from every number of a page: what leads nowhere yet leads to how the numbers of its section follow from the inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Any

from blackstart.report.markup import VOID, Html

_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
# a number with its sign and unit, and with its error or the other end of its range; not the digits of a name (SBG1, P4)
_UNIT = r"(?:%|만|억|조|원|시간|분|초|일|년|개월|개|배|회|건|명|곳|번|[A-Za-z]{1,5}\b)"
_NUMBER = rf"(?:&[lg]t;\u00a0?)?[+−]?\d(?:[\d,.:]*\d)?(?:\u00a0?{_UNIT})*"
_QUANTITY = re.compile(rf"(?<![\w.:/@#-])(?:[연약] )?{_NUMBER}(?:[\u00a0 ]?[~±–/\u00a0][\u00a0 ]?{_NUMBER})*")
_DIGIT = re.compile(r"\d")
_SILENT = frozenset(("a", "style", "title", "h1", "h2", "th", "code", "summary", "figcaption"))
_NO_FINDING = re.compile(r'class="(?:[^"]* )?(?:tick|axis|legend|legend-name|limit-name|frame-name|box-name|row-name|plain)[ "]')
_NUMBER_ITSELF = r"(?:(?<![\d.,])|(?=\D)){}(?:(?![\d.,]*\d)|(?<=\D))"  # not the end or the beginning of a longer one
PLAIN = "-"  # in the place of a place: a number that is no finding
NUMBER = "n-"  # places of numbers begin with it
_SPACE = "␣"  # for a space in a place


def led(content: Html, place: str, apart: Mapping[str, str] = MappingProxyType({})) -> Html:
    """The markup with every number in it a link to `place`, where it is in no link, heading or code yet.

    Ticks of axes, legends, captions and heads of tables are no findings and lead nowhere. In a picture the whole text that holds a
    number is the link.

    apart : places of some numbers of their own, by the words of these; "" for one that is no finding
    """
    own = {escape(words, quote=False): to for words, to in apart.items() if words}
    said = "|".join(_NUMBER_ITSELF.format(re.escape(words)) for words in sorted(own, key=len, reverse=True))
    every = re.compile(rf"(?P<own>{said})|{_QUANTITY.pattern}") if own else _QUANTITY

    def lead(found: re.Match[str]) -> str:
        to = own.get(found[0], place) if own else place
        return f'<a href="#{to}" class="traced">{found[0]}</a>' if to else f'<span class="plain">{found[0]}</span>'

    def linked(words: str) -> str:
        return every.sub(lead, words)

    link = f'<a href="#{place}" class="traced">'
    parts: list[str] = []
    open_: list[str] = []
    begun, end = 0, 0  # where in `parts` the text of a picture began; where in `content` the last tag ended
    for found in _TAG.finditer(content):
        words, end = content[end : found.start()], found.end()
        plain = "svg" in open_ or not _SILENT.isdisjoint(open_) or not place and not own
        parts.append(words if plain else linked(words))
        closing, name = found.groups()
        if name == "text" and not closing:
            begun = len(parts)
        parts.append(found[0])
        closed = open_.pop() if closing else ""
        if not closing and name not in VOID:
            open_.append("a" if _NO_FINDING.search(found[0]) else name)
        pictured = closing and name == "text" and place and closed != "a" and "a" not in open_
        if pictured and any(map(_DIGIT.search, parts[begun + 1 : -1 : 2])):
            parts[begun:] = [link, *parts[begun:], "</a>"]
    return Html("".join(parts) + linked(content[end:]))


class Leading(str):
    """A sentence whose numbers lead to a place of the page; some of them, by their words, to places of their own."""

    __slots__ = ("apart", "to")
    to: str
    apart: Mapping[str, str]

    def __new__(cls, words: str, to: str, apart: Mapping[str, str] = MappingProxyType({})) -> Leading:
        made = super().__new__(cls, words)
        made.to, made.apart = to, apart
        return made

    def capital(self) -> Leading:
        return Leading(self[0].upper() + self[1:], self.to, self.apart)


def quantities(words: str) -> list[str]:
    """The numbers in words, with their units."""
    return _QUANTITY.findall(words)


def joined(first: Leading, then: str) -> Leading:
    """A sentence and the next as one, each number leading where it did; what begins with a mark of its own goes on in the first."""
    own = {words: first.to for words in _QUANTITY.findall(first)} | dict(first.apart)
    to, apart = (then.to, then.apart) if isinstance(then, Leading) else ("", {})
    both = f"{first} {then}" if then[:1].isalnum() else f"{first.removesuffix('.')}{then}"
    return Leading(both, to, {**own, **apart})


def said(sentence: str, content: Html) -> Html:
    """The markup of a sentence, its numbers leading to where the sentence says, if it does."""
    return led(content, sentence.to, sentence.apart) if isinstance(sentence, Leading) else content


# --------------------------------------------------------------------------- places


def number(result: Mapping[str, Any], path: str) -> str:
    """Place on the page that tells what stands behind the number at a path of the result; "" where no result says it."""
    return place_of_number(path) if (result.get("grounds") or {}).get("inputs") else ""


def place_of_number(path: str) -> str:
    """The place of the number at a path."""
    return NUMBER + re.sub(r"\s", _SPACE, path)


def path_of(place: str) -> str:
    """The path of the number of a place."""
    return place.removeprefix(NUMBER).replace(_SPACE, " ")


def place_of(path: str) -> str:
    """Place on the page of one input."""
    return re.sub(r"\s", "_", f"in-{path}")


def about_way(ids: Sequence[str]) -> str:
    """Place on the page that tells the way back of these services."""
    return re.sub(r"\s", "_", f"way-{ids[0]}")
