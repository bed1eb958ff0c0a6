"""A reconstruction, told: what most likely began it, the chain with what nobody reported, where record and model disagree."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blackstart.report import numbers, timeline
from blackstart.report.attribution import brief
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.schemas import TEXT, list_of, map_of, ref
from blackstart.report.tables import NONE, Table
from blackstart.text import say

Result = Mapping[str, Any]
Row = Mapping[str, Any]
HYPOTHESES = 6
LEAST_SHARE = 0.001
MATTERS = 1  # weight of a moment up to which it stands in the chain; what was reported stands there in any case
SERVICES = 6  # named in one step
SURE, NEVER_SURE = 0.995, 0.999
# fields of a model of which a record may tell
ASSUMED = ("start.takes", "repair.takes", "break_glass", "needs", "effects", "people", "arrives", "works")


def report(result: Result, names: Names) -> Outline:
    """A reconstruction as an outline."""
    told = _Telling(result, names)
    sections = [
        Section("began", told.say("section.began"), [told.hypotheses()]),
        Section("chain", told.say("section.chain"), [told.chain(), told.say("read-chain")]),
        Section("services", told.say("section.services"), [told.services()]),
        Section("disagree", told.say("section.disagree"), [told.disagreements()] if result["disagreements"] else [told.say("agrees")]),
        Section("refuted", told.say("section.refuted"), [told.refuted(), told.say("read-refuted", n=result["tests"])]
                if result["refuted"] else []),
        Section("conflicts", told.say("section.conflicts"), [told.conflicts()] if result["conflicts"] else []),
        Section("method", told.say("section.method"), [told.method()]),
        provenance(result, names),
    ]  # fmt: skip
    return Outline(told.say("title", title=told.title()), told.first(), told.more(), told.notes(), [s for s in sections if s.blocks])


def stated(result: Result, names: Names) -> list[str]:
    """That what the record itself says struck was not taken for granted, and where it ranks."""
    hit, rank = result["stated"]["hit"], result["stated"]["rank"]
    if not hit:
        return []
    key = "stated-none" if rank is None else "stated-first" if rank == 1 else "stated-rank"
    return [say(f"incident.chain.{key}", names.lang, names=names.join([names.anything(name) for name in hit], 4), n=rank or 0)]


def assumption(path: str, names: Names) -> str:
    """What a path of the model says of which thing, in words."""
    for field in ASSUMED:
        if path.endswith(f".{field}"):
            name = path.removesuffix(f".{field}").partition(".")[2]
            return say(f"incident.chain.assumption.{field}", names.lang, name=names.anything(name))
    return path


def told_once(chain: Sequence[Row]) -> list[Row]:
    """The steps without failures that the effect of a misfortune tells in the same minute; who saw the one saw the other."""
    broke: dict[int, dict[str, Any]] = {}
    found: list[Row] = []
    for row in chain:
        minute = round(row["t_h"] * 60)
        if row["what"] == "fails" and minute in broke:
            one = broke[minute]
            if one["recorded_h"] is None:
                one["recorded_h"], one["off_h"], one["seen"] = row["recorded_h"], row["off_h"], row["seen"]
        elif row["what"] == "effect" and row["detail"].get("op") in ("break", "destroy"):
            broke[minute] = {**row}
            found.append(broke[minute])
        else:
            found.append(row)
    return found


class _Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.lang, self.names = result, names.lang, names
        self.began = datetime.datetime.fromisoformat(result["record"]["began_at"])

    def say(self, key: str, **values: Any) -> str:
        return say(f"incident.chain.{key}", self.lang, **values)

    def title(self) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return str(title or ", ".join(self.r["provenance"]["model"]))

    def percent(self, share: float) -> str:
        return self.say("almost") if SURE < share < 1.0 else numbers.whole_percent(share, self.lang)

    def clock(self, t_h: float) -> str:
        return f"{self.began + datetime.timedelta(minutes=round(t_h * 60)):%m-%d %H:%M}"

    def span(self, at: Sequence[float | None] | None) -> str:
        """Between which times, as a clock shows them."""
        if at is None or at == [None, None]:
            return NONE
        low, high = (None if t is None else self.clock(t) for t in at)
        if low is None or high is None:
            return say(f"incident.record.{'before' if low is None else 'after'}", self.lang, t=high or low)
        if low == high:
            return low
        return numbers.between(low, high.removeprefix(low.partition(" ")[0] + " "), self.lang)  # a day is said once

    def hypothesis(self, row: Row) -> str:
        return self.names.join([self.names.of(part["id"], part["noun"]) for part in row["parts"]])

    # -- sentences

    def first(self) -> str:
        best = self.r["hypotheses"][0]
        share, at = self.percent(min(best["share"], NEVER_SURE)), self.clock(self.r["begin_h"]["50"])
        return self.say("first", name=self.hypothesis(best), share=share, at=at)

    def more(self) -> list[str]:
        record = self.r["record"]
        n, explained = self.r["judged"]["matters"], self.r["judged"]["explained"]
        unused = record["observations"] - record["used"]
        said = [self.say("explained" if unused else "explained-all", n=n, explained=explained, unused=unused)]
        if n < len(self.r["fit"]):
            said[0] += " " + self.say("once")
        refuted = [row for row in self.r["refuted"] if row["verdict"] == "refuted"]
        if refuted:
            said.append(self.say("refutes", n=len(refuted)))
        return [*said, *stated(self.r, self.names)]

    def notes(self) -> list[str]:
        best = self.r["hypotheses"][0]
        return [self.say("unsure")] if best["share"] < 0.5 else []

    # -- tables

    def head(self, *columns: str) -> list[str]:
        return [self.say(f"column.{c}") for c in columns]

    def hypotheses(self) -> Table:
        rows = []
        for n, row in enumerate(self.r["hypotheses"][:HYPOTHESES]):
            if n and row["share"] < LEAST_SHARE:
                break
            often = numbers.often(row["prior_per_year"], self.lang)
            share = numbers.write({"value": row["share"], "standard_error": row["standard_error"], "band": None}, "percent", self.lang)
            rows.append([self.hypothesis(row), share, often, f"{row['matched']:.0f} / {self.r['judged']['matters']}"])
        return Table(self.head("hypothesis", "share", "prior", "matched"), rows, [False, True, False, True])

    def chain(self) -> Table:
        rows = []
        for step, weight, text in self._steps():
            if step["seen"] or weight <= MATTERS and step["p"] is not None:
                recorded, seen = self.recorded(step), ", ".join(step["seen"])
                chance = "" if recorded or step["p"] is None or step["p"] > SURE else self.percent(step["p"])
                between = "" if recorded or step["span_h"] is None else self.between(step)
                basis = seen or ("" if recorded else self.say("inferred"))
                rows.append([self.clock(step["t_h"]), text, recorded or NONE, basis or NONE, chance or NONE, between or NONE])
        head = self.head("when", "step", "recorded", "seen", "chance", "between")
        return Table(head, rows, [False] * 4 + [True, False]).without_empty()

    def between(self, step: Row) -> str:
        """Between which times most of the courses fitted to the record have a step, and whether the one told lies outside."""
        at, (low, high) = self.span(step["span_h"]), step["span_h"]
        return at if round(low * 60) <= round(step["t_h"] * 60) <= round(high * 60) else self.say("beyond", at=at)

    def recorded(self, step: Row) -> str:
        """When the record has a step, and how far off the course is; empty where nobody reported it."""
        if step["recorded_h"] is None:
            return ""
        at, off = self.span(step["recorded_h"]), step["off_h"]
        if not off:
            return at
        return self.say("off.later" if off > 0 else "off.earlier", at=at, t=numbers.point(abs(off), "hours", self.lang))

    def _steps(self) -> Iterator[tuple[Row, int, str]]:
        """Steps of the chain in words, with their weight; services that go or come together in one."""
        together: dict[tuple[Any, ...], list[Row]] = {}
        steps_once = told_once(self.r["chain"])
        for step in steps_once:
            if step["detail"].get("service"):
                together.setdefault(_same(step), []).append(step)
        for step in steps_once:
            if step["detail"].get("everything"):
                yield step, 0, self.say("all_out" if step["what"] == "falls" else "all_back")
            elif not step["detail"].get("service"):
                told = timeline.event_text(step, self.names)
                if told is not None:
                    yield step, *told
            elif steps := together.pop(_same(step), None):
                key = "moment.service_out" if step["what"] == "falls" else "moment.service_back"
                yield steps[0], 0, self.names.say(key, names=self.names.listed([one["who"] for one in steps], SERVICES))

    def services(self) -> Table:
        rows = []
        for name, row in self.r["services"].items():
            played, recorded = row["played"], row["recorded"]
            down = recorded["fell_h"] is not None or recorded["back_h"] is not None and recorded["back_h"][0] is not None
            if played["out_share"] == 0 and not down:
                continue
            back = played["back_h"]
            expected = self.say("never" if played["out_share"] else "not-out") if back is None else self.span([back["10"], back["90"]])
            course = row["course"]["back_h"]
            rows.append([self.names.of(name), self.span(recorded["fell_h"]), self.back(recorded),
                         NONE if course is None else self.clock(course), expected])  # fmt: skip
        return Table(self.head("service", "fell", "back", "in_course", "expected"), rows, [False] * 5).without_empty()

    def back(self, recorded: Row) -> str:
        """When a service was back by the record; where that was only in part, when all of it was."""
        back, whole = self.span(recorded["back_h"]), recorded["whole_h"]
        return back if whole is None else self.say("in-part", back=back, whole=self.span(whole))

    def what(self, what: Row | None) -> str:
        return NONE if what is None else say("incident.record.everything", self.lang) if what["noun"] == "all" else \
            self.names.anything(what["id"])  # fmt: skip

    def state(self, level: float | None) -> str:
        if level in (0.0, 1.0):
            return self.say("state.up" if level else "state.down")
        return "" if level is None else numbers.whole_percent(level, self.lang)

    def disagreements(self) -> Table:
        rows = []
        for row in self.r["disagreements"]:
            expected = NONE if row["expected_h"] is None else self.span([row["expected_h"]["10"], row["expected_h"]["90"]])
            state = self.say("partly", state=self.state(row["level"])) if row["partly"] else self.state(row["level"])
            kind = self.say(f"kind.{row['kind']}", state=state)
            chance = numbers.whole_percent(row["p"], self.lang)
            what, recorded, true = self.what(row["what"]), self.span(row["recorded_h"]), self.percent(row["true"])
            rows.append([row["id"], what, recorded, kind, expected, chance, true])
        head = self.head("id", "what", "recorded", "kind", "foreseen", "p", "true")
        return Table(head, rows, [False] * 5 + [True, True])

    def refuted(self) -> Table:
        rows = []
        for row in self.r["refuted"]:
            reports = ", ".join(row["ids"]) or NONE
            chance = numbers.point(row["p"], "percent", self.lang)
            what = assumption(row["path"], self.names)
            rows.append([what, row["stated"] or NONE, self.say(f"verdict.{row['verdict']}"), reports, chance])
        return Table(self.head("assumption", "stated", "verdict", "reports", "p"), rows, [False] * 4 + [True])

    def conflicts(self) -> Table:
        rows = []
        for row in self.r["conflicts"]:
            for n, one in enumerate(row["reports"]):
                judged = NONE if one["true"] is None else self.percent(one["true"])
                rows.append([self.names.of(row["matter"], "matter") if n == 0 else "", one["id"], judged])
        return Table(self.head("matter", "id", "true"), rows, [False, False, True])

    def method(self) -> str:
        m = self.r["method"]
        off = numbers.whole_percent(m["off"], self.lang)
        late = numbers.point(m["late_h"], "hours", self.lang)
        return self.say("method", late=late, plays=f"{m['plays']:,}", closest=m["closest"], steps=f"{m['steps']:,}", off=off)


def _same(step: Row) -> tuple[Any, ...]:
    """What services must share to be told in one step: the minute, what happens, and what the record has of it."""
    return round(step["t_h"] * 60), step["what"], tuple(step["seen"]), tuple(step["recorded_h"] or ())


# --------------------------------------------------------------------------- schema


def definition() -> dict[str, Any]:
    """JSON Schema of what is a reconstruction's own."""
    text, number, maybe = {"type": "string"}, {"type": "number"}, {"type": ["number", "null"]}
    texts = {"type": "array", "items": text}
    span = {"anyOf": [{"type": "array", "items": maybe, "minItems": 2, "maxItems": 2}, {"type": "null"}]}
    quantiles = {"anyOf": [{"type": "object", "additionalProperties": number}, {"type": "null"}]}
    what = {"anyOf": [_object(noun={"type": ["string", "null"]}, id=text), {"type": "null"}]}
    record = brief()
    used = {"used": {"type": "integer"}, "unused": _many(id=text, why=text)}
    record = record | {"properties": record["properties"] | used, "required": [*record["required"], *used]}
    service = _object(
        recorded=_object(
            fell_h=span, back_h=span, whole_h={**span, "description": "when all of it was back; null: back_h says so"},
        ),
        course=_object(fell_h=maybe, back_h=maybe),
        played=_object(fell_h=quantiles, back_h=quantiles, out_share=number, never_share=number),
    )
    return {
        "kind": {"const": "reconstruction"},
        "record": record,
        "stated": {**_object(hit=texts, rank={"type": ["integer", "null"]}), "description": "what the record says struck; where it ranks"},
        "given": _object(fails=texts, works=texts),
        "begin_h": {"type": "object", "additionalProperties": number, "description": "when it struck, on the record's clock"},
        "hypotheses": _many(
            id=text, parts=_many(noun=text, id=text, at_h=number), prior_per_year=number, share=number, standard_error=number,
            plays={"type": "integer"}, matched={"type": "integer"},
        ),
        "chain": _many(
            t_h=number, at=text, what=text, who=text, detail={"type": "object"}, seen={**texts, "description": "reports that it bears out"},
            recorded_h={**span, "description": "between which times the record has it; null: inferred"},
            partly={"type": "boolean", "description": "whether the reports say so of a part of it only"},
            off_h={**maybe, "description": "hours by which the course is later (earlier: negative); 0 within the minute"},
            p={**maybe, "description": "share of the plays given the record in which it happens"}, span_h=span,
        ),
        "course": {**_object(
            services=map_of(ref("ServiceCourse")), timeline=_events(), stages=map_of(list_of(ref("Span"))), stuck=texts,
            data_lost=list_of({"type": "object"}), end_h=number,
        ), "description": "the chain as a rehearsal tells it, in hours since the misfortune struck"},
        "services": {"type": "object", "additionalProperties": service},
        "fit": _many(
            id=text, p={**number, "description": "chance of a report at least as far out"}, true=number, expected_h=quantiles,
            verdict={"enum": ["explained", "doubtful", "unexplained"]}, kind=text,
        ),
        "judged": {
            **_object(matters={"type": "integer"}, explained={"type": "integer"}),
            "description": "reports, those that contradict each other counted as one",
        },
        "conflicts": _many(matter=text, in_=text, reports=_many(id=text, true=maybe), likelier={"type": ["string", "null"]}),
        "disagreements": _many(
            id=text, what=what, kind={"enum": ["too-early", "too-late", "never-in-model", "level"]}, did={"type": ["string", "null"]},
            level=maybe, partly={"type": "boolean"}, recorded_h=span, expected_h=quantiles, p=number, true=number,
        ),
        "refuted": _many(
            path=text, kind={"enum": ["chance", "duration", "structure"]}, stated=text, ids=texts, p=number,
            verdict={"enum": ["refuted", "doubted"]},
        ),
        "tests": {"type": "integer", "description": "reports and barriers that were tested"},
        "method": _object(
            plays={"type": "integer"}, closest={"type": "integer"}, seed={"type": "integer"}, steps={"type": "integer"},
            off={**number, "description": "how far a reported time may be off, as a share of the time passed"},
            late_h={**number, "description": "how long after what it tells a report may come"},
        ),
    }  # fmt: skip


def _events() -> dict[str, Any]:
    return {"type": "array", "items": _object(t_h={"type": "number"}, what=TEXT, who=TEXT, detail={"type": "object"})}


def _many(**fields: Any) -> dict[str, Any]:
    return {"type": "array", "items": _object(**fields)}


def _object(**fields: Any) -> dict[str, Any]:
    fields = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
