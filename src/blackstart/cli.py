"""The command line: check, rehearse, assess, new. The only place that reads the clock, the locale and the terminal.

Exit codes: 0 done · 1 a gate the user asked for was breached · 2 the model or the usage is wrong · 3 our fault.
Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from blackstart import errors, examples
from blackstart.errors import ModelError
from blackstart.model import Model, shown_text
from blackstart.nearest import Nearest
from blackstart.text import say
from blackstart.version import __version__

FORMATS = click.Choice(["text", "json", "html"])
LONG_RUN_S = 1.0  # after which progress is shown


class Stop(click.ClickException):
    """A problem of usage, already in the user's language."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


# ----------------------------------------------------------------------------- common options


def _language(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value:
        return value
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ko" if os.environ[name].lower().startswith("ko") else "en"
    return "en"


def _listed(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Names given one by one, or several with commas between: no name holds a comma."""
    return tuple(name.strip() for text in value for name in text.split(",") if name.strip())


def _options(*more: Callable) -> Callable:
    """Options that all commands on a model share, then those of one command."""

    def wrap(f: Callable) -> Callable:
        common = [
            click.argument("model", metavar="MODEL"),
            click.option("--with", "defences", multiple=True, callback=_listed, metavar="DEFENCE", help=say("cli.help.with")),
            click.option("--format", "form", type=FORMATS, default="text", show_default=True, help=say("cli.help.format")),
            click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output")),
            click.option("--lang", type=click.Choice(["en", "ko"]), callback=_language, help=say("cli.help.lang")),
        ]
        for option in reversed([*common, *more]):
            f = option(f)
        return f

    return wrap


_PAGE = click.option("--page", type=click.Path(dir_okay=False), help=say("cli.help.page"))
_SEED = click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help=say("cli.help.seed"))
_THREADS = click.option("--threads", type=click.IntRange(1, 256), default=None, help=say("cli.help.threads"))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, help=say("cli.help.main"))
@click.version_option(__version__, prog_name="blackstart")
def main() -> None:
    pass


# ----------------------------------------------------------------------------- commands


@main.command(help=say("cli.help.check"))
@_options()
def check(model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str) -> None:
    from blackstart import checks

    read, sources = _read(model, defences, lang)
    found = checks.check(read)
    rows = [{**row, "severity": checks.severity(p)} for row, p in zip(errors.as_json(found, lang), found, strict=True)]
    wrong = sum(r["severity"] == "error" for r in rows)
    if form == "json":
        _write(json.dumps({"schema_version": "1", "kind": "check", "problems": rows, "defaults": len(read.defaults)},
                          ensure_ascii=False, indent=1), output, lang)  # fmt: skip
    elif form == "html":
        raise Stop(say("cli.no-page-for-check", lang))
    else:
        if found:
            _write(errors.render(found, lang, sources), output, lang)
        counts = {kind: sum(r["severity"] == kind for r in rows) for kind in ("error", "warning", "note")}
        summary = say(
            "cli.checked", lang, title=shown_text(read.title, lang) or model, components=len(read.components),
            services=len(read.services), hazards=len(read.hazards), defaults=len(read.defaults), errors=counts["error"],
            warnings=counts["warning"], notes=counts["note"],
        )  # fmt: skip
        click.echo(summary, err=output is not None)
    if wrong:
        sys.exit(2)


@main.command(help=say("cli.help.rehearse"))
@_options(
    click.option("--hit", "hits", multiple=True, metavar="WHAT", help=say("cli.help.hit")),
    click.option("--fails", multiple=True, callback=_listed, metavar="NAME", help=say("cli.help.fails")),
    click.option("--works", multiple=True, callback=_listed, metavar="NAME", help=say("cli.help.works")),
    click.option("--runs", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help=say("cli.help.runs")),
    _PAGE, _SEED,
)  # fmt: skip
def rehearse(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, hits: tuple[str, ...], fails: tuple[str, ...],
    works: tuple[str, ...], runs: int, page: str | None, seed: int,
) -> None:  # fmt: skip
    from blackstart import rehearsal, scenario

    read, sources = _checked(model, defences, lang)
    if not hits and model in examples.names() and examples.about(model, lang).hazard:
        hits = (examples.about(model, lang).hazard,)
    if not hits:
        raise Stop(say("cli.hit-what", lang, hazards=", ".join(list(read.hazards)[:12]) or "-"))
    try:
        asked = scenario.read(read, hits, fails, works)
    except ModelError as wrong:
        _refuse(wrong, lang)
    system = _compiled(asked.model, sources, lang)
    with _Progress(say("cli.rehearsing", lang), lang) as progress:
        played = rehearsal.play(asked, system, runs=runs, seed=seed, progress=progress)
    if played.many is not None and played.many.interrupted:
        _say_stopped(played.many.worlds, runs, lang)
    _tell(rehearsal.rehearsal(asked, system, played, defences).as_dict(), form, output, page, lang)


@main.command(help=say("cli.help.assess"))
@_options(
    click.option("--worlds", type=click.IntRange(2, 100_000), default=200, show_default=True, help=say("cli.help.worlds")),
    click.option("--samples", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help=say("cli.help.samples")),
    click.option("--method", type=click.Choice(["auto", "episodes", "years"]), default="auto", show_default=True,
                 help=say("cli.help.method")),
    click.option("--tables", type=click.Path(file_okay=False), help=say("cli.help.tables")),
    click.option("--table-form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help=say("cli.help.table-form")),
    _PAGE, _SEED, _THREADS,
)  # fmt: skip
def assess(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, worlds: int, samples: int, method: str,
    tables: str | None, table_form: str, page: str | None, seed: int, threads: int | None,
) -> None:  # fmt: skip
    from blackstart.engines import simulate
    from blackstart.results import assessment

    read, sources = _checked(model, defences, lang)
    system = _compiled(read, sources, lang)
    study = simulate.Study(worlds=worlds, samples=samples, seed=seed, method=method, threads=threads or os.cpu_count() or 1)
    with _Progress(say("cli.assessing", lang), lang) as progress:
        sample = simulate.assess(system, study, progress)
    if sample.worlds == 0:
        raise Stop(say("cli.nothing-known-yet", lang))
    result = assessment(read, system, sample, study, defences)
    _tell(result.as_dict(), form, output, page, lang)
    if tables:
        _write_tables(result.episodes, sample.years > 0, Path(tables), table_form, seed, lang)


@main.command(help=say("cli.help.new"))
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
@click.option("--from", "example", default="corner-shop", show_default=True, help=say("cli.help.from"))
@click.option("--lang", type=click.Choice(["en", "ko"]), callback=_language, help=say("cli.help.lang"))
def new(directory: str, example: str, lang: str) -> None:
    if not examples.ships(example):
        small = examples.mechanisms()
        near = Nearest([*examples.names(), *small]).to(example)
        known = ", ".join([*examples.names(), f"{small[0]} … {small[-1]}"])
        raise Stop(say("cli.no-such-example", lang, name=example, known=known, near=near or "-"))
    try:
        written = examples.copy(example, directory)
    except FileExistsError as clash:
        raise Stop(say("cli.would-overwrite", lang, name=str(clash.filename))) from None
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=directory, why=trouble.strerror or str(trouble))) from None
    click.echo(say("cli.copied", lang, name=example, file=str(written)))


# ----------------------------------------------------------------------------- pieces


def _read(model: str, defences: Sequence[str], lang: str) -> tuple[Model, dict[str, str]]:
    from blackstart import load

    path = Path(model)
    if not path.exists() and examples.ships(model):
        path = examples.path(model)
    try:
        read = load.load(path, lang=lang)
        if defences:
            read = load.apply(read, defences)
    except ModelError as wrong:
        _refuse(wrong, lang)
    return read, _sources(read)


def _sources(read: Model) -> dict[str, str]:
    found = {}
    for name in read.files:
        try:
            found[name] = Path(name).read_text(encoding="utf-8-sig")
        except OSError:
            continue
    return found


def _refuse(wrong: ModelError, lang: str) -> NoReturn:
    click.echo(errors.render(wrong.problems, lang, wrong.sources), err=True)
    sys.exit(2)


def _checked(model: str, defences: Sequence[str], lang: str) -> tuple[Model, dict[str, str]]:
    """Read and check; errors of the checks end the command, warnings are counted."""
    from blackstart import checks

    read, sources = _read(model, defences, lang)
    found = checks.check(read)
    wrong = [p for p in found if checks.severity(p) == "error"]
    if wrong:
        _refuse(ModelError(wrong, sources), lang)
    warnings = sum(checks.severity(p) == "warning" for p in found)
    if warnings:
        click.echo(say("cli.warnings", lang, n=warnings, model=model), err=True)
    return read, sources


def _compiled(read: Model, sources: dict[str, str], lang: str) -> Any:
    from blackstart.system import compile_model

    try:
        return compile_model(read)
    except ModelError as never:
        _refuse(ModelError(never.problems, sources), lang)


def _say_stopped(done: int, of: int, lang: str) -> None:
    click.echo(say("cli.stopped", lang, done=done, of=of), err=True)


def _tell(result: dict[str, Any], form: str, output: str | None, page: str | None, lang: str) -> None:
    from blackstart import report

    if form == "json":
        _write(json.dumps(result, ensure_ascii=False, allow_nan=False, indent=1), output, lang)
    else:
        _write(report.text(result, lang) if form == "text" else report.page(result, lang), output, lang)
    if page:
        _write(report.page(result, lang), page, lang)
        click.echo(say("cli.page-written", lang, file=page), err=True)


def _write_tables(episodes: Any, plain_years: bool, folder: Path, form: str, seed: int, lang: str) -> None:
    """Tables of Open Results Data; only episodes are events with a rate, plain years are not."""
    from blackstart.exchange import ord as open_results

    if plain_years:
        raise Stop(say("cli.tables-need-episodes", lang))
    losses = open_results.Losses(  # rates that add up to the mean over all worlds
        episodes.rate / episodes.worlds, episodes.first, episodes.loss[:, None], episodes.items, ("total",), episodes.world,
        episodes.worlds,
    )  # fmt: skip
    try:
        written = open_results.write(folder, open_results.tables(losses, seed=seed), form=form)
    except ModelError as wrong:
        _refuse(wrong, lang)
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=str(folder), why=trouble.strerror or str(trouble))) from None
    click.echo(say("cli.tables-written", lang, n=len(written), folder=str(folder)), err=True)


def _write(text: str, output: str | None, lang: str) -> None:
    try:
        if output is None:
            click.echo(text)
            return
        target = Path(output)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as trouble:
        name = output or "stdout"
        raise Stop(say("cli.cannot-write", lang, name=name, why=trouble.strerror or str(trouble))) from None


class _Progress:
    """A line on stderr with an estimate of the time left; silent where stderr is not a terminal."""

    def __init__(self, what: str, lang: str) -> None:
        self.what, self.lang = what, lang
        self.shown = sys.stderr.isatty()
        self.begun = self.last = time.monotonic()

    def __enter__(self) -> _Progress:
        return self

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if not self.shown or now - self.begun < LONG_RUN_S or now - self.last < 0.2:
            return
        self.last = now
        left = (now - self.begun) * (of - done) / max(1, done)
        click.echo("\r" + say("cli.progress", self.lang, what=self.what, done=done, of=of, left=f"{left:.0f}") + "  ", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self.shown and self.last > self.begun:
            click.echo("\r" + " " * 78 + "\r", err=True, nl=False)


def run() -> None:
    """Entry point: a bug says that it is ours and leaves a file to replay it."""
    try:
        main(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (KeyboardInterrupt, BrokenPipeError, click.exceptions.Abort):
        sys.exit(130)
    except Exception:  # noqa: BLE001 - the last line of defence
        lang = _language(None, None, None)  # type: ignore[arg-type]
        replay = Path("blackstart-bug.txt")
        try:
            replay.write_text(f"blackstart {__version__}\n{sys.argv!r}\n{traceback.format_exc()}", encoding="utf-8")
        except OSError:
            replay = Path("-")
        click.echo(say("cli.bug", lang, file=str(replay), error=repr(sys.exc_info()[1])), err=True)
        sys.exit(3)


if __name__ == "__main__":
    run()
