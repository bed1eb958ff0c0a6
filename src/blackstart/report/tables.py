"""The numbers of a result as tables of texts: the same rows for the terminal and for the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blackstart.report import numbers, story
from blackstart.report.names import Names
from blackstart.report.ways import PLAIN, number, place_of
from blackstart.text import has, say

Result = Mapping[str, Any]
NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a head; `right` says which columns hold numbers.

    about : for each row the place on the page where its numbers are traced to their inputs ("": nowhere), or one for each column;
        may be left out
    title : what it shows, above it; may be left out
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[bool]
    about: Sequence[str | tuple[str, ...]] = ()
    title: str = ""

    def only(self, columns: Iterable[int]) -> Table:
        """The table with these columns."""
        keep = list(columns)
        rows = [[row[i] for i in keep] for row in self.rows]
        about = [place if isinstance(place, str) else tuple(place[i] for i in keep) for place in self.about]
        return Table([self.head[i] for i in keep], rows, [self.right[i] for i in keep], about)

    def part(self, rows: slice) -> Table:
        """The table with these rows."""
        return Table(self.head, self.rows[rows], self.right, self.about[rows])

    def without_empty(self) -> Table:
        """The table without columns in which nothing is said."""
        said = [i for i in range(len(self.head)) if i == 0 or any(r[i] not in ("", NONE) for r in self.rows)]
        return self.only(said)


def _table(names: Names, columns: str, rows: Sequence[Sequence[str]], left: int = 1, about: Sequence[str] = ()) -> Table:
    head = [names.say(f"column.{c}") for c in columns.split()]
    return Table(head, rows, [i >= left for i in range(len(head))], about).without_empty()


def inputs_of(result: Result, wanted: Iterable[tuple[str, str, str]]) -> list[Mapping[str, Any] | None]:
    """Inputs: of a thing (group, name) the first whose path inside it begins with a pattern, else the thing's first; None: it has none."""
    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in result["grounds"]["inputs"]:
        rows.setdefault(tuple(row["thing"]), []).append(row)
    found = []
    for group, name, inside in wanted:
        mine, skip = rows.get((group, name), []), len(f"{group}.{name}.")
        found.append(next((row for row in mine if re.match(inside, row["path"][skip:])), mine[0] if mine else None))
    return found


def about_inputs(result: Result, wanted: Iterable[tuple[str, str, str]]) -> list[str]:
    """Places on the page where these inputs are listed; "" where there is none."""
    return [place_of(row["path"]) if row else "" for row in inputs_of(result, wanted)]


def title(result: Result, names: Names) -> str:
    """Title of the report: the model, and what was asked of it."""
    model = model_title(result, names)
    if result["kind"] == "rehearsal":
        return names.say("title.rehearsal", title=model, what=story.struck(result, names))
    if result["kind"] == "comparison":
        return say("compare.title", names.lang, title=model)
    if result["kind"] in ("difference", "quiet", "growth"):
        return say(f"{result['kind']}.title", names.lang, title=model)
    return names.say("title.assessment", title=model)


def model_title(result: Result, names: Names) -> str:
    """Title of the model, or the names of its files."""
    model = result["title"]
    if isinstance(model, dict):
        model = model.get(names.lang) or next(iter(model.values()))
    return model or _file_names(result)


def _file_names(result: Result) -> str:
    """The model's files without their folders: a report is read elsewhere."""
    return ", ".join(file.replace("\\", "/").rpartition("/")[2] for file in result["provenance"]["model"])


# --------------------------------------------------------------------------- rehearsal


def recovery(result: Result, names: Names, short: bool = False) -> Table:
    """When each service is back, in that order; many that nothing befalls stand in one line.

    short : of many services those that stop and are back alike stand in one row, and those of least loss in one at the end
    """
    found = story.services_of(result)
    calm = [s for s in found if s.state == "unaffected"]
    together = calm if len(calm) > story.MOST_CALM else []
    groups = [[s] for s in found if s not in together] + ([together] if together else [])
    rest: list[story.ServiceStory] = []
    if short and len(found) > story.SERVICES_MOST:
        groups, rest = _few_groups(groups, result, names)
    rows = [[names.listed(s.id for s in group), *_recovered(group, result, names)] for group in groups]
    columns = "service out_at back_at down_for range never_share lost_user_hours loss"
    paths = ("", "out_at_h", "back_at_h", "back_at_h", "quantiles", "quantiles", "lost_user_hours", "loss")
    own = (*paths[:4], "", "", "", "")  # of several services the sums lead to how the section follows
    about: list[str | tuple[str, ...]] = [
        _numbers(result, f"services.{group[0].id}", paths if len(group) == 1 or group is together else own) for group in groups
    ]
    if rest:
        rows.append([names.say("brief.rest_row", n=len(rest)), NONE, NONE, NONE, *_recovered(rest, result, names)[3:]])
        about.append("")
    return _table(names, columns, rows, about=about)


