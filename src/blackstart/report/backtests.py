"""A back-test as an outline, with pictures of reality over the model's range, and the schema of what is told."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.markup import Html, in_lines, join, svg, tag, text_width, write_at
from blackstart.report.names import Names
from blackstart.report.outline import Figure, Outline, Section
from blackstart.report.story import first_tries
from blackstart.report.tables import Table
from blackstart.text import say
from blackstart.units import read_tries

Result = Mapping[str, Any]
Row = Mapping[str, Any]
Says = Callable[..., str]
SURE_LEAN = 0.05  # a split of the misses that chance makes more rarely than this is called a lean
FEW_MISSES = 5  # below which nothing is said of how they fall
MOST_CHANGES, LONGEST_CHANGE = 5, 50  # of an ablation, that are shown; letters of one
NEVER_TOLD = 0.005  # share of runs in which it never comes back, from which that is told beside the verdict
WIDE, NARROW = 1120.0, 360.0
ROW_HEIGHT, TOP = 26.0, 44.0
NEAR_ZERO_H = 0.25  # below it the scale of hours is nearly even, above it nearly logarithmic
TICKS_H = (0.0, 0.25, 1.0, 3.0, 6.0, 12.0, 24.0, 72.0, 168.0, 336.0, 720.0, 2160.0)
_HOURS = (("d", 240.0, 24.0), ("h", 1.5, 1.0), ("min", 0.0, 1 / 60))  # a row whose largest is at least so long is told in
_NBSP = "\N{NO-BREAK SPACE}"
STYLE = (
    ".backtest text{font:12px system-ui,'Noto Sans KR','Noto Sans CJK KR',sans-serif;fill:var(--ink,#1b1f24)}"
    ".backtest .tick{fill:var(--soft,#4a545f);font-size:11.5px}.backtest .grid{stroke:var(--line,#cfd6dd)}"
    ".backtest .range{fill:#9db9d6}.backtest .half{fill:#4f81b3}.backtest .middle{stroke:var(--ink,#12324f);stroke-width:2}"
    ".backtest .real{fill:var(--ink,#1b1f24);stroke:var(--ink,#1b1f24);stroke-width:1.6}"
    ".backtest .real.outside{fill:var(--paper,#fff);stroke:var(--alarm,#a3211a);stroke-width:2}.backtest .reach{fill:none}"
    ".backtest .real.idle{fill:none;stroke:var(--soft,#4a545f);stroke-dasharray:2 2}"
    ".backtest .head{font-weight:650;font-size:13.5px}"
)


def report(result: Result, names: Names) -> Outline:
    """A back-test: what all targets together say, then each incident."""
    lang = names.lang
    first, *more = _summary(result, lang)
    sections = [_section(story, lang) for story in result["stories"]]
    notes = [_teller(lang)("stopped")] if result["outcome"]["state"] == "stopped" else []
    return Outline(_title(result, lang), first, more, notes, [*sections, _provenance(result, lang)])


def _section(story: Row, lang: str) -> Section:
    names = Names(story, lang)
    chart = Figure(lambda width: _drawn(story, lang, width), _teller(lang)("chart.caption"))
    tables = [table for table in (_targets(story, names), _ablations(story, names), _changed(story, names)) if table.rows]
    return Section(story["id"], _shown(story["title"], lang) or story["id"], [" ".join(_given(story, names)), chart, *tables])


def _provenance(result: Result, lang: str) -> Section:
    tell, seed, runs = _teller(lang), result["provenance"]["seed"], f"{result['provenance']['study']['runs']:,}"
    rows = [(s["id"], tell("seed", seed=seed, runs=runs, digest=s["digest"][:12])) for s in result["stories"]]
    return Section("provenance", tell("section.provenance"), [Table(("", ""), rows, (False, False))])


def picture(result: Result, lang: str, width: float = WIDE) -> str:
    """Reality over the model's range, all incidents below one another, as an SVG file."""
    legend, at = _legend(_teller(lang), width)
    drawn = [legend]
    for story in result["stories"]:
        content, height = _chart(story, lang, width, _shown(story["title"], lang) or story["id"])
        drawn.append(tag("g", content, transform=f"translate(0 {at:.0f})"))
        at += height + 12
    ground = tag("rect", width=round(width), height=round(at), fill="#fff")
    shown = svg(width, at, tag("style", Html(STYLE)), ground, *drawn, label=_teller(lang)("chart.label"), class_="backtest")
    return shown.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


