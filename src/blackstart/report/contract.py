"""The published JSON Schema of results: what `--format json` writes and every view reads."""

from __future__ import annotations

from blackstart.report import attribution, backtests, kinds, learnt, overlap_schemas, reconstruction, recorded, tolerances, uptime
from blackstart.report import plan as plans
from blackstart.report.origins import explained_schema as _explained
from blackstart.report.origins import glosses_schema as _glosses
from blackstart.report.origins import grounds_schema as _grounds
from blackstart.report.origins import moved_schema as _input
from blackstart.report.origins import origin_schema as _origin
from blackstart.report.schemas import TEXT as _TEXT
from blackstart.report.schemas import Schema
from blackstart.report.schemas import list_of as _list
from blackstart.report.schemas import map_of as _map
from blackstart.report.schemas import number as _number
from blackstart.report.schemas import object_of as _object
from blackstart.report.schemas import or_null as _or_null
from blackstart.report.schemas import ref as _ref
from blackstart.report.schemas import row_of as _row
from blackstart.report.schemas import since_later as _since_later
from blackstart.report.schemas import tuple_of as _tuple
from blackstart.report.story import GROUPS

ID = "urn:blackstart:result:1"
VERSION = "1"
KINDS = (
    "Assessment", "Rehearsal", "Comparison", "Difference", "Overlaps", "Why", "Unknowns", "Backtest", "Quantification", "Kinds", "Learnt",
    "Plan", "Trace", "Worst", "Incident", "Reconstruction", "Attribution", "Paper", "Quiet", "Growth", "Check",
)  # fmt: skip
RETURN_PERIODS = ("2", "5", "10", "50", "100", "250", "1000")
LENGTHS = ("1h", "4h", "24h", "120h")
WINDOWS = ("1h", "24h", "168h", "720h")


_ID = {"type": "string", "description": "name in the model"}
_IDS = _list({"type": "string"})
_ALIKE = {"type": "integer", "minimum": 1, "description": "inputs whose doubt is one: for how many an answer stands"}
_FLAG = {"type": "boolean"}
_BEHIND = {"type": "number", "minimum": 0, "description": "h: lag of a copy that may take over; what a take-over loses so is not counted"}
_INSTEAD = _IDS | {"description": "any of these would do instead; left out where none would"}
_HOUR = _number("hours since the begin of the rehearsal", 0)


def _estimates(keys: tuple[str, ...], meaning: str, sure: bool = True) -> Schema:
    one = _ref("Estimate") if sure else _or_null(_ref("Estimate"))
    return _object(meaning, dict.fromkeys(keys, one))


def _common() -> dict[str, Schema]:
    return {
        "schema_version": {"const": VERSION},
        "title": {"anyOf": [_TEXT, _map(_TEXT, "by language")], "description": "title of the model"},
        "outcome": _row(
            "how the computation ended",
            state={"enum": ["estimated", "typical", "stopped", "exact", "bounded"]},
            reasons=_list(_TEXT, "limits met: interrupted, event-limit, never-rests, rescued, few-worlds, noise-hides-bands"),
        ),
        "provenance": _since_later(
            _row(
                "where the numbers come from", model=_list(_TEXT, "files of the model"),
                digest=_TEXT | {"description": "of the compiled model, as written"}, version=_TEXT | {"description": "of the program"},
                seed={"type": ["integer", "null"]}, study={"type": "object", "description": "what was asked, how carefully"},
                with_=_list(_TEXT, "defences that were applied"),
            ),
            example={"type": ["string", "null"], "description": "the bundled example that the model is"},
            played=_TEXT | {"description": "of a rehearsal: digest of the model with the strikes and outcomes given, where they add to it"},
            set_aside=_list(
                _row("a number that a defence sets, so that the history of it is not counted there", defence=_ID, path=_TEXT, data=_TEXT),
                "left out where there is none",
            ),
            contradiction=_ref("Contradiction"),
        ),
        "defences": _list(
            _row("a defence that is on, with its mean cost", id=_ID, once=_cost("once"), yearly=_cost("a year"))
        ),
        "currency": {"type": ["string", "null"], "description": "of every amount of money"},
        "labels": _map(
            {"anyOf": [_TEXT, _map(_TEXT)]},
            "names to show, by id or by noun and id (`team:pay`): one text, or one for each language",
        ),
        "graph": _graph(),
        "defaults": _list(
            _row("a number that the model does not state", path=_TEXT, value=_TEXT, source=_TEXT, title=_TEXT)
        ),
        "deadlocks": _list(
            _row(
                "parts that wait for each other when everything is off",
                kind={
                    "enum": ["start", "repair", "restore", "crew"],
                    "description": "when it shows: all off; broken too; data destroyed too; or too few people to start",
                },
                members=_IDS,
                chain=_IDS,
                escape={
                    "anyOf": [_IDS, _TEXT, {"type": "null"}],
                    "description": "who can be forced, which opens it",
                },
            )
        ),
    }


def _cost(meaning: str) -> Schema:
    return {"type": ["number", "null"], "description": f"money, {meaning}; null: not stated"}


