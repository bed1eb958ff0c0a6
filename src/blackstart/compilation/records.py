"""Columns → the arrays that the engines read (`engines.layout`)."""

from __future__ import annotations

import numpy as np

from blackstart.engines import layout as k
from blackstart.engines.layout import Arrays


def pack(o: dict[str, np.ndarray]) -> Arrays:
    """Columns to records, lists into one array of links (layout.py)."""
    links = _Links()
    component = _records(k.COMPONENT, o["chunks"].size, {
        "salt": o["salt"], "units": o["chunk_units"], "headroom": o["headroom"], "overload": o["overload"], "below": o["sb_below"],
        "surge_factor": o["surge_factor"], "surge_after": o["surge_after"], "start_outage": o["start_outage"], "chunks": o["chunks"],
        "need": o["need"], "want": o["want"], "start_need": o["start_need"], "repair_need": o["repair_need"], "throttled": o["throttled"],
        "glass_run": o["glass_run"], "rides": o["rides"], "surge_lasts": o["surge_lasts"], "dead": o["dead"],
        "start_takes": o["start_takes"], "start_again": o["start_again"], "start_each": o["start_each"], "start_works": o["start_works"],
        "start_retry": o["start_retry"], "repair_takes": o["repair_takes"], "repair_each": o["repair_each"],
        "stock": o["spare_stock"], "lead": o["spare_lead"], "glass_after": o["glass_after"], "glass_takes": o["glass_takes"],
        "order": o["order"], "service": o["svc_of"], "counted": o["is_counted"], "standby": o["is_standby"],
        "failback": o["sb_failback"], "on_site": o["start_on_site"], "has_repair": o["has_repair"], "start_fails": o["start_fails"],
        "crew0": o["crew_ptr"][0:-1:3], "crew1": o["crew_ptr"][1::3], "crew2": o["crew_ptr"][2::3], "crew3": o["crew_ptr"][3::3],
    })  # fmt: skip
    c = component
    c["at_once"] = (
        (c["start_takes"] < 0) & (c["start_each"] < 0) & (c["start_works"] + c["start_fails"] < 0) & (c["start_need"] < 0)
        & (c["crew0"] == c["crew3"]) & (c["glass_after"] < 0) & (c["stock"] < 0) & (c["standby"] == 0) & (c["on_site"] == 0)
        & (c["chunks"] == 1))  # fmt: skip
    links.put(component, "help", o["help_ptr"], o["help_node"])
    links.put(component, "sb", o["sb_ptr"], o["sb_for"])
    links.put(component, "heirs", o["sbrev_ptr"], o["sbrev"])
    links.put(component, "slot", o["hold_ptr"], o["hold_slot"])
    node = _records(k.NODE, o["level_of"].size, {"rest": o["value_at_rest"], "level": o["level_of"], "circle": o["scc_of"]})
    links.put(node, "up", o["par_ptr"], o["par_node"])
    links.put(node, "watch", o["watch_ptr"], o["watch_comp"])
    gate = _records(k.GATE, o["gate_op"].size, {"k": o["gate_k"], "op": o["gate_op"], "lo": o["gate_ptr"][:-1], "hi": o["gate_ptr"][1:]})
    effect = _records(k.EFFECT, o["eff_op"].size, {
        "salt": o["eff_salt"], "factor": o["eff_factor"], "share": o["eff_share"], "op": o["eff_op"], "hazard": o["eff_hazard"],
        "since": o["eff_since"], "after": o["eff_after"], "chance": o["eff_chance"], "when": o["eff_when"], "until": o["eff_until"],
        "plus": o["eff_until_plus"], "other": o["eff_other"], "people": o["eff_people"], "uncounted": o["eff_uncounted"],
    })  # fmt: skip
    links.put(effect, "bar", o["eff_bar_ptr"], o["eff_bar"])
    links.put(effect, "tgt", o["tgt_ptr"], o["tgt_comp"])
    links.put(effect, "then", o["then_ptr"], o["then_eff"])
    hazard = _records(k.HAZARD_ROW, o["haz_item"].size, {
        "salt": o["haz_salt"], "again": o["haz_again"], "item": o["haz_item"], "chance": o["haz_chance"],
        "again_for": o["haz_again_for"], "cost": o["haz_cost"],
    })  # fmt: skip
    links.put(hazard, "eff", o["haz_eff_ptr"], o["haz_eff"])
    links.put(hazard, "last", o["haz_last_ptr"], o["haz_last"])
    barrier = _records(k.BARRIER, o["bar_salt"].size, {
        "salt": o["bar_salt"], "works": o["bar_works"], "dead": o["bar_dead"], "need": o["bar_need"],
    })  # fmt: skip
    team = _records(k.TEAM, o["team_people"].size, {
        "salt": o["team_salt"], "shift": o["team_shift"], "people": o["team_people"], "on_call": o["team_on_call"],
        "on_turn": o["team_on_turn"], "arrives": o["team_arrives"], "musters": o["team_musters"],
    })  # fmt: skip
    data = _records(k.DATA_SET, o["ds_lag"].size, {
        "lo": o["ds_ptr"][:-1], "hi": o["ds_ptr"][1:], "lag": o["ds_lag"], "copy": o["ds_copy"], "every": o["ds_every"],
        "kept": o["ds_kept"], "restore": o["ds_restore"],
    })  # fmt: skip
    return Arrays(
        component=component, node=node, gate=gate, child=o["gate_child"], weight=o["gate_w"], links=links.array(),
        crew_team=o["crew_team"], crew_people=o["crew_n"], help_factor=o["help_factor"], circle_ptr=o["scc_ptr"],
        circle_node=o["scc_node"], maybe=o["maybe_node"], load=o["load_node"], effect=effect, effect_back=o["eff_back"],
        hazard=hazard, barrier=barrier, team=team, team_need=o["team_need"], data=data, slot_data=o["slot_ds"], slot_holder=o["ds_holder"],
        service=_records(k.SERVICE, o["svc_comp"].size, {"serves": o["svc_serves"], "component": o["svc_comp"]}),
        item=_records(k.ITEM_ROW, o["item_id"].size, {"id": o["item_id"], "is_hazard": o["item_is_hazard"]}),
        levels=int(o["level_of"].max(initial=0)) + 1, dur_ptr=o["dur_ptr"], terms=o["terms"], tables=o["tables"],
    )  # fmt: skip


def _records(dtype: np.dtype, n: int, columns: dict[str, np.ndarray]) -> np.ndarray:
    rows = k.zeros(n, dtype)
    for name, values in columns.items():
        rows[name] = values
    return rows


class _Links:
    """Lists of all kinds behind one another; a record's `<name>_lo`, `<name>_hi` say where its own stands."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.size = 0

    def put(self, rows: np.ndarray, name: str, ptr: np.ndarray, flat: np.ndarray) -> None:
        rows[f"{name}_lo"] = ptr[:-1] + self.size
        rows[f"{name}_hi"] = ptr[1:] + self.size
        self.parts.append(flat)
        self.size += flat.size

    def array(self) -> np.ndarray:
        return np.concatenate([*self.parts, np.zeros(1, np.int64)]).astype(np.int64)
