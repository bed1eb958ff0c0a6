"""The white paper on how far to defend: where the plan draws the line, the risk before and after, the worst overlap before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Block, Heading
from blackstart.report.overlaps import Telling
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import story as paper_story
from blackstart.report.plan import how_sure
from blackstart.report.tables import NONE
from blackstart.report.teller import TOLD_APART, Row, Teller
from blackstart.text import say
from blackstart.units import write_number

MOST_TAKEN, NAMED = 5, 3  # steps in the table; defences named in one phrase
BAD_YEAR = "100"
TURNED = 2.0  # times the loss avoided that the costs are, from which it is told what would have to be otherwise
DEARER = 1.5  # times the loss of the worst by the hour from which another misfortune is told to cost more in all


# --------------------------------------------------------------------------- where the line is drawn


def verdict(teller: Teller) -> list[str]:
    """Up to where defences cost no more than so many times what they avoid, and the first step beyond it."""
    plan = teller.part("plan")
    chosen = plan["reading"]["chosen"] if plan else None
    if not plan or not teller.shows("price"):
        return []
    if chosen is None:
        return _unpriced(plan, teller)
    asked, beyond = plan["asked"], next(iter(plan["reading"]["left_out"]), None)
    values = {"gross": write_number(asked["gross"], 2), "years": numbers.count(asked["years"], teller.lang)}
    if not chosen["with"]:
        if beyond and len(plan["options"]) == 1 and _tells(beyond):
            return [teller.say("line.only", name=_step(beyond, teller), ratio=write_number(beyond["ratio"], 2), **values)]
        return [teller.say("line.nothing", **values)]
    key = "line.as_bought" if set(chosen["with"]) == set(teller.result["bought"]) else "line.chosen"
    names = teller.names.listed(chosen["with"], 5, "defence")
    avoided = teller.est(chosen["avoided_per_year"], "money")
    said = [teller.say(key, names=names, cost=teller.amount(chosen["cost"]), avoided=avoided, **values)]
    if beyond:
        key = "line.next" if _tells(beyond) else "line.next_in_vain"
        ratio = write_number(beyond["ratio"], 2) if beyond["ratio"] is not None else ""
        said.append(teller.say(key, name=_step(beyond, teller), ratio=ratio, cost=teller.amount(beyond["cost"]), **values))
    return said


def _unpriced(plan: Row, teller: Teller) -> list[str]:
    """Where no loss is stated there is no line: what the dearest choice on the frontier would get."""
    last = plan["frontier"]["points"][-1]
    said = [teller.say("line.unpriced")]
    if last["with"]:
        years, what = numbers.count(plan["asked"]["years"], teller.lang), _what(plan, teller)
        names = teller.names.listed(last["with"], 5, "defence")
        said.append(teller.say("line.unpriced_best", names=names, cost=teller.amount(last["cost"]), years=years, what=what))
    return said


def _what(plan: Row, teller: Teller) -> str:
    """What the plan keeps small."""
    return say(f"plan.what.{plan['asked']['objective']}", teller.lang, years=numbers.count(plan["asked"]["tail_years"], teller.lang))


def _tells(step: Row) -> bool:
    """Whether what a step avoids can be told from chance."""
    avoided = step["avoided"]
    return bool(avoided and step["ratio"] is not None and avoided["value"] > TOLD_APART * avoided["standard_error"])


def _step(step: Row, teller: Teller) -> str:
    """What a step adds, and what it leaves out for it."""
    added = teller.names.listed(step["add"], NAMED, "defence")
    return teller.say("line.instead", names=added, dropped=teller.names.listed(step["drop"], NAMED, "defence")) if step["drop"] else added


def steps(teller: Teller) -> list[Block]:
    """The plan: its verdict, then step by step what more money buys."""
    plan, said = teller.part("plan"), verdict(teller)
    if not said:
        return []
    rows = [
        [_step(step, teller), teller.money(step["cost"], paper_decisions.SUMMED), teller.told_apart(step["avoided"], "money"),
         write_number(step["ratio"], 2) if _tells(step) else NONE]
        for step in plan["reading"]["pays"][:MOST_TAKEN]
    ]  # fmt: skip
    priced = plan["reading"]["chosen"] is not None
    table = teller.table("step_taken cost_over>:price avoided_over>:loss ratio>:price", rows, "plan") if priced else []
    years = numbers.count(plan["asked"]["years"], teller.lang)
    how = [_searched(plan, teller), teller.say("line.table", years=years) if table else ""]
    return [*teller.p("changes.plan", said, "plan"), *table, *teller.p("changes.plan-note", how, "plan", style="note")]


def _searched(plan: Row, teller: Teller) -> str:
    """How sure it is that nothing better was passed over."""
    front = plan["frontier"]
    gap = max((row["at_most"] for row in front["gap"]), default=0.0)
    share = teller.share(min(1.0, gap / (front["points"][0]["objective"] or 1.0)))
    return teller.say(f"line.{how_sure(front)}", n=f"{front['judged']:,}", share=share)


def bought(teller: Teller, *, named: bool = True) -> list[str]:
    """What is bought; where nobody chose, that it is only assumed, and how much on record speaks of it. named : by name"""
    undecided = _undecided(teller)
    if undecided and not named:
        return [teller.say("buy.assumed", n=len(teller.result["bought"])), undecided]
    names = [teller.names.of(d, "defence") for d in teller.result["bought"]]
    key = "buy.what" if teller.result["chosen"] != "record" else "buy.by_record" if len(names) > 1 else "buy.by_record_one"
    return [teller.say(key, n=len(names), names=teller.names.join(names, 9)), choice(teller), undecided]


def _undecided(teller: Teller) -> str:
    """What is on record of what was promised and ordered, where nobody has decided on what is assumed to be bought."""
    people, bought = teller.part("record")["people"], set(teller.result["bought"])
    decided = any(row["kind"] == "decided" and row["t_h"] and row["t_h"][0] > 0 and bought & {what["id"] for what in row["about"] if what}
                  for row in people)  # fmt: skip
    kept = paper_decisions.commitments_of(teller)
    n = {kind: sum(row["kind"] == kind for row in kept) for kind in paper_decisions.KEPT_WORDS}
    if teller.result["chosen"] != "record" or decided or not any(n.values()):
        return ""
    told = [teller.say(f"buy.n_{kind}", n=count) for kind, count in n.items() if count]
    return teller.say("buy.undecided", what=teller.names.join(told))


def payers(teller: Teller) -> dict[str, tuple[float, float]]:
    """What others than the one whose model it is pay of what is bought, once and a year."""
    found: dict[str, tuple[float, float]] = {}
    for row in teller.result["building"]:
        name, (once, yearly) = teller.label(row["paid_by"]), (row["once"] or 0.0, row["yearly"] or 0.0)
        if name and (once or yearly):
            was = found.get(name, (0.0, 0.0))
            found[name] = was[0] + once, was[1] + yearly
    return found


def paid_for_by(payer: str, teller: Teller) -> list[str]:
    """What of what is bought somebody else than the firm pays for."""
    return [row["id"] for row in teller.result["building"] if teller.label(row["paid_by"]) == payer]


def choice(teller: Teller) -> str:
    """Where the choice of what is bought comes from, where it was made within a budget."""
    plan = teller.part("plan")
    if plan and teller.result["chosen"] == "budget" and teller.shows("price"):
        years = numbers.count(plan["asked"]["years"], teller.lang)
        key = "buy.by_budget" if teller.result["bought"] else "buy.nothing_in_budget"
        return teller.say(key, budget=teller.amount(teller.result["budget"]), years=years, what=_what(plan, teller))
    return ""


# --------------------------------------------------------------------------- risk before and after


def risk(teller: Teller) -> list[Block]:
    """The risk of a year before and after, each with the band that not knowing the inputs leaves."""
    before, after = teller.part("before"), teller.part("after")
    if not after:
        return []
    asked: list[tuple[str, str, Row | None, Row | None]] = []
    losses = [part["total"]["loss"] for part in (before, after)]
    if all(losses) and teller.shows("loss"):
        asked.append(("loss", "money", losses[0]["aal"], losses[1]["aal"]))
        asked.append(("bad_year", "money", losses[0]["aep"].get(BAD_YEAR), losses[1]["aep"].get(BAD_YEAR)))
    users = [part["total"]["users"] for part in (before, after)]
    if all(users):
        asked.append(("per_user", "hours", users[0]["saidi_h"], users[1]["saidi_h"]))
    rows = [
        [teller.say(f"risk.{key}"), *(cell for est in (was, then) for cell in (teller.cell(est, kind), _band(est, kind, teller)))]
        for key, kind, was, then in asked if was and then
    ]  # fmt: skip
    table = teller.table("measure now> now_band> then> then_band>", rows, "risk")
    note = teller.p("changes.risk-note", teller.say("risk.note"), "before", "after", style="note")
    return [*table, *note, *teller.p("changes.struck", _struck(teller), "before")] if table else []


def _struck(teller: Teller) -> str:
    """How often what struck this time strikes by the model, where that stands, and on what it rests."""
    often, rate = struck_often(teller), _rate_struck(teller)
    if not often or rate is None:
        return ""
    rows = [source["id"] for source in rate["sources"] if not source["under"]]
    grounds = teller.say("risk.struck_rests" if rows else "risk.struck_guess", names=teller.names.join(rows, 3))
    place = teller.say("risk.struck_at", file=rate["file"], line=rate["line"]) if rate["file"] else ""
    return teller.say("risk.struck", what=paper_story.hit(teller), often=often, grounds=grounds, place=place)


def _band(est: Row | None, kind: str, teller: Teller) -> str:
    return numbers.band(est, kind, teller.lang, teller.currency if kind == "money" else None, "range") or NONE


# --------------------------------------------------------------------------- the worst overlap


def worst_after(teller: Teller) -> Row:
    """The worst overlaps with what is bought; as things stand where nothing is."""
    return teller.part("worst_after") or teller.part("worst")


def remaining_worst(teller: Teller, *, weighed: bool = True) -> list[str]:
    """What the worst two misfortunes at once still stop, however rare they are. weighed : with its share, and by what that is counted"""
    result, when = worst_after(teller), "then" if teller.part("worst_after") else "now"
    row = _last(result)
    if not result or not teller.shows("weakness"):
        return []
    if row is None:
        return [teller.say(f"worst.{when}_nothing", k=teller.few(len(result["worst"])))]
    whole = len(teller.part("before")["services"])
    key = "one" if whole == 1 else "every" if len(row["stops"]) == whole else "named" if len(row["stops"]) <= NAMED else "some"
    which = teller.say("worst.one" if row["k"] == 1 else "worst.several", k=teller.few(row["k"]), what=overlap(row, result, teller))
    values = {"n": len(row["stops"]), "names": teller.names.listed(row["stops"], NAMED), "share": teller.share(row["share"]),
              "weight": _weight(row, result, teller)}  # fmt: skip
    share = teller.say("worst.share", **values) if weighed and key in ("named", "some") else ""
    said = [teller.say(f"worst.{when}_{key}", which=which, **values, of_all=share)]
    if row["played"]["loss"] and result["measure"] == "money" and teller.shows("loss"):
        low, high = (teller.money(end) for end in row["played"]["loss"]["band"])
        said.append(teller.say("worst.loss", m=teller.est(row["played"]["loss"], "money"), band=numbers.between(low, high, teller.lang)))
    return said


def _weight(row: Row, result: Row, teller: Teller) -> str:
    """By what an overlap is weighed; by losses, without which services, where it stops all that have one stated but not all."""
    rest = [id_ for id_, one in teller.part("before")["services"].items() if not one["loss"] and id_ not in row["stops"]]
    if result["measure"] == "money" and row["share"] >= 1.0 and rest:
        return teller.say("weight.money_without", names=teller.names.listed(rest, NAMED))
    return teller.say(f"weight.{result['measure']}")


def _last(result: Row) -> Row | None:
    """The largest overlap in which each misfortune adds something; None where none stops anything."""
    rows = [row for row in result.get("worst", ()) if row["adds"] and row["stops"]]
    return rows[-1] if rows else None


def overlap(row: Row, result: Mapping[str, Any], teller: Teller) -> str:
    """The misfortunes of an overlap in words."""
    return Telling(result, Names({"labels": {**result["labels"], **teller.result["labels"]}}, teller.lang)).overlap(row) or NONE


def worst(teller: Teller) -> list[Block]:
    """The worst that one and two misfortunes do, before and after."""
    if not teller.part("worst").get("worst") or not teller.shows("weakness"):
        return []
    cells, most = [], 1
    for name in ("worst", "worst_after"):
        result = teller.part(name)
        when = teller.say("worst.before" if name == "worst" else "worst.after")
        for row in result.get("worst", ()):
            if row["adds"] and row["stops"]:
                what, out, most = overlap(row, result, teller), str(len(row["stops"])), max(most, row["k"])
                cells.append([when, str(row["k"]), what, out, teller.share(row["share"]), _loss(row, result, teller)])
    table = teller.table("state k> together stops> an_hour> course_loss>:loss", cells, "worst")
    if not table:
        return []
    weight, plays = teller.say(f"weight.{teller.part('worst')['measure']}"), teller.part("worst")["provenance"]["study"]["plays"]
    how = "worst.how" if teller.part("worst")["measure"] == "money" and teller.shows("loss") else "worst.how_plain"
    struck = teller.say("worst.up_to_two" if most > 1 else "worst.alone")
    said = [teller.say(how, struck=struck, weight=weight, plays=plays),
            teller.say("worst.proven" if _proven(teller) else "worst.bounded", weight=weight),
            teller.say("worst.taken_over") if teller.part("worst").get("standbys") else "",
            *_by_total(teller), _this_one(teller)]  # fmt: skip
    return [Heading(teller.say("worst.heading")), *teller.p("changes.worst", said, "worst", "worst_after"), *table,
            *teller.p("changes.worst-beside", [_not_same(teller), _beside(teller)], "worst", "attribution", style="note")]  # fmt: skip


def _not_same(teller: Teller) -> str:
    """That the worst of so many misfortunes is another one with what is bought, where it is."""
    before, after = ({row["k"]: [m["id"] for m in row["misfortunes"]] for row in teller.part(name).get("worst", ())}
                     for name in ("worst", "worst_after"))  # fmt: skip
    return teller.say("worst.not_same") if any(before.get(k) not in (None, ids) for k, ids in after.items()) else ""


def _by_total(teller: Teller) -> list[str]:
    """Which single misfortune costs most in all, where that is another one than the worst by the hour."""
    if teller.part("worst")["measure"] != "money" or not teller.shows("loss"):
        return []
    said = []
    for name, part in (("worst", "before"), ("worst_after", "after")):
        first, dearest = next(iter(teller.part(name).get("worst", ())), None), _dearest(teller.part(part))
        if first and dearest and first["stops"] and first["played"]["loss"] and dearest[1] > DEARER * first["played"]["loss"]["value"]:
            values = {"name": teller.cause(dearest[0]), "m": teller.amount(dearest[1], 1)}
            said.append(teller.say(f"worst.by_total_{part}", **values))
    return said


def _this_one(teller: Teller) -> str:
    """Where this incident took more misfortunes at once than the table has: how many, barriers that did not work counted, and which."""
    record, rehearsed = teller.part("record"), teller.part("rehearsal")
    failed = [row for row in rehearsed.get("given", ()) if not row["works"]]
    hit = record["scenario"]["hit"]
    most = max((row["k"] for row in teller.part("worst")["worst"]), default=0)
    if not failed or len(hit) + len(failed) <= most:
        return ""
    told = [teller.say("worst.absent" if paper_course.not_there(row["id"], teller) else "worst.failed",
                       name=teller.names.of(row["id"], row["what"])) for row in failed]  # fmt: skip
    names = teller.names.join([paper_story.hit(teller), *told], 5)
    return teller.say("worst.this_one", n=len(hit) + len(failed), names=names, most=most)


def _dearest(assessed: Row) -> tuple[Row, float] | None:
    """What costs most each time that something begins with it, and how much that is."""
    total = (assessed.get("total") or {}).get("loss")
    causes = [c for c in assessed.get("causes", ()) if c["loss_share"] and c["per_year"]] if total else []
    costs = [(c["loss_share"] * total["aal"]["value"] / c["per_year"], k) for k, c in enumerate(causes)]
    return (causes[max(costs)[1]], max(costs)[0]) if costs else None


def _beside(teller: Teller) -> str:
    """Where the worst misfortune costs more than the incident did: that it is another one, and for how long it stops something."""
    rows, whole = teller.part("worst")["worst"], teller.part("attribution").get("whole", {}).get("money")
    first = rows[0]
    loss, hours, hit = first["played"]["loss"], first["played"]["hours"], teller.part("record")["scenario"]["hit"]
    another = any(m["id"] not in hit for m in first["misfortunes"])
    if not (whole and loss and hours and another and loss["value"] > whole["value"] and teller.shows("loss")):
        return ""
    longest = max(hours, key=lambda s: hours[s]["value"])
    return teller.say("worst.beside", what=overlap(first, teller.part("worst"), teller), name=teller.names.of(longest),
                      t=teller.est(hours[longest], "hours"), loss=teller.est(loss, "money"), m=teller.est(whole, "money"))  # fmt: skip


def _loss(row: Row, result: Row, teller: Teller) -> str:
    """The loss of an overlap played in time, and between what nine of ten plays lie."""
    loss = row["played"]["loss"]
    if not loss or result["measure"] != "money":
        return NONE
    low, high = (teller.money(end) for end in loss["band"])
    mean = numbers.known(loss, "money", teller.lang, teller.currency)
    return teller.say("worst.with_band", m=mean, band=numbers.between(low, high, teller.lang))


def _proven(teller: Teller) -> bool:
    return all(row["proven"] for name in ("worst", "worst_after") for row in teller.part(name).get("worst", ()))


# --------------------------------------------------------------------------- what is not bought


def times_avoided(row: Row, years: float) -> float | None:
    """By how many times a choice costs more than the loss it avoids over some years; None where chance hides what it avoids."""
    avoided = row["avoided_per_year"]
    if not avoided or avoided["value"] <= TOLD_APART * avoided["standard_error"]:
        return None
    return float(((row["once"] or 0.0) + years * (row["yearly"] or 0.0)) / (years * avoided["value"]))


def ratio(times: float | None) -> str:
    """How many times, in two digits and whole from a hundred on."""
    return NONE if times is None else f"{float(f'{times:.2g}'):,.0f}" if times >= 100 else write_number(times, 2)


def turned(row: Row, teller: Teller) -> list[str]:
    """How many times more the losses would have to be for what is bought to pay, and what the far end of what is not known makes of it."""
    years = teller.part("comparison")["years"]
    times = times_avoided(row, years)
    if times is None or times < TURNED or not (teller.shows("price") and teller.shows("loss")):
        return []
    high = (row["avoided_per_year"].get("band") or [0.0, 0.0])[1] or 0.0
    least = times * row["avoided_per_year"]["value"] / high if high > row["avoided_per_year"]["value"] else None
    end = teller.say("buy.turned_end", ratio=ratio(least)) if least and least > 1 else ""
    return [teller.say("buy.turned", ratio=ratio(times), end=end)]


def _rate_struck(teller: Teller) -> Row | None:
    """The input that says how often the one hazard that struck does so; None where the model states no rate."""
    hit = teller.part("record")["scenario"]["hit"]
    inputs = (teller.part("before").get("grounds") or {}).get("inputs", ())
    return next((row for row in inputs if len(hit) == 1 and row["path"] == f"hazards.{hit[0]}.rate" and row["value"]), None)


def struck_often(teller: Teller) -> str:
    """How often the one hazard that struck does so by the model, and between what that lies; empty where the model states no rate."""
    rate = _rate_struck(teller)
    if rate is None:
        return ""
    often, ends = numbers.often(rate["value"], teller.lang), rate["percentiles"]
    asked = {"value": rate["value"], "standard_error": 0.0, "band": [ends[0], ends[-1]]}
    band = numbers.band(asked, "per_year", teller.lang, None, "range")
    return teller.say("bought.struck_between", often=often, band=band) if band else often


def first_left(rows: Sequence[Row], years: float, teller: Teller) -> list[str]:
    """The defence not bought that costs least for what it avoids, and by how many times it costs more."""
    if not teller.shows("price") or not teller.shows("loss"):
        return []
    told = _cheapest(rows, years, teller)
    if not told:
        return [teller.say("left.none_tells")] if rows else []
    return [teller.say("left.first", **told)]


def _cheapest(rows: Sequence[Row], years: float, teller: Teller) -> dict[str, str]:
    """Of some defences that which costs least for what it avoids, with both; empty where chance hides what they avoid."""
    found = []
    for row in rows:
        times = times_avoided(row, years)
        if times is not None:
            found.append((times, (row["once"] or 0.0) + years * (row["yearly"] or 0.0), row))
    if not found:
        return {}
    times, cost, row = min(found, key=lambda one: one[:2])
    avoided = {"band": None} | {key: row["avoided_per_year"][key] * years for key in ("value", "standard_error")}
    values = {"avoided": teller.est(avoided, "money"), "cost": teller.amount(cost), "ratio": ratio(times)}
    return {"name": teller.names.listed(row["with"], NAMED, "defence"), "years": numbers.count(years, teller.lang), **values}
