"""What stands behind the numbers of an assessment: for each number of a service what begins that, and what it is multiplied by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers, tables, uptime
from blackstart.report.behind import Asked, Behind, Line, Row, under
from blackstart.report.behind.bad_years import bad_years
from blackstart.report.behind.causes import EVERYTHING, Whole, by_service, causes, mostly, needed, one
from blackstart.report.behind.causes import back as comes_back_by
from blackstart.report.behind.causes import total as total_line
from blackstart.report.behind.needs import struck_by, tie

# the share that says what begins a number, the section that says how it follows, and the word for it
_NUMBERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "availability": (("downtime_share",), "services", "availability"),
    "downtime_h_per_year": (("downtime_share",), "services", "downtime"),
    "business_downtime_h_per_year": (("downtime_share",), "services", "business"),
    "outages_per_year": (("outages_share",), "services", "outages"),
    "mean_outage_h": (("downtime_share",), "services", "mean_outage"),
    "curve": (("outages_share",), "curves", "outages"),
    "loss": (("loss_share",), "loss", "aal"),
    "user_hours_lost_per_year": (("users_share",), "users", "lost_user_hours_year"),
}  # fmt: skip
_TIMES = ("availability", "downtime_h_per_year", "mean_outage_h", "business_downtime_h_per_year", "outages_per_year_longer_than", "loss")
_OF_CAUSE = ("per_year", "downtime_share", "long_share", "loss_share", "users_share")  # numbers of a cause that the page shows
_TOLD_APART = ("availability", "downtime_h_per_year", "outages_per_year", "mean_outage_h")  # each with words of its own on how it follows
_QUOTIENTS = ("availability", "mean_outage_h")  # what the causes add up to is the time out, of which these are made
_LIMITS = ("rto", "mtpd", "rpo")
_KINDS = {
    "downtime_h_per_year": "hours", "business_downtime_h_per_year": "hours", "outages_per_year": "per_year",
    "outages_per_year_longer_than": "per_year", "loss": "money", "user_hours_lost_per_year": "users",
}  # fmt: skip
_FACTORS = {"loss": "loss", "user_hours_lost_per_year": "users", "business_downtime_h_per_year": "aftermath"}  # what a number is times


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    match keys:
        case ["out_below"]:
            return threshold(asked, list(asked.result["services"]))
        case ["services", id_, *inner] if id_ in asked.result["services"]:
            return _of_service(asked, str(id_), [str(key) for key in inner])
        case ["total", "loss", which, *period]:
            if period:
                return bad_years(asked, str(which), str(period[0]))
            return _loss_of_all(asked, asked.names.say(f"column.{which}"))
        case ["bad_years", ("aep" | "oep") as which, period, *_]:
            return bad_years(asked, str(which), str(period))
        case ["total", "users", ("saifi" | "saidi_h") as which, *_]:
            return _a_user(asked, which)
        case ["total", "users", "caidi_h", *_]:
            return _an_outage(asked)
        case ["causes", int(n), *inner]:
            return one(asked, asked.result["causes"][n], str(inner[0]) if inner and inner[0] in _OF_CAUSE else "")
        case ["stuck", ("downtime_share" | "loss_share") as which] if asked.result["stuck"].get("shares"):
            return _rescued(asked, str(which))
        case ["stuck", *_]:
            return _stuck(asked)
        case ["picture", id_]:
            return _place(asked, str(id_))
        case ["signed", *inner]:
            return _signed(asked, inner)
        case ["data", id_, *_]:
            name = asked.names.of(str(id_))
            return Behind(name, [asked.how("data")], [Line(name, (), asked.of("components", str(id_)))])
    return None


def _of_service(asked: Asked, id_: str, inner: Sequence[str]) -> Behind | None:
    which, name = inner[0] if inner else "downtime_h_per_year", asked.names.of(id_)
    if which == "out_below":
        return threshold(asked, [id_])
    if which in _LIMITS:
        return _limit(asked, id_, which)
    if which == "uptime":
        spends = Whole(asked.result["services"][id_]["uptime"][int(inner[1]) if inner[1:] else 0]["burnt"]["value"], "percent")
        return uptime.behind(asked, id_, list(inner[1:]), causes(asked, _rows(asked, id_), ("downtime_share",), [id_], whole=spends))
    if which == "windowed_uptime":
        share, section, what = _window(asked, id_, inner)
    elif which == "outages_per_year_longer_than":
        share, section, what = _longer(asked, inner[1]), "curves", asked.say("longer", t=_hours(asked, inner[1]))
    else:
        share, section, word = _NUMBERS.get(which, _NUMBERS["downtime_h_per_year"])
        what = asked.names.say(f"column.{word}")
    whole = _whole(asked, id_, inner)
    lines = causes(asked, _rows(asked, id_), share, [id_], which != "outages_per_year", whole=whole)
    how = asked.say(f"how.{which}") if section == "services" and which in _TOLD_APART else asked.how(section)
    window = which == "windowed_uptime" and whole
    said = []
    if whole and lines:
        adds = "adds-up-out" if which in _QUOTIENTS else "adds-up-window" if window else "adds-up"
        said = [*_written(asked, whole, _node(asked, id_, inner)), asked.say(adds, n=whole.amount(1.0, asked.lang))]
    said += [asked.say("causes" if lines else "causes-none"), how]
    terms: list[Line] = []
    if which in _QUOTIENTS:
        quotient, terms = _divided(asked, id_, which)
        said.insert(0, quotient)
    elif which == "windowed_uptime" and inner[1:]:
        said.insert(0, _missing(asked, id_, inner))
    own = _multiplied(asked, id_, which)
    own_part = asked.say("line.own" if which in _FACTORS else "line.threshold")
    own_line = [Line(name, (), own, part=own_part)] if own else []
    first, last = (own_line, []) if which in _FACTORS else ([], own_line)  # from which share on it counts as up weighs least
    said += [*_banded(asked, id_, inner), *_rare(asked, id_, inner)]
    path = ".".join(["services", id_, *inner]) if which != "windowed_uptime" else f"services.{id_}.downtime_h_per_year"
    apart = any(any(line.links) for line in lines)  # how one of each goes is told in panels of their own
    most = mostly(_rows(asked, id_), share)
    rest = under(asked.say("parts.back"), comes_back_by(asked, [id_], most if which in _TIMES and not apart else ()))
    said += [asked.say("comes-back")] if rest else [asked.say("each-leads")] if apart else []
    lines = [*terms, *under(asked.say("parts.causes-out" if terms else "parts.causes"), lines)]
    ties = {line.what: line for row in most if not apart and (line := tie(asked, id_, struck_by(asked, row)))}
    lines += under(asked.say("parts.ties"), ties.values())
    return Behind(asked.titled(what, name), said, [*first, *lines, *rest, *last], _head(asked, id_, whole), path)


def _head(asked: Asked, id_: str, whole: Whole | None) -> tuple[str, ...]:
    """Over the causes of a number of a service: of how often something happens, how likely each of them brings it."""
    if whole is None:
        return asked.share_head(id_)
    often, each, adds = asked.sum_head
    return often, asked.say("column.comes-to-it") if whole.kind == "per_year" else each, adds


def _whole(asked: Asked, id_: str, inner: Sequence[str]) -> Whole | None:
    """What the causes of a number of a service add up to, where they do: time, times, money, users' hours of a year.

    Of an uptime the time that is missing in its window.
    """
    if inner[:1] == ["windowed_uptime"]:
        missing = _missing_h(asked, id_, inner) if inner[1:] and _window(asked, id_, inner)[0][0] == "window_shares" else 0.0
        return Whole(missing, "hours") if missing > 0.0 and id_ in asked.result["causes_by_service"] else None
    row, which = asked.result["services"][id_], inner[0] if inner else "downtime_h_per_year"
    which = "downtime_h_per_year" if which in _QUOTIENTS else which
    kind = _KINDS.get(which) if id_ in asked.result["causes_by_service"] else None
    found = row.get(which) if kind else None
    if found and len(inner) > 1 and "value" not in found:
        found = found.get(inner[1]) if inner[1] != "curve" and len(inner) == 2 else None
    if not kind or not found or not found.get("value"):
        return None
    return Whole(found["value"], kind, asked.result["currency"] if kind == "money" else None)


def _node(asked: Asked, id_: str, inner: Sequence[str]) -> Any:
    """What the result has of a service at some keys: the time out where these are none."""
    node: Any = asked.result["services"][id_]
    for key in inner or ("downtime_h_per_year",):
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _written(asked: Asked, whole: Whole, est: Any) -> list[str]:
    """How the page writes a number that is the sum of a table: with the digits that its error leaves."""
    if not est or "value" not in est or est["value"] != whole.value:
        return []
    if whole.kind == "per_year" and whole.value < numbers.NEVER_PER_YEAR and numbers.rare(est) is None:
        return [asked.say("never-as", sum=whole.amount(1.0, asked.lang))]
    kind = "count" if whole.kind == "users" else whole.kind
    shown, sum_ = numbers.write(est, kind, asked.lang, whole.currency), whole.amount(1.0, asked.lang)
    return [asked.say("written-as", n=shown, sum=sum_)] if shown != sum_ and numbers.rare(est) is None else []


def _banded(asked: Asked, id_: str, inner: Sequence[str]) -> list[str]:
    """Between what a number of a service lies in the possible worlds, where that is told."""
    node, kind = _node(asked, id_, inner), _KINDS.get(inner[0] if inner else "downtime_h_per_year")
    known = "count" if kind == "users" else kind
    band = numbers.band(node, known, asked.lang, asked.result["currency"] if kind == "money" else None) if known and node else ""
    if band and kind == "users":
        band = asked.say("user-hours", n=band)
    return [asked.say("band-is", range=band)] if band else []


def _divided(asked: Asked, id_: str, which: str) -> tuple[str, list[Line]]:
    """How an availability, or the mean length of outages, follows from the time out and how often; with the way to these."""
    row = asked.result["services"][id_]
    out = numbers.point(row["downtime_h_per_year"]["value"], "hours", asked.lang, digits=3)
    term = asked.say("term", what=asked.names.say("column.downtime"), n=out)
    terms = [Line(term, (), (), f"services.{id_}.downtime_h_per_year")]
    if which == "availability":
        return asked.say("availability-is", out=out, n=numbers.availability(row[which], asked.lang)), terms
    often = numbers.often(row["outages_per_year"]["value"], asked.lang, digits=3)
    term = asked.say("term", what=asked.names.say("column.outages"), n=often)
    terms.append(Line(term, (), (), f"services.{id_}.outages_per_year"))
    mean = numbers.point(row[which]["value"] if row[which] else 0.0, "hours", asked.lang, digits=3)
    return asked.say("mean-is", out=out, often=often, n=mean), terms


def _window(asked: Asked, id_: str, inner: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """The share, section and name of the least uptime in a stretch of a year."""
    known = next(iter(_rows(asked, id_)), {}).get("window_shares")
    key = inner[1] if inner[1:] else next(iter(asked.result["services"][id_]["windowed_uptime"]))
    return ("window_shares", key) if known else ("downtime_share",), "windows", asked.names.say("column.window", t=_hours(asked, key))


def _missing(asked: Asked, id_: str, inner: Sequence[str]) -> str:
    """How an uptime follows from what is missing in the worst stretch of a year."""
    up = asked.result["services"][id_]["windowed_uptime"][inner[1]]
    lost = numbers.point(_missing_h(asked, id_, inner), "hours", asked.lang, digits=3)
    return asked.say("window-is", lost=lost, window=_hours(asked, inner[1]), n=numbers.availability(up, asked.lang))


def _missing_h(asked: Asked, id_: str, inner: Sequence[str]) -> float:
    """Hours that are missing in the worst stretch of a year."""
    return (1.0 - asked.result["services"][id_]["windowed_uptime"][inner[1]]["value"]) * float(inner[1].removesuffix("h"))


def _rare(asked: Asked, id_: str, inner: Sequence[str]) -> list[str]:
    """Where a frequency was seen too rarely to be told: the bound that the page tells instead, and what the runs came to."""
    node = asked.result["services"][id_].get("outages_per_year_longer_than", {}).get(inner[1]) if len(inner) == 2 else None
    bound = numbers.rare(node) if node and inner[0] == "outages_per_year_longer_than" else None
    if bound is None:
        return []
    seen = numbers.often(node["value"], asked.lang, digits=2)
    return [asked.say("rare-is" if node["value"] else "rare-none", seen=seen, bound=numbers.often(bound, asked.lang, 2))]


def _hours(asked: Asked, key: str) -> str:
    return tables.length(key, asked.names)


def _nearest(lengths: Iterable[str], hours: float) -> str:
    """Of some lengths (`24h`) the nearest that is no longer than so many hours; else the shortest."""
    known = sorted(lengths, key=lambda key: float(key[:-1]))
    return next((key for key in reversed(known) if float(key[:-1]) <= hours), known[0])


def _longer(asked: Asked, key: str) -> tuple[str, ...]:
    return ("longer_shares", key)


def _rows(asked: Asked, id_: str) -> list[Row]:
    return asked.result["causes_by_service"].get(id_) or asked.result["causes"]


def _multiplied(asked: Asked, id_: str, which: str) -> tuple[Any, ...]:
    """What a number of a service is multiplied by: its loss an hour, its users; or what counts as out."""
    return asked.of("components", id_, _FACTORS.get(which, "tolerance.serves"))


def threshold(asked: Asked, ids: Sequence[str]) -> Behind:
    """From which share on services count as up: of each the share, and what says so."""
    shares = {id_: asked.result["services"][id_]["out_below"] for id_ in ids}
    lines = [
        Line(asked.names.of(id_), (numbers.point(share, "percent", asked.lang),), asked.of("components", id_, "tolerance.serves"))
        for id_, share in shares.items() if share is not None
    ]  # fmt: skip
    whole = [id_ for id_, share in shares.items() if share is None]
    said = [asked.say("threshold-is"), *([asked.say("threshold-whole", names=asked.names.listed(whole, len(whole)))] if whole else [])]
    heading = asked.say("threshold") if len(ids) > 1 else asked.titled(asked.say("threshold"), asked.names.of(ids[0]))
    return Behind(heading, said, lines, (asked.say("column.least"),))


def _limit(asked: Asked, id_: str, which: str) -> Behind:
    """How often a limit is missed: the limit, and what begins outages that are longer."""
    limit = asked.result["services"][id_][which]
    lengths = asked.result["services"][id_]["outages_per_year_longer_than"]
    key = _nearest(lengths, limit["hours"])
    lines = [Line(asked.say("line.limit"), (), asked.of("components", id_, f"tolerance.{which}"))]
    lines += [] if which == "rpo" else causes(asked, _rows(asked, id_), _longer(asked, key), [id_])
    what = asked.names.say(f"quantity.{which}", t=numbers.clock(limit["hours"], asked.lang))
    said = [asked.how("services"), *([] if which == "rpo" else [asked.say("nearest-length", t=_hours(asked, key))])]
    return Behind(asked.titled(what, asked.names.of(id_)), said, lines, asked.cause_head)


def _loss_of_all(asked: Asked, what: str) -> Behind:
    """The expected loss of a year of all services together: by what it begins with, and by service, with the damage of hazards."""
    adds: dict[str, tuple[float, str, tuple[Row, ...]]] = {}
    for id_, row in asked.result["services"].items():
        if found := (row.get("loss") or {}).get("aal"):
            adds[id_] = (found["value"], f"services.{id_}.loss.aal", asked.of("components", id_, "loss"))
    stated = (asked.result["total"]["loss"] or {"aal": {"value": 0.0, "band": None}})["aal"]
    total = stated["value"]
    damage = total - sum(amount for amount, _, _ in adds.values())
    whole = Whole(total, "money", asked.result["currency"]) if total else None
    lines = under(asked.say("parts.causes"), causes(asked, asked.result["causes"], ("loss_share",), whole=whole))
    said = [*([asked.say("adds-up")] if whole else []), asked.say("causes"), asked.how("loss")]
    said += _range_of(asked, stated, "money", asked.result["currency"])
    if whole:
        own = by_service(asked, adds, whole)
        if damage > EVERYTHING * total:
            costs = tuple(row for c in asked.result["causes"] if c["what"] == "hazard" for row in asked.of("hazards", c["id"], "costs"))
            own.append(Line(asked.say("line.damage"), ("", "", whole.adds(damage / total, asked.lang)), costs))
        lines += under(asked.say("parts.services"), [*own, total_line(asked, whole)])
    return Behind(asked.titled(what, asked.say("all")), said, lines, asked.sum_head if whole else asked.cause_head, "total.loss.aal")


_A_USER = {"saifi": ("outages_per_year", "number"), "saidi_h": ("downtime_h_per_year", "hours")}


def _a_user(asked: Asked, which: str) -> Behind:
    """How often, or for how long, a user is without a service in a year: of each service its users times that, over all users."""
    key, kind = _A_USER[which]
    services, est = asked.result["services"], asked.result["total"]["users"][which]
    users = {id_: sum(row["value"] or 0.0 for row in asked.of("components", id_, "users")) for id_ in services}
    every = sum(users.values())
    amounts = {id_: users[id_] * services[id_][key]["value"] for id_ in services}
    whole = Whole(sum(amounts.values()), "users" if kind == "hours" else "count")
    lines = []
    for id_ in sorted((id_ for id_ in services if users[id_]), key=lambda id_: -amounts[id_]):
        own, one = numbers.point(users[id_], "count", asked.lang, digits=3), services[id_][key]["value"]
        a_year = numbers.point(one, "hours", asked.lang, digits=3) if kind == "hours" else numbers.often(one, asked.lang, digits=3)
        shown = asked.say("share-times", of_all=asked.say("users", n=own), without=a_year)
        adds = whole.adds(amounts[id_] / whole.value if whole.value else 0.0, asked.lang)
        inputs = asked.of("components", id_, "users")
        lines.append(Line(asked.names.of(id_), (shown, adds), inputs, f"services.{id_}.{key}"))
    n = numbers.write(est, kind, asked.lang)
    said = [asked.say(f"a-user-{which}", all=whole.amount(1.0, asked.lang), users=numbers.point(every, "count", asked.lang, digits=3), n=n)]
    said += [*_range_of(asked, est, kind), asked.say("a-user-is")]
    columns = asked.say("column.a-user"), asked.say("column.adds")
    heading = asked.titled(asked.names.say(f"quantity.{which}"), asked.say("all"))
    return Behind(heading, said, [*lines, total_line(asked, whole, 2)], columns)


def _an_outage(asked: Asked) -> Behind:
    """The mean length of an outage as users see it: for how long a user is without a service in a year, over how often."""
    found = asked.result["total"]["users"]
    out, often = (numbers.point(found[key]["value"], _A_USER[key][1], asked.lang, digits=3) for key in ("saidi_h", "saifi"))
    said = [asked.say("an-outage", out=out, often=often, n=numbers.write(found["caidi_h"], "hours", asked.lang))]
    lines = [
        Line(asked.names.say("quantity.saidi_h"), (out,), (), "total.users.saidi_h"),
        Line(asked.names.say("quantity.saifi"), (asked.say("times", n=often),), (), "total.users.saifi"),
    ]
    heading = asked.titled(asked.names.say("quantity.caidi_h"), asked.say("all"))
    return Behind(heading, said, lines, (asked.say("column.value"),))


def _range_of(asked: Asked, est: Row, kind: str, currency: str | None = None) -> list[str]:
    """Between what a number lies in the possible worlds, where that is told."""
    band = numbers.band(est, kind, asked.lang, currency)
    return [asked.say("band-is", range=band)] if band else []


def _signed(asked: Asked, inner: Sequence[str | int]) -> Behind:
    """How often something passes a signed point: what begins outages of that length, or costs."""
    row = asked.result["signed"][int(inner[0])] if inner else {"of": None, "measure": "hours", "points": []}
    point = row["points"][int(inner[2])] if len(inner) > 2 else {"amount": 24.0}
    rows = asked.result["causes_by_service"].get(row["of"]) or asked.result["causes"]
    longest = next(iter(rows), {}).get("longer_shares") or {"24h": 0.0}
    key = _nearest(longest, point["amount"])
    by_loss = row["measure"] == "loss"
    lines = causes(asked, rows, ("loss_share",) if by_loss else _longer(asked, key), [row["of"]] if row["of"] else ())
    said = [asked.how("signed"), *([] if by_loss else [asked.say("nearest-length", t=_hours(asked, key))])]
    name = asked.names.of(row["of"]) if row["of"] else asked.say("all")
    return Behind(asked.titled(asked.say("plan.signed"), name), said, lines, asked.cause_head)


def _stuck(asked: Asked) -> Behind:
    """What never comes back by itself: what such courses begin with, and what is left waiting."""
    stuck = asked.result["stuck"]
    rows = stuck["causes"] if "causes" in stuck else [c | {"share": c["long_share"]} for c in asked.result["causes"]]
    said = [asked.say("adds-up"), asked.how("stuck"), asked.say("stuck-waits", names=asked.names.listed(stuck["components"], 12))]
    per_year = stuck["per_year"]
    whole = Whole(per_year["value"] if isinstance(per_year, Mapping) else per_year, "per_year")
    return Behind(asked.say("stuck"), said, causes(asked, rows, ("share",), whole=whole), asked.sum_head)


def _rescued(asked: Asked, which: str) -> Behind:
    """How much of all time out, or of all loss, comes of courses that had to be rescued: what these begin with."""
    stuck, services = asked.result["stuck"], asked.result["services"].values()
    if which == "loss_share":
        total, kind, currency = asked.result["total"]["loss"]["aal"]["value"], "money", asked.result["currency"]
    else:
        total, kind, currency = sum(row["downtime_h_per_year"]["value"] for row in services), "hours", None
    every, mine = Whole(total, kind, currency), Whole(total * stuck[which], kind, currency)
    often = {(c["what"], c["id"]): c["per_year"] for c in stuck["causes"]}
    of = stuck[which] or 1.0
    rows = [{**row, "share": row[which] / of, "per_year": often.get((row["what"], row["id"]), 0.0)} for row in stuck["shares"]]
    share = numbers.whole_percent(stuck[which], asked.lang)
    said = [asked.say("stuck-share", n=mine.amount(1.0, asked.lang), all=every.amount(1.0, asked.lang), share=share)]
    said += [asked.say("stuck-rescue"), asked.say("adds-up")]
    begin = under(asked.say("parts.causes"), causes(asked, rows, ("share",), whole=mine))
    on = [Line(asked.say("setting-name.rescue"), (), (), "setting.rescue"), Line(asked.say("stuck"), (), (), "stuck.per_year")]
    costs = []
    if which == "loss_share":
        waiting = [id_ for id_ in asked.result["services"] if set(needed(asked, [id_], standbys=True)).intersection(stuck["components"])]
        costs = under(asked.say("parts.an-hour"), [line for line in asked.costs_of(waiting) if line.inputs])
        on.append(Line(asked.titled(asked.names.say("column.aal"), asked.say("all")), (), (), "total.loss.aal"))
    return Behind(asked.say(f"stuck-{which}"), said, [*begin, *costs, *under(asked.say("parts.rests-on"), on)], asked.sum_head)


def _place(asked: Asked, id_: str) -> Behind | None:
    """The share of the downtime that begins at a part or a place: what comes there."""
    strikes = {h["id"]: h["strikes"] for h in asked.result["graph"].get("hazards", ())}
    rows = [c for c in asked.result["causes"] if id_ == c["id"] or id_ in strikes.get(c["id"], ())]
    hours = sum(row["downtime_h_per_year"]["value"] for row in asked.result["services"].values())
    share = sum(row["downtime_share"] for row in rows)
    every, mine = Whole(hours, "hours"), Whole(hours * share, "hours")
    of_mine = [row | {"downtime_share": row["downtime_share"] / (share or 1.0)} for row in rows]
    lines = causes(asked, of_mine, ("downtime_share",), whole=mine)
    shares = {"n": mine.amount(1.0, asked.lang), "all": every.amount(1.0, asked.lang), "share": numbers.whole_percent(share, asked.lang)}
    said = [asked.say("of-all-hours", **shares), asked.say("adds-up-place"), asked.how("picture")]
    return Behind(asked.say("begins-at", name=asked.names.anything(id_)), said, lines, asked.sum_head) if lines else None
