"""Whether the change of each defence makes a sound model: tried one by one, before anybody asks for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from blackstart import checks
from blackstart.compilation import compile_model
from blackstart.errors import ModelError, Problem
from blackstart.language import at_rest as levels
from blackstart.language import load
from blackstart.language.model import Model
from blackstart.language.patches import blamed
from blackstart.language.portfolio import with_required

MOST_TRIED = 50_000  # components, once for each defence, that a command tries before it computes

# said by the checks of the defences themselves
_SAID = frozenset(("unknown-defence", "defence-requires", "defence-excludes"))


def at_rest(model: Model) -> list[Problem]:
    """What the model serves too little of when nothing is wrong; nothing, if it has errors that come first."""
    if checks.errors(model):
        return []
    try:
        return levels.problems(model, compile_model(model).arrays)
    except ModelError as refused:
        return list(refused.problems)


def problems(model: Model, bought: Collection[str] = ()) -> list[Problem]:
    """What is wrong with the model once a defence is in place: each alone, with what it requires.

    Problems that the model has without it are left out, and each place is named once. Some defences may be in the model already: those
    that one of these excludes are not tried, for they were written for a model without it.
    """
    there = {*bought, *(name for name, d in model.defences.items() if d.state != "absent")}
    known = {(p.code, p.path) for p in checks.errors(model)}
    found: dict[tuple[object, ...], Problem] = {}
    for name, defence in model.defences.items():
        needed = with_required(model, name)
        if defence.change is None or name in bought or excluded(model, needed, there):
            continue
        for problem in _tried(model, needed):
            if (problem.code, problem.path) not in known:
                at = (problem.code, problem.path, problem.where)
                found.setdefault(at, dataclasses.replace(problem, path=f"defences.{name}: {problem.path}"))
    return list(found.values())


def excluded(model: Model, names: Iterable[str], there: Collection[str]) -> bool:
    """Whether one of these defences and one that is there exclude each other."""
    known = [model.defences[name] for name in there if name in model.defences]
    return any(name in d.excludes or d.id in model.defences[name].excludes for name in names for d in known if name in model.defences)


def errors(model: Model, bought: Collection[str] = ()) -> list[Problem]:
    """What makes a model unfit to be computed: errors of its checks, also of what its defences would make of it.

    Where all changes would take long to try (`is_long`), they are left to `problems`, which `check` asks.
    """
    tried = [] if is_long(model) else problems(model, bought)
    return [*checks.errors(model), *(p for p in tried if checks.severity(p) == "error")]


def is_long(model: Model) -> bool:
    """Whether trying every change takes more than some ten seconds."""
    return len(model.components) * len(model.defences) > MOST_TRIED


def _tried(model: Model, names: tuple[str, ...]) -> list[Problem]:
    changes = [change for name in names if (change := model.defences[name].change) is not None]
    try:
        changed = load.apply(model, names)
        wrong = checks.errors(changed)
        if not wrong:
            compile_model(changed)
        return blamed(wrong, changes)
    except ModelError as refused:
        return blamed([p for p in refused.problems if p.code not in _SAID], changes)