def _few_groups(
    groups: Sequence[list[story.ServiceStory]], result: Result, names: Names
) -> tuple[list[list[story.ServiceStory]], list[story.ServiceStory]]:
    """Services that stop and are back alike, in the order of their return; of too many groups those of most loss, and what is left."""
    alike: dict[tuple[str, ...], list[story.ServiceStory]] = {}
    for group in groups:
        alike.setdefault((group[0].state, *_course(group[0], names)), []).extend(group)
    most = story.SERVICES_MOST if len(alike) <= story.SERVICES_MOST else story.SERVICES_MOST - 1
    harm = {key: max(story.harm_of(s.id, result) for s in group) for key, group in alike.items()}
    kept = set(sorted(alike, key=lambda key: harm[key], reverse=True)[:most])
    return [group for key, group in alike.items() if key in kept], [s for key, group in alike.items() if key not in kept for s in group]


def _course(s: story.ServiceStory, names: Names) -> tuple[str, str, str]:
    """When a service stops, when it is back, and how long it was down, in words."""
    gone = s.state in ("out", "never")
    return (
        numbers.stamp(s.out_at_h) if gone and s.out_at_h is not None else NONE,
        numbers.stamp(s.back_at_h) if s.back_at_h is not None else names.say(f"state.{s.state}"),
        _down_for(s, names) if s.state == "out" else NONE,
    )


def _recovered(group: Sequence[story.ServiceStory], result: Result, names: Names) -> list[str]:
    """The cells of services that stand in one row: what they lost in the sum, the range of all of them."""
    first = group[0]
    known = [s.row["quantiles"] for s in group if s.row["quantiles"]]
    ends = [[q["out_h"][key] for q in known] for key in ("10", "90")]
    low, high = (None if None in some else pick(some) for some, pick in zip(ends, (min, max), strict=True)) if known else (None, None)
    spread = {"out_h": {"10": low, "90": high}, "never_share": max(q["never_share"] for q in known)} if known else None
    lost, loss = (sum(s.row[key] or 0.0 for s in group) for key in ("lost_user_hours", "loss"))
    return [
        *_course(first, names), _spread(spread, names), _never_share(spread, names),
        _at_least(first, _hours_of_users(lost, names), names), _at_least(first, _money(loss, result, names), names),
    ]  # fmt: skip


def brief(table: Table, names: Names, totals: int = 0) -> tuple[Table, str]:
    """A table with a row for each of many services in short, and a sentence on what is not told in it.

    Services of which the same is said stand in one row; of what is left the first rows are told. A table of few rows stays as it is.

    totals : so many of the last rows are no services and stay
    """
    end = len(table.rows) - totals
    if end <= story.SERVICES_MOST:
        return table, ""
    alike: dict[tuple[str, ...], list[int]] = {}
    for n in range(end):
        alike.setdefault(tuple(table.rows[n][1:]), []).append(n)
    told = list(alike.values())[: story.SERVICES_MOST]
    rows = [[names.join([table.rows[n][0] for n in some]), *table.rows[some[0]][1:]] for some in told]
    about = [table.about[some[0]] for some in told] + list(table.about[end:]) if table.about else ()
    left = end - sum(len(some) for some in told)
    return Table(table.head, [*rows, *table.rows[end:]], table.right, about), brief_note(left, names)


def brief_note(left: int, names: Names) -> str:
    """That of many services like ones stand together, and how many are left out."""
    return " ".join([names.say("brief.alike"), *([names.say("brief.left", n=left)] if left else [])])


def _alike(rows: Mapping[Any, Any]) -> list[list[Any]]:
    """Keys whose rows are the same, together where there are more of them than one reads line by line."""
    groups: dict[Any, list[Any]] = {}
    for key, row in rows.items():
        groups.setdefault(row, []).append(key)
    return [some for group in groups.values() for some in ([group] if len(group) > story.MOST_CALM else [[key] for key in group])]


