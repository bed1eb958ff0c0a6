"""What stands behind the numbers of a plan: what defences cost, what losses begin with, and settings that somebody chose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import MOST_LINES, Asked, Behind, Line, setting
from blackstart.report.behind_causes import causes, one, touched_by
from blackstart.report.behind_overlaps import misfortunes
from blackstart.report.misfortunes import Misfortunes

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
_COSTS = ("once", "yearly", "cost")


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
        case ["frontier", *_]:
            return _search(asked)
        case ["reading", "chosen", *inner] if result["reading"]["chosen"]:
            return _portfolio(asked, result["reading"]["chosen"], str(inner[0]) if inner else "cost")
        case ["reading", ("pays" | "bought" | "left_out") as table, int(n), *inner]:
            return _step(asked, table, result["reading"][table][n], str(inner[0]) if inner else "cost")
        case ["reading", ("halvings" | "nines" | "tolerance") as table, *inner]:
            return _reading(asked, table, inner)
        case ["reading", "schedule", int(n), *_]:
            return _schedule(asked, result["reading"]["schedule"][n])
        case ["reading", "waiting_a_year", *_]:
            return _losses(asked, asked.say("plan.waiting"), asked.how("steps"), ("loss_share",))
        case ["total", *_]:
            return _losses(asked, asked.titled(asked.say("plan.loss_per_year"), asked.say("all")), asked.how("frontier"), ("loss_share",))
        case ["causes", int(n), *_]:
            return one(asked, result["causes"][n])
        case ["beside", *inner] if result.get("beside"):
            return _beside(asked, inner)
    return None


def _costs(asked: Asked, ids: Iterable[str], dropped: Collection[str] = ()) -> list[Line]:
    """What defences cost: each by name, over the years, with what it costs once and a year; of those that are dropped what is saved."""
    known = {o["id"]: o for o in asked.result["options"]}
    shown = {id_: _money(asked, known[id_]["cost"]) if id_ in known else "" for id_ in ids}
    sign = dict.fromkeys(dropped, "\u2212\u00a0")
    return [
        Line(sign.get(id_, "") + asked.names.of(id_, "defence"), (sign.get(id_, "") + money,), asked.of("defences", id_, "costs"))
        for id_, money in shown.items()
    ]


def _money(asked: Asked, value: float) -> str:
    return numbers.point(value, "money", asked.lang, asked.result["currency"])


def _cost_said(asked: Asked) -> str:
    years = numbers.count(asked.result["asked"]["years"], asked.lang)
    discount = numbers.point(asked.result["asked"]["discount"], "percent", asked.lang)
    return asked.say("plan.cost-is", years=years, discount=discount)


def _cost(asked: Asked, heading: str, ids: Sequence[str], dropped: Collection[str] = ()) -> Behind:
    lines = _costs(asked, ids, dropped) or [Line(asked.say("plan.nothing"))]
    return Behind(heading, [_cost_said(asked)], lines, (asked.say("column.cost"),))


def _losses(asked: Asked, heading: str, said: str, share: Sequence[str], ids: Sequence[str] = ()) -> Behind:
    """What a loss, or time out, begins with as things are, and which defences are counted as there."""
    services = [c["id"] for c in asked.result["graph"]["components"] if c["service"]]
    rows, changes = asked.result.get("causes") or (), [row for id_ in ids for row in asked.every("defences", id_, "change")]
    lines = causes(asked, rows, share, touched=touched_by(asked, rows, changes))
    changed = {asked.names.of(row["changes"]["thing"][1], "hazard") for row in changes
               if (row.get("changes") or {}).get("thing", [""])[0] == "hazards"}  # fmt: skip
    lines = [replace(x, what=asked.say("plan.touched", name=x.what)) if x.what in changed else x for x in lines]
    begin = asked.say("plan.causes-now" if lines else "causes-none")
    if share == ("loss_share",):
        lines += [Line(line.what, ("", ""), line.inputs) for line in asked.costs_of(services)[:6] if line.inputs]
    elif share == ("users_share",):
        users = {id_: asked.of("components", id_, "users") for id_ in services}
        lines += [Line(asked.names.of(id_), ("", ""), found) for id_, found in users.items() if found]
    brought = [_brings(asked, id_) for id_ in ids]
    lines = [*(line for line in brought if line.inputs), *lines]
    more = [asked.say("plan.with", names=asked.names.listed(ids, 9, "defence"))] if ids else []
    return Behind(heading, [begin, said, *more], lines, (asked.cause_head[0], asked.say("column.share-now")))


def _brings(asked: Asked, id_: str) -> Line:
    """The inputs that a defence changes, and how many more than are told."""
    inputs, name = asked.every("defences", id_, "change"), asked.names.of(id_, "defence")
    more = inputs[-1]["changes"].get("left_out", 0) if inputs else 0
    said = asked.say("plan.brings-more", name=name, n=more) if more else asked.say("plan.brings", name=name)
    return Line(said, ("", ""), inputs)


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
    return Behind(asked.titled(what, name), [*said, *unstated], [Line(name, (), found or asked.of("defences", row["id"]))])


def _portfolio(asked: Asked, row: Row, which: str) -> Behind:
    name = asked.names.listed(row["with"], 9, "defence") if row["with"] else asked.say("plan.nothing")
    if which in ("with", *_COSTS):
        return _cost(asked, asked.titled(asked.say(f"plan.{'count' if which == 'with' else which}"), name), row["with"])
    key = which if which in _SHARES else "avoided_per_year" if which.startswith("avoided") else "loss_per_year"
    heading = asked.titled(asked.say(f"plan.{key}"), name)
    return _losses(asked, heading, asked.how("frontier"), _SHARES.get(which, ("loss_share",)), row["with"])


def _step(asked: Asked, table: str, row: Row, which: str) -> Behind:
    ids = [*row.get("add", ()), *row.get("drop", ())] or [row["id"]]
    name = asked.names.listed(row.get("add") or ids, 9, "defence")
    if which == "cost":
        return _cost(asked, asked.titled(asked.say("plan.cost"), name), ids, row.get("drop", ()))
    section = {"pays": "steps", "left_out": "left-out"}.get(table, table)
    loss = _losses(asked, "", asked.how(section), ("loss_share",), ids)
    if which == "avoided":
        return Behind(asked.titled(asked.say("plan.avoided"), name), loss.said, loss.lines, loss.head)
    lines = [Line(line.what, (*line.shown, ""), line.inputs) for line in _costs(asked, ids, row.get("drop", ()))]
    said = [asked.say("plan.ratio-is"), _cost_said(asked), *loss.said[1:]]
    first = asked.say("column.cost-or-often")
    return Behind(asked.titled(asked.say("plan.ratio"), name), said, [*lines, *loss.lines], (first, loss.head[1]))


def _reading(asked: Asked, table: str, inner: Sequence[str | int]) -> Behind:
    """How much less often something long comes, or is out, and the cheapest way there; limits that are passed."""
    data: Any = asked.result["reading"][table]
    row = data["rows"][inner[1]] if len(inner) > 1 and inner[0] == "rows" and isinstance(inner[1], int) else data.get("kept_by") or {}
    heading = asked.say(f"plan.{table}")
    if inner and inner[-1] in ("cost", "with") and row.get("with"):
        return _cost(asked, heading, row["with"])
    if inner and inner[-1] == "at_least":
        return _search(asked)
    if table == "tolerance" and "service" in row:
        limit = asked.of("components", row["service"], r"tolerance\.(rto|mtpd)")
        found = _losses(asked, heading, asked.how(table), ("longer_shares", "24h"))
        return Behind(heading, found.said, [Line(asked.names.of(row["service"]), ("", ""), limit), *found.lines], found.head)
    share = ("downtime_share",) if table == "nines" else ("longer_shares", "24h")
    return _losses(asked, heading, asked.how(table), share, row.get("with") or ())


def _schedule(asked: Asked, row: Row) -> Behind:
    name = asked.names.of(row["id"], "defence")
    lines = [Line(name, (), asked.of("defences", row["id"], "takes|people"))]
    lines += [Line(asked.names.of(team, "team"), (), asked.of("teams", team, "people")) for team in row["people"]]
    return Behind(asked.titled(asked.say("plan.takes"), name), [asked.how("schedule")], lines)


def _search(asked: Asked) -> Behind:
    """How sure it is that nothing better was passed over: what was searched, and the costs it rests on."""
    ids = [o["id"] for o in asked.result["options"]][:MOST_LINES]
    said = [asked.say("plan.search-is"), _cost_said(asked)]
    return Behind(asked.say("plan.search"), said, _costs(asked, ids), (asked.say("column.cost"),))


def _beside(asked: Asked, inner: Sequence[str | int]) -> Behind | None:
    """What a board asks beside the frontier: the worst overlaps, dependence that nobody knows, quiet years, signed curves."""
    match inner:
        case [("now" | "then") as stand, "worst", int(k), *rest]:
            return _worst(asked, asked.result["beside"][stand], k, "played" in rest)
        case [("now" | "then") as stand, *_] if asked.result["beside"][stand]:
            ids = asked.result["beside"][stand]["with"]
            return _losses(asked, asked.say("plan.dependence"), asked.how("beside"), ("loss_share",), ids)
        case ["quiet", *_]:
            return _losses(asked, asked.say("plan.quiet"), asked.how("quiet"), ("loss_share",))
        case ["signed", *_]:
            return _losses(asked, asked.say("plan.signed"), asked.how("signed"), ("longer_shares", "24h"))
        case _:
            return _losses(asked, asked.say("plan.dependence"), asked.how("beside"), ("loss_share",))


def _worst(asked: Asked, stand: Row, k: int, played: bool) -> Behind:
    row = stand["worst"][k]
    hours = {id_: numbers.write(h, "hours", asked.lang) for id_, h in row["played"]["hours"].items()} if played else {}
    comes = misfortunes(asked, row["misfortunes"])
    stops = asked.costs_of(hours or row["stops"], hours)
    lines = [*comes, *(Line(line.what, line.shown or ("",), line.inputs) for line in stops)]
    said = [asked.how("beside"), asked.say("plan.worst-played" if played else "plan.worst-is", n=len(row["stops"]))]
    return Behind(Misfortunes(asked.names).together(row["misfortunes"]), said, lines, (asked.say("column.often-or-hours"),))