# ----------------------------------------------------------------------------- words


def _teller(lang: str) -> Says:
    return lambda key, **values: say(f"backtest.{key}", lang, **values)


def _shown(label: Any, lang: str) -> str:
    return label if isinstance(label, str) else str(label.get(lang) or next(iter(label.values()), ""))


def _title(result: Result, lang: str) -> str:
    stories = result["stories"]
    if len(stories) == 1:
        return say("backtest.title_one", lang, title=_shown(stories[0]["title"], lang) or stories[0]["id"])
    return say("backtest.title", lang, n=len(stories), runs=f"{result['provenance']['study']['runs']:,}")


def _percent(share: float, lang: str) -> str:
    return numbers.whole_percent(share, lang)


def _summary(result: Result, lang: str) -> list[str]:
    """What all targets together say."""
    tell = _teller(lang)
    c, exact = result["calibration"]["all"], result["calibration"]["exact"]
    if not c["targets"]:
        return [tell("first_none"), *_uncounted(result, lang)]
    inside, half = c["inside"], c["inside_half"]
    share, error = _percent(inside["share"], lang), inside["standard_error"]
    if error is not None:
        share = tell("with_error", share=share, error=_percent(error, lang))
    said = [tell("first", inside=inside["n"], n=c["targets"], share=share)]
    said.append(tell("half", half=half["n"], n=c["targets"]))
    said += _lean(c, lang)
    if exact["targets"]:
        said.append(tell("exact", n=exact["targets"], inside=exact["inside"]["n"], half=exact["inside_half"]["n"]))
    said += _uncounted(result, lang)
    ablations = [a for s in result["stories"] for a in s["ablations"]]
    if ablations:
        said.append(tell("ablations", n=len(ablations), excluded=sum(a["excluded"] for a in ablations)))
        said += _partly(result, lang)
        if endless := sum(_endless(story, a) for story in result["stories"] for a in story["ablations"]):
            said.append(tell("ablations_never", n=endless))
        if narrow := sum(a["excluded"] and not all(t["spreads"] for t in a["targets"]) for a in ablations):
            said.append(tell("ablations_narrow", n=narrow))
    return [*said, tell("no_error" if error is None else "dependent", n=c["cases"])]


def _uncounted(result: Result, lang: str) -> list[str]:
    """Targets that are told and not counted, as they cannot fail."""
    tell, found = _teller(lang), []
    for why in ("takes-all", "all-meet"):
        named = [_named(t, Names(story, lang)) for story in result["stories"] for t in story["targets"] if t["idle"] == why]
        if named:
            found.append(tell(f"uncounted.{why}", n=len(named), names=Names({}, lang).join(named, 6)))
    return found


def _partly(result: Result, lang: str) -> list[str]:
    """Ablations that put some of the values they name out of reach, and others not: which."""
    tell, found = _teller(lang), []
    for story in result["stories"]:
        names, by_id = Names(story, lang), {t["id"]: t for t in story["targets"]}
        for a in story["ablations"]:
            out, still = ([_named(by_id[t["id"]], names) for t in a["targets"] if t["excluded"] is way] for way in (True, False))
            if out and still:
                what = _shown(a["label"], lang) or names.of(a["id"], "defence")
                found.append(tell("ablation_partly", what=what, out=names.join(out, 4), still=names.join(still, 4), k=len(out),
                                  n=len(out) + len(still)))  # fmt: skip
    return found


