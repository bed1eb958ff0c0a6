"""What a hazard does: its effects, whom they reach, until when."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from blackstart import units
from blackstart.language.fields import FIELD_READERS, low_end, read_chance, read_duration, read_factor, read_need, read_percent
from blackstart.language.model import Effect, Target, Until
from blackstart.language.reading import Path, Reading
from blackstart.language.tree import Map, Seq, Text, placed
from blackstart.units import BadValue

OPS = ("break", "destroy", "hold", "bar", "surge", "slow", "take", "trigger", "reveal")
LASTING = ("hold", "bar", "surge", "slow", "take")  # these act until they end
MORE = ("after", "chance", "unless", "when", "until", "for", "then")
HERE = "here"  # the struck domain

_SHARE = re.compile(r"(half|all|[\d.,]+\s*%|[\d.]+)\s+of\s+(.+)", re.IGNORECASE)
_SHARE_KOREAN = re.compile(r"(.+?)(?:의)?\s+(절반|[\d.,]+\s*%)")
_TAG = re.compile(r"tag\s*:\s*(.+)")
_DOWN = re.compile(r"(.+?)\s+(?:is\s+down|is\s+off|정지|중단)|(.+?)(?:이|가)\s+(?:멈추면|꺼지면|죽으면)")
_TAKE = re.compile(r"(half|all|[\d.,]+\s*%?)\s+(?:of\s+)?(.+)", re.IGNORECASE)
_TAKE_KOREAN = re.compile(r"(.+?)\s+([\d.,]+)\s*(?:명|%)")


def read_effects(ctx: Reading, value: Any, path: Path, times: frozenset[str]) -> tuple[Effect, ...]:
    """Effects of a hazard whose named times are `times`."""
    items = value if isinstance(value, Seq) else [value]
    found = []
    for i, item in enumerate(items):
        place = (path, str(i))
        if not isinstance(item, Map):
            ctx.wants("mapping", item, place)
            continue
        effect = _read_effect(ctx, item, place, times)
        if effect is not None:
            found.append(effect)
    return tuple(found)


def _read_effect(ctx: Reading, value: Map, path: Path, times: frozenset[str]) -> Effect | None:
    ops = [key for key in value if key in OPS]
    for key in value:
        if key not in OPS and key not in MORE:
            ctx.unknown_key(key, OPS + MORE, (path, key))
    if not ops and all(key in MORE for key in value):
        ctx.problem("effect-no-op", value, path, known=", ".join(OPS))
    if len(ops) > 1:
        ctx.problem("effect-ops", value, path, found=", ".join(ops), known=", ".join(OPS))
    if len(ops) != 1:
        return None
    op = str(ops[0])
    got = _READERS[op](ctx, value[op], (path, op))
    if got is None:
        return None
    got.update(_more(ctx, value, path, times))
    return Effect(op, **got, where=value.where)


def _more(ctx: Reading, value: Map, path: Path, times: frozenset[str]) -> dict[str, Any]:
    """`after`, `chance`, `unless`, `when`, `until` or `for`, `then`."""
    got: dict[str, Any] = {}
    for key in [key for key in MORE if key in value]:
        node, place = value[key], (path, key)
        if node is None:
            ctx.wants("text", node, place)
        elif key == "after":
            got.update(_after(ctx, node, place, times))
        elif key == "chance":
            got["chance"] = read_chance(ctx, node, place)
        elif key == "unless":
            got["unless"] = ctx.names(node, "barrier", place)
        elif key == "when":
            got["when"] = _when(ctx, node, place)
        elif key == "then":
            got["then"] = read_effects(ctx, node, place, times)
        elif "until" in got:
            ctx.problem("effect-until-and-for", node, place)
        else:
            got["until"] = _until(ctx, node, place, times if key == "until" else frozenset(), _lasts(value))
    return got


def _when(ctx: Reading, value: Any, path: Path) -> Any:
    """`vault is down`, or `{down: <need>}`."""
    if isinstance(value, Map):
        return read_need(ctx, value["down"], (path, "down")) if ctx.only_key(value, "down", path) else None
    if isinstance(value, Text) and ctx.too_long(value, path):
        return None
    match = _DOWN.fullmatch(value) if isinstance(value, Text) else None
    if match is None:
        ctx.problem("effect-when", value, path)
        return None
    return read_need(ctx, placed(Text, match.group(1) or match.group(2), value.file, value.at), path)


def _after(ctx: Reading, value: Any, path: Path, times: frozenset[str]) -> dict[str, Any]:
    """`93 min`, `power-back`, `cleared + 5 min`."""
    if not isinstance(value, Text) or not times and not value.startswith("cleared"):
        return {"after": read_duration(ctx, value, path)}
    moment = _until(ctx, value, path, times)
    return {} if moment is None else {"since": moment.named, "after": moment.plus}


def _lasts(value: Map) -> bool:
    """Whether it is an effect that acts until it ends; of a raised rate, what comes is settled when it begins."""
    return any(op in value for op in LASTING)


def _until(ctx: Reading, value: Any, path: Path, times: frozenset[str], may_wait: bool = False) -> Until | None:
    """`cleared`, `fire-out + 4h..16h`, or a duration; where it `may_wait`, a component that serves again: `router`, `router + 30 min`."""
    if not isinstance(value, Text):
        ctx.wants("text", value, path)
        return None
    if ctx.too_long(value, path):
        return None
    name, plus, rest = value.partition("+")
    name = name.strip()
    if name in times or name == "cleared" and path[1] in ("until", "after"):
        return Until(name, plus=_plus(ctx, value, rest, path) if plus else None, where=value.where)
    parts = ctx.known["component"] if path[1] == "until" and may_wait else {}
    if name in parts:
        return Until(back=name, plus=_plus(ctx, value, rest, path) if plus else None, where=value.where)
    if path[1] == "until" and name in ctx.known["component"]:
        ctx.problem("until-component", value, path, name=name)
        return None
    try:
        return Until(plus=units.read_duration(value), where=value.where)
    except BadValue as bad:
        if path[1] == "for" or units.plain(name)[:1].isdigit() or "(" in name:
            ctx.bad_value(bad, value, path)
            return None
    known = sorted(times | {"cleared"})
    names = ", ".join(known)
    ctx.problem("unknown-time", value, path, ctx.near(name, names, [*known, *parts]), name=name, known=names)
    return None


def _plus(ctx: Reading, value: Text, rest: str, path: Path) -> Any:
    column = len(value) - len(rest.lstrip())
    return read_duration(ctx, placed(Text, rest.strip(), value.file, value.at + column), path)


# --------------------------------------------------------------------------- whom it reaches


def read_target(ctx: Reading, value: Any, path: Path) -> Target | None:
    """A component, a domain, `here`, `half of x`, `{tag: x}`, `{each: kind}`, or a list of names."""
    if isinstance(value, Seq):
        parts = [read_target(ctx, item, path) for item in value]
        names = tuple(name for part in parts if part for name in part.names)
        tags = tuple(tag for part in parts if part for tag in part.tags)
        if any(part and part.share != 1.0 for part in parts):
            ctx.problem("target-share-in-list", value, path)
        return Target(names, tags, where=value.where)
    if isinstance(value, Map):
        return _target_mapping(ctx, value, path)
    if not isinstance(value, Text):
        ctx.wants("text", value, path)
        return None
    return _target_text(ctx, value, path)


def _target_mapping(ctx: Reading, value: Map, path: Path) -> Target | None:
    if "share" in value and "of" in value and len(value) == 2:
        inner = read_target(ctx, value["of"], (path, "of"))
        share = read_percent(ctx, value["share"], (path, "share"))
        return _shared(ctx, inner, share, value["share"], path)
    if set(value) == {"tag"}:
        tag = ctx.tag(value["tag"], (path, "tag"))
        return None if tag is None else Target(tags=(tag,), where=value.where)
    if set(value) == {"each"}:
        return Target(tuple(ctx.each(value["each"], (path, "each"))), where=value.where)
    ctx.problem("target", value, path)
    return None


def _shared(ctx: Reading, inner: Target | None, share: float | None, at: Any, path: Path) -> Target | None:
    if inner is None or share is None:
        return None
    if share > 1 or inner.share != 1.0:
        ctx.problem("percent-above", at, path, text=str(at), most="100%")
        return None
    return dataclasses.replace(inner, share=share)


def _target_text(ctx: Reading, value: Text, path: Path) -> Target | None:
    name = _somebody(ctx, value)
    if name is not None:
        return Target((name,), where=value.where)
    if ctx.too_long(value, path):
        return None
    tag = _TAG.fullmatch(value)
    if tag:
        found = ctx.tag(placed(Text, tag.group(1), value.file, value.at), path)
        return None if found is None else Target(tags=(found,), where=value.where)
    shared = share_of(value)
    if shared is None:
        _unknown(ctx, value, path)
        return None
    part, rest, begin = shared
    inner = _target_text(ctx, placed(Text, rest, value.file, value.at + begin), path)
    fraction = read_percent(ctx, placed(Text, part, value.file, value.at), path)
    return _shared(ctx, inner, fraction, value, path)


def share_of(text: str) -> tuple[str, str, int] | None:
    """`half of web`, `web의 20%`: the share, what it is of, and where in the text that begins; None if it is of no share."""
    share, korean = _SHARE.fullmatch(text), _SHARE_KOREAN.fullmatch(text)
    if share:
        return share.group(1), share.group(2), share.start(2)
    return (korean.group(2), korean.group(1), 0) if korean else None


def _somebody(ctx: Reading, name: str) -> str | None:
    """A component, a domain or `here`."""
    if name == HERE:
        return HERE
    return ctx.known["component"].get(name) or ctx.known["domain"].get(name)


def _unknown(ctx: Reading, value: Text, path: Path) -> None:
    ctx.problem("unknown-target", value, path, ctx.near_target(value), name=str(value))


def _aimed(ctx: Reading, value: Any, path: Path) -> dict[str, Any] | None:
    target = read_target(ctx, value, path)
    return None if target is None else {"target": target}


def _scaled(ctx: Reading, value: Any, path: Path) -> dict[str, Any] | None:
    """`{on: talk, by: x3}`; a factor alone is for what is struck."""
    if not isinstance(value, Map):
        factor = read_factor(ctx, value, path)
        return None if factor is None else {"target": Target((HERE,), where=value.where), "factor": factor}
    if not _has_keys(ctx, value, ("on", "by"), path):
        return None
    target = read_target(ctx, value["on"], (path, "on"))
    factor = read_factor(ctx, value["by"], (path, "by"))
    return None if target is None or factor is None else {"target": target, "factor": factor}


def _has_keys(ctx: Reading, value: Map, keys: tuple[str, ...], path: Path) -> bool:
    for key in value:
        if key not in keys:
            ctx.unknown_key(key, keys, (path, key))
            return False
    for key in keys:
        if value.get(key) is None:
            ctx.problem("key-wanted", value, path, key=key)
            return False
    return True


def _take(ctx: Reading, value: Any, path: Path) -> dict[str, Any] | None:
    """`10 infra`, `half of infra`, `{team: infra, people: 50%}`."""
    if isinstance(value, Map):
        if not _has_keys(ctx, value, ("team", "people"), path):
            return None
        team, people = ctx.name(value["team"], "team", (path, "team")), value["people"]
        if team is None or not isinstance(people, Text):
            if team is not None:
                ctx.wants("text", people, (path, "people"))
            return None
        return _people(ctx, team, people, people, (path, "people"))
    if not isinstance(value, Text):
        ctx.wants("text", value, path)
        return None
    if ctx.too_long(value, path):
        return None
    match, korean = _TAKE.fullmatch(value), _TAKE_KOREAN.fullmatch(value)
    if not match and not korean:
        ctx.problem("effect-take", value, path, text=str(value))
        return None
    part, name = match.groups() if match else korean.groups()[::-1]  # type: ignore[union-attr]
    if korean and not match and value.endswith("%"):
        part += "%"
    team = ctx.known["team"].get(name)
    if team is None:
        ctx.unknown(value, "team", path, name)
        return None
    return _people(ctx, team, part, value, path)


def _people(ctx: Reading, team: str, text: str, at: Text, path: Path) -> dict[str, Any] | None:
    share = text.rstrip().endswith("%") or text in ("half", "all", "절반")
    node = placed(Text, text, at.file, at.at)
    people = read_percent(ctx, node, path) if share else FIELD_READERS["count"](ctx, node, path)
    if share and people is not None and people > 1:
        ctx.problem("percent-above", at, path, text=text, most="100%")
        return None
    return None if people is None else {"team": team, "people": float(people), "people_share": share}


def _trigger(ctx: Reading, value: Any, path: Path) -> dict[str, Any] | None:
    """`other-hazard` (now), or `{hazard: other, by: x10}` (at a raised rate)."""
    if isinstance(value, Map):
        if not _has_keys(ctx, value, ("hazard", "by"), path):
            return None
        factor = read_factor(ctx, value["by"], (path, "by"))
        name = _hazard(ctx, value["hazard"], (path, "hazard"))
        if factor is not None and low_end(factor) <= 1.0:
            ctx.problem("factor-raises-nothing", value["by"], (path, "by"), text=str(value["by"]))
            return None
        return None if name is None or factor is None else {"hazard": name, "factor": factor}
    name = _hazard(ctx, value, path)
    return None if name is None else {"hazard": name}


def _hazard(ctx: Reading, value: Any, path: Path) -> str | None:
    if isinstance(value, Text) and value in ctx.each_hazards:
        return str(value)  # settled when its own hazard is made for a domain
    return ctx.name(value, "hazard", path)


def _reveal(ctx: Reading, value: Any, path: Path) -> dict[str, Any] | None:
    if isinstance(value, Text) and _somebody(ctx, value) is None and value in ctx.tags():
        return {"target": Target(tags=(str(value),), where=value.where)}
    if isinstance(value, Text) and value in ctx.known["barrier"]:
        return {"target": Target((str(value),), where=value.where)}
    return _aimed(ctx, value, path)


_READERS = {
    "break": _aimed, "destroy": _aimed, "hold": _aimed, "bar": _aimed, "surge": _scaled, "slow": _scaled,
    "take": _take, "trigger": _trigger, "reveal": _reveal,
}  # fmt: skip


# --------------------------------------------------------------------------- one hazard for each domain


def settled(
    ctx: Reading, effects: tuple[Effect, ...], here: tuple[str, ...], path: Path, stated_strikes: bool
) -> tuple[Effect, ...]:
    """The effects with `here` put as the struck names, and hazards of `each` as those of this domain."""
    return tuple(_settle(ctx, effect, here, path, stated_strikes) for effect in effects)


def _settle(ctx: Reading, effect: Effect, here: tuple[str, ...], path: Path, stated_strikes: bool) -> Effect:
    changes: dict[str, Any] = {}
    if effect.target is not None and HERE in effect.target.names:
        if not stated_strikes:
            ctx.problem("here-nothing", effect.target.where, path)
        names = [one for name in effect.target.names for one in (here if name == HERE else (name,))]
        changes["target"] = dataclasses.replace(effect.target, names=tuple(names))
    if effect.hazard in ctx.each_hazards:
        domains = [name for name in here if name in ctx.each_hazards[effect.hazard]]
        if len(domains) == 1:
            changes["hazard"] = f"{effect.hazard}@{domains[0]}"
        else:
            ctx.problem("hazard-of-each", effect.where, path, name=effect.hazard)
    if effect.then:
        changes["then"] = settled(ctx, effect.then, here, path, stated_strikes)
    return dataclasses.replace(effect, **changes) if changes else effect
