"""The white paper's first page: what to remember, what should have caught it, what is bought, by whom it is paid and on what that rests."""

from __future__ import annotations

from typing import Any

from blackstart.report import numbers
from blackstart.report.outline import Paragraph
from blackstart.report.paper import change as paper_change
from blackstart.report.paper import choices as paper_choices
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import stages as paper_stages
from blackstart.report.paper import story as paper_story
from blackstart.report.tables import Table
from blackstart.report.teller import TOLD_APART, Row, Teller


def remembered(teller: Teller) -> list[Paragraph]:
    """How many stages failed or were missing; which one would have changed most; what the defences cost and avoid."""
    stages = [row.state for row in paper_stages.stages(teller)]
    n = {state: stages.count(state) for state in ("missing", "failed", "held")}
    told = "_".join(state for state in ("missing", "failed") if n[state])
    told = f"all_{told}" if max(n.values()) == len(stages) > 1 else told
    said = [teller.p("summary.stages", teller.say(f"lead.stages_{told}", n=len(stages), **n), "rehearsal", "attribution", style="lead")
            if told else [],
            teller.p("summary.best", _best(teller), "attribution", style="lead"),
            teller.p("summary.worth", _worth(teller), "comparison", style="lead")]  # fmt: skip
    return [paragraph for one in said for paragraph in one]


def _best(teller: Teller) -> str:
    """The stage that would have shortened the outage most, and to what."""
    best = next(iter(paper_change.most_helpful(teller)), None)
    if best is None or not paper_change.shortens(best):
        return ""
    name, without = teller.names.of(best["name"], best["noun"]), best["without"]["hours"]
    values = {"name": name, "times": teller.times(best["times"]), "whole": teller.about_hours(paper_change.whole_h(teller))}
    if without["value"] <= 0:
        return teller.say(f"caught.none_with_{best['what']}", **values)
    from_stop = teller.say("lead.from_stop") if paper_course.lengths(teller) else ""  # the record counts from elsewhere
    return teller.say(f"lead.with_{best['what']}", t=teller.est(without, "hours"), since=from_stop, **values)


def _worth(teller: Teller) -> str:
    """What everything that is bought costs and avoids over the years of the comparison, where no table of choices says so."""
    row = None if paper_choices.choices(teller) else paper_choices.bundle(teller)
    cost = paper_decisions.cost_of([row], teller) if row else 0.0
    if not row or not cost or not (teller.shows("price") and teller.shows("loss")):
        return ""
    years, avoided = teller.part("comparison")["years"], row["avoided_per_year"] or {"value": 0.0, "standard_error": 0.0}
    told = avoided["value"] > TOLD_APART * avoided["standard_error"]
    key = "worth" if told else "worth_unknown" if row["avoided_per_year"] else "cost"
    over = paper_choices.over_years(avoided, years)
    return teller.say(f"lead.{key}", n=len(teller.result["bought"]), years=numbers.count(years, teller.lang),
                      cost=teller.amount(cost, 4), avoided=teller.est(over, "money"))  # fmt: skip


def what_should_have_caught(teller: Teller) -> list[Any]:
    """What the stages that help most would have changed, alone and together."""
    stages = paper_change.players(teller, *paper_change.STAGES)
    best = paper_change.most_helpful(teller)[:2]
    if not best:
        return teller.p("summary.catch", teller.say("caught.none"), "attribution") if stages else []
    told = paper_change.both(best, teller) or [_briefly(p, teller) for p in best]
    said = [*_scale(teller), *told, paper_change.none_alone(stages, teller)]
    return teller.p("summary.catch", said, "attribution")


def _scale(teller: Teller) -> list[str]:
    """The mean of the replays, against which stages are weighed, beside how long it really was."""
    lasted, runs = paper_story.length(teller), f"{teller.part('attribution')['method']['runs']:,}"
    values = {"runs": runs, "whole": teller.about_hours(paper_change.whole_h(teller))}
    return [teller.say("caught.scale", t=teller.span(lasted), **values) if lasted else teller.say("caught.scale_open", **values)]


def _briefly(player: Row, teller: Teller) -> str:
    """`had X been there: about 14 h`, behind a sentence that says what it would have been otherwise."""
    without = player["without"]["hours"]
    if without["value"] <= 0 or not paper_change.shortens(player) or paper_change.little(player, teller):
        return paper_change.had_been(player, teller)
    values = {"name": teller.names.of(player["name"], player["noun"]), "times": teller.times(player["times"])}
    return teller.say(f"caught.brief_{player['what']}", t=teller.est(without, "hours"), **values)


def what_is_bought(teller: Teller) -> list[Any]:
    """What can be chosen with its worth, whether anything is decided, who pays, and on what the judgement hangs; part six has the rest."""
    row = paper_choices.bundle(teller)
    if row is None:
        return teller.p("summary.buy", [paper_plan.choice(teller) or teller.say("buy.nothing"), *paper_plan.verdict(teller)], "plan")
    figures = [*_payers(row, teller), *_struck_figure(teller)]
    said = [teller.say("buy.undecided_here")] if _nobody_decided(teller) else paper_plan.bought(teller)
    said += [] if row["avoided_per_year"] and teller.shows("loss") else paper_change.most_saved(teller)
    table = [Table(["", ""], figures, [False, False])] if figures else []
    why = _grounds(row, teller) or paper_plan.verdict(teller)[:1]
    choices = paper_choices.choices(teller)
    said += paper_choices.asked(choices, teller, briefly=True)
    return [*teller.p("summary.buy", said, "comparison", "before", "after"), *choices, *table,
            *teller.p("summary.buy-grounds", why, "plan", "before", "after")]  # fmt: skip


def _nobody_decided(teller: Teller) -> bool:
    """Whether what is bought is only assumed, and the record has promises or orders but no decision."""
    return teller.result["chosen"] == "record" and bool(paper_decisions.grounds(teller))


def _payers(row: Row, teller: Teller) -> list[list[str]]:
    """What the firm itself pays over the years and what others are taken to, where others pay a part."""
    others = {name: once + teller.part("comparison")["years"] * yearly for name, (once, yearly) in paper_plan.payers(teller).items()}
    if not others or not teller.shows("price"):
        return []
    whole = paper_decisions.cost_of([row], teller)
    costs = {teller.say("bought.own"): whole - sum(others.values()), **others}
    told = [teller.say("bought.pays", name=name, price=teller.money(cost, paper_decisions.SUMMED))
            for name, cost in costs.items() if cost > 0]  # fmt: skip
    years = numbers.count(teller.part("comparison")["years"], teller.lang)
    return [[teller.say("bought.payers", years=years), teller.say("bought.apart").join(told)]]


def _struck_figure(teller: Teller) -> list[list[str]]:
    """How often what struck this time strikes, by the model."""
    often = paper_plan.struck_often(teller)
    return [[teller.say("bought.struck", what=paper_story.hit(teller)), often]] if often else []


def _grounds(row: Row, teller: Teller) -> list[str]:
    """Where what is bought costs more than the loss it avoids, and makes long outages rarer: that the case for it is the second."""
    worst = paper_choices.most_often_long(teller)
    if worst is None or not row["net"] or row["net"]["value"] >= 0 or not teller.shows("price"):
        return []
    _, before, after = worst
    key = "buy.grounds_board" if teller.level == "board" else "buy.grounds"
    return [teller.say(key)] if after["value"] < before["value"] and paper_choices.apart(before, after) else []