def _down_for(s: story.ServiceStory, names: Names) -> str:
    """How long a service was out, and in how many stretches if in several."""
    t, n = numbers.clock(s.down_h, names.lang), len(s.row["outages"])
    return names.say("clock.stretches", t=t, n=n) if n > 1 else t


def _numbers(result: Result, path: str, inside: Iterable[str]) -> tuple[str, ...]:
    """For each column of a row the place of its number, by the path inside the row; "" for a column without."""
    return tuple(number(result, f"{path}.{key}") if key else "" for key in inside)


def _at_least(s: story.ServiceStory, shown: str, names: Names) -> str:
    """A sum up to the end of the rehearsal grows on where the service never comes back."""
    return names.say("number.at_least", n=shown) if s.state == "never" and shown != NONE else shown


def _spread(quantiles: Mapping[str, Any] | None, names: Names) -> str:
    """Hours out in 8 of 10 runs."""
    if not quantiles:
        return NONE
    out = quantiles["out_h"]
    low, high = (out_for(out[q], names) for q in ("10", "90"))
    return low if low == high else numbers.between(low, high, names.lang)


def out_for(hours: float | None, names: Names) -> str:
    """For how long something is out, of which it may be that it is not out at all."""
    if hours is None:
        return names.say("clock.never")
    if hours <= 0:
        return names.say("number.not_at_all")
    return numbers.point(hours, "hours", names.lang)


def _never_share(quantiles: Mapping[str, Any] | None, names: Names) -> str:
    share = quantiles["never_share"] if quantiles else 0.0
    return numbers.whole_percent(share, names.lang) if share else NONE


def _hours_of_users(value: float | None, names: Names) -> str:
    return numbers.point(value, "count", names.lang) if value else NONE


def _money(value: float | None, result: Result, names: Names) -> str:
    return numbers.point(value, "money", names.lang, result["currency"]) if value else NONE


def steps(
    way: Sequence[Mapping[str, Any]], result: Result, names: Names, path: str = "", write: Callable[[float], str] | None = None
) -> Table:  # fmt: skip
    """Ways back, as told, step by step; `path`: of the way in the result, where its steps are told; `write` writes lengths of time."""
    write = write or (lambda hours: numbers.clock(hours, names.lang))
    rows, about = [], []
    for step in way:
        said = story.step_text(step, names)
        said = names.say("path.step_early", said=said) if step["early"] else said
        lasts = write(step["to_h"] - step["from_h"]) if step["to_h"] is not None else NONE
        rows.append([numbers.stamp(step["from_h"]), lasts, names.of(step["component"]), said])
        about.append(number(result, f"{path}.{step['number']}") if path else "")
        if again := step.get("again"):
            key = "again" if again["n"] > 1 else "again_once"
            said = names.say(f"path.{key}", n=again["n"], last=numbers.stamp(again["last_h"]))
            rows.append(["", write(again["hours"]), "", said])
            about.append(about[-1])
    head = [names.say(f"column.{c}") for c in ("from", "lasts", "component", "why")]
    return Table(head, rows, [True, True, False, False], about)


def data_lost(result: Result, names: Names) -> list[str]:
    """What data a rehearsal loses, in sentences."""
    said = []
    for row in result["data_lost"]:
        values = {"name": names.of(row["component"]), "t": numbers.stamp(row["t_h"])}
        if row["hours"] is None:
            said.append(names.say("data.all", **values))
        else:
            said.append(names.say("data.hours", hours=numbers.clock(row["hours"], names.lang), **values))
    return said or [names.say("data.none")]


# --------------------------------------------------------------------------- assessment


def _est(est: Mapping[str, Any] | None, kind: str, names: Names, currency: str | None = None) -> str:
    return numbers.write(est, kind, names.lang, currency) if est else NONE


def _band(est: Mapping[str, Any] | None, kind: str, names: Names, currency: str | None = None) -> str:
    return numbers.band(est, kind, names.lang, currency, "range") or NONE


