"""How each kind of field is read: a node of the tree -> the value of a row.

A reader takes the reading, the node and its path; it gives the value, or None after noting a problem.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from blackstart import evidence, numerals, units, uptime
from blackstart.language import model
from blackstart.language.model import Accepted, Crew, Help, Loss, Need, Want
from blackstart.language.reading import Path, Reading, Sourced, dotted
from blackstart.language.tree import Map, Seq, Text, placed
from blackstart.units import BadValue, Chance, Duration, Money, Rate
from blackstart.uptime import Uptime

Reader = Callable[[Reading, Any, Path], Any]

# whom the names of a field mean
_NOUN = {
    "in": "domain", "for": "component", "copies": "component", "kept": "component", "without": "component",
    "of": "component", "requires": "defence", "excludes": "defence", "unless": "barrier",
}  # fmt: skip
_LIBRARY = re.compile(r"library\s*:\s*(.+)", re.IGNORECASE)


# --------------------------------------------------------------------------- scalars


def _scalar(read: Callable[[str], Any]) -> Reader:
    """Reader of a text by a function of `units`."""

    def reader(ctx: Reading, value: Any, path: Path) -> Any:
        if value.__class__ is Text:
            if len(value) > numerals.LONGEST:
                ctx.too_long(value, path)
                return None
            try:
                return read(value)
            except BadValue as bad:
                if _LIBRARY.fullmatch(value):
                    return _from_library(ctx, value, path, read)
                ctx.bad_value(_better(bad, value, path), value, path)
                return None
        if isinstance(value, Sourced):
            return _sourced(read, value)
        if isinstance(value, Map) and set(value) == {"library"}:
            return _from_library(ctx, value["library"], path, read)
        ctx.wants("text", value, path)
        return None

    return reader


def _better(bad: BadValue, value: Text, path: Path) -> BadValue:
    """What is wrong with a whole value, where only a part of it was looked at, or where the value of another field is meant."""
    if bad.code.startswith("guess-of"):
        return numerals.guessed(value) or bad
    return (uptime.meant(value) if ".tolerance." in dotted(path) and not bad.code.startswith("uptime") else None) or bad


def _sourced(read: Callable[[str], Any], value: Sourced) -> Any:
    got = read(value)
    return dataclasses.replace(got, source=value.source) if hasattr(got, "source") else got


def _from_library(ctx: Reading, value: Any, path: Path, read: Callable[[str], Any]) -> Any:
    """`library: dc-fire`: the value of the evidence library, with its source."""
    if not isinstance(value, Text):
        ctx.wants("text", value, path)
        return None
    match = _LIBRARY.fullmatch(value)
    name = match.group(1) if match else str(value)
    found = evidence.value(name)
    if found is None:
        near = ctx.near(name, "library", evidence.value_names())
        ctx.problem("unknown-library", value, path, near, name=name)
        return None
    try:
        got = read(found[0])
    except BadValue as bad:
        ctx.bad_value(bad, value, path)
        return None
    if not hasattr(got, "source"):
        return got
    ctx.default(dotted(path), found[0], found[1], titles(found[1]), value.where)
    return dataclasses.replace(got, text=f"library: {name}", source=found[1])


def titles(source: str) -> str:
    """The publications behind row ids joined with ``+``; empty where there are none."""
    return "; ".join(dict.fromkeys(row.title for row in evidence.sources(source))) if source else ""


_EVERY = re.compile(r"(?:every|each)\s+(.+)|(.+?)\s*마다", re.IGNORECASE)
_EACH = re.compile(r"(?:대당|개당|건당)\s*(.+)|(.+?)\s*(?:each|씩|a piece)(\s*\(.+\))?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _read_every(text: str) -> Duration:
    match = _EVERY.fullmatch(text)
    if match is None:
        return units.read_duration(text)
    return dataclasses.replace(units.read_duration(match.group(1) or match.group(2)), text=str(text))


@lru_cache(maxsize=4096)
def _read_each(text: str) -> Duration:
    match = _EACH.fullmatch(text)
    if match is None:
        return units.read_duration(text)
    time = match.group(1) or match.group(2) + (match.group(3) or "")
    return dataclasses.replace(units.read_duration(time), text=str(text))


def _read_not_negative(text: str) -> float:
    number = units.read_number(text)
    if number < 0:
        raise BadValue("number-negative", text=text)
    return number


_FLAGS = {
    **dict.fromkeys(("yes", "true", "on", "예", "네", "참"), True),
    **dict.fromkeys(("no", "false", "off", "아니오", "아니요", "거짓"), False),
}


def read_flag(text: str) -> bool:
    """``yes`` or ``no``, in the words of the languages."""
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise BadValue("bad-flag", text=text)
    return flag


def _read_text(text: str) -> str:
    if not text.strip():
        raise BadValue("value-empty", kind="text")
    return str(text)


def _read_hours(text: str) -> str:
    units.read_hours(text)
    return str(text)


_money_text, _money_rate_text = _scalar(units.read_money), _scalar(units.read_money_rate)
_money_yearly_text = _scalar(units.read_money_yearly)


def _in_currency(reader: Reader) -> Reader:
    def read(ctx: Reading, value: Any, path: Path) -> Money | None:
        amount = reader(ctx, value, path)
        return None if amount is None else ctx.money(amount, value, path)

    return read


def _not_saved(reader: Reader) -> Reader:
    """Money that is lost or paid: only what a defence costs may be below nothing."""

    def read(ctx: Reading, value: Any, path: Path) -> Money | None:
        amount = reader(ctx, value, path)
        if amount is not None and amount.dist.least() < 0.0:
            ctx.problem("money-negative", value, path, text=str(value))
            return None
        return amount

    return read


read_money, read_money_rate = _in_currency(_money_text), _not_saved(_in_currency(_money_rate_text))
read_money_lost = _not_saved(read_money)
read_money_yearly = _in_currency(_money_yearly_text)


def _perhaps_shared(reader: Reader) -> Reader:
    """Rates and chances: all that share their doubt under one name have to say the same."""

    def read(ctx: Reading, value: Any, path: Path) -> Rate | Chance | None:
        got = reader(ctx, value, path)
        if got is not None and got.shared:
            ctx.share(got, value, path)
        return got

    return read


read_rate, read_chance = _perhaps_shared(_scalar(units.read_rate)), _perhaps_shared(_scalar(units.read_chance))
read_duration, read_factor = _scalar(_read_every), _scalar(units.read_doubted_factor)
read_date, read_percent = _scalar(units.read_date), _scalar(units.read_percent)
_read_uptime = _scalar(uptime.read_uptime)
read_text, _read_number = _scalar(_read_text), _scalar(_read_not_negative)


def read_name(ctx: Reading, value: Any, path: Path) -> str | None:
    return ctx.name(value, _NOUN.get(path[1], "component"), path)


def read_names(ctx: Reading, value: Any, path: Path) -> tuple[str, ...]:
    return ctx.names(value, _NOUN.get(path[1], "component"), path)


def read_words(ctx: Reading, value: Any, path: Path) -> tuple[str, ...]:
    items = value if isinstance(value, Seq) else [value]
    for item in items:
        if not isinstance(item, Text):
            ctx.wants("text", item, path)
    return tuple(str(item) for item in items if isinstance(item, Text))


def read_label(ctx: Reading, value: Any, path: Path) -> model.Label:
    """A text, or (language, text) pairs."""
    if not isinstance(value, Map):
        return read_text(ctx, value, path)
    pairs = []
    for lang, text in value.items():
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)?", lang):
            ctx.problem("label-language", lang, (path, lang), key=str(lang))
        elif isinstance(text, Text):
            pairs.append((str(lang), str(text)))
        else:
            ctx.wants("text", text, (path, lang))
    return tuple(pairs) or None


# --------------------------------------------------------------------------- needs


def read_need(ctx: Reading, value: Any, path: Path) -> Need | None:
    """A name, a list (all of them), or a mapping with `all`, `any`, `at_least`, `capacity`, `maybe`."""
    if value.__class__ is Text:
        leaf = ctx.leaf(value)
        if leaf is None:
            ctx.unknown(value, "component", path)
        return leaf
    if isinstance(value, Seq):
        members = _members(ctx, value, path)
        return (
            members[0]
            if len(members) == 1
            else Need("all", of=members, where=value.where)
            if members
            else None
        )
    if not isinstance(value, Map):
        ctx.wants("need", value, path)
        return None
    ops = [key for key in ("all", "any", "capacity", "maybe", "of") if key in value]
    if len(ops) != 1:
        code = "need-no-op" if not ops else "need-two-ops"
        for key in value:
            if key in ctx.known["component"]:
                ctx.problem("need-share", key, path, name=str(key), share=str(value[key]))
                return None
            if key not in _NEED_KEYS:
                ctx.unknown_key(key, _NEED_KEYS, (path, key))
                return None
        ctx.problem(code, value, path, found=", ".join(ops), words=[str(key) for key in value])
        return None
    allowed = _NEED_KEYS_BY_OP[ops[0]]
    for key in value:
        if key not in allowed:
            ctx.unknown_key(key, allowed, (path, key))
            return None
    return _NEED_READERS[ops[0]](ctx, value, path)


_NEED_KEYS_BY_OP = {
    "all": ("all",),
    "any": ("any",),
    "of": ("at_least", "of"),
    "capacity": ("capacity", "at_least"),
    "maybe": ("maybe", "on"),
}
_NEED_KEYS = frozenset(key for keys in _NEED_KEYS_BY_OP.values() for key in keys)


def _members(ctx: Reading, value: Any, path: Path) -> tuple[Need, ...]:
    if isinstance(value, Map) and set(value) == {"tag"}:
        return tuple(leaf for name in ctx.tagged(value["tag"], path) if (leaf := ctx.leaf(name)) is not None)
    items = value if isinstance(value, Seq) else [value]
    if not items:
        ctx.problem("need-empty", value, path)
    found, leaves = [], ctx.leaves
    for i, item in enumerate(items):
        leaf = leaves.get(item) if item.__class__ is Text else None  # most members: a name met before
        need = read_need(ctx, item, (path, str(i))) if leaf is None else leaf
        if need is not None:
            found.append(need)
    return tuple(found)


def _need_all(ctx: Reading, value: Map, path: Path) -> Need:
    op = "all" if "all" in value else "any"
    return Need(op, of=_members(ctx, value[op], (path, op)), where=value.where)


def _need_at_least(ctx: Reading, value: Map, path: Path) -> Need | None:
    if "at_least" not in value:
        ctx.problem("need-at-least", value, path)
        return None
    least = FIELD_READERS["count"](ctx, value["at_least"], (path, "at_least"))
    members = _members(ctx, value["of"], (path, "of"))
    return None if least is None else Need("at_least", of=members, threshold=float(least), where=value.where)


def _need_capacity(ctx: Reading, value: Map, path: Path) -> Need | None:
    table, place = value["capacity"], (path, "capacity")
    if not isinstance(table, Map):
        ctx.wants("mapping", table, place)
        return None
    members, weights = [], []
    for name, share in table.items():
        member = read_need(ctx, name, (place, name))
        weight = read_percent(ctx, share, (place, name))
        if member is not None and weight is not None:
            members.append(member)
            weights.append(weight)
    least = read_percent(ctx, value["at_least"], (path, "at_least")) if "at_least" in value else 0.0
    return Need(
        "capacity", of=tuple(members), weights=tuple(weights), threshold=least or 0.0, where=value.where
    )


def _need_maybe(ctx: Reading, value: Map, path: Path) -> Need | None:
    chance = read_chance(ctx, value["maybe"], (path, "maybe"))
    if "on" not in value:
        ctx.problem("need-maybe-on", value, path)
        return None
    member = read_need(ctx, value["on"], (path, "on"))
    if chance is None or member is None:
        return None
    return Need("maybe", of=(member,), chance=chance, where=value.where)


_NEED_READERS: dict[str, Callable[[Reading, Map, Path], Need | None]] = {
    "all": _need_all,
    "any": _need_all,
    "of": _need_at_least,
    "capacity": _need_capacity,
    "maybe": _need_maybe,
}


def read_wants(ctx: Reading, value: Any, path: Path) -> tuple[Want, ...]:
    """Soft needs: `{photos: 20%}`."""
    if not isinstance(value, Map):
        ctx.wants("mapping", value, path)
        return ()
    found = []
    for name, text in value.items():
        known, share = ctx.name(name, "component", (path, name)), read_percent(ctx, text, (path, name))
        if share is not None and share > 1:
            ctx.problem("percent-above", text, (path, name), text=str(text), most="100%")
        elif known is not None and share is not None:
            found.append(Want(known, share, name.where))
    return tuple(found)


_HELP_FACTOR = 2.0  # the language's rule: work takes twice as long without a helping tool


def read_helps(ctx: Reading, value: Any, path: Path) -> tuple[Help, ...]:
    """`{monitoring: x2}`; a name or a list of names is x2 each, noted as a default."""
    if isinstance(value, Map):
        pairs = [(name, read_factor(ctx, text, (path, name))) for name, text in value.items()]
    else:
        pairs = [(name, None) for name in (value if isinstance(value, Seq) else [value])]
    found = []
    for name, factor in pairs:
        known = ctx.name(name, "component", path)
        if known is None:
            continue
        if factor is None and not isinstance(value, Map):
            ctx.default(f"{dotted(path)}.{known}", "x2", "language")
            factor = _HELP_FACTOR
        if factor is not None:
            found.append(Help(known, factor, name.where))
    return tuple(found)


_PEOPLE = re.compile(r"([^\s]+)\s+(?:of\s+)?(.+)|(.+?)\s*:?\s*([\d,]+)\s*(?:명|people|persons?)")
_AND = re.compile(r"\s*[,+;]\s*|\s+and\s+")


def read_crew(ctx: Reading, value: Any, path: Path) -> tuple[Crew, ...]:
    """`3 infra`, `infra 3명`, `{infra: 3, dba: 1}` or a list."""
    if isinstance(value, Map):
        return tuple(
            crew for team, n in value.items() if (crew := _crew(ctx, team, n, str(team), (path, team)))
        )
    found: list[Crew] = []
    for item in value if isinstance(value, Seq) else [value]:
        if not isinstance(item, Text):
            ctx.wants("text", item, path)
            continue
        if ctx.too_long(item, path):
            continue
        for part in _AND.split(item) if not re.search(r"\d,\d", item) else [str(item)]:
            number, team = _people(part)
            if number is None:
                ctx.problem("crew", item, path, text=str(item))
            elif crew := _crew(ctx, item, number, team, path):
                found.append(crew)
    return tuple(found)


@lru_cache(maxsize=4096)
def _people(text: str) -> tuple[str | None, str]:
    match = _PEOPLE.fullmatch(text)
    if match is None:
        return None, ""
    if match.group(1) and match.group(1)[0].isdigit():
        return match.group(1), match.group(2)
    korean = re.fullmatch(r"(.+?)\s*:?\s*([\d,]+)\s*(?:명|people|persons?)", text)
    return (korean.group(2), korean.group(1)) if korean else (None, "")


def _crew(ctx: Reading, at: Any, number: Any, team: str, path: Path) -> Crew | None:
    known = ctx.known["team"].get(team)
    if known is None:
        ctx.unknown(at, "team", path, team)
        return None
    if not isinstance(number, str):
        ctx.wants("text", number, path)
        return None
    try:
        return Crew(known, units.read_count(number), at.where)
    except BadValue as bad:
        ctx.bad_value(bad, number if isinstance(number, Text) else at, path)
        return None


# --------------------------------------------------------------------------- losses


def read_loss_table(ctx: Reading, value: Any, path: Path) -> tuple[tuple[float, Money], ...]:
    """`{1h: 1bn KRW, 24h: 9bn KRW}` as (hours, amount), sorted."""
    if not isinstance(value, Map):
        ctx.wants("mapping", value, path)
        return ()
    found = []
    for key, text in value.items():
        at, amount = read_duration(ctx, key, (path, key)), read_money_lost(ctx, text, (path, key))
        if at is None or amount is None:
            continue
        hours = at.exact()
        if hours is None:
            ctx.problem("duration-not-exact", key, (path, key), text=str(key))
        else:
            found.append((hours, amount))
    found.sort(key=lambda pair: pair[0])
    return tuple(found)


def read_loss(ctx: Reading, value: Any, path: Path) -> Loss | None:
    """`3e6 KRW/h`, a table `{1h: ..., 24h: ...}`, or a mapping of the fields of `Loss`."""
    if not isinstance(value, Map):
        rate = read_money_rate(ctx, value, path)
        return None if rate is None else Loss(rate=rate, where=value.where)
    if value and all(key[:1].isdigit() for key in value):
        return Loss(table=read_loss_table(ctx, value, path), where=value.where)
    if any(key[:1].isdigit() for key in value):
        inner = placed(Map, {key: text for key, text in value.items() if key[:1].isdigit()}, value.file, value.at)
        rest = {key: text for key, text in value.items() if not key[:1].isdigit()}
        loss = read_row(ctx, Loss, placed(Map, rest, value.file, value.at), path)
        return dataclasses.replace(loss, table=read_loss_table(ctx, inner, path))
    return read_row(ctx, Loss, value, path)


def read_accepted(ctx: Reading, value: Any, path: Path) -> tuple[Accepted, ...]:
    """`{4h: 1 per 10 yr, 10 bn KRW: 1 per 100 yr}`: hours first, then money, each with the smallest first."""
    if not isinstance(value, Map):
        ctx.wants("mapping", value, path)
        return ()
    found = []
    for key, text in value.items():
        size, rate = _size(ctx, key, (path, key)), FIELD_READERS["rate"](ctx, text, (path, key))
        if rate is not None and rate.dist.kind != "point":
            ctx.problem("accepted-rate", text, (path, key), text=str(text))
        elif size is not None and rate is not None:
            found.append(Accepted(*size, rate.dist.mean(), key.where))
    return tuple(sorted(found, key=lambda a: (a.measure, a.amount)))


def read_uptimes(ctx: Reading, value: Any, path: Path) -> tuple[Uptime, ...]:
    """`99.95% per month in 95% of months`, or a list of such; in how many windows it is to be kept, unless stated, is a default."""
    found = []
    for n, item in enumerate(value if isinstance(value, Seq) else [value]):
        one = _read_uptime(ctx, item, (path, str(n)) if isinstance(value, Seq) else path)
        if one is not None and one.of_windows is None:
            place = f"{dotted(path)}.{n}" if isinstance(value, Seq) else dotted(path)
            ctx.default(f"{place}.windows", f"{uptime.OF_WINDOWS:.0%}", "language")
            one = dataclasses.replace(one, of_windows=uptime.OF_WINDOWS)
        found += [one] if one is not None else []
    return tuple(found)


def _size(ctx: Reading, key: Text, path: Path) -> tuple[str, float] | None:
    """What a key of a signed curve measures, and how much of it: a time or an amount of money, exactly."""
    try:
        hours = units.read_duration(key).exact()
        measured = None if hours is None else ("hours", hours)
    except BadValue:
        try:
            money = units.read_money(key)
        except BadValue:
            ctx.bad_value(uptime.meant(key) or BadValue("accepted-size", text=str(key)), key, path)
            return None
        measured = ("loss", ctx.money(money, key, path).dist.mean()) if money.dist.kind == "point" else None
    if measured is None or measured[1] <= 0.0:
        ctx.problem("accepted-size", key, path, text=str(key))
        return None
    return measured


def read_lasts(ctx: Reading, value: Any, path: Path) -> dict[str, Duration]:
    """Named times of a hazard: `{fire-out: 6h..22h}`; a duration alone is the time `cleared`."""
    if isinstance(value, Text):
        alone = read_duration(ctx, value, path)
        return {} if alone is None else {"cleared": alone}
    if not isinstance(value, Map):
        ctx.wants("mapping", value, path)
        return {}
    found = ((str(name), read_duration(ctx, text, (path, name))) for name, text in value.items())
    return {name: duration for name, duration in found if duration is not None}


def read_stage_time(ctx: Reading, value: Any, path: Path) -> Duration | None:
    """A time from now, or a day counted from the model's `as_of`."""
    if not isinstance(value, Text):
        ctx.wants("text", value, path)
        return None
    try:
        day = units.read_date(value)
    except BadValue:
        return read_duration(ctx, value, path)
    today = ctx.root.get("as_of")
    if not isinstance(today, Text):
        ctx.problem("date-needs-as-of", value, path, text=str(value))
        return None
    start = read_date(ctx, today, (None, "as_of"))
    if start is None:
        return None
    if day < start:
        ctx.problem("date-before-as-of", value, path, text=str(value))
        return None
    return Duration((units.point((day - start).days * 24.0),), text=str(value))