def _endless(story: Row, ablation: Row) -> bool:
    """Whether something that comes back in the story does not in most runs of an ablation that excludes."""
    stops = {t["id"] for t in story["targets"] if t["measure"] == "stops"}
    return ablation["excluded"] and any(t["never"] > 0.5 and t["id"] not in stops for t in ablation["targets"])


def _lean(c: Row, lang: str) -> list[str]:
    """Which way the misses fall, and on which side of the model's middle all values lie; by cases, whether that is more than chance."""
    tell, misses, middle = _teller(lang), c["misses"], c["middle"]
    better, worse = misses["better"], misses["worse"]
    said = []
    if better + worse >= FEW_MISSES:
        said.append(tell("misses", misses=better + worse, better=better, worse=worse))
        said.append(_by_case("lean", misses["cases"], tell, lang))
    elif better and worse:
        said.append(tell("misses_few", better=better, worse=worse))
    elif better + worse:
        said.append(tell("misses_better" if better else "misses_worse", n=better + worse))
    said.append(tell("middle", n=c["targets"], better=middle["better"], worse=middle["worse"]))
    if middle["better"] + middle["worse"] >= FEW_MISSES:
        said.append(_by_case("middle", middle["cases"], tell, lang))
    return said


def _by_case(what: str, cases: Row, tell: Says, lang: str) -> str:
    """How many cases lean each way, and whether so many could say more than chance."""
    n, values = cases["better"] + cases["worse"], {"better": cases["better"], "worse": cases["worse"]}
    if 2.0 / 2**n >= SURE_LEAN:  # even if all of them leaned one way
        return tell(f"{what}_few", **values)
    if cases["chance"] >= SURE_LEAN:
        return tell(f"{what}_no", p=_percent(cases["chance"], lang), **values)
    key = "lean_yes" if what == "lean" else "middle_hopeful" if cases["worse"] > cases["better"] else "middle_gloomy"
    return tell(key, p=_percent(cases["chance"], lang), **values)


def _given(story: Row, names: Names) -> list[str]:
    tell = _teller(names.lang)
    hit = names.listed(story["hit"], noun="hazard")
    clock = story["clock_h"]
    said = [tell("struck_later", hit=hit, clock=numbers.clock(clock, names.lang)) if clock else tell("struck", hit=hit)]
    for key in ("fails", "works"):
        if story["given"][key]:
            tries = [(names.anything(of), n) for of, n in map(read_tries, story["given"][key])]
            told = [name if n is None else first_tries(name, n, names) for name, n in tries]
            said.append(tell(f"given_{key}", names=names.join(told, 4)))
    if story["with"]:
        said.append(tell("with", names=names.listed(story["with"], 4, "defence")))
    return said


def _named(target: Row, names: Names) -> str:
    """What a target is of, in words."""
    tell = _teller(names.lang)
    if target["label"]:
        return _shown(target["label"], names.lang)
    measure, of = target["measure"], target["of"]
    at = numbers.point(target["at_h"], "hours", names.lang, digits=3) if target["at_h"] is not None else ""
    if measure == "lead":
        return tell("measure.lead", a=names.of(of[0]), b=names.of(of[1]), at=at)
    if measure == "order":
        return tell("measure.order", what=tell("measure.then").join(names.of(s) for s in of))
    if measure in ("loss", "data"):
        return tell(f"measure.{measure}")
    everything = of == ["all"]
    what = tell("measure.everything") if everything else names.listed(of)
    if measure == "length" and target["shortest"]:
        return tell("measure.length_shortest")
    if measure == "stops":
        return tell("measure.stops", what=what)
    if measure == "back" and target["part"] < 1:
        services = tell("measure.services") if everything else what
        return tell("measure.back_part", what=services, part=_percent(target["part"], names.lang))
    if measure == "back" and target["level"] is not None:
        return tell("measure.back_level", what=what, level=_percent(target["level"], names.lang))
    return tell(f"measure.{measure}", what=what, at=at)


