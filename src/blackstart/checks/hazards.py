"""Checks on hazards, what they do, and the barriers in their way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.checks.index import Index, aged_evidence, nearest, outside
from blackstart.engines.layout import MOST_CHUNKS
from blackstart.errors import Problem, listed
from blackstart.language.model import Barrier, Effect, Hazard, Target, every_effect

SEVERITY: Mapping[str, str] = {
    "until-unknown": "error", "hazard-without-rate": "warning", "barrier-without-works": "warning", "hazard-strikes-nothing": "warning",
    "effect-reaches-nothing": "warning", "share-rounded": "note", "unused-barrier": "note", "kind-brings-beside": "note",
}  # fmt: skip


def barrier(index: Index, barrier: Barrier) -> Iterator[Problem]:
    path = f"barriers.{barrier.id}"
    named = {"name": barrier.id}
    if barrier.id not in index.used_barriers and barrier.id not in index.mentioned:
        yield Problem("unused-barrier", barrier.where, path, named)
    yield from outside(
        barrier.works, Problem("chance-outside", barrier.where, f"{path}.works", {**named, "what": "works"})
    )
    if barrier.works is None and barrier.hidden is None and barrier.needs is None:
        yield Problem("barrier-without-works", barrier.where, f"{path}.works", named)
    yield from aged_evidence(index, barrier.shown, Problem("", barrier.where, f"{path}.shown", named))
    if barrier.tested is not None and barrier.hidden is None:
        yield Problem("tested-without-hidden", barrier.where, f"{path}.tested", named)
    if barrier.hidden is not None and barrier.tested is None:
        yield Problem("hidden-without-tested", barrier.where, f"{path}.hidden", named)


def hazard(index: Index, hazard: Hazard) -> Iterator[Problem]:
    path = f"hazards.{hazard.id}"
    named = {"name": hazard.id}
    yield from outside(
        hazard.chance, Problem("chance-outside", hazard.where, f"{path}.chance", {**named, "what": "chance"})
    )
    if hazard.rate is None and hazard.id not in index.triggered:
        yield Problem("hazard-without-rate", hazard.where, f"{path}.rate", named)
    struck = [name for name in hazard.strikes if name in index.model.domains]
    if struck and len(struck) == len(hazard.strikes) and not index.inhabited.intersection(struck):
        yield Problem("hazard-strikes-nothing", hazard.where, path, {**named, "domain": listed(struck)})
    for effect in every_effect(hazard.effects):
        yield from _effect(index, hazard, effect)


def _effect(index: Index, hazard: Hazard, effect: Effect) -> Iterator[Problem]:
    where = effect.where or hazard.where
    path = f"hazards.{hazard.id}.effects"
    named = {"name": hazard.id, "op": effect.op}
    until = effect.until
    times = ("cleared", *(hazard.lasts or ()))
    if until is not None and until.named is not None and until.named not in times:
        values = {**named, "until": until.named}
        yield Problem("until-unknown", where, path, values, nearest(until.named, times))
    yield from outside(effect.chance, Problem("chance-outside", where, path, {**named, "what": "chance"}))
    if effect.target is not None and _reaches_nothing(index, effect.target):
        reach = listed([*effect.target.names, *effect.target.tags])
        yield Problem("effect-reaches-nothing", where, path, {**named, "target": reach})
    if effect.target is not None and (rounded := _rounded(index, effect.target)) is not None:
        counted, hit, parts = rounded
        values = {"counted": counted, "share": f"{effect.target.share:.1%}", "hit": hit, "parts": parts, "taken": f"{hit / parts:.1%}"}
        yield Problem("share-rounded", where, path, {**named, **values})


def beside(index: Index) -> Iterator[Problem]:
    """A hazard that the kind of a domain brings, beside one of the model's own that does the same to the same domain."""
    stated = (index.model.raw or {}).get("hazards") or {}
    for brought in index.model.hazards.values():
        template, _, domain = brought.id.partition("@")
        if not domain or brought.id in stated or template in stated or domain not in index.model.domains:
            continue
        ops = {e.op for e in brought.does if _only(e, domain)}
        own = [h.id for h in index.model.hazards.values() if h.id in stated and any(e.op in ops and _only(e, domain) for e in h.does)]
        if own:
            row = index.model.domains[domain]
            values = {"name": domain, "kind": row.kind, "brought": brought.id, "own": listed(own)}
            yield Problem("kind-brings-beside", row.where, f"domains.{domain}.kind", values)


def _only(effect: Effect, domain: str) -> bool:
    """Whether an effect strikes this domain and nothing else."""
    return effect.target is not None and effect.target.names == (domain,) and not effect.target.tags


def _rounded(index: Index, target: Target) -> tuple[str, int, int] | None:
    """A counted component of whose parts a share is not a whole number: its name, the parts that are hit, all parts."""
    c = index.model.components.get(target.names[0]) if len(target.names) == 1 and not target.tags else None
    if c is None or c.count <= 1 or target.share >= 1.0:
        return None
    parts = min(MOST_CHUNKS, c.count)
    hit = max(1, int(target.share * parts + 0.5))
    return None if abs(hit - target.share * parts) < 1e-9 else (c.id, hit, parts)


def _reaches_nothing(index: Index, target: Target) -> bool:
    """Whether a target names only domains without components, and tags that nothing carries."""
    names = [name for name in target.names if name not in index.model.domains or name in index.inhabited]
    asked = target.names or target.tags
    return bool(asked) and not names and not index.tags.intersection(target.tags)
