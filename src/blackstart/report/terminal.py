"""A result as text for a terminal, 100 columns wide: what happens first, how it was computed last."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import headline, never, numbers, story, tables, timeline, tolerances, uptime
from blackstart.report.names import Names
from blackstart.report.origins import Origins, counted_head
from blackstart.report.tables import Table
from blackstart.text import say

COLUMNS = 100
MOMENTS_SHOWN = 48
BAR_COLUMNS = 60
SHARED_LEAST = 2  # steps that two ways back must share to be told once
LEAST_COLUMN = 12  # columns of names are no narrower
LONG_WORD = 18  # columns: a word up to so long is not broken
PARTED_AFTER = "./+@-_:,·"
DEFAULTS_SHOWN = 12

Result = Mapping[str, Any]


def width_of(text: str) -> int:
    """Columns that `text` takes in a terminal: Hangul and Han characters take two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def visible(text: str) -> str:
    """`text` with plain spaces, and without characters that would steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def text(result: Result, lang: str) -> str:
    """A result in `lang` for a terminal, plain characters, at most 100 columns.

    Parameters
    ----------
    result : dict
        An assessment or a rehearsal in the published form (docs/reference/result.schema.json).
    lang : str
        ``en`` or ``ko``.
    """
    names = Names(result, lang)
    parts = _rehearsal(result, names) if result["kind"] == "rehearsal" else _assessment(result, names)
    lines = (visible(line).rstrip() for part in parts for line in part)
    return "\n".join(lines) + "\n"


# --------------------------------------------------------------------------- pieces


def wrap(words: str, first: str = "", rest: str | None = None, columns: int = COLUMNS) -> list[str]:
    """`words` broken at spaces into lines of at most `columns`; words longer than a line are cut."""
    rest = first if rest is None else rest
    lines, line = [], first
    empty = True
    for word in words.split(" "):
        while width_of(word) > columns - width_of(rest):
            head = _cut(word, columns - width_of(rest))
            if not empty:
                lines.append(line)
                line = rest
            lines.append(line + head)
            line, empty, word = rest, True, word[len(head) :]
        if not empty and width_of(line) + 1 + width_of(word) > columns:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else " " + word
        empty = empty and not word
    return [*lines, line]


def _cut(word: str, columns: int) -> str:
    """As much of a word as fits: up to a sign at which it may be parted, if that leaves at least half of the line."""
    fits = next((word[: max(1, i - 1)] for i in range(1, len(word) + 1) if width_of(word[:i]) > columns), word)
    parted = max(fits.rfind(sign) for sign in PARTED_AFTER) + 1
    return fits[:parted] if fits != word and 2 * width_of(fits[:parted]) >= columns else fits


def _fit(cell: str, columns: int) -> str:
    return cell if width_of(cell) <= columns else _cut(cell, columns - 1) + "…"


def _pad(cell: str, columns: int, right: bool) -> str:
    space = " " * max(0, columns - width_of(cell))
    return space + cell if right else cell + space


def table_lines(table: Table, columns: int = COLUMNS) -> list[str]:
    """Rows in columns; where they do not fit, heads and then the widest left-aligned column go on in further lines."""
    if not table.rows:
        return []
    body = [max(width_of(row[i]) for row in table.rows) for i in range(len(table.head))]
    sizes = [max(size, width_of(head)) for size, head in zip(body, table.head, strict=True)]
    least = [max(size, *(width_of(word) for word in head.split(" "))) for size, head in zip(body, table.head, strict=True)]
    while _too_wide(sizes, columns) and sizes != least:
        sizes[max(range(len(sizes)), key=lambda i: sizes[i] - least[i])] -= 1
    floor = [max(LEAST_COLUMN, min(LONG_WORD, _longest_word(row[i] for row in table.rows))) for i in range(len(table.head))]
    while _too_wide(sizes, columns):
        i = max((i for i in range(len(sizes)) if not table.right[i] and sizes[i] > floor[i]), key=lambda i: sizes[i], default=None)
        if i is None:
            return _in_two(table, columns)
        sizes[i] -= 1
    lines = _row([wrap(head, columns=size) for head, size in zip(table.head, sizes, strict=True)], sizes, table.right)
    lines.append("  " + "  ".join("─" * size for size in sizes))
    for row in table.rows:
        cells = [[cell] if right else wrap(cell, columns=size) for cell, size, right in zip(row, sizes, table.right, strict=True)]
        lines += _row(cells, sizes, table.right)
    return lines


def _longest_word(cells: Iterable[str]) -> int:
    return max(width_of(part) for cell in cells for word in cell.split(" ") for part in word.split("-"))


def _too_wide(sizes: Sequence[int], columns: int) -> bool:
    return sum(sizes) + 2 * len(sizes) > columns


def _row(cells: Sequence[Sequence[str]], sizes: Sequence[int], right: Sequence[bool]) -> list[str]:
    """A row of a table, each cell in lines, in as many lines as its longest cell takes."""
    lines = []
    for k in range(max(len(cell) for cell in cells)):
        parts = [_pad(cell[k] if k < len(cell) else "", sizes[i], right[i]) for i, cell in enumerate(cells)]
        lines.append("  " + "  ".join(parts))
    return lines


def _in_two(table: Table, columns: int) -> list[str]:
    """A table too wide for the page, as two tables with the same first column."""
    if len(table.head) < 3:
        return table_lines(Table(table.head, table.rows, [False] * len(table.head)), columns)
    half = (len(table.head) + 2) // 2
    first = table.only(range(half))
    second = table.only([0, *range(half, len(table.head))])
    return [*table_lines(first, columns), "", *table_lines(second, columns)]


def _section(names: Names, key: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return ["", names.say(f"section.{key}").upper(), *body] if body else []


def _head(result: Result, names: Names) -> list[str]:
    said = headline.headline(result, names)
    lines = wrap(tables.title(result, names)) + [""] + wrap(said[0])
    if said[1:]:
        lines += wrap(" ".join(said[1:]))
    given = (*uptime.sentences(result, names), *tolerances.sentences(result, names), *story.defences(result, names))
    for line in (*story.against_history(result, names), *given):
        lines += wrap(line)
    if result["kind"] == "rehearsal":
        lines += wrap(" ".join(story.course(result, names)))
    if result["outcome"]["state"] == "stopped" or result["outcome"]["reasons"]:
        lines += wrap(" ".join(story.outcome(result, names)), "! ", "  ")
    return lines


# --------------------------------------------------------------------------- rehearsal


def _rehearsal(result: Result, names: Names) -> list[list[str]]:
    return [
        _head(result, names),
        _section(names, "timeline", _timeline(result, names)),
        _section(names, "recovery", _recovery(result, names)),
        _other(result, names),
        _section(names, "tolerance", _brief(tables.limits(result, names), names, where="where_report")),
        _section(names, "path", _ways(result, names)),
        _section(names, "stuck", _stuck(result, names)),
        _section(names, "data", _data(result, names)),
        *_last(result, names),
    ]


def _recovery(result: Result, names: Names) -> list[str]:
    """When each service is back; of many those alike in one row."""
    lines = [*table_lines(tables.recovery(result, names, short=True)), "", *_bars(result, names)]
    many = len(result["services"]) > story.SERVICES_MOST and story.is_hit(result)
    return [*lines, "", *wrap(f"{names.say('brief.together')} {names.say('brief.where_report')}", "  ")] if many else lines


def _brief(table: Table, names: Names, totals: int = 0, where: str = "where") -> list[str]:
    """A table of services; of many those alike in one row and the worst of them, with what is left out, and where each stands."""
    shown, said = tables.brief(table, names, totals)
    return [*table_lines(shown), *(wrap(f"{said} {names.say(f'brief.{where}')}", "  ") if said else [])]


def _other(result: Result, names: Names) -> list[str]:
    """The course that goes the other way at the fork, in short."""
    other = story.other_course(result)
    if other is None:
        return []
    heading = ["", story.section("other", result, names, str.upper)]
    if not story.is_hit(other):
        return [*heading, *wrap(names.say("fork.other_nothing"), "  ")]
    why = [*_stuck(other, names), *_ways(other, names)]
    return [
        *heading, *wrap(names.say("fork.other"), "  "), "", *_recovery(other, names),
        *(["", *why] if why else []),
    ]  # fmt: skip


def _timeline(result: Result, names: Names) -> list[str]:
    found = timeline.moments(result, names)
    shown = timeline.the_most(found, MOMENTS_SHOWN)
    lines, last = [], ""
    for moment in shown:
        stamp = numbers.stamp(moment.t_h)
        mark = "" if stamp == last else stamp
        lines += wrap(moment.text, f"{mark:>8}  ", " " * 12)
        last = stamp
    if missing := timeline.left_out(found, shown, "more", names):
        lines += ["", *wrap(missing, " " * 10)]
    return lines


def _bars(result: Result, names: Names) -> list[str]:
    """A line of blocks for each service that missed anything: dark out, light worse, dot served.

    Of many services those with the same line have one together; of too many lines those of least harm are counted in the last.
    """
    end, columns = story.horizon(result), BAR_COLUMNS
    shown = [s for s in story.services_of(result) if s.state != "unaffected"]
    bars = {s.id: "".join(_block(s.row, (i + 0.5) * end / columns) for i in range(columns)) for s in shown}
    alike: dict[str, list[str]] = {}
    for id_, bar in bars.items():
        alike.setdefault(bar if len(shown) > story.SERVICES_MOST else id_, []).append(id_)
    told = sorted(alike.values(), key=lambda ids: max(story.harm_of(id_, result) for id_ in ids), reverse=True)[: story.SERVICES_MOST]
    rows = [(names.listed(ids, 1), bars[ids[0]]) for ids in alike.values() if ids in told]
    if left := len(shown) - sum(map(len, told)):
        rows.append((names.say("brief.rest_row", n=left), ""))
    size = min(max((width_of(name) for name, _ in rows), default=0), 30)
    lines = [f"  {_pad(_fit(name, size), size, False)}  {bar}" for name, bar in rows]
    if lines:
        until = numbers.clock(end, names.lang)
        scale = "0" + _pad(until, columns - 1, True)
        marks = f"█ {names.say('state.out')}  ▒ {names.say('state.degraded')}"
        lines += [f"  {' ' * size}  {scale}", f"  {' ' * size}  {marks}"]
    return lines


def _block(row: Mapping[str, Any], t: float) -> str:
    if any(a <= t and (b is None or t < b) for a, b in row["outages"]):
        return "█"
    level = next((v for at, v in reversed(row["level"]) if at <= t), 1.0)
    return "▒" if level < 1 - story.LEVEL_MISSING else "·"


def _ways(result: Result, names: Names) -> list[str]:
    """Ways back; what one shares with an earlier one is not told again. Of those of many services the worst are told."""
    lines = [line for said in never.never_sentences(result, names) for line in wrap(said, "  ", "    ")]
    told: list[tuple[str, Sequence[Mapping[str, Any]]]] = []
    ways, left = story.worst_ways(result)
    for ids, row in ways:
        lines += ([""] if lines else []) + wrap(story.path_sentence(ids, row, names), "  ", "  ")
        way = story.way_told(row)
        other, shared = max(((i, _shared(way, earlier)) for i, earlier in told), key=lambda x: x[1], default=("", 0))
        told.append((ids[0], way))
        if shared < SHARED_LEAST:
            shared = 0
        else:
            said = names.say("path.as_for", name=names.of(other))
            lines += wrap(said, f"    {numbers.stamp(way[0]['from_h']):>7}  ", " " * 13)
        rest = tables.steps(way[shared:], result, names)
        lines += ["  " + line for line in table_lines(rest, COLUMNS - 2)[2:]]
    return [*lines, "", *wrap(names.say("brief.ways", n=len(left)), "  ")] if left else lines


def _shared(a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]) -> int:
    """How many steps two ways back begin with together."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _stuck(result: Result, names: Names) -> list[str]:
    if not result["stuck"]:
        return []
    return wrap(names.say("stuck.rehearsal", names=names.listed(result["stuck"], 8)), "  ")


