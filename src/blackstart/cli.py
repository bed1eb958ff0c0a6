"""The command line. The only place that reads the clock, the locale and the terminal.

Exit codes: 0 done · 1 a gate the user asked for was breached · 2 the model or the usage is wrong · 3 our fault ·
130 stopped by Ctrl-C · 143 ended by SIGTERM.
Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import functools
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from blackstart import api, errors, examples, settings
from blackstart.commands.compare import compare, grow, quiet
from blackstart.commands.console import (
    LANG,
    PAGE,
    SEED,
    THREADS,
    Group,
    Progress,
    Stop,
    Stopping,
    asked_language,
    checked,
    checked_as_json,
    formats,
    history,
    listed,
    many_samples,
    many_worlds,
    model_of,
    names_in,
    only_with,
    options,
    over,
    say_stopped,
    setting,
    tell,
    warn,
    write,
)  # fmt: skip
from blackstart.commands.incident import attribute, reconstruct, record, remarks_beside
from blackstart.commands.paper import paper
from blackstart.errors import ModelError, Problem
from blackstart.language.model import Model, shown_text
from blackstart.nearest import Nearest
from blackstart.text import say
from blackstart.version import __version__

# what the machine refuses, whatever the model: no space, no right, a name too long; neither ours nor the model's fault
OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM,
                  errno.EMFILE, errno.ENFILE, errno.ELOOP}  # fmt: skip


class ReaderGone(Exception):
    """Nobody reads any more what is written: `| head`."""


COMMANDS = {
    "happen": ("check", "rehearse", "assess", "overlaps", "worst"), "defend": ("plan", "grow", "compare", "quiet"),
    "after": ("record", "reconstruct", "attribute", "paper"),
    "from": ("why", "unknowns", "kinds", "learn", "backtest", "quantify", "export", "new"),
}  # fmt: skip


class Commands(Group):
    """All commands, by what they are for. click ends with 1 where a reader has gone, and here that says that a gate was breached."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(say("cli.help.main", asked_language(sys.argv)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = asked_language(sys.argv)
        for group, names in COMMANDS.items():
            with formatter.section(say(f"cli.group.{group}", lang)):
                formatter.write_dl([(f"{name:11}", say(f"cli.short.{name}", lang)) for name in names])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            raise ReaderGone from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGone from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, help=say("cli.help.main"))
@click.version_option(__version__, prog_name="blackstart")
def main() -> None:
    pass


# ----------------------------------------------------------------------------- commands


main.add_command(compare)
main.add_command(quiet)
main.add_command(grow)
main.add_command(paper)
main.add_command(record)
main.add_command(reconstruct)
main.add_command(attribute)


@main.command(help=say("cli.help.check"))
@options(click.option("--defaults", is_flag=True, help=say("cli.help.defaults")), forms=("text", "json"))
def check(model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, defaults: bool) -> None:
    from blackstart import checks
    from blackstart.checks import changes
    from blackstart.incidents import incident
    from blackstart.language import beside, targets

    if targets.is_one(Path(model)):
        _check_targets(model, form, output, lang)
        return
    read = api.read(model, defences, history=history(), lang=lang).model
    watched = set[str]().union(*(beside.watched(Path(read.files[0]).parent / name) for name in (targets.FILE, incident.FILE)))
    left, meant = checks.apart(read, [*checks.check(read, watched), *changes.at_rest(read), *changes.problems(read, defences)])
    found = [(p, checks.severity(p)) for p in left] + remarks_beside(read)

    def summary(counts: Mapping[str, int]) -> str:
        said = say(
            "cli.checked", lang, title=shown_text(read.title, lang) or model, components=len(read.components),
            services=len(read.services), hazards=len(read.hazards), defaults=len(read.defaults), **counts,
        )  # fmt: skip
        return said + (" " + say("cli.intended.count", lang, n=len(meant)) if meant else "")

    told: dict[str, Any] = {"defaults": len(read.defaults), "intended": [_intended(p, row, lang) for p, row in meant]}
    told |= {"unstated": _unstated(read)} if defaults else {}
    parts = [*([_intended_text(told["intended"], lang)] if meant else []), *([_unstated_text(read, lang)] if defaults else [])]
    _tell_checked(found, told, summary, parts, api.sources(read), (form, output), lang)