# --------------------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a row as the file spells it."""

    key: str
    attribute: str
    kind: str
    most: float | None
    least: float | None
    default: Any
    meaning: str
    unit: str


@cache
def spec_of(cls: type) -> dict[str, FieldSpec]:
    """The declared fields of a row class, by their spelling in the file."""
    found = {}
    for one in dataclasses.fields(cls):
        meta = one.metadata
        if "kind" in meta:
            key = meta["name"] or one.name
            found[key] = FieldSpec(
                key, one.name, meta["kind"], meta["most"], meta["least"], meta["default"], meta["meaning"], meta["unit"]
            )
    return found


def read_fields(ctx: Reading, cls: type, value: Map, path: Path, elsewhere: Collection[str] = ()) -> dict[str, Any]:
    """The stated fields of a row, by attribute; what cannot be read is left out after a problem.

    elsewhere : keys that a row of this kind may have and that are read by other means
    """
    readers = _readers_of(cls)
    got: dict[str, Any] = {}
    for key, node in value.items():
        one = readers.get(key)
        if key in elsewhere:
            continue
        if one is None and node is None:
            ctx.problem("unknown-key-comma", key, (path, key), key=str(key))
        elif one is None:
            ctx.unknown_key(key, {*readers, *elsewhere}, (path, key))
        elif node is None:
            ctx.problem("value-missing", key, (path, key), key=str(key))
        else:
            attribute, reader, least, most = one
            result = reader(ctx, node, (path, key))
            if most is not None and result is not None and result > most:
                ctx.problem("percent-above", node, (path, key), text=str(node), most=f"{most:.0%}")
            elif least is not None and result is not None and low_end(result) < least:
                ctx.problem("factor-below", node, (path, key), text=str(node), least=f"x{least:g}")
            elif result is not None:
                got[attribute] = result
    return got


