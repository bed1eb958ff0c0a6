"""Words of the trade that a page uses, explained on it: each is a link to what it means where a part of the page first uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from blackstart.report.engineers import CLASS, remarks
from blackstart.report.markup import VOID, Html, join, tag
from blackstart.text import say

TERMS = (
    "world", "estimate", "median", "episode", "user-hours", "saidi", "oep", "aep", "tail", "rto", "mtpd", "rpo", "alarp", "misfortune",
    "minimal", "importance", "barrier", "luck", "linear", "diagram", "gamma", "seed", "portfolio",
)  # fmt: skip
_PLACE = "word-"
_TOKEN = re.compile(r"<(?P<end>/?)(?P<name>[a-z0-9]+)[^>]*>")
_SILENT = frozenset(("a", "style", "title", "h1", "h2", "h3", "th", "code", "summary", "figcaption", "svg", "dt", "label", "nav"))
_PARTS = frozenset(("section", "aside"))  # in each of these a word is linked where it first stands


def explained(pieces: Iterable[Html], lang: str) -> tuple[list[Html], Html]:
    """Pieces of a page with their words of the trade as links, and the list of what these mean; empty where there is none."""
    words = {term: re.compile(say(f"glossary.{term}.words", lang)) for term in TERMS}
    every = re.compile("|".join(f"(?P<{term.replace('-', '_')}>{found.pattern})" for term, found in words.items()))
    used: set[str] = set()
    linked: set[str] = set()  # in the part of the page that is read

    def link(found: re.Match[str]) -> str:
        term = str(found.lastgroup).replace("_", "-")
        if term in linked:
            return found[0]
        linked.add(term)
        used.add(term)
        return f'<a href="#{_PLACE}{term}" class="term">{found[0]}</a>'

    def read(body: Html) -> Html:
        parts: list[str] = []
        open_: list[str] = []
        end = 0
        linked.clear()
        for token in _TOKEN.finditer(body):
            said, end = body[end : token.start()], token.end()
            parts += [said if not _SILENT.isdisjoint(open_) else every.sub(link, said), token[0]]
            if token["end"]:
                open_.pop()
            elif token["name"] not in VOID:
                open_.append(token["name"])
                if token["name"] in _PARTS:
                    linked.clear()
        return Html("".join(parts) + body[end:])

    made = [read(piece) for piece in pieces]
    for_all = "".join(remarks(lang).sub("", piece) for piece in made)
    return made, _list([(term, f'"#{_PLACE}{term}"' in for_all) for term in TERMS if term in used], lang)


def _list(terms: Iterable[tuple[str, bool]], lang: str) -> Html:
    """What terms mean; what only remarks to engineers use is for these."""
    rows = []
    for term, for_all in terms:
        class_ = None if for_all else CLASS
        name = tag("dt", say(f"glossary.{term}.name", lang), id=f"{_PLACE}{term}", class_=class_)
        rows.append(join([name, tag("dd", say(f"glossary.{term}.says", lang), class_=class_)]))
    return tag("dl", *rows, class_="origin") if rows else Html("")
