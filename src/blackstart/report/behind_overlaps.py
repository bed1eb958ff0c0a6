"""What stands behind the numbers of overlaps: how often each misfortune comes and how long it stays, what stops, what is waited for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import LEAST_SHARE, MOST_LINES, TIMES, Asked, Behind, Line, setting, under
from blackstart.report.behind_causes import EVERYTHING, Whole, back, needed, reached, total
from blackstart.report.behind_rehearsal import NEAR, head, steps
from blackstart.report.misfortunes import Misfortunes, own_input
from blackstart.text import has, say
from blackstart.units import HOURS_PER_YEAR

Row = Mapping[str, Any]
# numbers of an overlap that are told as another one, of which they are a part or an end
_AS = {
    "misfortunes": "per_year", "standard_error": "per_year", "band": "per_year", "course": "longest", "end_h": "longest",
    "by_service": "cost", "beyond": "adds", "late": "hours", "bearable": "hours", "stuck": "never",
}  # fmt: skip
NEAR_P = 0.002  # of a chance, for the mean of a range to be where it comes from
WAYS_NAMED = 6  # parts named on the way back of a service


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    result = asked.result
    match keys:
        case ["overlaps", int(n), *inner]:
            which = str(inner[0]) if inner else "per_year"
            return _of_overlap(asked, n, result["overlaps"][n], _AS.get(which, which))
        case ["overlaps"]:
            told = [line for n, row in enumerate(result["overlaps"][:MOST_LINES]) for line in [_counted(asked, n, row)]]
            said = [asked.say("counted", n=len(result["overlaps"])), asked.how("overlaps")]
            return Behind(asked.say("counted-sets"), said, told, (asked.say("column.often"),))
        case ["plays"]:
            return setting(asked, "plays")
        case ["standbys", *_]:
            return _standbys(asked)
        case ["taking_over", int(n), *inner]:
            return _of_overlap(asked, n, result["taking_over"][n], "meanwhile" if inner and inner[0] == "hours" else "per_year")
        case ["pairs", _, int(i), int(j), *_]:
            return _pair(asked, i, j)
        case ["lost_alone", int(n), *inner]:
            return _lost(asked, result["lost_alone"][n], str(inner[0]) if inner else "services")
        case ["under_all", int(n), *inner]:
            row, parts = result["under_all"][n], result["under_all"][n]["parts"]
            which = str(inner[0]) if inner else "services"
            return _stopped(asked, asked.names.listed(parts, 3), row["services"], "under-all", set(parts), which)
        case ["importance", int(n), *inner]:
            return _importance(asked, result["importance"][n], str(inner[0]) if inner else "p")
        case ["services", int(n), "taking_over", *_]:
            return _taking_over(asked, result["services"][n]["id"])
        case ["services", int(n), "minimal", *_]:
            return _minimal(asked, result["services"][n]["id"])
        case ["services", int(n), *inner]:
            return _service(asked, result["services"][n]["id"], str(inner[0]) if inner else "share_of_time")
    return None


def misfortunes(asked: Asked, rows: Iterable[Row]) -> list[Line]:
    """Misfortunes by name: how often or how likely each is at a time, with the inputs of that and of how long it stays."""
    words, lines = Misfortunes(asked.names), {}
    for m in rows:
        group, name, inside = own_input(m)
        comes = m["per_year"] is not None
        shown = numbers.often(m["per_year"], asked.lang) if comes else numbers.point(m["p"], "percent", asked.lang)
        own = asked.of(group, name, inside) or asked.of(group, name)
        times = tuple(row for row in asked.of(group, name, TIMES) if row not in own) if comes else ()
        lines.setdefault((m["what"], m["id"], m["of"]), Line(words.event(m), (shown,), own + times))
    return list(lines.values())


def _of_overlap(asked: Asked, n: int, row: Row, which: str) -> Behind | None:
    name, course = Misfortunes(asked.names).overlap(row), row.get("course")
    heading = asked.titled(asked.say(f"overlap.{which}"), name)
    if which == "meanwhile":
        out = {id_: row["hours"][id_] for id_ in row.get("meanwhile", row["hours"])}
        said = [asked.say("overlap.meanwhile-is", n=len(out), names=asked.names.listed(out, len(out)))]
        comes = [Line(line.what, (), line.inputs) for line in misfortunes(asked, row["misfortunes"])]
        lines = [*_meanwhile(asked, row, out), *under(asked.say("parts.comes"), comes)]
        return Behind(heading, said, lines, (asked.names.say("column.down_for"),))
    if which in ("hours", "stops"):
        none = [] if row["hours"] else [_none_out(asked, row)]
        lines = _services(asked, row) + ([] if row["hours"] else _bearing(asked, row))
        return Behind(heading, [*none, asked.say("overlap.hours-is")], lines, (asked.names.say("column.down_for"),))
    if which == "longest":
        longest = course and course["longest"]
        if not longest:
            said = [_none_out(asked, row), *([asked.say("overlap.never-is")] if row["never"] else [])]
            return Behind(heading, said, misfortunes(asked, row["misfortunes"]), (asked.say("column.often"),))
        hours = numbers.point(row["hours"].get(longest["service"], 0.0), "hours", asked.lang)
        said = [asked.say("overlap.longest-is", name=asked.names.of(longest["service"]), out=numbers.stamp(longest["from_h"]), hours=hours)]
        return Behind(heading, said, steps(asked, longest["critical_path"]), head(asked))
    if which in ("cost", "adds", "adds_per_year"):
        return _cost(asked, n, row, which, heading)
    if which == "never":
        stuck = course["stuck"] if course else []
        said = [asked.say("overlap.never-is"), *([asked.say("stuck-waits", names=asked.names.listed(stuck, 12))] if stuck else [])]
        return Behind(heading, said, misfortunes(asked, row["misfortunes"]), (asked.say("column.often"),))
    single = "-one" if len(row["misfortunes"]) == 1 else ""
    said = [asked.say(f"overlap.per_year{single}-is"), *([sum_] if (sum_ := _product(asked, row)) else [])]
    return Behind(heading, said[::-1], misfortunes(asked, row["misfortunes"]), (asked.say("column.often"),))


def _none_out(asked: Asked, row: Row) -> str:
    """That nothing stops in the play at typical values, though by logic something does, and whether plays by chance lose anything."""
    lost = "none" if row["cost"] is None or row["cost"]["value"] else "none-lost"
    return asked.say(f"overlap.hours-{lost}", names=asked.names.listed(row["stops"], 6))


def _product(asked: Asked, row: Row) -> str:
    """How often an overlap comes, of what stands beside its misfortunes; "" where that does not give it."""
    come = [m for m in row["misfortunes"] if m["per_year"] is not None]
    asked_for = [m["p"] for m in row["misfortunes"] if m["per_year"] is None]
    each = [(m["per_year"], [other["p"] for other in come if other is not m]) for m in come]
    total = sum(often * math.prod(there) for often, there in each) * math.prod(asked_for)
    if not come or abs(total - row["per_year"]) > NEAR * row["per_year"] or len(row["misfortunes"]) < 2:
        return ""
    terms = [" × ".join([numbers.often(often, asked.lang, digits=3), *(_chance(asked, p) for p in there)]) for often, there in each]
    sum_ = terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"
    words = " × ".join([sum_, *(_chance(asked, p) for p in asked_for)])
    return asked.say("overlap.per_year-sum", sum=words, n=numbers.often(row["per_year"], asked.lang, digits=3))


def _chance(asked: Asked, p: float) -> str:
    return numbers.point(p, "percent", asked.lang, digits=3)


def _counted(asked: Asked, n: int, row: Row) -> Line:
    inputs = tuple(at for line in misfortunes(asked, row["misfortunes"]) for at in line.inputs[:1])
    return Line(Misfortunes(asked.names).overlap(row), (numbers.often(row["per_year"], asked.lang),), inputs, f"overlaps.{n}.per_year")


def _services(asked: Asked, row: Row) -> list[Line]:
    """The services that an overlap stops, the longest first, each with what it waits for."""
    through = (row.get("course") or {}).get("through", {})
    lines = [Line(line.what, (), line.inputs) for line in misfortunes(asked, row["misfortunes"])]
    for id_, hours in sorted(row["hours"].items(), key=lambda x: -x[1]):
        name, parts = asked.names.of(id_), [part for part in through.get(id_, ()) if part != id_]
        waits = asked.names.join([asked.names.of(part) for part in parts], WAYS_NAMED)
        what = asked.say("waits", name=name, parts=waits) if waits else name
        lines.append(Line(what, (numbers.point(hours, "hours", asked.lang),), asked.of("components", id_, "tolerance.serves")))
    return lines


def _meanwhile(asked: Asked, row: Row, out: Mapping[str, float]) -> list[Line]:
    """Services that are out until their standbys have taken over, each with what it waits for, and how long a take-over takes."""
    through = (row.get("course") or {}).get("through", {})
    standing = {of for of, _, kind in asked.result["graph"]["needs"] if kind == "standby"}
    lines = []
    for id_, hours in sorted(out.items(), key=lambda x: -x[1]):
        name, parts = asked.names.of(id_), [part for part in through.get(id_, ()) if part != id_]
        waits = asked.names.join([asked.names.of(part) for part in parts], WAYS_NAMED)
        below = [part for part in parts if part in standing] or [part for part in needed(asked, [id_], standbys=True) if part in standing]
        takes = tuple(at for part in below for at in asked.of("components", part, r"(start|break_glass)\."))
        inputs = (*takes, *asked.of("components", id_, "tolerance.serves"))
        what = asked.say("waits", name=name, parts=waits) if waits else name
        lines.append(Line(what, (numbers.point(hours, "hours", asked.lang),), inputs))
    return lines


def _money(asked: Asked, value: float) -> str:
    kind, currency = ("money", asked.result["currency"]) if asked.result["money"] else ("count", None)
    return numbers.point(value, kind, asked.lang, currency, digits=3)


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
    whole, lines = row["cost"]["value"] or 1.0, []
    for id_, one in sorted(row["by_service"].items(), key=lambda x: -x[1]["cost"]):
        if one["cost"] <= 0.0:
            continue
        adds = asked.say("adds", n=_money(asked, one["cost"]), share=numbers.whole_percent(one["cost"] / whole, asked.lang))
        inputs = asked.of("components", id_, "loss") or asked.of("components", id_, "users")
        shown = numbers.point(one["out_h"], "hours", asked.lang, digits=3), adds
        lines.append(Line(asked.names.of(id_), shown, inputs, f"overlaps.{n}.hours"))
    damage = row["cost"]["value"] - sum(one["cost"] for one in row["by_service"].values())
    if damage > LEAST_SHARE * whole:
        inputs = tuple(at for m in row["misfortunes"] if m["what"] == "hazard" for at in asked.of("hazards", m["id"], "costs"))
        lines.insert(0, Line(asked.say("line.damage"), ("", _money(asked, damage)), inputs))
    kind, currency = ("money", asked.result["currency"]) if asked.result["money"] else ("count", None)
    lines.append(total(asked, Whole(row["cost"]["value"], kind, currency), 2))
    lasts = under(asked.say("parts.lasts"), _lasting(asked, row["misfortunes"]))
    said = [asked.say("overlap.cost-is"), asked.say("overlap.cost-plays", n=asked.result["plays"])]
    return Behind(heading, said, [*lines, *lasts], (asked.say("column.out-mean"), asked.say("column.adds")))


def _adds(asked: Asked, n: int, row: Row, which: str, heading: str) -> Behind:
    """What an overlap costs beyond what a smaller one in it brings by itself; that, as often as it comes."""
    lines = [Line(asked.say("overlap.cost"), (_money(asked, row["cost"]["value"]),), (), f"overlaps.{n}.cost")]
    said = [asked.say(f"overlap.{which}-is")]
    if row["beyond"]:
        keys = [(m["what"], m["id"], m["of"]) for m in row["beyond"]]
        inner = next((k for k, other in enumerate(asked.result["overlaps"])
                      if [(m["what"], m["id"], m["of"]) for m in other["misfortunes"]] == keys), None)  # fmt: skip
        name = Misfortunes(asked.names).together(row["beyond"])
        less = row["cost"]["value"] - row["adds"]["value"]
        to = "" if inner is None else f"overlaps.{inner}.cost"
        lines.append(Line(asked.say("line.beyond", name=name), (f"\u2212\u00a0{_money(asked, less)}",), (), to))
    if which == "adds_per_year":
        often = numbers.often(row["per_year"], asked.lang, digits=3)
        first = misfortunes(asked, row["misfortunes"])[0].inputs[:1]
        lines.insert(0, Line(asked.say("overlap.per_year"), (often,), first, f"overlaps.{n}.per_year"))
        adds, year = (_money(asked, row[key]["value"]) for key in ("adds", "adds_per_year"))
        said.insert(0, asked.say("overlap.adds-sum", often=often, adds=adds, year=year))
    lines += [Line(x.what, ("",), x.inputs) for x in misfortunes(asked, row["misfortunes"])]
    return Behind(heading, said, lines, (asked.say("column.value"),))


def _pair(asked: Asked, i: int, j: int) -> Behind | None:
    """Two misfortunes at the same moment: how often each comes, and what both together stop and for how long."""
    pairs, words = asked.result["pairs"], Misfortunes(asked.names)
    both = [pairs["misfortunes"][k] for k in (i, j)]
    hours = (pairs.get("hours") or [[{}] * len(pairs["alone"])] * len(pairs["alone"]))[i][j] or {}
    alone_h = [(pairs.get("hours_alone") or [{}] * len(pairs["alone"]))[k] for k in (i, j)]
    wanted = {(m["what"], m["id"]) for m in both}
    to = next((f"overlaps.{n}.hours" for n, row in enumerate(asked.result["overlaps"])
               if {(m["what"], m["id"]) for m in row["misfortunes"]} == wanted), "")  # fmt: skip
    lines = []
    grows = {id_: h - max(one.get(id_, 0.0) for one in alone_h) for id_, h in hours.items()}
    for id_, h in sorted(hours.items(), key=lambda x: (-grows[x[0]], -x[1])):
        times = [numbers.point(one, "hours", asked.lang) if one else "\u2013" for one in (alone_h[0].get(id_), alone_h[1].get(id_), h)]
        lines.append(Line(asked.names.of(id_), tuple(times), asked.of("components", id_, "loss" if asked.result["money"] else "users"), to))
    lines += under(asked.say("parts.lasts"), _lasting(asked, both))
    come = [m for m in both if m["what"] in ("hazard", "component")]
    lines += under(asked.say("parts.back"), back(asked, list(hours), come)[:WAYS_NAMED])
    alone = [_money(asked, pairs["alone"][k]) for k in (i, j)]
    apart, values = sum(pairs["alone"][k] for k in (i, j)), {"first": words.event(both[0]), "second": words.event(both[1])}
    values |= {"a": alone[0], "b": alone[1], "together": _money(asked, pairs["together"][i][j])}
    times = numbers.point(pairs["together"][i][j] / apart, "number", asked.lang) if apart else ""
    sums = asked.say("pair-sums" if apart else "pair-sums-none", times=times, **values)
    said = [sums, asked.how("pairs"), asked.say("pair-hours" if hours else "pair-nothing")]
    columns = (*(asked.say("column.only", name=words.event(m)) for m in both), asked.say("column.both"))
    return Behind(words.together(both), said, lines, columns)


def _lasting(asked: Asked, rows: Iterable[Row]) -> list[Line]:
    """Misfortunes by name, with what decides how long they stay and how likely each effect is; not how often they come."""
    words, lines = Misfortunes(asked.names), []
    for m in rows:
        group, name, inside = own_input(m)
        if m["per_year"] is None:
            lines.append(Line(words.event(m), (), asked.of(group, name, inside) or asked.of(group, name)))
            continue
        times = asked.every(group, name, r"(start|repair)\.|count" if group == "components" else f".*chance|{TIMES}")
        lines.append(Line(asked.say("line.lasts", name=words.event(m)), (), times))
    return [line for line in lines if line.inputs]


def _lost(asked: Asked, row: Row, which: str) -> Behind | None:
    if row["what"] == "team":
        name, parts = asked.names.of(row["id"], "team"), row["unmended"]
        lines = [Line(asked.names.of(id_), (), asked.of("components", id_, r"(start|repair)\.people")) for id_ in parts]
        said = asked.say("team-lost", n=len(parts), names=asked.names.listed(parts, len(parts)), team=name)
        return Behind(name, [said], lines)
    services = row["meanwhile"] if which == "meanwhile" else row["services"]
    return _stopped(asked, asked.names.of(row["id"], "domain"), services, "lost-alone", _inside(asked, row["id"]), which)


def _stopped(asked: Asked, name: str, services: Sequence[str], section: str, lost: set[str], which: str) -> Behind:
    """The services that stop: for their count each with the needs that lead to what is lost, for their share each with its loss."""
    if which == "share":
        return share_of_losses(asked, name, services, section)
    lines = chains(asked, services, lost)
    every = sum(c["service"] for c in asked.result["graph"]["components"])
    stopped = asked.say("stopped" if services else "stopped-none", name=name, n=len(services), all=every)
    return Behind(name, [stopped, asked.how(section)], lines)


def chains(asked: Asked, services: Iterable[str], lost: set[str]) -> list[Line]:
    """Services that stop, each with the needs that lead from it to something lost."""
    lines = []
    for id_ in services:
        way = _way(asked, id_, lost)
        steps_down = zip(way, way[1:], strict=False)
        needs = tuple(row for part, under in steps_down for row in asked.of("components", part, "(needs|wants)$") if _names(row, under))
        lines.append(Line(asked.say("chain").join(map(asked.names.of, way or [id_])), (), needs))
    return lines


def _names(row: Row, part: str) -> bool:
    """Whether what a part needs or wants, as an input tells it, has another part in it."""
    return part in row["text"].rpartition(": ")[2].split(", ")


def share_of_losses(asked: Asked, name: str, services: Sequence[str], section: str) -> Behind:
    """What an hour of the services that stop costs, beside what an hour of all costs (or how many use them)."""
    rows = {c["id"]: asked.of("components", c["id"], "loss") for c in asked.result["graph"]["components"] if c["service"]}
    if not any(rows.values()):
        rows = {id_: asked.of("components", id_, "users") for id_ in rows}
    mean = {id_: sum(row.get("value") or 0.0 for row in own[:1]) for id_, own in rows.items()}
    money = any(row["kind"] == "money" for own in rows.values() for row in own)
    kind, currency = ("money", asked.result["currency"]) if money else ("count", None)
    dearest = sorted(services, key=lambda id_: -mean[id_])[:MOST_LINES]
    lines = [Line(asked.names.of(id_), (), rows[id_][:1] or asked.of("components", id_, "users")) for id_ in dearest]
    lost, whole = (numbers.point(sum(mean[id_] for id_ in ids), kind, asked.lang, currency, 4) for ids in (services, rows))
    share = numbers.point(sum(mean[id_] for id_ in services) / (sum(mean.values()) or 1.0), "percent", asked.lang)
    return Behind(name, [asked.how(section), asked.say("stopped-share", lost=lost, all=whole, share=share)], lines)


def _inside(asked: Asked, domain: str) -> set[str]:
    """The parts that stand in a place, or in one inside it."""
    graph, places = asked.result["graph"], {domain}
    for _ in graph["domains"]:
        places |= {d["id"] for d in graph["domains"] if places.intersection(d["in"])}
    return {c["id"] for c in graph["components"] if places.intersection(c["in"])}


def _way(asked: Asked, service: str, lost: set[str]) -> list[str]:
    """The shortest way of needs from a service to something lost: mail, mail store, rack power."""
    needs: dict[str, list[str]] = {}
    for source, target, kind in asked.result["graph"]["needs"]:
        if kind in ("run", "want"):
            needs.setdefault(source, []).append(target)
    ways = [[service]]
    for way in ways:  # it grows
        if way[-1] in lost:
            return way
        seen = {id_ for known in ways for id_ in known}
        ways += [[*way, name] for name in needs.get(way[-1], ()) if name not in seen]
    return []


def _rest(asked: Asked, row: Row, own: Sequence[Line]) -> list[str]:
    """How likely something is not to work, of how likely it is to work."""
    for given in (given for line in own for given in line.inputs if given["path"].endswith(".works")):
        if given.get("value") and abs(1.0 - given["value"] - row["p"]) < NEAR_P:
            works = numbers.point(given["value"], "percent", asked.lang, digits=3)
            return [asked.say("chance-not", works=works, n=_chance(asked, row["p"]))]
    return []


def _importance(asked: Asked, row: Row, which: str) -> Behind:
    own, name = misfortunes(asked, [row]), Misfortunes(asked.names).event(row)
    if which == "p":
        word = "chance-there" if row["per_year"] else "chance-asked"
        said = [asked.say(f"{word}-is"), *_rest(asked, row, own)]
        if row["per_year"]:
            hours = numbers.point(row["p"] * HOURS_PER_YEAR / row["per_year"], "hours", asked.lang, digits=3)
            often = numbers.often(row["per_year"], asked.lang, digits=3)
            said.insert(0, asked.say("chance-sum", often=often, hours=hours, n=_chance(asked, row["p"])))
        return Behind(asked.titled(asked.say(word), name), said, own, (asked.say("column.often"),))
    if which in ("share", "by_service") and row.get("by_service"):
        return _weighed(asked, row, name, own)
    service = asked.names.of(row["service"])
    sum_ = _compared(asked, row, which)
    said = [*([sum_] if sum_ else []), asked.how("importance"), asked.say("importance-others", service=service)]
    lines = [Line(line.what, (*line.shown, ""), line.inputs) for line in own] + _sets(asked, row["service"], "share_of_time")
    known = f"overlaps.column.{which}"
    heading = asked.titled(asked.say("column-of", column=say(known, asked.lang)), name) if has(known, asked.lang) else name
    return Behind(heading, said, lines, (asked.say("column.often"), asked.say("column.adds")))


def _weighed(asked: Asked, row: Row, name: str, own: Sequence[Line]) -> Behind:
    """The share of a misfortune in all time out, each service weighed by its loss an hour (or its users): service by service."""
    whole = Whole(row["share"], "percent")
    inside = r"loss\.rate" if asked.result["money"] else "users"
    lines = [
        Line(asked.names.of(id_), ("", whole.adds(part / (row["share"] or 1.0), asked.lang)),
             asked.of("components", id_, inside) or asked.of("components", id_, "loss"), f"services.{n}.share_of_time")
        for id_, part in sorted(row["by_service"].items(), key=lambda x: -x[1])
        for n in (next(k for k, s in enumerate(asked.result["services"]) if s["id"] == id_),) if part > EVERYTHING * row["share"]
    ]  # fmt: skip
    first = [Line(line.what, (*line.shown, ""), line.inputs) for line in own]
    said = [asked.say("importance-share", share=numbers.whole_percent(row["share"], asked.lang)), asked.how("importance")]
    return Behind(name, said, [*first, *lines], (asked.say("column.often"), asked.say("column.adds")))


def _compared(asked: Asked, row: Row, which: str) -> str:
    """How a measure of importance follows from the chances that a service is out; "" where it is none of these."""
    out = next((s["share_of_time"] for s in asked.result["services"] if s["id"] == row["service"]), 0.0)
    shown = {"service": asked.names.of(row["service"]), "out": _chance(asked, out)}
    if which == "raw" and out:
        there = _chance(asked, min(1.0, row["raw"] * out))
        return asked.say("importance-raw", there=there, n=numbers.point(row["raw"], "number", asked.lang), **shown)
    if which == "rrw" and row["rrw"]:
        without = _chance(asked, out / row["rrw"])
        return asked.say("importance-rrw", without=without, n=numbers.point(row["rrw"], "number", asked.lang), **shown)
    if which == "fussell_vesely" and out:
        without = _chance(asked, out * (1.0 - row["fussell_vesely"]))
        return asked.say("importance-fv", without=without, n=numbers.whole_percent(row["fussell_vesely"], asked.lang), **shown)
    return ""


def _sets(asked: Asked, service: str, which: str) -> list[Line]:
    """The overlaps that stop a service, each with what it adds to how often, or for what share of the time, it is out; the most first."""
    row = next(s for s in asked.result["services"] if s["id"] == service)
    whole = Whole(row[which], "per_year" if which == "per_year" else "percent")
    found = []
    for n, one in enumerate(asked.result["overlaps"]):
        if service in one["stops"]:
            amount = one["per_year"] if which == "per_year" else _time_of(one, row)
            found.append((amount / whole.value if whole.value else 0.0, n, one))
    lines, found = [], sorted(found, key=lambda x: -x[0])
    told = [x for k, x in enumerate(found[:MOST_LINES]) if k == 0 or x[0] > EVERYTHING]
    for share, n, one in told:
        shown = numbers.often(one["per_year"], asked.lang), whole.adds(share, asked.lang)
        inputs = {at["path"]: at for line in misfortunes(asked, one["misfortunes"]) for at in line.inputs[:1]}
        inputs |= {} if which == "per_year" else {at["path"]: at for line in _lasting(asked, one["misfortunes"]) for at in line.inputs}
        lines.append(Line(Misfortunes(asked.names).overlap(one), shown, tuple(inputs.values()), f"overlaps.{n}.per_year"))
    lines += [Line(asked.say("line.other-sets", n=len(found) - len(told)), ("", ""))] if found[len(told) :] else []
    exact = Line(asked.say("line.exactly"), ("", whole.amount(1.0, asked.lang)))
    return [*lines, exact] if lines else []


def _time_of(one: Row, service: Row) -> float:
    """The share of time that a set keeps a service out: what comes is there for as long as it keeps this service out by itself."""
    share = 1.0
    for m in one["misfortunes"]:
        hours = service["out_h"].get(m["id"]) if m["per_year"] is not None else None
        share *= m["p"] if hours is None else -math.expm1(-m["per_year"] * hours / HOURS_PER_YEAR)
    return share


def _service(asked: Asked, id_: str, which: str) -> Behind:
    what = say(f"overlaps.column.{'often' if which == 'per_year' else 'share-of-time'}", asked.lang)
    of = "per_year" if which == "per_year" else "share_of_time"
    lines = _sets(asked, id_, of)
    heading, columns = asked.titled(what, asked.names.of(id_)), (asked.say("column.often"), asked.say("column.adds"))
    how = asked.say("sets-often") if of == "per_year" else asked.how("services")
    row = next(s for s in asked.result["services"] if s["id"] == id_)
    band = numbers.band(row, "percent", asked.lang) if of != "per_year" and row.get("band") else ""
    said = [asked.say(f"sets-{of}" if lines else "sets-none"), how, *([asked.say("band-is", range=band)] if band else [])]
    return Behind(heading, said, lines, columns)


def _taking_over(asked: Asked, id_: str) -> Behind:
    """The sets that stop a service only until a standby has taken over, each with how often and how long."""
    words, lines = Misfortunes(asked.names), []
    for n, row in enumerate(asked.result["taking_over"]):
        if id_ in row["hours"]:
            shown = numbers.often(row["per_year"], asked.lang), numbers.point(row["hours"][id_], "hours", asked.lang)
            inputs = tuple(at for line in misfortunes(asked, row["misfortunes"]) for at in line.inputs[:1])
            lines.append(Line(words.overlap(row), shown, inputs, f"taking_over.{n}.per_year"))
    heading = asked.titled(asked.say("taking-over"), asked.names.of(id_))
    columns = asked.say("column.often"), asked.names.say("column.down_for")
    every = sum(row["per_year"] for row in asked.result["taking_over"] if id_ in row["hours"])
    longest = max((row["hours"][id_] for row in asked.result["taking_over"] if id_ in row["hours"]), default=0.0)
    summed = Line(asked.say("line.total-longest"), (numbers.often(every, asked.lang), numbers.point(longest, "hours", asked.lang)))
    return Behind(heading, [asked.how("taking-over")], [*lines[:MOST_LINES], *([summed] if lines[1:] else [])], columns)


def _standbys(asked: Asked) -> Behind:
    """The standbys that take time, the slowest first, each with the inputs of how long its start takes."""
    slow = sorted(asked.result["standbys"], key=lambda row: -(row["takes_h"] or 0.0))
    lines = [
        Line(asked.names.of(row["id"]), ("" if row["takes_h"] is None else numbers.point(row["takes_h"], "hours", asked.lang),),
             asked.of("components", row["id"], r"start\.(takes|detect|decide|switch|work|people)"))
        for row in slow[:MOST_LINES]
    ]  # fmt: skip
    return Behind(asked.say("standbys"), [asked.say("standbys-is")], lines, (asked.say("column.takes"),))


def _minimal(asked: Asked, id_: str) -> Behind:
    """The smallest sets that stop a service, as far as they are told."""
    words = Misfortunes(asked.names)
    mine = [(n, row) for n, row in enumerate(asked.result["overlaps"]) if id_ in row["stops"]]
    mine.sort(key=lambda x: len(x[1]["misfortunes"]))
    lines = [
        Line(words.overlap(row), (numbers.often(row["per_year"], asked.lang),),
             tuple(at for line in misfortunes(asked, row["misfortunes"]) for at in line.inputs[:1]), f"overlaps.{n}.per_year",
             asked.say("minimal-size", k=len(row["misfortunes"])))
        for n, row in mine[:MOST_LINES]
    ]  # fmt: skip
    known = next(s["minimal"] for s in asked.result["services"] if s["id"] == id_)
    sizes = range(1, 1 + max(map(int, known), default=0))
    sized = [asked.say("minimal-of", k=k, n=known.get(str(k), 0)) for k in sizes]
    said = [*([say("report.list.comma", asked.lang).join(sized)] if sized else []), asked.say("minimal-is")]
    said += [asked.say("minimal-more")] if len(mine) > MOST_LINES else []
    columns = (asked.say("column.often"),)
    return Behind(asked.titled(asked.say("minimal"), asked.names.of(id_)), said, lines, columns)
