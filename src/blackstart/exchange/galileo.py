"""Static fault trees as Galileo writes them: `toplevel "T"; "T" or "A" "B"; "A" 2of3 "x" "y" "z"; "x" lambda=0.001;`.

Source: K. J. Sullivan, J. B. Dugan, D. Coppit, "The Galileo fault tree analysis tool", FTCS-29 (1999); the form that DFTCalc
and Storm read. Gates that depend on the order of failures are a Problem: they ask for time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from blackstart.errors import ModelError, Problem, Where
from blackstart.exchange.open_psa import read_file, short
from blackstart.fault_trees.expressions import Expression, call, constant
from blackstart.fault_trees.faulttree import Connective, Event, FaultTree, Gate, names_in
from blackstart.graph import circles_of
from blackstart.nearest import Nearest

DYNAMIC = {"pand", "por", "seq", "fdep", "pdep", "spare", "wsp", "csp", "hsp", "mutex", "insp", "priority"}
PLAIN = {"and": "and", "or": "or"}
ATTRIBUTES = {"prob", "lambda", "rate", "shape", "dorm", "repl"}
NEUTRAL = {"repl": 1.0}  # what may be written because it changes nothing
LONGEST_NAME = 500

_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|(?P<quoted>"[^"\n]*")|(?P<end>;)|(?P<equals>=)|(?P<word>[^\s;="]+)|(?P<bad>")', re.S)
_VOTE = re.compile(r"(\d{1,6})of(\d{1,6})", re.I)


class _Token(NamedTuple):
    kind: str
    text: str
    where: Where


def _tokens(text: str, file: str) -> list[_Token]:
    found, line, begin = [], 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", begin, match.start())
        begin = match.start()
        if match.lastgroup:
            column = begin - text.rfind("\n", 0, begin)
            found.append(_Token(match.lastgroup, match.group().strip('"').strip(), Where(file, line, column)))
    return found


def _statements(tokens: list[_Token]) -> list[list[_Token]]:
    """Tokens up to each semicolon; the last one may lack it."""
    found: list[list[_Token]] = [[]]
    for token in tokens:
        if token.kind == "end":
            found.append([])
        else:
            found[-1].append(token)
    return [s for s in found if s]


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.gates: dict[str, Gate] = {}
        self.events: dict[str, Event] = {}
        self.used: dict[str, Where] = {}
        self.top: _Token | None = None

    def wrong(self, code: str, token: _Token, nearest: str | None = None, **values: object) -> None:
        self.problems.append(Problem(code, token.where, values=values, nearest=nearest))

    def statement(self, tokens: list[_Token]) -> None:
        name, rest = tokens[0], tokens[1:]
        if not name.text or len(name.text) > LONGEST_NAME or not name.text.isprintable() or name.kind not in ("quoted", "word"):
            self.wrong("ft-name", name, name=short(name.text), most=LONGEST_NAME)
        elif name.kind == "word" and name.text.lower() == "toplevel":
            self._toplevel(name, rest)
        elif name.text in self.gates or name.text in self.events:
            first = (self.gates.get(name.text) or self.events[name.text]).where
            self.wrong("ft-twice", name, name=short(name.text), first=str(first))
        elif len(rest) > 1 and rest[1].kind == "equals":
            self.events[name.text] = self._event(name, rest)
        elif rest:
            self.gates[name.text] = self._gate(name, rest[0], rest[1:])
        else:
            self.wrong("ft-no-probability", name, name=short(name.text))

    def _toplevel(self, word: _Token, rest: list[_Token]) -> None:
        if len(rest) != 1 or self.top:
            self.wrong("ft-toplevel", word)
        self.top = self.top or (rest[0] if rest else None)

    def _gate(self, name: _Token, kind: _Token, children: list[_Token]) -> Gate:
        of = tuple(child.text for child in children)
        for child in children:
            self.used.setdefault(child.text, child.where)
        word, vote = kind.text.lower(), _VOTE.fullmatch(kind.text)
        if vote and int(vote[2]) == len(of) and int(vote[1]) <= len(of):
            return Gate(Connective("atleast", of, int(vote[1])), "", name.where)
        if vote:
            self.wrong("ft-count", kind, text=kind.text, count=len(of))
        elif word in DYNAMIC:
            self.wrong("ft-dynamic", kind, gate=word)
        elif word not in PLAIN:
            self.wrong("ft-galileo-gate", kind, nearest=Nearest(["and", "or", *DYNAMIC]).to(word), text=short(kind.text))
        elif not of:
            self.wrong("ft-arguments", kind, tag=word, needs="≥ 1", found=0)
        return Gate(Connective(PLAIN.get(word, "and"), of), "", name.where)

    def _event(self, name: _Token, rest: list[_Token]) -> Event:
        given: dict[str, float] = {}
        for key, equals, value in zip(rest[::3], rest[1::3], [*rest[2::3], None], strict=False):
            word = key.text.lower()
            if equals.kind != "equals" or value is None or word not in ATTRIBUTES or word in given:
                self.wrong("ft-galileo-attribute", key, nearest=Nearest(list(ATTRIBUTES)).to(word), text=short(key.text))
                return Event(constant(0.0), "", name.where)
            given[word] = self._number(value)
            if given[word] != NEUTRAL.get(word, given[word]):
                self.wrong("ft-galileo-attribute", key, text=f"{word}={value.text}")
        if len(rest) % 3:
            self.wrong("ft-galileo-attribute", rest[-1], text=short(rest[-1].text))
        return Event(self._law(name, given), "", name.where)

    def _law(self, name: _Token, given: Mapping[str, float]) -> Expression:
        laws = set(given) & {"prob", "lambda", "rate", "shape"}
        time = Expression("mission-time", where=name.where)
        if laws == {"prob"}:
            return Expression("value", value=given["prob"], where=name.where)
        if laws == {"lambda"}:
            return Expression("exponential", (constant(given["lambda"]), time), where=name.where)
        if laws == {"rate", "shape"}:
            scale = call("div", constant(1.0), constant(given["rate"]))._replace(where=name.where)
            return Expression("Weibull", (scale, constant(given["shape"]), constant(0.0), time), where=name.where)
        self.wrong("ft-galileo-law", name, name=short(name.text))
        return constant(0.0)

    def _number(self, token: _Token) -> float:
        if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", token.text) and len(token.text) < 100:
            return float(token.text)
        self.wrong("ft-number", token, text=short(token.text))
        return 0.0

    def tree(self, name: str) -> FaultTree:
        known = Nearest([*self.gates, *self.events])
        for child, where in self.used.items():
            if child not in self.gates and child not in self.events:
                self.problems.append(Problem("ft-undefined", where, values={"name": short(child)}, nearest=known.to(child)))
        if self.top and self.top.text not in self.gates:
            tops = ", ".join(list(self.gates)[:5])
            self.wrong("ft-top-unknown", self.top, nearest=known.to(self.top.text), name=short(self.top.text), tops=tops)
        for circle in circles_of({n: list(names_in(g.formula)) for n, g in self.gates.items()}):
            values = {"chain": " → ".join([*circle[:8], circle[0]])}
            self.problems.append(Problem("ft-circle", self.gates[circle[0]].where, values=values))
        if not self.gates and not self.problems:
            self.problems.append(Problem("ft-no-gates"))
        if self.problems:
            raise ModelError(self.problems)
        return FaultTree(name, self.gates, self.events, top=self.top.text if self.top else "")


def read(path: str | Path) -> FaultTree:
    """A static Galileo tree.

    Raises
    ------
    ModelError
        With everything that is wrong, each with file, line and column.
    """
    return read_bytes(str(path), read_file(Path(path)))


def read_bytes(file: str, data: bytes) -> FaultTree:
    """As `read`, from the content of a file."""
    reader = _Reader()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ModelError([Problem("file-encoding", Where(file, 1, 1), values={"file": file})]) from None
    try:
        for statement in _statements(_tokens(text, file)):
            reader.statement(statement)
        return reader.tree(Path(file).stem)
    except ModelError as wrong:
        raise ModelError(wrong.problems, {file: text}) from None
