"""What a number begins with, each cause with what the model says of its course; and which parts a cause reaches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import LEAST_SHARE, TIMES, Asked, Behind, Line, under
from blackstart.report.origins import changed_by
from blackstart.text import say

Row = Mapping[str, Any]
MOST_CAUSES, MOST_SUMMED = 6, 12  # told of a number; where they add up to it
FEW_INPUTS = 3  # of a cause, told beside it although how one of it goes is told elsewhere
MOSTLY = 0.8  # of a number: the causes that make up so much of it are told with their whole course, others with how often they come
SELDOM = 0.05  # of the times that a cause comes: a service that stops less often does so only where more goes wrong
SURELY = 0.005  # so near to once each time it takes one digit more to tell it from that
ONCE = 5e-4  # and so near it is once each time
EVERYTHING = 5e-4  # of a number: what is missing of a sum by no more is not told
_NEEDS = ("run", "want", "maybe")
# shares of a cause: where they stand by service, and of which number of a service they are
_SHARES: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...], str]] = {
    "downtime_share": (("downtime_share",), "hours", ("downtime_h_per_year",), "tolerance.serves"),
    "long_share": (("longer_shares", "24h"), "per_year", ("outages_per_year_longer_than", "24h"), "tolerance.serves"),
    "loss_share": (("loss_share",), "money", ("loss", "aal"), "loss"),
    "users_share": (("users_share",), "users", ("user_hours_lost_per_year",), "users"),
}
_TAKES = "takes|work|detect|decide|switch"
_BACK = r"(start|repair|break_glass)\."


@dataclass(frozen=True, slots=True)
class Whole:
    """A number that is the sum of what its causes add to it, year by year: of what kind it is (as in numbers.py, or ``users``, whose
    hours it counts), in which currency.
    """

    value: float
    kind: str
    currency: str | None = None

    def amount(self, share: float, lang: str) -> str:
        """What a share of it amounts to."""
        return self._point(self.value * share, lang)

    def _point(self, value: float, lang: str) -> str:
        if self.kind == "users":
            return say("behind.user-hours", lang, n=numbers.point(value, "count", lang, digits=3))
        if self.kind == "per_year" and 0.0 < value < numbers.NEVER_PER_YEAR:  # with its own figure: it is a part of a sum
            return say("report.often.once_in_years", lang, n=numbers.count(1.0 / value, lang, 3))
        return numbers.point(value, self.kind, lang, self.currency, digits=3)

    def adds(self, share: float, lang: str) -> str:
        """The same with the share."""
        return say("behind.adds", lang, n=self.amount(share, lang), share=numbers.whole_percent(share, lang))

    def each(self, share: float, per_year: float, lang: str) -> str:
        """What one that comes so often adds each time; of how often something happens how likely, or how many times."""
        one = self.value * share / per_year if per_year else 0.0
        if self.kind != "per_year" or one > 1.0 + ONCE:
            return self.of_one(share, per_year, lang)
        return numbers.point(min(one, 1.0), "percent", lang, digits=3)

    def of_one(self, share: float, per_year: float, lang: str) -> str:
        """The same where it is the sum of several things, each of which may happen: how many times, however few."""
        one = self.value * share / per_year if per_year else 0.0
        if self.kind != "per_year":
            return self._point(one, lang)
        return say("behind.times", lang, n=numbers.point(one, "number", lang, digits=4 if abs(one - 1.0) < SURELY else 3))


def causes(asked: Asked, rows: Iterable[Row], share: Sequence[str], of: Sequence[str] = (), lasting: bool = True,
           touched: Collection[str] = (), whole: Whole | None = None) -> list[Line]:  # fmt: skip
    """What episodes begin with, by its share of a number.

    Parameters
    ----------
    share : keys that lead to the share
    of : services whose number it is; of a cause only what reaches them is told. None: the whole system
    lasting : whether the number depends on how long things last; of another one rates, chances and barriers are told
    touched : causes that stand first, whatever their share, with their whole course: those that a defence does something about
    whole : the number, where it is the sum of what each adds; each is told with that then
    """
    found = sorted(((value, row) for row in rows if (value := _at(row, share)) > 0.0), key=lambda x: -x[0])
    if whole is None:
        most = next((n for n, (value, _) in enumerate(found) if n and value < LEAST_SHARE), len(found))
    else:  # so many that what is left is not missed in their sum
        most = next((n for n in range(len(found)) if sum(value for value, _ in found[n:]) <= EVERYTHING), len(found))
    found = found[: min(most, MOST_CAUSES if whole is None else MOST_SUMMED)]
    lines, told = [], 0.0
    for value, row in sorted(found, key=lambda x: x[1]["id"] not in touched):
        often = numbers.often(row["per_year"], asked.lang)
        shown = (often, numbers.whole_percent(value, asked.lang))
        if whole is not None:
            often = numbers.often(row["per_year"], asked.lang, digits=3)
            shown = (often, whole.each(value, row["per_year"], asked.lang), whole.adds(value, asked.lang))
        one_of = "" if whole is None else returned(asked, of, row) if of else _share_place(asked, row, share)
        inputs = course(asked, row, of, lasting) if told < MOSTLY or row["id"] in touched else asked.rate(row)
        inputs = asked.rate(row) if one_of and len(inputs) > FEW_INPUTS else inputs  # a long course is told where one of it is
        lines.append(Line(asked.names.of(row["id"], row["what"]), shown, inputs, place(asked, row), links=("", one_of)))
        told += value
    others = 1.0 - sum(value for value, _ in found)
    if whole is not None and others > EVERYTHING:
        lines.append(Line(asked.say("line.others"), ("", "", whole.adds(others, asked.lang))))
    return lines + ([total(asked, whole)] if whole is not None and lines else [])


def total(asked: Asked, whole: Whole, columns: int = 3) -> Line:
    """The last line of what adds up to a number: the number."""
    return Line(asked.say("line.total"), ("",) * (columns - 1) + (whole.adds(1.0, asked.lang),))


def by_service(
    asked: Asked, amounts: Mapping[str, tuple[float, str, tuple[Row, ...]]], whole: Whole, per_year: float = 0.0
) -> list[Line]:  # fmt: skip
    """What each service adds to a number, the largest first, with the inputs of that.

    amounts : of each service what it adds, the path of that number, and its inputs
    per_year : how often the cause comes whose number it is: each service is told with what one of it adds there
    """
    lines = []
    for id_ in sorted(amounts, key=lambda id_: -amounts[id_][0]):
        amount, to, inputs = amounts[id_]
        share = amount / whole.value if whole.value else 0.0
        if share > EVERYTHING:
            each = whole.of_one(share, per_year, asked.lang) if per_year else ""
            name = asked.say("line.of-service", name=asked.names.of(id_))
            lines.append(Line(name, ("", each, whole.adds(share, asked.lang)), inputs, to))
    return lines


def one(asked: Asked, row: Row, which: str = "") -> Behind:
    """One cause of episodes, for one of its numbers: how often it comes; for a share also its course, and what it adds where."""
    name, group = asked.names.of(row["id"], row["what"]), "hazards" if row["what"] == "hazard" else "components"
    rate, said = asked.rate(row), [asked.how("causes")]
    lines = [Line(asked.say("line.rate"), (numbers.often(row["per_year"], asked.lang, digits=3),), rate)]
    rest = [at for at in (*course(asked, row), *asked.of(group, row["id"], "costs")) if at not in rate]
    if rest and which != "per_year":
        lines.append(Line(asked.say("line.course"), (), tuple(rest)))
    if which in _SHARES and asked.result.get("causes_by_service"):
        adds, whole = _added(asked, row, which)
        adds = {id_: (amount, returned(asked, [id_], row) or path, inputs) for id_, (amount, path, inputs) in adds.items()}
        each = by_service(asked, adds, whole, row["per_year"])
        lines += under(asked.say("parts.services"), [*each, total(asked, whole)])
        said = [_share_of(asked, row, row[which], whole), asked.say("each-in"), *said]
        if which in ("downtime_share", "long_share") and _seldom(asked, row, adds):
            said.append(asked.say("besides"))
        if not asked.result.get("returns"):
            lines += under(asked.say("parts.back"), back(asked, adds, [row]))
            said.append(asked.say("comes-back"))
    what = asked.say(f"share-of.{which}") if which in _SHARES else asked.names.say(f"column.{which}") if which else ""
    heading = asked.titled(what, name) if which else name
    return Behind(heading, said, lines, asked.sum_head if len(lines) > 2 else (asked.say("column.often"),))


def _share_of(asked: Asked, row: Row, share: float, added: Whole) -> str:
    """How a share of a cause follows: how often it comes, what it adds each time, what that is in a year, and of how much in all."""
    every = Whole(added.value / (share or 1.0), added.kind, added.currency)
    many = sum(c["service"] for c in asked.result["graph"]["components"])
    return asked.say(
        f"cause-adds-{every.kind}", services=many, often=numbers.often(row["per_year"], asked.lang, digits=3),
each=added.of_one(1.0, row["per_year"], asked.lang),
        adds=added.amount(1.0, asked.lang), all=every.amount(1.0, asked.lang), share=numbers.whole_percent(share, asked.lang),
    )  # fmt: skip


def _added(asked: Asked, cause: Row, which: str) -> tuple[dict[str, tuple[float, str, tuple[Row, ...]]], Whole]:
    """What a cause adds to a number of each service, and to that of all of them."""
    keys, kind, path, inside = _SHARES[which]
    adds: dict[str, tuple[float, str, tuple[Row, ...]]] = {}
    for id_, rows in asked.result["causes_by_service"].items():
        share = next((_at(row, keys) for row in rows if (row["id"], row["what"]) == (cause["id"], cause["what"])), 0.0)
        node: Any = asked.result["services"][id_]
        for key in path:
            node = (node or {}).get(key)
        if node:
            adds[id_] = (share * node["value"], ".".join(["services", id_, *path]), asked.of("components", id_, inside))
    currency = asked.result["currency"] if kind == "money" else None
    return adds, Whole(sum(amount for amount, _, _ in adds.values()), kind, currency)


def _seldom(asked: Asked, cause: Row, ids: Iterable[str]) -> bool:
    """Whether a cause rarely stops some of the services in which it adds to a number."""
    rows = {id_: asked.result["causes_by_service"].get(id_, ()) for id_ in ids}
    shares = {id_: next((c.get("outages_share", 0.0) for c in own if (c["id"], c["what"]) == (cause["id"], cause["what"])), 0.0)
              for id_, own in rows.items()}  # fmt: skip
    often = {id_: share * asked.result["services"][id_]["outages_per_year"]["value"] for id_, share in shares.items()}
    return any(0.0 < one < SELDOM * cause["per_year"] for one in often.values())


def mostly(rows: Iterable[Row], share: Sequence[str]) -> list[Row]:
    """The causes that make up most of a number."""
    told, found = 0.0, []
    for row in sorted(rows, key=lambda row: -_at(row, share)):
        if told >= MOSTLY or not _at(row, share):
            break
        found.append(row)
        told += _at(row, share)
    return found


def course(asked: Asked, cause: Row, of: Sequence[str] = (), lasting: bool = True) -> tuple[Row, ...]:
    """How often a cause comes, how likely it goes on and what may stop it; then how long what it does lasts."""
    rate, id_ = asked.rate(cause), cause["id"]
    if cause["what"] != "hazard":
        return rate + (asked.every("components", id_, _BACK) if lasting else ())
    below = needed(asked, of, standbys=True) if of else None
    inputs = [row for row in asked.every("hazards", id_, "") if row not in rate and _reaches(asked, row, below)]
    chances = [row for row in inputs if row["kind"] == "chance"]
    named = dict.fromkeys(name for row in inputs for name in (row.get("effect") or {}).get("unless", ()))
    barriers = [row for name in named for row in asked.every("barriers", name, "works")]
    times = [row for row in inputs if re.match(TIMES, _inside(row))]
    # what it does, the longest first, then the times that this is counted from
    times.sort(key=lambda row: (row.get("effect") is None, -row["percentiles"][1] if row["percentiles"] else 0.0))
    again = [row for row in inputs if _inside(row).startswith("again.rate")]
    return (*rate, *chances, *barriers, *(times if lasting else ()), *again)


def back(asked: Asked, of: Sequence[str], of_causes: Iterable[Row]) -> list[Line]:
    """What services come back by: mending and starting those of their parts that these causes reach, the longest first, and who does it.

    What no cause breaks needs no mending.
    """
    below, parts, broken, every = needed(asked, of, standbys=True), set(), set(), list(of_causes)
    for cause in every:
        parts.update(below if (hit := reached(asked, cause)) is None else hit)
        broken.update(below if (hit := breaks(asked, cause)) is None else hit)
    found, teams = [], {}
    for part in (id_ for id_ in below if id_ in parts):
        jobs = [work(asked, part, "start"), *([work(asked, part, "repair")] if part in broken else [])]
        inputs = tuple({row["path"]: row for _, _, rows in jobs for row in rows}.values())
        if inputs:
            words = [asked.say(f"job.{name}", sum=words) for name, (_, words, _) in zip(("start", "repair"), jobs, strict=False) if words]
            what = asked.say("line.back", name=asked.names.of(part), sum=asked.say("job.then").join(words))
            found.append((sum(hours for hours, _, _ in jobs), Line(what, (), inputs, at=f"returning.{part}")))
            row = next(c for c in asked.result["graph"]["components"] if c["id"] == part)
            teams |= dict.fromkeys(row.get("teams", ()) if any(at["path"].endswith(".work") for at in inputs) else ())
    found.sort(key=lambda x: -x[0])
    crews = [
        Line(asked.say("line.crew", name=asked.names.of(team, "team")), (), asked.of("teams", team), at=f"crew.{team}") for team in teams
    ]
    return [line for _, line in found] + [line for line in crews if line.inputs]


def mended(asked: Asked, cause: Row) -> list[Line]:
    """The parts that a cause breaks, each with how long it takes to mend all of it, the longest first."""
    jobs = {part: work(asked, part, "repair") for part in sorted(breaks(asked, cause) or ())}
    told = sorted((job for job in jobs.items() if job[1][2]), key=lambda x: -x[1][0])
    return [
        Line(
            asked.say("line.back", name=asked.names.of(part), sum=asked.say("job.repair", sum=words)), (), tuple(rows),
            at=f"returning.{part}",
        )
        for part, (_, words, rows) in told
    ]


def breaks(asked: Asked, cause: Row) -> set[str] | None:
    """The parts that a cause breaks; None where that is not told."""
    if cause["what"] != "hazard":
        return {cause["id"]}
    row = next((row for row in asked.result["graph"].get("hazards", ()) if row["id"] == cause["id"]), {})
    return within(asked, row["breaks"]) if "breaks" in row else None


def work(asked: Asked, part: str, job: str) -> tuple[float, str, tuple[Row, ...]]:
    """A start or a repair at typical values: how long it takes, how that follows, and the inputs."""
    rows = asked.every("components", part, rf"{job}\.({_TAKES})" if job == "repair" else rf"start\.({_TAKES}|works|retry)|break_glass\.")
    own = re.compile(rf"components\.{re.escape(part)}\.{job}\.({_TAKES})$")
    times = [row for row in rows if own.match(row["path"]) and row["percentiles"]]
    hours = sum(row["percentiles"][1] for row in times)
    words = " + ".join(numbers.point(row["percentiles"][1], "hours", asked.lang, digits=3) for row in times)
    count = asked.of("components", part, "count")
    if len(times) == 1 and times[0]["path"].endswith(".work") and count:
        graph = next(c for c in asked.result["graph"]["components"] if c["id"] == part)
        people, units = max(1, (graph.get("people") or {}).get(job, 1)), count[0]["value"]
        hours *= units / people
        words = asked.say("pool", work=words, units=f"{units:,.0f}", people=asked.say("pool-people", n=people))
        words = asked.say("job.sum", sum=words, n=numbers.point(hours, "hours", asked.lang, digits=3))
        rows = (*rows, *asked.of("components", part, rf"{job}\.people"), *count)
    elif len(times) > 1:
        words = asked.say("job.sum", sum=words, n=numbers.point(hours, "hours", asked.lang, digits=3))
    return hours, words, rows


def touched_by(asked: Asked, rows: Iterable[Row], changes: Iterable[Row]) -> set[str]:
    """The causes that some changes do something about: in how they come, in what may stop them, or in the parts that they reach."""
    made, rows = [one for row in changes for one in changed_by(row)], list(rows)
    things = {tuple(one["thing"]) for one in made} | {("components", one["stands_for"]) for one in made if one.get("stands_for")}
    found = {name for one in made for name in one.get("hazards", ())}.intersection(row["id"] for row in rows)
    for row in rows:
        parts = reached(asked, row)
        own = {(at["thing"][0], at["thing"][1]) for at in course(asked, row)} | {("components", id_) for id_ in parts or ()}
        if own & things:
            found.add(row["id"])
    return found


def needed(asked: Asked, ids: Iterable[str], standbys: bool = False) -> list[str]:
    """Parts and all that they need to run, directly or not, the nearest first; with what stands in for these."""
    needs: dict[str, list[str]] = {}
    for source, target, kind in asked.result["graph"]["needs"]:
        if kind in _NEEDS:
            needs.setdefault(source, []).append(target)
        elif kind == "standby" and standbys:
            needs.setdefault(target, []).append(source)
    found = list(ids)
    for id_ in found:  # it grows
        found += [name for name in dict.fromkeys(needs.get(id_, ())) if name not in found]
    return found


def reached(asked: Asked, cause: Row) -> set[str] | None:
    """The parts that a cause stops, that need one of these, or that stand in for one of these; None where that is not told."""
    parts = within(asked, {cause["id"]} if cause["what"] != "hazard" else _struck(asked, cause["id"]))
    if parts is None:
        return None
    graph = asked.result["graph"]["needs"]
    while more := {source for source, target, kind in graph if target in parts and source not in parts and kind in (*_NEEDS, "standby")}:
        parts |= more
    return parts


def _struck(asked: Asked, hazard: str) -> set[str]:
    rows = asked.result["graph"].get("hazards", ())
    found = {name for row in rows if row["id"] == hazard for name in row["strikes"]}
    return found.union(*((row.get("effect") or {}).get("on", ()) for row in asked.every("hazards", hazard, "")))


def within(asked: Asked, names: Collection[str]) -> set[str] | None:
    """The parts of these names, and those that stand in places of these names; None where a name is neither (a tag, a team)."""
    graph = asked.result["graph"]
    around = {row["id"]: row["in"] for row in (*graph["components"], *graph["domains"])}
    if not set(names) <= around.keys():
        return None
    found = set(names)
    while more := {id_ for id_, places in around.items() if id_ not in found and found.intersection(places)}:
        found |= more
    return found & {row["id"] for row in graph["components"]}


def _reaches(asked: Asked, row: Row, below: Sequence[str] | None) -> bool:
    """Whether an input belongs to an effect that reaches one of some parts; what belongs to no effect belongs to all."""
    parts = within(asked, row["effect"]["on"]) if below is not None and row.get("effect") else None
    return parts is None or not parts.isdisjoint(below or ())


def _inside(row: Row) -> str:
    """The place of an input inside its thing."""
    return str(row["path"])[len(".".join(row["thing"])) + 1 :]


def returned(asked: Asked, of: Sequence[str], cause: Row) -> str:
    """Where it is told how one occurrence of a cause goes for a service; "" where that is not told, or of several services."""
    rows = asked.result.get("returns", {}).get(of[0], ()) if len(of) == 1 else ()
    return next((f"returns.{of[0]}.{n}" for n, row in enumerate(rows) if (row["id"], row["what"]) == (cause["id"], cause["what"])), "")


def _share_place(asked: Asked, cause: Row, share: Sequence[str]) -> str:
    """Where it is told what a cause adds to a number of all services, service by service."""
    told = share[0] in _SHARES and asked.result.get("returns")
    return f"{at}.{share[0]}" if told and (at := place(asked, cause)) else ""


def place(asked: Asked, cause: Row) -> str:
    rows = asked.result.get("causes") or ()
    return next((f"causes.{n}" for n, c in enumerate(rows) if (c["id"], c["what"]) == (cause["id"], cause["what"])), "")


def _at(row: Row, keys: Sequence[str]) -> float:
    """A share at some keys; that of downtime in results of an earlier version."""
    node: Any = row
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return row["downtime_share"] if node is None and keys[0] not in row else node or 0.0
