"""Named checks on a model: what cannot work, what surely was not meant, what is worth a look.

`check` returns Problems. Their severity is no part of the Problem: each module says that of its codes in a table, and `SEVERITY`
is all of them. The reader (`load`) has already refused what it cannot understand; these checks ask whether what was understood
makes sense. None of them draws a random number, and all of them together are linear in the size of the model, except where a
limit is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import ModuleType

from blackstart.checks import (
    begetting,
    beliefs,
    blindness,
    calls,
    circles,
    components,
    counts,
    deadlocks,
    defences,
    domains,
    hazards,
    improbable,
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
from blackstart.language import at_rest, common_causes, portfolio
from blackstart.language.load import quiet_collector
from blackstart.language.model import Intended, Model

_OF_THE_MODEL = (
    at_rest, begetting, beliefs, blindness, calls, circles, common_causes, components, counts, deadlocks, defences, domains, hazards,
    improbable, index, lasting, names, overloads, portfolio, reach, services, teams, tools, unmended,
)  # fmt: skip
SEVERITY: Mapping[str, str] = {code: how for module in _OF_THE_MODEL for code, how in module.SEVERITY.items()}
_RANK = ("error", "warning", "note")

_Asked = tuple[ModuleType, Callable[[index.Index], Iterable[Problem]]]  # whose codes they are, and what finds them
_ASKED: tuple[_Asked, ...] = (
    (components, lambda known: (p for c in known.model.components.values() for p in components.component(known, c))),
    (circles, lambda known: circles.circular(known.model)),
    (deadlocks, lambda known: deadlocks.problems(known.model)),
    (domains, domains.redundancies),
    (tools, lambda known: tools.problems(known.model, known.places)),
    (blindness, lambda known: blindness.problems(known.model, known.places)),
    (calls, lambda known: calls.problems(known.model)),
    (at_rest, lambda known: at_rest.early_standbys(known.model)),
    (reach, reach.reach),
    (domains, domains.domains),
    (services, lambda known: services.signed(known.model)),
    (hazards, lambda known: (p for h in known.model.hazards.values() for p in hazards.hazard(known, h))),
    (hazards, hazards.beside),
    (begetting, lambda known: begetting.problems(known.model)),
    (unmended, lambda known: unmended.problems(known.model, known.places)),
    (lasting, lambda known: lasting.problems(known.model, known.places)),
    (overloads, lambda known: overloads.problems(known.model)),
    (counts, lambda known: counts.problems(known.model)),
    (common_causes, lambda known: common_causes.problems(known.model)),
    (teams, teams.teams),
    (hazards, lambda known: (p for b in known.model.barriers.values() for p in hazards.barrier(known, b))),
    (defences, lambda known: defences.defences(known.model)),
    (defences, lambda known: defences.spared(known.model, known.places)),
    (portfolio, lambda known: portfolio.priceless(known.model)),
    (portfolio, lambda known: portfolio.overwrites(known.model)),
    (portfolio, lambda known: portfolio.forgotten(known.model)),
    (names, lambda known: names.names(known.model)),
    (beliefs, lambda known: beliefs.problems(known.model)),
    (improbable, lambda known: improbable.problems(known.model)),
)
_CAN_REFUSE = tuple(row for row in _ASKED if "error" in row[0].SEVERITY.values())


def severity(problem: Problem) -> str:
    """``error``, ``warning`` or ``note``; a Problem that is not of the checks is an error."""
    return SEVERITY.get(problem.code) or intended.SEVERITY.get(problem.code, "error")


def apart(model: Model, found: Sequence[Problem]) -> tuple[list[Problem], list[tuple[Problem, Intended]]]:
    """What was found, without what the model says is meant to be so, and that apart (`intended.apart`)."""
    return intended.apart(model, found, SEVERITY)


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
    return _found(model, watched, _ASKED)


def errors(model: Model) -> list[Problem]:
    """The errors among what `check` finds, by those checks alone that can find one."""
    return [p for p in _found(model, (), _CAN_REFUSE) if severity(p) == "error"]


@quiet_collector()
def _found(model: Model, watched: Collection[str], asked: Sequence[_Asked]) -> list[Problem]:
    known = index.Index(model, watched)
    found = [problem for _, finds in asked for problem in finds(known)]
    return sorted(found, key=lambda p: (_RANK.index(severity(p)), _place_order(p)))


def _place_order(problem: Problem) -> tuple[str, int, int]:
    at = problem.where
    return (at.file, at.line, at.column) if at else ("", 0, 0)
