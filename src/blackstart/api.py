"""Blackstart from Python: a model, what is asked of it, and the answer. The command line asks through these functions.

>>> import blackstart
>>> shop = blackstart.load("corner-shop")
>>> answer = blackstart.rehearse(shop, "fire@seoul-1", runs=1)
>>> answer.data["kind"]
'rehearsal'
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blackstart import checks, examples
from blackstart.checks import changes
from blackstart.errors import ModelError, Problem
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

        return report.text(self.data, lang)

    def page(self, lang: str = "en") -> str:
        """As one self-contained HTML page; a click on a number says where it comes from."""
        from blackstart import report

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
    if wrong := changes.errors(found.model, defences):
        raise ModelError(wrong, sources(found.model))
    return found


def warnings(loaded: Loaded) -> list[Problem]:
    """What is doubtful in a model, without being wrong; `str(ModelError(these))` shows them."""
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
    progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """What misfortunes do, step by step, until all is back: one course at typical values, and many runs by chance.

    Parameters
    ----------
    hits : str
        Hazards, components or domains that are struck, with `at`, `for` and share as on the command line.
    fails, works : sequence of str
        Barriers and take-overs whose outcome is given.
    """
    from blackstart.language import scenario
    from blackstart.studies import rehearsal

    asked = scenario.read(loaded.model, hits, fails, works)
    system = compiled(asked.model)
    played = rehearsal.play(asked, system, runs=runs, seed=seed, progress=progress)
    return Answer(rehearsal.rehearsal(asked, system, played, loaded.defences, noted(loaded.model)).as_dict())


def assess(
    loaded: Loaded, *, worlds: int = 200, samples: int = 200, method: str = "auto", seed: int = 1, threads: int | None = None,
    returns: bool = True, progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """Years of chance: how often each service is out, for how long, at what loss, with the band of what nobody knows.

    returns : with what brings each part back, step by step, which `Answer.page` tells behind a length
    """
    from blackstart.engines import simulate
    from blackstart.studies.results import assessment
    from blackstart.studies.returning import with_returns

    study = simulate.Study(worlds=worlds, samples=samples, seed=seed, method=method, threads=_threads(threads))
    system = compiled(loaded.model)
    sample = simulate.assess(system, study, progress, partial=True)
    result = assessment(loaded.model, system, sample, study, loaded.defences, noted(loaded.model))
    if returns:
        result = with_returns(result, loaded.model, system, sample, study)
    return Answer(result.as_dict(), result.episodes)


def overlaps(loaded: Loaded, *services: str, most: int = 40, seed: int = 1, progress: Progress | None = None) -> Answer:
    """Which overlaps of misfortune stop which service (all, unless some are named), how often and for how long."""
    from blackstart.studies.overlaps import Asked
    from blackstart.studies.overlaps import overlaps as found

    asked = Asked(services, most, seed)
    return Answer(found(loaded.model, compiled(loaded.model), asked, loaded.defences, progress, noted(loaded.model)).as_dict())


def worst(loaded: Loaded, *, progress: Progress | None = None, **asked: Any) -> Answer:
    """The worst that so many misfortunes can do, proven, whatever their rates. `asked`: fields of `planning.worst.Asked`."""
    from blackstart.planning.worst import Asked
    from blackstart.planning.worst import worst as found

    given = Asked(**asked)
    return Answer(found(loaded.model, compiled(loaded.model), given, loaded.defences, progress, noted(loaded.model)).as_dict())


def plan(
    loaded: Loaded, *, worlds: int = 40, samples: int = 10, seed: int = 1, threads: int | None = None, deep: bool = False,
    progress: Progress | None = None, beside: Progress | None = None, **asked: Any,
) -> Answer:  # fmt: skip
    """How far to defend: for every budget the best portfolio, and where the line is. `asked`: fields of `planning.plan.Asked`."""
    from blackstart.engines.simulate import Study
    from blackstart.planning import board
    from blackstart.planning import plan as plans

    study = Study(worlds=worlds, samples=samples, depth=1, seed=seed, threads=_threads(threads))
    result = plans.plan(loaded.base, plans.Asked(**asked), study, loaded.defences, progress, noted(loaded.base))
    return Answer(board.beside(loaded.base, result, loaded.defences, deep, beside).as_dict())


def reconstruct(
    loaded: Loaded, record: Record | str | Path | None = None, *, plays: int = 400, seed: int = 1, progress: Progress | None = None
) -> Answer:
    """What most likely happened in a recorded incident, and where record and model disagree.

    Parameters
    ----------
    record : Record or path, optional
        The record, or its file; unless given, `incident.yaml` beside the model.
    """
    from blackstart.incidents.reconstruction import reconstruct as found

    return Answer(found(loaded.model, _record(loaded, record), plays=plays, seed=seed, progress=progress).as_dict())


def attribute(
    loaded: Loaded, record: Record | str | Path | None = None, *, runs: int = 200, seed: int = 1, progress: Progress | None = None
) -> Answer:
    """The share of each misfortune, missing stage and decision in a recorded outage. `record` as in `reconstruct`."""
    from blackstart.incidents.attribution import attribute as found

    return Answer(found(loaded.model, _record(loaded, record), runs=runs, seed=seed, progress=progress).as_dict())


def _record(loaded: Loaded, record: Record | str | Path | None) -> Record:
    from blackstart.incidents import incident

    return record if isinstance(record, incident.Record) else incident.read(Path(record or Path(loaded.model.files[0]).parent))


def _threads(threads: int | None) -> int:
    return threads or os.cpu_count() or 1
