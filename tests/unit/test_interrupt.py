"""Ctrl-C and SIGTERM, as a user meets them: a sentence, exit code 130 or 143, no traceback; what is known by then is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from blackstart import cli, examples, report
from blackstart.commands import console
from blackstart.commands.console import asked_language
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.language.load import load
from blackstart.planning import worst

# the signal comes half a second after the command has begun what takes long, from a thread of its own, as from a terminal
BEGINS = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests themselves run in the background of a shell
from blackstart.commands import console

enter = console.Progress.__enter__

def entered(progress):
    threading.Timer(0.5, os.kill, (os.getpid(), int(os.environ["STOPPED_BY"]))).start()
    return enter(progress)

console.Progress.__enter__ = entered
from blackstart.cli import run
run()
"""
LONG = {
    "assess": ("--worlds", "1000", "--samples", "1000000"),
    "rehearse": ("--runs", "20000"),
    "plan": ("--most", "1000000"),
    "worst": ("-k", "9", "--budget", "20bn KRW"),
    "reconstruct": ("--plays", "100000"),
    "attribute": ("--runs", "100000"),
    "paper": ("--runs", "100000"),
    "why": ("--worlds", "1000", "--samples", "1000000"),
    "quiet": ("--worlds", "1000", "--samples", "100000"),
}


@pytest.mark.parametrize(
    ("command", "by"), [*((command, signal.SIGINT) for command in LONG), *((command, signal.SIGTERM) for command in ("assess", "rehearse"))]
)
def test_stopped(command: str, by: signal.Signals, tmp_path) -> None:
    """`why` went on with what it had as if nothing had happened; an assessment of a million samples ended its world first.

    SIGTERM, as `timeout` and build servers send it, lost all that was known.
    """
    done = subprocess.run(
        [sys.executable, "-c", BEGINS, command, "kakao-2022", *LONG[command], "--lang", "en"], capture_output=True, text=True,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "STOPPED_BY": str(int(by))}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 128 + by, done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())
    if command == "rehearse" and done.stdout:  # its typical course is known at once
        assert "What is known so far" in done.stderr
    elif command == "worst" and done.stdout:  # so are its overlaps, before what to buy against them
        assert "what to buy" in done.stdout
    else:
        assert done.stdout == "" and "Stopped before anything was known." in done.stderr


ENDED_TOGETHER = """
import os, signal, sys
from blackstart.planning.abreast import Abreast
from blackstart.commands.console import Stopping
Stopping.heed()

def work(task):
    print(os.getpid(), file=sys.stderr, flush=True)
    if task:
        os.kill(os.getppid(), signal.SIGTERM)
    while True:
        pass

some = Abreast(2, work, print)
try:
    some.each([0, 1])
except KeyboardInterrupt:
    some.close()
    sys.exit(Stopping.exit_code())
"""


