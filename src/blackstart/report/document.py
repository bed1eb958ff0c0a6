"""A result as one page for a browser: no script, nothing loaded from anywhere, opens from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

from blackstart.report import basis, charts, headline, never, numbers, panels, pictured, story, tables, timeline, tolerances, uptime
from blackstart.report import ways as ways_to
from blackstart.report.behind import Asked
from blackstart.report.clicked import with_short_labels, with_short_places, with_way_back
from blackstart.report.engineers import CLASS, switched
from blackstart.report.glossary import explained
from blackstart.report.markup import Html, join, stack, tag, with_code
from blackstart.report.names import Names
from blackstart.report.origins import Origins, counted_head
from blackstart.report.tables import Table
from blackstart.text import LANGUAGES, has, say

Result = Mapping[str, Any]
CURVES_SHOWN = 6
ROWS_SHOWN = 14
STEPS_OPEN = 12  # a way back with no more steps is not folded
BY_LOGIC = ("lost-alone", "under-all")  # sections in which nothing counts but what stops what, and what that costs
FOR_ENGINEERS = ("digest", "played", "seed", "study", "schema")  # of where a result comes from
FIRST_SHOWN = 3  # inputs named behind each formula
MOMENTS_SHOWN = 48
FOLDED_MOST = 200  # lines of one fold
FOLDED_FEW = 30  # of one, where the timeline is very long
MOMENTS_TRACED = 400  # of more, those that are shown at once have places of their own
MOMENTS_MOST = 2000  # a page is for reading; the JSON has all of them
Section = tuple[str, str, Html]  # id, heading, content
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(result: Result, lang: str) -> str:
    """A result in `lang` as one self-contained HTML page.

    Parameters
    ----------
    result : dict
        An assessment or a rehearsal in the published form (docs/reference/result.schema.json).
    lang : str
        ``en`` or ``ko``.
    """
    names = Names(result, lang)
    header = _header(result, names)
    return whole(tables.title(result, names), header, list(_sections(result, names, join(header))), lang)


def whole(title: str, header: Iterable[Html], sections: Sequence[Section], lang: str, more_style: str = "") -> str:
    """A page of its own: what stands at its head, links to the sections, the sections (id, heading, content)."""
    traced = next((str(body) for id_, _, body in sections if id_ == "grounds"), "")
    told = [(id_, heading, _led(id_, body, traced)) for id_, heading, body in sections]
    top = join([_led("header", join(header), traced), _whence("header", traced, lang)])
    parts = [tag("section", tag("h2", heading, _whence(id_, traced, lang)), body, id=id_) for id_, heading, body in told]
    names = [(id_, heading) for id_, heading, _ in sections]
    if not more_style:  # pages of answers: the white paper explains its words in its text
        (top, *parts), words = explained([top, *parts], lang)
        if words:
            names.append(("words", say("glossary.heading", lang)))
            parts.append(tag("section", tag("h2", names[-1][1]), words, id="words"))
    nav = tag("nav", *(tag("a", name, href=f"#{id_}") for id_, name in names), aria_label=say("report.section.contents", lang))
    said = join([tag("header", top, nav, id="header"), tag("main", *parts), tag("footer", "")])
    said, labels = with_short_labels(with_short_places(with_way_back(said, lang)))
    style = files("blackstart.report").joinpath("page.css").read_text(encoding="utf-8") + _back(lang) + more_style + labels
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Html(style)),
    )
    body = tag("body", charts.hatches(), switched(said, lang))
    return "<!DOCTYPE html>\n" + tag("html", head, "\n", body, lang=lang) + "\n"


def _back(lang: str) -> str:
    """A rule by which an input or a source that was come to says how to get back to the number."""
    return f':root{{--back:"{say("grounds.back", lang)}"}}'


def _led(id_: str, body: Html, traced: str) -> Html:
    """What stands under a heading, every number of it a link, where the page tells how the numbers there follow from the inputs."""
    return ways_to.led(body, f"how-{id_}") if f'id="how-{id_}"' in traced else body


def _whence(id_: str, traced: str, lang: str) -> Html:
    """Beside a heading: the way to how the numbers under it follow from the inputs, where the page tells it."""
    if f'id="how-{id_}"' not in traced:
        return Html("")
    return join([" ", tag("a", say("grounds.whence", lang), href=f"#how-{id_}", class_="whence")])


def _sections(result: Result, names: Names, header: Html) -> Iterable[Section]:
    rehearsed = result["kind"] == "rehearsal"
    builders: Sequence[tuple[str, Callable[[Result, Names], Html | None]]] = (
        ("picture", pictured.picture_of),
        *(_REHEARSAL if rehearsed else _ASSESSMENT),
        ("deadlocks", _deadlocks),
        ("grounds", lambda result, names: None),
        ("defaults", _defaults),
        ("method", _method),
        ("provenance", _provenance),
    )
    shown: list[tuple[str, str]] = []
    bodies = [("header", header)]
    for key, build in builders:
        if key == "grounds":  # which tells of what stands below it, too
            body = grounds(result, names, shown, [*bodies, ("defaults", _defaults(result, names))])
        else:
            body = build(result, names)
        if body:
            shown.append((key, story.section(key, result, names)))
            bodies.append((key, body))
            yield *shown[-1], body


def _header(result: Result, names: Names) -> list[Html]:
    said = headline.headline(result, names)
    parts = [tag("h1", tables.title(result, names)), tag("p", ways_to.said(said[0], join([said[0]])), class_="first")]
    if said[1:]:
        parts.append(tag("p", _one(said[1:]), class_="more"))
    given = (*uptime.sentences(result, names), *tolerances.sentences(result, names), *story.defences(result, names))
    more = (*story.against_history(result, names), *given)
    parts += [tag("p", ways_to.said(line, join([line])), class_="more") for line in more]
    if result["kind"] == "rehearsal":
        parts.append(tag("p", _one(story.course(result, names)), class_="course"))
    if result["outcome"]["state"] == "stopped" or result["outcome"]["reasons"]:
        class_ = "warn" if result["outcome"]["state"] == "stopped" else "told"
        parts.append(tag("p", _one(story.outcome(result, names)), class_=class_))
    return parts


def _one(said: Sequence[str]) -> Html:
    """Sentences as one paragraph, the numbers of each leading where it says."""
    return join(join([" " if n else "", ways_to.said(s, join([s]))]) for n, s in enumerate(said))


# --------------------------------------------------------------------------- pieces


def table_html(table: Table, last: bool = False, mono: Sequence[int] = ()) -> Html:
    """A table that becomes a list of cards on a narrow screen; `last` sets off its last row.

    Numbers of a row that is about something lead to the place where that is traced to its inputs.
    """
    if not table.rows:
        return Html("")
    titles = zip(table.head, table.right, strict=True)
    head = tag("tr", *(tag("th", ways_to.said(h, join([h])), class_="n" if n else None, scope="col") for h, n in titles))
    rows = []
    for i, row in enumerate(table.rows):
        about = table.about[i] if table.about else ""
        places = [about] * len(row) if isinstance(about, str) else about
        cells = [
            tag("td", _traced(cell, places[k], table.right[k]), class_="n" if table.right[k] else "path" if k in mono else None)
            for k, cell in enumerate(row)
        ]
        rows.append(tag("tr", *cells, class_="last" if last and i == len(table.rows) - 1 else None))
    return stack(table.head, head, rows, "stack evidence" if mono else "stack")


def _traced(cell: str, about: str, is_number: bool) -> Html:
    """A cell that can be clicked, if there is something to trace: a number as a whole, of words the numbers among them."""
    if not about or cell == tables.NONE:
        return join([cell])
    if about == ways_to.PLAIN:
        return tag("span", cell, class_="plain")
    return tag("a", cell, href=f"#{about}", class_="traced") if is_number else ways_to.led(join([cell]), about)


def _folded(summary: str, *content: Html, open_: bool = False) -> Html:
    return tag("details", tag("summary", summary), *content, open="" if open_ else None)


def _two_widths(draw: Callable[[float], Html]) -> Html:
    """A chart for wide and one for narrow screens; the style shows one of them."""
    return join([draw(charts.WIDE), draw(charts.NARROW)])


def _paragraphs(said: Iterable[str]) -> Html:
    return join(tag("p", s) for s in said)


# --------------------------------------------------------------------------- rehearsal


def _courses(result: Result, names: Names, traced: bool = True) -> Html:
    """When each service was out; `traced`: the way back of each stands on the page."""
    keys = [("out", names.say("state.out")), ("degraded", names.say("state.degraded"))]
    if any(row["never"] for row in result["services"].values()):
        keys.append(("never", names.say("state.never")))
    groups = [(f"g-{g}", names.say(f"group.{g}")) for g in charts.groups_used(result)]
    worst = story.worst_services(result)
    chart = tag(
        "figure",
        _two_widths(lambda w: charts.services(worst, names, w, traced)),
        charts.legend(keys),
        charts.legend(groups),
        tag("figcaption", names.say("chart.gantt", since=story.since(result, names)), *_only_worst(worst, result, names)),
    )
    table = tables.recovery(result, names, short=True)
    shown = table_html(table if traced else replace(table, about=()))
    told = join([chart if story.drawn(result) else "", shown])
    if worst is result:
        return told
    note = tag("p", names.say("brief.together"), class_="note") if story.is_hit(result) else ""
    return join([told, note, _each(tables.recovery(result, names), len(result["services"]), names)])


def _only_worst(worst: Result, result: Result, names: Names) -> list[str]:
    """Behind a caption: that of many services only the worst are drawn."""
    return [] if worst is result else [" ", names.say("brief.drawn", n=len(worst["services"]))]


def _each(table: Table, n: int, names: Names) -> Html:
    """Every service by itself, folded, under a table in which those alike stand together."""
    return _folded(names.say("brief.each", n=n), table_html(replace(table, about=())))


def _brief(table: Table, result: Result, names: Names, totals: int = 0) -> Html:
    """A table of services; of many those alike in one row and the worst of them, and each by itself to be opened."""
    shown, said = tables.brief(table, names, totals)
    if not said:
        return table_html(table, last=bool(totals))
    return join([table_html(shown, last=bool(totals)), tag("p", said, class_="note"), _each(table, len(result["services"]), names)])


def _other(result: Result, names: Names) -> Html | None:
    """The course that goes the other way at the fork."""
    other = story.other_course(result)
    if other is None:
        return None
    if not story.is_hit(other):
        return tag("p", names.say("fork.other_nothing"))
    why = [tag("p", said) for said in never.never_sentences(other, names)]
    ways, left = story.worst_ways(other)
    for ids, row in ways:
        steps = replace(tables.steps(story.way_told(row), other, names), about=())
        why += [tag("p", story.path_sentence(ids, row, names)), _folded(names.say("path.steps"), table_html(steps))]
    why += [tag("p", names.say("brief.ways_json", n=len(left)), class_="note")] if left else []
    why += _stuck_at_end(other, names)
    return join([tag("p", names.say("fork.other"), class_="note"), _courses(other, names, traced=False), *why])


def _stuck_at_end(result: Result, names: Names) -> list[Html]:
    """What is stuck at the end of a rehearsal."""
    stuck = result["stuck"]
    return [tag("p", names.say("stuck.rehearsal", names=names.listed(stuck, 12)), class_="warn")] if stuck else []


def _limits(result: Result, names: Names) -> Html | None:
    table = tables.limits(result, names)
    return join([_brief(table, result, names), tag("p", names.say("tolerance.note"), class_="note")]) if table.rows else None


def _ways(result: Result, names: Names) -> Html | None:
    parts = [tag("div", tag("p", said), class_="way") for said in never.never_sentences(result, names)]
    ways, left = story.worst_ways(result)
    for ids, row in ways:
        sentence = ways_to.led(tag("p", story.path_sentence(ids, row, names)), ways_to.number(result, f"way.{ids[0]}"))
        way = story.way_told(row)
        table = tables.steps(way, result, names, f"services.{ids[0]}.critical_path")
        steps = _folded(names.say("path.steps"), table_html(table), open_=len(way) <= STEPS_OPEN)
        parts.append(tag("div", sentence, steps, class_="way", id=ways_to.about_way(ids)))
    if left:
        parts.append(_folded(names.say("brief.ways_left", n=len(left)), *(_way_untraced(ids, row, result, names) for ids, row in left)))
    return join(parts) if parts else None


def _way_untraced(ids: Sequence[str], row: Mapping[str, Any], result: Result, names: Names) -> Html:
    """A way back whose numbers lead to how the section follows."""
    steps = replace(tables.steps(story.way_told(row), result, names), about=())
    said = tag("p", story.path_sentence(ids, row, names))
    return tag("div", said, _folded(names.say("path.steps"), table_html(steps)), class_="way", id=ways_to.about_way(ids))


def _moments(result: Result, names: Names) -> Html:
    found = timeline.moments(result, names)
    shown = timeline.the_most(found, MOMENTS_SHOWN)
    many = len(found) > MOMENTS_TRACED
    parts = [_moment_list(shown, result, names, inner=not many)]
    if len(shown) < len(found):
        kept = timeline.the_most(found, MOMENTS_MOST)[:MOMENTS_MOST]
        missing = timeline.left_out(found, kept, "left_out", names)
        more = [tag("p", missing)] if missing else []
        listed = _moment_list(kept, result, names, lines=not many, inner=not many)
        parts.append(_folded(names.say("timeline.all", n=len(kept)), listed, *more))
    if result["data_lost"]:
        parts.append(_paragraphs(tables.data_lost(result, names)))
    return join([*parts, *_stuck_at_end(result, names)])


def _moment_list(found: Sequence[timeline.Moment], result: Result, names: Names, *, lines: bool = True, inner: bool = True) -> Html:
    """The timeline; the numbers of a line lead to what stands behind the first thing that it tells of; what is folded can be opened.

    lines, inner : whether lines, and what is folded in them, lead to places of their own, not to how the section follows
    """
    items, last = [], ""
    for m in found:
        place = ways_to.number(result, m.about) if lines and m.about else ""
        stamp = numbers.stamp(m.t_h)
        told = m.folded if len(m.folded) > timeline.NAMED + 1 or any(t != m.folded[0][0] for t, *_ in m.folded) else ()
        rows = []
        for t, text, about in told[: FOLDED_MOST if inner else FOLDED_FEW]:
            to = ways_to.number(result, about) if inner and about else ""
            rows.append(tag("li", _led_to(join([tag("time", numbers.stamp(t)), tag("span", text)]), to)))
        if more := len(told) - len(rows):
            rows.append(tag("li", tag("time", ""), tag("span", names.say("timeline.folded_more", n=more))))
        opened = [_folded(names.say("timeline.folded", n=len(told)), tag("ol", *rows, class_="moments"))] if rows else []
        weight = min(m.weight, 1) if m.turning else m.weight
        said = join([tag("time", "" if stamp == last else stamp), tag("span", m.text, class_=f"w{weight}"), *opened])
        items.append(tag("li", ways_to.led(said, place, _own_places(m, result) if inner else {}) if place else said))
        last = stamp
    return tag("ol", *items, class_="moments")


def _own_places(m: timeline.Moment, result: Result) -> dict[str, str]:
    """The numbers of a line that stands for several moments that are of one of them: each leads to what stands behind that one."""
    if all(t == m.t_h for t, *_ in m.folded):
        return {}
    own = {numbers.stamp(t): about for t, _, about in m.folded if about and numbers.stamp(t) in m.text}
    (t, text, about), *_ = m.folded
    own |= {words: about for words in ways_to.quantities(text) if "%" in words} | {numbers.stamp(t): about} if about else {}
    return {words: ways_to.number(result, about) for words, about in own.items()}


def _led_to(said: Html, place: str) -> Html:
    return ways_to.led(said, place) if place else said


def _stages(result: Result, names: Names) -> Html | None:
    if not result["states"]:
        return None
    strips = charts.strips(result, story.horizon(result))
    used = {s for strip in strips for _, _, s in strip.spans}
    keys = [(s, names.say(f"state.{s}")) for s in charts.STATES if s in used]
    chart = tag(
        "figure", charts.legend(keys), _two_widths(lambda w: charts.stages(result, names, w))
    )
    left = len(strips) - charts.STRIPS_MOST
    more = [tag("p", names.say("chart.stages_more", n=left))] if left > 0 else []
    return _folded(names.say("chart.stages"), chart, *more)


_REHEARSAL: Sequence[tuple[str, Callable[[Result, Names], Html | None]]] = (
    ("recovery", _courses),
    ("other", _other),
    ("tolerance", _limits),
    ("path", _ways),
    ("timeline", _moments),
    ("stages", _stages),
)


# --------------------------------------------------------------------------- assessment


def _services(result: Result, names: Names) -> Html:
    limits = tables.tolerance(result, names)
    parts = [_brief(tables.services(result, names), result, names)]
    if tables.catches_up(result):
        parts.append(tag("p", names.say("business.note"), class_="note"))
    if limits.rows:
        heading = tag("h3", names.say("section.tolerance"))
        parts += [heading, _brief(limits, result, names), tag("p", names.say("tolerance.note"), class_="note")]
    return join(parts)


def _curves(result: Result, names: Names) -> Html | None:
    ids = story.services_by_harm(story.worst_services(result))
    if not ids:
        return None
    rows = [result["services"][i] for i in ids]
    span = charts.frequency_range([r["curve"] for r in rows])
    drawn = [
        tag("figure", tag("figcaption", names.of(i)), charts.curve(row, names.of(i), names, span, _at_length(result, i)))
        for i, row in zip(ids, rows, strict=True)
    ]
    keys = [charts.line_key("curve", names.say("chart.mean"))]
    if any(r["curve"]["low"] for r in rows):
        keys.append(charts.swatch("band", names.say("chart.band")))
    parts = [charts.together(drawn[:CURVES_SHOWN]), tag("p", *keys, class_="legend")]
    if drawn[CURVES_SHOWN:]:
        more = names.say("chart.more_services", n=len(drawn) - CURVES_SHOWN)
        parts.append(_folded(more, charts.together(drawn[CURVES_SHOWN:])))
    note = [tag("p", said, class_="note") for said in tables.rare_note(result, names)]
    return join([*parts, _brief(tables.longer_than(result, names), result, names), *note])


def _signed(result: Result, names: Names) -> Html | None:
    told = tolerances.Told(result.get("signed", ()), names, result["currency"], to=ways_to.number(result, "signed"))
    if not told.points:
        return None
    return join([tag("figure", told.drawn(), tag("figcaption", told.say("chart.caption"))), _brief(told.table(), result, names)])


def _uptime(result: Result, names: Names) -> Html | None:
    found = uptime.table(result, names)
    if not found.rows:
        return None
    spent = [tag("p", ways_to.said(said, join([said]))) for said in uptime.spent(story.worst_services(result), names)]
    return join([_brief(found, result, names), *spent, tag("p", say("uptime.note", names.lang), class_="note")])


def _at_length(result: Result, id_: str) -> Callable[[str], str]:
    """Where the number of outages of a service that are longer than a length is told."""
    return lambda key: ways_to.number(result, f"services.{id_}.outages_per_year_longer_than.{key}")


def _losses(result: Result, names: Names) -> Html | None:
    table = tables.losses(result, names)
    if not table.rows:
        return None
    parts = []
    wide, narrow = (charts.losses(result, names, w) for w in (charts.WIDE, charts.NARROW))
    if wide is not None and narrow is not None:
        keys = [charts.line_key("curve oep", names.say("chart.oep")), charts.line_key("curve aep", names.say("chart.aep"))]
        if any(est and est["band"] for est in result["total"]["loss"]["aep"].values()):
            keys.append(charts.line_key("whisker", names.say("chart.band")))
        parts.append(tag("figure", wide, narrow, tag("p", *keys, class_="legend"), tag("figcaption", names.say("chart.loss"))))
    return join([*parts, table_html(table), _brief(tables.mean_losses(result, names), result, names, totals=1)])


def _users(result: Result, names: Names) -> Html | None:
    found = [t for t in (tables.users(result, names), tables.user_indices(result, names)) if t.rows]
    return join(_brief(t, result, names) for t in found) if found else None


def _windows(result: Result, names: Names) -> Html:
    return _brief(tables.windows(result, names), result, names)


def _data(result: Result, names: Names) -> Html | None:
    table = tables.data_risk(result, names)
    return table_html(table) if table.rows else None


def _causes(result: Result, names: Names) -> Html | None:
    if not result["causes"]:
        return None
    table = tables.causes(result, names)
    rest = table.part(slice(ROWS_SHOWN, None))
    parts = [table_html(table.part(slice(ROWS_SHOWN)))]
    if rest.rows:
        parts.append(_folded(names.say("causes.more", n=len(rest.rows)), table_html(rest)))
    counted = counted_head(result, names)
    return join([*parts, *([tag("p", counted, class_="note")] if counted else [])])


def _stuck(result: Result, names: Names) -> Html:
    stuck, cut = result["stuck"], never.cut_off(result, names)
    if stuck["per_year"] <= 0:
        return tag("p", cut or names.say("stuck.none"))
    often = numbers.often(stuck["per_year"], names.lang)
    listed = names.listed(stuck["components"], 12)
    own = {often: ways_to.number(result, "stuck.per_year"), listed: ""}
    said = ways_to.Leading(names.say("stuck.per_year", often=often, names=listed), "", own)
    return join([tag("p", ways_to.said(said, join([said]))), *([tag("p", cut)] if cut else [])])


_ASSESSMENT: Sequence[tuple[str, Callable[[Result, Names], Html | None]]] = (
    ("services", _services),
    ("uptime", _uptime),
    ("signed", _signed),
    ("curves", _curves),
    ("loss", _losses),
    ("causes", _causes),
    ("users", _users),
    ("windows", _windows),
    ("data", _data),
    ("stuck", _stuck),
)


# --------------------------------------------------------------------------- both


def _deadlocks(result: Result, names: Names) -> Html:
    if not result["deadlocks"]:
        return tag("p", never.no_circle(result, names))
    return join(_paragraphs(tables.deadlock(lock, names)) for lock in result["deadlocks"])


def _defaults(result: Result, names: Names) -> Html:
    library, rules = story.borrowed(result)
    if not library and not rules:
        return tag("p", names.say("defaults.none"))
    key = "count" if library else "only_rules"
    said = ways_to.Leading(names.say(f"defaults.{key}", n=len(library) + len(rules), k=len(library)), ways_to.number(result, "defaults"))
    parts = [tag("p", ways_to.said(said, with_code(said)))]
    told, inputs = Origins(names), result["grounds"]["inputs"]
    table = told.borrowed(library, inputs)
    rest = table.part(slice(ROWS_SHOWN, None))
    parts.append(basis.leading_to_rows(table_html(table.part(slice(ROWS_SHOWN))), inputs, told))
    if rest.rows:
        rest_html = basis.leading_to_rows(table_html(rest), inputs, told)
        parts.append(_folded(names.say("defaults.rest_library", n=len(rest.rows)), rest_html))
    if rules:
        parts.append(_folded(names.say("defaults.fold", n=len(rules)), table_html(told.unsaid(rules))))
    return join(parts)


def grounds(result: Result, names: Names, shown: Sequence[tuple[str, str]], bodies: Sequence[tuple[str, Html]]) -> Html | None:
    """What the numbers rest on: how those of each section follow, what stands behind each of them, every input with its origin.

    shown : the sections of the page, each with its heading
    bodies : the same with what stands in them: for the numbers that lead to a place of their own it is made
    """
    rows = result["grounds"]["inputs"] if "grounds" in result else ()
    if not rows:
        return None
    told = Origins(names, result["grounds"])
    said = names.say("grounds.intro") if result["kind"] in ("assessment", "rehearsal") else say("grounds.intro", names.lang)
    parts = [tag("p", said), _how(result, names, shown)]
    if result["grounds"]["left_out"]:
        parts.append(tag("p", names.say("grounds.left_out", n=result["grounds"]["left_out"]), class_="note"))
    parts.append(panels.panels(result, names, [*bodies, ("grounds", parts[1])]))
    return join([*parts, basis.inputs_and_sources(rows, told)])


def _how(result: Result, names: Names, shown: Sequence[tuple[str, str]]) -> Html:
    """How the numbers of each section follow from the inputs: the formula in words, and the inputs that matter most for all of them."""
    kind, rows = result["kind"], []
    first, everything = _first(result, names), tag("a", say("grounds.inputs", names.lang), href="#inputs")
    for id_, heading in [("header", say("grounds.header", names.lang)), *shown]:
        if has(f"grounds.how.{kind}.{id_}", names.lang):
            link = heading if id_ == "header" else tag("a", heading, href=f"#{id_}")
            services = _services_behind(result, names) if id_ in ("header", "picture") or kind == "plan" else Html("")
            special = _longest(result, names) if id_ == "stuck" else _losses_behind(result, names) if id_ in BY_LOGIC else Html("")
            inputs = first if not rows else special or everything  # those that matter for all are told once
            said = tag("dd", say(f"grounds.how.{kind}.{id_}", names.lang), " ", services, inputs)
            rows.append(join([tag("dt", link, id=f"how-{id_}"), said]))
    return tag("dl", *rows, class_="origin how") if rows else Html("")


def _first(result: Result, names: Names) -> Html:
    """Ways to the inputs that matter most, and to all of them."""
    things: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for row in result["grounds"]["inputs"]:
        things.setdefault(tuple(row["thing"]), row)
    return _to_inputs(list(things.values())[:FIRST_SHOWN], names)


def _longest(result: Result, names: Names) -> Html:
    """Ways to how often that comes with which courses begin that never end by themselves."""
    asked, causes = Asked(result, names), (result["stuck"].get("causes") or result["causes"])[:FIRST_SHOWN]
    return _to_inputs([row for cause in causes for row in asked.rate(cause)], names)


def _losses_behind(result: Result, names: Names) -> Html:
    """Ways to what an hour of each service costs."""
    rows = [row for row in result["grounds"]["inputs"] if ".loss" in row["path"]]
    return _to_inputs(sorted(rows, key=lambda row: -(row.get("value") or 0.0))[:FIRST_SHOWN], names)


def _to_inputs(rows: Sequence[Mapping[str, Any]], names: Names) -> Html:
    told = Origins(names)
    links = [tag("a", told.named(row), href=f"#{ways_to.place_of(row['path'])}") for row in rows]
    links.append(tag("a", say("grounds.inputs", names.lang), href="#inputs"))
    return tag("span", say("grounds.first", names.lang), " ", _listed(links), class_="note")


def _services_behind(result: Result, names: Names) -> Html:
    """Ways to what begins the outages of each service, and of all."""
    ids = [*(result.get("causes_by_service") or {})]
    links = [tag("a", names.of(id_), href=f"#{ways_to.number(result, f'services.{id_}.downtime_h_per_year')}") for id_ in ids]
    if "causes" not in result:
        return Html("")
    links.append(tag("a", names.say("column.all"), href=f"#{ways_to.number(result, 'total.loss.aal')}"))
    return tag("span", say("grounds.services" if ids else "grounds.begin", names.lang), " ", _listed(links), class_="note")


def _listed(links: Sequence[Html]) -> Html:
    return join([links[0], *(join([", ", link]) for link in links[1:]), ". "])


def _method(result: Result, names: Names) -> Html:
    limits = ["model", "defaults", "people", "typical" if result["kind"] == "rehearsal" else "tail"]
    items = [tag("li", names.say(f"method.limit_{key}")) for key in limits]
    return join([tag("p", names.say(f"method.{result['kind']}")), tag("h3", names.say("method.limits_head")), tag("ul", *items)])


def _provenance(result: Result, names: Names) -> Html:
    return pairs_html(tables.provenance(result, names))


def pairs_html(rows: Iterable[Sequence[str]]) -> Html:
    """Heads with what they say; digest, seed and settings of a computation for engineers alone."""
    technical = {say(f"report.provenance.{key}", lang) for key in FOR_ENGINEERS for lang in LANGUAGES}
    told = ((head, value, CLASS if head in technical else None) for head, value in rows)
    parts = (join([tag("dt", head, class_=class_), tag("dd", value, class_=class_)]) for head, value, class_ in told)
    return tag("dl", *parts, class_="origin")