def _data(result: Result, names: Names) -> list[str]:
    return [line for said in tables.data_lost(result, names) for line in wrap(said, "  ", "    ")]


# --------------------------------------------------------------------------- assessment


def _assessment(result: Result, names: Names) -> list[list[str]]:
    loss = tables.losses(result, names)
    return [
        _head(result, names),
        _section(names, "services", [*_brief(tables.services(result, names), names), *_catching_up(result, names)]),
        _section(names, "curves", _longer(result, names)),
        _section(names, "loss", [*_brief(tables.mean_losses(result, names), names, 1), "", *table_lines(loss)] if loss.rows else []),
        _section(names, "users", [*_brief(tables.users(result, names), names), "", *table_lines(tables.user_indices(result, names))]
                 if result["total"]["users"] else []),  # fmt: skip
        _section(names, "tolerance", _tolerance(result, names)),
        _section(names, "uptime", _uptime(result, names)),
        _section(names, "signed", _signed(result, names)),
        _section(names, "windows", _brief(tables.windows(result, names), names)),
        _section(names, "data", _brief(tables.data_risk(result, names), names)),
        _section(names, "causes", _causes(result, names)),
        _section(names, "stuck", _stuck_often(result, names)),
        *_last(result, names),
    ]


def _catching_up(result: Result, names: Names) -> list[str]:
    return ["", *wrap(names.say("business.note"), "  ")] if tables.catches_up(result) else []