def _check() -> Schema:
    """What is wrong with a file, or might be: of `check`, and of any other question about a model that cannot be answered."""
    place = _or_null(_TEXT)
    return _object(
        "what is wrong with a model, or might be",
        {
            "schema_version": {"const": VERSION},
            "kind": {"const": "check"},
            "problems": _list(
                _row(
                    "one problem", code=_TEXT | {"description": "the same in every language"}, what=_TEXT, hint=place, file=place,
                    line={"type": ["integer", "null"]}, column={"type": ["integer", "null"]}, path=_TEXT | {"description": "in the model"},
                    nearest=place | {"description": "the name that may have been meant"}, severity={"enum": ["error", "warning", "note"]},
                )
            ),
            "defaults": {"type": "integer", "minimum": 0, "description": "values that the library brings"},
            "intended": _list(
                _row("a finding that is meant to be so", code=_TEXT, path=_TEXT, what=_TEXT, because=_TEXT,
                     agreed=place | {"description": "the day"})
            ),
            "unstated": _list(_row("a value that nobody stated", path=_TEXT, value=_TEXT, source=_TEXT, title=place)),
        },
        optional=("defaults", "intended", "unstated"),
    )  # fmt: skip


def _graph() -> Schema:
    kind = {"type": ["string", "null"]}
    fields: dict[str, Schema] = {
        "components": _list(_since_later(
            _row("a part", id=_ID, kind=kind, service=_FLAG, in_=_IDS), at=kind | {"description": "file and line"},
            people=_map({"type": "integer"}, "that a start or a repair takes"), teams=_IDS | {"description": "whose people these are"},
        )),
        "domains": _list(_row("what shares a fate", id=_ID, kind=kind, in_=_IDS)),
        "needs": _list(
            _tuple(_ID, _ID, {"enum": ["run", "start", "repair", "want", "maybe", "standby", "help"]}),
            "(who, whom, for what)",
        ),
        "hazards": _list(_since_later(
            _row("what a misfortune strikes", id=_ID, strikes=_IDS), breaks=_IDS | {"description": "what it may break or destroy"},
        )),
    }
    return _object("who depends on whom, and where it stands", fields, optional=("hazards",))


# --------------------------------------------------------------------------- assessment


def _cause() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    row = _row(
        "what episodes begin with", id=_ID, what={"enum": ["hazard", "component"]}, per_year=_number("a year", 0), downtime_share=share,
        loss_share={"type": ["number", "null"]}, long_share=share,
    )  # fmt: skip
    return _since_later(row, **_more_shares())


def _more_shares() -> dict[str, Schema]:
    """Of a cause: its share of further numbers."""
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    return {
        "outages_share": share | {"description": "of the number of outages"},
        "longer_shares": _map(share, "of the outages longer than that"),
        "users_share": {"type": ["number", "null"], "description": "of the hours that users go without"},
        "window_shares": _map(share, "of what is expected to be missing in the worst stretch of a year, by its length; of a service"),
    }


def _assessment() -> Schema:
    per_year = _number("a year", 0)
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    fields = _common() | {
        "kind": {"const": "assessment"},
        "services": _map(_ref("ServiceRisk")),
        "total": _row(
            "all services together",
            loss=_or_null(_ref("Loss")),
            loss_curve=_or_null(
                _row(
                    "loss that is exceeded, by how often",
                    amount=_list(_number("money")),
                    oep_per_year=_list(per_year, "outages a year that cost more"),
                    aep_probability=_list(share, "chance that a year costs more"),
                )
            ),
            users=_or_null(
                _row(
                    "over the users of all services (IEEE 1366)",
                    saifi=_ref("Estimate"), saidi_h=_ref("Estimate"), caidi_h=_or_null(_ref("Estimate")),
                )
            ),
        ),
        "signed": _list(tolerances.definition(_ref("Estimate")), "signed curves of risk, beside the ones that there are"),
        "data": _map(_since_later(
            _row(
                "loss of data", losses_per_year=_ref("Estimate"), everything_per_year=_ref("Estimate"),
                mean_hours={"type": ["number", "null"], "description": "hours of writes lost, where not everything is"},
            ),
            destroyable=_FLAG | {"description": "whether a hazard of the model can destroy it"},
        )),
        "causes": _list(_cause()),
        "causes_by_service": _map(_list(_cause()), "the weightiest, with their shares of that service; the worst services"),
        "grounds": _grounds(),
        "stuck": _since_later(
            _row(
                "what never came back by itself and was rescued after 90 days", per_year=per_year, components=_IDS,
                downtime_share=share | {"description": "of all hours out"},
                loss_share={"type": ["number", "null"], "description": "of all loss"},
            ),
            causes=_list(_row("what they begin with", id=_ID, what={"enum": ["hazard", "component"]}, per_year=per_year, share=share)),
            shares=_list(_since_later(_row(
                "what begins with a misfortune of these shares", id=_ID, what={"enum": ["hazard", "component"]}, downtime_share=share,
            ), loss_share=share)),
            cut_per_year={"type": "number", "description": "courses that met the limit of events and were cut off; absent: none"},
        ),
    }  # fmt: skip
    fields["bad_years"] = _bad_years()
    fields["returns"] = _map(_list(_return()), "what each cause brings a service, and what it waited for; absent where it was not asked")
    fields["played_years"] = {"type": ["number", "null"], "description": "no run stands for more than one in so many; null: nothing begins"}
    return _object("what may happen in the years to come", fields, optional=("defences", "signed", "played_years", "bad_years", "returns"))


