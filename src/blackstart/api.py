"""Blackstart from Python: a model, what is asked of it, and the answer. The command line asks through these functions.

>>> import blackstart
>>> shop = blackstart.load("corner-shop")
>>> answer = blackstart.rehearse(shop, "fire@seoul-1", runs=1)
>>> answer.data["kind"]
'rehearsal'
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from blackstart import checks, examples, settings
from blackstart.checks import changes
from blackstart.errors import ModelError, Problem
from blackstart.language import amounts
from blackstart.language import load as language
from blackstart.language.model import Model
from blackstart.nearest import Nearest
from blackstart.system import System

if TYPE_CHECKING:
    from blackstart.incidents.incident import Record

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is fit to be computed.

    Attributes
    ----------
    base : Model
        As its files say.
    model : Model
        With `defences` added to it.
    defences : tuple of str
    """

    base: Model
    model: Model
    defences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes
    ----------
    data : mapping
        What `--format json` writes (docs/reference/result.schema.json), the same bytes for the same model, settings and seed.
    episodes : Episodes or None
        The weighted losses behind an assessment, for `exchange.ord`.
    """

    data: dict[str, Any]
    episodes: Any = None

    def text(self, lang: str = "en") -> str:
        """As a terminal shows it, in English (``en``) or Korean (``ko``)."""
        from blackstart import report

        settings.read(settings.TELL, locals())
        return report.text(self.data, lang)

    def page(self, lang: str = "en") -> str:
        """As one self-contained HTML page; a click on a number says where it comes from."""
        from blackstart import report

        settings.read(settings.TELL, locals())
        return report.page(self.data, lang)

    def __str__(self) -> str:
        return self.text()


# ----------------------------------------------------------------------------- a model


def find(model: str | Path) -> Path:
    """The model's file or folder: the path itself, or that of a shipped example of this name.

    Raises
    ------
    ModelError
        Nothing of this name is there, and it is no path that a reader could say more about.
    """
    name = str(model)
    if os.path.exists(name) or Path(name).suffix:  # `exists` is false for what cannot be a name at all, where Path raises
        return Path(name)
    if examples.ships(name):
        return examples.path(name)
    shipped = [*examples.names(), *examples.mechanisms()]
    raise ModelError([Problem("no-model", None, "", {"name": name, "known": ", ".join(examples.names())}, Nearest(shipped).to(name))])


def read(model: str | Path, defences: Sequence[str] = (), *, history: str | Path | None = None, lang: str = "en") -> Loaded:
    """A model as `load` reads it, before its checks."""
    defences = settings.read(settings.LOAD, locals())["defences"]
    base = language.load(find(model), lang=lang, history=history)
    return Loaded(base, language.apply(base, defences) if defences else base, tuple(defences))


def load(model: str | Path, defences: Sequence[str] = (), *, history: str | Path | None = None, lang: str = "en") -> Loaded:
    """Read and check a model: a file, a folder, or the name of a shipped example.

    Parameters
    ----------
    defences : sequence of str
        Defences of the model that are added to it.
    history : path, optional
        The firm's own history beside the model (docs/explanation/evidence.md); that which the model names goes without saying.
    lang : str
        Language of messages, ``en`` or ``ko``.

    Raises
    ------
    ModelError
        All that is wrong, with place, reason and hint; its text says so.
    """
    found = read(model, defences, history=history, lang=lang)
    if wrong := changes.errors(found.model, found.defences):
        raise ModelError(wrong, sources(found.model))
    return found


def warnings(loaded: Loaded) -> list[Problem]:
    """What is doubtful in a model, without being wrong; `str(ModelError(these))` shows them."""
    _given({}, locals())
    found, _ = checks.apart(loaded.model, checks.check(loaded.model))
    return [p for p in found if checks.severity(p) == "warning"]


def sources(model: Model) -> dict[str, str]:
    """The text of each file of a model, by name."""
    return {name: text for name in model.files if (text := _text(Path(name), "utf-8-sig", "strict")) is not None}


def noted(model: Model) -> dict[str, str]:
    """The texts of a model's files, and of the lists of sources (`sources.md`, `sources.ko.md`) beside them."""
    folders = {Path(name).parent for name in model.files}
    lists = sorted(file for folder in folders for form in ("sources.md", "sources.??.md") for file in folder.glob(form))
    beside = {str(file): text for file in lists if (text := _text(file, "utf-8", "replace")) is not None}
    return sources(model) | beside


def _text(file: Path, encoding: str, errors: str) -> str | None:
    try:
        return file.read_text(encoding=encoding, errors=errors)
    except OSError:
        return None


def compiled(model: Model) -> System:
    """Raises ModelError where a model has no meaning that could be computed."""
    from blackstart.compilation import compile_model

    try:
        return compile_model(model)
    except ModelError as never:
        raise ModelError(never.problems, sources(model)) from None