def _causes(result: Result, names: Names) -> list[str]:
    counted = counted_head(result, names)
    return [*table_lines(tables.causes(result, names, 12)), *(wrap(counted, "  ") if counted else [])]


def _tolerance(result: Result, names: Names) -> list[str]:
    table = tables.tolerance(result, names)
    return [*_brief(table, names), *wrap(names.say("tolerance.note"), "  ")] if table.rows else []


def _uptime(result: Result, names: Names) -> list[str]:
    table = uptime.table(result, names)
    notes = (*uptime.spent(story.worst_services(result), names), say("uptime.note", names.lang)) if table.rows else ()
    return [*_brief(table, names), *(line for said in notes for line in wrap(said, "  "))] if table.rows else []


def _signed(result: Result, names: Names) -> list[str]:
    told = tolerances.Told(result.get("signed", ()), names, result["currency"])
    return _brief(told.table(), names) if told.points else []


def _longer(result: Result, names: Names) -> list[str]:
    note = [line for said in tables.rare_note(result, names) for line in wrap(said, "  ")]
    return [*_brief(tables.longer_than(result, names), names), *(["", *note] if note else [])]


def _stuck_often(result: Result, names: Names) -> list[str]:
    stuck, cut = result["stuck"], never.cut_off(result, names)
    if stuck["per_year"] <= 0:
        return wrap(cut or names.say("stuck.none"), "  ")
    often = numbers.often(stuck["per_year"], names.lang)
    said = names.say("stuck.per_year", often=often, names=names.listed(stuck["components"], 6))
    return [line for one in filter(None, (said, cut)) for line in wrap(one, "  ")]


