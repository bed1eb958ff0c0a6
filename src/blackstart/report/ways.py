"""A way from every number of a page: what leads nowhere yet leads to how the numbers of its section follow from the inputs."""

from __future__ import annotations

import re

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
    parts: list[str] = []
    open_: list[str] = []
    begun, end = 0, 0  # where in `parts` the text of a picture began; where in `content` the last tag ended
    for found in _TAG.finditer(content):
        said, end = content[end : found.start()], found.end()
        plain = "svg" in open_ or not _SILENT.isdisjoint(open_)
        parts.append(said if plain else _QUANTITY.sub(lambda m: f"{link}{m[0]}</a>", said))
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
    return Html("".join(parts) + content[end:])