def _amount(value: float | None, target: Row, story: Row, lang: str) -> str:
    """A value of a target; hours all in the unit that fits the largest of its row."""
    if value is None:
        return say("backtest.real.never", lang)
    if target["unit"] == "hours":
        unit, hours = next((u, h) for u, least, h in _HOURS if _ends(target)[1] >= least)
        return "0" if value == 0 else say(f"report.unit.{unit}", lang, n=numbers.write_number(value / hours, 3)).replace(" ", _NBSP)
    if target["unit"] == "share":
        return numbers.point(value, "percent", lang, digits=3 if 0.9 < abs(value) < 1 else 2)
    return numbers.point(value, "money", lang, story["currency"], 2)


def _between(low: float | None, high: float | None, target: Row, story: Row, lang: str) -> str:
    """Two ends as one phrase, the unit said once: `16.6–23 h`."""
    first, last = (_amount(v, target, story, lang) for v in (low, high))
    if first == last:
        return first
    ends = [re.match(r"([-\d.,]+)(.*)", text) for text in (first, last)]
    if all(ends) and (ends[0][2] == ends[1][2] or first == "0"):  # type: ignore[index]
        first = ends[0][1]  # type: ignore[index]
    return say("backtest.real.between", lang, low=first, high=last)


def _real(target: Row, story: Row, lang: str) -> str:
    low, high = target["real"]
    if high is None:
        return say("backtest.real.more", lang, low=_amount(low, target, story, lang))
    return _between(low, high, target, story, lang)


def _verdict(target: Row, lang: str) -> str:
    if target["inside"] is None:
        return say("backtest.verdict.order", lang, share=_percent(target["share"], lang))
    if target["idle"]:
        return say(f"backtest.verdict.{target['idle']}", lang)
    q = target["quantiles"]
    among = q["10"] is not None and q["10"] < target["real"][0] and (q["90"] is None or q["90"] > (target["real"][1] or math.inf))
    key = "inside" if target["inside"] else "between" if among else "low" if target["place"][0] < 0.5 else "high"
    return _or_never(key, target, target, lang)


def _or_never(verdict: str, row: Row, target: Row, lang: str) -> str:
    """A verdict, and in how many of the runs it never comes back, or never stops."""
    said = say(f"backtest.verdict.{verdict}", lang)
    if row["never"] < NEVER_TOLD:
        return said
    key = "unstopped" if target["measure"] == "stops" else "never"
    return say(f"backtest.verdict.{key}", lang, verdict=said, share=_percent(row["never"], lang))


def _place(target: Row, lang: str) -> str:
    low, high = (numbers.point(round(p, 2), "percent", lang) for p in target["place"])
    first = re.sub(r"\D*$", "", low)
    return low if low == high else say("backtest.real.between", lang, low=first, high=high)


# ----------------------------------------------------------------------------- tables


def _targets(story: Row, names: Names) -> Table:
    tell, lang = _teller(names.lang), names.lang
    rows = []
    for t in story["targets"]:
        if t["inside"] is None:
            rows.append([_named(t, names), "", "", "", "", _verdict(t, lang)])
            continue
        q = t["quantiles"]
        rows.append([_named(t, names), _real(t, story, lang), _amount(q["50"], t, story, lang), _between(q["10"], q["90"], t, story, lang),
                     _place(t, lang), _verdict(t, lang)])  # fmt: skip
    head = [tell(f"column.{c}") for c in ("what", "real", "middle", "range", "place", "verdict")]
    return Table(head, rows, [False, True, True, True, True, False])


def _ablations(story: Row, names: Names) -> Table:
    tell, lang = _teller(names.lang), names.lang
    by_id = {t["id"]: t for t in story["targets"]}
    rows = []
    for a in story["ablations"]:
        for k, row in enumerate(a["targets"]):
            t = by_id[row["id"]]
            q = row["quantiles"]
            name = (_shown(a["label"], lang) or names.of(a["id"], "defence")) if k == 0 else ""
            rows.append([name, _named(t, names), _real(t, story, lang), _between(q["10"], q["90"], t, story, lang),
                         _or_narrow(_or_never("excluded" if row["excluded"] else "possible", row, t, lang), row, lang)])  # fmt: skip
    head = [tell(f"column.{c}") for c in ("without", "what", "real", "range", "verdict")]
    return Table(head, rows, [False, False, True, True, False])


