"""Which data a service stands on, how far its copies are behind, and whether anything in the model can destroy them."""

from __future__ import annotations

from blackstart.language.model import Model, every_effect
from blackstart.language.needs import leaf_names
from blackstart.language.places import Places


def data_under(model: Model, service: str) -> list[str]:
    """Components with data that a service needs or wants to run, directly or not, in the order of the file."""
    seen, todo = {service}, [service]
    while todo:
        c = model.components[todo.pop()]
        new = {*leaf_names(c.needs), *(w.name for w in c.wants)} - seen
        seen |= new
        todo += new
    return [c.id for c in model.components.values() if c.data and c.id in seen]


def behind_h(model: Model, service: str) -> float:
    """How far, in hours on average, a copy that takes over may be behind: the largest lag of the data that a service stands on.

    A plain failure of the first copy loses nothing in the model, whatever the lag: only what destroys data does.
    """
    data = [c.data for name in data_under(model, service) if (c := model.components[name]).data]
    return max((d.lag.mean() for d in data if d.lag is not None and len(d.copies) > 1), default=0.0)


def destroyable(model: Model) -> set[str]:
    """Components of whose data some hazard may destroy a copy. Of any others no data can be lost, however often they are broken."""
    places = Places(model)
    effects = [e for hazard in model.hazards.values() for e in every_effect(hazard.effects) if e.op == "destroy"]
    gone = {name for e in effects for name in places.reached(e.target)}
    return {c.id for c in model.components.values() if c.data and gone.intersection(c.data.copies or (c.id,))}
