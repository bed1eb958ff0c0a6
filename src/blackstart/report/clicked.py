"""The way back on a page: a panel closes to the number that opened it, and says first which number that was.

A page has no script, so a panel knows only where it was made to close to. A number that stands in several sections, or is written in
several ways, therefore opens a panel of its own for each; the table under panels that have the same one stands on the page once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape, unescape

from blackstart.report import ways
from blackstart.report.markup import Html, tag
from blackstart.text import say

USERS_SHOWN = 3  # numbers named behind which an input stands
NAMES_SHOWN = 36  # letters of whom a number is of, where it is named among others
TEXTS_SHOWN = 12  # of the numbers that share a panel: the ends of a range, several of a row
Written = tuple[str, tuple[str, ...]]  # a section, and what a link there says
_PARTS = re.compile(
    rf'(?P<panel><aside [^>]*id="(?P<id>{ways.NUMBER}[^"]+)"[^>]*>.*?</aside>)|<section id="(?P<section>[^"]+)"'
    rf'|<a href="#(?P<to>{ways.NUMBER}[^"]+)"(?P<rest> class="traced")?>(?P<words>.*?)</a>', re.S
)
_CLOSE = re.compile(r'(<a href="#)[^"]*(" class="close")')
_PANEL = re.compile(r'<aside id="(?P<id>[^"]+)" class="from">.*?<h3>(?P<heading>.*?)</h3>(?P<rest>.*?)</aside>', re.S)
_TABLED = re.compile(r'(?P<head><aside [^>]*class="from">(?:(?!</aside>|<table).)*)(?P<table><table(?:(?!</aside>).)*)</aside>', re.S)
_NOTES = re.compile(r'(?:<p class="note">(?:(?!</p>).)*</p>)*$', re.S)
_LABELS = re.compile(r'class="(?P<class>stack[^"]*)" style="(?P<labels>--c1:[^"]*)"')
_PLACE = re.compile(r'(?:(?<= id=")|(?<=href="#))in-[^"]+')
_TO_INPUT = re.compile(r'href="#(in-[^"]+)"')
_INPUT = re.compile(r'(?P<cell><tr id="(?P<place>in-[^"]+)"><td[^>]*>[^<]*)</td>')
_TAGS = re.compile(r"<[^>]+>")
_TO_ERROR = 'href="#word-estimate"'
_TITLE = re.compile(r"<title>.*?</title>")  # of a mark in a picture: a sentence, not the number alone


class _Clicked:
    """The numbers of a page that open panels: section by section, with where they stand and how they are written."""

    def __init__(self, explained: bool) -> None:
        self.section, self.numbers = "header", 0
        self.where: dict[str, dict[Written, tuple[str, str]]] = {}  # panel -> how it is written -> its own place, id of the first link
        self.explained = explained  # whether the page says what a ± is

    def link(self, found: re.Match[str]) -> str:
        """A link to a panel: the first that is written so in a section has an id, and a panel of its own that says what was clicked."""
        if found["section"]:
            self.section = found["section"]
        if not found["to"]:
            return found[0]
        place, words = found["to"], _TAGS.sub(" ", _TITLE.sub("", found["words"]))
        texts = [words] if found["rest"] else ways.quantities(words)  # a link in a picture holds names, too
        texts = [" ".join(unescape(text).split()) for text in texts if text.strip()] or _titles(found["words"])
        written = self.section, tuple(dict.fromkeys(texts))
        known = self.where.setdefault(place, {})
        new = written not in known
        self.numbers += new
        to, id_ = known.setdefault(written, (_own_place(place, self.section, known), f"at-{self.numbers}"))
        return f'<a href="#{to}"{found["rest"] or ""}{f" id={chr(34)}{id_}{chr(34)}" if new else ""}>{found["words"]}</a>'

    def error(self, lang: str) -> Html:
        """What a ± is, its sign a link to more where the page has that."""
        sign = f'<a {_TO_ERROR} class="term">±</a>' if self.explained else "±"
        return tag("p", Html(escape(say("grounds.clicked-error", lang), quote=False).replace("±", sign)))

    def panels(self, found: re.Match[str], lang: str) -> str:
        """A panel, once for each number as it is written in a section that leads to it; with what its ± is where it does not say that."""
        place = found["id"]
        if not place or place not in self.where:
            return found[0]
        made = []
        for (_, texts), (own, id_) in self.where[place].items():
            said = _said(texts, lang)
            if "±" in said and _TO_ERROR not in found["panel"]:
                said += self.error(lang)
            panel = _CLOSE.sub(rf"\g<1>{id_}\g<2>", found["panel"].replace(f'id="{place}"', f'id="{own}"', 1), count=1)
            made.append(panel.replace("</a>", f"</a>{said}", 1))
        return "".join(made)


def _own_place(place: str, section: str, known: Mapping[Written, tuple[str, str]]) -> str:
    """The place of the panel of a number as it is written in a section: the panel itself for the first, one of its own for others."""
    if not known:
        return place
    n = sum(at == section for at, _ in known)
    return f"{place}~{section}" if n == 0 else f"{place}~{section}.{n + 1}"


def _titles(content: str) -> list[str]:
    """What a mark in a picture says that has no number beside it, after its name: a point of a curve, a cell."""
    said = (" ".join(unescape(_TAGS.sub(" ", title)).split()).rpartition(": ")[2] for title in _TITLE.findall(content))
    return [words for words in said if words]


def _said(texts: Sequence[str], lang: str) -> str:
    """Which number was clicked; of a mark in a picture that says several, that the panel is of all of them."""
    if not texts:
        return ""
    shown, rest = ", ".join(texts[:TEXTS_SHOWN]), ", ".join(texts[TEXTS_SHOWN:])
    words = escape(say("grounds.clicked" if len(texts) == 1 else "grounds.clicked-one-of", lang, n=shown), quote=False)
    more = say("reasons.basis.more", lang, n=len(texts) - TEXTS_SHOWN) if rest else ""
    folded = f'<details class="clicked"><summary>{more}</summary>{escape(rest, quote=False)}</details>' if rest else ""
    return f'<p class="clicked">{words}</p>{folded}'


def with_way_back(body: Html, lang: str) -> Html:
    """The body of a page, its panels closing to what opened them, its inputs leading back to the panels they stand in."""
    clicked = _Clicked('id="word-estimate"' in body)
    linked = _PARTS.sub(clicked.link, body)
    closing = _PARTS.sub(lambda found: clicked.panels(found, lang), linked)
    return _shared(Html(_INPUT.sub(partial(_back, _users(closing), lang), closing)))


def with_short_places(body: Html) -> Html:
    """The places of inputs by numbers instead of paths: thousands of links lead to them, and a path may be longer than what it says."""
    short: dict[str, str] = {}
    return Html(_PLACE.sub(lambda found: short.setdefault(found[0], f"i{len(short) + 1}"), body))


def with_short_labels(body: Html) -> tuple[Html, str]:
    """The heads of columns, of which each table has its own for a narrow screen, as classes; with the style of these."""
    short: dict[str, str] = {}

    def classed(found: re.Match[str]) -> str:
        return f'class="{found["class"]} {short.setdefault(found["labels"], f"k{len(short) + 1}")}"'

    made = Html(_LABELS.sub(classed, body))
    return made, "".join(f".{name}{{{unescape(labels)}}}" for labels, name in short.items())


def _shared(body: str) -> Html:
    """Panels under which the same table stands, one behind the other with the table once; those whose notes are the same, with these
    once behind them all: the style shows a table, and the notes, with any of their panels.
    """
    alike: dict[str, list[str]] = {}
    for found in _TABLED.finditer(body):
        alike.setdefault(found["table"], []).append(found["head"] + "</aside>")
    noted: dict[str, list[Html]] = {}
    first: dict[str, str] = {}  # table with which a group begins -> its notes
    for table, heads in alike.items():
        notes = _NOTES.search(table)[0]  # type: ignore[index]
        own = tag("div", Html("".join(heads)), tag("div", Html(table.removesuffix(notes))))
        key = notes or table
        if key not in noted:
            first[table] = key
        noted.setdefault(key, []).append(own)
    whole = {
        table: tag("div", *noted[key], tag("div", Html(key), class_="notes") if key != table else "", class_="panel")
        for table, key in first.items()
    }  # fmt: skip
    return Html(_TABLED.sub(lambda found: whole.pop(found["table"], ""), body))


def _users(body: str) -> dict[str, dict[str, str]]:
    """The panels in which each input stands: place of the input -> place of the panel -> its heading."""
    users: dict[str, dict[str, str]] = {}
    for found in _PANEL.finditer(body):
        heading = found["heading"]
        for place in dict.fromkeys(_TO_INPUT.findall(found["rest"])):
            panels = users.setdefault(place, {})
            if heading not in panels.values():
                panels[found["id"]] = heading
    return users


def _short(heading: str) -> str:
    """A heading with few enough of the names before what it is of: of a portfolio the first defences."""
    of, sign, what = unescape(heading).rpartition(": ")
    return heading if len(of) <= NAMES_SHOWN else escape(f"{of[:NAMES_SHOWN].rstrip(', ')}…{sign}{what}", quote=False)


def _back(users: dict[str, dict[str, str]], lang: str, found: re.Match[str]) -> str:
    """The first cell of an input, with the numbers behind which it stands."""
    panels = list(users.get(found["place"], {}).items())
    if not panels:
        return found[0]
    links = ", ".join(f'<a href="#{place}">{_short(heading)}</a>' for place, heading in panels[:USERS_SHOWN])
    more = say("reasons.basis.more", lang, n=len(panels) - USERS_SHOWN) if len(panels) > USERS_SHOWN else ""
    summary = say("grounds.behind", lang, n=len(panels))
    return f'{found["cell"]}<details class="note"><summary>{summary}</summary>{links}{more}</details></td>'
