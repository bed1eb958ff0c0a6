"""What stands behind the numbers of overlaps: how often each misfortune comes and how long it stays, what stops, what is waited for."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import numbers, story
from blackstart.report.behind import LEAST_SHARE, MOST_LINES, TIMES, Asked, Behind, Line, setting, under
from blackstart.report.behind.causes import EVERYTHING, Whole, back, mended, needed, reached, total
from blackstart.report.behind.parts import lasting
from blackstart.report.behind.steps import head, inputs_of, steps
from blackstart.report.behind.stopping import chains, share_of_losses
from blackstart.report.behind.work import NEAR
from blackstart.report.misfortunes import NAMED, PARTS_NAMED, Misfortunes, alike, own_input, untold
from blackstart.text import has, say
from blackstart.units import HOURS_PER_YEAR

Row = Mapping[str, Any]
# numbers of an overlap that are told as another one, of which they are a part or an end
_AS = {
    "misfortunes": "per_year", "felt_h": "per_year", "standard_error": "per_year", "band": "per_year",
    "course": "longest", "end_h": "longest",
    "by_service": "cost", "beyond": "adds", "together": "adds_per_year", "late": "hours", "bearable": "hours", "stuck": "never",
}  # fmt: skip
_COLUMNS = {"fussell_vesely": "fv", "share": "share-of-all"}  # of the table of importance, that are called otherwise in the result
SETS_BESIDE = 5  # told of a service beside another number; all of them stand behind its own
NEAR_P = 0.002  # of a chance, for the mean of a range to be where it comes from
ADDED_DIGITS, MOST_DIGITS = 3, 6  # of what is added, and how many more of what it is the difference of
MOST_SETS = 40  # told of a service behind its own number, most of them folded
WAYS_NAMED = 6  # parts named on the way back of a service
LEAST_FELT = 0.0005  # of the time that a service is out: what of it a misfortune makes up for it to be told how long it is felt


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    result = asked.result
    match keys:
        case ["overlaps", int(n), "alike"]:
            return _alike(asked, n)
        case ["overlaps", int(n), *inner]:
            which = str(inner[0]) if inner else "per_year"
            return _of_overlap(asked, n, result["overlaps"][n], _AS.get(which, which))
        case ["rest"]:
            return _counted(asked, untold(result["overlaps"]), "rest", "adds_per_year")
        case ["bearable"]:
            rows = [row for row in result["overlaps"] if row["bearable"]]
            limits = tuple(at for id_ in _stopped_by(rows) for at in asked.of("components", id_, "tolerance.rto"))
            found = _counted(asked, rows, "bearable" if limits else "bearable-none", "hours")
            return replace(found, lines=[*found.lines, *([Line(asked.say("line.limit"), (), limits)] if limits else [])])
        case ["plays"]:
            return setting(asked, "plays")
        case ["standbys", *_]:
            return _standbys(asked)
        case ["taking_over", int(n), *inner]:
            return _of_overlap(asked, n, result["taking_over"][n], "meanwhile" if inner and inner[0] == "hours" else "per_year")
        case ["pairs", _, int(i), int(j), *_]:
            return _pair(asked, *sorted((int(i), int(j))))
        case ["lost_alone", int(n), *inner]:
            return _lost(asked, n, str(inner[0]) if inner else "services")
        case ["under_all", int(n), *inner]:
            row, parts = result["under_all"][n], result["under_all"][n]["parts"]
            which = str(inner[0]) if inner else "services"
            found = _stopped(asked, asked.names.of(parts[0]), row["services"], f"under_all.{n}", row.get("why", {}), which)
            alike = [asked.say("stopped-alike", names=asked.names.listed(parts[1:], len(parts)))] if parts[1:] else []
            return replace(found, heading=asked.names.listed(parts, 3), said=[*found.said, *alike])
        case ["importance", int(n), *inner]:
            return _importance(asked, result["importance"][n], str(inner[0]) if inner else "p")
        case ["services", int(n), "taking_over", *_]:
            return _taking_over(asked, result["services"][n]["id"])
        case ["services", int(n), "minimal", *size]:
            return _minimal(asked, n, "".join(_size(int(k)) if str(k).isdigit() else str(k) for k in size))
        case ["services", int(n), *inner]:
            return _service(asked, result["services"][n]["id"], str(inner[0]) if inner else "share_of_time")
    return None


def misfortunes(asked: Asked, rows: Iterable[Row], bought: Collection[str] = (), *, stays: bool = True) -> list[Line]:
    """Misfortunes by name: how often or how likely each is at a time, with the inputs of that and, if asked, of how long it stays.

    bought : defences that are there: what they change is told as they make it
    """
    words, lines = Misfortunes(asked.names), {}
    for m in rows:
        group, name, inside = own_input(m)
        comes = m["per_year"] is not None
        shown = _often(asked, m["per_year"]) if comes else _chance(asked, m["p"])
        own = asked.there(group, name, inside, bought) or asked.there(group, name, "", bought)
        times = tuple(row for row in asked.there(group, name, TIMES, bought) if row not in own) if comes and stays else ()
        lines.setdefault((m["what"], m["id"], m["of"]), Line(words.event(m), (shown,), own + times))
    return list(lines.values())


def _of_overlap(asked: Asked, n: int, row: Row, which: str) -> Behind | None:
    name, course = Misfortunes(asked.names).overlap(row), row.get("course")
    heading = asked.titled(asked.say(f"overlap.{which}"), name)
    if which == "meanwhile":
        out = {id_: row["hours"][id_] for id_ in row.get("meanwhile", row["hours"])}
        said = [asked.say("overlap.meanwhile-is", n=len(out), names=asked.names.listed(out, len(out)))]
        said += [asked.say("overlap.meanwhile-longest", t=numbers.point(max(out.values()), "hours", asked.lang))] if len(out) > 1 else []
        comes = [Line(line.what, (), line.inputs) for line in misfortunes(asked, row["misfortunes"])]
        told = _meanwhile(asked, row, out, f"overlaps.{n}.hours" if "meanwhile" in row else "")
        lines = [*told, *under(asked.say("parts.comes"), comes)]
        return Behind(heading, said, lines, (asked.names.say("column.down_for"),))
    if which in ("hours", "stops"):
        none = [] if row["hours"] else [_none_out(asked, row)]
        lines = _services(asked, n, row) if row["hours"] else [*lengths(asked, row["misfortunes"]), *_bearing(asked, row)]
        counted = [asked.say("overlap.hours-of", n=len(row["hours"]))] if row["hours"] else []
        if brief := row.get("meanwhile", ()):
            counted.append(asked.say("overlap.hours-brief", n=len(brief), names=asked.names.listed(brief, len(brief))))
        columns = (asked.names.say("column.down_for"), asked.say("column.waits"))
        means = [said] if (said := _mean_out(asked, row)) else []
        return Behind(heading, [*none, *counted, *means, asked.say("overlap.hours-is")], lines, columns)
    if which == "longest":
        longest = course and course["longest"]
        if not longest:
            said = [_none_out(asked, row), *([asked.say("overlap.never-is")] if row["never"] else [])]
            return Behind(heading, said, misfortunes(asked, row["misfortunes"]), (asked.say("column.often"),))
        id_, out = longest["service"], row["hours"].get(longest["service"], 0.0)
        at = {"out": numbers.stamp(longest["from_h"]), "back": numbers.stamp(longest["from_h"] + out)}
        said = [asked.say("overlap.longest-is", name=asked.names.of(id_), hours=numbers.clock(out, asked.lang), **at)]
        lines = under(asked.say("parts.way"), steps(asked, longest["critical_path"]))
        lines += under(asked.say("parts.why-stops"), chains(asked, [id_], row.get("why", {})))
        return Behind(heading, said, lines, head(asked))
    if which in ("cost", "adds", "adds_per_year"):
        return _cost(asked, n, row, which, heading)
    if which == "never":
        stuck = course["stuck"] if course else []
        said = [asked.say("overlap.never-is"), *([asked.say("stuck-waits", names=asked.names.listed(stuck, 12))] if stuck else [])]
        return Behind(heading, said, misfortunes(asked, row["misfortunes"]), (asked.say("column.often"),))
    several = sum(m["per_year"] is not None for m in row["misfortunes"]) > 1
    key = "per_year" if several else "per_year-one" if len(row["misfortunes"]) == 1 else "per_year-asked"
    said = [*([sum_] if (sum_ := _product(asked, row)) else []), asked.say(f"overlap.{key}-is")]
    said += [asked.say("mean-hours")] if several else []
    if band := numbers.band(row, "per_year", asked.lang, key="range"):
        said.append(asked.say("overlap.band-input" if _is_of_input(asked, row) else "band-is", range=band))
    return Behind(heading, said, misfortunes(asked, row["misfortunes"], stays=several), (asked.say("column.often"),))


def _mean_out(asked: Asked, row: Row) -> str:
    """For how long on average what comes keeps each service out that it stops by itself; "" where several come, or none does."""
    come = [m["id"] for m in row["misfortunes"] if m["per_year"] is not None]
    means = {s["id"]: s["out_h"][come[0]] for s in asked.result["services"] if come[1:] == [] and come and come[0] in s["out_h"]}
    told: dict[str, list[str]] = {}
    for id_ in (id_ for id_ in row["hours"] if id_ in means):
        told.setdefault(numbers.point(means[id_], "hours", asked.lang, digits=3), []).append(id_)
    each = [asked.say("time-of", h=hours, what=asked.names.listed(ids, len(ids))) for hours, ids in told.items()]
    return asked.say("overlap.hours-mean", each=asked.names.join(each, len(each))) if each else ""


def _none_out(asked: Asked, row: Row) -> str:
    """That nothing stops in the play at typical values, though by logic something does, and whether plays by chance lose anything."""
    lost = "none" if row["cost"] is None or row["cost"]["value"] else "none-lost"
    return asked.say(f"overlap.hours-{lost}", names=asked.names.listed(row["stops"], 6))


def _is_of_input(asked: Asked, row: Row) -> bool:
    """Whether the band of an overlap is the range of the only input that it comes by."""
    (only, *others) = row["misfortunes"]
    given = next((at for at in asked.of(*own_input(only)) if at["percentiles"]), None)
    if others or given is None:
        return False
    ends = given["percentiles"][0], given["percentiles"][-1]
    return all(abs(end - mine) <= NEAR * mine for end, mine in zip(row["band"], ends, strict=True))


def _product(asked: Asked, row: Row) -> str:
    """How often an overlap comes, of what stands beside its misfortunes and how long each is felt; "" where that does not give it."""
    felt = row.get("felt_h") or [None] * len(row["misfortunes"])
    come = [(m, hours) for m, hours in zip(row["misfortunes"], felt, strict=True) if m["per_year"] is not None]
    asked_for = [m["p"] for m in row["misfortunes"] if m["per_year"] is None]
    each = [(m, [other for other in come if other[0] is not m]) for m, _ in come]
    sums = (m["per_year"] * math.prod(_stays(*other) for other in others) for m, others in each)
    total = sum(sums) * math.prod(asked_for)
    if not come or abs(total - row["per_year"]) > NEAR * row["per_year"] or len(row["misfortunes"]) < 2:
        return ""
    terms = [" × ".join([_often(asked, m["per_year"]), *(_still_there(asked, *other) for other in others)]) for m, others in each]
    sum_ = terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"
    words = " × ".join([sum_, *(_chance(asked, p) for p in asked_for)])
    return asked.say("overlap.per_year-sum", sum=words, n=_often(asked, row["per_year"]))


def _stays(m: Row, hours: float | None) -> float:
    """How likely a misfortune is still felt at a moment: of what is felt for so many hours each time; else what is told of it."""
    return float(m["p"]) if hours is None else -math.expm1(-m["per_year"] * hours / HOURS_PER_YEAR)


def _still_there(asked: Asked, m: Row, hours: float | None) -> str:
    if hours is None:
        return _chance(asked, m["p"])
    return asked.say("overlap.still", often=_often(asked, m["per_year"]), hours=numbers.point(hours, "hours", asked.lang, digits=3))


def _often(asked: Asked, per_year: float) -> str:
    """How often, with the digits of a sum; what the page tells as less than once in so many years with its own figure."""
    if 0.0 < per_year < numbers.NEVER_PER_YEAR:
        return say("report.often.once_in_years", asked.lang, n=numbers.count(1.0 / per_year, asked.lang, 3))
    return numbers.often(per_year, asked.lang, digits=3)


def _chance(asked: Asked, p: float, digits: int = 3) -> str:
    return numbers.point(p, "percent", asked.lang, digits=digits)


def _digits_of(whole: float, less: float) -> int:
    """How many digits what is taken from and what is left need for their difference to have as many as what is added."""
    return ADDED_DIGITS + (min(MOST_DIGITS, math.ceil(math.log10(whole / less))) if whole > less > 0.0 else 0)


def _counted(asked: Asked, counted: Sequence[Row], which: str, to: str) -> Behind:
    """Overlaps that the page only counts, each with how often it comes and what it adds, its name leading to one of its numbers."""
    lines = []
    for n, row in enumerate(asked.result["overlaps"]):
        if any(row is one for one in counted):
            inputs = tuple(at for line in misfortunes(asked, row["misfortunes"]) for at in line.inputs[:1])
            shown = _often(asked, row["per_year"]), _money(asked, row["adds_per_year"]["value"])
            lines.append(Line(Misfortunes(asked.names).overlap(row), shown, inputs, f"overlaps.{n}.{to}"))
    said = [asked.say(f"counted-{which}", n=len(counted), all=len(asked.result["overlaps"])), asked.say("counted-lead")]
    return Behind(asked.say("counted-sets"), said, lines, (asked.say("column.often"), asked.say("overlap.adds_per_year")))


def _stopped_by(rows: Iterable[Row]) -> list[str]:
    """The services that overlaps stop, by logic."""
    return list(dict.fromkeys(id_ for row in rows for id_ in row["stops"]))


def _alike(asked: Asked, n: int) -> Behind:
    """The overlaps that a line of the page stands for, each with its doubtful need: how likely that is real, how often it comes."""
    rows, words, lines = asked.result["overlaps"], Misfortunes(asked.names), []
    numbered = [{**row, "n": k} for k, row in enumerate(rows) if row["bearable"] == rows[n]["bearable"]]
    mine = next(group for group in alike(numbered) if any(row["n"] == n for row in group))
    for row in mine:
        doubtful = [m for m in row["misfortunes"] if m["what"] == "doubtful-need"]
        inputs = tuple(at for line in misfortunes(asked, doubtful) for at in line.inputs)
        often = _often(asked, row["per_year"])
        lines.append(Line(words.together(doubtful), (often,), inputs, f"overlaps.{row['n']}.per_year"))
    sure = words.together(m for m in rows[n]["misfortunes"] if m["what"] != "doubtful-need")
    said = [asked.say("overlap.alike-is", n=len(mine), name=sure)]
    return Behind(asked.say("overlap.alike"), said, lines, (asked.say("column.often"),))


def _services(asked: Asked, n: int, row: Row) -> list[Line]:
    """The services that an overlap stops, the longest first: why each stops, what it waits for, how long that takes."""
    course, hours = row.get("course") or {}, dict(sorted(row["hours"].items(), key=lambda x: -x[1]))
    out = [numbers.point(h, "hours", asked.lang) for h in hours.values()]
    waits = [asked.names.join([asked.names.of(p) for p in course.get("through", {}).get(id_, ()) if p != id_], WAYS_NAMED) for id_ in hours]
    lines = chains(asked, hours, row.get("why", {}))
    told = (course.get("longest") or {}).get("service")  # step by step behind another number
    ways = [(f"overlaps.{n}.longest",) if id_ == told else () for id_ in hours]
    lines = [replace(line, shown=(h, parts), links=way) for line, h, parts, way in zip(lines, out, waits, ways, strict=True)]
    come = [m for m in row["misfortunes"] if m["what"] in ("hazard", "component")]
    lines = under(asked.say("parts.why-stops"), lines)
    lines += under(asked.say("parts.lasts"), lengths(asked, row["misfortunes"]))
    lines += under(asked.say("parts.back"), back(asked, list(hours), come)[:WAYS_NAMED])
    serves = tuple(at for id_ in hours for at in asked.of("components", id_, "tolerance.serves"))
    return lines + ([Line(asked.say("line.threshold"), (), serves, "", asked.say("parts.rests-on"), at="serving.all")] if serves else [])


def _meanwhile(asked: Asked, row: Row, out: Mapping[str, float], why: str) -> list[Line]:
    """Services that are out until their standbys have taken over, each with what it waits for, and how long a take-over takes.

    why : path of the number that tells why these stop; "" where this one does
    """
    course = row.get("course") or {}
    through, ways = course.get("through", {}), row.get("ways") or course.get("ways", {})
    standing = {of for of, _, kind in asked.result["graph"]["needs"] if kind == "standby"}
    lines = []
    for id_, hours in sorted(out.items(), key=lambda x: -x[1]):
        name, parts = asked.names.of(id_), [part for part in through.get(id_, ()) if part != id_]
        waits = asked.names.join([asked.names.of(part) for part in parts], WAYS_NAMED)
        below = [part for part in parts if part in standing] or [part for part in needed(asked, [id_], standbys=True) if part in standing]
        takes = tuple(at for part in below for at in asked.of("components", part, r"(start|break_glass)\."))
        what = asked.say("waits", name=name, parts=waits) if waits else name
        if whole := ways.get(id_, ()):
            back_h = whole[-1]["to_h"]
            way = story.way_back({"critical_path": whole, "outages": [[back_h - hours, back_h]]})
            parts_of = dict.fromkeys(asked.names.of(step["component"]) for step in way)
            needs = [at for part in below for at in asked.of("components", part, r"start\.(needs|wants)")]  # what a start may wait for
            takes, sum_ = (*inputs_of(asked, way), *needs), _lasting_of(asked, way, hours)
            what = asked.say("waits", name=name, parts=asked.names.join([*parts_of]))
            what = asked.say("step-sum", what=what, sum=sum_) if sum_ else what
        inputs = (*takes, *asked.of("components", id_, "tolerance.serves"))
        lines.append(Line(what, (numbers.point(hours, "hours", asked.lang),), inputs, why))
    return lines


def _lasting_of(asked: Asked, way: Sequence[Row], hours: float) -> str:
    """How long the steps of a way back last, one after the other; "" where that is not the time out."""
    if abs(math.fsum(step["to_h"] - step["from_h"] for step in way) - hours) > NEAR * hours:
        return ""
    lasts = [numbers.clock(step["to_h"] - step["from_h"], asked.lang) for step in way]
    whats = [story.step_text({**step, "instead": None}, asked.names) for step in way]
    return " + ".join(asked.say("time-of", h=h, what=what) for h, what in zip(lasts, whats, strict=True))


def _money(asked: Asked, value: float, digits: int = 3) -> str:
    kind, currency = ("money", asked.result["currency"]) if asked.result.get("money", True) else ("count", None)
    return numbers.point(value, kind, asked.lang, currency, digits)


def _unsure(asked: Asked, value: float, error: float) -> str:
    """A mean over plays with its error."""
    kind, currency = ("money", asked.result["currency"]) if asked.result.get("money", True) else ("count", None)
    return numbers.write({"value": value, "standard_error": error}, kind, asked.lang, currency)


def _bearing(asked: Asked, row: Row) -> list[Line]:
    """For how long parts that misfortunes reach run on without what they need, and how long what is hit takes: why nothing may stop."""
    reach = [reached(asked, {"id": m["id"], "what": m["what"]}) for m in row["misfortunes"] if m["per_year"] is not None]
    parts = dict.fromkeys(name for hit in reach for name in sorted(hit or ()))
    rides = tuple(at for name in parts for at in asked.of("components", name, "rides"))
    tried = [m["id"] for m in row["misfortunes"] if m["per_year"] is None and asked.of("components", m["id"], r"start\.")]
    again = [Line(asked.say("line.again", name=asked.names.of(id_)), (), asked.of("components", id_, r"start\.")) for id_ in tried]
    return [*([Line(asked.say("line.rides"), (), rides)] if rides else []), *again]


def _cost(asked: Asked, n: int, row: Row, which: str, heading: str) -> Behind:
    if which != "cost" and "by_service" in row:
        return _adds(asked, n, row, which, heading)
    comes = misfortunes(asked, row["misfortunes"])
    if not row.get("by_service"):  # nothing stops, or a result of an earlier version
        hours = {id_: numbers.point(h, "hours", asked.lang) for id_, h in row["hours"].items()}
        lines = asked.costs_of(row["hours"], hours) or comes
        return Behind(heading, [asked.say(f"overlap.{which}-is")], lines, (asked.names.say("column.down_for"),))
    lines = cost_by_service(asked, row["by_service"], row["cost"]["value"], row["misfortunes"], f"overlaps.{n}.hours")
    lasts = under(asked.say("parts.lasts"), lengths(asked, row["misfortunes"]))
    come = [m for m in row["misfortunes"] if m["what"] in ("hazard", "component")]
    lasts += under(asked.say("parts.back"), back(asked, list(row["by_service"]), come)[:WAYS_NAMED])
    said = [asked.say("overlap.cost-is"), asked.say("overlap.cost-plays", n=asked.result["plays"])]
    return Behind(
        heading, said, [*lines, *lasts], (asked.say("column.while-out"), asked.say("column.while-worse"), asked.say("column.adds"))
    )


def cost_by_service(asked: Asked, by_service: Mapping[str, Row], cost: float, rows: Iterable[Row], to: str = "") -> list[Line]:
    """What each service adds to the mean cost of plays, while it is out and while it is worse, with the damage itself and the sum.

    rows : the misfortunes that were played
    """
    whole, lines = cost or 1.0, []
    for id_, one in sorted(by_service.items(), key=lambda x: -x[1]["cost"]):
        if one["cost"] <= 0.0:
            continue
        adds = asked.say("adds", n=_money(asked, one["cost"]), share=numbers.whole_percent(one["cost"] / whole, asked.lang))
        inputs = asked.of("components", id_, "loss") or asked.of("components", id_, "users")
        lines.append(Line(asked.names.of(id_), (*_out_and_worse(asked, id_, one), adds), inputs, to))
    damage = cost - math.fsum(one["cost"] for one in by_service.values())
    if damage > LEAST_SHARE * whole:
        inputs = tuple(at for m in rows if m["what"] == "hazard" for at in asked.of("hazards", m["id"], "costs"))
        lines.insert(0, Line(asked.say("line.damage"), ("", "", _money(asked, damage)), inputs))
    kind, currency = ("money", asked.result["currency"]) if asked.result.get("money", True) else ("count", None)
    return [*lines, total(asked, Whole(cost, kind, currency), 3)]


def _out_and_worse(asked: Asked, id_: str, one: Row) -> tuple[str, str]:
    """What a service loses on average while it is out, and while it runs worse, with how long each lasts and what is missing then."""
    parts = (one["out_h"], one["cost"] - one.get("worse", 0.0)), (one.get("worse_h", 0.0), one.get("worse", 0.0))
    an_hour = _kept(asked, id_) * _an_hour(asked, id_)
    out, worse = (
        asked.say("time-of", h=_money(asked, lost), what=_times(asked, h, lost / (an_hour * h) if an_hour else 0.0)) if h and lost else ""
        for h, lost in parts
    )
    return out, worse


def _kept(asked: Asked, id_: str) -> float:
    """What of the loss of a service is not only put off; 0 where hours do not multiply to its loss."""
    fields = {at["path"].partition(".loss.")[2]: at.get("value") or 0.0 for at in asked.of("components", id_, "loss")}
    return 1.0 - fields.get("deferred", 0.0) if fields.keys() <= {"", "rate", "deferred"} else 0.0


def _times(asked: Asked, hours: float, missing: float) -> str:
    """So many hours, times what of the service was missing in them, where that is known."""
    lasts = numbers.point(hours, "hours", asked.lang, digits=3)
    share = numbers.point(min(1.0, missing), "percent", asked.lang, digits=3)
    return asked.say("share-times", of_all=lasts, without=share) if 0.0 < missing < 1.0 + NEAR else lasts


def _adds(asked: Asked, n: int, row: Row, which: str, heading: str) -> Behind:
    """What an overlap costs beyond what a smaller one in it brings by itself; that, as often as it comes."""
    cost, adds = row["cost"]["value"], row["adds"]["value"]
    digits = _digits_of(cost, adds)
    lines, said = [Line(asked.say("overlap.cost"), (_money(asked, cost, digits),), (), f"overlaps.{n}.cost")], []
    if row["beyond"]:
        keys = [(m["what"], m["id"], m["of"]) for m in row["beyond"]]
        inner = next((k for k, other in enumerate(asked.result["overlaps"])
                      if [(m["what"], m["id"], m["of"]) for m in other["misfortunes"]] == keys), None)  # fmt: skip
        name = Misfortunes(asked.names).together(row["beyond"])
        to = "" if inner is None else f"overlaps.{inner}.cost"
        less = cost - adds if inner is None or adds else asked.result["overlaps"][inner]["cost"]["value"]
        lines.append(Line(asked.say("line.beyond", name=name), (f"\u2212\u00a0{_money(asked, less, digits)}",), (), to))
        lines.append(Line(asked.say("overlap.adds"), (_money(asked, adds),)))
        said += [] if adds else [asked.say("overlap.adds-nothing")]
    if which == "adds_per_year":
        often = _often(asked, row["per_year"])
        rates = tuple(at for line in misfortunes(asked, row["misfortunes"], stays=False) for at in line.inputs)
        lines.append(Line(asked.say("overlap.per_year"), (often,), rates, f"overlaps.{n}.per_year"))
        year, together = _money(asked, row["adds_per_year"]["value"]), row.get("together", 1.0)
        shared = {} if together >= 1.0 else {"share": numbers.point(together, "percent", asked.lang, digits=3)}
        said.append(asked.say(f"overlap.adds-sum{'-shared' if shared else ''}", often=often, adds=_money(asked, adds), year=year, **shared))
    key = which if row["beyond"] else f"{which}-alone"
    said += [asked.say(f"overlap.{key}-is"), asked.say("overlap.cost-plays", n=asked.result["plays"])]
    return Behind(heading, said, lines, (asked.say("column.value"),))


def _pair(asked: Asked, i: int, j: int) -> Behind | None:
    """Two misfortunes at the same moment: how often each comes, and what both together stop and for how long."""
    pairs, words = asked.result["pairs"], Misfortunes(asked.names)
    both = [pairs["misfortunes"][k] for k in (i, j)]
    sets = [pairs["by_service_alone"][i], pairs["by_service_alone"][j], pairs["by_service"][i][j]]
    values = [pairs["alone"][i], pairs["alone"][j], pairs["together"][i][j]]
    cost = {id_: [of.get(id_, {}).get("cost", 0.0) for of in sets] for id_ in dict.fromkeys(id_ for of in sets for id_ in of)}
    lines = []
    for id_, three in sorted(cost.items(), key=lambda x: (x[1][0] + x[1][1] - x[1][2], -x[1][2])):
        if max(three) > EVERYTHING * max(values):
            shown = tuple(_pair_cost(asked, id_, of.get(id_)) for of in sets)
            inputs = asked.of("components", id_, "loss" if asked.result["money"] else "users")
            lines.append(Line(asked.names.of(id_), shown, inputs, _stopping(asked, id_, both)))
    damage = [value - sum(one["cost"] for one in of.values()) for value, of in zip(values, sets, strict=True)]
    if max(damage) > LEAST_SHARE * max(values):
        costs = tuple(at for m in both if m["what"] == "hazard" for at in asked.of("hazards", m["id"], "costs"))
        lines.append(Line(asked.say("line.damage"), tuple(_money(asked, x) for x in damage), costs))
    lines += [Line(asked.say("line.total"), tuple(_money(asked, x) for x in values))] if lines else []
    lines += under(asked.say("parts.lasts"), lengths(asked, both))
    come = [m for m in both if m["what"] in ("hazard", "component")]
    lines += under(asked.say("parts.back"), back(asked, list(cost), come)[:WAYS_NAMED])
    alone, together = [_money(asked, pairs["alone"][k]) for k in (i, j)], _money(asked, pairs["together"][i][j])
    if "error" in pairs:
        alone = [_unsure(asked, pairs["alone"][k], pairs["error_alone"][k]) for k in (i, j)]
        together = _unsure(asked, pairs["together"][i][j], pairs["error"][i][j])
    apart, named = sum(pairs["alone"][k] for k in (i, j)), {"first": words.event(both[0]), "second": words.event(both[1])}
    named |= {"a": alone[0], "b": alone[1], "together": together}
    times = numbers.point(pairs["together"][i][j] / apart, "number", asked.lang, digits=3) if apart else ""
    sums = asked.say("pair-sums" if apart else "pair-sums-none", times=times, **named)
    said = [sums, asked.how("pairs"), asked.say("pair-means" if any(values) else "pair-nothing", n=asked.result["plays"])]
    columns = (*(asked.say("column.only", name=words.event(m)) for m in both), asked.say("column.both"))
    return Behind(words.together(both), said, lines, columns)


def _stopping(asked: Asked, id_: str, both: Sequence[Row]) -> str:
    """Where it is told why misfortunes stop a service: with the overlap in which no other comes; else what the service leans on."""
    come = {(m["what"], m["id"]) for m in both}
    for n, row in enumerate(asked.result["overlaps"]):
        if id_ in row["hours"] and {(m["what"], m["id"]) for m in row["misfortunes"] if m["per_year"] is not None} <= come:
            return f"overlaps.{n}.hours"
    return f"leaning.{id_}"


def _pair_cost(asked: Asked, id_: str, one: Row | None) -> str:
    """What a service loses on average: while it is out, and while it runs worse."""
    if not one or not one["cost"]:
        return _money(asked, 0.0)
    out, worse = _out_and_worse(asked, id_, one)
    parts = [asked.say(f"pair-{key}", lost=lost) for key, lost in (("out", out), ("worse", worse)) if lost]
    return asked.say("pair-parts", lost=_money(asked, one["cost"]), parts=asked.names.join(parts))


def lengths(asked: Asked, rows: Iterable[Row]) -> list[Line]:
    """Misfortunes by name, with what decides how long they stay and how likely each effect is; not how often they come."""
    words, lines = Misfortunes(asked.names), []
    for m in rows:
        group, name, inside = own_input(m)
        if m["per_year"] is None:
            lines.append(Line(words.event(m), (), asked.of(group, name, inside) or asked.of(group, name)))
            continue
        times, at = lasting(asked, m["what"], m["id"]), f"lasting.{m['what']}.{m['id']}"
        lines.append(Line(asked.say("line.lasts", name=words.event(m)), (), times, at=at))
    return [line for line in lines if line.inputs]


def _lost(asked: Asked, n: int, which: str) -> Behind:
    row = asked.result["lost_alone"][n]
    if row["what"] == "team":
        name, parts = asked.names.of(row["id"], "team"), row["unmended"]
        teams = {c["id"]: asked.names.listed(c.get("teams", ()), 9, "team") for c in asked.result["graph"]["components"]}
        lines = [Line(asked.names.of(id_), (teams[id_],), asked.of("components", id_, r"(start|repair)\.people")) for id_ in parts]
        said = [asked.say("team-lost", n=len(parts), names=asked.names.listed(parts, len(parts)), team=name)]
        return Behind(name, [*said, *_not_named(asked, len(parts), PARTS_NAMED)], lines, (asked.say("column.teams"),))
    services = row["meanwhile"] if which == "meanwhile" else row["services"]
    name = asked.names.of(row["id"], "domain")
    return _stopped(asked, name, services, f"lost_alone.{n}", row.get("why", {}), which)


def _not_named(asked: Asked, n: int, named: int) -> list[str]:
    """What a count in a table is of names that it does not tell."""
    return [asked.say("named-rest", n=n, named=named, rest=n - named)] if n > named + 1 else []


def _stopped(asked: Asked, name: str, services: Sequence[str], at: str, why: Mapping[str, Row], which: str) -> Behind:
    """The services that stop: for their count each with the needs that lead to what is lost, for their share each with its loss.

    at : path of the row that tells them
    """
    section = at.partition(".")[0].replace("_", "-")
    if which == "share":
        return share_of_losses(asked, name, services, section, f"{at}.services")
    lines = chains(asked, services, why, "itself" if section == "under-all" else "inside")
    every = sum(c["service"] for c in asked.result["graph"]["components"])
    key = "stopped-none" if not services else "stopped-meanwhile" if which == "meanwhile" else "stopped"
    said = [asked.say(key, name=name, n=len(services), all=every), *_not_named(asked, len(services), NAMED), asked.say("by-logic")]
    return Behind(name, said, lines)


def _rest(asked: Asked, row: Row, own: Sequence[Line]) -> list[str]:
    """How likely something is not to work, of how likely it is to work."""
    for given in (given for line in own for given in line.inputs if given["path"].endswith(".works")):
        if given.get("value") and abs(1.0 - given["value"] - row["p"]) < NEAR_P:
            works = numbers.point(given["value"], "percent", asked.lang, digits=3)
            return [asked.say("chance-not", works=works, n=_chance(asked, row["p"]))]
    return []


def _mended(asked: Asked, rows: Iterable[Row]) -> list[Line]:
    """What misfortunes break and how long mending it takes, the longest first: for so long they are felt."""
    lines: dict[str, Line] = {}
    for m in rows:
        lines |= {line.what: line for line in mended(asked, m)} if m["what"] == "hazard" else {}
    return under(asked.say("parts.mended"), list(lines.values())[:WAYS_NAMED])


def _importance(asked: Asked, row: Row, which: str) -> Behind:
    own, name = misfortunes(asked, [row]), Misfortunes(asked.names).event(row)
    if which == "p":
        word = "chance-there" if row["per_year"] else "chance-asked"
        said = [asked.say(f"{word}-is", service=asked.names.of(row["service"])), *_rest(asked, row, own)]
        if row["per_year"]:
            hours = numbers.point(row["p"] * HOURS_PER_YEAR / row["per_year"], "hours", asked.lang, digits=3)
            often = _often(asked, row["per_year"])
            said.insert(0, asked.say("chance-sum", often=often, hours=hours, n=_chance(asked, row["p"])))
            said += [asked.say("mean-hours"), *([asked.say("hours-error")] if row["p_error"] else [])]
            own = [*own, *under(asked.say("parts.back"), back(asked, [row["service"]], [row])[:WAYS_NAMED])]
            known = next(s for s in asked.result["services"] if s["id"] == row["service"])
            own += [] if row["id"] in known["out_h"] else _mended(asked, [row])
        return Behind(asked.titled(asked.say(word), name), said, own, (asked.say("column.often"),))
    if which in ("share", "by_service") and row.get("by_service"):
        return _weighed(asked, row, name, own)
    service = asked.names.of(row["service"])
    sum_ = _compared(asked, row, which)
    comes = [asked.say("mean-hours")] if row["per_year"] else []
    said = [*([sum_] if sum_ else []), asked.say("importance-others", service=service), asked.say("importance-is"), *comes]
    lines = under(asked.say("parts.misfortune"), [Line(line.what, (*line.shown, ""), line.inputs) for line in own])
    lines += _sets(asked, row["service"], "share_of_time", most=SETS_BESIDE)
    at = next(n for n, s in enumerate(asked.result["services"]) if s["id"] == row["service"])
    of_service = asked.titled(say("overlaps.column.share-of-time", asked.lang), service)
    lines += under(asked.say("parts.rests-on"), [Line(of_service, (), (), f"services.{at}.share_of_time")])
    known = f"overlaps.column.{_COLUMNS.get(which, which)}"
    heading = asked.titled(asked.say("column-of", column=say(known, asked.lang)), name) if has(known, asked.lang) else name
    return Behind(heading, said, lines, (asked.say("column.often-or-sum"), asked.say("column.adds")))


def _weighed(asked: Asked, row: Row, name: str, own: Sequence[Line]) -> Behind:
    """The share of a misfortune in all time out, each service weighed by its loss an hour (or its users): service by service."""
    whole = Whole(row["share"], "percent")
    inside = r"loss\.rate" if asked.result["money"] else "users"
    known = {s["id"]: n for n, s in enumerate(asked.result["services"])}
    weights = {id_: _an_hour(asked, id_) * asked.result["services"][n]["share_of_time"] for id_, n in known.items()}
    every, lines = sum(weights.values()) or 1.0, []
    for id_, part in sorted(row["by_service"].items(), key=lambda x: -x[1]):
        if part <= EVERYTHING * row["share"]:
            continue
        of_all, without = weights[id_] / every, ""
        if of_all:
            out = _chance(asked, asked.result["services"][known[id_]]["share_of_time"])
            without = asked.say(
                "share-weighed", out=out, hour=_weight(asked, _an_hour(asked, id_)), all=_weight(asked, every),
                of_all=_chance(asked, of_all), without=_chance(asked, min(1.0, part / of_all)),
            )  # fmt: skip
        inputs = asked.of("components", id_, inside) or asked.of("components", id_, "loss")
        shown = without, whole.adds(part / (row["share"] or 1.0), asked.lang)
        lines.append(Line(asked.names.of(id_), shown, inputs, f"services.{known[id_]}.share_of_time"))
    lines.append(total(asked, whole, 2))
    first = under(asked.say("parts.misfortune"), [Line(line.what, (*line.shown, ""), line.inputs) for line in own])
    all_ = _weight(asked, every)
    said = [asked.say("importance-share", share=numbers.whole_percent(row["share"], asked.lang), all=all_), asked.say("importance-is")]
    heading = asked.titled(asked.say("column-of", column=say("overlaps.column.share-of-all", asked.lang)), name)
    lines = [*first, *under(asked.say("parts.services"), lines)]
    return Behind(heading, said, lines, (asked.say("column.often-or-sum"), asked.say("column.adds")))


def _weight(asked: Asked, value: float) -> str:
    """What an hour of a service is weighed by, as people read it."""
    return numbers.point(value, "number", asked.lang) if asked.result["measure"] == "services" else _money(asked, value, 4)


def _an_hour(asked: Asked, service: str) -> float:
    """By what an hour of a service is weighed: its loss, or its users; 1 where neither is stated of any."""
    if asked.result.get("measure") == "services":
        return 1.0
    rows = asked.of("components", service, r"loss" if asked.result.get("money", True) else "users")
    return float(rows[0].get("value") or 0.0) if rows else 0.0


def _compared(asked: Asked, row: Row, which: str) -> str:
    """How a measure of importance follows from the chances that a service is out; "" where it is none of these."""
    out = next((s["share_of_time"] for s in asked.result["services"] if s["id"] == row["service"]), 0.0)
    shown = {"service": asked.names.of(row["service"]), "out": _chance(asked, out)}
    if which == "raw" and out:
        there = _chance(asked, min(1.0, row["raw"] * out))
        return asked.say("importance-raw", there=there, n=numbers.point(row["raw"], "number", asked.lang, digits=3), **shown)
    if which == "rrw" and row["rrw"]:
        without = _chance(asked, out / row["rrw"])
        return asked.say("importance-rrw", without=without, n=numbers.point(row["rrw"], "number", asked.lang, digits=3), **shown)
    if which == "fussell_vesely" and out:
        digits = _digits_of(1.0, row["fussell_vesely"])
        shown |= {"out": _chance(asked, out, digits), "without": _chance(asked, out * (1.0 - row["fussell_vesely"]), digits)}
        return asked.say("importance-fv", n=_chance(asked, row["fussell_vesely"]), **shown)
    return ""


def _sets(asked: Asked, service: str, which: str, most: int = MOST_SETS) -> list[Line]:
    """The overlaps that stop a service, each with what it adds to how often, or for what share of the time, it is out; the most first.

    What they add up to, and what is left of that where they overlap, stands last.
    """
    at, row = next((n, s) for n, s in enumerate(asked.result["services"]) if s["id"] == service)
    whole = Whole(row[which], "per_year" if which == "per_year" else "percent")
    mine = [(n, one) for n, one in enumerate(asked.result["overlaps"]) if service in one["stops"]]
    found = sorted(((one["per_year"] if which == "per_year" else _time_of(one, row), n, one) for n, one in mine), key=lambda x: -x[0])
    lines = []
    for k, (amount, n, one) in enumerate(found[:most]):
        how = "" if which == "per_year" else there(asked, one, row)
        rates = misfortunes(asked, one["misfortunes"]) if k == 0 or amount > EVERYTHING * whole.value else []  # else behind its name
        inputs = {given["path"]: given for line in rates for given in line.inputs[:1]}
        shown = how, whole.adds(amount / whole.value if whole.value else 0.0, asked.lang)
        why = ("" if which == "per_year" else f"overlaps.{n}.hours", "")
        lines.append(Line(_set(asked, one, service), shown, tuple(inputs.values()), f"overlaps.{n}.per_year", links=why))
    every, rest = sum(amount for amount, _, _ in found), sum(amount for amount, _, _ in found[most:])
    if found[most:]:
        shown = "", whole.adds(rest / whole.value if whole.value else 0.0, asked.lang)
        to = f"services.{at}.{which}" if most < MOST_SETS else f"services.{at}.minimal"
        lines.append(Line(asked.say("line.other-sets", n=len(found) - most), shown, (), to))
    if not lines:
        return []
    sums = ("", Whole(every, whole.kind).amount(1.0, asked.lang)), ("", whole.amount(1.0, asked.lang))
    lines += [Line(asked.say("line.total"), sums[0])] if sums[0] != sums[1] else []
    lines.append(Line(asked.say("line.exactly" if sums[0] != sums[1] else "line.total"), sums[1]))
    return under(asked.say("parts.sets"), lines)


def _hours_of(m: Row, service: Row) -> float:
    """For how many hours what comes is there for a service: as long as it keeps it out by itself; else until all is at rest again."""
    out = service["out_h"].get(m["id"])
    return float(m["p"] * HOURS_PER_YEAR / m["per_year"] if out is None else out)


def _time_of(one: Row, service: Row) -> float:
    """The share of time that a set keeps a service out."""
    each = (m["p"] if m["per_year"] is None else -math.expm1(-m["per_year"] * _hours_of(m, service) / HOURS_PER_YEAR)
            for m in one["misfortunes"])  # fmt: skip
    return math.prod(each)


def there(asked: Asked, one: Row, service: Row) -> str:
    """How likely it is that a set keeps a service out at a moment: how often each comes, times its hours, times what fails."""
    terms = []
    for m in one["misfortunes"]:
        if m["per_year"] is None:
            terms.append(_chance(asked, m["p"]))
            continue
        hours = numbers.point(_hours_of(m, service), "hours", asked.lang, digits=3)
        terms.append(asked.say("felt", often=_often(asked, m["per_year"]), hours=hours))
    return " × ".join(terms)


def _felt(asked: Asked, id_: str) -> list[Line]:
    """The misfortunes that make up what stops a service: what decides how long each lasts, and what the service comes back by."""
    service = next(s for s in asked.result["services"] if s["id"] == id_)
    found: dict[tuple[str, str], tuple[float, Row]] = {}
    for one in (one for one in asked.result["overlaps"] if id_ in one["stops"]):
        for m in (m for m in one["misfortunes"] if m["per_year"] is not None):
            found[m["what"], m["id"]] = _time_of(one, service) + found.get((m["what"], m["id"]), (0.0, m))[0], m
    told = [m for there, m in sorted(found.values(), key=lambda x: -x[0]) if there > LEAST_FELT * service["share_of_time"]]
    ways = under(asked.say("parts.back"), back(asked, [id_], told)[:WAYS_NAMED])
    repairs = _mended(asked, [m for m in told if m["id"] not in service["out_h"]])
    return under(asked.say("parts.lasts"), lengths(asked, told)) + ways + repairs


def _service(asked: Asked, id_: str, which: str) -> Behind:
    what = say(f"overlaps.column.{'often' if which == 'per_year' else 'share-of-time'}", asked.lang)
    of = "per_year" if which == "per_year" else "share_of_time"
    lines = _sets(asked, id_, of)
    lines += _felt(asked, id_) if lines and of == "share_of_time" else []
    heading, columns = asked.titled(what, asked.names.of(id_)), (asked.say("column.often-or-sum"), asked.say("column.adds"))
    row = next(s for s in asked.result["services"] if s["id"] == id_)
    if not lines:
        return Behind(heading, [asked.say("sets-none")], [], columns)
    said = [asked.say(f"sets-{of}")]
    if of != "per_year":
        said += [asked.say("mean-hours"), *([asked.say("hours-error")] if row["standard_error"] else []), asked.say("sets-lead")]
        band = numbers.band(row, "percent", asked.lang) if row.get("band") else ""
        said += [asked.say("band-is", range=band)] if band else []
    return Behind(heading, said, lines, columns)


def _taking_over(asked: Asked, id_: str) -> Behind:
    """The sets that stop a service only until a standby has taken over, each with how often and how long."""
    words, lines = Misfortunes(asked.names), []
    for n, row in enumerate(asked.result["taking_over"]):
        if id_ in row["hours"]:
            shown = _often(asked, row["per_year"]), numbers.point(row["hours"][id_], "hours", asked.lang)
            inputs = tuple(at for line in misfortunes(asked, row["misfortunes"]) for at in line.inputs[:1])
            lines.append(Line(words.overlap(row), shown, inputs, f"taking_over.{n}.per_year", links=("", f"taking_over.{n}.hours")))
    heading = asked.titled(asked.say("taking-over"), asked.names.of(id_))
    columns = asked.say("column.often"), asked.names.say("column.down_for")
    every = sum(row["per_year"] for row in asked.result["taking_over"] if id_ in row["hours"])
    longest = max((row["hours"][id_] for row in asked.result["taking_over"] if id_ in row["hours"]), default=0.0)
    summed = Line(asked.say("line.total-longest"), (_often(asked, every), numbers.point(longest, "hours", asked.lang)))
    written = [asked.say("taking-over-written", sum=_often(asked, every))] if lines[1:] else []
    return Behind(heading, [asked.how("taking-over"), *written], [*lines[:MOST_LINES], *([summed] if lines[1:] else [])], columns)


def _standbys(asked: Asked) -> Behind:
    """The standbys that take time, the slowest first, each with the inputs of how long its start takes."""
    slow = sorted(asked.result["standbys"], key=lambda row: -(row["takes_h"] or 0.0))
    lines = []
    for row in slow[:MOST_LINES]:
        takes, name = row["takes_h"], asked.names.of(row["id"])
        inputs = asked.of("components", row["id"], r"start\.(takes|detect|decide|switch)$")
        medians = [at["percentiles"][1] for at in inputs if at["percentiles"]]
        if takes is None or abs(sum(medians) - takes) > NEAR * takes:  # work by people: how many they are says how long, too
            inputs, medians = asked.of("components", row["id"], r"start\.(takes|detect|decide|switch|work|people)"), []
        sum_ = " + ".join(numbers.point(hours, "hours", asked.lang, digits=3) for hours in medians)
        shown = "" if takes is None else numbers.point(takes, "hours", asked.lang, digits=3)
        lines.append(Line(asked.say("step-sum", what=name, sum=sum_) if len(medians) > 1 else name, (shown,), inputs))
    said = [asked.say("standbys-all", n=len(slow)), asked.say("standbys-is")]
    return Behind(asked.say("standbys"), said, lines, (asked.say("column.takes"),))


def _set(asked: Asked, one: Row, service: str) -> str:
    """The misfortunes of a set; also that the service does not stop when it is played, where logic alone says so."""
    name = Misfortunes(asked.names).overlap(one)
    return name if service in one["hours"] or service in one["by_service"] else asked.say("line.by-logic-only", name=name)


def _minimal(asked: Asked, service: int, size: str = "") -> Behind:
    """The smallest sets that stop a service, as far as they are told.

    size : of how many misfortunes they are told, ``more`` for more than three; "" for all
    """
    id_, known = (asked.result["services"][service][key] for key in ("id", "minimal"))
    counts = {str(k): known.get(str(k), 0) for k in (1, 2, 3)} | {"more": sum(n for k, n in known.items() if int(k) > 3)}
    each = {k: asked.say("minimal-beyond" if k == "more" else "minimal-of", k=4 if k == "more" else k, n=n) for k, n in counts.items()}
    told = [(n, row, len(row["misfortunes"])) for n, row in enumerate(asked.result["overlaps"]) if id_ in row["stops"]]
    mine = sorted((one for one in told if size in ("", _size(one[2]))), key=lambda x: x[2])
    lines = [
        Line(_set(asked, row, id_), (_often(asked, row["per_year"]),), (), f"overlaps.{n}.per_year",
             asked.say("minimal-size", k=k), (f"overlaps.{n}.hours",))
        for n, row, k in mine[:MOST_SETS]
    ]  # fmt: skip
    said = [each[size] if size else say("report.list.comma", asked.lang).join(each.values()), asked.say("minimal-is")]
    all_ = counts[size] if size else sum(counts.values())
    said += [asked.say("minimal-more" if lines else "minimal-elsewhere", n=len(lines))] if all_ > len(lines) else []
    if all_ and told and not lines:
        lines = [Line(asked.say("minimal-told"), (), (), f"services.{service}.minimal")]
    return Behind(asked.titled(asked.say("minimal"), asked.names.of(id_)), said, lines, (asked.say("column.often"),))


def _size(misfortunes: int) -> str:
    """The column in which sets of so many misfortunes are counted."""
    return str(misfortunes) if misfortunes <= 3 else "more"
