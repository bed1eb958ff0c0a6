"""The published JSON Schema of the language, made from the declared fields of the rows.

It is for editors: completion, meanings, misspelt keys. The program itself reads more carefully (names,
units, ranges). `python -m blackstart.language.schema` prints it; `docs/reference/model.schema.json` is a copy.

Inside braces YAML cuts a value at each comma, and a plain YAML tool sees `{loss: 3,000,000 KRW/h}` as
`loss: 3` and two keys without values. The reader puts these together again (`tree`), so the schema lets
the pieces pass.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from blackstart import evidence
from blackstart.language import model
from blackstart.language.effects import OPS
from blackstart.language.fields import SHORT, FieldSpec, spec_of
from blackstart.language.history import COLUMNS

Schema = dict[str, Any]
ID = "urn:blackstart:model:1"

_ROWS = (
    model.Component, model.Domain, model.Team, model.Hazard, model.Barrier, model.Defence, model.Stage,
    model.Start, model.Spare, model.Repair, model.BreakGlass, model.Standby, model.Surge, model.Backup,
    model.Data, model.Tolerance, model.Appetite, model.Loss, model.Again, model.Intended,
)  # fmt: skip

# whose `kind` is a kind of which noun of the evidence library
_KIND_NOUN = {
    model.Component: "component", model.Domain: "domain", model.Start: "takeover", model.Hazard: "hazard", model.Barrier: "barrier",
}  # fmt: skip

# rest of a number with thousands separators, or of a call's arguments, that stood inside braces
_PIECES = {pattern: {"type": "null"} for pattern in ("^\\d", "\\)", "^\\w+\\s*=")}
_LIBRARY = {
    "type": "object",
    "properties": {"library": {"type": "string", "description": "name of a value of the evidence library"}},
    "required": ["library"],
    "additionalProperties": False,
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _texts(examples: list[str], pattern: str | None = None) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        **({"pattern": pattern} if pattern else {}),
        "examples": examples,
    }


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _object(properties: Schema, required: list[str] | None = None, pieces: bool = True) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if pieces:
        schema["patternProperties"] = _PIECES
    return {**schema, "required": required} if required else schema


def _map_of(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": _either(value, {"type": "null"})}


_NAME = {"type": "string", "minLength": 1, "maxLength": 200}
_NAMES = _either(_NAME, {"type": "array", "items": _NAME})
_CUT = {
    "type": "integer",
    "minimum": 1,
    "maximum": 999,
    "description": "the piece of 3,000,000 before its comma",
}

_UPTIMES = ["99.95% per month", "99.9% per quarter in 90% of quarters", "99.9% per 28 d", "three nines per year", "월 99.95%"]

# one definition for each kind of field
_KINDS: dict[str, Schema] = {
    "name": _NAME,
    "names": _either(_NAMES, _ref("tag")),
    "words": _NAMES,
    "text": {"type": "string", "minLength": 1},
    "label": _either(
        {"type": "string"},
        {"type": "object", "patternProperties": {"^[a-z]{2,3}(-[A-Za-z]+)?$": {"type": "string"}},
         "additionalProperties": False},
    ),
    "flag": _either(
        {"type": "boolean"}, {"enum": ["yes", "no", "true", "false", "on", "off", "예", "아니오"]}
    ),
    "count": _either({"type": "integer", "minimum": 0}, _texts(["40", "32,000", "3.2만"], "\\d")),
    "number": _either({"type": "number", "minimum": 0}, _texts(["32,000", "3e6", "3.2만"], "\\d")),
    "percent": _either({"type": "number", "minimum": 0, "maximum": 10}, _texts(["20%", "0.2", "half"])),
    "factor": _either({"type": "number", "minimum": 0}, _texts(["x4", "4x", "x1.5..x4", "4배"], "\\d")),
    "multiple": _either({"type": "number", "minimum": 0}, _texts(["x4", "4x", "4배"], "\\d")),
    "duration": _either(
        _texts(["4h", "4h..20h", "4h..20h (5 cases)", "4h..20h (guess P4)", "10 min + 0.5 x outage", "lognormal(median=4h, p95=20h)",
                "every 6 months", "3시간"], "\\d.*[^\\d\\s.,]|\\(|outage"),
        _LIBRARY,
    ),
    "each": _texts(["5 min each", "5분씩"], "\\d.*[^\\d\\s.,]|\\("),
    "rate": _either(
        _texts(["2 in 400 yr", "1 per 200 yr", "0.005/yr", "400 changes/yr", "1/500yr..1/50yr", "0.5/yr..3/yr (shared N7)", "never",
                "연 2회", "400년에 2번"]),
        _LIBRARY,
        _CUT,
    ),
    "chance": _either(
        {"type": "number", "minimum": 0, "maximum": 1},
        _texts(["30%", "3 of 10", "10%..40%", "10%..40% (shared N7)", "beta(2, 5)", "10중 3"]),
        _LIBRARY,
    ),
    "money": _either(_texts(["12 bn KRW", "120억원", "$3.2m", "1bn..10bn KRW"], "\\d"), _CUT, {"const": 0}),
    "money_rate": _either(
        _texts(["3,000,000 KRW/h", "3e6 USD/yr", "시간당 300만원"], "\\d"), _CUT, {"const": 0}
    ),
    "date": _texts(["2024-05-01", "2024년 5월 1일"], "\\d{4}"),
    "hours": _texts(["mon-fri 08-20", "평일 09-18", "mon-fri 08-20; sat 09-12"], "\\d"),
    "stage_time": _texts(["6 months", "2027-01-01"], "\\d"),
    "tag": _object({"tag": _NAME}, ["tag"], pieces=False),
    "need": _either(
        _NAME,
        {"type": "array", "items": _ref("need"), "minItems": 1},
        _object({"all": _ref("members")}, ["all"], pieces=False),
        _object({"any": _ref("members")}, ["any"], pieces=False),
        _object({"at_least": _ref("count"), "of": _ref("members")}, ["at_least", "of"], pieces=False),
        _object(
            {"capacity": _ref("wants"), "at_least": _ref("percent")},
            ["capacity"],
            pieces=False,
        ),
        _object({"maybe": _ref("chance"), "on": _ref("need")}, ["maybe", "on"], pieces=False),
    ),
    "members": _either(_NAME, _ref("tag"), {"type": "array", "items": _ref("need"), "minItems": 1}),
    "wants": {"type": "object", "additionalProperties": _ref("percent")},
    "helps": _either(_NAMES, {"type": "object", "additionalProperties": _ref("factor")}),
    "crew": _either(
        _texts(["3 infra", "infra 3명", "3 infra + 1 dba"], "\\d"),
        {"type": "array", "items": _texts(["3 infra"], "\\d")},
        {"type": "object", "additionalProperties": _ref("count")},
    ),
    "loss_table": {
        "type": "object",
        "patternProperties": {"^\\d": _either(_ref("money"), {"type": "null"})},
        "additionalProperties": False,
    },
    "accepted": {"type": "object", "patternProperties": {"\\d": _either(_ref("rate"), {"type": "null"})}, "additionalProperties": False},
    "uptime": _either(_texts(_UPTIMES), {"type": "array", "items": _texts(_UPTIMES), "minItems": 1}),
    "lasts": _either(_ref("duration"), {"type": "object", "additionalProperties": _ref("duration")}),
    "target": _either(
        _texts(["web", "pangyo", "here", "half of pangyo/halls", "30% of web"]),
        {"type": "array", "items": _NAME},
        _ref("tag"),
        _object({"each": _NAME}, ["each"], pieces=False),
        _object({"share": _ref("percent"), "of": _ref("target")}, ["share", "of"], pieces=False),
    ),
}  # fmt: skip


def json_schema() -> Schema:
    """The schema of a model (draft 2020-12): strict about keys, loose about how numbers are written."""
    defs = {kind: dict(schema) for kind, schema in _KINDS.items()}
    for cls in _ROWS:
        defs[cls.__name__] = _row(cls)
    defs["loss"] = _either(_ref("money_rate"), _ref("loss_table"), defs.pop("Loss"))
    defs["effects"] = _either(_ref("effect"), {"type": "array", "items": _ref("effect")})
    defs["effect"] = _effect()
    defs["CommonCause"] = _common_cause()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Blackstart model",
        "type": "object",
        "required": ["blackstart"],
        "properties": _top(),
        "additionalProperties": False,
        "$defs": defs,
    }


def _top() -> Schema:
    include = _either(_NAME, {"type": "array", "items": _NAME})
    sections = {
        "components": ("Component", "anything that can stop"),
        "services": ("Component", "components that users see; they carry the loss"),
        "domains": ("Domain", "anything whose parts share a fate"),
        "teams": ("Team", "people who repair, start and decide"),
        "hazards": ("Hazard", "misfortunes that arrive at random"),
        "barriers": ("Barrier", "stages that may stop an escalation"),
        "defences": ("Defence", "what money, people and time can buy"),
        "common_causes": ("CommonCause", "groups of like components that also fail together"),
    }
    properties: Schema = {
        "blackstart": {"description": "version of the language", "enum": [1, "1"]},
        "title": _KINDS["label"] | {"description": "what the model is of: text, or `{ko: ..., en: ...}`"},
        "currency": {
            "type": "string",
            "description": "currency of every result: `KRW`",
            "examples": ["KRW", "USD"],
        },
        "exchange": {
            "description": "worth of one unit of other currencies: `{USD: 1,400 KRW}`",
            "type": "object",
            "patternProperties": _PIECES,
            "additionalProperties": _ref("money"),
        },
        "as_of": {**_ref("date"), "description": "the day from which the age of evidence is counted"},
        "history": {
            **_either(_NAME, {"type": "array", "items": _either(_NAME, _history())}),
            "description": "the firm's own history, which changes what is believed: CSV tables, or lines",
        },
        "include": {**include, "description": "files read as parts of this one: YAML, or CSV tables"},
        "tolerance": {**_ref("Appetite"), "description": "what the whole firm can bear"},
        "growth": {
            "type": "array",
            "items": _ref("Stage"),
            "description": "stages over which a plan is made",
        },
        "intended": {
            "type": "array",
            "items": _ref("Intended"),
            "description": "warnings and notes of `check` that are meant to be so: it lists them apart, with the reason",
        },
    }
    for name, (row, meaning) in sections.items():
        entry = _map_of(_ref(row))
        properties[name] = _either(entry, {"type": "null"}) | {"description": meaning}
        entry["properties"] = {"include": include}
    return properties


def _history() -> Schema:
    meanings = {
        "what": "watched, incident, demand or drill",
        "component": "whose line it is: a component, hazard or barrier; `*` for everything that was watched",
        "start": "day or time", "end": "day or time", "cause": "what did it: words, or a name of the model",
        "worked": "of a demand or drill: yes, no, or `11 of 12`",
        "running": "of a standby under watch: how long it ran",
    }  # fmt: skip
    own = {column: {"description": meanings[name]} for column, name in COLUMNS.items()}
    return _object(own, pieces=False)


def _row(cls: type) -> Schema:
    properties = {key: _field(one) for key, one in spec_of(cls).items()}
    if cls in _KIND_NOUN:
        properties["kind"] = _kind(cls)
    if cls is model.Hazard:
        each = _object({"each": _NAME}, ["each"], pieces=False)
        meaning = properties["strikes"]["description"]
        properties["strikes"] = {**_either(_NAMES, _ref("tag"), each), "description": meaning}
    if cls is model.Defence:
        properties |= _defence_extras()
    if cls is model.Loss:
        row = _object(properties)
        row["patternProperties"] = {**_PIECES, "^\\d": _either(_ref("money"), {"type": "null"})}
        return row
    row = _object(properties)
    short = SHORT.get(cls.__name__)
    return row if short is None else _either(row, _ref(spec_of(cls)[short].kind))


def _field(one: FieldSpec) -> Schema:
    unit = f" [{one.unit}]" if one.unit not in ("", "1") else ""
    schema = {**_ref(one.kind), "description": one.meaning + unit}
    if isinstance(one.default, (bool, int, float)):
        schema["default"] = one.default
    return schema


def _kind(cls: type) -> Schema:
    known = evidence.kinds(_KIND_NOUN[cls])
    return {"type": "string", "description": spec_of(cls)["kind"].meaning, "examples": sorted(known)}


def _defence_extras() -> Schema:
    states = ["absent", "claimed", "present", "rehearsed"]
    dated = {"type": "object", "properties": {state: _ref("date") for state in states}, "maxProperties": 1,
             "minProperties": 1, "additionalProperties": False}  # fmt: skip
    costs = _object({"once": _ref("money"), "yearly": _ref("money")})
    return {
        "costs": {
            **_either(_ref("money"), costs),
            "description": "paid once and each year; a cut costs less than 0",
        },
        "state": {
            **_either(
                {"enum": states}, _texts(["rehearsed 2024-05-01"], "^(claimed|present|rehearsed) "), dated
            ),
            "description": "how far it is: absent, claimed, present, rehearsed (with a day)",
        },
        "change": {
            "type": "object",
            "description": "the change it makes: a JSON merge patch (RFC 7396) on the model; a plus adds to a list (`any+: b`)",
        },
    }


def _effect() -> Schema:
    scaled = _either(
        _ref("factor"), _object({"on": _ref("target"), "by": _ref("factor")}, ["on", "by"], pieces=False)
    )
    people = _either(_ref("count"), _ref("percent"))
    take = _either(
        _texts(["10 infra", "half of infra"]),
        _object({"team": _NAME, "people": people}, ["team", "people"], pieces=False),
    )
    trigger = _either(_NAME, _object({"hazard": _NAME, "by": _ref("factor")}, ["hazard", "by"], pieces=False))
    time = ["cleared", "fire-out", "fire-out + 4h..16h"]
    when = _either(_texts(["vault is down"]), _object({"down": _ref("need")}, ["down"], pieces=False))
    ops = {
        "break": (_ref("target"), "needs repair"),
        "destroy": (_ref("target"), "needs repair, and the data on it is gone"),
        "hold": (_ref("target"), "off for a time, undamaged"),
        "bar": (_ref("target"), "no access for people"),
        "surge": (scaled, "demand is multiplied"),
        "slow": (scaled, "repairs take longer"),
        "take": (take, "people of a team are away"),
        "trigger": (trigger, "another hazard, now or at a raised rate"),
        "reveal": (_ref("target"), "a hidden fault shows"),
    }
    more = {
        "after": (
            _either(_ref("duration"), _texts([*time, "6h..9h"])),
            "this long after the cause, or at a named time of the hazard, with or without more",
        ),
        "chance": (_ref("chance"), "only with this chance"),
        "unless": (_NAMES, "barriers: it happens when all of them fail"),
        "when": (when, "only while this is down"),
        "until": (
            _texts([*time, "router", "router + 30 min", "6h..9h"]),
            "a named time of the hazard, or a component that must serve again first, each with or without more; or a duration. "
            "Unless stated, and without `for`: `cleared`, the last of the named times",
        ),
        "for": (_ref("duration"), "how long it lasts"),
        "then": (_ref("effects"), "what it brings with it"),
    }
    assert set(ops) == set(OPS)
    properties = {key: {**schema, "description": text} for key, (schema, text) in {**ops, **more}.items()}
    return {**_object(properties), "oneOf": [{"required": [op]} for op in OPS]}


def _common_cause() -> Schema:
    shares = _either(_ref("percent"), {"type": "array", "items": _ref("percent")})
    properties = {
        "of": {**_either(_NAMES, _ref("tag")), "description": "the like components"},
        "beta": {
            **_ref("percent"),
            "description": "share of failures that take all of them (beta-factor model)",
        },
        "alpha": {
            **shares,
            "description": "shares of failures that take 1, 2, 3 … of them (alpha-factor model)",
        },
    }
    return {**_object(properties, ["of"]), "oneOf": [{"required": ["beta"]}, {"required": ["alpha"]}]}


def as_text() -> str:
    """The schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
