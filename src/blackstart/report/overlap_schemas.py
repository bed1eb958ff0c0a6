"""The published JSON Schema of what `overlaps` and `worst` answer."""

from __future__ import annotations

from blackstart.report.origins import grounds_schema
from blackstart.report.schemas import TEXT, Schema, list_of, map_of, number, object_of, or_null, ref, row_of, since_later, tuple_of

_ID = {"type": "string", "description": "name in the model"}
_IDS = list_of({"type": "string"})
_FLAG = {"type": "boolean"}
_HOUR = number("hours since the begin of the play", 0)


def misfortune() -> dict[str, Schema]:
    """One misfortune of a set, as fields of an object."""
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    return {
        "what": {"enum": ["hazard", "component", "barrier", "take-over", "hidden-fault", "chance", "doubtful-need", "picked"]},
        "id": _ID, "of": {"type": ["string", "null"], "description": "the hazard against which, or by which"},
        "p": share | {"description": "share of time until all is at rest again after it, or chance on demand"},
        "per_year": {"type": ["number", "null"], "description": "how often it comes; null: only on demand"},
    }  # fmt: skip


def overlaps(common: dict[str, Schema], way_step: Schema) -> Schema:
    """What `overlaps` answers; `common`: what every result says of itself, `way_step`: a step of a way back."""
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    per_year, of_plays = number("a year", 0), {"description": "how long misfortunes are felt are means of plays"}
    lost = {"id": _ID, "kind": {"type": ["string", "null"]}, "services": _IDS, "share": share, "unmended": _IDS}
    number_or_null = {"type": ["number", "null"]}
    fields = common | {
        "kind": {"const": "overlaps"},
        "left_out": list_of(TEXT, "what the static reading does not see"), "standbys": _standbys(),
        "measure": {"enum": ["money", "users", "services"], "description": "what an hour of a service is weighed by"},
        "money": _FLAG | {"description": "whether losses are stated; else services are weighed by users, or alike"},
        "plays": {"type": "integer", "minimum": 1, "description": "at random of each overlap, by which it is priced"},
        "services": list_of(since_later(row_of(
            "one service by logic alone, standbys having taken over", id=_ID, share_of_time=share, standard_error=share | of_plays,
            per_year=per_year, lower=share, upper=share,
            band=or_null(tuple_of(number("5 % of the possible worlds"), number("95 %"))) | {"description": "of share_of_time"},
            out_h=map_of(number("h", 0), "each time it comes, a misfortune that stops the service alone or with failures on demand"),
            minimal=map_of({"type": "integer"}, "smallest sets, by number of misfortunes"),
        ), taking_over=or_null(row_of("out only until a standby has taken over", per_year=per_year, longest_h=_HOUR)))),
        "taking_over": _meanwhile(way_step),
        "overlaps": list_of(since_later(row_of(
            "a smallest set of misfortunes, played once at typical values and many times at random",
            misfortunes=list_of(ref("Misfortune")), per_year=per_year, standard_error=per_year | of_plays,
            band=or_null(tuple_of(number("5 % of the possible worlds"), number("95 %"))) | {"description": "of per_year"},
            hours=map_of(number("h"), "longest time out of each service at typical values"),
            stops=_IDS | {"description": "services for which the set was listed"}, end_h=_HOUR,
            stuck=_FLAG | {"description": "at typical values something never comes back and is rescued after 90 days"},
            never=share | {"description": "share of the plays at random of which the same is true"},
            late=share | {"description": "share of the plays at random in which a service is out for longer than its stated RTO"},
            bearable=_FLAG | {"description": "at typical values and in 95 % of plays no service is out for longer than its stated RTO"},
            cost=ref("Estimate") | {"description": "money; hours weighed by users or services where no loss is stated"},
            beyond=or_null(list_of(ref("Misfortune"), "a smaller set inside it, which stops other services")),
            adds=ref("Estimate") | {"description": "cost beyond that of the smaller set"},
            adds_per_year=ref("Estimate") | {"description": "that, a year: how often × share that counts × cost added"},
        ), course=or_null(_course(way_step)),
           felt_h=list_of(number_or_null, "mean hours for which each misfortune of the set is felt; null: on demand"),
           together=share | {"description": "share of what a play of all at once costs that counts where they come one after the other"},
           by_service=map_of(ref("OfService")), why=map_of(ref("Stop")),
           meanwhile=_IDS | {"description": "of those in `hours`, by logic out only until a standby has taken over"})),
        "importance": list_of(since_later(row_of(
            "one misfortune, and the service for which it matters most", **misfortune(), service=_ID,
            p_error=share | {"description": "standard error of p: how long the service is out is a mean of plays"},
            share=number("of all the time out that the logic sees, weighed by `measure`"),
            birnbaum=number("dP/dp"), criticality=number("Birnbaum x p / P"), fussell_vesely=number("share that vanishes without it"),
            raw=number("times as much if it is always there"), rrw=number_or_null,
        ), by_service=map_of(number("part of `share`"), "of which services it is made"))),
        "lost_alone": list_of(since_later(
            row_of("what stops if this alone is gone", what={"enum": ["domain", "team"]}, **lost),
            meanwhile=_IDS | {"description": "services that wait for a standby to take over, by the same logic"}, why=map_of(ref("Stop")),
        )),
        "under_all": list_of(since_later(
            row_of("parts without each of which the same services stop", parts=_IDS, services=_IDS, share=share), why=map_of(ref("Stop")),
        )),
        "pairs": since_later(
            row_of(
                "misfortunes that matter most, alone and two at the same moment",
                misfortunes=list_of(ref("Misfortune")), alone=list_of(number("cost")), together=list_of(list_of(number_or_null)),
            ),
            error=list_of(list_of(number_or_null)), error_alone=list_of(number("standard error of `alone`", 0)),
            hours=list_of(list_of(or_null(map_of(number("h"), "longest time out of each service at typical values")))),
            hours_alone=list_of(map_of(number("h"), "the same of each alone")),
            by_service=list_of(list_of(or_null(map_of(ref("OfService"))))), by_service_alone=list_of(map_of(ref("OfService"))),
        ),
        "grounds": grounds_schema(),
    }  # fmt: skip
    fields["played"] = played()
    optional = ("defences", "grounds", "measure", "standbys", "taking_over", "played")
    return object_of("which overlaps of misfortune stop which service", fields, optional=optional)


