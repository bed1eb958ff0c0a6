"""What all commands share: options, reading a model, telling a result, progress."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from blackstart import api, errors, examples, settings
from blackstart.api import Answer, Loaded
from blackstart.errors import ModelError, Problem
from blackstart.text import LANGUAGES, say

FORMATS = ("text", "json", "html")
WARNED = "blackstart.warned"  # what is said of models when there is an answer
LONG_RUN_S = 1.0  # after which progress is shown
SHOWN_EVERY_S, LOGGED_EVERY_S = 0.2, 30.0  # on a terminal, where the line is written over; elsewhere, where each stays


class Stopping:
    """What stops a command before its end: Ctrl-C, or whoever started it (SIGTERM, as `timeout` and a build server send it)."""

    by = signal.SIGINT

    @classmethod
    def heed(cls) -> None:
        """From now on SIGTERM is heard as Ctrl-C is: what is known by then is told."""
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, cls._ended)

    @classmethod
    def _ended(cls, number: int, frame: Any) -> NoReturn:
        cls.by = signal.SIGTERM
        raise KeyboardInterrupt

    @classmethod
    def exit_code(cls) -> int:
        """As shells have it, so that whatever was to follow does not."""
        return 128 + cls.by


class Stop(click.ClickException):
    """A problem of usage, already in the user's language."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Command(click.Command):
    """A command: what is wrong with a model is told in the user's language, all at once, and it ends with exit code 2.

    Who asks for JSON has the problems so, as `check` tells them, and beside it in words.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModelError as wrong:
            lang = ctx.params["lang"]
            click.echo(errors.render(wrong.problems, lang, wrong.sources), err=True)
            if ctx.params.get("form") == "json":
                problems = errors.in_order(wrong.problems)
                write(checked_as_json(problems, ["error"] * len(problems), lang), ctx.params["output"], lang)
            sys.exit(2)


class Group(click.Group):
    command_class = Command


# ----------------------------------------------------------------------------- common options


def language(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value:
        return value
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ko" if os.environ[name].lower().startswith("ko") else "en"
    return "en"


def asked_language(words: Sequence[str]) -> str:
    """The language of a whole command line, for what is said outside of any command."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else following if word == "--lang" else ""
        if value in ("en", "ko"):
            return value
    return language(None, None, None)  # type: ignore[arg-type]


def listed(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Names given one by one, or several with commas between."""
    return tuple(name for text in value for name in names_in(text))


def names_in(text: str) -> tuple[str, ...]:
    """Names with commas between: no name holds a comma."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def only_with(needed: bool, lang: str, **options: str) -> None:
    """Refuses options that do nothing here.

    options : by parameter, the option and what it needs, as written: `--over --compare`; alone where a saved result has its own
    """
    ctx = click.get_current_context()
    for name, written in options.items():
        if not needed and ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            option, _, other = written.partition(" ")
            raise Stop(say("cli.option-alone" if other else "cli.option-of-saved", lang, option=option, needed=other))


def keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """An option that only the reading of the model asks for."""
    ctx.meta[f"blackstart.{param.name}"] = value


def formats(forms: Sequence[str] = FORMATS) -> Callable:
    return click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True, help=say("cli.help.format"))


def options(*more: Callable, forms: Sequence[str] = FORMATS) -> Callable:
    """Options that all commands on a model share, then those of one command."""

    def wrap(f: Callable) -> Callable:
        common = [
            click.argument("model", metavar="MODEL"),
            click.option("--with", "defences", multiple=True, callback=listed, metavar="DEFENCE", help=say("cli.help.with")),
            click.option("--history", type=click.Path(dir_okay=False), callback=keep, expose_value=False,
                         help=say("history.learnt.help.history")),
            formats(forms),
            click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output")),
            LANG,
        ]
        for option in reversed([*common, *more]):
            f = option(f)
        return f

    return wrap


def setting(*names: str, of: settings.Setting, default: Any = None, help: str, **more: Any) -> Callable:
    """An option for a setting, which may have the values that its table allows."""
    if isinstance(of, settings.Switch):
        return click.option(*names, is_flag=True, help=help, **more)
    kinds: dict[type, Callable[[Any], click.ParamType]] = {
        settings.Whole: lambda s: click.IntRange(s.least, s.most), settings.Number: lambda s: click.FloatRange(s.least, s.most),
        settings.Choice: lambda s: click.Choice(s.words),
    }  # fmt: skip
    return click.option(*names, type=kinds[type(of)](of), default=default, show_default=default is not None, help=help, **more)


def many_worlds(default: int, help: str = "cli.help.worlds") -> Callable:
    return setting("--worlds", of=settings.CAREFULLY["worlds"], default=default, help=say(help))


def many_samples(default: int, help: str = "cli.help.samples") -> Callable:
    return setting("--samples", of=settings.CAREFULLY["samples"], default=default, help=say(help))


def over(table: Mapping[str, settings.Setting], default: float, help: str) -> Callable:
    return setting("--over", "years", of=table["years"], default=default, metavar="YEARS", help=say(help))


PAGE = click.option("--page", type=click.Path(dir_okay=False), help=say("cli.help.page"))
SEED = setting("--seed", of=settings.SEED, default=1, help=say("cli.help.seed"))
THREADS = setting("--threads", of=settings.THREADS, callback=lambda *given: given[-1] or settings.cores(), help=say("cli.help.threads"))
LANG = click.option("--lang", type=click.Choice(LANGUAGES), callback=language, help=say("cli.help.lang"))