def services(result: Result, names: Names) -> Table:
    """Availability, downtime and outages of each service, the worst first."""
    rows = []
    for id_ in story.services_by_harm(result):
        row = result["services"][id_]
        down = row["downtime_h_per_year"]
        rows.append(
            [
                names.of(id_),
                numbers.availability(row["availability"], names.lang),
                _est(down, "hours", names),
                _band(down, "hours", names),
                _est(row["outages_per_year"], "per_year", names),
                _est(row["mean_outage_h"], "hours", names),
                _business(row, names),
            ]
        )
    paths = (
        "", "availability", "downtime_h_per_year", "downtime_h_per_year", "outages_per_year", "mean_outage_h",
        "business_downtime_h_per_year",
    )  # fmt: skip
    about = [_numbers(result, f"services.{id_}", paths) for id_ in story.services_by_harm(result)]
    return _table(names, "service availability downtime band outages mean_outage business", rows, about=about)


def _business(row: Mapping[str, Any], names: Names) -> str:
    """Time until the business has caught up, where that is longer than the technical downtime."""
    business, down = row["business_downtime_h_per_year"], row["downtime_h_per_year"]
    return _est(business, "hours", names) if business and business["value"] > down["value"] * 1.0001 else NONE


def catches_up(result: Result) -> bool:
    """Whether some service has a business downtime of its own."""
    rows = result["services"].values()
    return any(r["business_downtime_h_per_year"]["value"] > r["downtime_h_per_year"]["value"] * 1.0001 for r in rows)


def longer_than(result: Result, names: Names) -> Table:
    """How often an outage of each service lasts longer than some lengths."""
    ids = story.services_by_harm(result)
    lengths = list(result["services"][ids[0]]["outages_per_year_longer_than"]) if ids else []
    rows = [
        [names.of(i)]
        + [_est(result["services"][i]["outages_per_year_longer_than"][k], "per_year", names) for k in lengths]
        for i in ids
    ]
    head = [names.say("column.service")]
    head += [names.say("column.longer", t=length(k, names)) for k in lengths]
    about = [_numbers(result, f"services.{i}", ["", *(f"outages_per_year_longer_than.{k}" for k in lengths)]) for i in ids]
    return Table(head, rows, [False] + [True] * len(lengths), about)


def rare_note(result: Result, names: Names) -> list[str]:
    """What a bound in place of a frequency means, where the table of lengths holds one."""
    every = [est for row in result["services"].values() for est in row["outages_per_year_longer_than"].values()]
    if all(numbers.rare(est) is None for est in every):
        return []
    years = result.get("played_years")
    return [names.say("often.note", years=names.say("often.played", n=numbers.count(years, names.lang)) if years else "").strip()]


def length(key: str, names: Names) -> str:
    """A length written as a key of the result (`120h`), in words."""
    hours = float(key.removesuffix("h"))
    if hours >= 48 and hours % 24 == 0:
        return names.say("clock.d", d=int(hours / 24))
    return names.say("clock.h", h=int(hours) if hours.is_integer() else hours)


def mean_losses(result: Result, names: Names) -> Table:
    """Loss a year on average: each service, and all together with direct damage."""
    currency, rows, about = result["currency"], [], []
    for id_ in _by_own(result, lambda row: row["loss"]["aal"] if row["loss"] else None):
        loss = result["services"][id_]["loss"]
        if loss:
            aal = loss["aal"]
            about.append(number(result, f"services.{id_}.loss.aal"))
            rows.append([names.of(id_), _est(aal, "money", names, currency), _band(aal, "money", names, currency)])
    total = result["total"]["loss"]
    if total:
        aal = total["aal"]
        said = [names.say("column.all"), _est(aal, "money", names, currency), _band(aal, "money", names, currency)]
        rows.append(said)
    return _table(names, "service aal band", rows, about=[*about, number(result, "total.loss.aal")])


def _by_own(result: Result, value: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]) -> list[str]:
    """Services, the one that is down longest first; very many by a value of their own, the largest first."""
    ids = story.services_by_harm(result)
    own = {id_: (value(result["services"][id_]) or {"value": 0.0})["value"] for id_ in ids}
    return sorted(ids, key=lambda id_: -own[id_]) if len(ids) > story.SERVICES_MOST else ids


def losses(result: Result, names: Names) -> Table:
    """Loss by return period: the largest single outage of a year, and the whole year."""
    loss, currency = result["total"]["loss"], result["currency"]
    if not loss:
        return Table([], [], [])
    rows = []
    for period in loss["aep"]:
        cells = [_est(loss[k].get(period), "money", names, currency) for k in ("oep", "aep", "tvar")]
        often = names.say("often.one_year_in", n=numbers.count(float(period), names.lang))
        band = _band(loss["aep"][period], "money", names, currency)
        rows.append([often, cells[0], cells[1], band, cells[2]])
    about = [(PLAIN, *_numbers(result, "total.loss", (f"oep.{p}", f"aep.{p}", f"aep.{p}", f"tvar.{p}"))) for p in loss["aep"]]
    return _table(names, "return_period oep aep band tvar", rows, about=about)