def _bad_years() -> Schema:
    """What the years that reach an amount are made of."""
    means = {
        "years": {"type": "integer", "minimum": 0}, "mean": _number("loss of one", 0), "incidents": _number("in one", 0),
        "largest": _number("share of the loss that the largest incident of each brings", 0),
    }  # fmt: skip
    share = _number("of the loss of all of them", 0)
    by = _row("years whose largest incident a cause begins", id=_ID, what={"enum": ["hazard", "component"]}, **means, loss_share=share)
    reached = _or_null(_row("drawn years that reach the amount of a return period", **means, by=_list(by)))
    return _row(
        "what bad years are made of; absent: no loss is stated, or plain years were played",
        drawn={"type": "integer", "minimum": 0, "description": "years drawn from the episodes"},
        oep=_map(reached, "by the largest incident of a year"), aep=_map(reached, "by the sum of a year"),
    )


def _return() -> Schema:
    """What one occurrence of a cause brings a service, and the steps of its way back."""
    step = _row(
        "a step of the way back; without a component: all that are shorter", component=_TEXT, what=_TEXT,
        ref={"type": ["string", "null"], "description": "what it waited for"}, share=_number("of all steps", 0),
    )
    loss, hours = {"type": ["number", "null"], "description": "in the currency of the result"}, _number("h", 0)
    each = _row(
        "means of one occurrence", out_h=hours, lost_out_h=_number("service-hours missing while out", 0), worse_h=hours,
        lost_worse_h=_number("service-hours missing while worse", 0), loss_out=loss, loss_worse=loss,
    )
    return _row(
        "a cause", id=_ID, what={"enum": ["hazard", "component"]}, each=each,
        courses={"type": "integer", "minimum": 0, "description": "courses played again, of which the steps are told"},
        steps=_list(step, "of the time out"), steps_worse=_list(step, "of the service-hours missing while worse"),
    )


def _service_risk() -> Schema:
    kept = {"hours": _number("h", 0), "missed_per_year": _ref("Estimate"), "kept_share": _or_null(_ref("Estimate"))}
    limit = _or_null(_row("a limit, how often it is missed, and the share of outages that keep it", **kept))
    data_limit = _or_null(_since_later(_row("as the others, for losses of the data it stands on", **kept, data=_IDS), behind_h=_BEHIND))
    curve_ends = _or_null(_list(_number("a year")))
    return _row(
        "one service in an assessment",
        availability=_ref("Estimate"), downtime_h_per_year=_ref("Estimate"), outages_per_year=_ref("Estimate"),
        outages_per_year_longer_than=_estimates(LENGTHS, "outages a year, by length"),
        mean_outage_h=_or_null(_ref("Estimate")),
        user_hours_lost_per_year=_or_null(_ref("Estimate")),
        business_downtime_h_per_year=_or_null(_ref("Estimate")),
        windowed_uptime=_estimates(WINDOWS, "mean share of demand served in the worst stretch of a year, by its length"),
        rto=limit, mtpd=limit, rpo=data_limit,
        loss=_or_null(_ref("Loss")),
        curve=_row(
            "outages a year that last longer", hours=_list(_number("h")), per_year=_list(_number("a year")),
            low=curve_ends, high=curve_ends,
        ),
    )  # fmt: skip


def _loss() -> Schema:
    return _row(
        "loss, in the currency of the result",
        aal=_ref("Estimate"),
        oep=_estimates(RETURN_PERIODS, "largest outage of a year, by return period in years", sure=False),
        aep=_estimates(RETURN_PERIODS, "whole year, by return period in years", sure=False),
        tvar=_estimates(RETURN_PERIODS, "mean of the years beyond it", sure=False),
    )


# --------------------------------------------------------------------------- comparison


def _comparison() -> Schema:
    maybe = _or_null(_ref("Estimate"))
    pays = "share of the possible worlds with a net value above 0, the noise of simulation taken out; null: it hides them, or all is sure"
    variant = _since_later(_row(
        "the model with some defences beyond those that all have",
        with_=_IDS, once=_cost("once"), yearly=_cost("a year"), digest=_TEXT, loss_per_year=maybe, avoided_per_year=maybe,
        net=maybe, pays_share={"type": ["number", "null"], "description": pays},
        services=_map(_row("one service", downtime_h_per_year=_ref("Estimate"), avoided_h_per_year=maybe)),
    ), free=_IDS | {"description": "its defences that state no cost"})  # fmt: skip
    lead = _row("the variant with the highest net value, and the next", best=_IDS, next=_or_null(_IDS), difference=maybe)
    fields = _common() | {
        "kind": {"const": "comparison"},
        "years": _number("over which the net value is counted", 0),
        "variants": _list(variant, "the first is what the others are held against"),
        "lead": _or_null(lead),
    }
    return _object("defences side by side", fields | {"grounds": _grounds()}, optional=("grounds",))