def _or_narrow(verdict: str, row: Row, lang: str) -> str:
    return verdict if row["spreads"] else say("backtest.verdict.narrow", lang, verdict=verdict)


def _changed(story: Row, names: Names) -> Table:
    """What each ablation makes different: beside what it excludes, so that a reader sees one that could not fail."""
    tell, lang = _teller(names.lang), names.lang
    rows = []
    for a in story["ablations"]:
        shown = a["changes"][:MOST_CHANGES]
        for k, change in enumerate(shown):
            name = (_shown(a["label"], lang) or names.of(a["id"], "defence")) if k == 0 else ""
            old, new = (tell("real.nothing") if value is None else _short(value) for value in (change["before"], change["after"]))
            rows.append([name, change["path"], old, new])
        if more := len(a["changes"]) - len(shown):
            rows.append(["", tell("changes_more", n=more), "", ""])
    return Table([tell(f"column.{c}") for c in ("ablation", "place_of", "before", "after")], rows, [False] * 4)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_CHANGE else value[: LONGEST_CHANGE - 1] + "…"


# ----------------------------------------------------------------------------- the picture


def _drawn(story: Row, lang: str, width: float) -> Html:
    content, height = _chart(story, lang, width)
    class_ = "backtest wide" if width > 2 * NARROW else "backtest narrow"
    return svg(width, height, tag("style", Html(STYLE)), content, label=_teller(lang)("chart.label"), class_=class_)


def _legend(tell: Says, width: float) -> tuple[Html, float]:
    """What the marks of the picture mean: one line, or three where it is narrow; and its height."""
    bars = [tag("rect", x=x, y=3, width=w, height=12, rx=2, class_=c) for x, w, c in ((0, 44, "range"), (12, 20, "half"))]
    bar = [*bars, tag("line", x1=20, x2=20, y1=1, y2=17, class_="middle")]
    points = {key: tag("path", d="M38 2l6 7l-6 7l-6 -7z", class_=f"real {key}") for key in ("inside", "outside", "idle")}
    marks = {"model": join(bar), **points}
    drawn, x, y = [], 0.0, 0.0
    for key, mark in marks.items():
        words = tell(f"chart.{key}")
        room = 52 + text_width(words, 11.5) + 24
        if x + room > width and x > 0:
            x, y = 0.0, y + 22
        drawn.append(tag("g", mark, write_at(52, 13, words, class_="tick"), transform=f"translate({x:.0f} {y:.0f})"))
        x += room
    return join(drawn), y + 34


def _chart(story: Row, lang: str, width: float, heading: str = "") -> tuple[Html, float]:
    """The targets of one incident: hours on one axis, shares on another."""
    tell, names = _teller(lang), Names(story, lang)
    drawn = [write_at(0, 14, heading, class_="head")] if heading else []
    at = 22.0 if heading else 0.0
    for unit in ("hours", "share"):
        rows = [t for t in story["targets"] if t["unit"] == unit and t["inside"] is not None]
        if rows:
            part, height = _axis(rows, unit, story, names, width, at, tell("chart.hours" if unit == "hours" else "chart.shares"))
            drawn.append(part)
            at += height
    return join(drawn), at


def _axis(rows: Sequence[Row], unit: str, story: Row, names: Names, width: float, top: float, title: str) -> tuple[Html, float]:
    wide = width > 2 * NARROW
    left, right = (330.0, 205.0) if wide else (8.0, 30.0)
    step = ROW_HEIGHT if wide else ROW_HEIGHT + 16
    most = max(_ends(t)[1] for t in rows)
    x = _hours_at(most, left, width - left - right) if unit == "hours" else _share_at(rows, left, width - left - right)
    height = TOP + step * len(rows)
    drawn: list[Html] = [write_at(left, top + 14, title, class_="tick")]
    for value, words in _ticks(unit, most, rows, names.lang, 4 if not wide else 12):
        drawn.append(tag("line", x1=x(value), x2=x(value), y1=top + 34, y2=top + height - 6, class_="grid"))
        drawn.append(write_at(x(value), top + 29, words, "middle", "tick"))
    for k, target in enumerate(rows):
        y = top + TOP + step * k + (0 if wide else 16)
        drawn += _line(target, story, names, x, y, wide, left, width)
    return join(drawn), height


