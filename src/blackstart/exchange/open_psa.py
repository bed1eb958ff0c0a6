"""Fault trees as Open-PSA MEF writes them: XML, read and written.

Source: Open-PSA Model Exchange Format 2.0d and its schema (open-psa.org), where it leaves a choice as SCRAM reads it. Read are
fault trees with their components, gates, basic events and house events, parameters and expressions, and common-cause groups;
event trees, rules and phases are passed over and named in `FaultTree.unread`. What would change the answer and is not carried
out (substitutions, calls of outside programs, included files) is a Problem.

Two attributes are ours: `frequency-per-year` of a basic event says how often it begins, `testing` = `staggered` of an
alpha-factor group that its factors were counted under staggered tests.

A file is data from anybody: no DTD, entity or outside file is ever opened, and size, depth and names have limits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

from blackstart.errors import ModelError, Problem, Where
from blackstart.fault_trees.expressions import ARGUMENTS, OPERATIONS, Expression, call, constant, takes, uses
from blackstart.fault_trees.faulttree import MODELS, Connective, Event, FaultTree, Gate, Group, Logic, names_in
from blackstart.graph import circles_of, downwards
from blackstart.nearest import Nearest

MOST_BYTES = 64 * 2**20
MOST_ELEMENTS = 3_000_000
DEEPEST = 200
LONGEST_NAME = 500

CONTAINERS = ("define-fault-tree", "define-component")
EVENTS = {"define-gate": "gate", "define-basic-event": "basic-event", "define-house-event": "house-event"}
PASSED_OVER = {
    "define-event-tree", "define-alignment", "define-consequence-group", "define-consequence", "define-rule",
    "define-initiating-event-group", "define-initiating-event",
}  # fmt: skip
NOT_DONE = {
    "define-substitution", "include", "define-extern-library", "define-extern-function", "extern-function",
    "test-initiating-event", "test-functional-event",
}  # fmt: skip
CONNECTIVES = {  # least and most arguments; -1: any number
    "and": (1, -1), "or": (1, -1), "not": (1, 1), "xor": (2, -1), "iff": (2, -1), "nand": (1, -1), "nor": (1, -1),
    "imply": (2, 2), "atleast": (1, -1), "cardinality": (1, -1),
}  # fmt: skip
REFERENCES = {"gate": "gate", "basic-event": "basic-event", "house-event": "house-event", "event": ""}
EXPRESSIONS = {*OPERATIONS, "float", "int", "bool", "parameter", "system-mission-time"}
TRUTH = {"true": True, "false": False, "1": True, "0": False}


class _Element:
    __slots__ = ("attributes", "children", "tag", "text", "where")

    def __init__(self, tag: str, attributes: dict[str, str], where: Where) -> None:
        self.tag, self.attributes, self.where = tag, attributes, where
        self.children: list[_Element] = []
        self.text = ""


# ----------------------------------------------------------------------------- XML


def _refuse(code: str, where: Where | None, sources: Mapping[str, str], **values: Any) -> ModelError:
    return ModelError([Problem(code, where, values=values)], sources)


def _elements(data: bytes, file: str) -> _Element:
    """The root element; refuses whatever is not plain, small and well-formed."""
    shown = {file: data.decode("utf-8-sig", errors="replace")}
    parser = expat.ParserCreate()
    parser.buffer_text = True
    outside = _Element("", {}, Where(file, 1, 1))
    stack = [outside]
    count = 0

    def here() -> Where:
        return Where(file, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS:
            raise _refuse("ft-too-large", here(), shown, most=f"{MOST_ELEMENTS:,}")
        if len(stack) > DEEPEST:
            raise _refuse("ft-too-deep", here(), shown, most=DEEPEST)
        found = _Element(tag, attributes, here())
        stack[-1].children.append(found)
        stack.append(found)

    def text(words: str) -> None:
        stack[-1].text += words

    def doctype(name: str, system: str | None, public: str | None, inside: int) -> None:
        if system or public or inside:  # `<!DOCTYPE opsa-mef>` alone, as in the standard, says nothing
            raise _refuse("ft-doctype", here(), shown)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as wrong:
        at = Where(file, wrong.lineno, wrong.offset + 1)
        raise _refuse("ft-xml", at, shown, reason=expat.ErrorString(wrong.code) or "") from None
    except (ValueError, LookupError):  # an encoding that the parser does not have
        raise _refuse("file-encoding", Where(file, 1, 1), shown, file=file) from None
    return outside.children[0]


def read_file(path: Path) -> bytes:
    """The content of a file that somebody names; a Problem where it cannot be read or is larger than `MOST_BYTES`."""
    name = str(path)
    if not path.exists():
        raise ModelError([Problem("file-missing", values={"file": name})])
    if not path.is_file():
        raise ModelError([Problem("ft-not-a-file", values={"file": name})])
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelError([Problem("ft-file-too-large", values={"file": name, "most": MOST_BYTES // 2**20})])
        return path.read_bytes()
    except OSError as trouble:
        raise ModelError([Problem("file-unreadable", values={"file": name, "reason": trouble.strerror or str(trouble)})]) from None


def is_xml(data: bytes) -> bool:
    """Whether a file is XML rather than text: it begins with `<`, whatever the encoding."""
    return data[:200].lstrip(b"\xef\xbb\xff\xfe\xbf\x00 \t\r\n").startswith(b"<")


# ----------------------------------------------------------------------------- names


class _Known(NamedTuple):
    """Something that has a name: what it is, where it stands, in which container its own names are looked up first."""

    kind: str
    element: _Element
    scope: str


class _Names:
    """Names of one kind (events, or parameters, or groups): public ones by name, all of them by path."""

    def __init__(self) -> None:
        self.known: dict[str, _Known] = {}
        self.paths: dict[str, str] = {}
        self.near = Nearest(self.known)

    def add(self, name: str, private: bool, known: _Known) -> Problem | None:
        path = f"{known.scope}.{name}" if known.scope else name
        own = path if private else name
        if own in self.known or path in self.paths:
            first = self.known[self.paths.get(path, own)].element.where
            return Problem("ft-twice", known.element.where, values={"name": name, "first": str(first)})
        self.known[own] = known
        self.paths[path] = own
        return None

    def find(self, name: str, scope: str) -> str | None:
        """The own name of what is meant by a name inside a container: the nearest around it, then what is public, then a path."""
        while scope:
            found = self.paths.get(f"{scope}.{name}")
            if found is not None:
                return found
            scope = scope.rpartition(".")[0]
        return name if name in self.known and "." not in name else self.paths.get(name)


# ----------------------------------------------------------------------------- reader


class _Reader:
    """Reads declarations first, so that anything can be used before it is declared, then what they say."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.events, self.parameters, self.groups = _Names(), _Names(), _Names()
        self.unread: dict[str, None] = {}
        self.name = ""
        self.asked: set[tuple[str, str]] = set()
        self.from_group: dict[str, str] = {}

    def wrong(self, code: str, element: _Element, nearest: str | None = None, **values: Any) -> None:
        self.problems.append(Problem(code, element.where, values=values, nearest=nearest))

    # -- declarations

    def declare(self, root: _Element) -> None:
        if root.tag != "opsa-mef":
            self.wrong("ft-root", root, tag=root.tag)
            return
        self.name = self.name or root.attributes.get("name", "").strip()
        for child in root.children:
            self._declared(child, "", False, ("model-data", *CONTAINERS[:1]))

    def _declared(self, element: _Element, scope: str, private: bool, containers: Sequence[str]) -> None:
        tag = element.tag
        role = element.attributes.get("role")
        mine = private if role is None else role == "private"
        if role not in (None, "public", "private"):
            self.wrong("ft-role", element, text=role)
        if tag == "model-data" and tag in containers:
            for child in element.children:
                self._declared(child, scope, private, ())
        elif tag in containers:
            name = self._name(element) or "?"
            if tag == "define-fault-tree":
                self.name = self.name or name
            inside = f"{scope}.{name}" if scope else name
            for child in element.children:
                self._declared(child, inside, mine, CONTAINERS[1:])
        elif tag in EVENTS or tag in ("define-parameter", "define-CCF-group"):
            name = self._name(element)
            names = self.parameters if tag == "define-parameter" else self.groups if tag == "define-CCF-group" else self.events
            if name:
                known = _Known(EVENTS.get(tag, tag.removeprefix("define-")), element, scope)
                twice = names.add(name, mine and bool(scope), known)
                self.problems.extend([twice] if twice else [])
        elif tag in PASSED_OVER:
            self.unread[tag] = None
        elif tag not in ("label", "attributes"):
            self._unknown(element, [*EVENTS, "define-parameter", "define-CCF-group", *containers])

    def _name(self, element: _Element) -> str | None:
        name = self._attribute(element, "name")
        if name is None:
            return None
        if not name or len(name) > LONGEST_NAME or "." in name or not name.isprintable():
            self.wrong("ft-name", element, name=short(name), most=LONGEST_NAME)
            return None
        return name

    def _attribute(self, element: _Element, key: str) -> str | None:
        value = element.attributes.get(key)
        if value is None:
            self.wrong("ft-attribute", element, tag=element.tag, key=key)
            return None
        return value.strip()

    def _unknown(self, element: _Element, wanted: Iterable[str]) -> None:
        if element.tag in NOT_DONE:
            self.wrong("ft-not-done", element, tag=element.tag)
        else:
            tag = short(element.tag)
            self.wrong("ft-element", element, nearest=Nearest(list(wanted)).to(tag), tag=tag)

    # -- what they say

    def tree(self) -> FaultTree:
        groups = {name: self._group(known) for name, known in self.groups.known.items()}
        for name, group in groups.items():
            self._members(name, group)
        gates, events, houses = {}, {}, {}
        for name, (kind, element, scope) in self.events.known.items():
            if kind == "gate":
                gates[name] = self._gate(element, scope)
            elif kind == "house-event":
                houses[name] = self._house(element)
            elif kind == "basic-event":
                events[name] = self._event(name, element, scope)
            else:
                events[name] = Event(None, "", element.where)
        parameters = {name: self._parameter(known) for name, known in self.parameters.known.items()}
        self._circles({n: set(names_in(g.formula)) for n, g in gates.items()}, self.events.known, "ft-circle")
        used = {n: uses(e) - {""} for n, e in parameters.items()}
        self._circles(used, self.parameters.known, "ft-parameter-circle")
        if not gates and not self.problems:
            self.problems.append(Problem("ft-no-gates"))
        if self.problems:
            raise ModelError(self.problems)
        ordered = {n: parameters[n] for n in reversed(downwards({n: sorted(u) for n, u in used.items()}, used))}
        return FaultTree(self.name, gates, events, houses, ordered, groups, tuple(self.unread))

    def _body(self, element: _Element) -> list[_Element]:
        """What a declaration says, without its label and attributes."""
        return [c for c in element.children if c.tag not in ("label", "attributes")]

    def _label(self, element: _Element) -> str:
        return next((" ".join(c.text.split()) for c in element.children if c.tag == "label"), "")

    def _own(self, element: _Element, key: str) -> tuple[str, _Element] | None:
        """The value of one of our attributes."""
        for child in element.children:
            if child.tag == "attributes":
                for one in child.children:
                    if one.attributes.get("name", "").strip() == key:
                        return one.attributes.get("value", "").strip(), one
        return None

    def _one(self, element: _Element, what: list[_Element], read: Callable[[_Element, str], Any], scope: str, empty: Any) -> Any:
        if len(what) != 1:
            self.wrong("ft-arguments", element, tag=element.tag, needs="1", found=len(what))
            return empty
        return read(what[0], scope)

    def _gate(self, element: _Element, scope: str) -> Gate:
        formula = self._one(element, self._body(element), self._formula, scope, True)
        return Gate(formula, self._label(element), element.where)

    def _house(self, element: _Element) -> bool:
        body = self._body(element)
        return self._one(element, body, lambda e, _: self._truth(e, "constant"), "", False) if body else False

    def _truth(self, element: _Element, tag: str) -> bool:
        if element.tag != tag:
            self._unknown(element, [tag])
            return False
        text = self._attribute(element, "value")
        if text is not None and text.lower() not in TRUTH:
            self.wrong("ft-truth", element, text=short(text))
        return TRUTH.get((text or "").lower(), False)

    def _event(self, name: str, element: _Element, scope: str) -> Event:
        body, in_group = self._body(element), name in self.from_group
        probability = None
        if body and in_group:
            self.wrong("ft-own-probability", element, name=name, group=self.from_group[name])
        elif body:
            probability = self._one(element, body, self._expression, scope, None)
        elif not in_group:
            self.wrong("ft-no-probability", element, name=name)
        often = self._own(element, "frequency-per-year")
        per_year = self._number(often[1], often[0], least=0.0) if often else None
        return Event(probability, self._label(element), element.where, per_year)

    def _parameter(self, known: _Known) -> Expression:
        return self._one(known.element, self._body(known.element), self._expression, known.scope, Expression("value"))

    # -- formulas

    def _formula(self, element: _Element, scope: str) -> Logic:
        tag = element.tag
        if tag in REFERENCES:
            kind = REFERENCES[tag] or element.attributes.get("type", "")
            return self._reference(element, scope, kind)
        if tag == "constant":
            return self._truth(element, "constant")
        if tag not in CONNECTIVES:
            self._unknown(element, [*REFERENCES, *CONNECTIVES, "constant"])
            return True
        of = tuple(self._formula(child, scope) for child in element.children)
        least, most = CONNECTIVES[tag]
        if len(of) < least or 0 <= most < len(of):
            self.wrong("ft-arguments", element, tag=tag, needs=_range(least, most), found=len(of))
            return True
        if tag == "atleast":
            return Connective(tag, of, self._count(element, "min", len(of)))
        if tag == "cardinality":
            low, high = (self._count(element, key, len(of)) for key in ("min", "max"))
            if low > high:
                self.wrong("ft-count", element, text=f"{low} > {high}", count=len(of))
            return Connective(tag, of, low, high)
        return Connective(tag, of)

    def _count(self, element: _Element, key: str, most: int) -> int:
        text = self._attribute(element, key)
        if text is None:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
            self.wrong("ft-count", element, text=short(text), count=most)
            return 0
        return int(text)

    def _reference(self, element: _Element, scope: str, kind: str) -> Logic:
        name = self._attribute(element, "name")
        if name is None:
            return True
        found = self.events.find(name, scope)
        if found is None:
            self._missing("ft-undefined", element, name, self.events)
            return True
        is_ = self.events.known[found].kind.removeprefix("member-")
        if kind and kind != is_:
            self.wrong("ft-kind", element, name=name, is_=is_, asked=kind)
        return found

    def _missing(self, code: str, element: _Element, name: str, names: _Names) -> None:
        """A name that is not declared, said once for each name."""
        if (code, name) not in self.asked:
            self.asked.add((code, name))
            self.wrong(code, element, nearest=names.near.to(name), name=short(name))

    # -- expressions

    def _expression(self, element: _Element, scope: str) -> Expression:
        tag, where = element.tag, element.where
        if tag in ("float", "int"):
            text = self._attribute(element, "value")
            return Expression("value", value=0.0 if text is None else self._number(element, text), where=where)
        if tag == "bool":
            return Expression("value", value=float(self._truth(element, "bool")), where=where)
        if tag == "parameter":
            return self._use(element, scope)
        if tag == "system-mission-time":
            return Expression("mission-time", where=where)
        if tag not in OPERATIONS:
            self._unknown(element, EXPRESSIONS)
            return Expression("value", where=where)
        flat = {"histogram": "bin", "switch": "case"}.get(tag, "")
        arguments: list[Expression] = []
        for child in element.children:
            if flat and child.tag == flat:
                if len(child.children) != 2:
                    self.wrong("ft-arguments", child, tag=flat, needs="2", found=len(child.children))
                arguments.extend(self._expression(c, scope) for c in child.children)
            else:
                arguments.append(self._expression(child, scope))
        if tag == "histogram" and element.children[:1] and element.children[0].tag == "bin":
            arguments.insert(0, Expression("value"))  # the first bin begins at 0 unless a bound stands before it
        if not takes(tag, len(arguments)):
            self.wrong("ft-arguments", element, tag=tag, needs=_wanted(tag), found=len(arguments))
        return Expression(tag, tuple(arguments), where=where)

    def _use(self, element: _Element, scope: str) -> Expression:
        name = self._attribute(element, "name")
        found = self.parameters.find(name, scope) if name is not None else None
        if found is None:
            if name is not None:
                self._missing("ft-undefined-parameter", element, name, self.parameters)
            return Expression("value", where=element.where)
        unit, declared = element.attributes.get("unit"), self.parameters.known[found].element.attributes.get("unit")
        if unit and declared and unit != declared:
            self.wrong("ft-unit", element, name=name, unit=short(unit), declared=short(declared))
        return Expression("parameter", name=found, where=element.where)

    def _number(self, element: _Element, text: str, least: float = -math.inf) -> float:
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < least:
            self.wrong("ft-number", element, text=short(text))
            return 0.0
        return value

    # -- common-cause groups

    def _group(self, known: _Known) -> Group:
        _, element, scope = known
        model = self._attribute(element, "model") or ""
        if model not in MODELS:
            self.wrong("ft-group-model", element, nearest=Nearest(list(MODELS)).to(model), text=short(model))
        parts: dict[str, list[_Element]] = {}
        for child in self._body(element):
            if child.tag not in ("members", "distribution", "factors", "factor"):
                self._unknown(child, ["members", "distribution", "factors", "factor"])
            parts.setdefault(child.tag, []).append(child)
        members = [self._member(m, scope, element) for part in parts.get("members", ()) for m in part.children]
        if len(members) < 2 or len(set(members)) < len(members):
            self.wrong("ft-group-members", element)
        spread = [e for part in parts.get("distribution", ()) for e in part.children]
        probability = self._one(element, spread, self._expression, scope, Expression("value"))
        listed = [f for part in parts.get("factors", ()) for f in part.children] + parts.get("factor", [])
        factors = self._factors(element, model, len(members), listed, scope)
        testing = self._own(element, "testing")
        if testing and (testing[0] not in ("staggered", "non-staggered") or model != "alpha-factor"):
            self.wrong("ft-testing", testing[1], text=short(testing[0]))
        staggered = bool(testing) and testing[0] == "staggered"
        return Group(model, tuple(members), probability, factors, staggered, self._label(element), element.where)

    def _member(self, element: _Element, scope: str, group: _Element) -> str:
        """A member of a group: declared elsewhere without a probability, or declared by being a member."""
        name = self._attribute(element, "name") or ""
        if element.tag not in ("basic-event", "event"):
            self._unknown(element, ["basic-event"])
        found = self.events.find(name, scope)
        if found is None and name and "." not in name:
            self.events.add(name, False, _Known("member-basic-event", element, scope))
            return name
        if found is None:
            self._missing("ft-undefined", element, name, self.events)
        elif not self.events.known[found].kind.endswith("basic-event"):
            self.wrong("ft-kind", element, name=name, is_=self.events.known[found].kind, asked="basic-event")
        return found or name

    def _members(self, name: str, group: Group) -> None:
        for member in dict.fromkeys(group.members):
            if member in self.from_group:
                self.problems.append(
                    Problem("ft-two-groups", group.where, values={"name": member, "one": self.from_group[member], "other": name})
                )
            self.from_group.setdefault(member, name)

    def _factors(self, group: _Element, model: str, n: int, listed: list[_Element], scope: str) -> dict[int, Expression]:
        """Factors by level. Unless stated, beta stands for all members, MGL counts from 2, the others from 1."""
        first = {"beta-factor": n, "MGL": 2}.get(model, 1)
        found: dict[int, Expression] = {}
        for i, element in enumerate(listed):
            text = element.attributes.get("level", str(first + i)).strip()
            level = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
            if level in found or not first <= level <= n or element.tag != "factor":
                self.wrong("ft-group-level", element, text=short(text), first=first, last=n)
                continue
            found[level] = self._one(element, element.children, self._expression, scope, Expression("value"))
        gaps = set(range(first, max(found, default=0) + 1)) - set(found)
        if not found or gaps and model in ("MGL", "alpha-factor"):
            self.wrong("ft-group-factors", group, levels=", ".join(map(str, sorted(gaps))) or str(first))
            return {first: Expression("value")}
        values = [e.value for e in found.values() if e.op == "value"]
        if any(not 0 <= v <= 1 for v in values):
            self.wrong("ft-group-share", group)
        if model == "phi-factor" and len(values) == len(found) and abs(math.fsum(values) - 1) > 1e-4:
            self.wrong("ft-group-phi", group, total=f"{math.fsum(values):g}")
        return found

    # -- circles

    def _circles(self, uses_: Mapping[str, set[str]], known: Mapping[str, _Known], code: str) -> None:
        for circle in circles_of({n: sorted(used) for n, used in uses_.items()}):
            chain = " → ".join([*circle[:8], *(["…"] if len(circle) > 8 else []), circle[0]])
            self.wrong(code, known[circle[0]].element, chain=chain)


