"""Where an input comes from: a line of the file with its note, a row of the evidence library, the firm's own history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from blackstart import evidence
from blackstart.language.at_rest import out_below
from blackstart.language.inputs import Input, cited, glosses, inputs, keys_in, note
from blackstart.language.model import Component, Effect, Model, Need, every_effect
from blackstart.language.needs import leaves
from blackstart.units import Chance, Duration, Money, Rate, read_hours

Texts = Mapping[str, str]
NO_TEXTS: Texts = MappingProxyType({})
RULE = "language"  # the source of what a rule of the language brings
MOST_TOLD = 1000  # inputs of one result; a page is for reading
_ROW = re.compile(r"\b[A-Z]{2}-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")  # name of a row of the library


def origin(model: Model, at: Input, texts: Texts) -> dict[str, Any]:
    """One input with its origin, as results tell it.

    texts : the files of the model and the lists of sources beside them, by name: what their writer noted is told with it
    """
    of_class = at.value.shared if isinstance(at.value, Rate | Chance) else ""
    update = next((u for u in model.updates if u.tells_of(at.path, of_class)), None)
    file = at.where.file.rpartition("/")[2] if at.where else None
    noted = note(texts.get(at.where.file, ""), at.where.line, file) if at.where and not at.source else ""
    row = {
        "path": at.path, "thing": list(at.thing), "kind": at.kind, "text": at.text,
        "state": "history" if update else "rule" if at.source == RULE else "library" if at.source else "stated",
        "file": file, "line": at.where.line if at.where else None,
        "note": noted, "percentiles": _percentiles(at), "value": _value(at), "history": None,
        "currency": at.value.currency or model.currency if isinstance(at.value, Money) else None,
        "cases": at.value.cases if isinstance(at.value, Duration) else None, "shared": at.shared or None,
        "sources": _sources([] if at.source == RULE else at.source.split("+") if at.source else _ROW.findall(noted)),
        "effect": _effect(model, at),
        "how": _how(at),
    }  # fmt: skip
    if update:
        row["history"] = {
            "prior": update.prior_text, "prior_sources": _sources(update.prior_source.split("+")), "data": update.data,
            "posterior": update.posterior_text, "data_weight": update.data_weight, "surprise": update.surprise,
        }  # fmt: skip
    return row


def rate_of(model: Model, cause: Mapping[str, Any]) -> Input | None:
    """The input that says how often a cause of episodes comes; None where no single input says it."""
    group, name = ("hazards", cause["id"]) if cause["what"] == "hazard" else ("components", cause["id"])
    wanted = f"{group}.{name}." + ("rate" if group == "hazards" else "fails")
    return next((i for i in inputs(model) if i.path == wanted), None)


def grounds(
    model: Model, first: Sequence[tuple[str, str]], texts: Texts, also: Sequence[str] = (), more: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """What the numbers of a result rest on: the inputs with their origins, those of the things in `first` (group, name) first.

    also : groups whose inputs count beside those of what happens (``defences``). Of more than `MOST_TOLD` inputs the rest is
    counted, not told.
    more : inputs with their origins that the model itself does not have, told last
    """
    rank = {thing: n for n, thing in enumerate(dict.fromkeys(first))}
    beside = (*thresholds(model), *_promised(model), *_lost_in_part(model), *_crews(model), *_orders(model), *dependences(model))
    found = sorted([*inputs(model, also), *beside], key=lambda at: rank.get(at.thing, len(rank)))
    rows = [*(origin(model, at, texts) for at in found[:MOST_TOLD]), *more]
    return {"inputs": rows, "left_out": max(0, len(found) - MOST_TOLD), **explained(rows, texts)}


def thresholds(model: Model) -> list[Input]:
    """Of each service that can serve a part: from which share on it counts as up. A definition, not a doubt: `why` moves none of them."""
    found = []
    for name, share in out_below(model).items():
        if share is not None:
            row, inside = model.components[name], "tolerance.serves"
            where = row.wheres.get(inside) or row.wheres.get("tolerance")
            path, source = f"components.{name}.{inside}", "" if where else RULE
            found.append(Input(path, (), "number", share, f"{share:.0%}", source, where or row.where, ("components", name)))
    return found


def _promised(model: Model) -> list[Input]:
    """Of each service the uptime that is promised of it, where one is."""
    found = []
    for name, row in model.components.items():
        promises = row.tolerance.uptime if row.tolerance else ()
        for n, one in enumerate(promises):
            inside = f"tolerance.uptime[{n}]" if promises[1:] else "tolerance.uptime"
            where = row.wheres.get(inside) or row.where
            found.append(Input(f"components.{name}.{inside}", (), "number", one.share, one.text, "", where, ("components", name)))
    return found


def _lost_in_part(model: Model) -> list[Input]:
    """Of each service the share of its loss that customers only put off, and the hours of the week in which it counts, where stated."""
    found = []
    for row in model.components.values():
        if row.loss and row.loss.deferred:
            found.append(_of_loss(row, "loss.deferred", row.loss.deferred, f"{row.loss.deferred:.0%}"))
        if row.loss and row.loss.hours:
            week = read_hours(row.loss.hours)
            counted = sum(week) / len(week)
            text = f"{row.loss.hours} ({row.loss.otherwise:.0%})" if row.loss.otherwise else row.loss.hours
            found.append(_of_loss(row, "loss.hours", counted + (1.0 - counted) * row.loss.otherwise, text))
    return found


def _of_loss(row: Component, inside: str, share: float, text: str) -> Input:
    where = row.wheres.get(inside) or row.wheres.get("loss") or row.where
    return Input(f"components.{row.id}.{inside}", (), "number", share, text, "", where, ("components", row.id))


def _orders(model: Model) -> list[Input]:
    """In which order people take up work on parts, where that is stated. A decision, not a doubt: `why` moves none of them."""
    found = []
    for name, row in model.components.items():
        if row.priority is not None and (where := row.wheres.get("priority")):
            path, first = f"components.{name}.priority", float(row.priority)
            found.append(Input(path, (), "number", first, str(row.priority), "", where, ("components", name)))
    return found


def _crews(model: Model) -> list[Input]:
    """The people of each job: no doubt, but how long much work takes rests on them, and what is not mended without a team."""
    found = []
    for name, row in model.components.items():
        for job in ("start", "repair"):
            what = getattr(row, job)
            people = sum(crew.people for crew in what.people) if what else 0
            text = ", ".join(f"{crew.people} {crew.team}" for crew in what.people) if what else ""
            if people and (where := row.wheres.get(f"{job}.people") or row.wheres.get(job)):
                path = f"components.{name}.{job}.people"
                found.append(Input(path, (), "number", float(people), text, "", where, ("components", name)))
    return found


def dependences(model: Model) -> list[Input]:
    """Of each component what it needs, and of a standby also to start: no number, but what counts of stopped services rest on.

    Of what it only wants also how much is missing without that.
    """
    found = []
    for name, row in model.components.items():
        to_start = row.start.needs if row.start and row.standby else None
        for inside, need in (("needs", row.needs), ("wants", row.wants), ("start.needs", to_start)):
            names = [one.name for one in (need if isinstance(need, tuple) else [*leaves(need)][::-1])]
            how = f"{need.op}: " if isinstance(need, Need) and need.op in ("any", "at_least", "capacity") else ""
            if names and (where := row.wheres.get(inside)):
                text = how + ", ".join(dict.fromkeys(names))
                found.append(Input(f"components.{name}.{inside}", (), "needs", 0.0, text, "", where, ("components", name)))
        for want in row.wants:
            if where := row.wheres.get("wants"):
                path, text = f"components.{name}.wants.{want.name}", f"{want.share:.0%}"
                found.append(Input(path, (), "number", want.share, text, "", where, ("components", name)))
    return found


def explained(rows: Sequence[dict[str, Any]], texts: Texts) -> dict[str, Any]:
    """What the keys in the notes of inputs stand for, and notes and keys in other languages where the model's writer gives them.

    Rows of the library that a key stands for become sources of the inputs whose notes cite the key.
    """
    notes = [row["note"] for row in rows]
    known = cited([*notes, *(row["text"] for row in rows)], texts)
    for row in rows:
        if row["state"] == "stated":
            row["sources"] = _sources(_ROW.findall(" ".join(_with_all_cited(f"{row['note']} {row['text']}", known))))
    return {"cited": known, "glosses": glosses(notes, known, texts)}


def _with_all_cited(note: str, known: Mapping[str, str]) -> list[str]:
    """A note, and what its keys stand for, and the keys in that in turn."""
    said, seen = [note], set()
    for words in said:  # it grows
        new = [key for key in keys_in(words, known) if key in known and key not in seen]
        seen.update(new)
        said += [known[key] for key in new]
    return said


def _effect(model: Model, at: Input) -> dict[str, Any] | None:
    """What the effect of a hazard does to which an input belongs; None for other inputs."""
    rest = at.steps[2:]
    if at.thing[0] != "hazards" or rest[:1] != ("effects",):
        return None
    effects, effect = model.hazards[at.thing[1]].effects, None
    while rest[:1] in (("effects",), ("then",)) and len(rest) > 1:
        effect, rest = effects[int(rest[1])], rest[2:]
        effects = effect.then
    if effect is None:
        return None
    target, ends = effect.target, effect.until
    names = target.names + target.tags if target else tuple(filter(None, (effect.hazard, effect.team)))
    once = ends.named if rest[:1] == ("until",) and ends else effect.since if rest[:1] == ("after",) else None
    alike = [e for e in every_effect(model.hazards[at.thing[1]].effects) if (e.op, e.target) == (effect.op, target)]
    return {
        "op": effect.op, "on": list(names), "share": target.share if target else 1.0, "once": once,
        "nth": next(n for n, e in enumerate(alike, 1) if e is effect), "of": len(alike),
        **({"unless": list(effect.unless)} if effect.unless else {}),
        **({"back": ends.back} if ends and ends.back and rest[:1] == ("until",) else {}),
        **_over_first(effect, alike),
    }  # fmt: skip


def _over_first(effect: Effect, alike: Sequence[Effect]) -> dict[str, bool]:
    """Of two effects that do the same to the same: whether this one is the first to be over; nothing where that cannot be said."""
    middles = [float(e.until.plus.next_case().quantile(0.5)) for e in alike if e.until and e.until.plus and len(e.until.plus.terms) == 1]
    if len(alike) != 2 or len(set(middles)) != 2:
        return {}
    return {"over_first": alike[middles.index(min(middles))] is effect}


def _how(at: Input) -> dict[str, Any] | None:
    """How a value of the library follows from its rows: its name, the rule and what fills the sentence on that; else None."""
    name = evidence.named(at.text, at.source) if at.source else None
    return {"value": name, "rule": evidence.how(name), "told": evidence.how_told(name)} if name else None


def _percentiles(at: Input) -> list[float] | None:
    """5th, 50th and 95th percentile: of what is believed about a rate, chance or amount, of what the next case of a duration may take."""
    if isinstance(at.value, Duration):
        if len(at.value.terms) != 1 or at.value.per_outage:
            return None
        return [float(at.value.next_case().quantile(q)) for q in (0.05, 0.5, 0.95)]
    if isinstance(at.value, Money):  # the ends as they are written: 1 bn, not 0.9999999999 bn
        return None if at.value.dist.kind == "point" else [float(f"{at.value.dist.quantile(q):.10g}") for q in (0.05, 0.5, 0.95)]
    return None if at.dist is None else [float(at.dist.quantile(q)) for q in (0.05, 0.5, 0.95)]


def _value(at: Input) -> float | None:
    """The mean of what is believed of a rate, a chance or money; a plain number as it is; nothing of a duration or of needs."""
    if isinstance(at.value, Duration) or at.kind == "needs":
        return None
    return float(at.value) if at.dist is None and isinstance(at.value, float) else float((at.dist or at.value.dist).mean())


def _sources(names: Iterable[str]) -> list[dict[str, Any]]:
    """Rows of the library by their names, and after each the rows it was worked out from; `under` names the row for which it is there."""
    rows: list[dict[str, Any]] = []
    todo = [(name, "") for name in dict.fromkeys(names) if name]
    while todo:
        name, under = todo.pop(0)
        row = _source(name)
        rows.append(row | {"under": under})
        seen = {r["id"] for r in rows} | {n for n, _ in todo}
        todo = [(n, name) for n in dict.fromkeys(_ROW.findall(row["title"])) if n not in seen and _source(n)["title"]] + todo
    return rows


def _source(name: str) -> dict[str, Any]:
    try:
        row = evidence.source(name)
    except KeyError:  # a rule of the language, a firm's own history
        return {"id": name, "year": None, **dict.fromkeys(("title", "address", "grade", "what", "figures", "population", "beware"), "")}
    return {
        "id": name, "title": row.title, "address": row.url, "grade": row.grade, "year": row.year, "what": row.name,
        "figures": row.figures, "population": row.population, "beware": row.note,
    }  # fmt: skip
