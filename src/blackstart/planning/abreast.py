"""Work done side by side by copies of this process.

Threads share one interpreter, and what is done here is more than half Python: two of them are no faster than one. A copy is made by
forking, so it knows all that was known when it was made; what is learnt later it is told. Where a process cannot be forked safely
(other systems than Linux, other threads that are running), nobody is there to help and all is done here, with the same result.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

STOPS = (signal.SIGINT, signal.SIGTERM)
GONE = (EOFError, OSError)  # what a pipe says when nobody is at its other end


def possible() -> bool:
    """Whether this process can be forked: a copy of it has no other threads, and whatever those held would be held for ever."""
    return sys.platform == "linux" and threading.active_count() == 1


class Abreast:
    """Copies of this process that work on tasks.

    Parameters
    ----------
    copies : int
        How many; none where that is not possible.
    work : callable
        What is done with a task. Done once more here where a copy failed at it, so that whatever it raises is raised here.
    hear : callable
        What a copy does with the answer to a task: it hears all of them, in the order of the tasks, before its next task.
    """

    def __init__(self, copies: int, work: Callable[[Any], Any], hear: Callable[[Any], None]) -> None:
        self.work, self.news = work, []
        self.copies: dict[Connection, BaseProcess] = {}
        fork = multiprocessing.get_context("fork") if copies and possible() else None
        for _ in range(copies if fork else 0):
            mine, theirs = fork.Pipe()  # type: ignore[union-attr]
            given = theirs, work, hear, [*self.copies, mine]
            copy = fork.Process(target=_serve, args=given, daemon=True)  # type: ignore[union-attr]
            held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # the copy hears none before it has its own way with them
            copy.start()
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            theirs.close()
            self.copies[mine] = copy

    def each(self, tasks: Sequence[Any]) -> list[Any]:
        """The answers to all tasks; whoever is free takes the next."""
        for pipe in list(self.copies):
            self._send(pipe, self.news)
        self.news = []
        answers: dict[int, bytes] = {}
        waiting, busy = list(range(len(tasks)))[::-1], {}
        while self.copies and (waiting or busy):
            for pipe in [p for p in self.copies if p not in busy]:
                if waiting and self._send(pipe, tasks[waiting[-1]]):
                    busy[pipe] = waiting.pop()
            for pipe in wait(list(busy)):
                task = busy.pop(pipe)  # type: ignore[call-overload]
                try:
                    answers[task] = pipe.recv_bytes()  # type: ignore[union-attr]
                except GONE:
                    self._lose(pipe)  # type: ignore[arg-type]
        found = [pickle.loads(answers[k]) if answers.get(k) else self.work(task) for k, task in enumerate(tasks)]
        if self.copies:
            self.news = [answers.get(k) or pickle.dumps(one, pickle.HIGHEST_PROTOCOL) for k, one in enumerate(found)]
        return found

    def close(self) -> None:
        """Let all copies go, whatever they are at."""
        for pipe in list(self.copies):
            self._lose(pipe)

    def _send(self, pipe: Connection, what: Any) -> bool:
        try:
            pipe.send(what)
        except GONE:
            self._lose(pipe)
            return False
        return True

    def _lose(self, pipe: Connection) -> None:
        copy = self.copies.pop(pipe)
        pipe.close()
        copy.terminate()
        copy.join()


def _serve(pipe: Connection, work: Callable[[Any], Any], hear: Callable[[Any], None], others: Sequence[Connection]) -> None:
    """A copy's life: it hears the news (a list), answers tasks, and ends when nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # stopped by hand is the one who asks
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    for other in others:
        other.close()  # else nobody would notice that whoever asks has gone
    try:
        while True:
            what = pipe.recv()
            if isinstance(what, list):
                for news in what:
                    hear(pickle.loads(news))
                continue
            try:
                answer = pickle.dumps(work(what), pickle.HIGHEST_PROTOCOL)
            except Exception:
                answer = b""
            pipe.send_bytes(answer)
    except GONE:
        return
