"""What a rehearsal plays: misfortunes given with their times, and outcomes that are given instead of left to chance.

A hit is written in the words of the language: `battery-fire`, `db`, `seoul-1 for 6h`, `20% of web`, `destroy vault after 2h`. What
strikes a place, or a part of something, is made a hazard of the model that arrives only when the scenario says so: the engine plays
it like any other.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from blackstart import units
from blackstart.errors import ModelError, Problem
from blackstart.language import common_causes
from blackstart.language.effects import share_of
from blackstart.language.model import Component, Effect, Hazard, Model, Start, Target, Until
from blackstart.nearest import Nearest
from blackstart.units import Chance, Dist, Duration

Noun = Literal["hazard", "component", "domain"]
VERBS = ("break", "hold", "destroy")
HIT_PREFIX = "hit:"
MOST_TRIES = 99  # first tries that can be given to fail
_TIMES = re.compile(r"\s+(for|after)\s+")
_NEVER = Duration((Dist("point", math.inf),))


@dataclass(frozen=True, slots=True)
class Strike:
    """One misfortune of a scenario.

    how : what it does to a component or to everything in a domain (``break``, ``hold``, ``destroy``); for a hazard ``arrive``.
    hazard : the hazard of `Scenario.model` that arrives, or None where a component just breaks.
    lasts_h : mean length of a hold; None where it has no end, or where the word does not apply.
    share : how much of it is struck: of the units of a pool, of what stands in a domain.
    """

    at_h: float
    name: str
    noun: Noun
    how: str
    hazard: str | None
    lasts_h: float | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Given:
    """An outcome that is given: whether a barrier works, or a component starts, whenever it is asked to.

    tries : only its first so many tries fail, and chance decides of the others; None: all of them.
    """

    noun: Literal["barrier", "component"]
    name: str
    works: bool
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A model in which the given outcomes are certain and each strike has its hazard; `written` is what it was made from."""

    written: Model
    model: Model
    strikes: tuple[Strike, ...]
    given: tuple[Given, ...]

    @property
    def adds(self) -> bool:
        """Whether what is played differs from what was written: an outcome is given, or what strikes is no hazard of the model."""
        return bool(self.given) or any((s.hazard or "").startswith(HIT_PREFIX) for s in self.strikes)


def read(model: Model, hits: Iterable[str], fails: Iterable[str] = (), works: Iterable[str] = ()) -> Scenario:
    """The scenario that these words describe.

    Parameters
    ----------
    hits : iterable of str
        ``[break|hold|destroy] [SHARE of] NAME [for TIME] [after TIME]``. A hazard arrives; a component breaks unless another
        verb is given; a domain is held (off, undamaged) unless another verb is given, for good unless ``for`` says how long.
        A share is one of a pool (``20% of web``) or of what stands in a domain (``half of seoul-1``).
    fails, works : iterable of str
        Barriers, and components whose start may fail (a standby's take-over among them); of a start also ``NAME 2 times``: its
        first two tries fail; if it also works, the next one does, else chance decides. Without a number no try comes after the
        one that fails.

    Raises
    ------
    ModelError
        With every word that means nothing here.
    """
    problems: list[Problem] = []
    strikes, hazards = [], dict(model.hazards)
    for text in hits:
        found = _strike(model, " ".join(text.split()), problems)
        if found is not None:
            strike, hazard = found
            if hazard is not None:
                hazards[hazard.id] = hazard
            strikes.append(strike)
    given = [g for names, ok in ((fails, False), (works, True)) for name in names for g in _given(model, name, ok, problems)]
    for name in sorted({g.name for g in given if g.works} & {g.name for g in given if not g.works and g.tries is None}):
        problems.append(Problem("given-both", None, f"--fails {name}", {"name": name}))
    if problems:
        raise ModelError(problems)
    certain = with_outcomes(model, given)
    return Scenario(model, dataclasses.replace(certain, hazards=hazards), tuple(strikes), tuple(given))


# ----------------------------------------------------------------------------- what strikes