# --------------------------------------------------------------------------- what a model does not say


def unstated(library: Sequence[Sequence[str]], rules: Sequence[Sequence[str]], lang: str) -> str:
    """What was taken for what a model does not say: values of the evidence library (place, value, source), and rules of the
    language (field, value, those that leave it out)."""
    parts = []
    for key, columns, rows in (("library", "path used source", library), ("rules", "rule used where", rules)):
        if rows:
            head = [say(f"report.column.{c}", lang) for c in columns.split()]
            lines = [say(f"report.unstated.{key}", lang, n=len(rows)).upper(), *table_lines(Table(head, rows, [False] * 3))]
            parts.append("\n".join(visible(line).rstrip() for line in lines))
    return "\n\n".join(parts)


# --------------------------------------------------------------------------- both


def _last(result: Result, names: Names) -> list[list[str]]:
    return [
        _section(names, "deadlocks", _deadlocks(result, names)),
        _section(names, "defaults", _defaults(result, names)),
        _section(names, "provenance", _provenance(result, names)),
    ]


def _deadlocks(result: Result, names: Names) -> list[str]:
    if not result["deadlocks"]:
        return wrap(never.no_circle(result, names), "  ")
    lines: list[str] = []
    for lock in result["deadlocks"]:
        for said in tables.deadlock(lock, names):
            lines += wrap(said, "  ", "    ")
    return lines


def _defaults(result: Result, names: Names) -> list[str]:
    library, rules = story.borrowed(result)
    if not library and not rules:
        return wrap(names.say("defaults.none"), "  ")
    if not library:
        return wrap(names.say("defaults.only_rules", n=len(rules)), "  ")
    lines = wrap(names.say("defaults.count", n=len(library) + len(rules), k=len(library)), "  ")
    lines += table_lines(Origins(names).borrowed(library[:DEFAULTS_SHOWN], result["grounds"]["inputs"]))
    if len(library) > DEFAULTS_SHOWN:
        lines += wrap(names.say("defaults.more", n=len(library) - DEFAULTS_SHOWN), "  ")
    if rules:
        lines += wrap(names.say("defaults.rest", n=len(rules)), "  ")
    return lines


def _provenance(result: Result, names: Names) -> list[str]:
    return pair_lines(tables.provenance(result, names))


def pair_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Heads in one column, what they say beside them."""
    size = max(width_of(head) for head, _ in rows)
    lines: list[str] = []
    for head, value in rows:
        lines += wrap(value, f"  {_pad(head, size, False)}  ", " " * (size + 4))
    return lines