def short(text: str) -> str:
    """A text of the file, fit to be shown: at most 60 characters."""
    shown = "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in text[:61])
    return shown if len(text) <= 60 else shown[:59] + "…"


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least}–{most}" if most >= 0 else f"≥ {least}"


def _wanted(op: str) -> str:
    if op in ARGUMENTS:
        return ", ".join(map(str, ARGUMENTS[op]))
    return _range(OPERATIONS[op].least, OPERATIONS[op].most)


def read(*paths: str | Path) -> FaultTree:
    """The fault trees of one or several files, as one model.

    Raises
    ------
    ModelError
        With everything that is wrong, each with file, line and column.
    """
    return read_bytes({str(path): read_file(Path(path)) for path in paths})


def read_bytes(files: Mapping[str, bytes]) -> FaultTree:
    """As `read`, from the contents of files by name."""
    reader = _Reader()
    try:
        for file, data in files.items():
            reader.declare(_elements(data, file))
        return reader.tree()
    except ModelError as wrong:
        sources = {file: data.decode("utf-8-sig", errors="replace") for file, data in files.items()}
        raise ModelError(wrong.problems, sources) from None


# ----------------------------------------------------------------------------- writer


def write(tree: FaultTree) -> str:
    """A fault tree as a file of Open-PSA MEF that this module, SCRAM and XFTA read.

    Names that the standard does not allow are changed; what they were stands in the label.
    """
    return _Writer(tree).text()