def of_service() -> Schema:
    """What a service loses on average in plays of an overlap."""
    fields = {"out_h": number("h out", 0), "cost": number("as `cost` of the overlap", 0)}
    worse = {"worse_h": number("h in which it runs worse", 0), "worse": number("of `cost`: while it runs worse", 0)}
    return since_later(row_of("a service, mean over the plays at random", **fields), **worse)


def stop() -> Schema:
    """Why a component is out."""
    by = row_of("a misfortune", **{key: misfortune()[key] for key in ("what", "id", "of")})
    return row_of(
        "why a component is out", on=_IDS | {"description": "it is out for; of several that would do for each other, all"},
        by=or_null(by) | {"description": "what strikes it"}, waits=_FLAG | {"description": "a standby that has not taken over yet"},
    )  # fmt: skip


def played() -> Schema:
    """What plays say of services that nothing stops by logic."""
    out = row_of("in the plays", downtime_h_per_year=ref("Estimate"), outages_per_year=ref("Estimate"))
    return row_of("plays of services that nothing stops by logic, where logic does not see all that may",
                  worlds={"type": "integer"}, samples={"type": "integer"}, services=map_of(out))  # fmt: skip


def _standbys() -> Schema:
    takes = or_null(_HOUR) | {"description": "typical; null: hands-on work or the length of the outage decides"}
    return list_of(row_of("a standby that takes time to take over", id=_ID, for_=_IDS, takes_h=takes))


def _meanwhile(way_step: Schema) -> Schema:
    per_year, of_plays = number("a year", 0), {"description": "how long misfortunes are felt are means of plays"}
    return list_of(since_later(row_of(
        "a smallest set that stops services only until a standby has taken over, played once at typical values",
        misfortunes=list_of(ref("Misfortune")), per_year=per_year, standard_error=per_year | of_plays,
        band=or_null(tuple_of(number("5 % of the possible worlds"), number("95 %"))) | {"description": "of per_year"},
        hours=map_of(number("h"), "longest time out of each such service"), standbys=_IDS | {"description": "that ended it"},
    ), ways=map_of(list_of(way_step), "for each service what it waited for until a standby had taken over")))  # fmt: skip


def _course(way_step: Schema) -> Schema:
    way = row_of("the longest outage", service=_ID, from_h=_HOUR, to_h=_HOUR, critical_path=list_of(way_step))
    return since_later(row_of(
        "an overlap at typical values", longest=or_null(way), stuck=_IDS,
        through=map_of(_IDS, "for each service the parts that it waited for until its longest outage ended"),
    ), ways=map_of(list_of(way_step), "for each service of `meanwhile` what it waited for until a standby had taken over"))  # fmt: skip


