"""Components, what starts and repairs them, and the data they hold, as columns."""

from __future__ import annotations

import math

import numpy as np

from blackstart.compilation.graph import circles
from blackstart.compilation.numbering import Numbering
from blackstart.compilation.ragged import flat, ints, inverse, numbers
from blackstart.engines import layout as k
from blackstart.language.model import Component, Need
from blackstart.language.needs import leaf_names, without
from blackstart.system import HELP_FACTOR, SURGE_FACTOR
from blackstart.units import Dist, Duration

ROUNDING = 1e-9  # levels that differ by less are the same


def columns(n: Numbering) -> dict[str, np.ndarray]:
    return {**_pools(n), **_needs(n), **_running(n), **_starts(n), **_repairs(n), **_helps(n), **_services(n), **_data(n)}


def _pools(n: Numbering) -> dict[str, np.ndarray]:
    count = np.array([c.count for c in n.rows], float)
    chunks = np.where(count > 1, np.minimum(k.MOST_CHUNKS, count), 1.0)
    salt = np.array([k.salt("component", c.id) for c in n.rows], np.uint64)
    return {"chunks": chunks.astype(np.int64), "chunk_units": count / chunks, "is_counted": count > 1, "salt": salt}


def _needs(n: Numbering) -> dict[str, np.ndarray]:
    rows, node, o = n.rows, n.gates.node, {}
    o["overload"] = np.array([math.inf if c.overload is None else c.overload for c in rows])
    loaded = circles(rows, n.components, _held) if np.isfinite(o["overload"]).any() else np.full(len(rows), -1)
    o["need"] = ints(node(c.needs, int(circle)) for c, circle in zip(rows, loaded, strict=True))
    o["want"] = ints(n.gates.wants(c) if c.wants else -1 for c in rows)
    o["start_need"] = ints(node(c.start.needs) if c.start else -1 for c in rows)
    o["repair_need"] = ints(node(c.repair.needs) if c.repair else -1 for c in rows)
    forced = any(c.break_glass for c in rows)
    on_circle = circles(rows, n.components, _needed) if forced else np.full(len(rows), -1)
    o["glass_run"] = ints(node(_when_forced(c, on_circle, n.components)) if c.break_glass else -1 for c in rows)
    return o


def _running(n: Numbering) -> dict[str, np.ndarray]:
    """What a component rides through, carries, surges by, stands by for, and hides."""
    rows, d, o = n.rows, n.durations, {}
    own = [c.kind for c in rows]
    o["rides"] = d.of_each((c.rides for c in rows), rows, "rides", own)
    o["headroom"] = np.array([c.headroom for c in rows], float)
    o["surge_factor"] = np.array(
        [n.factor(SURGE_FACTOR, i, c.surge.factor, f"components.{c.id}.surge.by") if c.surge else 1.0 for i, c in enumerate(rows)]
    )
    o["surge_lasts"] = d.of_each((c.surge.lasts if c.surge else None for c in rows), rows, "surge.lasts", own)
    o["surge_after"] = np.array([c.surge.after.mean() if c.surge and c.surge.after else 0.0 for c in rows])
    o["is_standby"] = np.array([c.standby is not None for c in rows], np.bool_)
    o["sb_ptr"], whom = flat([c.standby.stands_for if c.standby else () for c in rows])
    o["sb_for"] = ints(n.components[name] for name in whom)
    o["sbrev_ptr"], o["sbrev"] = inverse(o["sb_ptr"], o["sb_for"], len(rows))
    o["sb_below"] = np.array([c.standby.below if c.standby else 0.0 for c in rows])
    o["sb_failback"] = np.array([c.standby.failback if c.standby else True for c in rows], np.bool_)
    o["dead"] = ints(n.parameters.hidden(f"components.{c.id}.hidden", c.hidden, c.tested) if c.hidden else -1 for c in rows)
    return o


def _starts(n: Numbering) -> dict[str, np.ndarray]:
    rows, d, p, o = n.rows, n.durations, n.parameters, {}
    kinds = [(c.start.kind if c.start else None) or c.kind for c in rows]
    parts = [_start_parts(c) if c.start else [] for c in rows]
    o["start_takes"] = ints(d.sum_of(some, kind) for some, kind in zip(parts, kinds, strict=True))
    o["start_again"] = ints(
        d.sum_of(_start_parts(c, again=True), kind) if c.start and (c.start.detect or c.start.decide) else first
        for c, kind, first in zip(rows, kinds, o["start_takes"], strict=True)
    )
    o["start_outage"] = np.array([sum([part.per_outage for part, _ in some]) for some in parts], float)
    o["start_each"] = d.of_each((c.start.work if c.start else None for c in rows), rows, "start.work", kinds)
    o["start_works"] = ints(
        p.probability(f"components.{c.id}.start.works", s.works, n.age_d(s.rehearsed)) if (s := c.start) and s.works else -1
        for c in rows
    )
    o["start_retry"] = d.of_each((c.start.retry if c.start else None for c in rows), rows, "start.retry", kinds)
    o["start_on_site"] = np.array([bool(c.start and c.start.on_site) for c in rows], np.bool_)
    o["start_fails"] = ints(c.start.first_fail if c.start else 0 for c in rows)
    needed = {name for c in rows for name in leaf_names(c.needs)} if any(c.start and c.start.throttled for c in rows) else set()
    o["throttled"] = np.array([bool(c.start and c.start.throttled and c.id in needed) for c in rows], np.bool_)
    return o


