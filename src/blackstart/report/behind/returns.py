"""What stands behind the numbers of an assessment: also how one misfortune goes for one service, on which many of them rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers, story, tables
from blackstart.report.behind import Asked, Behind, Line, under
from blackstart.report.behind import assessment as behind_assessment
from blackstart.report.behind.causes import LEAST_SHARE, SURELY, Whole, course, work
from blackstart.report.behind.needs import struck_by, tie
from blackstart.report.behind.parts import awaited

Row = Mapping[str, Any]
NEVER_SO = 1e-6  # of the outages of a cause: a length that fewer reach is not told
NEAR = 0.01  # so near a product has to come to a loss to be told
_JOBS = ("start", "repair")
_SERVED_BY = r"(needs|wants)|surge|headroom"  # what says how much of a service is left while something is missing


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    match keys:
        case ["returns", str(id_), int(n), *_]:
            return _return(asked, id_, asked.result["returns"][id_][n])
    return behind_assessment.behind(asked, keys)


def _return(asked: Asked, id_: str, row: Row) -> Behind:
    """One occurrence of a cause, for one service: how often it is out, for how long, what for, and what that costs."""
    cause = next(c for c in asked.result["causes_by_service"][id_] if (c["id"], c["what"]) == (row["id"], row["what"]))
    service, name = asked.names.of(id_), asked.names.of(row["id"], row["what"])
    said = _lengths(asked, id_, cause, row["each"]["out_h"])
    if row["steps"] or row["steps_worse"]:
        said.append(asked.say("return.courses", n=row["courses"]))
    out_h, worse = row["each"]["out_h"], row["each"]["lost_worse_h"]
    lines = under(asked.say("parts.waited"), _steps(asked, row["steps"], Whole(out_h, "hours")))
    stated = asked.result["services"][id_]["loss"] is not None or asked.of("components", id_, "users")
    lost = _lost(asked, id_, row["each"]) if stated else []
    lines += under(asked.say("parts.lost"), lost)
    if lost and worse > LEAST_SHARE * out_h:
        lines += under(asked.say("parts.waited-worse"), _steps(asked, row["steps_worse"], Whole(worse, "hours")))
        served = tuple(at for part in _below(asked, id_) for at in asked.every("components", part, _SERVED_BY))
        lines += under(asked.say("parts.worse-by"), [Line(service, (), served)] if served else [])
    if own := tie(asked, id_, struck_by(asked, cause)):
        lines += under(asked.say("parts.ties"), [own])
    told = {at["path"] for line in lines for at in line.inputs} | {at["path"] for at in asked.rate(cause)}
    if rest := tuple(at for at in course(asked, cause, [id_]) if at["path"] not in told):
        lines += under(asked.say("parts.course"), [Line(name, (), rest, at=f"lasting.{row['what']}.{row['id']}")])
    serves = asked.of("components", id_, "tolerance.serves")
    lines += under(asked.say("line.threshold"), [Line(service, (), serves)] if serves else [])
    heading = asked.titled(asked.say("return.of", name=service), name)
    return Behind(heading, said, lines, (asked.say("column.each-share"),))


def _below(asked: Asked, id_: str) -> list[str]:
    """A service and what it needs or wants itself."""
    return [id_, *dict.fromkeys(b for a, b, kind in asked.result["graph"]["needs"] if a == id_ and kind in ("run", "want", "maybe"))]


def _lengths(asked: Asked, id_: str, cause: Row, out_h: float) -> list[str]:
    """How often it stops the service each time, for how long each time it does; how many of these stops are longer than so many hours."""
    service = asked.result["services"][id_]
    often = service["outages_per_year"]["value"] * cause["outages_share"] / cause["per_year"]
    if not often:
        return []
    times = numbers.point(often, "number", asked.lang, digits=4 if abs(often - 1.0) < SURELY else 3)
    words = {"n": times, "mean": _hours(asked, out_h / often), "hours": _hours(asked, out_h)}
    found = [asked.say("return.stops", **words)]
    longer = {key: est["value"] * cause["longer_shares"].get(key, 0.0) / cause["per_year"]
              for key, est in service["outages_per_year_longer_than"].items()}  # fmt: skip
    known = {tables.length(key, asked.names): Whole(n, "per_year").each(1.0, 1.0, asked.lang) for key, n in longer.items() if n > NEVER_SO}
    told = [asked.say("return.longer", t=t, share=share) for t, share in known.items()]
    return [*found, asked.say("return.lengths", lengths=asked.names.join(told, len(told)))] if told else found


def _steps(asked: Asked, steps: Sequence[Row], whole: Whole) -> list[Line]:
    """Steps of the way back, each with what it makes of the whole and the inputs that say how long it takes."""
    lines = []
    for step in steps:
        if not step["component"]:
            lines.append(Line(asked.say("line.others"), (whole.adds(step["share"], asked.lang),)))
            continue
        words = story.step_text(step, asked.names)
        inputs, at = awaited(asked, step)
        if step["what"] in _JOBS and (sum_ := work(asked, step["component"], step["what"])[1]):
            words = asked.say(f"return.typical-{step['what']}", what=words, sum=sum_)
        what = asked.say("step", name=asked.names.of(step["component"]), what=words)
        lines.append(Line(what, (whole.adds(step["share"], asked.lang),), inputs, at=at))
    return [*lines, Line(asked.say("line.total"), (whole.adds(1.0, asked.lang),))] if lines[1:] else lines


def _lost(asked: Asked, id_: str, each: Row) -> list[Line]:
    """What is missing of the service, from its hours; and what that comes to in money and users' hours."""
    kinds = (("out", each["out_h"], each["lost_out_h"]), ("worse", each["worse_h"], each["lost_worse_h"]))
    lines = [
        Line(asked.say(f"return.lost-{kind}", h=_hours(asked, h), share=_percent(asked, lost / h)), (_hours(asked, lost),))
        for kind, h, lost in kinds if lost > 0.0
    ]  # fmt: skip
    missing = each["lost_out_h"] + each["lost_worse_h"]
    lines += [Line(asked.say("line.total"), (_hours(asked, missing),))] if lines[1:] else []
    rate = next(iter(asked.of("components", id_, r"loss(\.rate)?$")), None)
    if each["loss_out"] is not None:
        loss, inputs = each["loss_out"] + each["loss_worse"], asked.every("components", id_, "loss|aftermath")
        put_off = next((at["value"] for at in inputs if at["path"].endswith(".deferred")), 0.0) or 0.0
        counted = next((at["value"] for at in inputs if at["path"].endswith(".hours")), 1.0) or 0.0
        product = (rate["value"] or 0.0) * (1.0 - put_off) * counted * missing if rate else 0.0
        words = {"rate": _money(asked, rate["value"] or 0.0, 4) if rate else "", "missing": _hours(asked, missing)}
        words["kept"] = asked.say("return.kept", share=_percent(asked, put_off)) if put_off else ""
        words["kept"] += asked.say("return.counted", share=_percent(asked, counted)) if counted != 1.0 else ""
        key = "loss" if abs(product - loss) <= NEAR * loss else "loss-else"
        lines.append(Line(asked.say(f"return.{key}", **words), (_money(asked, loss),), inputs))
    users = next(iter(asked.of("components", id_, "users$")), None)
    if users:
        n = numbers.count(users["value"] or 0.0, asked.lang, 3)
        lost = Whole((users["value"] or 0.0) * missing, "users").amount(1.0, asked.lang)
        lines.append(Line(asked.say("return.users", n=n, missing=_hours(asked, missing)), (lost,), (users,)))
    return lines


def _hours(asked: Asked, hours: float) -> str:
    return numbers.point(hours, "hours", asked.lang, digits=3)


def _percent(asked: Asked, share: float) -> str:
    return numbers.point(share, "percent", asked.lang, digits=3)


def _money(asked: Asked, value: float, digits: int = 3) -> str:
    return numbers.point(value, "money", asked.lang, asked.result["currency"], digits)