def _plays_of_it() -> Schema:
    estimate = ref("Estimate")
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    found = row_of(
        "plays of it, all at the same moment; bands are those of chance: nine of ten plays", loss=or_null(estimate),
        hours=map_of(estimate, "time out of each service"), end_h=or_null(estimate),
        stuck_share=share | {"description": "plays in which something never came back and was rescued after 90 days"},
    )  # fmt: skip
    return since_later(found, by_service=map_of(ref("OfService")))


def worst_set() -> Schema:
    """The worst set of at most so many misfortunes."""
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    per_hour = number("an hour: money, users or services, by `measure`", 0)
    costs = {
        "misfortunes": list_of(ref("Misfortune")), "per_hour": per_hour, "share": share, "bound": number("no set of k costs more"),
        "proven": _FLAG, "stops": _IDS,
    }  # fmt: skip
    found = row_of(
        "the worst set of at most k", k={"type": "integer"}, **costs, played=_plays_of_it(),
        adds=_FLAG | {"description": "worse than the set of one fewer"},
    )  # fmt: skip
    at_first = since_later(row_of("the worst before any standby that takes time has taken over", **costs), why=map_of(ref("Stop")))
    return since_later(found, at_first=or_null(at_first), why=map_of(ref("Stop")))


def worst(common: dict[str, Schema]) -> Schema:
    """What `worst` answers; `common`: what every result says of itself."""
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    per_year = number("a year", 0)
    per_hour = number("an hour: money, users or services, by `measure`", 0)
    set_ = list_of(ref("Misfortune"))
    named = list_of(row_of("a misfortune", **{key: misfortune()[key] for key in ("what", "id", "of")}))
    fields = common | {
        "kind": {"const": "worst"},
        "left_out": list_of(TEXT, "what the static reading does not see"),
        "measure": {"enum": ["money", "users", "services"], "description": "what an hour of a service is weighed by"},
        "whole_per_hour": per_hour,
        "misfortunes": row_of(
            "how many there are", all={"type": "integer"}, hazards={"type": "integer"},
            tried={"type": "integer", "description": "left when those are left out that another one always stands in for"},
        ),
        "standbys": _standbys(),
        "worst": list_of(ref("WorstSet")),
        "dependence": row_of(
            "expected loss a year when only rates are known", independent=per_year,
            independent_error=number("standard error of that, as far as plays of single misfortunes leave it", 0),
            independent_bounds=tuple_of(per_year, number("the ends of the logic, at mean lengths as played: without that error")),
            unseen=number("of all of these, what plays of single misfortunes show that logic does not: take-overs, overload"),
            least=per_year, least_bound=number("proven"), most=per_year, most_bound=per_year, proven=_FLAG,
            at_most={"type": ["integer", "null"], "description": "misfortunes at the same moment"}, states_tried={"type": "integer"},
            states=list_of(row_of(
                "a state of the worst dependence", misfortunes=set_, share_of_time=share, per_hour=per_hour, per_year=per_year
            )),
        ),
        "rates": row_of(
            "all rates multiplied by one factor, misfortunes independent",
            curve=list_of(row_of("", factor=number("on all rates"), per_year=per_year)),
            promise={"type": ["number", "null"]}, breaks_at={"type": ["number", "null"], "description": "least factor that breaks it"},
            breaks_at_worst={"type": ["number", "null"], "description": "the same under the worst dependence, to one in a hundred"},
        ),
        "defence": or_null(row_of(
            "the choice of defences that leaves the worst set least bad", k={"type": "integer"}, budget=number("money"),
            years=number("of yearly costs"), with_=_IDS, cost=number("money"), misfortunes=named, per_hour=per_hour,
            before=per_hour, bound=number("no choice within the budget does better", 0), options={"type": "integer"},
            tried={"type": "integer", "description": "choices compiled, their worst sets proven"}, pairs={"type": "integer"},
            harmful_pairs={"type": "integer", "description": "of pairs of tried choices, those in which one defence more is worse"},
            state={"enum": ["proven", "bounded", "open"], "description": "all tried; the rest bounded if none does harm; not finished"},
            steps=list_of(row_of("a choice that was better than all before", with_=_IDS, cost=number("money"), per_hour=per_hour,
                             misfortunes=named)),
        )),
    }  # fmt: skip
    fields["grounds"] = grounds_schema()
    fields["played"] = played()
    fields["dearest"] = row_of(
        "the overlap of at most as many misfortunes that costs most in all, as played: searched, not proven",
        misfortunes=list_of(ref("Misfortune")), played=_plays_of_it(), tried={"type": "integer", "description": "overlaps played"},
    )  # fmt: skip
    optional = ("defences", "standbys", "grounds", "played", "dearest")
    return object_of("the worst that so many misfortunes at once can do", fields, optional=optional)
