"""Sources by a person's words: an article by its publisher and year, a rule by what it says, a row of the library by what was counted.

A model's files cite by keys (`[k57]`, `P31`) and rows of the library (`HZ-FIRE-SITE`). These are for who keeps the files: what a page
says to everybody names the same thing so that nobody has to look it up.
"""

from __future__ import annotations

import re

from blackstart.text import say

MOST_LETTERS = 80  # of what a rule or a note says, where it stands for the whole
_HEAD_ENDS = re.compile(r" ?〈|, | \(|: |; |\. | \"|$")
_SAID_ENDS = re.compile(r": |\. | \[|\[|[.:]?$")
_ADDRESS = re.compile(r"https?://\S+")
_TITLE = re.compile(r"〈[^〉]*〉|\"[^\"]*\"")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def head_of_source(says: str) -> str:
    """Who published a source: what stands before its title and date."""
    return says[: _head_end(says)]


def _head_end(says: str) -> int:
    found = _HEAD_ENDS.search(says)
    return found.start() if found else len(says)


def source(says: str, lang: str) -> str:
    """A source by its publisher and year: `Money Today, 2024`."""
    head = head_of_source(says)
    plain = _ADDRESS.sub("", says)
    year = _YEAR.search(_TITLE.sub("", plain)) or _YEAR.search(plain)
    return say("reasons.cite.source", lang, name=head, year=year[0]) if year and year[0] not in head else head


def head_of_said(says: str) -> str:
    """What a rule or a note is about: its first words, up to where it gives its reasons."""
    found = _SAID_ENDS.search(says)
    return says[: found.start()] if found else says


def cut(said: str) -> str:
    """Words that stand for the whole inside a sentence: not too many of them."""
    return said if len(said) <= MOST_LETTERS else said[:MOST_LETTERS].rsplit(" ", 1)[0] + "…"