# --------------------------------------------------------------------------- difference


def _difference() -> Schema:
    maybe, number = _or_null(_ref("Estimate")), {"type": ["number", "null"]}
    three = _row("before, after, and the change; null: there is no such thing", before=maybe, after=maybe, change=maybe)
    measures = {
        "hours": three | {"description": "hours out a year"},
        "over_24h": three | {"description": "chance of an outage beyond a day, in a year"},
        "user_hours": three | {"description": "user-hours lost a year"}, "loss": three | {"description": "expected loss a year"},
    }  # fmt: skip
    side = _row("one of the two models", name=_TEXT, digest=_TEXT)
    lock = _row("parts that wait for each other when everything is off", members=_IDS, chain=_IDS)
    event = _row("a misfortune", what=_TEXT, id=_ID, of={"type": ["string", "null"]})
    overlap = _row(
        "one misfortune or a pair, and the services that it stops in one of the models only",
        misfortunes=_list(event), services=_IDS, per_year=_number("a year", 0), longest_h=_number("h", 0),
    )
    text = {"type": ["string", "null"]}
    fields = _common() | {
        "kind": {"const": "difference"},
        "before": side, "after": side, "same": _FLAG | {"description": "both compile to the same model"},
        "services": _map(_object("one service", measures)),
        "total": _object("all services", measures | {"tvar": three | {"description": "mean loss of the worst year in tail_years"}}),
        "tail_years": {"type": "integer"},
        "deadlocks_added": _list(lock), "deadlocks_removed": _list(lock),
        "overlaps_added": _list(overlap), "overlaps_removed": _list(overlap),
        "changes": _list(_row("a place of the files at which they differ", path=_TEXT, before=text, after=text)),
        "changes_left_out": {"type": "integer", "minimum": 0},
        "gates": _list(_row(
            "a limit to what the change may cost", text=_TEXT, what=_TEXT, service=text, kind={"enum": ["relative", "more", "most"]},
            limit=_number("in hours, money, shares or numbers; a share of what was before, if relative", 0),
            before=number, after=number, change=number,
            state={"enum": ["kept", "breached", "open"], "description": "open: passed, but by less than the error tells"},
        )),
    }  # fmt: skip
    return _object("what a change to a model does to its risk", fields | {"grounds": _grounds()}, optional=("grounds",))


# --------------------------------------------------------------------------- the quiet years


def _added() -> dict[str, Schema]:
    """What comes on top when a protection goes or a cut is made."""
    number = {"type": ["number", "null"]}
    return {
        "what": _TEXT, "id": _ID, "loss_added": _or_null(_ref("Estimate")) | {"description": "a year"},
        "hours_added": _ref("Estimate"), "over_24h_added": _ref("Estimate"),
        "service": _ID | {"description": "the service whose downtime grows by the largest factor"},
        "downtime_times": number, "outages_times": number, "length_times": number,
        "rescued_share": number | {"description": "of the hours added: in courses that end only by the rescue that is assumed"},
    }  # fmt: skip


def _protection() -> Schema:
    stood = {"type": ["number", "null"], "description": "how often it stood in the way unseen"}
    return _object("the model without one protection", _added() | {"stood_per_year": stood}, optional=("rescued_share",))


def _quiet() -> Schema:
    maybe, text = _or_null(_ref("Estimate")), {"type": "string"}
    by = _row("what stood in the way", what={"enum": ["barrier", "standby", "ride", "redundancy", "unneeded", "luck"]}, id=text,
              share=_number("of the plays of this misfortune that nobody noticed", 0))  # fmt: skip
    fields = _common() | {
        "kind": {"const": "quiet"},
        "money": _FLAG | {"description": "whether losses are stated"},
        "absorbed_per_year": maybe | {"description": "misfortunes that no service felt; null where plain years were played"},
        "noticed_per_year": maybe,
        "initiators": _list(_row(
            "a misfortune that may pass unnoticed", what={"enum": ["hazard", "component"]}, id=_ID,
            absorbed_per_year=_ref("Estimate"), noticed_per_year=_ref("Estimate"), by=_list(by),
        )),
        "protections": _list(_ref("Protection")),
        "cuts": _list(_object(
            "a defence with a negative cost, put in place",
            _added() | {"saves_once": _number("money"), "saves_per_year": _number("money"),
                     "net_per_year": maybe | {"description": "saved less loss added"}},
            optional=("rescued_share",),
        )),
        "left_out": {"type": "integer", "minimum": 0, "description": "protections that were not taken away"},
    }  # fmt: skip
    return _object("what the quiet years were worth", fields | {"grounds": _grounds()}, optional=("grounds",))


# --------------------------------------------------------------------------- growth