def _strike(model: Model, text: str, problems: list[Problem]) -> tuple[Strike, Hazard | None] | None:
    verb, part, name, times = _words(model, text)
    path = f"--hit '{text}'"
    noun = _noun(model, name)
    if noun is None:
        known = [*model.hazards, *model.components, *model.domains]
        near = Nearest([*VERBS, *known] if " " in name else known).to(name)
        problems.append(Problem("hit-unknown", None, path, {"name": name}, near))
        return None
    if noun == "hazard" and (verb or part or "for" in times):
        problems.append(Problem("hit-hazard", None, path, {"name": name}))
        return None
    how = "arrive" if noun == "hazard" else verb or ("hold" if noun == "domain" else "break")
    if "for" in times and how != "hold":
        problems.append(Problem("hit-for", None, path, {"name": name, "how": how}))
        return None
    share = _share(model, part, name, path, problems) if part else 1.0
    if share is None:
        return None
    read_times: dict[str, Duration] = {}
    for word, time in times.items():
        try:
            read_times[word] = units.read_duration(time)
        except units.BadValue:
            problems.append(Problem("hit-when", None, path, {"text": time, "word": word}))
            return None
    at_h = _mean(read_times.get("after")) or 0.0
    if noun == "hazard":
        return Strike(at_h, name, noun, how, name), None
    if noun == "component" and how == "break" and share == 1.0:
        return Strike(at_h, name, noun, how, None), None
    lasts = read_times.get("for")
    end = Until(plus=lasts or _NEVER) if how == "hold" else None
    hazard = Hazard(
        id=f"{HIT_PREFIX}{how}:{name}" + (f":{times['for']}" if lasts else "") + (f":{share:g}" if share < 1.0 else ""),
        strikes=(name,), lasts={}, effects=(Effect(how, Target((name,), share=share), until=end),),
    )  # fmt: skip
    return Strike(at_h, name, noun, how, hazard.id, _mean(lasts), share), hazard


def _share(model: Model, text: str, name: str, path: str, problems: list[Problem]) -> float | None:
    """The share that is struck, of what has parts; None, with what is wrong, where it is no share or there are none."""
    try:
        share = units.read_percent(text)
    except units.BadValue:
        share = 0.0
    if not 0.0 < share <= 1.0:
        problems.append(Problem("hit-share", None, path, {"text": text, "name": name}))
        return None
    if name in model.components and model.components[name].count == 1 and share < 1.0:
        problems.append(Problem("hit-one-part", None, path, {"name": name}))
        return None
    return share


def _words(model: Model, text: str) -> tuple[str | None, str, str, dict[str, str]]:
    """The verb, the share, the name, and the words after `for` and `after`; a name that holds such words is a name."""
    if _noun(model, text) is not None:
        return None, "", text, {}
    name, *rest = _TIMES.split(text)
    times = dict(zip(rest[::2], rest[1::2], strict=True))
    verb, _, tail = name.partition(" ")
    said = verb if verb in VERBS and tail and _noun(model, name) is None else None
    name = tail if said else name
    part = share_of(name) if _noun(model, name) is None else None
    return said, part[0] if part else "", part[1] if part else name, times


def _noun(model: Model, name: str) -> Noun | None:
    if name in model.hazards or name.startswith("common-cause:") and name in (shock for shock, _, _ in common_causes.shocks(model)):
        return "hazard"
    if name in model.components:
        return "component"
    return "domain" if name in model.domains else None


def _mean(duration: Duration | None) -> float | None:
    return None if duration is None else duration.mean()


# ----------------------------------------------------------------------------- what is given


def can_fail(component: Component) -> bool:
    """Whether a start of a component may fail: a standby's take-over, a start with a chance, one with hidden faults."""
    uncertain = component.start is not None and component.start.works is not None
    return component.standby is not None or uncertain or component.hidden is not None


def _given(model: Model, text: str, works: bool, problems: list[Problem]) -> list[Given]:
    name, tries = (text, None) if text in model.barriers or text in model.components else units.read_tries(text)
    path = f"--{'works' if works else 'fails'} {text}"
    if tries is not None and (works or name in model.barriers or not 1 <= tries <= MOST_TRIES):
        problems.append(Problem("given-tries", None, path, {"name": name, "most": MOST_TRIES}))
        return []
    if name in model.barriers:
        return [Given("barrier", name, works)]
    if name in model.components and can_fail(model.components[name]):
        return [Given("component", name, works, tries)]
    if name in model.components:
        problems.append(Problem("given-certain", None, path, {"name": name}))
        return []
    known = [*model.barriers, *(c.id for c in model.components.values() if can_fail(c))]
    values = {"name": name, "known": ", ".join(known[:12]) or "-"}
    problems.append(Problem("given-unknown", None, path, values, Nearest(known).to(name)))
    return []


def with_outcomes(model: Model, given: Sequence[Given]) -> Model:
    """The model in which these outcomes are certain. Everything else keeps its draws, so two such models can be compared.

    A start that fails is not tried again, unless it is said how many tries fail: the question is what happens without it.
    """
    barriers, components = dict(model.barriers), dict(model.components)
    for g in given:
        chance = Chance(Dist("point", float(g.works)), text="100%" if g.works else "0%")
        if g.noun == "barrier":
            barriers[g.name] = dataclasses.replace(barriers[g.name], works=chance, hidden=None)
        elif g.tries is not None:
            c = components[g.name]
            components[g.name] = dataclasses.replace(c, start=dataclasses.replace(c.start or Start(), first_fail=g.tries))
        else:
            c = components[g.name]
            start = dataclasses.replace(c.start or Start(), works=chance)
            if not g.works:
                start = dataclasses.replace(start, retry=_NEVER)
            components[g.name] = dataclasses.replace(c, start=start, hidden=None)
    return dataclasses.replace(model, barriers=barriers, components=components)
