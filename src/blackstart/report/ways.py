"""A way from every number of a page: what leads nowhere yet leads to how the numbers of its section follow from the inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report.markup import VOID, Html

_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
# a number with its sign and unit, and with its error or the other end of its range; not the digits of a name (SBG1, P4)
_UNIT = r"(?:%|만|억|조|원|시간|분|초|일|년|개월|개|배|회|건|명|곳|번|[A-Za-z]{1,5}\b)"
_NUMBER = rf"(?:&[lg]t;\u00a0?)?[+−]?\d(?:[\d,.:]*\d)?(?:\u00a0?{_UNIT})*"
_QUANTITY = re.compile(rf"(?<![\w.:/@#-])(?:[연약] )?{_NUMBER}(?:[\u00a0 ]?[~±–/\u00a0][\u00a0 ]?{_NUMBER})*")
_DIGIT = re.compile(r"\d")
_SILENT = frozenset(("a", "style", "title", "h1", "h2", "code", "summary"))


def led(content: Html, place: str) -> Html:
    """The markup with every number in it a link to `place`, where it is in no link, heading or code yet.

    In a picture the whole text that holds a number is the link.
    """
    link = f'<a href="#{place}" class="traced">'

    def linked(words: str) -> str:
        return _QUANTITY.sub(lambda m: f"{link}{m[0]}</a>", words)

    parts: list[str] = []
    open_: list[str] = []
    begun, end = 0, 0  # where in `parts` the text of a picture began; where in `content` the last tag ended
    for found in _TAG.finditer(content):
        words, end = content[end : found.start()], found.end()
        plain = "svg" in open_ or not _SILENT.isdisjoint(open_)
        parts.append(words if plain else linked(words))
        closing, name = found.groups()
        if name == "text" and not closing:
            begun = len(parts)
        parts.append(found[0])
        if closing:
            open_.pop()
        elif name not in VOID:
            open_.append(name)
        if closing and name == "text" and "a" not in open_ and any(map(_DIGIT.search, parts[begun + 1 : -1 : 2])):
            parts[begun:] = [link, *parts[begun:], "</a>"]
    return Html("".join(parts) + linked(content[end:]))


class Leading(str):
    """A sentence whose numbers lead to a place of the page."""

    __slots__ = ("to",)
    to: str

    def __new__(cls, words: str, to: str) -> Leading:
        made = super().__new__(cls, words)
        made.to = to
        return made

    def capital(self) -> Leading:
        return Leading(self[0].upper() + self[1:], self.to)


def said(sentence: str, content: Html) -> Html:
    """The markup of a sentence, its numbers leading to where the sentence says, if it does."""
    return led(content, sentence.to) if isinstance(sentence, Leading) and sentence.to else content


# --------------------------------------------------------------------------- places


def about_service(result: Mapping[str, Any], id_: str = "") -> str:
    """Place on the page that tells what the numbers of a service rest on, without a name those of all; "" where none does."""
    told = result["grounds"]["inputs"] and (not id_ or id_ in result["causes_by_service"])
    return re.sub(r"\s", "_", f"from-{id_}") if told else ""


def place_of(path: str) -> str:
    """Place on the page of one input."""
    return re.sub(r"\s", "_", f"in-{path}")


def about_way(ids: Sequence[str]) -> str:
    """Place on the page that tells the way back of these services."""
    return re.sub(r"\s", "_", f"way-{ids[0]}")