def _growth() -> Schema:
    hours, money = _number("hours from now", 0), _number("money")
    bought = _row("a purchase", id=_ID, once=money, yearly=money, begins_h=hours, ends_h=hours | {"description": "when it is there"})
    stage = _row(
        "a stage", begin_h=hours, years=_number("length", 0), demand=_number("times"), loss_factor=_number("times"), bought=_list(bought),
        in_place=_IDS, loss=_number("in the stage"), cost=_number("in the stage"), loss_nothing=_ref("Estimate"),
        loss_before=_ref("Estimate"), loss_after=_ref("Estimate"),
    )  # fmt: skip
    worth = _row("over all stages", loss=money, cost=money)
    fields = _common() | {
        "kind": {"const": "growth"},
        "judged": {"type": "integer", "description": "portfolios of which chains were made"},
        "all_judged": _FLAG | {"description": "whether these are all that can be bought"},
        "gap": {"type": ["number", "null"], "description": "by how much another plan could come to less at most; null: all were judged"},
        "stages": _list(stage),
        "total": _row("what chains come to", plan=worth, nothing=worth, step_by_step=worth),
        "open": _list(_row("what is bought later, and what would exclude it", id=_ID, stage={"type": "integer"}, not_before=_IDS)),
        "never": _IDS,
    }  # fmt: skip
    return _object("what to buy when, while demand grows", fields | {"grounds": _grounds()}, optional=("grounds",))


# --------------------------------------------------------------------------- fault trees


def _quantification() -> Schema:
    chance = {"type": "number", "minimum": 0, "maximum": 1}
    names = _list(_TEXT)
    worth = {"type": ["number", "null"], "description": "times; null: without end"}
    combination = _row(
        "a cut set", events=names | {"description": "that are there"}, absent=names | {"description": "that must not be there"},
        probability=chance, share=_number("of the top's probability", 0),
    )  # fmt: skip
    event = _row(
        "a basic event", event=_TEXT, probability=chance, birnbaum=_number("P if it is certain less P if it is impossible"),
        criticality=_number("Birnbaum x p / P"), fussell_vesely=_number("share of P that goes if it is impossible"),
        dif=_number("probability that it is there when the top is"), raw=worth, rrw=worth,
    )  # fmt: skip
    uncertainty = _row(
        "over samples of what is not known", samples={"type": "integer"}, events={"type": "integer"}, mean=_ref("Estimate"),
        quantiles=_estimates(("5", "50", "95"), "by per cent"), cut_share=_number("of sampled probabilities that lay outside 0 to 1", 0),
    )  # fmt: skip
    fields: dict[str, Schema] = {
        "schema_version": {"const": VERSION},
        "kind": {"const": "quantification"},
        "title": _TEXT,
        "outcome": _row("how the computation ended", state={"enum": ["exact", "bounded"]}, reasons=names),
        "top": _TEXT | {"description": "the gate that was quantified"},
        "probability": chance | {"description": "of the top; deviates at their means"},
        "bounds": _tuple(chance, chance) | {"description": "proven; the same number twice where it is exact"},
        "frequency": _or_null(_row("how often the top begins", per_year=_number("a year", 0), events={"type": "integer"})),
        "size": _row("what lies below the top", **dict.fromkeys(("gates", "events", "groups"), {"type": "integer"})),
        "coherent": _FLAG | {"description": "no event brings the top about by being absent"},
        "cut_sets": _row(
            "combinations that are enough, none of whose events can be spared",
            reading={"enum": ["minimal-cut-sets", "prime-implicants", "not-found"]}, total={"type": ["integer", "null"]},
            complete=_FLAG | {"description": "no: those of the lower bound; there may be others, and smaller ones"},
            by_order=_list({"type": "integer"}, "of one event, of two …"),
            rare_event_sum={"type": ["number", "null"], "description": "of the probabilities of all of them"},
            most_likely=_list(combination),
        ),
        "importance": _list(event, "the event with the largest Fussell-Vesely importance first"),
        "uncertainty": _or_null(uncertainty),
        "aside": _row("what is in the files and takes no part", gates=names, tops=names, events=names, kinds=names),
        "labels": _map(_TEXT),
        "provenance": _common()["provenance"],
    }  # fmt: skip
    return _object("the probability of a fault tree's top, and what makes it up", fields)


# --------------------------------------------------------------------------- why, unknowns


def _asked() -> dict[str, Schema]:
    number = {"type": ["number", "null"]}
    return {
        "number": _row(
            "the number asked about", path=_TEXT, value=_number(""), standard_error=number,
            band=_or_null(_tuple(_number("5 %"), _number("95 %"))),
            in_mean_world=_number("where every rate, chance and middle of a duration has its mean: the base of all comparisons"),
            in_mean_world_error=_number("its standard error", 0),
            service={"type": ["string", "null"]},
        )
    }  # fmt: skip


