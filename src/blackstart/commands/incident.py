"""The commands `record`, `reconstruct` and `attribute`: an incident noted while it lasts, and what is made of the notes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from blackstart import api, errors, settings, units
from blackstart.commands.console import (
    LANG,
    PAGE,
    SEED,
    Command,
    Group,
    Progress,
    Stop,
    checked,
    formats,
    listed,
    options,
    setting,
    tell,
)  # fmt: skip
from blackstart.errors import ModelError, Problem
from blackstart.incidents import incident, journal, moments
from blackstart.incidents.incident import EVENTS, PEOPLE, UNITS, Record
from blackstart.language.model import Model
from blackstart.nearest import Nearest
from blackstart.text import say


def _help(key: str) -> str:
    return say(f"incident.help.{key}")


_AT = click.option("--at", help=_help("at"))
_WHO = (
    click.option("--by", help=_help("by")), click.option("--source", help=_help("source")),
    click.option("--confidence", help=_help("confidence")),
)  # fmt: skip
_MATTER = click.option("--matter", help=_help("matter"))
_WHAT = click.option("--what", help=_help("what"))


def _all(*decorators: Callable) -> Callable:
    def wrap(f: Callable) -> Callable:
        for decorator in reversed(decorators):
            f = decorator(f)
        return f

    return wrap


# ----------------------------------------------------------------------------- noting


@click.group(cls=Group, help=_help("record"))
def record() -> None:
    pass


@record.command(name="open", help=_help("open"))
@click.argument("file", type=click.Path(dir_okay=False))
@_all(*(click.option(f"--{key}", help=_help(key)) for key in ("model", "title", "zone", "began")))
@click.option("--hit", multiple=True, help=_help("hit"))
@LANG
def open_record(file: str, lang: str, hit: tuple[str, ...], **values: Any) -> None:
    _append(file, "header", {**values, "zone": values["zone"] or moments.zone_text(_now().tzinfo or datetime.UTC), "hit": list(hit)}, lang)


@record.command(help=_help("add"))
@click.argument("file", type=click.Path())
@click.argument("text", required=False)
@_all(_AT, _WHAT, click.option("--did", type=click.Choice(EVENTS), help=_help("did")), click.option("--is", "is_", help=_help("is")))
@_all(*_WHO, _MATTER, click.option("--corrects", help=_help("corrects")), LANG)
def add(file: str, lang: str, is_: str | None, **values: Any) -> None:
    _append(file, "observation", {**values, "is": is_}, lang)


@record.command(help=_help("person"))
@click.argument("file", type=click.Path())
@click.argument("text")
@click.option("--did", type=click.Choice(PEOPLE), required=True, help=_help("deed"))
@_all(_AT, *_WHO, click.option("--to", help=_help("to")), click.option("--about", multiple=True, callback=listed, help=_help("about")))
@_all(click.option("--on", help=_help("on")), click.option("--known", help=_help("known")), LANG)
def person(file: str, lang: str, about: tuple[str, ...], **values: Any) -> None:
    _append(file, "person", {**values, "about": list(about)}, lang)


@record.command(help=_help("loss"))
@click.argument("file", type=click.Path())
@click.argument("amount")
@click.argument("text", required=False)
@click.option("--unit", type=click.Choice(UNITS), help=_help("unit"))
@_all(_AT, _WHAT, *_WHO, _MATTER, LANG)
def loss(file: str, lang: str, **values: Any) -> None:
    _append(file, "loss", values, lang)


@record.command(help=_help("show"))
@click.argument("file", type=click.Path())
@formats()
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@PAGE
@LANG
def show(file: str, form: str, output: str | None, page: str | None, lang: str) -> None:
    from blackstart.incidents.recorded import recorded

    found = api.recorded_at(file)
    read = None if found.model is None else incident.prepared(checked(str(found.model), (), lang, quiet=True).model, found)
    tell(recorded(found, read).as_dict(), form, output, page, lang)


def _append(file: str, kind: str, values: Mapping[str, Any], lang: str) -> None:
    """Writes one entry, and says so only when it is on the disk. What can still be noted is not refused."""
    path = _journal(Path(file), lang)
    known = _so_far(path)
    now = _now().isoformat(timespec="seconds")
    try:
        if kind != "header":
            values = {**values, **_dated(values, known, now, kind, lang)}
        entry = incident.entry(kind, values, now)
        path.parent.mkdir(parents=True, exist_ok=True)
        done = journal.append(path, entry)
    except journal.TooLong:
        raise Stop(say("incident.told.full", lang, file=str(path))) from None
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=str(path), why=trouble.strerror or str(trouble))) from None
    click.echo(say("incident.told.acknowledged", lang, n=done.number, digest=done.digest, file=str(path)))
    _say_unknown(known, values, lang)


def _now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


def _journal(path: Path, lang: str) -> Path:
    """The journal to append to: the file itself, or the one that a record names."""
    if path.suffix == journal.SUFFIX:
        return path
    found = api.recorded_at(path)
    if found.log is None:
        raise Stop(say("incident.told.no-log", lang, file=str(path)))
    return found.log


def _so_far(path: Path) -> Record | None:
    """The journal as it stands; None if there is none or it cannot be read: a note is taken all the same."""
    try:
        return incident.read(path) if path.exists() else None
    except ModelError:
        return None


def _dated(values: Mapping[str, Any], known: Record | None, now: str, kind: str, lang: str) -> dict[str, Any]:
    """When an entry is of. A time that cannot be read does not cost the note: it is kept in words, and the entry is of now or before."""
    at = values.get("at")
    if at is None:
        return {} if kind == "loss" else {"at": now}
    try:
        return {"at": _moment(at, known)}
    except units.BadValue as bad:
        why = errors.what(Problem(bad.code, None, "--at", bad.values), lang)
        click.echo(say("incident.told.at-unread", lang, why=why, now=now), err=True)
        return {"at": f"..{now}", "text": f"{values.get('text') or ''} (--at {at})".strip()}


def _moment(text: str, known: Record | None) -> str:
    """A time as the journal keeps it: with its zone, the machine's unless the record has one.

    Raises
    ------
    BadValue
        It cannot be read.
    """
    zone = known.zone if known is not None else _now().tzinfo or datetime.UTC
    span = moments.read_moment(text, zone, known.began if known is not None else None, moments.in_hours(_now()))
    first, last = (moments.iso(t, zone) or "" for t in span)
    return first if first == last else f"{first}..{last}"


def _say_unknown(known: Record | None, values: Mapping[str, Any], lang: str) -> None:
    """A name that the record's model does not have is said, after it was noted."""
    from blackstart.language import load

    names = [name for name in (values.get("what"), *values.get("about", ())) if name and name != "all"]
    if known is None or known.model is None or not names:
        return
    try:
        read = load.load(known.model, lang=lang)
    except ModelError:
        return
    everything = [*read.components, *read.hazards, *read.barriers, *read.domains, *read.teams, *read.defences]
    for name in names:
        if incident.noun_of(read, name) is None:
            near = Nearest(everything).to(name) or "-"
            click.echo(say("incident.told.not-in-model", lang, name=name, near=near), err=True)