def _repairs(n: Numbering) -> dict[str, np.ndarray]:
    rows, d, o = n.rows, n.durations, {}
    own, repairs = [c.kind for c in rows], [c.repair for c in rows]
    o["has_repair"] = np.array([r is not None for r in repairs], np.bool_)
    o["repair_takes"] = ints(d.sum_of(repair_parts(c), kind) for c, kind in zip(rows, own, strict=True))
    o["repair_each"] = d.of_each((r.work if r else None for r in repairs), rows, "repair.work", own)
    spares = [r.spare if r else None for r in repairs]
    o["spare_stock"] = ints(s.stock if s else -1 for s in spares)
    never, at_once = Duration((Dist("point", math.inf),)), Duration((Dist("point", 0.0),))
    o["spare_lead"] = d.of_each((s and (s.lead or never) for s in spares), rows, "repair.spare.lead", own)
    glasses = [c.break_glass for c in rows]
    o["glass_after"] = d.of_each((g and (g.after or at_once) for g in glasses), rows, "break_glass.after", own)
    o["glass_takes"] = d.of_each((g.takes if g else None for g in glasses), rows, "break_glass.takes", own)
    return o


def _helps(n: Numbering) -> dict[str, np.ndarray]:
    ptr, helps = flat([c.helps for c in n.rows])
    factors = [(h.factor, f"components.{c.id}.helps.{h.name}") for c in n.rows for h in c.helps]
    factor = np.array([n.factor(HELP_FACTOR, row, *one) for row, one in enumerate(factors)], float)
    return {"help_ptr": ptr, "help_node": ints(n.components[h.name] for h in helps), "help_factor": factor}


def _services(n: Numbering) -> dict[str, np.ndarray]:
    services = [i for i, c in enumerate(n.rows) if c.is_service]
    svc_of = np.full(len(n.rows), -1, np.int64)
    svc_of[services] = np.arange(len(services))
    return {"svc_comp": ints(services), "svc_of": svc_of, "svc_serves": np.array([_serves(n.rows[i]) for i in services], float)}


def _data(n: Numbering) -> dict[str, np.ndarray]:
    d = n.durations
    holders, lag, copy, every, kept, restore = [], [], [], [], [], []
    for i, c in enumerate(n.rows):
        if not c.data:
            continue
        holders.append([n.components[name] for name in c.data.copies] or [i])
        backup = c.data.backup
        has_backup = backup is not None and backup.kept is not None
        path = f"components.{c.id}.data"
        lag.append(d.of(c.data.lag, f"{path}.lag", c.kind))
        copy.append(d.of(c.data.copy, f"{path}.copy", c.kind))
        at_once = d.exactly(Dist("point", 0.0)) if has_backup and not backup.every else -1
        every.append(d.of(backup.every, f"{path}.backup.every", c.kind) if has_backup and backup.every else at_once)
        kept.append(n.components[backup.kept] if has_backup else -1)
        restore.append(d.of(backup.restore, f"{path}.backup.restore", c.kind) if has_backup else -1)
    ptr, holder = numbers(holders)
    hold_ptr, slots = inverse(np.arange(holder.size + 1), holder, len(n.rows))
    return {
        "ds_ptr": ptr, "ds_holder": holder, "slot_ds": np.repeat(np.arange(ptr.size - 1), np.diff(ptr)).astype(np.int64),
        "hold_ptr": hold_ptr, "hold_slot": slots, "ds_lag": ints(lag), "ds_copy": ints(copy), "ds_every": ints(every),
        "ds_kept": ints(kept), "ds_restore": ints(restore),
    }  # fmt: skip


def _serves(c: Component) -> float:
    """Below what a service is out; a level that is the limit but for rounding (70 % of 80 % is not 0.56 in binary) is not below it."""
    return max(0.0, (c.tolerance.serves if c.tolerance else 0.5) - ROUNDING)


def _start_parts(c: Component, again: bool = False) -> list[tuple[Duration, str]]:
    """What a start is made of, each part with its place; `again`: after one that failed, all is noticed and decided."""
    assert (s := c.start) is not None
    first = [] if again else [("detect", s.detect), ("decide", s.decide)]
    parts = first if s.work is not None else [("takes", s.takes), *first, ("switch", s.switch)]
    return [(part, f"components.{c.id}.start.{name}") for name, part in parts if part is not None]


def repair_parts(c: Component) -> list[tuple[Duration, str]]:
    r, names = c.repair, ("takes", "detect", "decide")
    parts = [(name, getattr(r, name)) for name in names if name != "takes" or r.work is None] if r else []
    return [(part, f"components.{c.id}.repair.{name}") for name, part in parts if part is not None]


def _needed(c: Component) -> list[str]:
    """All that a component needs: to run, to be started, to be repaired."""
    return leaf_names(c.needs) + leaf_names(c.start.needs if c.start else None) + leaf_names(c.repair.needs if c.repair else None)


def _held(c: Component) -> list[str]:
    """What the level of a component that runs hangs on."""
    return leaf_names(c.needs) + [w.name for w in c.wants]


def _when_forced(c: Component, circle: np.ndarray, index: dict[str, int]) -> Need | None:
    """What a forced component still needs to run (§8)."""
    mine = circle[index[c.id]]
    named = set(c.break_glass.without)

    def spared(name: str) -> bool:
        return name in named if named else mine >= 0 and circle[index[name]] == mine

    return without(c.needs, spared) if c.needs else None