def _why() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    number = {"type": ["number", "null"]}
    fields = _common() | _asked() | {
        "kind": {"const": "why"},
        "causes": _list(_since_later(_row(
            "what episodes begin with", id=_ID, what={"enum": ["hazard", "component"]}, per_year=_number("a year", 0),
            downtime_share=share, loss_share={"type": ["number", "null"]}, long_share=share, input=_or_null(_origin()),
        ), **_more_shares())),
        "inputs": _list(_since_later(_input(times=number, change=number), alike=_ALIKE)),
        **_explained(), **_glosses(),
    }  # fmt: skip
    return _object("why a number is what it is", fields, optional=("defences", "glosses"))


def _trace() -> Schema:
    number = _row(
        "a number of another result", path=_TEXT, kind={"enum": ["money", "count", "per_year", "hours", "percent", "number"]},
        value={"type": ["number", "null"]}, standard_error={"type": ["number", "null"]},
        band=_or_null(_tuple(_number("5 %"), _number("95 %"))),
    )  # fmt: skip
    fields = _common() | {
        "kind": {"const": "trace"}, "of": {"enum": [
            "assessment", "rehearsal", "overlaps", "plan", "worst", "quiet", "growth", "comparison", "difference",
        ]}, "number": number,
        "section": _TEXT | {"description": "the part of the other result"}, "inputs": _list(_origin()), **_explained(), **_glosses(),
    }  # fmt: skip
    line = _row("who stands behind it", what=_TEXT, shown=_list(_TEXT), inputs=_list(_TEXT, "paths of inputs"), to=_TEXT)
    line = _since_later(line, part=_TEXT | {"description": "heading of the part that it stands in; empty where there is one"})
    told = _row("what stands behind it, in one language", heading=_TEXT, said=_list(_TEXT), head=_list(_TEXT), lines=_list(line))
    return _since_later(_object("what a number of a saved result rests on", fields, optional=("defences",)), behind=_map(told))


def _unknowns() -> Schema:
    number = {"type": ["number", "null"]}
    fields = _common() | _asked() | {
        "kind": {"const": "unknowns"},
        "questions": _list(_input(left=_number("share of the band's width that is left when this and those before it are known", 0),
                                  alike=_ALIKE)),
        "also": _list(_since_later(_input(times=number, change=number), alike=_ALIKE)),
        **_explained(), **_glosses(),
    }
    return _object("which answers would narrow the band of a number most", fields, optional=("defences", "glosses"))


# --------------------------------------------------------------------------- rehearsal


def _without_end() -> tuple[Schema, Schema]:
    lasting = _list(_row("acts on them until that is back", hazard=_ID, op={"type": "string"}, targets=_IDS, until=_ID),
                    "effects that never end, of a course that does not bring all back; left out where there are none")
    load = _number("as a multiple of its normal load", 0)
    trips = _row("comes back, carries too much and trips, without end", component=_ID, trips={"type": "integer"}, every_h=_HOUR,
                 load=load, overload=load, by=_IDS)  # fmt: skip
    loops = _list(_since_later(trips, throttled=_FLAG), "of a course that met the limit of events; left out where there are none")
    return lasting, loops


def _strike() -> Schema:
    return _since_later(
        _row(
            "what strikes",
            at_h=_HOUR,
            hit=_ID,
            what={"enum": ["hazard", "component", "domain"]},
            how={"enum": ["arrive", "break", "hold", "destroy"], "description": "what it does to it"},
            for_h={"type": ["number", "null"], "description": "length of a hold; null: no end, or no hold"},
        ),
        share={"type": "number", "description": "how much of a pool's units, of what stands in a domain; left out: all"},
    )


def _rehearsal() -> Schema:
    lasting, loops = _without_end()
    fields = _common() | {
        "kind": {"const": "rehearsal"},
        "scenario": _list(_strike()),
        "given": _list(
            _since_later(
                _row("an outcome that is not left to chance", what={"enum": ["barrier", "component"]}, id=_ID, works=_FLAG),
                tries={"type": "integer", "description": "only its first so many tries fail; left out: all"},
            )
        ),
        "runs": {"type": "integer", "minimum": 1},
        "typical": _FLAG | {"description": "whether the course is the one at median values"},
        "services": _map(_ref("ServiceCourse")),
        "timeline": _list(
            _row(
                "something that happened",
                t_h=_HOUR,
                what={
                    "enum": [
                        "hazard", "effect", "effect-ends", "barrier", "fails", "falls", "waits", "starts", "repairs",
                        "start-failed", "runs", "team", "data", "called",
                    ]
                },
                who=_ID,
                detail={"type": "object"},
            )
        ),
        "states": _map(
            _list(
                _tuple(
                    _HOUR,
                    {"enum": ["running", "standby", "waiting", "starting", "broken"]},
                    {"type": "number", "description": "share of its units that are up"},
                )
            ),
            "changes of each part that changed; before the first it was running, or in standby",
        ),
        "stages": _map(_list(_ref("Span")), "what each part went through"),
        "stuck": _IDS | {"description": "what will never come back by itself"},
        "grounds": _grounds(),
        "data_lost": _list(
            _row("data that cannot be restored", component=_ID, t_h=_HOUR,
                 hours={"type": ["number", "null"], "description": "of writes; null: everything"})
        ),
        "end_h": _HOUR,
        "forks": _list(_fork(), "what the scenario hangs on, the plainest first"),
        "other": _or_null(
            _since_later(_row(
                "the middle one of the runs in which the first fork goes the other way than in the course told",
                run={"type": "integer"}, yes=_FLAG, services=_map(_ref("ServiceCourse")), stuck=_IDS, end_h=_HOUR,
                data_lost=_list({"type": "object"}),
            ), waits=_list({"type": "object"}, "of a course that does not bring all back: the last event `waits` of each part"),
               lasting=lasting, loops=loops)
        ),
        "lasting": lasting,
        "loops": loops,
    }  # fmt: skip
    return _object("what one scenario does", fields, optional=("defences", "stages", "lasting", "loops"))


