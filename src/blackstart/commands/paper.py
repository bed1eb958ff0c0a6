"""The command `paper`: the white paper of one recorded incident, as a page, a PDF, or Markdown that a person can edit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blackstart import api, settings
from blackstart.commands.console import (
    LANG,
    SEED,
    THREADS,
    Command,
    Progress,
    Stop,
    checked,
    listed,
    many_samples,
    many_worlds,
    only_with,
    over,
    setting,
    write,
)  # fmt: skip
from blackstart.commands.incident import INCIDENT
from blackstart.errors import ModelError
from blackstart.language import amounts
from blackstart.language.model import Model
from blackstart.text import say

if TYPE_CHECKING:
    from blackstart.incidents import paper as papers

FORMS = ("html", "pdf", "md", "text", "json")
LEVELS = ("board", "regulator", "public")


@click.command(cls=Command, help=say("paper.help.main"))
@click.argument("model", metavar="MODEL")
@INCIDENT
@click.option("--format", "form", type=click.Choice(FORMS), default="html", show_default=True, help=say("paper.help.format"))
@click.option("--level", type=click.Choice(LEVELS), default="board", show_default=True, help=say("paper.help.level"))
@click.option("--edited", type=click.Path(exists=True, dir_okay=False), help=say("paper.help.edited"))
@click.option("--buy", multiple=True, callback=listed, metavar="DEFENCE", help=say("paper.help.buy"))
@click.option("--budget", metavar="AMOUNT", help=say("paper.help.budget"))
@click.option("--plan", type=click.Path(exists=True, dir_okay=False), help=say("paper.help.plan"))
@over(settings.PAPER, 10.0, "cli.help.over")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help=say("paper.help.fact"))
@click.option("--moment", "moments", multiple=True, metavar="NAME=TIME", help=say("paper.help.moment"))
@click.option("--fonts", multiple=True, type=click.Path(exists=True, file_okay=False), help=say("paper.help.fonts"))
@setting("--runs", of=settings.PAPER["runs"], default=200, help=say("paper.help.runs"))
@many_worlds(60)
@many_samples(60)
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
@SEED
@THREADS
def paper(
    model: str, file: str | None, form: str, level: str, edited: str | None, fonts: tuple[str, ...], output: str | None, lang: str,
    **asked: Any,
) -> None:  # fmt: skip
    from blackstart.incidents import paper as papers

    only_with(form == "pdf", lang, fonts="--fonts --format pdf")
    if form == "pdf" and output is None:
        raise Stop(say("paper.cli.needs_output", lang))
    if form == "json" and level != "board":
        raise Stop(say("paper.cli.json_is_whole", lang))
    read = checked(model, (), lang).model
    record = api.recorded(read, file)
    try:
        wanted = _asked(asked, read, lang)
        with Progress(say("paper.progress.rehearsal", lang), lang) as progress:
            made = papers.paper(read, record, wanted, lambda what, *many: progress.about(say(f"paper.progress.{what}", lang), *many))
        _tell(made.as_dict(), form, level, edited, [Path(folder) for folder in fonts], output, lang)
    except ModelError as wrong:
        raise ModelError(wrong.problems, {**api.sources(read), **wrong.sources}) from None


def _asked(options: Mapping[str, Any], read: Model, lang: str) -> papers.Asked:
    """What is asked of the paper, from the options of the command."""
    from blackstart.incidents import clocks
    from blackstart.incidents import paper as papers

    numbers = {name: options[name] for name in ("buy", "years", "worlds", "samples", "runs", "seed")}
    return papers.Asked(
        budget=amounts.read(options["budget"], read, "budget"), plan=_prepared(options["plan"], lang), threads=options["threads"],
        firm=clocks.facts(options["facts"]), moments=clocks.moments(options["moments"]), texts=api.noted(read), **numbers,
    )  # fmt: skip


def _prepared(file: str | None, lang: str) -> dict[str, Any] | None:
    """A result read from a file; whether it is a plan of this model is for the paper to say."""
    if file is None:
        return None
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not {"kind", "provenance", "frontier", "reading", "asked"} <= found.keys():
        raise Stop(say("paper.cli.no_plan", lang, name=file))
    return found


def _tell(
    result: dict[str, Any], form: str, level: str, edited: str | None, fonts: Sequence[Path], output: str | None, lang: str
) -> None:  # fmt: skip
    """The paper in one form and edition; what a person edited is kept, and what no longer holds in it is said on stderr."""
    from blackstart import report
    from blackstart.report import editable, outline, typeset

    if form == "json":
        write(json.dumps(result, ensure_ascii=False, allow_nan=False, indent=1), output, lang)
        return
    mine = editable.edits(Path(edited).read_text(encoding="utf-8")) if edited else {}
    told, flags = report.paper_outline(result, lang, level, mine)
    if edited:
        click.echo(say("paper.cli.kept", lang, n=len(editable.touched(told))), err=True)
    for flag in flags:
        said = say(f"paper.stale.{flag.kind}", lang, was=flag.was, now=flag.now)
        click.echo(say("paper.cli.stale", lang, id=flag.id, said=said), err=True)
    for lost in editable.without_place(told, mine):
        click.echo(say("paper.cli.unknown_edit", lang, id=lost), err=True)
    if form == "pdf":
        _write_bytes(typeset.pdf(told, lang, fonts), str(output), lang)
    elif form == "md":
        write(editable.text(told, lang, mine), output, lang)
    else:
        write(outline.as_text(told) if form == "text" else outline.as_page(told, lang), output, lang)


def _write_bytes(data: bytes, output: str, lang: str) -> None:
    try:
        target = Path(output)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=output, why=trouble.strerror or str(trouble))) from None
