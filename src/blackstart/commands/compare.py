"""The commands `compare`, `quiet` and `grow`: what a change does, what the years without change were worth, what to buy when."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from blackstart import api, settings
from blackstart.commands.console import (
    LANG,
    PAGE,
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
    options,
    over,
    setting,
    tell,
)  # fmt: skip
from blackstart.errors import ModelError, Problem
from blackstart.language import amounts
from blackstart.language.model import Model
from blackstart.text import say


@click.command(cls=Command, help=say("quiet.cli.help"))
@options(
    many_worlds(100),
    many_samples(100),
    PAGE, SEED, THREADS,
)  # fmt: skip
def quiet(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, worlds: int, samples: int, page: str | None,
    seed: int, threads: int,
) -> None:  # fmt: skip
    from blackstart.engines.simulate import Study
    from blackstart.planning.quiet import quiet as worth

    read = checked(model, (), lang).model
    checked(model, defences, lang, quiet=True)
    study = Study(worlds=worlds, samples=samples, seed=seed, threads=threads)
    with Progress(say("quiet.cli.playing", lang), lang) as progress:
        result = worth(read, study, defences, progress, api.noted(read))
    tell(result.as_dict(), form, output, page, lang)


@click.command(cls=Command, help=say("difference.cli.help"))
@click.argument("model", metavar="MODEL")
@click.argument("other", metavar="[OTHER]", required=False)
@click.option("--git", "revisions", metavar="A..B", help=say("difference.cli.git"))
@click.option("--with", "defences", multiple=True, callback=listed, metavar="DEFENCE", help=say("cli.help.with"))
@click.option("--gate", "gates", multiple=True, metavar="GATE", help=say("difference.cli.gate"))
@click.option("--strict", is_flag=True, help=say("difference.cli.strict"))
@click.option("--format", "form", type=click.Choice(["text", "json", "html", "md"]), default="text", show_default=True,
              help=say("cli.help.format"))  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
@many_worlds(200)
@many_samples(200)
@PAGE
@SEED
@THREADS
def compare(
    model: str, other: str | None, revisions: str | None, defences: tuple[str, ...], gates: tuple[str, ...], strict: bool, form: str,
    output: str | None, lang: str, worlds: int, samples: int, page: str | None, seed: int, threads: int,
) -> None:  # fmt: skip
    from blackstart.engines.simulate import Study
    from blackstart.language import gates as limits
    from blackstart.studies.difference import difference, sides

    only_with(bool(gates), lang, strict="--strict --gate")
    if (other is None) == (revisions is None):
        raise Stop(say("difference.cli.what", lang))
    study = Study(worlds=worlds, samples=samples, seed=seed, threads=threads)
    names, models = _two_models(model, other, revisions, defences, lang)
    asked = limits.read(gates, *models)
    before, after = sides(names, models, study)
    with Progress(say("cli.overlapping", lang), lang) as progress:
        result = difference(before, after, study, asked, defences, progress, api.noted(models[1])).as_dict()
    tell(result, form, output, page, lang)
    if any(g["state"] == "breached" or strict and g["state"] == "open" for g in result["gates"]):
        sys.exit(1)


@click.command(cls=Command, help=say("growth.cli.help"))
@options(
    over(settings.GROW, 5.0, "growth.cli.over"),
    click.option("--budget", metavar="MONEY", help=say("growth.cli.budget")),
    setting("--most", of=settings.GROW["most"], default=1000, help=say("growth.cli.most")),
    many_worlds(40),
    many_samples(40),
    PAGE, SEED, THREADS,
)  # fmt: skip
def grow(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, years: float, budget: str | None, most: int,
    worlds: int, samples: int, page: str | None, seed: int, threads: int,
) -> None:  # fmt: skip
    from blackstart.engines.simulate import Study
    from blackstart.planning.growth import Asked, growth

    read = checked(model, (), lang).model
    checked(model, defences, lang, quiet=True)
    study = Study(worlds=worlds, samples=samples, depth=1, seed=seed, threads=threads)
    asked = Asked(years, amounts.read(budget, read, "budget"), most)
    with Progress(say("growth.cli.judging", lang), lang) as progress:
        result = growth(read, asked, study, defences, progress, api.noted(read))
    tell(result.as_dict(), form, output, page, lang)


def _two_models(
    model: str, other: str | None, revisions: str | None, defences: Sequence[str], lang: str
) -> tuple[tuple[str, str], tuple[Model, Model]]:
    """Two models and what to call them: two files, or one file at two revisions (the second maybe as it lies here)."""
    from blackstart.language import load
    from blackstart.language import revisions as history

    if revisions is None:
        assert other is not None
        names = (model, other)
        models = [checked(name, defences, lang, quiet=number > 0).model for number, name in enumerate(names)]
    else:
        first, second = history.two(revisions)
        names = (f"{first}:{model}", f"{second}:{model}" if second else model)
        models = []
        for revision in (first, second):
            if not revision:
                models.append(checked(model, defences, lang).model)
                continue
            with history.checked_out(load.model_file(model), revision) as file:
                models.append(_sound(file, defences, lang))
    currencies = {m.currency for m in models if m.currency}
    if len(currencies) > 1:
        raise ModelError([Problem("compare-currency", None, "", {"before": models[0].currency, "after": models[1].currency})])
    return names, (models[0], models[1])


def _sound(file: Path, defences: Sequence[str], lang: str) -> Model:
    """A model that is not in the user's folder, read and checked; errors are raised, as only the caller knows its name."""
    from blackstart import checks
    from blackstart.language import load

    read = load.load(file, lang=lang)
    read = load.apply(read, defences) if defences else read
    if wrong := checks.errors(read):
        raise ModelError(wrong, api.sources(read))
    return read