# ----------------------------------------------------------------------------- reading a model


def history() -> str | None:
    return click.get_current_context().meta.get("blackstart.history")


def model_of(result: Mapping[str, Any], beside: Path) -> str | None:
    """The model of a saved result: beside it, here, or one that ships; None where none has the digest that the result tells."""
    from blackstart.compilation import compile_model
    from blackstart.language import load

    origin = result["provenance"]
    name = origin["model"][0]
    here = [str(folder / name) for folder in (beside, Path()) if (folder / name).is_file()]
    shipped = origin.get("example")
    for found in [*here, *([shipped] if shipped and examples.ships(shipped) else [])]:
        try:
            read = load.load(Path(found) if found in here else examples.path(found))
            same = compile_model(load.apply(read, origin["with"]) if origin["with"] else read).digest == origin["digest"]
        except ModelError:
            continue
        if same:
            return found
    return None


def checked(model: str, defences: Sequence[str], lang: str, quiet: bool = False) -> Loaded:
    """Read and check; errors of the checks are raised, warnings are counted: they are said with the answer, if there is one."""
    found = api.load(model, defences, history=history(), lang=lang)
    if not quiet:
        warn(found, model, lang)
    return found


def warn(loaded: Loaded, name: str, lang: str) -> None:
    """Counts the warnings about a model, to be said with the answer."""
    from blackstart.checks import changes

    if changes.is_long(loaded.model):
        click.get_current_context().meta.setdefault(WARNED, []).append(say("cli.changes-untried", lang, model=name))
    if warnings := len(api.warnings(loaded)):
        click.get_current_context().meta.setdefault(WARNED, []).append(say("cli.warnings", lang, n=warnings, model=name))


# ----------------------------------------------------------------------------- telling


def tell(result: dict[str, Any], form: str, output: str | None, page: str | None, lang: str) -> None:
    """Say a result; one that was stopped before its end ends the command with that exit code."""
    from blackstart import report

    if form == "json":
        write(json.dumps(result, ensure_ascii=False, allow_nan=False, indent=1), output, lang)
    else:
        view = {"text": report.text, "html": report.page, "md": report.markdown}[form]
        write(view(result, lang), output, lang)
    if page:
        write(report.page(result, lang), page, lang)
        click.echo(say("cli.page-written", lang, file=page), err=True)
    if "interrupted" in result.get("outcome", {}).get("reasons", ()):
        sys.exit(Stopping.exit_code())


def write(text: str, output: str | None, lang: str) -> None:
    for said in click.get_current_context().meta.pop(WARNED, ()):
        click.echo(said, err=True)
    if output is None:
        click.echo(text)
        return
    try:
        target = Path(output)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=output, why=trouble.strerror or str(trouble))) from None


def checked_as_json(problems: Sequence[Problem], severities: Sequence[str], lang: str, **more: Any) -> str:
    """A result of the kind `check`: problems, each with its severity, and what else is known where the model could be read."""
    rows = [{**row, "severity": of} for row, of in zip(errors.as_json(problems, lang), severities, strict=True)]
    return json.dumps({"schema_version": "1", "kind": "check", "problems": rows, **more}, ensure_ascii=False, indent=1)


def say_stopped(answer: Answer, what: str, of: int, lang: str) -> None:
    """Where an answer was stopped before its end: after how many runs or worlds of those asked for."""
    if "interrupted" in answer.data["outcome"]["reasons"]:
        click.echo(say("cli.stopped", lang, done=answer.data["provenance"]["study"][what], of=of), err=True)


class Progress:
    """A line on stderr with an estimate of the time left; where stderr is no terminal, one now and then.

    fewer : key of the sentence that says how to have an answer with as much as was done, where there is such a way

    reached : how far what was stopped had come, in words; "" where nothing was done
    """

    reached = ""

    def __init__(self, what: str, lang: str, fewer: str = "") -> None:
        self.what, self.lang, self.fewer = what, lang, fewer
        self.done = self.of = 0
        self.shown = sys.stderr.isatty()
        self.every = SHOWN_EVERY_S if self.shown else LOGGED_EVERY_S
        self.begun = self.last = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def about(self, what: str, done: int, of: int) -> None:
        """The same for one of several things, each with its own name and time."""
        if what != self.what:
            self.what, self.begun, self.fewer = what, time.monotonic(), ""
        self(done, of)

    def __call__(self, done: int, of: int) -> None:
        now, self.done, self.of = time.monotonic(), done, of
        if now - self.begun < LONG_RUN_S or now - self.last < self.every:
            return
        from blackstart.report.numbers import clock

        self.last = now
        left = (now - self.begun) * (of - done) / max(1, done)
        left_text = clock(left / 3600, self.lang).replace("\N{NO-BREAK SPACE}", " ")
        said = say("cli.progress", self.lang, what=self.what, done=done, of=of, left=left_text)
        click.echo(f"\r{said} {say('cli.progress-stop', self.lang)}  " if self.shown else said, err=True, nl=not self.shown)

    def __exit__(self, wrong: type[BaseException] | None, *_: object) -> None:
        if self.shown and self.last > self.begun:
            click.echo("\r" + " " * 78 + "\r", err=True, nl=False)
        if wrong is not None and self.done:
            said = [say("cli.stopped-at", self.lang, what=self.what, done=f"{self.done:,}", of=f"{self.of:,}")]
            Progress.reached = " ".join([*said, *([say(self.fewer, self.lang, n=self.done)] if self.fewer else [])])
