"""A picture of the page as a file of its own: the style of the page with plain colours, and the hatchings that it uses, inside it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from blackstart.report import charts
from blackstart.report.markup import Html

_VAR = re.compile(r"var\(--([\w-]+)(?:,[^)]*)?\)")
_HATCHED = re.compile(r'<rect([^>]*) fill="url\(#hatch-([\w-]+)\)"([^>]*)>')
_HATCH = re.compile(r"url\(#(hatch-[\w-]+)\)")


def svg(picture: Html, family: str) -> str:
    """An SVG element of the page as a file that needs no style sheet; `family` is the typeface of its words."""
    picture = Html(_HATCHED.sub(_underlaid, picture))
    used = set(_HATCH.findall(picture))
    patterns = [p for p in re.findall(r"<pattern .*?</pattern>", charts.hatches()) if re.search(r'id="([\w-]+)"', p)[1] in used]  # type: ignore[index]
    inside = f"<style>{_style(family)}</style><defs>{_plain(''.join(patterns))}</defs>"
    head, rest = _plain(picture).split(">", 1)
    return f"{head.replace('<svg', '<svg xmlns=' + chr(34) + 'http://www.w3.org/2000/svg' + chr(34), 1)}>{inside}{rest}"


def _underlaid(rect: re.Match[str]) -> str:
    """A hatched box on a plain one of its colour: tiles alone leave hairlines between them. Without marks the plain one is enough."""
    colour, marks = charts.HATCHES[rect[2]]
    plain = f'<rect{rect[1]} fill="{colour}"{rect[3]}>'
    return plain if marks == "none" else f"{plain}</rect>{rect[0]}" if "opacity" not in rect[3] else rect[0]


@cache
def _colours() -> dict[str, str]:
    """The colours of the page in daylight."""
    root = re.match(r":root\{(.*?)\}", _sheet())
    assert root
    return dict(re.findall(r"--([\w-]+):([^;]+)", root[1]))


@cache
def _sheet() -> str:
    return "".join(files("blackstart.report").joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "paper.css"))


def _plain(text: str) -> str:
    return _VAR.sub(lambda m: _colours()[m[1]], text)


@cache
def _style(family: str) -> str:
    """The rules of the page for pictures, as a renderer without variables and without the short form of `font` reads them."""
    rules = [line for line in _sheet().splitlines() if line.startswith(("svg ", ".mark"))]
    said = _plain("".join(rules)).replace("font-weight:650", "font-weight:700")
    said = re.sub(r"font:12px[^;}]*", f"font-family:'{family}';font-size:12px", said)
    return said.replace("svg ", "")