def low_end(value: float) -> float:
    """Of a factor that is not known, what it is believed to pass in nineteen cases of twenty."""
    return float(value.dist.quantile(0.05)) if isinstance(value, units.Factor) else value


@cache
def _readers_of(cls: type) -> dict[str, tuple[str, Reader, float | None, float | None]]:
    """By spelling in the file: attribute, reader, smallest and largest value."""
    return {
        key: (one.attribute, FIELD_READERS.get(one.kind, _nothing), one.least, one.most)
        for key, one in spec_of(cls).items()
    }


def _nothing(ctx: Reading, value: Any, path: Path) -> None:
    """Reader of a field that its section reads itself (a hazard's effects)."""


def read_row(ctx: Reading, cls: type, value: Map, path: Path) -> Any:
    return cls(**read_fields(ctx, cls, value, path), where=value.where)


# a text or list in place of a row's mapping stands for this field of it
SHORT = {"Start": "takes", "Repair": "takes", "Standby": "for", "Surge": "by", "Tolerance": "rto"}


def _share_for_time(value: Text) -> BadValue | None:
    return BadValue("tolerance-share", text=str(value)) if value.rstrip().endswith("%") else None


def _row(cls: type) -> Reader:
    short = SHORT.get(cls.__name__)

    def reader(ctx: Reading, value: Any, path: Path) -> Any:
        if isinstance(value, Map):
            return read_row(ctx, cls, value, path)
        if short is None or value is None:
            ctx.wants("mapping", value, path)
            return None
        if short == "rto" and isinstance(value, Text) and (bad := uptime.meant(value) or _share_for_time(value)):
            ctx.bad_value(bad, value, path)
            return None
        one = spec_of(cls)[short]
        result = FIELD_READERS[one.kind](ctx, value, (path, short))
        return None if result is None else cls(**{one.attribute: result}, where=value.where)

    return reader