def _line(t: Row, story: Row, names: Names, x: Callable[[float], float], y: float, wide: bool, left: float, width: float) -> list[Html]:
    """One target: its name, the model's range, and reality on it."""
    q = {k: math.inf if v is None else v for k, v in t["quantiles"].items()}
    name, said = _named(t, names), _real(t, story, names.lang)
    drawn = []
    if wide:
        for i, words in enumerate(in_lines(name, left - 24, 12)):
            drawn.append(write_at(left - 14, y + 12 + 12 * i - (6 if text_width(name, 12) > left - 24 else 0), words, "end"))
    else:
        drawn.append(write_at(left, y - 4, in_lines(f"{name}: {said}", width - left - 4, 12, 1)[0]))
    drawn.append(tag("rect", x=x(q["10"]), y=y + 3, width=max(1.5, x(q["90"]) - x(q["10"])), height=12, rx=2, class_="range"))
    drawn.append(tag("rect", x=x(q["25"]), y=y + 3, width=max(1.5, x(q["75"]) - x(q["25"])), height=12, rx=2, class_="half"))
    drawn.append(tag("line", x1=x(q["50"]), x2=x(q["50"]), y1=y + 1, y2=y + 17, class_="middle"))
    low, high = t["real"][0], math.inf if t["real"][1] is None else t["real"][1]
    class_ = "real idle" if t["idle"] else "real" if t["inside"] else "real outside"
    if x(high) - x(low) < 6:
        c = (x(low) + x(high)) / 2
        drawn.append(tag("path", d=f"M{c:.1f} {y + 2:.1f}l6 7l-6 7l-6 -7z", class_=class_))
    else:
        end = f"M{x(high):.1f} {y + 3:.1f}v12" if high < math.inf else ""
        way = f"M{x(low):.1f} {y + 3:.1f}v12M{x(low):.1f} {y + 9:.1f}H{x(high):.1f}{end}"
        drawn.append(tag("path", d=way, class_=f"{class_} reach"))
    if wide:
        words = f"{said} · {_verdict(t, names.lang)}"
        drawn.append(write_at(width - 196, y + 13, in_lines(words, 196, 11.5, 1)[0], class_="tick"))
    return drawn


def _ends(t: Row) -> tuple[float, float]:
    known = [v for v in [*t["quantiles"].values(), *t["real"]] if v is not None]
    return min(known), max(known)


def _hours_at(most: float, left: float, width: float) -> Callable[[float], float]:
    whole_width = math.log1p(most * 1.15 / NEAR_ZERO_H)
    return lambda h: left + width * min(1.0, math.log1p(max(0.0, h) / NEAR_ZERO_H) / whole_width if math.isfinite(h) else 1.0)


def _share_at(rows: Iterable[Row], left: float, width: float) -> Callable[[float], float]:
    least = min(0.0, *(_ends(t)[0] for t in rows))
    return lambda s: left + width * (s - least) / (1.0 - least)