def test_copies_end_with_whoever_made_them(tmp_path) -> None:
    """A copy that had inherited the handler would go on, or say a traceback: `close` ends copies with SIGTERM too."""
    done = subprocess.run(
        [sys.executable, "-c", ENDED_TOGETHER], capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 143
    copies = done.stderr.split()
    assert all(pid.isdecimal() for pid in copies) and not any(os.path.exists(f"/proc/{pid}") for pid in copies)


def test_ctrl_c_while_the_program_is_read_leaves_no_traceback(tmp_path) -> None:
    stops = "import sys; sys.modules['click'] = type('Stops', (), {'__getattr__': lambda *_: exec('raise KeyboardInterrupt')})()"
    done = subprocess.run(
        [sys.executable, "-c", f"{stops}; from blackstart.__main__ import begin; begin()"], capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, "")


INTO_A_CALLBACK = """
import ctypes
from blackstart.studies import rehearsal
from blackstart.cli import run

@ctypes.CFUNCTYPE(None)
def called():
    raise KeyboardInterrupt

def play(*asked, **how):
    called()
    for _ in range(10**8):
        pass
    raise SystemExit(9)

rehearsal.play = play
run()
"""


def test_ctrl_c_that_falls_into_a_callback_is_heard(tmp_path) -> None:
    """While the engine is fetched from its cache, llvmlite calls back: a signal there was printed, and the command went on."""
    done = subprocess.run(
        [sys.executable, "-c", INTO_A_CALLBACK, "rehearse", "kakao-2022", "--lang", "en"], capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert "Exception ignored" not in done.stderr and "Stopped before anything was known." in done.stderr


def test_an_error_that_ctrl_c_has_caused_is_no_bug(monkeypatch, tmp_path, capsys) -> None:
    """Compiled code into which the signal falls ends with a SystemError."""

    def broken(**_: object) -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise SystemError("returned a result with an exception set") from stop

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "main", broken)
    with pytest.raises(SystemExit) as end:
        cli.run()
    assert end.value.code == 130 and "Stopped before" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_the_language_of_a_command_line_is_known_outside_of_commands(monkeypatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert [asked_language(words.split()) for words in ("assess m --lang ko", "assess m --lang=ko", "assess --lang")] == ["ko", "ko", "en"]


def test_slices_change_nothing(monkeypatch) -> None:
    from blackstart import examples
    from blackstart.compilation import compile_model
    from blackstart.language.load import load

    system = compile_model(load(examples.path("corner-shop")))
    for method in ("episodes", "years"):
        study = simulate.Study(worlds=3, samples=70, method=method)
        whole = simulate.assess(system, study)
        with monkeypatch.context() as short:
            short.setattr(simulate, "SLICE", 7)
            parts = simulate.assess(system, study)
        assert whole.paths.tobytes() == parts.paths.tobytes() and whole.rows.tobytes() == parts.rows.tobytes()


def shell(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    run = f"{sys.executable} -m blackstart"
    return subprocess.run(
        ["bash", "-c", command.format(run=run)], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **env},
    )  # fmt: skip


@pytest.mark.parametrize("command", [
    "{run} check corner-shop --lang en > /dev/full", "{run} --help > /dev/full", "{run} check corner-shop --format json > /dev/full",
])  # fmt: skip
def test_a_full_disk_is_nobody_s_bug(command, tmp_path) -> None:
    done = shell(f"cd {tmp_path} && {command}")
    assert done.returncode == 2
    assert done.stderr.startswith(("Cannot read or write stdout", "stdout")) and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_said_changes_no_exit_code(tmp_path) -> None:
    """Exit code 1 says that a gate was breached: a full disk under stderr once ended so."""
    assert shell(f"cd {tmp_path} && {{run}} check nope 2> /dev/full").returncode == 2
    assert shell(f"cd {tmp_path} && {{run}} check nope 2> /dev/full", LANG="", LC_ALL="").returncode == 2  # other streams then: it was 120


def test_a_reader_that_has_gone_is_told_nothing(tmp_path) -> None:
    done = shell(f"cd {tmp_path} && {{run}} check corner-shop | true; exit ${{{{PIPESTATUS[0]}}}}")
    assert (done.returncode in (0, 130), done.stderr) == (True, "")


def test_characters_that_a_stream_cannot_hold_are_shown_by_number(tmp_path) -> None:
    """A Korean Windows writes redirected output in cp949, which has no en dash."""
    done = shell(f"cd {tmp_path} && {{run}} check corner-shop --lang ko --format json", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0 and "\\uc" in done.stdout
    assert json.loads(done.stdout)


def test_a_name_too_long_for_a_file(tmp_path) -> None:
    for name in ("a" * 5000, "a" * 5000 + ".yaml"):
        done = shell(f"cd {tmp_path} && {{run}} check {name} --lang en")
        assert done.returncode == 2 and "Traceback" not in done.stderr and not list(tmp_path.iterdir())
    assert shell(f"cd {tmp_path} && {{run}} check '' --lang en").returncode == 2


@pytest.mark.parametrize(("lang", "line"), [("en", "Judging: 10 of 50, about 4 min left\n"), ("ko", "Judging: 50 중 10, 약 4분 남음\n")])
def test_where_nobody_watches_progress_is_a_line_now_and_then(lang, line, monkeypatch, capsys) -> None:
    """A build server saw nothing until its time limit."""
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    with console.Progress("Judging", lang) as progress:
        for now[0] in (0.0, 29.0, 60.0, 61.0, 89.0):
            progress(10, 50)
    assert capsys.readouterr() == ("", line)


def test_what_was_stopped_says_how_far_it_had_come(monkeypatch, capsys) -> None:
    """`plan` ended after minutes with "stopped before anything was known": neither how far it was, nor how to have an answer."""
    monkeypatch.setattr(console.Progress, "reached", "")
    monkeypatch.setattr(sys, "argv", ["blackstart", "plan", "kakao-2022", "--lang", "en"])

    def stopped(**_: object) -> None:
        with console.Progress("judging portfolios", "en", fewer="cli.fewer-portfolios") as progress:
            progress(1307, 2000)
            raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", stopped)
    with pytest.raises(SystemExit):
        cli.run()
    said = capsys.readouterr().err
    assert "Stopped before anything was known. judging portfolios: 1,307 of 2,000 done." in said and "`--most 1307`" in said


def test_the_worst_overlaps_stand_when_the_search_for_a_defence_is_stopped(monkeypatch) -> None:
    """Proven within a second, and lost with minutes of looking for what to buy."""
    model = load(examples.path("startup"))

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worst, "least_bad", stopped)
    found = worst.worst(model, compile_model(model), worst.Asked(most=2, budget=1e6), partial=True).as_dict()
    assert found["outcome"]["state"] == "stopped" and "interrupted" in found["outcome"]["reasons"]
    assert found["defence"] is None and len(found["worst"]) == 2
    assert "what to buy" in report.text(found, "en")