def read_again(ctx: Reading, value: Any, path: Path) -> model.Again | None:
    """`{rate: x5, for: 6 months}`."""
    if not isinstance(value, Map):
        ctx.wants("mapping", value, path)
        return None
    return model.Again(**read_fields(ctx, model.Again, value, path))


FIELD_READERS: dict[str, Reader] = {
    "name": read_name,
    "names": read_names,
    "words": read_words,
    "text": read_text,
    "label": read_label,
    "flag": _scalar(read_flag),
    "count": _scalar(units.read_count),
    "number": _read_number,
    "percent": read_percent,
    "factor": read_factor,
    "multiple": _scalar(units.read_factor),
    "duration": read_duration,
    "each": _scalar(_read_each),
    "rate": read_rate,
    "chance": read_chance,
    "money": read_money_lost,
    "money_rate": read_money_rate,
    "date": read_date,
    "hours": _scalar(_read_hours),
    "need": read_need,
    "wants": read_wants,
    "helps": read_helps,
    "crew": read_crew,
    "loss": read_loss,
    "loss_table": read_loss_table,
    "accepted": read_accepted,
    "uptime": read_uptimes,
    "lasts": read_lasts,
    "stage_time": read_stage_time,
    "Again": read_again,
    **{
        cls.__name__: _row(cls)
        for cls in (
            model.Start, model.Spare, model.Repair, model.BreakGlass, model.Standby, model.Surge,
            model.Backup, model.Data, model.Tolerance,
        )
    },
}  # fmt: skip