def _intended(problem: Problem, row: Any, lang: str) -> dict[str, Any]:
    """A finding that is meant to be so, and why."""
    return {
        "code": problem.code, "path": problem.path, "what": errors.what(problem, lang), "because": row.because,
        "agreed": row.agreed.isoformat() if row.agreed else None,
    }  # fmt: skip


def _intended_text(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    lines = [say("cli.intended.head", lang)]
    for row in rows:
        why = say("cli.intended.agreed" if row["agreed"] else "cli.intended.because", lang, because=row["because"], day=row["agreed"])
        lines += [f"  {row['code']}  {row['path']}", f"    {row['what']}", f"    {why}"]
    return "\n".join(lines)


def _check_targets(file: str, form: str, output: str | None, lang: str) -> None:
    """A file of targets, and what its stories say of their models."""
    from blackstart.language import targets
    from blackstart.studies import backtest as incidents

    stories = targets.read(Path(file))
    found = [(p, incidents.SEVERITY.get(p.code, "error")) for p in incidents.check(stories)]
    targets_of, ablations = sum(len(s.targets) for s in stories), sum(len(s.ablations) for s in stories)

    def summary(counts: Mapping[str, int]) -> str:
        return say("backtest.cli.checked", lang, file=file, stories=len(stories), targets=targets_of, ablations=ablations, **counts)

    sources: dict[str, str] = {}
    for story in stories:
        sources |= story.sources
    _tell_checked(found, {"defaults": 0}, summary, [], sources, (form, output), lang)


def _tell_checked(
    found: Sequence[tuple[Problem, str]], more: Mapping[str, Any], summary: Callable[[Mapping[str, int]], str], parts: Sequence[str],
    sources: Mapping[str, str], out: tuple[str, str | None], lang: str,
) -> None:  # fmt: skip
    """Problems with their severity, errors first, what else is known, and a line that counts them; errors end the command."""
    form, output = out
    kinds = ("error", "warning", "note")
    severity = {id(p): kind for p, kind in found}
    problems = sorted(errors.in_order(p for p, _ in found), key=lambda p: kinds.index(severity[id(p)]))
    severities = [severity[id(p)] for p in problems]
    counts = {f"{kind}s": severities.count(kind) for kind in kinds}
    if form == "json":
        write(checked_as_json(problems, severities, lang, **more), output, lang)
    else:
        text = [*([errors.render(problems, lang, sources, severities)] if problems else []), *parts]
        if text:
            write("\n\n".join(text), output, lang)
        click.echo(summary(counts), err=output is not None)
    if counts["errors"]:
        sys.exit(2)


@main.command(help=say("cli.help.rehearse"))
@options(
    click.option("--hit", "hits", multiple=True, metavar="WHAT", help=say("cli.help.hit")),
    click.option("--fails", multiple=True, callback=listed, metavar="NAME", help=say("cli.help.fails")),
    click.option("--works", multiple=True, callback=listed, metavar="NAME", help=say("cli.help.works")),
    setting("--runs", of=settings.REHEARSE["runs"], default=200, help=say("cli.help.runs")),
    PAGE, SEED,
)  # fmt: skip
def rehearse(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, hits: tuple[str, ...], fails: tuple[str, ...],
    works: tuple[str, ...], runs: int, page: str | None, seed: int,
) -> None:  # fmt: skip
    loaded = checked(model, defences, lang)
    if not hits and model in examples.names() and examples.about(model, lang).hazard:
        hits = (examples.about(model, lang).hazard,)
    with Progress(say("cli.rehearsing", lang), lang) as progress:
        answer = api.rehearse(loaded, *hits, fails=fails, works=works, runs=runs, seed=seed, partial=True, progress=progress)
    say_stopped(answer, "runs", runs, lang)
    tell(answer.data, form, output, page, lang)


@main.command(help=say("cli.help.assess"))
@options(
    many_worlds(200),
    many_samples(200),
    setting("--method", of=settings.ASSESS["method"], default="auto", help=say("cli.help.method")),
    click.option("--compare", "compared", multiple=True, metavar="DEFENCE[,DEFENCE]", help=say("cli.help.compare")),
    over(settings.PLAN, 10.0, "cli.help.over"),
    click.option("--tables", type=click.Path(file_okay=False), help=say("cli.help.tables")),
    click.option("--table-form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help=say("cli.help.table-form")),
    PAGE, SEED, THREADS,
)  # fmt: skip
def assess(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, worlds: int, samples: int, method: str,
    compared: tuple[str, ...], years: float, tables: str | None, table_form: str, page: str | None, seed: int, threads: int,
) -> None:  # fmt: skip
    from blackstart.engines.simulate import Study

    only_with(bool(compared), lang, years="--over --compare")
    only_with(bool(tables), lang, table_form="--table-form --tables")
    how: dict[str, Any] = {"worlds": worlds, "samples": samples, "seed": seed, "method": method, "threads": threads}
    if compared:
        if tables:
            raise Stop(say("cli.compare-no-tables", lang))
        tell(_compare(model, defences, [names_in(text) for text in compared], Study(**how), years, lang), form, output, page, lang)
        return
    loaded = checked(model, defences, lang)
    returns = bool(page) or form != "text"  # text has no room for them
    with Progress(say("cli.assessing", lang), lang) as progress:
        answer = api.assess(loaded, **how, returns=returns, partial=True, progress=progress)
    say_stopped(answer, "worlds", worlds, lang)
    if tables:
        _write_tables(answer.episodes, answer.data["provenance"]["study"]["method"] == "years", Path(tables), table_form, seed, lang)
    tell(answer.data, form, output, page, lang)


@main.command(help=say("cli.help.overlaps"))
@options(
    click.option("--service", "services", multiple=True, callback=listed, metavar="SERVICE", help=say("cli.help.service")),
    setting("--most", of=settings.OVERLAPS["most"], default=40, help=say("cli.help.most")),
    PAGE, SEED,
)  # fmt: skip
def overlaps(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, services: tuple[str, ...], most: int,
    page: str | None, seed: int,
) -> None:  # fmt: skip
    loaded = checked(model, defences, lang)
    with Progress(say("cli.overlapping", lang), lang) as progress:
        tell(api.overlaps(loaded, *services, most=most, seed=seed, progress=progress).data, form, output, page, lang)


@main.command(help=say("plan.help.main"))
@options(
    setting("--for", "objective", of=settings.PLAN["objective"], default="loss", help=say("plan.help.for")),
    over(settings.PLAN, 10.0, "plan.help.over"),
    setting("--discount", of=settings.PLAN["discount"], default=0.0, metavar="RATE", help=say("plan.help.discount")),
    setting("--gross", of=settings.PLAN["gross"], default=3.0, metavar="TIMES", help=say("plan.help.gross")),
    setting("--accept", "accepted_years", of=settings.PLAN["accepted_years"], default=100.0, metavar="YEARS", help=say("plan.help.accept")),
    setting("--tail", "tail_years", of=settings.PLAN["tail_years"], default=100.0, metavar="YEARS", help=say("plan.help.tail")),
    click.option("--budget", metavar="MONEY", help=say("plan.help.budget")),
    setting("--cuts", of=settings.PLAN["cuts"], help=say("plan.help.cuts")),
    setting("--deep", of=settings.PLAN["deep"], help=say("plan.help.deep")),
    setting("--most", of=settings.PLAN["most"], default=2000, help=say("plan.help.most")),
    many_worlds(40, "plan.help.worlds"), many_samples(10, "plan.help.samples"),
    PAGE, SEED, THREADS,
)  # fmt: skip
def plan(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, page: str | None, **asked: Any
) -> None:  # fmt: skip
    only_with(asked["objective"] == "tvar", lang, tail_years="--tail --for tvar")
    checked(model, (), lang)
    loaded = checked(model, defences, lang, quiet=True)
    with Progress(say("plan.judging", lang), lang, fewer="cli.fewer-portfolios") as progress:
        beside = functools.partial(progress.about, say("plan.beside", lang))
        answer = api.plan(loaded, **asked, progress=progress, beside=beside)
    tell(answer.data, form, output, page, lang)


@main.command(help=say("worst.help.main"))
@options(
    setting("-k", "most", of=settings.WORST["most"], default=3, help=say("worst.help.k")),
    setting("--on-demand", of=settings.WORST["on_demand"], default="counted", help=say("worst.help.on-demand")),
    setting("--together", of=settings.WORST["together"], help=say("worst.help.together")),
    click.option("--promise", metavar="AMOUNT", help=say("worst.help.promise")),
    click.option("--budget", metavar="AMOUNT", help=say("worst.help.budget")),
    setting("--against", of=settings.WORST["against"], default=2, help=say("worst.help.against")),
    over(settings.WORST, 10.0, "worst.help.over"),
    PAGE, SEED,
)  # fmt: skip
def worst(
    model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, page: str | None, **asked: Any
) -> None:  # fmt: skip
    only_with(asked["budget"] is not None, lang, against="--against --budget", years="--over --budget")
    loaded = checked(model, defences, lang)
    with Progress(say("worst.help.running", lang), lang) as progress:
        answer = api.worst(loaded, **asked, partial=True, progress=progress)
    tell(answer.data, form, output, page, lang)


@main.command(help=say("quantify.help.main"))
@click.argument("files", metavar="TREE...", nargs=-1, required=True)
@click.option("--top", metavar="GATE", help=say("quantify.help.top"))
@click.option("--mission-time", type=click.FloatRange(0), help=say("quantify.help.mission-time"))
@click.option("--samples", type=click.IntRange(0, 10_000_000), default=10_000, show_default=True, help=say("quantify.help.samples"))
@click.option("--most", type=click.IntRange(0, 100_000), default=20, show_default=True, help=say("quantify.help.most"))
@click.option("--prime-implicants", "prime", is_flag=True, help=say("quantify.help.prime"))
@click.option("--memory", type=click.IntRange(1), metavar="MB", help=say("quantify.help.memory"))
@formats()
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
@PAGE
@SEED
def quantify(
    files: tuple[str, ...], top: str | None, mission_time: float | None, samples: int, most: int, prime: bool,
    memory: int | None, form: str, output: str | None, lang: str, page: str | None, seed: int,
) -> None:  # fmt: skip
    from blackstart.studies import quantify as quantities

    data: dict[str, bytes] = {}
    try:
        tree = _fault_tree(files, data)
        study = quantities.Study(mission_time, samples, seed, most, prime, memory)
        result = quantities.quantify(tree, quantities.top_of(tree, top), study, data)
    except ModelError as wrong:
        raise ModelError(wrong.problems, {name: text.decode("utf-8-sig", errors="replace") for name, text in data.items()}) from None
    tell(result, form, output, page, lang)


@main.command(help=say("quantify.help.export"))
@click.argument("model", metavar="MODEL")
@click.option("--with", "defences", multiple=True, callback=listed, metavar="DEFENCE", help=say("cli.help.with"))
@click.option("--service", "services", multiple=True, callback=listed, metavar="SERVICE", help=say("cli.help.service"))
@click.option("--format", "form", type=click.Choice(["open-psa"]), default="open-psa", show_default=True, help=say("quantify.help.form"))
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
@SEED
def export(
    model: str, defences: tuple[str, ...], services: tuple[str, ...], form: str, output: str | None, lang: str, seed: int
) -> None:
    from blackstart.exchange import open_psa
    from blackstart.studies.overlaps import Asked, as_fault_tree

    read = checked(model, defences, lang).model
    api.known_services(read, services)
    tree = as_fault_tree(read, api.compiled(read), Asked(services, seed=seed))
    write(open_psa.write(tree), output, lang)


@main.command(help=say("backtest.cli.help"))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--runs", type=click.IntRange(10, 1_000_000), default=2000, show_default=True, help=say("backtest.cli.runs"))
@formats()
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
@PAGE
@SEED
def backtest(names: tuple[str, ...], runs: int, form: str, output: str | None, lang: str, page: str | None, seed: int) -> None:
    from blackstart.language import targets
    from blackstart.studies import backtest as incidents

    stories = [story for name in names for story in _stories(name, lang)] if names else targets.shipped()
    with Progress(say("backtest.cli.running", lang), lang) as progress:
        result = incidents.backtest(stories, runs=runs, seed=seed, progress=progress)
    for path in dict.fromkeys(story.model for story in stories):
        warn(api.read(path), str(path) if names else path.parent.name, lang)
    tell(result.as_dict(), form, output, page, lang)


def _stories(name: str, lang: str) -> Sequence[Any]:
    """The shipped incident of that name, or those of a folder with targets or of such a file."""
    from blackstart.language import targets

    path = Path(name)
    if targets.is_model(path):
        raise Stop(say("backtest.cli.a_model", lang, name=name, file=targets.FILE, folder=str(path.parent)))
    if targets.find(path).is_file():
        return targets.read(path)
    known = {story.name: story for story in targets.shipped()}
    if name not in known:
        if path.is_dir():
            raise Stop(say("backtest.cli.no_targets", lang, name=name, file=targets.FILE))
        raise Stop(say("backtest.cli.unknown", lang, name=name, known=", ".join(known), near=Nearest(known).to(name) or "-"))
    return [known[name]]


@main.command(help=say("history.learnt.help"))
@options(PAGE)
def learn(model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str, page: str | None) -> None:
    from blackstart.studies.learnt import learnt

    tell(learnt(checked(model, defences, lang, quiet=True).model), form, output, page, lang)


@main.command(help=say("evidence.kinds.help"))
@click.argument("kind", required=False)
@formats()
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=say("cli.help.output"))
@LANG
def kinds(kind: str | None, form: str, output: str | None, lang: str) -> None:
    from blackstart import evidence
    from blackstart.evidence.listing import listing

    found = listing(kind)
    if kind is not None and not found["kinds"]:
        near = Nearest([word for noun in evidence.NOUNS for word in evidence.kinds(noun)]).to(kind)
        raise Stop(say("evidence.kinds.unknown", lang, kind=kind, near=say("evidence.kinds.near", lang, name=near) if near else ""))
    tell(found, form, output, None, lang)


_OF_THE_YEARS = (
    many_worlds(200),
    many_samples(200),
    PAGE, SEED, THREADS,
)  # fmt: skip


@main.command(help=say("cli.help.why"))
@options(click.argument("number", metavar="NUMBER", required=False), *_OF_THE_YEARS)
def why(number: str | None, **asked: Any) -> None:
    from blackstart.studies.explain import why as explained

    if asked["model"].endswith(".json"):
        only_with(False, asked["lang"], defences="--with", worlds="--worlds", samples="--samples", seed="--seed")
        _trace(number, **asked)
    else:
        _explain(explained, number, **asked)


def _trace(number: str | None, *, model: str, form: str, output: str | None, lang: str, page: str | None, **asked: Any) -> None:
    """A number of a result that was saved as JSON: what it rests on; of an assessment whose model is at hand also what moves it."""
    from blackstart.report.trace import asked_of_the_model, trace
    from blackstart.studies.explain import why as explained

    try:
        found = json.loads(Path(model).read_text(encoding="utf-8"))
    except OSError as trouble:
        reason = trouble.strerror or str(trouble)
        raise ModelError([Problem("file-unreadable", None, model, {"file": model, "reason": reason})]) from None
    except ValueError:
        found = None
    result = trace(found, number or "")
    own = model_of(found, Path(model).parent) if asked_of_the_model(result) else None
    if own is None:
        return tell(result, form, output, page, lang)
    how, on = found["provenance"]["study"], tuple(found["provenance"]["with"])
    study = {"worlds": how["worlds"], "samples": how["samples_per_world"], "seed": how["seed"], "threads": asked["threads"]}
    _explain(explained, number, model=own, defences=on, form=form, output=output, lang=lang, page=page, **study)


@main.command(help=say("cli.help.unknowns"))
@options(click.argument("number", metavar="[NUMBER]", required=False), *_OF_THE_YEARS)
def unknowns(number: str | None, **asked: Any) -> None:
    from blackstart.studies.explain import unknowns as explained

    _explain(explained, number, **asked)


def _explain(
    explained: Callable, number: str | None, *, model: str, defences: tuple[str, ...], form: str, output: str | None, lang: str,
    worlds: int, samples: int, page: str | None, seed: int, threads: int,
) -> None:  # fmt: skip
    """A number of an assessment; unless one is named, the expected loss, or the hours out of the first service."""
    from blackstart.engines.simulate import Study

    study = Study(worlds=worlds, samples=samples, seed=seed, threads=threads)
    read, system, sample = _played(model, defences, study, say("cli.assessing", lang), lang)
    if number is None:
        with_loss = any(c.loss for c in read.services)
        number = "total.loss.aal" if with_loss else f"services.{read.services[0].id}.downtime_h_per_year"
    with Progress(say("cli.explaining", lang), lang) as progress:
        result = explained(read, system, number, study, sample, defences, progress, api.noted(read))
    tell(result.as_dict(), form, output, page, lang)


@main.command(help=say("cli.help.new"))
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
@click.option("--from", "example", default="corner-shop", show_default=True, help=say("cli.help.from"))
@LANG
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


def _unstated(read: Model) -> list[dict[str, str]]:
    from blackstart.language import unstated

    rows = [*read.defaults, *unstated.defaults(read)]
    return [{"path": d.path, "value": d.value, "source": d.source, "title": d.title} for d in rows]


def _unstated_text(read: Model, lang: str) -> str:
    """What the library brings, value by value; the rules of the language, each with those that leave it out."""
    from blackstart.language import unstated
    from blackstart.report import terminal

    library = [d for d in read.defaults if d.source != unstated.SOURCE]
    groups: dict[tuple[str, str, str], list[str]] = {}
    for d in read.defaults:
        if d.source == unstated.SOURCE:
            section, _, rest = d.path.partition(".")
            name, _, field = rest.rpartition(".")
            groups.setdefault((section, field, d.value), []).append(name)
    groups |= {key: groups.get(key, []) + names for key, names in unstated.grouped(read).items()}
    rules = [(f"{section}: {field}", taken, _some(names, lang)) for (section, field, taken), names in groups.items()]
    return terminal.unstated([(d.path, d.value, d.source) for d in library], rules, lang)


def _some(names: Sequence[str], lang: str, most: int = 6) -> str:
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else say("report.list.more", lang, rest=listed, n=len(names) - most)


def _played(
    model: str, defences: Sequence[str], study: Any, what: str, lang: str, quiet: bool = False
) -> tuple[Model, Any, Any]:
    """The model with these defences, compiled and assessed."""
    from blackstart.engines import simulate

    read = checked(model, defences, lang, quiet).model
    system = api.compiled(read)
    with Progress(what, lang) as progress:
        return read, system, simulate.assess(system, study, progress)


def _compare(
    model: str, defences: Sequence[str], choices: Sequence[tuple[str, ...]], study: Any, years: float, lang: str
) -> dict[str, Any]:
    """The model as it is and with each choice of defences, side by side; stopped before its end, those that were finished."""
    from blackstart.studies.comparison import Variant, comparison

    variants: list[Variant] = []
    stopped = False
    for number, choice in enumerate([(), *choices]):
        what = say("cli.comparing", lang, name=", ".join(choice) or "-", number=number + 1, of=len(choices) + 1)
        try:
            variants.append(Variant(choice, *_played(model, [*defences, *choice], study, what, lang, quiet=number > 0)))
        except KeyboardInterrupt:
            if number < 2:
                raise
            stopped = True
            break
    result = comparison(variants, study, years, defences, api.noted(variants[0].model)).as_dict()
    if stopped:
        result["outcome"] = {"state": "stopped", "reasons": ["interrupted"]}
    return result


def _fault_tree(files: Sequence[str], data: dict[str, bytes]) -> Any:
    """The tree in one Galileo file, or in all of several Open-PSA files; `data` takes their contents."""
    from blackstart.exchange import galileo, open_psa

    for name in files:
        data[name] = open_psa.read_file(Path(name))
    if len(data) == 1 and not open_psa.is_xml(*data.values()):
        return galileo.read_bytes(files[0], data[files[0]])
    return open_psa.read_bytes(data)


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
    except OSError as trouble:
        raise Stop(say("cli.cannot-write", lang, name=str(folder), why=trouble.strerror or str(trouble))) from None
    click.echo(say("cli.tables-written", lang, n=len(written), folder=str(folder)), err=True)


def _stopped(end: BaseException | None) -> bool:
    """Whether Ctrl-C or SIGTERM is behind it: compiled code in which it arrives may make an error of another kind of it."""
    while end is not None and not isinstance(end, (KeyboardInterrupt, click.exceptions.Abort)):
        end = end.__cause__ or end.__context__
    return end is not None


def _refused_settings(end: BaseException) -> list[str]:
    """The settings of the environment for numba, where it cannot even be imported with them; else none."""
    running = (frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(end.__traceback__))
    return sorted(name for name in os.environ if name.startswith("NUMBA_")) if "numba" in running else []


def run() -> None:
    """Entry point: a bug says that it is ours and leaves a file to replay it."""
    lang = asked_language(sys.argv)
    sys.unraisablehook = _heard_again
    Stopping.heed()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a stream that cannot hold a character shows its number; JSON stays JSON
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main(standalone_mode=False)
    except click.ClickException as wrong:
        _end(2, show=wrong.show)
    except ReaderGone:
        _end(Stopping.exit_code())
    except (Exception, KeyboardInterrupt) as end:  # noqa: BLE001 - the last line of defence
        if _stopped(end):
            _end(Stopping.exit_code(), f"{say('cli.stopped-early', lang)} {Progress.reached}".rstrip())
        if isinstance(end, OSError) and end.errno in OF_THE_MACHINE:
            _end(2, say("cli.machine-refuses", lang, name=str(end.filename or "stdout")[:200], why=end.strerror or str(end)))
        if names := _refused_settings(end):
            _end(2, say("cli.setting-refused", lang, names=", ".join(names), unset=" ".join(names), why=str(end)))
        replay = Path("blackstart-bug.txt")
        try:
            replay.write_text(f"blackstart {__version__}\n{sys.argv!r}\n{traceback.format_exc()}", encoding="utf-8")
        except OSError:
            replay = Path("-")
        _end(3, say("cli.bug", lang, file=str(replay), error=repr(sys.exc_info()[1])))


def _heard_again(lost: Any) -> None:
    """Ctrl-C that falls into a callback of the compiler cannot be raised there: it comes once more, a moment later."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _end(code: int, said: str = "", show: Callable[[], None] | None = None) -> NoReturn:
    """End with an exit code; what is said last may find nobody to hear it: a full disk, a closed pipe."""
    with contextlib.suppress(OSError):
        if show is not None:
            show()
        elif said:
            click.echo(said, err=True)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, AttributeError):  # the interpreter would try once more, complain, and end with a code of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    sys.exit(code)


if __name__ == "__main__":
    run()