def _fork() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    tenths = _object("10, 50 and 90 % of these runs; null: never", dict.fromkeys(("10", "50", "90"), {"type": ["number", "null"]}))
    return _since_later(_row(
        "something that went both ways in the runs, and how much that changed",
        what={"enum": ["barrier", "start", "effect", "together"]},
        id=_ID | {"description": "the barrier, the component, or the hazard of the effect; empty of several things together"},
        detail={"type": "object", "description": "of an effect: op, targets, share; together: of, what went how in all these runs"},
        told={"type": ["boolean", "null"], "description": "how it goes in the course told; null: nobody asks"},
        ways=_list(
            _row(
                "one way: it worked, or happened (yes), or not",
                yes=_FLAG, share=share, runs={"type": "integer"}, all_back_h=tenths,
            )
        ),
    ), told_among=_tuple(share | {"description": "of the runs that go the way told: back sooner than the course told"},
                         share | {"description": "back later"}))  # fmt: skip


def _way_step() -> Schema:
    waits = _or_null(_since_later(_row("what that waited for", why={"enum": sorted(GROUPS)}, ref=_ID), **{"or": _INSTEAD}))
    instead = _row("of the start of a standby: what it stands for that was down", of=_ID, waits=waits)
    return _span("one step of its way back", {"component": _ID, "instead": instead}, ("instead", "or"))


def _span(meaning: str, more: dict[str, Schema] | None = None, optional: tuple[str, ...] = ("or",)) -> Schema:
    fields: dict[str, Schema] = {
        "from_h": _HOUR,
        "to_h": {"type": ["number", "null"]},
        "what": {"enum": sorted(GROUPS)},
        "ref": {"type": ["string", "null"], "description": "what it waited for"},
        "or": _INSTEAD,
    }
    made = _row(
        "rounds of work alike", n={"type": "integer"}, takes_h=_number("h of one", 0), units=_number("of a pool in one", 0),
        teams=_list(_ID, "whose people it takes"), slowed_by=_list(_ID, "helpers that were down"),
    )  # fmt: skip
    work = {"rounds": _list(made, "of work: what it lasted by"), "freed_by": {**_ID, "description": "part whose work let the people go"}}
    return _object(meaning, fields | work | (more or {}), optional=(*optional, *work))


def _service_course() -> Schema:
    hours = {"type": ["number", "null"]}
    tenths = _object("10, 50 and 90 % of the runs; null: never", dict.fromkeys(("10", "50", "90"), hours))
    return _row(
        "one service in a rehearsal",
        out_at_h=hours, back_at_h=hours, never=_FLAG,
        outages=_list(_tuple(_HOUR, {"type": ["number", "null"]}), "(from, to) of each"),
        level=_list(_tuple(_HOUR, _number("share of its demand that it serves", 0)), "changes; 1 before the first"),
        lost_user_hours={"type": ["number", "null"]},
        loss={"type": ["number", "null"]},
        tolerance=_or_null(_row("what the business can bear", rto=_limit_kept(), mtpd=_limit_kept(), rpo=_limit_kept(behind_h=_BEHIND))),
        quantiles=_or_null(_since_later(
            _row("spread over the runs", out_h=tenths, back_at_h=tenths, never_share=_number("1", 0)),
            out_share=_number("1: of the runs, those in which it is out at all", 0),
        )),
        critical_path=_list(_way_step()),
    )


def _lacks() -> Schema:
    """Of a service that never comes back although it runs: what it serves too little for."""
    return _since_later(_row("what is missing of a service that runs, and never serves enough", ref=_ID), **{"or": _INSTEAD})


def _limit_kept(**later: Schema) -> Schema:
    kept = _row(
        "a limit, and whether this course keeps it", hours=_number("h", 0), met=_FLAG,
        reached_h={"type": ["number", "null"], "description": "longest outage, or writes lost; null: for ever, or everything"},
        missed_share={"type": ["number", "null"], "description": "share of the runs that miss it"},
    )  # fmt: skip
    return _or_null(_since_later(kept, **later))


# --------------------------------------------------------------------------- all of it