def users(result: Result, names: Names) -> Table:
    """Hours that users go without, by service."""
    rows, about = [], []
    for id_ in _by_own(result, lambda row: row["user_hours_lost_per_year"]):
        lost = result["services"][id_]["user_hours_lost_per_year"]
        if lost:
            about.append(number(result, f"services.{id_}.user_hours_lost_per_year"))
            rows.append([names.of(id_), _est(lost, "count", names), _band(lost, "count", names)])
    return _table(names, "service lost_user_hours_year band", rows, about=about)


def user_indices(result: Result, names: Names) -> Table:
    """SAIFI, SAIDI and CAIDI over the users of all services."""
    rows, about = [], []
    indices = result["total"]["users"] or {}
    for key, kind in (("saifi", "number"), ("saidi_h", "hours"), ("caidi_h", "hours")):
        if indices.get(key):
            est = indices[key]
            about.append(number(result, f"total.users.{key}"))
            rows.append([names.say(f"quantity.{key}"), _est(est, kind, names), _band(est, kind, names)])
    return _table(names, "quantity value band", rows, about=about)


def tolerance(result: Result, names: Names) -> Table:
    """How often each service misses what the business can bear, and the share of its outages (or losses of data) that keep it."""
    rows, about = [], []
    for id_ in story.services_by_harm(result):
        row = result["services"][id_]
        for key in story.LIMITS:
            if row.get(key):
                about.append(number(result, f"services.{id_}.{key}"))
                missed = row[key]["missed_per_year"]
                often = _est(missed, "per_year", names)
                if key == "rpo" and not story.data_at_risk(result, row[key]):
                    often = names.say("verdict.open" if story.rpo_open(key, row[key]) else "tolerance.untried")
                rows.append([
                    names.of(id_), names.say(f"quantity.{key}", t=numbers.clock(row[key]["hours"], names.lang)),
                    often, _band(missed, "per_year", names), _share(row[key]["kept_share"], names),
                ])  # fmt: skip
    return _table(names, "service limit missed band kept", rows, left=2, about=about)


def _share(est: Mapping[str, Any] | None, names: Names) -> str:
    return NONE if est is None else numbers.whole_percent(est["value"], names.lang)


def limits(result: Result, names: Names) -> Table:
    """Whether a rehearsal keeps what the business can bear; many of which the same is to be said stand in one line.

    Of very many services each has its line, what is missed first (see `brief`).
    """
    rows: dict[tuple[str, str], tuple[str, ...]] = {}
    kept: set[tuple[str, str]] = set()
    for s in story.services_of(result):
        for key in story.LIMITS:
            limit = (s.row["tolerance"] or {}).get(key)
            if limit:
                kept |= {(s.id, key)} if limit["met"] else set()
                reached = limit["reached_h"]
                met = "missed" if not limit["met"] else "open" if story.rpo_open(key, limit) else "met"
                beyond = "data_gone" if key == "rpo" else "no_end"
                rows[s.id, key] = (
                    names.say(f"quantity.{key}", t=numbers.clock(limit["hours"], names.lang)),
                    names.say(f"verdict.{met}"),
                    names.say(f"verdict.{beyond}") if reached is None else _round_up(reached, names),
                    NONE if limit["missed_share"] is None else numbers.whole_percent(limit["missed_share"], names.lang),
                )
    many = len(result["services"]) > story.SERVICES_MOST
    groups = [[key] for key in sorted(rows, key=lambda key: key in kept)] if many else _alike(rows)
    said = [[names.listed(id_ for id_, _ in group), *rows[group[0]]] for group in groups]
    about = [number(result, f"services.{group[0][0]}.tolerance") for group in groups]
    return _table(names, "service limit verdict reached missed_runs", said, left=3, about=about)


def _round_up(hours: float, names: Names) -> str:
    return numbers.clock(hours, names.lang) if hours > 0 else names.say("verdict.nothing")


