"""Copies of this process answer what it would answer itself, hear what others found, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from blackstart.planning.abreast import Abreast, possible

HERE = os.getpid()
linux = pytest.mark.skipif(not possible(), reason="no process can be forked here")


class Sums:
    """Remembers the sum of all answers; an answer is a task and the sum before it."""

    def __init__(self, copies: int) -> None:
        self.sum = 100
        self.abreast = Abreast(copies, self.work, self.hear)

    def work(self, task: int) -> tuple[int, int, bool]:
        if task < 0:
            raise ArithmeticError(f"{task} at {self.sum}")
        if task == 13 and os.getpid() != HERE:
            os._exit(1)
        return task, self.sum, os.getpid() == HERE

    def hear(self, answer: tuple[int, int, bool]) -> None:
        self.sum += answer[0]

    def each(self, tasks: list[int]) -> list[tuple[int, int, bool]]:
        found = self.abreast.each(tasks)
        for one in found:
            self.hear(one)
        return found


@linux
@pytest.mark.parametrize("copies", [1, 3])
def test_copies_know_what_was_known_and_what_others_found(copies):
    sums = Sums(copies)
    assert sums.each([1, 2, 3, 4]) == [(k, 100, False) for k in (1, 2, 3, 4)]
    assert sums.each([]) == []
    assert sums.each([5]) == [(5, 110, False)]
    assert sums.each([6, 7, 8]) == [(k, 115, False) for k in (6, 7, 8)]
    sums.abreast.close()
    assert multiprocessing.active_children() == []


def test_without_copies_all_is_done_here():
    sums = Sums(0)
    assert sums.each([1, 2]) == [(1, 100, True), (2, 100, True)]
    sums.abreast.close()


def test_no_copy_is_made_while_other_threads_run():
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not possible()
        assert Sums(2).each([1]) == [(1, 100, True)]
    finally:
        done.set()
        other.join()


@linux
def test_what_fails_in_a_copy_is_raised_here():
    sums = Sums(2)
    with pytest.raises(ArithmeticError, match="-1 at 100"):
        sums.each([1, -1, 2])
    assert [one[0] for one in sums.abreast.each([3, 4])] == [3, 4]
    sums.abreast.close()


@linux
def test_a_copy_that_is_killed_is_missed_by_nobody():
    sums = Sums(2)
    assert sums.each([1, 13, 2]) == [(1, 100, False), (13, 100, True), (2, 100, False)]
    assert len(sums.abreast.copies) == 1
    assert sums.each([13, 3]) == [(13, 116, True), (3, 116, True)]  # nobody is left
    sums.abreast.close()


ORPHANS = """
import signal, time
from blackstart.planning.abreast import Abreast
from blackstart.commands.console import Stopping
Stopping.heed()
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests themselves run in the background of a shell
some = Abreast(2, time.sleep, print)
print(*(copy.pid for copy in some.copies.values()), flush=True)
some.each([0.0, 0.0])
time.sleep(600)
"""


@linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nobody_is_left_when_whoever_asks_has_gone(how):
    """Bug this would have caught: a copy that holds the pipe of another, so that neither ever hears that nobody asks any more."""
    asks = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    copies = [int(pid) for pid in asks.stdout.readline().split()]
    assert len(copies) == 2
    asks.send_signal(how)
    asks.wait(timeout=60)
    while any(alive(pid) for pid in copies):
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