def _ticks(unit: str, most: float, rows: Iterable[Row], lang: str, room: int) -> list[tuple[float, str]]:
    if unit == "share":
        least = min(0.0, *(_ends(t)[0] for t in rows))
        values = [v / 4 for v in range(math.ceil(least * 4), 5)]
        return [(v, numbers.point(v, "percent", lang) if v else "0") for v in values]
    values = [h for h in TICKS_H if h <= most * 1.15]
    every = -(-len(values) // room)
    return [(h, numbers.clock(h, lang) if h else "0") for h in values[:: max(1, every)]]


# ----------------------------------------------------------------------------- the schema


def definition() -> dict[str, Any]:
    """JSON Schema of a back-test's result."""
    number = {"type": "number"}
    perhaps = {"type": ["number", "null"]}
    words = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
    ids = {"type": "array", "items": {"type": "string"}}
    pair = {"type": "array", "items": perhaps, "minItems": 2, "maxItems": 2}

    def row(meaning: str, **fields: Any) -> dict[str, Any]:
        named = {name.rstrip("_"): field for name, field in fields.items()}
        return {"type": "object", "description": meaning, "properties": named, "required": list(named), "additionalProperties": False}

    def quantiles(*percents: str) -> dict[str, Any]:
        return row("of the runs; null: never", **dict.fromkeys(percents, perhaps))

    part = row("so many of the targets", n={"type": "integer"}, share=number,
               standard_error=perhaps | {"description": "of as many independent throws as there are cases; null: too few to say"})
    cases = {"type": "integer", "description": "files of targets: what happened in one hangs together"}
    count = {"type": "integer"}
    by_case = row("cases, by the side on which more of their values fall", better=count, worse=count,
                  chance=number | {"description": "of so uneven a split of the cases, or more, if either side were as likely"})
    sides = {"better": count, "worse": count, "cases": by_case}
    calibration = row(
        "how often reality lies inside", targets=count, cases=cases, inside_half=part, inside=part, enough={"type": "boolean"},
        misses=row("values missed, by where reality lay", **sides), middle=row("all values by the model's middle", **sides),
    )  # fmt: skip
    never = number | {"description": "share of the runs in which it never comes back"}
    target = row(
        "one quantity, reality and model", id={"type": "string"}, label=words, measure={"type": "string"},
        unit={"enum": ["hours", "share", "money", "chance"]}, of=ids, part=number, level=perhaps, shortest={"type": "boolean"},
        at_h=perhaps, source={"type": "string"}, real={"anyOf": [pair, {"type": "null"}]},
        quantiles={"anyOf": [quantiles("10", "25", "50", "75", "90"), {"type": "null"}]},
        place={"anyOf": [pair, {"type": "null"}], "description": "share of the runs below reality, and below or at it"},
        exact={"type": "boolean"}, idle={"enum": [None, "takes-all", "all-meet"], "description": "why it cannot fail and is not counted"},
        inside={"type": ["boolean", "null"]}, inside_half={"type": ["boolean", "null"]}, share=perhaps,
        never=never,
    )  # fmt: skip
    spreads = {"type": "boolean", "description": "false where eight of ten runs say the same, though with the mechanism they differ"}
    text = {"type": ["string", "null"]}
    ablation = row(
        "without one mechanism", id={"type": "string"}, label=words, with_=ids, excluded={"type": "boolean"},
        targets={"type": "array", "items": row("what it does", id={"type": "string"}, quantiles=quantiles("10", "50", "90"),
                                               never=never, excluded={"type": "boolean"}, spreads=spreads)},
        changes={"type": "array", "items": row("what it makes different: a word of the story, or a place of the model; null: not there",
                                               path={"type": "string"}, before=text, after=text)},
    )  # fmt: skip
    story = row(
        "one incident", id={"type": "string"}, title=words, labels={"type": "object", "additionalProperties": words}, files=ids,
        digest={"type": "string"}, hit=ids, given=row("of the day", fails=ids, works=ids), with_=ids, clock_h=number,
        currency={"type": ["string", "null"]}, targets={"type": "array", "items": target}, ablations={"type": "array", "items": ablation},
    )  # fmt: skip
    return row(
        "incidents that happened, held against the model", schema_version={"const": "1"}, kind={"const": "backtest"},
        outcome=row("how it ended", state={"enum": ["estimated", "stopped"]}, reasons=ids),
        provenance=row("where the numbers come from", version={"type": "string"}, seed={"type": "integer"},
                       study=row("how carefully", runs={"type": "integer"})),
        stories={"type": "array", "items": story}, calibration=row("over all targets", all=calibration, exact=calibration),
    )  # fmt: skip