def windows(result: Result, names: Names) -> Table:
    """Share of demand served in the worst stretch of a year, by its length; mean over all years."""
    ids = story.services_by_harm(result)
    lengths = list(result["services"][ids[0]]["windowed_uptime"]) if ids else []
    rows = [
        [names.of(i)]
        + [numbers.availability(result["services"][i]["windowed_uptime"][k], names.lang) for k in lengths]
        for i in ids
    ]
    head = [names.say("column.service")]
    head += [names.say("column.window", t=length(k, names)) for k in lengths]
    about = [_numbers(result, f"services.{i}", ["", *(f"windowed_uptime.{k}" for k in lengths)]) for i in ids]
    return Table(head, rows, [False] + [True] * len(lengths), about)


def data_risk(result: Result, names: Names) -> Table:
    """How often data is lost."""
    rows = []
    for id_, row in result["data"].items():
        mean = row["mean_hours"]
        often = [
            _est(row[key], "per_year", names) if row.get("destroyable", True) else names.say("tolerance.untried")
            for key in ("losses_per_year", "everything_per_year")
        ]
        rows.append(
            [
                names.of(id_),
                *often,
                _band(row["everything_per_year"], "per_year", names),
                numbers.clock(mean, names.lang) if mean is not None else NONE,
            ]
        )
    about = [number(result, f"data.{id_}") for id_ in result["data"]]
    return _table(names, "data losses everything band mean_hours", rows, about=about)


def causes(result: Result, names: Names, most: int | None = None) -> Table:
    """What episodes begin with, by its share of the downtime; all of it, or the `most` important."""
    found = sorted(enumerate(result["causes"]), key=lambda x: -x[1]["downtime_share"])[:most]
    rows = [
        [
            names.of(c["id"], c["what"]),
            names.say(f"cause.{c['what']}"),
            numbers.often(c["per_year"], names.lang),
            numbers.whole_percent(c["downtime_share"], names.lang),
            numbers.whole_percent(c["long_share"], names.lang),
            NONE if c["loss_share"] is None else numbers.whole_percent(c["loss_share"], names.lang),
        ]
        for _, c in found
    ]
    about = [_numbers(result, f"causes.{n}", ("", "", "per_year", "downtime_share", "long_share", "loss_share")) for n, _ in found]
    return _table(names, "cause kind per_year downtime_share long_share loss_share", rows, left=2, about=about)


# --------------------------------------------------------------------------- both


def deadlock(lock: Mapping[str, Any], names: Names) -> list[str]:
    """A cold-start deadlock in sentences: the circle, who is caught, what opens it."""
    said = [names.say("deadlock.chain", chain=story.chain_text(lock["chain"], names))]
    if set(lock["members"]) - set(lock["chain"]):
        said.append(names.say("deadlock.members", names=names.listed(lock["members"], 8)))
    said.append(names.say("deadlock.escape" if lock["escape"] else f"deadlock.no_escape.{lock['kind']}"))
    return said


def provenance(result: Result, names: Names) -> list[tuple[str, str]]:
    """Where the numbers come from: what was computed, from what, how carefully, with what seed."""
    origin = result["provenance"]
    study = {k: v for k, v in origin["study"].items() if k != "seed"}
    chosen = ", ".join(names.of(d, "defence") for d in origin["with"])
    two = [result["before"], result["after"]] if result["kind"] == "difference" else []
    rows = [
        ("model", " → ".join(side["name"] for side in two) or _file_names(result)),
        ("with", chosen or names.say("provenance.none")),
        ("digest", " → ".join(dict.fromkeys(side["digest"] for side in two)) or origin["digest"]),
        ("played", origin.get("played", "")),
        ("seed", "" if origin["seed"] is None else str(origin["seed"])),
        ("study", ", ".join(_setting(k, v, result["kind"], names) for k, v in study.items() if v not in (None, []))),
        ("version", origin["version"]),
        ("schema", result["schema_version"]),
    ]
    rows = [(names.say(f"provenance.{k}"), v) for k, v in rows if v]
    return rows + [(names.say("provenance.outcome"), " ".join(story.outcome(result, names)))]


def _setting(key: str, value: Any, kind: str, names: Names) -> str:
    """A setting of a computation in words; one that has none as the result has it."""
    forms = (f"{key}.{value}", f"{key}-{kind}", key) if isinstance(value, str | bool) else (f"{key}-{kind}", key)
    known = next((f"provenance.set.{form}" for form in forms if has(f"report.provenance.set.{form}", names.lang)), "")
    return names.say(known, n=_plain(value)) if known else f"{key} {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool) or isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:,}" if isinstance(value, int) else str(value)