class _Writer:
    def __init__(self, tree: FaultTree) -> None:
        self.tree, self.lines, self.depth = tree, [], 0
        self.names = _identifiers([*tree.gates, *tree.events, *tree.houses])
        self.parameters = _identifiers(tree.parameters)

    def text(self) -> str:
        tree = self.tree
        with_ = self._nest
        self.lines.append('<?xml version="1.0" encoding="UTF-8"?>')
        with with_("opsa-mef"):
            with with_("define-fault-tree", name=_identifiers([tree.name or "tree"]).popitem()[1]):
                for name, gate in tree.gates.items():
                    with with_("define-gate", name=self.names[name]):
                        self._label(gate.label or name, name)
                        self._formula(_plain(gate.formula))
            for name, group in tree.groups.items():
                self._group(name, group)
            with with_("model-data"):
                for name, event in tree.events.items():
                    self._event(name, event)
                for name, value in tree.houses.items():
                    with with_("define-house-event", name=self.names[name]):
                        self._empty("constant", value=str(value).lower())
                for name, expression in tree.parameters.items():
                    with with_("define-parameter", name=self.parameters[name]):
                        self._expression(expression)
        return "\n".join(self.lines) + "\n"

    @contextmanager
    def _nest(self, tag: str, **attributes: Any) -> Iterator[None]:
        self._line(f"<{tag}{_attributes(attributes)}>")
        self.depth += 1
        yield
        self.depth -= 1
        self._line(f"</{tag}>")

    def _empty(self, tag: str, **attributes: Any) -> None:
        self._line(f"<{tag}{_attributes(attributes)}/>")

    def _line(self, text: str) -> None:
        self.lines.append(" " * self.depth + text)

    def _label(self, label: str, name: str) -> None:
        if label != name or self.names[name] != name:
            self._line(f"<label>{escape(label)}</label>")

    def _event(self, name: str, event: Event) -> None:
        if event.probability is None:
            return  # a member is declared by its group
        with self._nest("define-basic-event", name=self.names[name]):
            self._label(event.label or name, name)
            if event.per_year is not None:
                with self._nest("attributes"):
                    self._empty("attribute", name="frequency-per-year", value=repr(float(event.per_year)))
            self._expression(event.probability)

    def _formula(self, formula: Logic) -> None:
        if isinstance(formula, bool):
            self._empty("constant", value=str(formula).lower())
        elif isinstance(formula, str):
            kind = "gate" if formula in self.tree.gates else "house-event" if formula in self.tree.houses else "basic-event"
            self._empty(kind, name=self.names[formula])
        else:
            with self._nest(formula.op, **({"min": formula.least} if formula.op == "atleast" else {})):
                for part in formula.of:
                    self._formula(_plain(part))

    def _expression(self, expression: Expression) -> None:
        if expression.op == "value":
            self._empty("float", value=repr(float(expression.value)))
        elif expression.op == "parameter":
            self._empty("parameter", name=self.parameters[expression.name])
        elif expression.op == "mission-time":
            self._empty("system-mission-time")
        elif not expression.arguments:
            self._empty(expression.op)
        else:
            with self._nest(expression.op):
                self._arguments(expression)

    def _arguments(self, expression: Expression) -> None:
        """Arguments one by one; those of a histogram and a switch in pairs."""
        given = expression.arguments
        pair = {"histogram": "bin", "switch": "case"}.get(expression.op)
        single = given if pair is None else given[:1] if pair == "bin" else ()
        for part in single:
            self._expression(part)
        left = given[len(single) :]
        for k in range(0, len(left) - 1, 2):
            with self._nest(pair or ""):
                self._expression(left[k])
                self._expression(left[k + 1])
        if len(left) % 2:
            self._expression(left[-1])

    def _group(self, name: str, group: Group) -> None:
        with self._nest("define-CCF-group", name=_identifiers([name])[name], model=group.model):
            with self._nest("members"):
                for member in group.members:
                    self._empty("basic-event", name=self.names[member])
            with self._nest("distribution"):
                self._expression(group.probability)
            with self._nest("factors"):
                for level, factor in sorted(group.factors.items()):
                    if group.staggered:  # the standard knows other tests only: a factor is a k-th of what it is under staggered ones
                        factor = call("div", factor, constant(level))
                    with self._nest("factor", level=level):
                        self._expression(factor)


