"""Model → System: the same thing as integer-indexed arrays, ready for the engines.

Each part gives columns by name; `numbering` holds what the parts number together, `records` says where each column goes.
The order of the parts is part of the meaning: parameters have their numbers, and with them their luck, in the order in which they
are met.
"""

from __future__ import annotations

from dataclasses import replace

from blackstart.compilation import components, graph, people
from blackstart.compilation.digest import digest
from blackstart.compilation.hazards import Hazards, barriers
from blackstart.compilation.numbering import Numbering
from blackstart.compilation.records import pack
from blackstart.errors import ModelError
from blackstart.language import at_rest, common_causes
from blackstart.language.load import quiet_collector
from blackstart.language.model import Model
from blackstart.system import System


@quiet_collector()
def compile_model(model: Model) -> System:
    """Compile a checked model.

    Raises
    ------
    ModelError
        If a component cannot run, or a service is out, even when nothing is broken (`at_rest`), or if the members of a group
        cannot fail together (`common_causes`).
    """
    if wrong := [p for p in common_causes.problems(model) if p.code != common_causes.ONLY_ODD]:
        raise ModelError(wrong)
    n = Numbering(model)
    columns = {**components.columns(n), **people.crews(n), **people.teams(n), **barriers(n)}
    hazards = Hazards(n)
    columns |= hazards.columns
    columns |= graph.columns(n, columns)
    arrays = pack(columns | n.durations.columns())
    if wrong := [p for p in at_rest.problems(model, arrays) if at_rest.SEVERITY[p.code] == "error"]:
        raise ModelError(wrong)
    system = System(
        arrays=arrays,
        components=tuple(n.components),
        services=tuple(c.id for c in n.rows if c.is_service),
        hazards=tuple(hazards.names),
        barriers=tuple(n.barriers),
        teams=tuple(n.teams),
        data_sets=tuple(c.id for c in n.rows if c.data),
        effects=tuple(hazards.effects),
        items=tuple(hazards.items),
        parameters=tuple(n.parameters.rows),
        item_rate=tuple(hazards.item_rate),
        probabilities=tuple(n.parameters.probabilities),
        doubtful=tuple(n.doubtful.rows),
        middles=tuple(n.durations.middles),
        factors=tuple(n.factors),
        digest="",
    )
    return replace(system, digest=digest(system, model))