# ----------------------------------------------------------------------------- asking


INCIDENT = click.option("--incident", "file", type=click.Path(), help=_help("incident"))


@click.command(cls=Command, help=_help("reconstruct"))
@options(INCIDENT, setting("--plays", of=settings.RECONSTRUCT["plays"], default=400, help=_help("plays")), PAGE, SEED)
def reconstruct(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, file: str | None, plays: int, page: str | None,
    seed: int,
) -> None:  # fmt: skip
    _asked(api.reconstruct, model, defences, file, "ranking", (form, output, page), lang, plays=plays, seed=seed)


@click.command(cls=Command, help=_help("attribute"))
@options(INCIDENT, setting("--runs", of=settings.ATTRIBUTE["runs"], default=200, help=_help("runs")), PAGE, SEED)
def attribute(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, file: str | None, runs: int, page: str | None,
    seed: int,
) -> None:  # fmt: skip
    _asked(api.attribute, model, defences, file, "sharing", (form, output, page), lang, runs=runs, seed=seed)


def _asked(
    answer: Callable, model: str, defences: tuple[str, ...], file: str | None, what: str, out: tuple[str, str | None, str | None],
    lang: str, **study: int,
) -> None:  # fmt: skip
    loaded = checked(model, defences, lang)
    with Progress(say(f"incident.told.{what}", lang), lang) as progress:
        tell(answer(loaded, file, progress=progress, **study).data, *out, lang)


def remarks_beside(read: Model) -> list[tuple[Problem, str]]:
    """What of the record beside a model can hardly be meant, with its severity; whoever asks for the record hears what is wrong with it."""
    from blackstart.incidents import outage, recorded
    from blackstart.report.recorded import remark_values

    path = incident.find(Path(read.files[0]).parent)
    try:
        found = incident.read(path) if path.is_file() else None
    except ModelError:
        return []
    if found is None or (found.model or Path()).name != Path(read.files[0]).name:
        return []
    nodes = {row.id: row.node for row in found.observations}
    rows = outage.remarks(found, recorded.own_services(found, read))
    problems = [Problem(f"incident-{row['kind']}", getattr(nodes.get(next(iter(row["ids"]), "")), "where", None), path.name,
                        remark_values(row)) for row in rows]  # fmt: skip
    return [(problem, outage.SEVERITY[problem.code]) for problem in problems]
