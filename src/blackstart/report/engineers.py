"""What a page says to engineers alone: options, commands, places in files and their notation, behind a switch that needs no script."""

from __future__ import annotations

import re

from blackstart.report.markup import Html, join, tag
from blackstart.text import say

CLASS = "eng"  # of what the switch shows
_WORDS = r"(?:[^()<]|</?(?:code|a|span)\b[^>]*>)*"  # of one sentence
_SWITCH = "engineer"  # its id: the style shows what has the class while it is on


def remarks(lang: str) -> re.Pattern[str]:
    """What finds the remarks to engineers in the markup of a page."""
    remark = re.escape(say("report.for_engineers", lang)) + rf": {_WORDS}"
    return re.compile(rf"\s*\({remark}\)|[.;,]?\s*{remark}(?=\))")


def switched(body: Html, lang: str) -> Html:
    """The parts of a page with its remarks to engineers marked, and before them the switch that shows these; no switch without any.

    A remark is what sentences say in brackets after the word for engineers: `(for engineers: --gross)`, or at the end of brackets.
    """
    marked = remarks(lang).sub(rf'<span class="{CLASS}">\g<0></span>', body)
    if f'class="{CLASS}' not in marked:
        return body
    label = tag("label", say("report.engineers-switch", lang), for_=_SWITCH)
    return join([tag("input", type="checkbox", id=_SWITCH), label, Html(marked)])