# ----------------------------------------------------------------------------- what is asked of it


def rehearse(
    loaded: Loaded, *hits: str, fails: Sequence[str] = (), works: Sequence[str] = (), runs: int = 200, seed: int = 1,
    partial: bool = False, progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """What misfortunes do, step by step, until all is back: one course at typical values, and many runs by chance.

    Parameters
    ----------
    hits : str
        Hazards, components or domains that are struck, with `at`, `for` and share as on the command line.
    fails, works : sequence of str
        Barriers and take-overs whose outcome is given.
    partial : bool
        Ctrl-C answers with the runs that are finished, and the outcome says so; else it goes on to the caller.

    Raises
    ------
    ModelError
        Nothing strikes, a word means nothing in this model, or a setting cannot be what is given; so do all functions below.
    """
    from blackstart.language import scenario
    from blackstart.studies import rehearsal

    given = _given(settings.REHEARSE, locals())
    if not hits:
        known = ", ".join(list(loaded.model.hazards)[:12]) or "-"
        raise ModelError([Problem("no-hit", None, "hits", {"hazards": known})])
    asked = scenario.read(loaded.model, given["hits"], given["fails"], given["works"])
    system = compiled(asked.model)
    played = rehearsal.play(asked, system, runs=given["runs"], seed=given["seed"], progress=progress, partial=partial)
    return Answer(rehearsal.rehearsal(asked, system, played, loaded.defences, noted(loaded.model)).as_dict())


def assess(
    loaded: Loaded, *, worlds: int = 200, samples: int = 200, method: Literal["auto", "episodes", "years"] = "auto", seed: int = 1,
    threads: int | None = None, returns: bool = True, partial: bool = False, progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """Years of chance: how often each service is out, for how long, at what loss, with the band of what nobody knows.

    Parameters
    ----------
    worlds, samples : int
        Possible worlds (what nobody knows), and episodes in each (chance).
    threads : int, optional
        Cores to use: all that this process may, unless given. The answer does not depend on it.
    returns : bool
        With what brings each part back, step by step, which `Answer.page` tells behind a length.
    partial : bool
        Ctrl-C answers with the worlds that are finished, and the outcome says so; else it goes on to the caller.
    """
    from blackstart.engines import simulate
    from blackstart.studies.results import assessment
    from blackstart.studies.returning import with_returns

    given = _given(settings.ASSESS, locals())
    study = simulate.Study(method=given["method"], **_carefully(given))
    system = compiled(loaded.model)
    sample = simulate.assess(system, study, progress, partial=partial)
    result = assessment(loaded.model, system, sample, study, loaded.defences, noted(loaded.model))
    if returns:
        result = with_returns(result, loaded.model, system, sample, study)
    return Answer(result.as_dict(), result.episodes)


def overlaps(loaded: Loaded, *services: str, most: int = 40, seed: int = 1, progress: Progress | None = None) -> Answer:
    """Which overlaps of misfortune stop which service (all, unless some are named), how often and for how long.

    most : of the likeliest overlaps of each service, so many are looked at
    """
    from blackstart.studies.overlaps import Asked
    from blackstart.studies.overlaps import overlaps as found

    given = _given(settings.OVERLAPS, locals())
    known_services(loaded.model, services)
    asked = Asked(given["services"], given["most"], given["seed"])
    return Answer(found(loaded.model, compiled(loaded.model), asked, loaded.defences, progress, noted(loaded.model)).as_dict())


def worst(
    loaded: Loaded, *, most: int = 3, on_demand: Literal["counted", "works", "fails"] = "counted", together: int | None = None,
    promise: float | str | None = None, budget: float | str | None = None, against: int = 2, years: float = 10.0, seed: int = 1,
    partial: bool = False, progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """The worst that so many misfortunes can do, proven, whatever their rates.

    Parameters
    ----------
    most, on_demand, together :
        As in `planning.worst.Asked`.
    promise, budget : float or str, optional
        The expected loss a year that is not to be passed; what may be spent on defences against `against` misfortunes at once,
        once and in `years` years. Numbers count in the model's currency; a text says its own (``2 bn KRW``).
    partial : bool
        Ctrl-C while defences are sought answers with the worst overlaps, which are proven by then; else it goes on to the caller.
    """
    from blackstart.planning.worst import Asked
    from blackstart.planning.worst import worst as found

    given = _given(settings.WORST, locals())
    unpriced = not any(c.loss for c in loaded.model.services)
    asked = Asked(
        promise=amounts.read(promise, loaded.model, "promise", plain=unpriced), budget=amounts.read(budget, loaded.model, "budget"),
        **{name: given[name] for name in ("most", "on_demand", "together", "against", "years", "seed")},
    )  # fmt: skip
    result = found(loaded.model, compiled(loaded.model), asked, loaded.defences, progress, noted(loaded.model), partial=partial)
    return Answer(result.as_dict())


def plan(
    loaded: Loaded, *, objective: Literal["loss", "tvar", "user-hours", "hours"] = "loss", years: float = 10.0, discount: float = 0.0,
    gross: float = 3.0, accepted_years: float = 100.0, tail_years: float = 100.0, budget: float | str | None = None, cuts: bool = False,
    most: int = 2000, worlds: int = 40, samples: int = 10, seed: int = 1, threads: int | None = None, deep: bool = False,
    progress: Progress | None = None, beside: Progress | None = None,
) -> Answer:  # fmt: skip
    """How far to defend: for every budget the best portfolio, and where the line is.

    Parameters
    ----------
    objective, years, discount, gross, accepted_years, tail_years, most, cuts :
        As in `planning.plan.Asked`.
    budget : float or str, optional
        What may be spent over the years, once and running: in the model's currency, or a text that says its own (``2 bn KRW``).
    deep : bool
        With the worst overlap and the band of dependence beside each portfolio that is told.
    beside : function, optional
        As `progress`, for what stands beside the portfolios.
    """
    from blackstart.engines.simulate import Study
    from blackstart.planning import board
    from blackstart.planning import plan as plans

    given = _given(settings.PLAN, locals())
    wanted = ("objective", "years", "discount", "gross", "accepted_years", "tail_years", "most", "cuts")
    asked = plans.Asked(budget=amounts.read(budget, loaded.base, "budget"), **{name: given[name] for name in wanted})
    result = plans.plan(loaded.base, asked, Study(depth=1, **_carefully(given)), loaded.defences, progress, noted(loaded.base))
    return Answer(board.beside(loaded.base, result, loaded.defences, deep, beside).as_dict())


def reconstruct(
    loaded: Loaded, record: Record | str | Path | None = None, *, plays: int = 400, seed: int = 1, progress: Progress | None = None
) -> Answer:
    """What most likely happened in a recorded incident, and where record and model disagree.

    Parameters
    ----------
    record : Record or path, optional
        The record, its file or folder, or a shipped example of that name; unless given, that beside the model which is about it.
    """
    from blackstart.incidents.reconstruction import reconstruct as found

    given = _given(settings.RECONSTRUCT, locals())
    about = recorded(loaded.model, record)
    return Answer(found(loaded.model, about, plays=given["plays"], seed=given["seed"], progress=progress).as_dict())


def attribute(
    loaded: Loaded, record: Record | str | Path | None = None, *, runs: int = 200, seed: int = 1, progress: Progress | None = None
) -> Answer:
    """The share of each misfortune, missing stage and decision in a recorded outage. `record` as in `reconstruct`."""
    from blackstart.incidents.attribution import attribute as found

    given = _given(settings.ATTRIBUTE, locals())
    about = recorded(loaded.model, record)
    return Answer(found(loaded.model, about, runs=given["runs"], seed=given["seed"], progress=progress).as_dict())


# ----------------------------------------------------------------------------- what is given


def known_services(model: Model, services: Sequence[str]) -> None:
    """Raises ModelError where a service is named that the model does not have."""
    known = [c.id for c in model.services]
    wrong = [name for name in services if name not in known]
    if wrong:
        raise ModelError([Problem("no-such-service", None, "services", {"name": name}, Nearest(known).to(name)) for name in wrong])


def recorded(model: Model, record: Record | str | Path | None) -> Record:
    """The record that is named, or the one beside the model that is about it; raises ModelError where there is none."""
    from blackstart.incidents import incident

    settings.read({"record": settings.Thing((incident.Record, str, os.PathLike), "record")}, locals())
    if isinstance(record, incident.Record):
        return record
    if record is not None:
        return recorded_at(record)
    path = incident.find(Path(model.files[0]).parent)
    beside = recorded_at(path) if path.is_file() else None
    if beside is None or (beside.model or Path()).name != Path(model.files[0]).name:
        raise ModelError([Problem("record-which", None, "record")])
    return beside


def recorded_at(place: str | Path) -> Record:
    """The record in a file or a folder, or that of a shipped example by its name."""
    from blackstart.incidents import incident

    name = str(place)
    path = incident.find(examples.path(name).parent if examples.ships(name) and not os.path.exists(name) else Path(name))
    if not os.path.isfile(path):
        raise ModelError([Problem("no-record", None, "record", {"file": str(path)})])
    return incident.read(path)


def _given(asked: Mapping[str, settings.Setting], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among a function's arguments, each one that its table allows."""
    return settings.read({"loaded": settings.Thing((Loaded,), "loaded", optional=False), **asked}, arguments)


def _carefully(given: Mapping[str, Any]) -> dict[str, Any]:
    """How carefully a study is done, as `Study` takes it."""
    return {name: given[name] for name in ("worlds", "samples", "seed")} | {"threads": given["threads"] or settings.cores()}
