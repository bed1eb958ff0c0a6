"""Complete models that ship: to start from, to read, and to test with.

The large ones are listed once in ``index.toml`` with their file, their title in both languages and the hazard to
rehearse first; such an example's folder belongs to it as a whole: two examples may share one. The mechanisms of
``mechanisms/`` are one small file each, and the folder is their list.
"""

from __future__ import annotations

import difflib
import errno
import functools
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent


class UnknownExample(LookupError):
    """No example of that name ships.

    Attributes
    ----------
    name : str
        What was asked for.
    nearest : str or None
        The shipped name most like it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = next(iter(difflib.get_close_matches(name, [*names(), *mechanisms()], 1)), None)


@dataclass(frozen=True, slots=True)
class About:
    """What an example is, in one language.

    Attributes
    ----------
    name : str
        Its name in the index.
    title : str
        One sentence on what it models.
    hazard : str
        The hazard to rehearse first.
    shows : str
        One sentence on what can be seen with it.
    """

    name: str
    title: str
    hazard: str
    shows: str


@functools.cache
def _index() -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / "index.toml").read_text(encoding="utf-8"))


def _entry(name: str) -> Mapping[str, Any]:
    if name not in _index():
        raise UnknownExample(name)
    return _index()[name]


def names() -> tuple[str, ...]:
    """Names of the large examples that ship, the easiest first."""
    return tuple(_index())


@functools.cache
def mechanisms() -> tuple[str, ...]:
    """Names of the small models that show one mechanism of large outages each, in their order: ``mechanisms/m01-...``."""
    return tuple(f"mechanisms/{file.stem}" for file in sorted((_FOLDER / "mechanisms").glob("m*.yaml")))


def ships(name: str) -> bool:
    """Whether an example of that name ships, large or small."""
    return name in names() or name in mechanisms()


def name_of(file: str) -> str | None:
    """The name of the example whose model file this is; None where none is.

    Examples
    --------
    >>> name_of(str(path("corner-shop")))
    'corner-shop'
    """
    return next((name for name in [*names(), *mechanisms()] if path(name) == Path(file).resolve()), None) if file else None


def path(name: str) -> Path:
    """The model file of an example.

    Raises
    ------
    UnknownExample
        If no such example ships.

    Examples
    --------
    >>> path("corner-shop").name
    'model.yaml'
    """
    if name in mechanisms():
        return _FOLDER / f"{name}.yaml"
    return _FOLDER / _entry(name)["file"]


def about(name: str, lang: str) -> About:
    """Title, hazard and purpose of a large example in language `lang` (``en`` or ``ko``).

    Raises
    ------
    UnknownExample
        If no such example ships.
    """
    entry = _entry(name)
    return About(name, entry["title"][lang], entry["hazard"], entry["shows"][lang])


def copy(name: str, folder: str | Path) -> Path:
    """Copy an example into `folder`, made if absent, and return the copied model file: all its files, or its only one.

    Nothing is overwritten: if one of the files is already there, nothing is copied at all.

    Raises
    ------
    UnknownExample
        If no such example ships.
    FileExistsError
        If a file of that name is already there; `filename` names it.
    """
    source = path(name)
    target = Path(folder)
    files = [source] if name in mechanisms() else sorted(f for f in source.parent.iterdir() if f.is_file())
    for file in files:
        if (target / file.name).exists():
            raise FileExistsError(errno.EEXIST, "", str(target / file.name))
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, target / file.name)
    return target / source.name
