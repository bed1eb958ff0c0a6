"""The white paper, parts four and six: what could have caught it, and what changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from blackstart.report import numbers, story
from blackstart.report.outline import Block, Figure, Heading
from blackstart.report.paper import charts as paper_charts
from blackstart.report.paper import choices as paper_choices
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import keys as paper_keys
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import stages as paper_stages
from blackstart.report.paper import story as paper_story
from blackstart.report.paper.charts import Bar, Pair
from blackstart.report.tables import NONE, Table
from blackstart.report.teller import PRICE, TOLD_APART, Row, Teller

LEAST_GAIN_H, LEAST_GAIN = 0.1, 0.1  # hours, and share of the outage, from which a gain is told
HOURS_PER_MONTH, HOURS_PER_WEEK = 730.0, 168.0
STAGES = paper_stages.STAGES
MOST_BARS, MOST_PAIRS, MOST_TOLD = 8, 4, 3
MOST_BESIDE = 4
SMALL_PART = 0.1  # of the median of a table below which a time is written in a unit of its own
FEW_DUTIES, FEW_NAMES = 2, 3
_KINDS = {"hours": "hours", "user_hours": "count", "money": "money"}


def players(teller: Teller, *kinds: str) -> list[Row]:
    """Players of the attribution, the largest share of the hours first."""
    found = [p for p in teller.part("attribution").get("players", ()) if not kinds or p["what"] in kinds]
    return sorted(found, key=lambda p: -p["share"]["hours"]["value"])


def whole_h(teller: Teller) -> float:
    """Hours of the replay as it was."""
    attribution = teller.part("attribution")
    return float(attribution["whole"]["hours"]["value"] + attribution["none"]["hours"]["value"])


def within_error(player: Row) -> bool:
    """Whether a share is within the error."""
    est = player["share"]["hours"]
    return bool(abs(est["value"]) <= TOLD_APART * est["standard_error"])


def _drawn(found: Sequence[Row]) -> list[Row]:
    """The shares that the picture has: none within the error, unless a larger one has no room or there are no others."""
    clear = [p for p in found if not within_error(p)]
    return clear if clear and len(clear) <= MOST_BARS else list(found[:MOST_BARS])


def _caption(found: Sequence[Row], teller: Teller) -> str:
    """What the picture of the shares shows, and how many it leaves out, with whether those are within the error."""
    drawn = _drawn(found)
    rest = len(found) - len(drawn)
    if not rest:
        return teller.say("caption.shares")
    lost = len(drawn) == sum(not within_error(p) for p in found)
    return f"{teller.say('caption.shares')} {teller.say('caption.shares_rest_lost' if lost else 'caption.shares_rest', n=rest)}"


def had_been(player: Row, teller: Teller) -> str:
    """`had X been there: 14 h instead of 127 h`, and the service that would have gained most."""
    name, gain = teller.names.of(player["name"], player["noun"]), _gain(player, teller)
    without, values = player["without"]["hours"], {"times": teller.times(player["times"]), "whole": teller.about_hours(whole_h(teller))}
    if without["value"] <= 0:
        return teller.say(f"caught.none_with_{player['what']}", name=name, **values)
    if not shortens(player):
        return teller.say(f"caught.only_gain{_never(gain)}", player=teller.player(player), **gain) if gain else ""
    key, saved = "by" if little(player, teller) else "with", teller.est(player["saved"]["hours"], "hours")
    said = teller.say(f"caught.{key}_{player['what']}", name=name, t=teller.est(without, "hours"), saved=saved, **values)
    return f"{said} {teller.begun(teller.say(f'caught.gain{_never(gain)}', **gain))}" if gain and len(player["by_service"]) > 1 else said


def _gain(player: Row, teller: Teller) -> dict[str, str]:
    """The service that would have gained most, and its hours out; of those that the replays tell as the record does. Empty: none."""
    apart = paper_course.misread(teller)
    hours = {id_: row["hours"] for id_, row in player["by_service"].items() if id_ not in apart}
    gains = {id_: was - had for id_, (was, had) in hours.items() if was - had > LEAST_GAIN_H and was - had > LEAST_GAIN * was}
    if not gains:
        return {}
    best = max(gains, key=lambda s: gains[s])
    was, had = (teller.about_hours(h) if h else "" for h in hours[best])
    return {"name": teller.names.of(best), "was": was, "had": had, "among": teller.say("caught.among") if apart else ""}


def _never(gain: Mapping[str, str]) -> str:
    """Which sentence tells a gain: of a service that would not have stopped, or of one out for less time."""
    return "" if gain["had"] else "_whole"


def shortens(player: Row) -> bool:
    """Whether the outage without it is told apart from the outage with it."""
    saved = player["saved"]["hours"]
    return bool(saved["value"] > TOLD_APART * saved["standard_error"] and saved["value"] > 0)


def little(player: Row, teller: Teller) -> bool:
    """Whether an outage is shorter by less than its hours without decimals would show: one would look like a whole one, or like none."""
    return whole_h(teller) >= numbers.WHOLE_HOURS and bool(player["saved"]["hours"]["value"] < 1)


def most_helpful(teller: Teller) -> list[Row]:
    """Stages that would have shortened the outage, or that of some service; those that save most first."""
    found = [p for p in players(teller, *STAGES) if shortens(p) or _gain(p, teller)]
    return sorted(found, key=lambda p: (-p["saved"]["hours"]["value"] if shortens(p) else 0.0, -sum(_saved_by_service(p))))


def _saved_by_service(player: Row) -> list[float]:
    return [was - had for was, had in (row["hours"] for row in player["by_service"].values())]


def _price(row: Row, teller: Teller) -> list[str]:
    if not (row["once"] or row["yearly"]) or not teller.shows("price"):
        return []
    key = "both" if row["once"] and row["yearly"] else "once" if row["once"] else "yearly"
    return [teller.say(f"buy.price_{key}", once=teller.amount(row["once"]), yearly=teller.amount(row["yearly"]))]


def _shared(teller: Teller) -> list[str]:
    """What of the price others pay."""
    said = []
    for name, costs in paper_plan.payers(teller).items():
        paid = paper_keys.paid(*costs, teller)
        said += [teller.say("buy.paid_by", name=name, price=paid)] if paid else []
        mine = paper_plan.paid_for_by(name, teller)
        if paid and not paper_decisions.promised(mine, teller):
            said.append(teller.say("buy.unpromised", name=name, names=teller.names.listed(mine, FEW_NAMES, "defence")))
    return said


def _net(row: Row, teller: Teller) -> list[str]:
    """What is left of the loss avoided after the costs, and, where noise does not hide it, in how many of the possible worlds any is."""
    if not row["net"] or not teller.shows("price"):
        return []
    key, pays = "net_gain" if row["net"]["value"] >= 0 else "net_cost", row["pays_share"]
    years = numbers.count(teller.part("comparison")["years"], teller.lang)
    ratio = paper_plan.times_avoided(row, teller.part("comparison")["years"])
    key = "net_ratio" if key == "net_cost" and ratio else key
    said = [teller.say(f"buy.{key}", years=years, cost=teller.amount(paper_decisions.cost_of([row], teller), 4),
                       m=teller.est(_absolute(row["net"]), "money"), ratio=paper_plan.ratio(ratio))]  # fmt: skip
    if pays is not None:
        said.append(teller.say("buy.pays", share=teller.share(pays)) if pays > 0 else teller.say("buy.pays_never"))
    return said


def _downtime(assessed: Row) -> float:
    return float(sum(row["downtime_h_per_year"]["value"] for row in assessed["services"].values()))


def _hours_saved(teller: Teller) -> str:
    before, after = teller.part("before"), teller.part("after")
    if len(before["services"]) == 1:
        (id_,) = before["services"]
        was, then = (teller.est(part["services"][id_]["downtime_h_per_year"], "hours") for part in (before, after))
        return teller.say("buy.hours_one", name=teller.names.of(id_), before=was, after=then)
    low, high = (numbers.point(_downtime(part), "hours", teller.lang) for part in (after, before))
    return teller.say("buy.hours", before=high, after=low)


def most_saved(teller: Teller) -> list[str]:
    """The service whose outage a year shrinks most, by replays with the same chances; that another may do so as well."""
    before, after = (teller.part(part)["services"] for part in ("before", "after"))
    saved = {id_: row["avoided_h_per_year"] for id_, row in (paper_choices.bundle(teller) or {"services": {}})["services"].items()
             if row["avoided_h_per_year"] and id_ in before and id_ in after}  # fmt: skip
    told = {id_: est for id_, est in saved.items() if est["value"] > TOLD_APART * est["standard_error"] and est["value"] > 0}
    if len(before) < 2 or not told:
        return []
    best = max(told, key=lambda s: told[s]["value"])
    was, then = (teller.est(part[best]["downtime_h_per_year"], "hours") for part in (before, after))
    tie = any(not paper_choices.apart(told[best], est) for id_, est in told.items() if id_ != best)
    key = "most" if after[best]["downtime_h_per_year"]["value"] > 0 else "most_none"
    said = teller.say(f"buy.{key}", name=teller.names.of(best), before=was, after=then, tie=teller.say("buy.tie") if tie else "")
    return [said, teller.say("buy.misread", name=teller.names.of(best)) if best in paper_course.misread(teller) else ""]


def both(best: Sequence[Row], teller: Teller) -> list[str]:
    """Two stages in one sentence: how long it would have been with each alone, and with both; empty where that is not so."""
    plain = [p for p in best if p["what"] == "design" and p["without"]["hours"]["value"] > 0 and shortens(p)
             and not little(p, teller)]  # fmt: skip
    if len(plain) < 2:
        return []
    parts = [teller.say("caught.each", name=teller.player(p), t=teller.est(p["without"]["hours"], "hours")) for p in plain]
    ids, whole = {p["id"] for p in plain}, whole_h(teller)
    said = [teller.say("caught.brief_each", whole=teller.about_hours(whole), parts=teller.names.join(parts))]
    pair = next((row["together"].get("hours") for row in teller.part("attribution").get("pairs", ()) if set(row["ids"]) == ids), None)
    if pair and pair["value"] < whole:
        left = {**pair, "value": whole - pair["value"], "band": None}
        said.append(teller.say("caught.brief_both", t=teller.est(left, "hours")))
    return said


def none_alone(stages: Sequence[Row], teller: Teller) -> str:
    """That no stage would have kept services from stopping at all, where several shorten it."""
    whole = LEAST_GAIN * whole_h(teller)
    return teller.say("caught.none_alone") if stages and all(p["without"]["hours"]["value"] > whole for p in stages) else ""


# --------------------------------------------------------------------------- 4 which stages could have caught it


def caught(teller: Teller) -> list[Block]:
    found = players(teller)
    if not found:
        return []
    stages = players(teller, *STAGES)
    parts = paper_stages.compared(teller)
    how = [teller.say("caught.how", n=len(found), parts=parts, whole=teller.about_hours(whole_h(teller))), *_standing_for(found, teller)]
    blocks: list[Block] = [*teller.p("caught.how", how, "attribution")]
    bars = [
        Bar(teller.player(p), p["share"]["hours"]["value"], p["share"]["hours"]["standard_error"], _share(p, teller))
        for p in _drawn(found)
    ]
    blocks.append(Figure(lambda width: paper_charts.shares(bars, teller.say("chart.shares"), width, teller.about_hours),
                         _caption(found, teller), teller.figure("title.shares")))  # fmt: skip
    helping = most_helpful(teller)
    told = [p for k, p in enumerate(helping) if not k or not shortens(p)][:MOST_TOLD]  # the table has the others
    for k, player in enumerate(told):
        blocks += teller.p(f"caught.stage-{k + 1}", had_been(player, teller), "attribution", style="item")
    blocks += teller.p("caught.together", [*both(helping[:2], teller), none_alone(stages, teller)], "attribution", style="item")
    whole = teller.part("attribution")["whole"].get("user_hours", {"value": 0.0})["value"]
    blocks += teller.p("caught.not-asked", _not_asked(found, teller), "record") if teller.shows("weakness") else []
    if stages and not helping:
        blocks += teller.p("caught.none", teller.say("caught.none"), "attribution")
    rows = [
        [teller.player(p), teller.say(f"player.{p['what']}"), _share(p, teller), teller.cell(p["without"]["hours"], "hours"),
         teller.told_apart(p["saved"]["hours"], "hours"), fewer(p, whole, teller)]
        for p in stages
    ]  # fmt: skip
    blocks += teller.table("stage kind share> had_been> shorter_by> users_fewer>", rows, "stages")
    blocks += teller.p("caught.paired", teller.say("caught.paired"), "attribution", style="note") if stages else []
    return [*blocks, *_together(teller), *_by_service(stages, teller)]


def _not_asked(found: Sequence[Row], teller: Teller) -> str:
    """Defences that were promised or ordered and have no share here, and why: the record does not say that they were missing."""
    kept = [row for row in teller.part("record")["people"] if row["kind"] in paper_decisions.KEPT_WORDS]
    asked = dict.fromkeys(what["id"] for row in kept for what in row["about"] if what and what["noun"] == "defence")
    rest = [id_ for id_ in asked if id_ not in {p["name"] for p in found}]
    kinds = {row["kind"] for row in kept for what in row["about"] if what and what["id"] in rest}
    deeds = teller.names.join([teller.say(f"deed.{kind}") for kind in paper_decisions.KEPT_WORDS if kind in kinds])
    return teller.say("caught.not_asked", deeds=deeds, names=teller.names.listed(rest, 5, "defence")) if rest else ""


def _standing_for(found: Sequence[Row], teller: Teller) -> list[str]:
    """Barriers that have no share of their own because a missing defence stands for them."""
    other = {p["id"]: [name for name in p["stands_for"] if not paper_course.not_there(name, teller)] for p in found}
    return [teller.say("caught.stands_for", name=teller.player(p), names=teller.names.listed(other[p["id"]], 4, "barrier"))
            for p in found if other[p["id"]]]  # fmt: skip


def _share(player: Row, teller: Teller) -> str:
    """Hours of a share and its part of the whole."""
    part, est = player["part"].get("hours"), player["share"]["hours"]
    if within_error(player):
        return teller.say("within_error")
    hours = f"−{teller.about_hours(-est['value'])}" if est["value"] < 0 else teller.about_hours(est["value"])
    return hours if part is None or est["value"] < 0 else teller.say("share_of", t=hours, share=teller.share(part))


def fewer(player: Row, whole: float, teller: Teller) -> str:
    """The share of the hours that users went without which a stage would have saved."""
    saved = player["saved"].get("user_hours")
    if saved is None or whole <= 0:
        return NONE
    told = saved["value"] > TOLD_APART * saved["standard_error"]
    return teller.share(saved["value"] / whole) if told else teller.say("within_error")


def _together(teller: Teller) -> list[Block]:
    """What two stages save together beyond what each saves alone."""
    names = {p["id"]: teller.player(p) for p in players(teller)}
    said = []
    for pair in teller.part("attribution").get("pairs", ()):
        together, apart = pair["together"].get("hours"), pair["apart"].get("hours")
        if not together or not apart or any(i not in names for i in pair["ids"]):
            continue
        more = {
            "value": together["value"] - apart["value"],
            "standard_error": math.hypot(together["standard_error"], apart["standard_error"]),
        }
        if more["value"] > TOLD_APART * more["standard_error"] and more["value"] > 0:
            said.append(teller.say("caught.pair", names=teller.names.join([names[i] for i in pair["ids"]]), t=teller.est(more, "hours")))
    return [block for k, s in enumerate(said[:MOST_PAIRS]) for block in teller.p(f"caught.pair-{k + 1}", s, "attribution", style="item")]


def _by_service(stages: Sequence[Row], teller: Teller) -> list[Block]:
    """Hours out of each service in the replay: as it was, and had one stage been there."""
    helping = sorted(stages, key=lambda p: -sum(_saved_by_service(p)))[:MOST_BESIDE]
    if not helping or len(helping[0]["by_service"]) < 2:
        return []
    rows, apart_ = [], paper_course.misread(teller)
    for id_ in helping[0]["by_service"]:
        was = helping[0]["by_service"][id_]["hours"][0]
        if was > LEAST_GAIN_H:
            name, hours = teller.names.of(id_), (was, *(p["by_service"][id_]["hours"][1] for p in helping))
            rows.append([f"{name} *" if id_ in apart_ else name, *(teller.about_hours(h) for h in hours)])
    how = [teller.say("caught.services_how"), teller.say("caught.services_most", n=len(helping)) if len(helping) < len(stages) else "",
           teller.say("caught.services_apart") if apart_ else ""]  # fmt: skip
    heads = [teller.say("column.service"), teller.say("column.as_it_was"), *(teller.player(p) for p in helping)]
    return [Heading(teller.say("caught.services")), *teller.p("caught.services", how, "attribution"),
            Table(heads, rows, [False] + [True] * (len(helping) + 1), title=teller.figure("table.by_service"))] if rows else []  # fmt: skip


def shares_table(teller: Teller) -> list[Block]:
    """Every share in hours, user-hours and money."""
    measures = teller.part("attribution").get("measures", ())
    rows = []
    for player in players(teller):
        cells = [teller.told_apart(player["share"].get(m), _KINDS[m]) for m in ("hours", "user_hours", "money")]
        rows.append([teller.player(player), teller.say(f"player.{player['what']}"), *cells])
    if not rows:
        return []
    whole = teller.part("attribution")["whole"]
    rows.append(
        [teller.say("whole"), "", *(teller.cell(whole[m], _KINDS[m]) if m in measures else NONE for m in ("hours", "user_hours", "money"))]
    )
    said = teller.p("appendix.shares", teller.say("appendix.shares_how"), "attribution")
    return [*said, *teller.table("stage kind hours> user_hours> money>:loss", rows, "shares")]


# --------------------------------------------------------------------------- 6 what changes


def changes(teller: Teller) -> list[Block]:
    return [*_structure(teller), *_deciding(teller), *_investment(teller), *_clocks(teller)]


def _structure(teller: Teller) -> list[Block]:
    bought = teller.result["bought"]
    heading = Heading(teller.say("changes.structure"))
    if not bought:
        return [heading, *teller.p("changes.nothing", paper_plan.choice(teller) or teller.say("buy.nothing")), *paper_plan.worst(teller)]
    kept = any(row["kind"] in paper_decisions.KEPT_WORDS for row in teller.part("record")["people"])
    said = [*paper_plan.bought(teller, named=len(bought) == 1), teller.say("changes.now_kept" if kept else "changes.now"),
            _hours_saved(teller), *most_saved(teller)]  # fmt: skip
    return [heading, *teller.p("changes.bought", said, "comparison", "before", "after"), *_before_after(teller), *_built(teller),
            *paper_plan.worst(teller)]  # fmt: skip


def _built(teller: Teller) -> list[Block]:
    """What is built, in the order of what it costs to make an incident like this one shorter; who pays, and how long it takes."""
    shared, cells = bool(paper_plan.payers(teller)), []
    found = sorted(((_per_hour(row, teller), k, row) for k, row in enumerate(teller.result["building"])), key=lambda one: one[:2])
    known = {p["name"]: p for p in players(teller, "design")}
    for per_hour, _, row in found:
        payer = (teller.label(row["paid_by"]) or teller.say("bought.own")) if shared else NONE
        takes = NONE if row["takes_h"] is None else _takes(row["takes_h"], teller)
        first = teller.names.listed(row["requires"], 3, "defence") or NONE
        player = known.get(row["id"])
        saved = teller.told_apart(player["saved"]["hours"], "hours") if player else NONE
        hourly = teller.money(per_hour, 2) if math.isfinite(per_hour) else NONE
        cells.append([teller.names.of(row["id"], "defence"), first, payer, takes, saved, hourly])
    table = teller.table("defence first paid_by:price takes> shorter_by> per_hour>:price", cells, "built")
    ordered = table and teller.shows("price") and sum(math.isfinite(one[0]) for one in found) > 1
    years = numbers.count(teller.part("comparison")["years"], teller.lang)
    planned = ordered and any(isinstance(block, Table) for block in paper_plan.steps(teller))  # in the order of another measure
    said = [teller.say("changes.order", years=years) if ordered else "", teller.say("changes.order_loss") if planned else ""]
    return [*teller.p("changes.order", said, "attribution", "comparison"), *table]


def _per_hour(row: Row, teller: Teller) -> float:
    """What a defence costs for each hour by which it would have shortened this incident; infinite where chance hides any."""
    player = next((p for p in players(teller, "design") if p["name"] == row["id"]), None)
    if player is None or not shortens(player):
        return math.inf
    return paper_decisions.cost_of([row], teller) / float(player["saved"]["hours"]["value"])


def _takes(hours: float, teller: Teller) -> str:
    """A length of work: in weeks below two months."""
    if hours < 2 * HOURS_PER_MONTH:
        return teller.say("weeks", n=max(1, round(hours / HOURS_PER_WEEK)))
    return teller.say("months", n=round(hours / HOURS_PER_MONTH))


def _before_after(teller: Teller) -> list[Block]:
    """Each service as things stand and with what is bought."""
    before, after = teller.part("before")["services"], teller.part("after")["services"]
    rows = {id_: [part[id_]["outages_per_year_longer_than"][paper_choices.LONG] for part in (before, after)]
            for id_ in before if id_ in after}  # fmt: skip
    known = [i for i in rows if rows[i][0]["value"] > 0 and numbers.rare(rows[i][0]) is None]
    ids = sorted(known, key=lambda i: -rows[i][0]["value"])[:MOST_BARS]
    blocks: list[Block] = _each_choice([i for i in story.services_by_harm(teller.part("before")) if i in rows], teller)
    if ids:
        pairs = [_pair_of(i, rows[i], teller) for i in ids]
        blocks.append(Figure(lambda width: paper_charts.before_after(pairs, teller, width),
                             teller.say("caption.before_after", n=len(ids)), teller.figure("title.before_after")))  # fmt: skip
    return blocks


def _each_choice(services: Sequence[str], teller: Teller) -> list[Block]:
    """How long each service is out in a year, as things stand and with each of what can be chosen."""
    before, after, found = teller.part("before")["services"], teller.part("after")["services"], paper_choices.offered(teller)
    parts = [before, *(after if key == "all" else row["services"] for key, _, row in found)]
    like = median(part[i]["downtime_h_per_year"]["value"] for i in services for part in parts) if services else 0.0
    rows = [[teller.names.of(i), *(_out(part[i]["downtime_h_per_year"], like, teller) for part in parts)] for i in services]
    caveat = paper_course.caveat(teller)
    if len(found) < 2:
        table = teller.table("service hours_before> hours_after>", rows, "services")
        return [*(teller.p("changes.services", caveat, "reconstruction") if table else []), *table]
    few = teller.few(len((teller.result["few"] or {"with": ()})["with"]))
    heads = [teller.say(f"choice.short_{key}", n=len(row["with"]) if key == "all" else few) for key, _, row in found]
    head = [teller.say("column.service"), teller.say("column.now"), *heads]
    table = Table(head, rows, [False] + [True] * len(parts), title=teller.figure("table.services"))
    costs = teller.say("changes.costs_there") if teller.shows("price") else ""
    said = [teller.say("changes.each_choice", costs=costs), caveat]
    return [*teller.p("changes.services", said, "before", "after", "comparison", "reconstruction"), table]


def _out(est: Row, like: float, teller: Teller) -> str:
    """Hours out in a year in the unit of the other cells, unless they are so few that they would be a small part of it."""
    return teller.cell(est, "hours", like if est["value"] >= SMALL_PART * like else None)


def _pair_of(id_: str, ests: Sequence[Row], teller: Teller) -> Pair:
    before, after = (teller.est(est, "per_year") for est in ests)
    bounds = [numbers.rare(est) for est in ests]
    high = [est["value"] if bound is None else bound for est, bound in zip(ests, bounds, strict=True)]
    high = [high[0], high[0]] if before == after else high  # what is written alike is drawn alike
    return Pair(teller.names.of(id_), high[0], high[1], (before, after), (bounds[0] is not None, bounds[1] is not None))


def _deciding(teller: Teller) -> list[Block]:
    """What people undertook or were told to do, and what the incident teaches about deciding."""
    rules: list[Block] = []
    decided = [row for row in teller.part("record")["people"] if row["kind"] in paper_decisions.DECIDED]
    bare = sum(not teller.label(row["on"]) for row in decided)
    if bare and teller.shows("basis"):
        key = "all_bare" if bare == len(decided) else "bare"
        said = [teller.say("changes.rule_numbers"), teller.say(f"decisions.{key}", n=len(decided), k=bare)]
        rules += teller.p("changes.rule-numbers", said, "record", style="item")
    failed = [s.name for s in paper_stages.stages(teller) if s.state == "failed"]
    if failed:
        rules += teller.p(
            "changes.rule-shown", teller.say("changes.rule_shown", names=teller.names.join(failed, 4)), "rehearsal", style="item"
        )
    if teller.part("record")["people"] and not any(row["kind"] == "drilled" for row in teller.part("record")["people"]):
        rules += teller.p("changes.rule-drill", teller.say("changes.rule_drill", what=paper_story.hit(teller)), "record", style="item")
    rules = [*teller.p("changes.rules", teller.say("changes.rules")), *rules] if rules else []
    told = paper_decisions.undertaken(teller)
    return [Heading(teller.say("changes.deciding")), *rules, *told] if rules or told else []


def _investment(teller: Teller) -> list[Block]:
    result, plan = teller.part("comparison"), paper_plan.steps(teller)
    heading = Heading(teller.say("changes.investment"))
    if not result:
        return [heading, *plan] if plan else []
    years = numbers.count(result["years"], teller.lang)
    row = paper_choices.bundle(teller)
    blocks: list[Block] = [heading]
    if row:
        said = [*_price(row, teller), *_shared(teller)]
        if row["avoided_per_year"] and teller.shows("loss"):
            over = paper_choices.over_years(row["avoided_per_year"], result["years"])
            values = {"m": teller.est(row["avoided_per_year"], "money"), "over": teller.est(over, "money")}
            said.append(teller.say("buy.avoided", years=years, **values))
        blocks += teller.p("changes.money", [*said, *_net(row, teller), *paper_plan.turned(row, teller)], "comparison")
        blocks += teller.p("changes.tail", _long_changed(teller), "before", "after")
        table = [one for one in paper_choices.choices(teller, "choices") if len(one.rows) > 2]  # of one the sentences before tell it all
        said = [*paper_choices.asked(table, teller), paper_choices.as_often(teller)]
        blocks += [*teller.p("changes.choices", said, "comparison", "before", "after", "plan"), *table] if table else []
    return [*blocks, *paper_decisions.commitments(teller), *paper_plan.risk(teller), *_variants(result["variants"], years, teller), *plan]


def _long_changed(teller: Teller) -> list[str]:
    """What changes for the service that is out for a day most often."""
    worst = paper_choices.most_often_long(teller)
    if worst is None:
        return []
    name, before, after = worst
    key = "day_none" if not after["value"] and before["value"] else "day" if paper_choices.apart(before, after) else "day_same"
    often = {"before": teller.est(before, "per_year"), "after": teller.est(after, "per_year")}
    tie = teller.say("buy.tie") if paper_choices.tied(name, before, teller.part("before"), teller) else ""
    return [teller.say(f"buy.{key}", name=teller.names.of(name), tie=tie, **often)]


def _absolute(est: Row) -> Row:
    return {**est, "value": abs(est["value"])}


def _variants(rows: Sequence[Row], years: str, teller: Teller) -> list[Block]:
    cells = []
    beyond = [(teller.result[key] or {"with": None})["with"] for key in ("beside", "both")]  # the table of choices has these
    for row in (row for row in rows[1:] if row["with"] not in beyond):  # the first is as things stand
        name = " + ".join(teller.names.of(d, "defence") for d in row["with"])
        if len(rows) > 2 and row is rows[-1]:
            name = teller.say("all_bought")
        prices = [teller.money(row[cost], PRICE) for cost in ("once", "yearly")]
        cells.append([name, *prices, teller.told_apart(row["avoided_per_year"], "money"), teller.cell(row["net"], "money"),
                      paper_plan.ratio(paper_plan.times_avoided(row, teller.part("comparison")["years"]))])  # fmt: skip
    table = teller.table("defence once>:price yearly>:price avoided>:loss net>:price ratio>:price", cells, "variants")
    if not table or all(row["net"] is None for row in rows):
        return [*table]
    note = [teller.say("changes.net_rows") if len(rows) > 2 else "", teller.say("changes.net_note", years=years),
            teller.say("changes.net_payers") if paper_plan.payers(teller) else ""]
    return [*table, *teller.p("changes.net-note", note, "comparison", style="note", about="price")]


# --------------------------------------------------------------------------- regulators


def _laws(teller: Teller) -> list[Row]:
    """Regulations that the incident sets off and that cover the firm, or may; those without a single date only if they do.

    None of a place of which nothing is said of a firm that is known to be at work in another.
    """
    found = [law for law in teller.result["clocks"] if law["covered"] is not False and law["triggered"] and not law["elsewhere"]]
    return [law for law in found if law["covered"] or any(duty["at"] for duty in law["due"])]


def _clocks(teller: Teller) -> list[Block]:
    """What would be due to whom and when, for regulations that cover the firm or may do so."""
    rows = []
    for law in _laws(teller):
        for duty in law["due"]:
            if duty["at"] or duty["lacks"] or not duty["confirmed"]:
                covered = teller.say("covered.yes" if law["covered"] and duty["confirmed"] else "covered.unknown")
                article = teller.label(duty["article"])
                due = _deadline(duty, teller)
                if not duty["confirmed"]:
                    article = teller.say("clocks.unconfirmed", said=article)
                    due = teller.say("clocks.unconfirmed", said=due) if duty["at"] else due
                said = teller.say("clocks.duty", what=teller.label(duty["what"]), to=teller.label(law["to"]))
                rows.append([teller.label(law["law"]), said, due, article, covered])
    covered, how = {row[-1] for row in rows}, [teller.say("clocks.how")]
    if len(rows) > FEW_DUTIES and len(covered) == 1:  # a column that says one thing is a sentence
        how.append(teller.say("clocks.all_covered", said=covered.pop()))
        rows = [[*row[:-1], NONE] for row in rows]
    table = teller.table("law duty due article covers", rows, "clocks")
    if not table:
        return []
    return [Heading(teller.say("changes.clocks")), *teller.p("changes.clocks", how),
            *teller.p("changes.clocks-from", _counted_from(teller), "record"), *table,
            *teller.p("changes.clocks-before", [*_later_laws(teller), _elsewhere(teller)], style="note")]  # fmt: skip


def _elsewhere(teller: Teller) -> str:
    """Of which places no rules stand here, as nothing says that the firm is at work there."""
    places = dict.fromkeys(law["where"] for law in teller.result["clocks"] if law["elsewhere"] and law["triggered"])
    names = teller.names.join([teller.say(f"clocks.place_{place}") for place in places], len(places))
    return teller.say("clocks.elsewhere", names=names) if places else ""


def _deadline(duty: Row, teller: Teller) -> str:
    if duty["at"] is None:
        lacks = [teller.say(f"moment_of.{'sent' if m.startswith('sent.') else m}") for m in duty["lacks"]]
        return teller.say("clocks.needs", what=teller.names.join(lacks)) if lacks else teller.say("clocks.no_limit")
    at = teller.brief(duty["at"])
    if duty["promptly"]:
        return teller.say("clocks.promptly", t=at)
    return teller.say("clocks.latest" if duty["latest"] else "clocks.by", t=at)


def _later_laws(teller: Teller) -> list[str]:
    """Laws that were not yet in force when it happened."""
    began = teller.part("record")["began_at"]
    later = [
        teller.say("clocks.later", law=teller.label(law["law"]), since=law["since"])
        for law in _laws(teller)
        if began and law["since"] > began[:10]
    ]
    return [teller.say("clocks.not_yet", laws=teller.names.join(later, 9))] if later else []


def forms(teller: Teller) -> list[Block]:
    """Drafts of the forms: what the results can fill in, and what the firm must."""
    if not teller.shows("forms"):
        return []
    draft = _draft(teller)
    blocks: list[Block] = _each_service(teller)
    lead = len(blocks)
    for law in _laws(teller):
        rows: list[list[str]] = []
        for duty in law["due"]:
            filled = [[_field(field, teller), draft[field["takes"]]] for field in duty["fields"] if draft.get(field["takes"])]
            empty = [_field(field, teller) for field in duty["fields"] if not draft.get(field["takes"])]
            filled += [["; ".join(empty), teller.say("forms.firm")]] if empty else []
            rows += [["" if k else teller.label(duty["what"]), *cells] for k, cells in enumerate(filled)]
        about = [f"{teller.label(law['articles'])}.", *(teller.label(law[key]) for key in ("unsure", "before") if law[key])]
        blocks += [Heading(teller.label(law["law"])), *teller.p(f"forms.{law['id']}", about, style="note")]
        blocks += teller.table("duty field draft", rows, "form", law=teller.label(law["law"]))
    return [*teller.p("forms.how", teller.say("forms.how")), *blocks] if len(blocks) > lead else []


def _field(field: Row, teller: Teller) -> str:
    """A field of a form by its words, and by its number where it has one."""
    label = teller.label(field["label"])
    return teller.say("field", id=field["id"], label=label) if field["id"][0].isdigit() else label


def _each_service(teller: Teller) -> list[Block]:
    """When each service stopped and was back by the record, where several did."""
    fell, outage = paper_story.affected(teller), paper_story.outage_began(teller)
    if len(fell) < 2:
        return []
    rows, unsaid, seen_down, unnamed = [], 0, False, paper_story.unreported(teller)
    for id_ in fell:
        begin, back = paper_story.recorded(teller).get(id_, (None, None))
        latest = begin and begin[0] is None and teller.day_after(begin[1])
        began = teller.say("forms.at_latest", t=teller.brief(latest)) if latest else teller.when(
            [teller.day_after(t) for t in begin]) if begin else ""  # fmt: skip
        unsaid, seen_down = unsaid + (bool(latest) or not begin), seen_down or bool(latest)
        name = f"{teller.names.of(id_)} *" if id_ in unnamed and len(unnamed) < len(fell) else teller.names.of(id_)
        rows.append([name, began, paper_story.returned(id_, back, teller)])
    for row in rows:
        row[1] = row[1] or (NONE if unsaid == len(fell) else teller.say("forms.unrecorded"))
    key = "no_stop" if unsaid == len(fell) else "some_stops"
    said = [teller.say(f"forms.{key}", n=unsaid) if unsaid else "", teller.say("forms.seen_down") if seen_down else "",
            teller.say("forms.outage", t=teller.when([teller.day_after(t) for t in outage])) if unsaid and outage else ""]  # fmt: skip
    said.append(teller.say("forms.unnamed") if unnamed and len(unnamed) < len(fell) else "")
    return [Heading(teller.say("forms.by_service")), *teller.p("forms.stops", said, "record"),
            *teller.table("service stopped_at back_at", rows, "returns")]  # fmt: skip


def _draft(teller: Teller) -> Mapping[str, str]:
    """What the record says for a field of a form, by the word under which regulations ask for it: a replay answers no statutory field."""
    record, fell, lasted = teller.part("record"), paper_story.affected(teller), paper_story.length(teller)
    unsure = paper_story.unreported(teller) if len(fell) > 1 else []
    sure = [id_ for id_ in fell if id_ not in unsure]  # where there are none, the record fills nothing in
    began, aware, names = paper_story.outage_moment(teller), _learned(teller), teller.names.listed(sure, len(sure))
    t, unnamed = teller.span(lasted) if lasted else "", len(unsure)
    short = teller.say("services", n=len(sure)) if len(sure) > FEW_NAMES else names  # a table of the drafts has all of them
    told = teller.say("forms.to_check", names=short, n=unnamed) if unnamed else short
    summary = paper_story.first(teller, sure) if sure else ""
    found = {
        "services": names, "own-services": teller.say("forms.own_services", names=told) if len(fell) > 1 else names,
        "cause": _cause(teller), "began": began, "aware": aware,
        "summary": teller.say("forms.summary_to_check", said=summary, n=unnamed) if unnamed and sure else summary,
        "began-aware": teller.say("forms.began_aware", began=began, aware=aware) if began and aware else "",
        "stopped": teller.say("forms.stopped" if began and t else "forms.stopped_undated", names=told, began=began, t=t) if sure else "",
        "impact": teller.say("forms.impact", names=told) if sure else "",
        "restored": teller.day(record["ended_at"]) if record["ended_at"] else "",
        "duration": t, "downtime": t, "loss": paper_story.losses_of_the_firm(teller) if teller.shows("loss") else "",
        "reference": teller.result["marks"]["record"],
    }  # fmt: skip
    users = [row for row in record["losses"] if row["unit"] == "users"]
    if users:
        low, high = (teller.count(a) for a in users[0]["amount"])
        found["users"] = teller.say("unit.users", n=low if low == high else numbers.between(low, high, teller.lang))
    return {key: value for key, value in found.items() if value and value != NONE}


def _cause(teller: Teller) -> str:
    """What the record says struck, to be checked: no record of an incident is the finding of its cause."""
    return teller.say("forms.cause", what=paper_story.hit(teller)) if teller.part("record")["scenario"]["hit"] else ""


def _stopped_at(teller: Teller) -> str:
    """When services began to stop by the record; where it does not say so, when the incident began."""
    began = teller.result["stopped_at"]
    return teller.day(began) if began else ""


def _reports_of_learning(teller: Teller) -> list[Row]:
    """Every report of when the firm learned of it, the earliest first: what was told to whoever was told first."""
    rows = [row for row in teller.part("record")["people"]
            if row["kind"] in ("warned", "told") and row["to"] and row["t_h"] and row["t_h"][0] >= 0]  # fmt: skip
    rows.sort(key=lambda row: row["t_h"][0])
    return [row for row in rows if row["to"] == rows[0]["to"]]


def _learned(teller: Teller) -> str:
    """When the firm learned of it, by every report of that; the first with its year."""
    reports = _reports_of_learning(teller)
    return " / ".join(dict.fromkeys((teller.when if k else teller.moment)(row["at"]) for k, row in enumerate(reports)))


def _aware(teller: Teller) -> str:
    """From which time deadlines count that run from when the firm learned of it; how much later, where another report holds."""
    reports = _reports_of_learning(teller)
    times = list(dict.fromkeys(teller.when(row["at"]) for row in reports))
    if len(times) < 2:
        return teller.say("clocks.aware", t=times[0]) if times else ""
    at = {teller.when(row["at"]): row["t_h"][0] for row in reversed(reports)}
    by = teller.role(reports[0]["by"])
    first = teller.say("clocks.aware_by", t=times[0], by=by) if by else times[0]
    later = [teller.say("clocks.aware_later", t=t, late=teller.hours(at[t] - at[times[0]])) for t in times[1:]]
    return teller.say("clocks.aware_several", first=first, later=teller.names.join(later, len(later)))


def _before_outage(teller: Teller) -> str:
    """That what the firm knew at first was no outage yet, where that was before services began to stop."""
    reports, outage = _reports_of_learning(teller), paper_story.outage_began(teller)
    if not reports or outage is None or reports[0]["t_h"][1] is None or reports[0]["t_h"][1] >= outage[0]:
        return ""
    return teller.say("clocks.aware_before", t=teller.brief(teller.day_after(outage[0]) or ""), what=paper_story.hit(teller))


def _counted_from(teller: Teller) -> list[str]:
    """The times of the record from which the deadlines count."""
    began = _stopped_at(teller)
    said = [teller.say("clocks.stopped", t=began) if began else ""]
    both = paper_story.outage_moment(teller)
    if began and both != began:
        said = [teller.say("clocks.stopped_between", t=both)]
    duties = [duty for law in _laws(teller) for duty in law["due"] if duty["at"]]
    restored = teller.part("record")["ended_at"] if any(duty["counted_from"] == "restored" for duty in duties) else None
    return [*said, _aware(teller), _before_outage(teller), teller.say("clocks.restored", t=teller.day(restored)) if restored else "",
            teller.say("clocks.sent") if any(duty["latest"] for duty in duties) else ""]  # fmt: skip