def _paper() -> dict[str, Schema]:
    by_language, number = _map(_TEXT, "by language"), {"type": ["number", "null"]}
    whole = {"type": "object", "description": "a result of its own kind"}
    field = _row("a field of a form", id=_TEXT, takes=_TEXT | {"description": "what of the results fills it; empty: the firm does"},
                 label=by_language)  # fmt: skip
    duty = _row(
        "a duty and when it is due", id=_TEXT, what=by_language, article=by_language,
        promptly=_FLAG, at=_or_null(_TEXT), counted_from=_TEXT, latest=_FLAG, lacks=_list(_TEXT),
        confirmed=_FLAG | {"description": "whether article and time limit were seen in the text that is in force"}, fields=_list(field),
    )  # fmt: skip
    law = _row(
        "a regulation on this incident", id=_TEXT, law=by_language, articles=by_language, to=by_language, since=_TEXT, source=_TEXT,
        unsure=by_language, before=by_language, where=_TEXT,
        elsewhere={**_FLAG, "description": "of its place nothing is known, and the firm is at work in another"},
        covered={"type": ["boolean", "null"]},
        asks=_list(_map({"type": "number"})), triggered=_FLAG, due=_list(duty),
    )  # fmt: skip


    def choice(what: str) -> Schema:
        return _or_null(_row(what, **{"with": _IDS}, long_per_year=_map(_ref("Estimate"), "outages of a service beyond a day")))

    return {
        "kind": {"const": "paper"}, "stopped_at": _or_null(_TEXT) | {"description": "when services began to stop, by the record"},
        "bought": _list(_ID, "defences that are being bought"),
        "chosen": {"enum": ["stated", "budget", "record"],
                   "description": "stated by the user, the best of the plan within the budget, or all that the record calls missing"},
        "budget": {"type": ["number", "null"], "description": "what may be spent on defences, once and over the years"},
        "few": choice("of what is bought the few that would have shortened the incident most, with what they require"),
        "beside": choice("what the plan would buy first, where nothing of that is bought"),
        "both": choice("the few together with what is beside them"),
        "not_there": _map(_row("how often it works, and the missing defence that is nothing but that stage", defence=_ID, works=number),
                          "barriers that hardly ever work, and that a defence which was missing would be nothing but"),
        "building": _list(_row("how it is built, and who pays for it: null is the one whose model it is", id=_ID, requires=_IDS,
                               takes_h=number, once=number, yearly=number, moves=_IDS,
                               paid_by={"anyOf": [_TEXT, by_language, {"type": "null"}]})),
        "parts": _map(_or_null(whole), "the results, by the name of the part that they play"),
        "clocks": _list(law),
        "marks": _map(_TEXT, "mark of each part, with the first signs of its digest"),
    }  # fmt: skip


def schema() -> Schema:
    """JSON Schema (2020-12) of every result."""
    below = {"type": ["number", "null"], "description": "share of its demand below which it counts as out; null: it serves all or nothing"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Blackstart result",
        "description": "What the commands of blackstart answer. Times in hours, rates per year.",
        "oneOf": [_ref(name) for name in KINDS],
        "$defs": {
            "Estimate": _since_later(
                _row(
                    "a number, the error of its computation, and what not knowing the inputs leaves",
                    value=_number("mean"),
                    standard_error=_number("would shrink with more runs", 0),
                    band=_or_null(_tuple(_number("5 % of the possible worlds"), _number("95 %"))),
                ),
                at_most=_number("a year, of what few runs show, or none: what runs that do not show it leave possible (95 %)", 0),
            ),
            "Loss": _loss(),
            "Span": _span("a stretch of time with a reason"),
            "ServiceRisk": _since_later(
                _service_risk(), out_below=below, uptime=_list(uptime.definition(_ref("Estimate")), "what is promised of it")
            ),
            "ServiceCourse": _since_later(_service_course(), out_below=below, lacks=_lacks()),
            "Assessment": _assessment(),
            "Rehearsal": _rehearsal(),
            "Comparison": _comparison(),
            "Difference": _difference(),
            "Quiet": _quiet(),
            "Growth": _growth(),
            "Check": _check(),
            "Backtest": backtests.definition(),
            "Kinds": kinds.definition(),
            "Learnt": learnt.definition(),
            "Contradiction": learnt.contradiction(),
            "Misfortune": _row("one misfortune of an overlap", **overlap_schemas.misfortune()),
            "Stop": overlap_schemas.stop(), "OfService": overlap_schemas.of_service(),
            "Overlaps": overlap_schemas.overlaps(_common(), _way_step()),
            "Worst": overlap_schemas.worst(_common()), "WorstSet": overlap_schemas.worst_set(), "Protection": _protection(),
            "Why": _why(),
            "Unknowns": _unknowns(), "Trace": _trace(),
            "Quantification": _quantification(),
            "Incident": recorded.definition(),
            "Reconstruction": _object("what most likely happened, held against a record", _common() | reconstruction.definition()),
            "Attribution": _object("shares of misfortunes, stages and decisions in an outage", _common() | attribution.definition()),
            "Plan": _object("how far to defend: the frontier of cost against loss, and its reading",
                            _common() | plans.definition() | {"grounds": _grounds(), "causes": _list(_cause())},
                            optional=("beside", "grounds", "causes", "free")),
            "Paper": _object("the white paper of one incident: the results it is made from", _common() | _paper()),
        },
    }
