"""What stands behind the numbers of a plan: what defences cost, what losses begin with, and settings that somebody chose."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import LEAST_SHARE, Asked, Behind, Line, setting, under
from blackstart.report.behind.causes import EVERYTHING, MOSTLY, Whole, back, causes, course, one, total, touched_by
from blackstart.report.behind.needs import struck_by, tie
from blackstart.report.behind.overlaps import cost_by_service, lengths, misfortunes, there
from blackstart.report.behind.stopping import chains
from blackstart.report.misfortunes import Misfortunes
from blackstart.report.origins import changed_by
from blackstart.units import HOURS_PER_YEAR, write_number

Row = Mapping[str, Any]
# settings of a plan: the option that changes each, and what it is unless somebody says otherwise (a test holds them to the command)
SETTINGS: Mapping[str, tuple[str, float]] = {
    "years": ("--over", 10.0), "discount": ("--discount", 0.0), "gross": ("--gross", 3.0), "accepted_years": ("--accept", 100.0),
    "tail_years": ("--tail", 100.0), "worlds": ("--worlds", 40), "samples_per_world": ("--samples", 10), "most": ("--most", 2000),
    "seed": ("--seed", 1),
}  # fmt: skip
DERIVED = ("fresh_worlds", "fresh_samples_per_world", "fresh_seed", "depth", "fresh_depth")  # settings that follow from others
_SHARES: Mapping[str, tuple[str, ...]] = {
    "user_hours_per_year": ("users_share",), "long_per_year": ("longer_shares", "24h"), "hours_per_year": ("downtime_share",),
}  # fmt: skip
_SEARCHED = ("gap", "sure_gap", "share", "pairs", "worse", "most", "worth_to")  # numbers of the search with a heading of their own
SURE = 2.0  # times its error: from here on a loss that grows is given a cause
MOST_DIGITS = 9  # of two losses that are told apart
WORTH = 0.05  # of a sum: from here on it is told how what a cause breaks comes back
BACK = 5  # parts of the way back told behind a step
GAPS = 8  # costs at which it is told what may have been passed over
_COSTS = ("once", "yearly", "cost")
_AMOUNTS: Mapping[str, tuple[str, str]] = {  # numbers of a portfolio: what causes add to each, and its kind
    "loss_per_year": ("loss", "money"), "avoided_per_year": ("loss", "money"), "user_hours_per_year": ("user_hours", "count"),
    "long_per_year": ("long", "per_year"),
}  # fmt: skip


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    result = asked.result
    match keys:
        case ["asked", key] | ["provenance", "study", key] if key in SETTINGS or key in DERIVED:
            value = result["asked"][key] if keys[0] == "asked" else result["provenance"]["study"][key]
            return setting(asked, str(key), value, *SETTINGS.get(str(key), ("", None)))
        case ["options", int(n), *inner]:
            return _option(asked, result["options"][n], str(inner[0]) if inner else "cost")
        case ["frontier", "points", int(n), *inner]:
            return _portfolio(asked, result["frontier"]["points"][n], str(inner[0]) if inner else "cost")
        case ["chart", str(n)]:
            return _drawn(asked, int(n))
        case ["frontier", *inner]:
            return _frontier(asked, [str(key) for key in inner])
        case ["reading", ("chosen" | "within") as which, *inner] if result["reading"].get(which):
            return _portfolio(asked, result["reading"][which], str(inner[0]) if inner else "cost")
        case ["reading", ("pays" | "bought" | "left_out") as table, int(n), *inner]:
            return _step(asked, table, result["reading"][table][n], str(inner[0]) if inner else "cost")
        case ["reading", "halvings", "now"]:
            return _portfolio(asked, result["frontier"]["points"][0], "long_per_year")
        case ["reading", ("halvings" | "nines" | "tolerance") as table, *inner]:
            return _reading(asked, table, inner)
        case ["reading", "schedule", int(n), *_]:
            return _schedule(asked, result["reading"]["schedule"][n])
        case ["reading", "waiting_a_year", "avoided"] if result["reading"]["chosen"]:
            return _portfolio(asked, result["reading"]["chosen"], "avoided_per_year")
        case ["reading", "waiting_a_year", *_]:
            return _losses(asked, asked.say("plan.waiting"), asked.how("steps"), ("loss_share",))
        case ["total", *_]:
            return _portfolio(asked, result["frontier"]["points"][0], "loss_per_year")
        case ["causes", int(n), *_]:
            return one(asked, result["causes"][n])
        case ["beside", *inner] if result.get("beside"):
            return _beside(asked, inner)
    return None


def _costs(asked: Asked, ids: Iterable[str], dropped: Collection[str] = ()) -> list[Line]:
    """What defences cost: each by name, over the years, with what it costs once and a year; of those that are dropped what is saved."""
    known = {o["id"]: o for o in asked.result["options"]}
    shown = {id_: _worked_out(asked, known[id_]) if id_ in known else "" for id_ in ids}
    sign = dict.fromkeys(dropped, "\u2212\u00a0")
    lines = [
        Line(sign.get(id_, "") + asked.names.of(id_, "defence"), (f"{sign[id_]}({money})" if id_ in sign else money,),
             asked.of("defences", id_, "costs"))
        for id_, money in shown.items()
    ]  # fmt: skip
    if len(lines) < 2 or not shown.keys() <= known.keys():
        return lines
    whole = sum(known[id_]["cost"] * (-1.0 if id_ in sign else 1.0) for id_ in shown)
    return [*lines, Line(asked.say("line.total"), (_exactly(asked, whole),))]


def _worked_out(asked: Asked, row: Row) -> str:
    """What a defence costs over the years, of what it costs once and in a year."""
    cost = _exactly(asked, row["cost"])
    if not row["yearly"]:
        return cost
    years = numbers.point((row["cost"] - row["once"]) / row["yearly"], "number", asked.lang, digits=3)
    once, yearly = (_exactly(asked, row[key], 4) for key in ("once", "yearly"))  # a digit more than what they add up to
    return asked.say("plan.cost-sum" if row["once"] else "plan.cost-years", once=once, yearly=yearly, years=years, cost=cost)


def _money(asked: Asked, value: float) -> str:
    return numbers.point(value, "money", asked.lang, asked.result["currency"])


def _cost_said(asked: Asked) -> str:
    years = numbers.count(asked.result["asked"]["years"], asked.lang)
    discount = numbers.point(asked.result["asked"]["discount"], "percent", asked.lang)
    return asked.say("plan.cost-is", years=years, discount=discount)


def _cost(asked: Asked, heading: str, ids: Sequence[str], dropped: Collection[str] = ()) -> Behind:
    said = _cost_said(asked) if ids else asked.say("plan.nothing-bought")
    return Behind(heading, [said], _costs(asked, ids, dropped), (asked.say("column.cost"),))


def _losses(asked: Asked, heading: str, said: str, share: Sequence[str], ids: Sequence[str] = ()) -> Behind:
    """What a loss, or time out, begins with as things are, and which defences are counted as there."""
    services = [c["id"] for c in asked.result["graph"]["components"] if c["service"]]
    rows, changes = asked.result.get("causes") or (), [row for id_ in ids for row in asked.every("defences", id_, "change")]
    lines = causes(asked, rows, share, touched=touched_by(asked, rows, changes))
    things = [one["thing"] for row in changes for one in changed_by(row)]
    changed = {asked.names.of(name, "hazard") for group, name in things if group == "hazards"}
    lines = [replace(x, what=asked.say("plan.touched", name=x.what)) if x.what in changed else x for x in lines]
    begin = asked.say("plan.causes-now" if lines else "causes-none")
    if share == ("loss_share",):
        costs = [Line(line.what, ("", ""), line.inputs) for line in asked.costs_of(services) if line.inputs]
        lines = under(asked.say("parts.causes"), lines) + under(asked.say("parts.an-hour"), costs)
    elif share == ("users_share",):
        users = {id_: asked.of("components", id_, "users") for id_ in services}
        lines += [Line(asked.names.of(id_), ("", ""), found) for id_, found in users.items() if found]
    brought = [_brings(asked, id_) for id_ in ids]
    lines = [*under(asked.say("parts.brings"), [line for line in brought if line.inputs]), *lines]
    more = [asked.say("plan.with", names=asked.names.listed(ids, 9, "defence"))] if ids else []
    return Behind(heading, [begin, said, *more], lines, (asked.cause_head[0], asked.say("column.share-now")))


def _brings(asked: Asked, id_: str, dropped: bool = False) -> Line:
    """The inputs that a defence changes, all of which stand in a panel of their own; of one that is given up what it changed."""
    name = asked.names.of(id_, "defence")
    said = asked.say("plan.brought" if dropped else "plan.brings", name=name)
    return Line(said, ("", ""), asked.every("defences", id_, "change"), at=f"bringing.{id_}")


def _option(asked: Asked, row: Row, which: str) -> Behind:
    name = asked.names.of(row["id"], "defence")
    if which == "takes_h":
        takes = Line(name, (), asked.of("defences", row["id"], "takes"))
        return Behind(asked.titled(asked.say("plan.takes"), name), [asked.how("schedule")], [takes])
    what = asked.say(f"plan.{which if which in _COSTS else 'cost'}")
    inside = {"once": r"costs\.once", "yearly": r"costs\.yearly"}.get(which, "costs")
    said = [_cost_said(asked)] if which not in ("once", "yearly") else [asked.how("options")]
    found = asked.of("defences", row["id"], inside)
    unstated = [] if found else [asked.say("plan.unstated")]
    shown = _worked_out(asked, row) if which not in ("once", "yearly") else _exactly(asked, row[which])
    lines = [Line(name, (shown,), found or asked.of("defences", row["id"]))]
    if which not in ("once", "yearly"):
        years = write_number(asked.result["asked"]["years"], 6)
        lines.append(Line(asked.say("setting-name.years"), (years,), (), "asked.years"))
    return Behind(asked.titled(what, name), [*said, *unstated], lines, (asked.say(f"plan.{which if which in _COSTS else 'cost'}"),))


def _portfolio(asked: Asked, row: Row, which: str) -> Behind:
    name = asked.names.listed(row["with"], 9, "defence") if row["with"] else asked.say("plan.nothing")
    if which in ("with", *_COSTS):
        found = _cost(asked, asked.titled(asked.say(f"plan.{'count' if which == 'with' else which}"), name), row["with"])
        return replace(found, said=[*_counted(asked, row), *found.said]) if which == "with" else found
    which = "loss_per_year" if which == "objective" and asked.result["asked"]["objective"] == "loss" else which
    key = which if which in _SHARES else "avoided_per_year" if which.startswith("avoided") else "loss_per_year"
    heading = asked.titled(asked.say(f"plan.{key}"), name)
    if key in _AMOUNTS and row.get("by_cause"):
        return _added_up(asked, heading, row, key)
    return _losses(asked, heading, asked.how("frontier"), _SHARES.get(which, ("loss_share",)), row["with"])


def _counted(asked: Asked, row: Row) -> list[str]:
    """How many defences a portfolio has, and how that follows from the row of the page before it."""
    points, ids = asked.result["frontier"]["points"], set(row["with"])
    n = next((n for n, point in enumerate(points) if point is row), 0)
    if not n or not ids:
        return []
    before = set(points[n - 1]["with"])
    said = {"n": len(ids), "before": len(before), "add": len(ids - before), "drop": len(before - ids)}
    return [asked.say("plan.count-is" if said["drop"] else "plan.count-adds", **said)]


def _drawn(asked: Asked, n: int) -> Behind:
    """A point of the picture: what a portfolio costs and what is lost with it, both over the years that are counted."""
    point = asked.result["frontier"]["points"][n]
    years, loss = asked.result["asked"]["years"], point["loss_per_year"]["value"]
    shown = {"years": write_number(years, 6), "a_year": _exactly(asked, loss), "loss": _exactly(asked, loss * years)}
    error = _exactly(asked, (point["loss_per_year"]["standard_error"] or 0.0) * years)
    cost = {"once": _exactly(asked, point["once"]), "yearly": _exactly(asked, point["yearly"]), "cost": _exactly(asked, point["cost"])}
    said = [
        asked.say("plan.drawn-loss", error=error, **shown), asked.say("plan.drawn-cost", years=shown["years"], **cost),
        asked.say("plan.adds-up"),
    ]
    name = asked.names.listed(point["with"], 9, "defence") if point["with"] else asked.say("plan.nothing")
    if point["with"]:
        said.append(_from_the_first_day(asked, loss))
    found = _portfolio(asked, point, "loss_per_year")
    years_of = Line(asked.say("setting-name.years"), ("",) * (len(found.head) - 1) + (shown["years"],), (), "asked.years")
    first = [
        Line(asked.say("plan.loss_per_year"), ("",) * (len(found.head) - 1) + (shown["a_year"],), (), f"frontier.points.{n}.loss_per_year"),
        Line(asked.say("plan.cost"), ("",) * (len(found.head) - 1) + (cost["cost"],), (), f"frontier.points.{n}.cost"),
        years_of,
    ]  # fmt: skip
    return Behind(asked.titled(asked.say("plan.drawn", **shown), name), said, [*first, *found.lines], found.head)


def _from_the_first_day(asked: Asked, loss: float) -> str:
    """That the picture counts all years, and the steps only those from the day on which all of a step is there."""
    years, now = asked.result["asked"]["years"], asked.result["frontier"]["points"][0]["loss_per_year"]["value"]
    amounts = {key: _exactly(asked, x) for key, x in (("now", now), ("then", loss), ("less", now - loss), ("all", (now - loss) * years))}
    later = {"rest": write_number(years - 1.0, 6), "late": _exactly(asked, (now - loss) * (years - 1.0))}
    return asked.say("plan.drawn-days", years=write_number(years, 6), **amounts, **later)


def _added_up(asked: Asked, heading: str, row: Row, key: str) -> Behind:
    """A number of a portfolio by what episodes begin with: what each adds as things are and with it, or how much less that is."""
    of, kind = _AMOUNTS[key]
    base = asked.result["frontier"]["points"][0]
    was, then = ({(c["what"], c["id"]): c[of] for c in point["by_cause"]} for point in (base, row))
    less, ids = key.startswith("avoided"), row["with"]
    values = {name: was.get(name, 0.0) - then.get(name, 0.0) if less else then.get(name, 0.0) for name in {**was, **then}}
    whole = Whole(sum(values.values()), kind, asked.result["currency"] if kind == "money" else None)
    before = {name: whole.amount(value / whole.value, asked.lang) for name, value in was.items()} if ids and whole.value else {}
    summed = key in ("loss_per_year", "avoided_per_year")
    now = {(c["what"], c["id"]): _each_time(asked, c, of, whole) for c in base["by_cause"]}
    lines = under(asked.say("parts.causes"), _by_cause(asked, values, whole, before, ids, now=now))
    of_services = _of_services(asked, row, base if less else None, key, whole, bool(ids))
    lines += under(asked.say("parts.services" if summed else "line.own-all"), of_services)
    lost = base["by_service"], row["by_service"]
    saved = [lost[0].get(id_, 0.0) - lost[1].get(id_, 0.0) for id_ in {**lost[0], **lost[1]}] if summed else []
    harmed = _harmed(asked, whole.value, values.values(), saved, row.get(key)) if less else []
    more = {"per_year": "plan.adds-often", "count": "plan.user-hours-is"}.get(kind)
    said = [asked.say("plan.adds-up"), *([asked.say(more)] if more else []), *harmed, asked.how("frontier")]
    if ids:
        said.append(asked.say("plan.with", names=asked.names.listed(ids, 9, "defence")))
    columns = (asked.say("column.now"), asked.say("column.less" if less else "column.with")) if ids else (asked.say("column.adds"),)
    return Behind(heading, said, lines, columns)


def _by_cause(asked: Asked, values: Mapping[tuple[str, str], float], whole: Whole, before: Mapping[tuple[str, str], str],
              ids: Sequence[str], dropped: Collection[str] = (),
              now: Mapping[tuple[str, str], str] | None = None) -> list[Line]:  # fmt: skip
    """What each cause adds to a number, the most first; below it what defences change that does something about it.

    before : what each adds as things are, for a column of its own; none where that is the number itself
    dropped : defences that are given up
    now : the name of each with what it brings each time that it comes, as things are
    """
    rows = {(c["what"], c["id"]): c for c in asked.result.get("causes") or ()}
    changes = {id_: asked.every("defences", id_, "change") for id_ in ids}
    touches = {id_: touched_by(asked, rows.values(), found) for id_, found in changes.items() if found}
    lines, told = [], 0.0
    for name, value in sorted(values.items(), key=lambda x: -abs(x[1])):
        share = value / whole.value if whole.value else 0.0
        if abs(share) < LEAST_SHARE:
            continue
        what, id_ = name
        row = rows.get(name, {"what": what, "id": id_})
        inputs = course(asked, row) if told < MOSTLY else asked.rate(row)
        shown = (*((before.get(name, ""),) if before else ()), whole.adds(share, asked.lang))
        to = next((f"causes.{n}" for n, c in enumerate(asked.result.get("causes") or ()) if (c["what"], c["id"]) == name), "")
        lines.append(Line((now or {}).get(name) or asked.names.of(id_, what), shown, inputs, to))
        mine = [defence for defence, reached in touches.items() if id_ in reached]
        lines += [_brings(asked, defence, defence in dropped) for defence in mine]
        touches = {defence: reached for defence, reached in touches.items() if defence not in mine}
        told += abs(share)
    brought = (_brings(asked, defence, defence in dropped) for defence in touches)
    return [*lines, *brought, total(asked, whole, 2 if before else 1)]


def _each_time(asked: Asked, row: Row, of: str, whole: Whole) -> str:
    """A cause with how often it comes, and how likely then is what is counted, or how much of it it then adds, with its error."""
    name, per_year = asked.names.of(row["id"], row["what"]), row.get("per_year")
    if not row[of] or not per_year:
        return name
    often = numbers.often(per_year, asked.lang, digits=3)
    each, error = row[of] / per_year, row[f"{of}_error"] / per_year
    kind = "percent" if whole.kind == "per_year" else whole.kind
    estimate = {"value": each, "standard_error": error}
    shown = numbers.write(estimate, kind, asked.lang, whole.currency)
    return asked.say("plan.out-of" if whole.kind == "per_year" else "plan.each-time", name=name, often=often, each=shown)


def _of_services(asked: Asked, row: Row, base: Row | None, key: str, whole: Whole, before: bool) -> list[Line]:
    """What each service adds to a loss, or, of other numbers, its users or from which share on it counts as up."""
    blank = ("",) * before
    if key in ("loss_per_year", "avoided_per_year"):
        lost = row["by_service"]
        adds = {s: base["by_service"].get(s, 0.0) - lost.get(s, 0.0) for s in base["by_service"]} if base else lost
        return _services_add(asked, adds, whole, blank)
    services = [c["id"] for c in asked.result["graph"]["components"] if c["service"]]
    inside = "users" if key == "user_hours_per_year" else "tolerance.serves"
    return [Line(asked.names.of(s), (*blank, ""), found) for s in services if (found := asked.of("components", s, inside))]


def _services_add(asked: Asked, adds: Mapping[str, float], whole: Whole, blank: tuple[str, ...]) -> list[Line]:
    """What each service adds, the most first, losses by a defence last, and what is the damage of the misfortunes themselves."""
    if not whole.value:
        return []
    shares = {id_: value / whole.value for id_, value in sorted(adds.items(), key=lambda x: -x[1])}
    told = {id_: (*blank, whole.adds(share, asked.lang)) for id_, share in shares.items() if abs(share) > EVERYTHING}
    names = {id_: asked.say("line.of-service", name=asked.names.of(id_)) for id_ in told}
    lines = [Line(names[id_], shown, asked.of("components", id_, "loss")) for id_, shown in told.items()]
    damage = 1.0 - sum(shares.values())
    if abs(damage) > EVERYTHING:
        costs = tuple(row for c in asked.result["causes"] if c["what"] == "hazard" for row in asked.of("hazards", c["id"], "costs"))
        lines.append(Line(asked.say("line.damage"), (*blank, whole.adds(damage, asked.lang)), costs))
    return [*lines, total(asked, whole, len(blank) + 1)]


def _step(asked: Asked, table: str, row: Row, which: str) -> Behind:
    ids = [*row.get("add", ()), *row.get("drop", ())] or [row["id"]]
    name = asked.names.listed(row.get("add") or ids, 9, "defence")
    if which == "cost":
        return _cost(asked, asked.titled(asked.say("plan.cost"), name), ids, row.get("drop", ()))
    section = {"pays": "steps", "left_out": "left-out"}.get(table, table)
    if row.get("by_cause"):
        less = _less(asked, row, ids)
    else:
        less = _losses(asked, "", asked.how(section), ("loss_share",), ids)
    if which == "avoided":
        return Behind(asked.titled(asked.say("plan.avoided"), name), [*less.said, asked.how("steps")], less.lines, less.head)
    width = len(less.head)
    lines = [Line(line.what, (*line.shown, *[""] * (width - 1)), line.inputs) for line in _costs(asked, ids, row.get("drop", ()))]
    lines = under(asked.say("plan.cost"), lines)
    said = [asked.say("plan.ratio-is"), _cost_said(asked), *less.said]
    if row["ratio"] is not None:
        said.insert(0, _ratio_sum(asked, row))
        said[1:1] = _ratio_error(asked, row)
    first = asked.say("column.cost-or-less") if row.get("by_cause") else asked.say("column.cost-or-often")
    return Behind(asked.titled(asked.say("plan.ratio"), name), said, [*lines, *less.lines], (first, *less.head[1:]))


def _ratio_sum(asked: Asked, row: Row) -> str:
    """A ratio of cost to benefit as it is worked out, and as the page writes it where that has fewer digits."""
    cost, avoided = (_exactly(asked, x) for x in (row["cost"], row["avoided"]["value"]))
    shown, ratio = (numbers.point(row["ratio"], "number", asked.lang, digits=digits) for digits in (2, 3))
    sum_ = asked.say("plan.ratio-sum", cost=cost, avoided=avoided, ratio=ratio)
    return sum_ if shown == ratio else asked.say("plan.ratio-written", sum=sum_, shown=shown)


def _ratio_error(asked: Asked, row: Row) -> list[str]:
    """Between what a ratio of cost to benefit may be for the error of the benefit, which alone has one."""
    avoided, error = row["avoided"]["value"], row["avoided"]["standard_error"] or 0.0
    if not error or avoided <= 0.0:
        return []
    low, high = (numbers.point(row["cost"] / x, "number", asked.lang) if x > 0.0 else "" for x in (avoided + error, avoided - error))
    return [asked.say("plan.ratio-error" if high else "plan.ratio-error-open", error=_exactly(asked, error), low=low, high=high)]


def _less(asked: Asked, row: Row, ids: Sequence[str]) -> Behind:
    """What a step avoids over the years, by what episodes begin with and by service."""
    values = {(c["what"], c["id"]): c["loss"] for c in row["by_cause"]}
    whole = Whole(sum(values.values()), "money", asked.result["currency"])
    lines = under(asked.say("parts.causes"), _by_cause(asked, values, whole, {}, ids, row.get("drop", ())))
    lines += under(asked.say("parts.services"), _services_add(asked, row["by_service"], whole, ()))
    takes = [Line(asked.say("setting-name.years"), (write_number(asked.result["asked"]["years"], 6),), (), "asked.years")]
    takes += _takes(asked, row.get("add") or ids)
    lines += under(asked.say("plan.there"), takes)
    most = sorted(row["by_cause"], key=lambda c: -abs(c["loss"]))[:2]
    causes_of = [{"what": c["what"], "id": c["id"]} for c in most if abs(c["loss"]) >= WORTH * abs(whole.value)]
    lines += under(asked.say("parts.back"), _mended(asked, ids, [*row["by_service"]], causes_of))
    lines += under(asked.say("parts.rests-on"), _both(asked, row))
    said = [_over_years(asked, row["years"], whole), *_was_and_then(asked, row)]
    said += [asked.say("plan.adds-up"), *_harmed(asked, whole.value, values.values(), row["by_service"].values(), row["avoided"])]
    return Behind("", said, lines, (asked.say("column.less"),))


def _takes(asked: Asked, ids: Sequence[str]) -> list[Line]:
    """How long each of some defences takes to be there, and which of them it waits for."""
    first, lines = {o["id"]: o.get("requires", ()) for o in asked.result["options"]}, []
    for id_ in ids:
        what = asked.titled(asked.say("plan.takes"), asked.names.of(id_, "defence"))
        if before := [name for name in first.get(id_, ()) if name in ids]:
            what = asked.say("plan.takes-after", what=what, names=asked.names.listed(before, 9, "defence"))
        if found := asked.of("defences", id_, "takes"):
            lines.append(Line(what, (), found))
    return lines


def _over_years(asked: Asked, years: float, whole: Whole) -> str:
    """What is avoided in the years that are counted: so much a year, from the day on which all of a step is there."""
    total = asked.result["asked"]["years"]
    a_year = numbers.point(whole.value / years, whole.kind, asked.lang, whole.currency, 4) if years else ""  # for a product of three digits
    shown = {"a_year": a_year, "all": whole.amount(1.0, asked.lang),
             "years": numbers.point(years, "number", asked.lang, digits=3)}  # fmt: skip
    if asked.result["asked"]["discount"] or years >= total:
        return asked.say("plan.less-sum", **shown)
    wait = numbers.lead((total - years) * HOURS_PER_YEAR, asked.lang)
    return asked.say("plan.less-sum-wait", total=write_number(total, 6), wait=wait, **shown)


def _was_and_then(asked: Asked, row: Row) -> list[str]:
    """What is lost a year without a step and with it, with the digits that tell them apart, and what is there without it."""
    was, then = row.get("loss_was"), row.get("loss_then")
    if was is None or then is None:
        return []
    amounts = [numbers.point(x, "money", asked.lang, asked.result["currency"], _apart(was, was - then)) for x in (was, then)]
    less = numbers.point(was - then, "money", asked.lang, asked.result["currency"], 3)
    gone = [asked.say("plan.beside-gone", name=asked.names.of(id_, "defence")) for id_ in row.get("drop", ())]
    stays = [asked.names.of(id_, "defence") for id_ in row["beside"] if id_ not in row.get("drop", ())]
    beside = asked.say("plan.beside" if row["beside"] else "plan.beside-nothing", names=asked.names.join([*stays, *gone], 99))
    return [asked.say("plan.was-then", was=amounts[0], then=amounts[1], less=less), beside]


def _both(asked: Asked, row: Row) -> list[Line]:
    """What is lost a year without a step and with it, each leading to what it is made of where that portfolio is told."""
    if row.get("loss_was") is None:
        return []
    there = {*row["beside"]}, ({*row["beside"]} - {*row.get("drop", ())}) | {*(row.get("add") or [row["id"]])}
    lines = []
    for key, ids, value in zip(("was", "then"), there, (row["loss_was"], row["loss_then"]), strict=True):
        n = next((n for n, point in enumerate(asked.result["frontier"]["points"]) if {*point["with"]} == ids), None)
        to = "" if n is None else f"frontier.points.{n}.loss_per_year"
        lines += [Line(asked.say(f"plan.loss-{key}"), (_exactly(asked, value),), (), to)] if to else []
    return lines


def _apart(value: float, less: float) -> int:
    """Digits with which a value and one so much less are told apart."""
    return min(MOST_DIGITS, 3 + max(0, math.ceil(math.log10(abs(value / less))))) if value and less else 3


def _mended(asked: Asked, ids: Iterable[str], services: Sequence[str], causes_of: Sequence[Row]) -> list[Line]:
    """What services come back by: what defences change of it and what teams that they change do, where there is such; else the longest."""
    things = [one["thing"] for id_ in ids for row in asked.every("defences", id_, "change") for one in changed_by(row)]
    teams, changed = ({name for group, name in things if group == one} for one in ("teams", "components"))
    parts = [c["id"] for c in asked.result["graph"]["components"] if c["id"] in changed or teams.intersection(c.get("teams", ()))]
    lines = back(asked, parts, causes_of) if parts else []
    mine = [line for line in lines if any(row["thing"][1] in {*parts, *teams} for row in line.inputs)]
    return (mine or back(asked, services, causes_of))[:BACK]


def _harmed(asked: Asked, whole: float, causes_: Iterable[float], services: Iterable[float], of: Any) -> list[str]:
    """Why some of what is told to be avoided is less than nothing; what the error of the whole may have made is given no cause."""
    told = [*(x for x in causes_ if abs(x) >= LEAST_SHARE * abs(whole)), *(x for x in services if abs(x) > EVERYTHING * abs(whole))]
    least, error = min(told, default=0.0), of["standard_error"] if isinstance(of, Mapping) else 0.0
    return [asked.say("plan.harmed" if -least > SURE * error else "plan.harmed-unsure")] if least < 0.0 else []


def _reading(asked: Asked, table: str, inner: Sequence[str | int]) -> Behind:
    """How much less often something long comes, or is out, and the cheapest way there; limits that are passed."""
    data: Any = asked.result["reading"][table]
    row = data["rows"][inner[1]] if len(inner) > 1 and inner[0] == "rows" and isinstance(inner[1], int) else data.get("kept_by") or {}
    heading = asked.say(f"plan.{table}")
    if inner and inner[-1] in ("cost", "with") and row.get("with"):
        return _cost(asked, heading, row["with"])
    if inner and inner[-1] == "at_least":
        return _search(asked)
    known = next((p for p in asked.result["frontier"]["points"] if row.get("with") is not None and p["with"] == row["with"]), None)
    if known is not None and "long_per_year" in inner:
        return _portfolio(asked, known, "long_per_year")
    if table == "tolerance" and "service" in row:
        promise = "share" in row
        limit = asked.of("components", row["service"], r"tolerance\.uptime" if promise else r"tolerance\.(rto|mtpd)")
        how = asked.how("promise" if promise else table)
        found = _losses(asked, heading, how, ("downtime_share",) if promise else ("longer_shares", "24h"))
        return Behind(heading, found.said, [Line(asked.names.of(row["service"]), ("", ""), limit), *found.lines], found.head)
    share = ("downtime_share",) if table == "nines" else ("longer_shares", "24h")
    found = _losses(asked, heading, asked.how(table), share, row.get("with") or ())
    if "hours" not in inner or "nines" not in row:
        return found
    left = 10.0 ** -row["nines"]
    shown = {"up": write_number(100.0 * (1.0 - left), 12), "share": write_number(100.0 * left, 3),
             "n": numbers.point(row["hours"], "hours", asked.lang), "name": asked.names.of(data["service"]),
             "now": numbers.point(data["now"]["value"], "hours", asked.lang, digits=3)}  # fmt: skip
    return replace(found, said=[asked.say("plan.nines-is", **shown), *found.said])


def _schedule(asked: Asked, row: Row) -> Behind:
    name = asked.names.of(row["id"], "defence")
    lines = [Line(name, (), asked.of("defences", row["id"], "takes|people"))]
    lines += [Line(asked.names.of(team, "team"), (), asked.of("teams", team, "people")) for team in row["people"]]
    lines = [line for line in lines if line.inputs]
    unstated = [] if lines else [asked.say("plan.takes-unstated")]
    return Behind(asked.titled(asked.say("plan.takes"), name), [*unstated, asked.how("schedule")], lines)


def _search(asked: Asked, counted: str = "") -> Behind:
    """How sure it is that nothing better was passed over: what was searched, and the costs it rests on."""
    ids = [o["id"] for o in sorted(asked.result["options"], key=lambda o: -abs(o["cost"]))]
    every = numbers.count(2.0 ** len(ids), asked.lang).strip()
    said = [*([counted] if counted else []), asked.say("plan.search-is", n=len(ids), all=every), _cost_said(asked)]
    return Behind(asked.say("plan.search"), said, _costs(asked, ids), (asked.say("column.cost"),))


def _frontier(asked: Asked, inner: Sequence[str]) -> Behind:
    """A number on how sure the frontier is, each by what it says: counts, what may have been passed over, what bounds the search."""
    f = asked.result["frontier"]
    key = "gap" if inner[:1] == ["gap"] else inner[-1] if inner else "judged"
    heading, objective = asked.say(f"plan.of-{key}") if key in _SEARCHED else "", f["points"][0]["objective"]
    today = Line(asked.say("plan.today"), (_kept(asked, objective),), (), "frontier.today")
    if key == "today":
        return _today(asked, objective)
    if key == "times_as_long":
        return Behind(asked.say("plan.of-times"), [asked.say("plan.is-times", n=write_number(f[key], 3))], [])
    if key in ("judged", "portfolios", "parts", "refused"):
        return _search(asked, asked.say(f"plan.is-{key}", n=f"{f[key]:,}"))
    if key in ("gap", "share", "sure_gap"):
        sure = key == "sure_gap"
        rows = f["sure_gap" if sure else "gap"]
        most = max((row["at_most"] for row in rows), default=0.0)
        share = numbers.point(min(1.0, most / (objective or 1.0)), "percent", asked.lang)
        times = write_number(f.get("times_as_long", 0.0), 3)
        shown = {"gap": _kept(asked, most), "share": share, "today": _kept(asked, objective), "times": times}
        said = [asked.say("plan.is-sure_gap" if sure else "plan.is-gap", **shown)]
        lines = [_gap_at(asked, row) for row in _gaps_told(f["points"], rows)]
        harm = Line(asked.say("plan.gap-harm"), ("", "", _kept(asked, f["harm"]["most"])), (), "frontier.harm.most")
        times = Line(asked.say("plan.of-times"), ("", "", times), (), "frontier.times_as_long")
        columns = (asked.say("plan.gap-best"), asked.say("plan.gap-bound"), asked.say("plan.gap-less"))
        kept = replace(today, shown=("", "", *today.shown))
        return Behind(heading, said, [*lines, times if sure else harm, kept], columns)
    if key in ("pairs", "worse", "most"):
        shown = {"pairs": f"{f['harm']['pairs']:,}", "worse": f"{f['harm']['worse']:,}", "most": _kept(asked, f["harm"]["most"])}
        return Behind(heading, [asked.say("plan.is-harm", **shown)], [today], (asked.say("column.value"),))
    if key == "worth_to":
        gross, years = (write_number(asked.result["asked"][name], 6) for name in ("gross", "years"))
        worth = _exactly(asked, f[key])
        said = [asked.say("plan.is-worth_to", gross=gross, years=years, today=_kept(asked, objective), worth=worth)]
        chosen = [Line(asked.say(f"setting-name.{name}"), (n,), (), f"asked.{name}") for name, n in (("years", years), ("gross", gross))]
        return Behind(heading, said, [today, *chosen], (asked.say("column.value"),))
    return _search(asked, asked.say("plan.is-proven_to", to=_exactly(asked, f["proven_to"])) if key == "proven_to" else "")


def _gaps_told(points: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Rows of a gap told on the page (the largest, and that near the dearest portfolio) among as many others, by cost."""
    if not rows:
        return []
    dearest = max(point["cost"] for point in points)
    last = next((row for row in reversed(rows) if row["cost"] <= dearest), rows[-1])
    told = [*rows[:: max(1, -(-len(rows) // GAPS))], max(rows, key=lambda row: row["at_most"]), last]
    return [row for row in rows if any(row is one for one in told)]


def _gap_at(asked: Asked, row: Row) -> Line:
    """What a portfolio that was not judged may lose less at a cost: the least found there, and the bound below it."""
    what = asked.say("plan.gap-at", cost=_exactly(asked, row["cost"]))
    if "best" not in row:
        return Line(what, ("", "", _kept(asked, row["at_most"])))
    name = asked.names.listed(row["with"], 4, "defence") if row["with"] else asked.say("plan.nothing")
    digits = _apart(row["best"], row["at_most"])
    best, bound = (_kept(asked, x, digits) for x in (row["best"], row["best"] - row["at_most"]))
    return Line(what, (asked.say("plan.gap-found", n=best, name=name), bound, _kept(asked, row["at_most"])))


def _today(asked: Asked, objective: float) -> Behind:
    """What is to be kept small as things are, in the episodes of the search, beside the same in fresh ones; what it begins with there."""
    study, point = asked.result["provenance"]["study"], asked.result["frontier"]["points"][0]
    fresh = _kept(asked, point["objective_fresh"])
    sizes = {"worlds": study["worlds"], "samples": study["samples_per_world"], "more": study["fresh_worlds"],
             "again": study["fresh_samples_per_world"]}  # fmt: skip
    said = asked.say("plan.is-today", today=_kept(asked, objective), fresh=fresh, **sizes)
    found = _portfolio(asked, point, "loss_per_year")
    parted = [asked.say("plan.is-today-parts", fresh=fresh)] if point.get("by_cause") else []
    blank = ("",) * (len(found.head) - 1)
    chosen = [Line(asked.say(f"setting-name.{key}"), (*blank, f"{study[key]:,}"), (), f"provenance.study.{key}")
              for key in ("worlds", "samples_per_world", "fresh_worlds", "fresh_samples_per_world")]  # fmt: skip
    again = Line(asked.say("plan.today-fresh"), (*blank, fresh), (), "frontier.points.0.loss_per_year")
    lines = [*found.lines, *under(asked.say("parts.rests-on"), [again, *chosen])]
    return Behind(asked.say("plan.today"), [said, *parted, *found.said], lines, found.head)


def _exactly(asked: Asked, value: float, digits: int = 3) -> str:
    return numbers.point(value, "money", asked.lang, asked.result["currency"], digits)


def _kept(asked: Asked, value: float, digits: int = 3) -> str:
    """So much of what is to be kept small."""
    objective = asked.result["asked"]["objective"]
    kind = "money" if objective in ("loss", "tvar") else "hours" if objective == "hours" else "count"
    return numbers.point(value, kind, asked.lang, asked.result["currency"] if kind == "money" else None, digits)


def _beside(asked: Asked, inner: Sequence[str | int]) -> Behind | None:
    """What a board asks beside the frontier: the worst overlaps, dependence that nobody knows, quiet years, signed curves."""
    match inner:
        case [("now" | "then") as stand, "loss"] if _point_of(asked, str(stand)):
            return _portfolio(asked, _point_of(asked, str(stand)), "loss_per_year")
        case [("now" | "then") as stand, "worst", int(k), *rest]:
            return _worst(asked, asked.result["beside"][stand], k, "played" in rest)
        case [("now" | "then") as stand, "ways", str(id_)]:
            return _kept_out(asked, asked.result["beside"][stand], id_)
        case [("now" | "then") as stand, *_] if asked.result["beside"][stand]:
            return _dependence(asked, str(stand))
        case ["quiet", *_]:
            return _losses(asked, asked.say("plan.quiet"), asked.how("quiet"), ("loss_share",))
        case ["signed", *_]:
            return _losses(asked, asked.say("plan.signed"), asked.how("signed"), ("longer_shares", "24h"))
        case _:
            return _losses(asked, asked.say("plan.dependence"), asked.how("beside"), ("loss_share",))


def _point_of(asked: Asked, stand: str) -> Any:
    """The portfolio of the frontier that is told beside it: nothing, or what is bought; None where it is not on the frontier."""
    ids = asked.result["beside"][stand]["with"]
    return next((p for p in asked.result["frontier"]["points"] if p["with"] == ids), None)


def _dependence(asked: Asked, stand: str) -> Behind:
    """What may be lost by logic alone: with misfortunes apart, by service; and tied in the worst way, by what is there together."""
    row = asked.result["beside"][stand]
    if not row["dependence"] or "apart" not in row:
        return _losses(asked, asked.say("plan.dependence"), asked.how("beside"), ("loss_share",), row["with"])
    low, high = row["dependence"]["independent"], row["dependence"]["most_bound"]
    times = numbers.point(high / low, "number", asked.lang) if low else ""
    said = [asked.say("plan.dependence-is", low=_weight(asked, row, low), high=_weight(asked, row, high), times=times)]
    apart, lines = sorted(row["apart"].items(), key=lambda x: -x[1]), []
    for id_, value in apart:
        if value > EVERYTHING * low:
            inputs, an_hour = _an_hour(asked, id_)
            out = value / (an_hour * HOURS_PER_YEAR) if an_hour else 0.0
            times = asked.say("plan.times-hour", share=_share(asked, out), hour=_weight(asked, row, an_hour)) if out else ""
            to = f"beside.{stand}.ways.{id_}" if row.get("ways", {}).get(id_) else ""
            lines.append(Line(asked.names.of(id_), (times, _weight(asked, row, value), ""), inputs, links=(to,)))
    lines = under(asked.say("plan.parts-apart"), [*lines, Line(asked.say("line.total"), ("", _weight(asked, row, low), ""))])
    words, tied = Misfortunes(asked.names), []
    for state in row["tied"]:
        inputs = {at["path"]: at for line in misfortunes(asked, state["misfortunes"], row["with"]) for at in line.inputs}
        shown = {"share": _share(asked, state["share_of_time"]), "hour": _weight(asked, row, state["per_hour"])}
        times = asked.say("plan.times-hour", **shown)
        tied.append(Line(words.together(state["misfortunes"]), (times, "", _weight(asked, row, state["per_year"])), tuple(inputs.values())))
    lines += under(asked.say("plan.parts-tied"), _with_rest(asked, row, tied, high))
    said += [asked.say("plan.dependence-how"), asked.how("beside")]
    columns = (asked.say("column.time-and-hour"), asked.say("column.apart"), asked.say("column.tied"))
    return Behind(asked.say("plan.dependence"), said, lines, columns)


def _with_rest(asked: Asked, stand: Row, tied: list[Line], most: float) -> list[Line]:
    """What is there together in the worst dependence, with what those that are not told add, and the sum."""
    rest = most - math.fsum(state["per_year"] for state in stand["tied"])
    others = [Line(asked.say("line.others"), ("", "", _weight(asked, stand, rest)))] if rest > EVERYTHING * most else []
    return [*tied, *others, Line(asked.say("line.total"), ("", "", _weight(asked, stand, most)))]


def _share(asked: Asked, share: float) -> str:
    return numbers.point(share, "percent", asked.lang, digits=3)


def _an_hour(asked: Asked, id_: str) -> tuple[tuple[Row, ...], float]:
    """What an hour of a service is weighed by, its inputs and the value: its loss, else its users."""
    inputs = asked.of("components", id_, r"loss\.rate") or asked.of("components", id_, "users")
    return inputs, (inputs[0].get("value") or 0.0) if inputs else 0.0


def _kept_out(asked: Asked, stand: Row, id_: str) -> Behind:
    """For what share of the time a service is out if misfortunes are independent: by the minimal sets that keep it out."""
    hour, words, lines, came = _an_hour(asked, id_)[1], Misfortunes(asked.names), [], {}
    exact, sets = stand["apart"][id_] / (hour * HOURS_PER_YEAR), stand["ways"][id_]
    sum_ = math.fsum(row["share_of_time"] for row in sets)
    for row in (row for row in sets if row["share_of_time"] > EVERYTHING * exact):
        inputs = {at["path"]: at for line in misfortunes(asked, row["misfortunes"], stand["with"]) for at in line.inputs[:1]}
        shown = there(asked, row, {"out_h": {}}), _share(asked, row["share_of_time"])
        lines.append(Line(words.together(row["misfortunes"]), shown, tuple(inputs.values())))
        came |= {(m["what"], m["id"]): m for m in row["misfortunes"] if m["per_year"] is not None}
    lines += [Line(asked.say("line.total"), ("", _share(asked, sum_)))] if len(lines) > 1 else []
    lines.append(Line(asked.say("plan.kept-out-exactly"), ("", _share(asked, exact))))
    said = [asked.say("plan.kept-out-is", name=asked.names.of(id_), share=_share(asked, exact)), asked.say("plan.kept-out-how")]
    said += [asked.say("plan.with", names=asked.names.listed(stand["with"], 9, "defence"))] if stand["with"] else []
    ties = {(what, name): tie(asked, id_, struck_by(asked, m)) for (what, name), m in came.items()}
    chained = [replace(x, what=asked.say("chain").join([x.what, asked.names.of(name, what)])) for (what, name), x in ties.items() if x]
    lines += under(asked.say("parts.why-stops"), chained)
    lines += under(asked.say("parts.lasts"), lengths(asked, came.values()))
    lines += under(asked.say("parts.back"), back(asked, [id_], came.values())[:BACK])
    columns = (asked.say("column.often-or-sum"), asked.say("column.share-of-time"))
    return Behind(asked.titled(asked.say("plan.kept-out"), asked.names.of(id_)), said, lines, columns)


def _weight(asked: Asked, stand: Row, value: float) -> str:
    money = stand["measure"] == "money"
    return numbers.point(value, "money" if money else "count", asked.lang, asked.result["currency"] if money else None, 3)


def _worst(asked: Asked, stand: Row, k: int, played: bool) -> Behind:
    row, whole = stand["worst"][k], asked.result["beside"]["now"]["whole_per_hour"]
    lines, comes = [], [Line(line.what, ("",), line.inputs) for line in misfortunes(asked, row["misfortunes"], stand["with"])]
    for id_ in row["stops"]:
        inside = r"loss\.rate" if stand["measure"] == "money" else "users"
        inputs = asked.of("components", id_, inside) or asked.of("components", id_, "loss")
        an_hour = inputs[0].get("value") or 0.0 if inputs else 0.0
        kept = next((1.0 - (at["value"] or 0.0) for at in asked.of("components", id_, r"loss\.deferred")), 1.0)
        hours = row["played"]["hours"].get(id_, {"value": 0.0, "standard_error": 0.0}) if played else None
        weight = an_hour if hours is None else an_hour * kept * hours["value"]
        shown = (*(() if hours is None else (numbers.write(hours, "hours", asked.lang),)), _weight(asked, stand, weight))
        lines.append((weight, Line(asked.names.of(id_), shown, asked.of("components", id_, "loss") if played and inputs else inputs)))
    lines.sort(key=lambda x: -x[0])
    told = [line for _, line in lines]
    if by_service := row["played"].get("by_service") if played and stand["measure"] == "money" else None:
        return _played(asked, row, by_service)
    if played and row["played"]["loss"]:
        whole_lost = row["played"]["loss"]["value"]
        told.append(Line(asked.say("plan.worst-rest"), ("", _weight(asked, stand, whole_lost - math.fsum(weight for weight, _ in lines)))))
        told.append(Line(asked.say("line.total"), ("", _weight(asked, stand, whole_lost))))
    share = numbers.whole_percent(min(1.0, row["bound"] / (whole or 1.0)), asked.lang)
    sums = {"n": len(row["stops"]), "an_hour": _weight(asked, stand, row["bound"]), "all": _weight(asked, stand, whole), "share": share}
    said = [asked.say("plan.worst-played" if played else "plan.worst-is", k=row["k"], **sums), asked.how("beside")]
    if played and row["played"]["loss"]:
        loss = _weight(asked, stand, row["played"]["loss"]["value"])
        longest = numbers.point(max((est["value"] for est in row["played"]["hours"].values()), default=0.0), "hours", asked.lang)
        said.insert(0, asked.say("plan.worst-lost", loss=loss, longest=longest))
    elif not played:
        told.append(Line(asked.say("line.total"), (_weight(asked, stand, row["bound"]),)))
    if not played:  # of how often it comes nothing is in the number, of what leans on what all of it
        comes = chains(asked, row["stops"], row.get("why", {}))
        free = [c["id"] for c in asked.result["graph"]["components"] if c["service"] and not asked.of("components", c["id"], "loss|users")]
        if stand["measure"] == "money":
            free = [c["id"] for c in asked.result["graph"]["components"] if c["service"] and not asked.of("components", c["id"], "loss")]
        said.insert(1, asked.say("plan.worst-free", names=asked.names.listed(free, len(free)))) if free else None
    comes = under(asked.say("parts.comes" if played else "parts.why-stops"), comes)
    if played:
        longest = sorted(row["played"]["hours"], key=lambda id_: -row["played"]["hours"][id_]["value"])
        comes += under(asked.say("parts.back"), back(asked, longest, row["misfortunes"])[:BACK])
    columns = (asked.names.say("column.down_for"), asked.say("column.while-out")) if played else (asked.say("column.an-hour"),)
    return Behind(Misfortunes(asked.names).together(row["misfortunes"]), said, [*told, *comes], columns)


def _played(asked: Asked, row: Row, by_service: Mapping[str, Row]) -> Behind:
    """What the plays of a worst overlap cost on average, service by service, and how long they last."""
    loss, hours = row["played"]["loss"]["value"], row["played"]["hours"]
    longest = max(hours, key=lambda id_: hours[id_]["value"], default="")
    said = [asked.say("overlap.cost-is")]
    if longest:
        lasts = {"name": asked.names.of(longest), "longest": numbers.write(hours[longest], "hours", asked.lang)}
        said.insert(0, asked.say("plan.worst-lost", loss=_exactly(asked, loss), **lasts))
    lines = cost_by_service(asked, by_service, loss, row["misfortunes"])
    lines += under(asked.say("parts.why-stops"), chains(asked, row["stops"], row.get("why", {})))
    lines += under(asked.say("parts.lasts"), lengths(asked, row["misfortunes"]))
    lines += under(asked.say("parts.back"), back(asked, [*by_service], row["misfortunes"])[:BACK])
    columns = (asked.say("column.while-out"), asked.say("column.while-worse"), asked.say("column.adds"))
    return Behind(Misfortunes(asked.names).together(row["misfortunes"]), said, lines, columns)
