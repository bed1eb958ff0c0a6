"""Named checks on a model: what cannot work, what surely was not meant, what is worth a look.

`check` returns Problems. Their severity is no part of the Problem: each module says that of its codes in a table, and `SEVERITY`
is all of them. The reader (`load`) has already refused what it cannot understand; these checks ask whether what was understood
makes sense. None of them draws a random number, and all of them together are linear in the size of the model, except where a
limit is stated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from blackstart import at_rest, common_causes, portfolio
from blackstart.checks import (
    begetting,
    beliefs,
    blindness,
    calls,
    circles,
    components,
    counts,
    defences,
    domains,
    hazards,
    index,
    intended,
    lasting,
    names,
    overloads,
    reach,
    services,
    teams,
    tools,
    unmended,
)  # fmt: skip
from blackstart.errors import Problem
from blackstart.load import quiet_collector
from blackstart.model import Intended, Model

_OF_THE_MODEL = (
    at_rest, begetting, beliefs, blindness, calls, circles, common_causes, components, counts, defences, domains, hazards, index, lasting,
    names, overloads, portfolio, reach, services, teams, tools, unmended,
)  # fmt: skip
SEVERITY: Mapping[str, str] = {code: how for module in _OF_THE_MODEL for code, how in module.SEVERITY.items()}
_RANK = ("error", "warning", "note")


def severity(problem: Problem) -> str:
    """``error``, ``warning`` or ``note``; a Problem that is not of the checks is an error."""
    return SEVERITY.get(problem.code) or intended.SEVERITY.get(problem.code, "error")


def apart(model: Model, found: Sequence[Problem]) -> tuple[list[Problem], list[tuple[Problem, Intended]]]:
    """What was found, without what the model says is meant to be so, and that apart (`intended.apart`)."""
    return intended.apart(model, found, SEVERITY)


@quiet_collector()
def check(model: Model, watched: Collection[str] = ()) -> list[Problem]:
    """Everything the named checks find, errors first, within each in the order of the file.

    Parameters
    ----------
    model : Model
        As read, or built from rows; names that the reader would have refused are skipped.
    watched : collection of str
        What files beside the model look at: it hangs on something, though no service needs it.

    Returns
    -------
    list of Problem
        Text in ``text/<lang>/checks.toml``; severity by `severity`.
    """
    known = index.Index(model)
    found: list[Problem] = []
    for component in model.components.values():
        found += components.component(known, component)
    found += circles.circular(model)
    found += [*domains.redundancies(known), *tools.problems(model, known.places), *blindness.problems(model, known.places)]
    found += calls.problems(model)
    found += at_rest.early_standbys(model)
    found += reach.reach(known, watched)
    found += domains.domains(known)
    found += services.signed(model)
    for hazard in model.hazards.values():
        found += hazards.hazard(known, hazard)
    found += hazards.beside(known)
    found += [*begetting.problems(model), *unmended.problems(model, known.places), *lasting.problems(model, known.places)]
    found += [*overloads.problems(model), *counts.problems(model), *common_causes.problems(model)]
    found += teams.teams(known)
    for barrier in model.barriers.values():
        found += hazards.barrier(known, barrier)
    found += [*defences.defences(model), *portfolio.priceless(model), *portfolio.overwrites(model), *portfolio.forgotten(model)]
    found += names.names(model)
    found += beliefs.problems(model)
    return sorted(found, key=lambda p: (_RANK.index(severity(p)), _place_order(p)))


def _place_order(problem: Problem) -> tuple[str, int, int]:
    at = problem.where
    return (at.file, at.line, at.column) if at else ("", 0, 0)