def _plain(formula: Logic) -> Logic:
    """A formula in the words that every program knows: and, or, nand, nor, not, atleast, and xor of two."""
    if not isinstance(formula, Connective):
        return formula
    op, of, least, most = formula
    if op in ("xor", "iff") and len(of) > 2:
        return _plain(Connective(op, (Connective(op, of[:-1]), of[-1])))
    if op == "iff":
        return Connective("not", (Connective("xor", of),))
    if op == "imply":
        return Connective("or", (Connective("not", of[:1]), of[1]))
    if op == "cardinality":
        return Connective("and", (Connective("atleast", of, least), Connective("not", (Connective("atleast", of, most + 1),))))
    if op == "atleast" and (least < 2 or least >= len(of)):
        return least == 0 or least <= len(of) and _plain(Connective("or" if least == 1 else "and", of))
    if len(of) == 1 and op in ("and", "or"):
        return _plain(of[0])
    return Connective("not", of) if len(of) == 1 else formula


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items())


def _identifiers(names: Iterable[str]) -> dict[str, str]:
    """Names as the standard wants them: letters, digits, `_` and single `-` within, each once."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"-{2,}", "-", re.sub(r"[^\w-]", "_", name)).strip("-")
        plain = plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"
        chosen, k = plain, 2
        while chosen in taken:
            chosen, k = f"{plain}_{k}", k + 1
        taken.add(chosen)
        found[name] = chosen
    return found
