"""What opens on a page where a number is clicked: what stands behind it, made for that number; the same that `why RESULT.json` tells."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import unescape
from itertools import groupby
from typing import Any

from blackstart.report import ways
from blackstart.report.behind import Asked, Behind, Line, Result, Row, setting, under
from blackstart.report.behind import answers as behind_answers
from blackstart.report.behind import overlaps as behind_overlaps
from blackstart.report.behind import parts as behind_parts
from blackstart.report.behind import plan as behind_plan
from blackstart.report.behind import rehearsal as behind_rehearsal
from blackstart.report.behind import returns as behind_returns
from blackstart.report.engineers import CLASS
from blackstart.report.markup import Html, join, stack, tag, with_code
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.text import say

MOST = 4000  # panels of one page
MOST_SIZE = 6_000_000  # characters of them: a page has to open; `why` tells of any number
SHOWN = 12  # lines of one part of a panel that are not folded; rows of its inputs where it has few lines
TOLD_ELSEWHERE = 2  # inputs of a line told in it, where all of them stand in a panel of their own
LEAST_INPUTS = 4  # of a line, that are not folded; of many lines fewer
_OF: Mapping[str, Callable[[Asked, Sequence[str | int]], Behind | None]] = {
    "assessment": behind_returns.behind, "rehearsal": behind_rehearsal.behind, "overlaps": behind_overlaps.behind,
    "plan": behind_plan.behind, **dict.fromkeys(("worst", "quiet", "growth", "comparison", "difference"), behind_answers.behind),
}  # fmt: skip
_DIGIT = re.compile(r"\d")  # a sentence with one is of the number itself; how such numbers are found in general stands below
_LINK = re.compile(rf'href="#({ways.NUMBER}[^"]+)"')
_LINKED = re.compile(rf'<a href="#({ways.NUMBER}[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


def keys_of(result: Result, path: str) -> list[str | int]:
    """The keys of a dotted path, where keys may have dots of their own and elements of lists have numbers.

    What leads no further in the result stays as words: a page asks of things that are counted or drawn, too.
    """
    words, keys = path.split("."), []
    node: Any = result
    while words:
        if isinstance(node, list) and words[0].isdecimal() and int(words[0]) < len(node):
            keys.append(int(words[0]))
            node, words = node[int(words[0])], words[1:]
            continue
        cut = next((n for n in range(len(words), 0, -1) if isinstance(node, Mapping) and ".".join(words[:n]) in node), 0)
        if not cut:
            return [*keys, *_drawn(keys, words)]
        keys.append(".".join(words[:cut]))
        node, words = node[keys[-1]], words[cut:]
    return keys


def _drawn(keys: Sequence[str | int], words: list[str]) -> list[str | int]:
    """Words of a path that are no keys: `picture.pangyo-power` (names may have dots), `struck.hazards.fire`."""
    if not keys and len(words) > 1:
        parts = 3 if words[0] in ("struck", "level", "moment") else 2
        return [*words[: parts - 1], ".".join(words[parts - 1 :])]
    return [int(word) if word.isdecimal() and keys[-1:] != [word] else word for word in words]


def behind(asked: Asked, path: str) -> Behind | None:
    """What stands behind the number at a path; None where nothing in particular does."""
    of, keys = _OF.get(asked.result["kind"]), keys_of(asked.result, path)
    if keys[0] == "setting":
        return setting(asked, str(keys[1]))
    if keys[0] == "defaults" and asked.result.get("defaults"):
        return _defaults(asked)
    found = behind_parts.behind(asked, keys) or (of(asked, keys) if of else None)
    return found if found is None or found.lines or found.said else None


def _defaults(asked: Asked) -> Behind:
    """What the model leaves unsaid: each value of the evidence library, and what follows from rules, what is alike in one line."""
    told, rows = Origins(asked.names), asked.result["defaults"]
    things: dict[str, list[Row]] = {}
    for row in asked.result["grounds"]["inputs"]:
        if row["state"] == "library":
            things.setdefault(told.thing(row), []).append(row)
    library = [Line(name, (), tuple(inputs)) for name, inputs in things.items()]
    rules = [d for d in rows if d["source"] == "language"]
    by_rule = [Line(*what, shown=(value,)) for *what, value in told.unsaid(rules).rows]
    parts = {"library": (len(rows) - len(rules), library), "rules": (len(rules), by_rule)}
    lines = [line for key, (n, found) in parts.items() for line in under(asked.say(f"parts.{key}", n=n), found)]
    return Behind(asked.say("defaults"), [asked.say("defaults-are", n=len(rows), **{k: n for k, (n, _) in parts.items()})], lines,
                  (told.say("column.is"),))  # fmt: skip


def panels(result: Result, names: Names, bodies: Iterable[tuple[str, str]]) -> Html:
    """A panel for every number to which these pieces of a page (id of a section, markup), or the panels themselves, lead.

    Where they would be too many or too long, those that the pieces lead to come first, and panels do not lead to what was left out.
    """
    asked, told, made = Asked(result, names), Origins(names, result["grounds"]), {}
    model, size = model_of(result), 0
    todo = deque((place, id_) for id_, body in bodies for place in _linked(body))
    while todo and len(made) < MOST and size < MOST_SIZE:
        place, back = todo.popleft()
        if place not in made:
            found = behind(asked, ways.path_of(place))
            made[place] = _panel(place, back, found, told, model) if found else _nothing(place, back, told)
            size += len(made[place])
            todo.extend((other, back) for other in _linked(made[place]))
    whole = join(made.values())
    if all(place in made for place, _ in todo):
        return whole
    return Html(_LINKED.sub(lambda found: found[0] if unescape(found[1]) in made else found[2], whole))


def model_of(result: Result) -> str:
    """What a command calls the model of a result: the name of a bundled example, or its file."""
    return result["provenance"].get("example") or result["provenance"]["model"][0]


def _linked(body: str) -> list[str]:
    return list(dict.fromkeys(unescape(place) for place in _LINK.findall(body)))


def _nothing(place: str, back: str, told: Origins) -> Html:
    """A number behind which nothing in particular stands: the way on to all inputs."""
    said = tag("p", tag("a", say("grounds.inputs", told.lang), href="#inputs"))
    return tag("aside", _close(back, told), said, id=place, class_="from")


def _panel(place: str, back: str, found: Behind, told: Origins, model: str) -> Html:
    parts = [tag("h3", found.heading), *(tag("p", with_code(said)) for said in found.said if _DIGIT.search(said))]
    if found.lines:
        parts.append(_table(found, told))
    if found.command:
        parts.append(tag("p", told.names.say("grounds.ask"), " ", tag("code", f"blackstart why {model} {found.command}"), class_=CLASS))
    parts += [tag("p", with_code(said), class_="note") for said in found.said if not _DIGIT.search(said)]  # last: many panels have the same
    return tag("aside", _close(back, told), *parts, id=place, class_="from")


def _close(back: str, told: Origins) -> Html:
    return tag("a", told.names.say("grounds.close"), " ×", href=f"#{back}", class_="close")


def _table(found: Behind, told: Origins) -> Html:
    """The lines, part by part."""
    parts = [(part, list(lines)) for part, lines in groupby(found.lines, key=lambda line: line.part)]
    made = []
    for n, (part, lines) in enumerate(parts):
        made += [tag("h4", part) if part else "", _part(lines, found.head, told, len(parts), n == 0)]
    return join(made)


def _part(lines: Sequence[Line], head: Sequence[str], told: Origins, parts: int, is_first: bool) -> Html:
    """Lines of one kind: each with what is shown of it, and its inputs one below the other; what is too much at once is folded.

    A column in which nothing stands is left out; heads that a table above has had already are not said again.
    """
    kept = [n for n, _ in enumerate(head) if any(line.shown[n : n + 1] not in ((), ("",)) for line in lines)]
    columns = [told.say("column.what"), *(head[n] for n in kept)]
    if rests := any(line.inputs for line in lines):
        columns += [told.say("column.input-leads"), say("behind.column.input-value", told.lang)]
    titles = tag("tr", *(tag("th", h, scope="col") for h in columns)) if is_first or kept else Html("")
    most = SHOWN // (1 + (parts > 2))
    cut = len(lines) if len(lines) <= most + most // 2 else most
    inputs = max(SHOWN // len(lines), min(LEAST_INPUTS, 2 * SHOWN // len(lines)), 1)
    sums = lines[-1:] if lines[cut:] and not lines[-1].inputs and not lines[-1].to else []  # what the lines add up to is not folded
    folded = lines[cut : len(lines) - len(sums)]
    said, rest = [*lines[:cut], *sums], Html("")
    first = stack(columns, titles, _rows(said, kept, told, inputs, rests=rests))
    if folded:
        rest = stack(columns, Html(""), _rows(folded, kept, told, inputs, rests=rests))
    more = say("grounds.rest-of-sum" if sums else "grounds.rest", told.lang, n=len(folded))
    return join([first, tag("details", tag("summary", more), rest)]) if folded else first


def _rows(lines: Iterable[Line], kept: Sequence[int], told: Origins, most: int, *, rests: bool) -> Iterable[Html]:
    """Rows of a table; what is said of a line stands once beside all its inputs, of which the first so many are not folded.

    rests : whether there are columns of inputs; a line without any says there how to go on
    """
    for line in lines:
        to = f"#{ways.place_of_number(line.to)}" if line.to else ""
        what = tag("a", line.what, href=to) if to and (line.inputs or not rests) else line.what
        shown = [what, *(_shown(line, n) for n in kept)]
        many = most if not line.at else min(TOLD_ELSEWHERE, most) if most > 1 else 0
        first, rest = (line.inputs, ()) if len(line.inputs) <= many + 1 else (line.inputs[:many], line.inputs[many:])
        span = len(first) + bool(rest)
        said = [tag("td", tag("div", cell), rowspan=span) if span > 1 else tag("td", cell) for cell in shown]
        inputs = [join(tag("td", cell) for cell in _input(row, told)) for row in first]
        if rest and line.at:
            words = say("behind.more-inputs" if first else "behind.inputs-at", told.lang, n=len(rest))
            elsewhere = tag("a", f"{words}\N{NO-BREAK SPACE}→", href=f"#{ways.place_of_number(line.at)}")
            alone = join([tag("td", elsewhere, class_="more"), tag("td")])  # each cell has its column: the only row of a line
            inputs.append(tag("td", elsewhere, colspan=2, class_="more") if first else alone)
        elif rest:
            listed = tag("ul", *(tag("li", join([name, ": ", value])) for name, value in (_input(row, told) for row in rest)))
            folded = tag("details", tag("summary", say("behind.more-inputs", told.lang, n=len(rest))), listed)
            inputs.append(tag("td", folded, colspan=2, class_="more"))
        on = tag("a", say("behind.on", told.lang), href=to) if to else ""
        inputs = inputs or [join([tag("td", on, class_="more"), tag("td")]) if rests else Html("")]
        for n, cells in enumerate(inputs):
            yield tag("tr", *(said if n == 0 else ()), cells)


def _shown(line: Line, column: int) -> Html | str:
    """What a line shows in a column, a link where another number is behind it."""
    words, to = "".join(line.shown[column : column + 1]), "".join(line.links[column : column + 1])
    return tag("a", words, href=f"#{ways.place_of_number(to)}") if words and to else words


def _input(row: Row, told: Origins) -> tuple[Html, str]:
    """An input by its name, which leads to where it is listed, and its value, with a mark where that is a guess."""
    return tag("a", told.within(row), href=f"#{ways.place_of(row['path'])}"), told.marked(row)
