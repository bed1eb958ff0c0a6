"""A model as it stood at a revision of its git repository: the files of its folder, written out for the reader."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NoReturn

from blackstart.errors import ModelError, Problem, Where
from blackstart.language.tree.files import MOST_BYTES, MOST_FILES
from blackstart.nearest import Nearest

ENDINGS = (".yaml", ".yml", ".csv", ".tsv", ".md")  # what a model is read from, and the sources noted beside it
SECONDS = 60  # after which git is given up
_LINK = "120000"


@contextmanager
def checked_out(file: Path, revision: str) -> Iterator[Path]:
    """The file as it stood at a revision, with all models and tables of its folder, in a folder that goes again.

    Raises
    ------
    ModelError
        No git, no repository, no such revision, no such file in it, or a folder too large to be a model's.
    """
    top, inside = _place(file)
    commit = _commit(top, revision)
    folder = inside.parent.as_posix()
    rows = [row for row in _listed(top, commit, folder) if row[0].endswith(ENDINGS)]
    if inside.as_posix() not in (name for name, _ in rows):
        near = Nearest([name for name, _ in rows]).to(inside.as_posix())
        _refuse("git-no-file", near, name=inside.as_posix(), revision=revision)
    if len(rows) > MOST_FILES or sum(size for _, size in rows) > MOST_BYTES:
        _refuse("git-too-large", name=folder, files=MOST_FILES, mb=MOST_BYTES >> 20)
    with TemporaryDirectory() as temporary:
        for name, text in zip((name for name, _ in rows), _contents(top, commit, [n for n, _ in rows]), strict=True):
            target = Path(temporary) / PurePosixPath(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        try:
            yield Path(temporary) / inside
        except ModelError as wrong:
            raise _named(wrong, temporary, revision) from None


def two(text: str) -> tuple[str, str]:
    """The two revisions of `A..B`; `A..` and `A` alone mean A and the files as they lie in the folder (an empty second)."""
    first, dots, second = text.partition("..")
    if not first or second.startswith("."):
        _refuse("git-range", text=text)
    return first, second if dots else ""


def _git(folder: Path, *words: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *words]
    try:
        return subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        _refuse("git-missing")
    except subprocess.TimeoutExpired:
        _refuse("git-slow", seconds=SECONDS)


def _refuse(code: str, near: str | None = None, **values: object) -> NoReturn:
    raise ModelError([Problem(code, None, "", values, near)])


def _place(file: Path) -> tuple[Path, PurePosixPath]:
    """The top of the repository that a file lies in, and the file's path in it; the file itself may be gone by now."""
    folder = next((p for p in file.absolute().parents if p.is_dir()), Path.cwd())
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        _refuse("git-no-repository", name=str(file))
    top = Path(os.fsdecode(found.stdout.rstrip(b"\r\n"))).resolve()
    return top, PurePosixPath((file.absolute().parent.resolve() / file.name).relative_to(top).as_posix())


def _commit(top: Path, revision: str) -> str:
    found = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        names = _git(top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes").stdout
        _refuse("git-revision", Nearest(names.decode("utf-8", "replace").split()).to(revision), name=revision)
    return found.stdout.decode("ascii").strip()


def _listed(top: Path, commit: str, folder: str) -> list[tuple[str, int]]:
    """Names and sizes of the files under a folder of a commit; links are left out, as nothing outside may be read."""
    where = [] if folder == "." else ["--", f"{folder}/"]
    found = _git(top, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, *where)
    rows = []
    for line in found.stdout.split(b"\0"):
        head, _, name = line.partition(b"\t")
        words = head.split()
        if len(words) == 4 and words[1] == b"blob" and words[0].decode() != _LINK:
            rows.append((os.fsdecode(name), int(words[3])))
    return rows


def _contents(top: Path, commit: str, names: Sequence[str]) -> Iterable[bytes]:
    """The bytes of files of a commit, in one call of git."""
    asked = "".join(f"{commit}:{name}\n" for name in names)
    answer = _git(top, "cat-file", "--batch", given=os.fsencode(asked)).stdout
    at = 0
    for _ in names:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[-1])
        yield answer[end + 1 : end + 1 + size]
        at = end + 2 + size


def _named(wrong: ModelError, folder: str, revision: str) -> ModelError:
    """Problems that name the revision in the place of the folder that is gone by the time they are read."""
    folders = sorted({folder, os.path.realpath(folder)}, key=len, reverse=True)

    def name(file: str) -> str:
        for one in folders:
            if file.startswith(one):
                return f"{revision}:{Path(file[len(one):].lstrip('/' + os.sep)).as_posix()}"
        return file

    def moved(where: Where | None) -> Where | None:
        return None if where is None else where._replace(file=name(where.file))

    problems = [dataclasses.replace(p, where=moved(p.where)) for p in wrong.problems]
    return ModelError(problems, {name(file): text for file, text in wrong.sources.items()})
