"""YAML/CSV -> Model, every value remembering file:line; Model -> YAML.

`tree` turns the files into a tree of placed texts; here the tree becomes rows. What a field may say is
declared once, in `model` (kind, spelling, default, largest value); `fields.FIELD_READERS` says how each
kind is read. Everything wrong is gathered and shown together; an unknown key or name is never dropped.
"""

from __future__ import annotations

import dataclasses
import datetime
import gc
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any

from blackstart import evidence
from blackstart.errors import ModelError, Problem, Where, listed
from blackstart.language import history as own_history
from blackstart.language import model
from blackstart.language.effects import read_effects, settled
from blackstart.language.fields import (
    FIELD_READERS,
    SHORT,
    FieldSpec,
    read_date,
    read_fields,
    read_label,
    read_money,
    read_money_yearly,
    read_percent,
    read_row,
    spec_of,
    titles,
)
from blackstart.language.model import Component, Domain, Effect, Hazard, Model, Target
from blackstart.language.patches import blamed
from blackstart.language.reading import SECTION_NOUN, Path, Reading, Sourced, dotted, kind_key, library_tree
from blackstart.language.tree import Document, Map, Seq, Text, added_to, document, patched, placed, to_yaml
from blackstart.language.tree.files import read_file
from blackstart.language.tree.files import read_text as read_tree_text
from blackstart.nearest import Nearest

SECTIONS = (*SECTION_NOUN, "growth")
TOP_KEYS = (
    "blackstart", "title", "currency", "exchange", "as_of", "domains", "components", "services", "teams",
    "hazards", "barriers", "common_causes", "defences", "growth", "tolerance", "history", "intended", "include",
)  # fmt: skip
VERSION = "1"
FILE = "model.yaml"  # the model of a folder
_IS_MODEL = re.compile(r"^[\"']?blackstart[\"']?\s*:", re.MULTILINE)
# what else may be given for a model by mistake: the key that such a file begins with, and what to do with it
_OTHER_FILES = {"backtest": "model-is-targets", "incident": "model-is-record"}
_LONGEST_HEAD = 1 << 16  # letters of a file in which `blackstart: 1` is looked for
_MANY_OBJECTS = 500_000

_TIME_FIELDS = frozenset(("takes", "work", "detect", "decide", "switch"))
_MENDING_FIELDS = frozenset(("takes", "work"))  # finding out and deciding come before the time that a kind brings for a repair


def load(path: str | os.PathLike[str], *, lang: str = "en", history: str | os.PathLike[str] | None = None) -> Model:
    """Read the model in a file, with all files that it includes.

    Parameters
    ----------
    path : str or path
        The main file, or its folder (`model_file`); includes are looked for beside it and never outside its folder.
    lang : str
        Language of the exception's own message; its problems carry no language.
    history : str or path, optional
        A table of the firm's own history, beside what the model names itself.

    Raises
    ------
    ModelError
        With every problem found.
    """
    with quiet_collector():
        try:
            return _model(read_file(model_file(path), history))
        except ModelError as error:
            error.lang = lang
            raise


def model_file(path: str | os.PathLike[str]) -> FilePath:
    """The file of the model at a path: of a folder its `model.yaml`, or the only file in it that begins as a model does.

    Raises
    ------
    ModelError
        A folder that holds no model, or several and none of that name.
    """
    given = FilePath(path)
    if not given.is_dir() or (given / FILE).is_file():
        return given / FILE if given.is_dir() else given
    files = sorted(f for f in given.iterdir() if f.is_file() and not f.name.startswith("."))
    models = [f for f in files if f.suffix.lower() in (".yaml", ".yml") and _begins_as_model(f)]
    if len(models) == 1:
        return models[0]
    code, names = ("folder-models", models) if models else ("folder-no-model", files)
    raise ModelError([Problem(code, None, "", {"folder": os.fspath(path), "found": listed([f.name for f in names]) or "-"})])


def _begins_as_model(file: FilePath) -> bool:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            return _IS_MODEL.search(text.read(_LONGEST_HEAD)) is not None
    except OSError:
        return False


def load_text(text: str, name: str = "model.yaml") -> Model:
    """Read a model given as YAML text, called `name` in messages. Raises ModelError."""
    with quiet_collector():
        return _model(read_tree_text(text, name))


def dump(model: Model) -> str:
    """The model as one YAML text; `load_text` of it gives an equal model."""
    return to_yaml(model.raw)


def apply(model: Model, defence_ids: Iterable[str]) -> Model:
    """The model after some of its defences: the change of each is merged in.

    A choice of defences is a set: they go in the order of the file, each behind those that it requires, in whatever
    order they are named. A required defence must be among them or be there already (any state but `absent`).

    Raises
    ------
    ModelError
        An unknown defence, a requirement that is missing, two that exclude each other, or a change
        that makes no valid model.
    """
    ids = list(dict.fromkeys(defence_ids))
    problems = list(_portfolio_problems(model, ids))
    if problems:
        raise ModelError(problems, model.raw.sources)
    if not ids:
        return model
    return changed(model, [c for name in _in_order(model, ids) if (c := model.defences[name].change) is not None])


def _in_order(model: Model, ids: Iterable[str]) -> list[str]:
    """Some defences in the order of the file, each behind those of them that it requires."""
    chosen = set(ids)
    order: dict[str, None] = {}

    def add(name: str, above: tuple[str, ...] = ()) -> None:
        for other in model.defences[name].requires:
            if other in chosen and other not in above:
                add(other, (*above, name))
        order[name] = None

    for name in model.defences:
        if name in chosen and name not in order:
            add(name)
    return list(order)


def changed(model: Model, patches: Iterable[Any]) -> Model:
    """The model after some merge patches (`tree.patched`), merged in one after the other.

    Raises
    ------
    ModelError
        If what comes out is no valid model.
    """
    root, every = model.raw, list(patches)
    for patch in every:
        root = patched(root, patch)
    try:
        with quiet_collector():
            return _model(document(root, model.raw.file, model.raw.at, model.raw.sources, (*model.raw.changes, *every)))
    except ModelError as wrong:
        raise ModelError(blamed(wrong.problems, every), wrong.sources) from None


def _portfolio_problems(model: Model, ids: list[str]) -> Iterator[Problem]:
    chosen = set(ids)
    near = Nearest(model.defences)
    for name in ids:
        if name not in model.defences:
            yield Problem("unknown-defence", None, "defences", {"name": name}, near.to(name))
            continue
        defence = model.defences[name]
        path = f"defences.{name}"
        for other in defence.requires:
            if other not in chosen and model.defences[other].state == "absent":
                yield Problem("defence-requires", defence.where, path, {"name": name, "other": other})
        for other in defence.excludes:
            if other in chosen:
                yield Problem("defence-excludes", defence.where, path, {"name": name, "other": other})


@contextmanager
def quiet_collector() -> Iterator[None]:
    """No garbage collection while millions of nodes that all live on are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_count()[0] > _MANY_OBJECTS:
                gc.freeze()  # a large model lives as long as the program: never walk through it again
            gc.enable()


# --------------------------------------------------------------------------- the whole model


def _model(root: Document) -> Model:
    ctx = Reading(root)
    _top(ctx)
    ctx.read_currency()
    _declare(ctx)
    domains = _domains(ctx)
    teams = _rows(ctx, "teams", model.Team)
    components = _components(ctx)
    barriers = _rows(ctx, "barriers", model.Barrier, with_kind="barrier")
    hazards = _Hazards(ctx, components, domains).read()
    as_of = read_date(ctx, root["as_of"], (None, "as_of")) if root.get("as_of") is not None else None
    updates: tuple[model.Update, ...] = ()
    if root.get("history") is not None:
        learnt = own_history.learn(ctx, root["history"], components, hazards, barriers, as_of)
        components, hazards, barriers, updates = learnt.components, learnt.hazards, learnt.barriers, learnt.updates
    rows = Model(
        title="" if root.get("title") is None else read_label(ctx, root["title"], (None, "title")),
        components=components,
        domains=domains,
        teams=teams,
        hazards=hazards,
        barriers=barriers,
        defences=_defences(ctx),
        common_causes=_common_causes(ctx),
        growth=_listed(ctx, "growth", model.Stage),
        intended=_listed(ctx, "intended", model.Intended, ("finding", "at", "because")),
        tolerance=_appetite(ctx),
        currency=ctx.currency,
        as_of=as_of,
        defaults=tuple(ctx.defaults),
        raw=root,
        files=tuple(root.sources),
        updates=updates,
    )
    if ctx.problems:
        raise ModelError(ctx.problems, root.sources)
    return rows


def _top(ctx: Reading) -> None:
    root = ctx.root
    other = next((key for key in root if key in _OTHER_FILES), None)
    if other is not None and "blackstart" not in root:
        raise ModelError([Problem(_OTHER_FILES[other], other.where, str(other), {"file": root.file})], root.sources)
    for key, value in root.items():
        if key not in TOP_KEYS:
            ctx.unknown_key(key, TOP_KEYS, (None, key))
        elif key in SECTION_NOUN and value is not None and not isinstance(value, Map):
            ctx.wants("mapping", value, (None, key))
    if "blackstart" not in root:
        ctx.problem("version-missing", root, None)
    elif root["blackstart"] != VERSION:
        value = root["blackstart"]
        at = value if value is not None else next(key for key in root if key == "blackstart")
        shown = str(value) if isinstance(value, Text) else ""
        ctx.problem("version", at, (None, "blackstart"), version=shown, known=VERSION)


def _entries(ctx: Reading, section: str) -> Iterator[tuple[Text, Any]]:
    entries = ctx.root.get(section)
    return iter(entries.items()) if isinstance(entries, Map) else iter(())


def _declare(ctx: Reading) -> None:
    """Enter every name before anything that may refer to it is read."""
    for section in ctx.root:
        noun = SECTION_NOUN.get(section)
        if noun is not None:
            for name, _ in _entries(ctx, section):
                ctx.declare(noun, name, ((None, section), name))
    for key, _ in _entries(ctx, "domains"):
        if key in ctx.known["component"] and key in ctx.known["domain"]:
            ctx.problem("name-twice", key, ((None, "domains"), key), name=str(key))


def _mapping(ctx: Reading, value: Any, key: Text, path: Path) -> Map | None:
    """The mapping of an entry; nothing at all is an empty one."""
    if isinstance(value, Map):
        return value
    if value is None:
        return placed(Map, {}, key.file, key.at)
    ctx.wants("mapping", value, path)
    return None


def _rows(ctx: Reading, section: str, cls: type, with_kind: str = "") -> dict[str, Any]:
    """The rows of a section; `with_kind` names the noun whose kinds bring what the entries do not say."""
    noun, found = SECTION_NOUN[section], {}
    for key, value in _entries(ctx, section):
        path = ((None, section), key)
        entry = _mapping(ctx, value, key, path)
        name = ctx.known[noun].get(key)
        if entry is not None and name is not None:
            entry = _completed(ctx, entry, with_kind, path) if with_kind and "kind" in entry else entry
            found[name] = cls(id=name, **read_fields(ctx, cls, entry, path), where=key.where, wheres=Places(entry))
    return found


# --------------------------------------------------------------------------- components


class Places(Mapping[str, Where]):
    """Where each stated value of a row stands, by its path in the file (`effects[0].after`); looked up when asked."""

    __slots__ = ("_entry",)

    def __init__(self, entry: Map) -> None:
        self._entry = entry

    def __getitem__(self, path: str) -> Where:
        node: Any = self._entry
        key: Any = None
        for part in re.findall(r"[^.\[\]]+", path):
            if isinstance(node, Seq) and part.isdigit() and int(part) < len(node):
                node = node[int(part)]
                continue
            if not isinstance(node, Map) or part not in node:
                raise KeyError(path)
            key = next(one for one in node if one == part)
            node = node[part]
        return key.where if node is None else node.where

    def __iter__(self) -> Iterator[str]:
        todo = [("", self._entry)]
        while todo:
            lead, node = todo.pop()
            for key, value in node.items():
                yield lead + key
                if isinstance(value, Map):
                    todo.append((f"{lead}{key}.", value))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclasses.dataclass(frozen=True, slots=True)
class _Filling:
    """One value that a kind brings: for an attribute, or for `inner` of the row in it."""

    key: str
    attribute: str
    inner_key: str
    inner: str
    value: Any
    text: str
    source: str
    title: str


def _components(ctx: Reading) -> dict[str, Component]:
    found: dict[str, Component] = {}
    kinds: dict[str, list[_Filling] | None] = {}
    known = ctx.known["component"]
    for section in ("components", "services"):
        is_service = section == "services"
        for key, value in _entries(ctx, section):
            path = ((None, section), key)
            name = known.get(key)
            entry = _mapping(ctx, value, key, path)
            if name is None or entry is None or name in found:
                continue
            start = entry.get("start")
            whole = entry if not isinstance(start, Map) or "kind" not in start else _with_take_over(ctx, entry, start, (path, "start"))
            got = read_fields(ctx, Component, whole, path)
            kind = entry.get("kind")
            if isinstance(kind, Text):
                if kind not in kinds:
                    kinds[kind] = _fillings(ctx, kind, (path, "kind"))
                _fill(ctx, got, entry, kinds[kind] or (), section, name)
            if "fails" not in got and "fails" not in entry:
                ctx.default(f"{section}.{name}.fails", "never", "language")
            found[name] = Component(
                id=name, is_service=is_service, **got, where=key.where, wheres=Places(entry)
            )
    return found


def _with_take_over(ctx: Reading, entry: Map, start: Map, path: Path) -> Map:
    """The entry of a component whose start names a kind of take-over, with what that kind brings."""
    whole = placed(Map, entry, entry.file, entry.at)
    key = next(one for one in entry if one == "start")
    whole[key] = _completed(ctx, start, "takeover", path)
    return whole


def _completed(ctx: Reading, entry: Map, noun: str, path: Path) -> Map:
    """The entry of a barrier, hazard or start, with what its kind brings where it says nothing itself."""
    kind = entry.get("kind")
    if not isinstance(kind, Text):
        return entry
    raw = evidence.defaults(kind, noun)
    if raw is None:
        near = ctx.near(kind, f"{noun} kind", evidence.kinds(noun))
        ctx.problem("unknown-kind", kind, (path, "kind"), near, kind=str(kind))
        return entry
    return _under(ctx, entry, library_tree(raw, kind, "", raw["_sources"]), path)


def _under(ctx: Reading, stated: Map, brought: Map, path: Path) -> Map:
    """What is stated, with what is brought where nothing is; of a start's times all are stated or none."""
    whole: Map = placed(Map, stated, stated.file, stated.at)
    timed = bool(_TIME_FIELDS & set(stated))
    for key, value in brought.items():
        if key not in stated and not (timed and key in _TIME_FIELDS):
            whole[key] = value
            _note(ctx, value, dotted((path, key)))
        elif isinstance(value, Map) and isinstance(stated.get(key), Map):
            whole[key] = _under(ctx, stated[key], value, (path, key))
    return whole


def _note(ctx: Reading, node: Any, path: str) -> None:
    """List every number of the library in a tree as a default."""
    if isinstance(node, Sourced):
        ctx.default(path, str(node), node.source, titles(node.source))
    elif isinstance(node, Map):
        for key, value in node.items():
            _note(ctx, value, f"{path}.{key}")
    elif isinstance(node, Seq):
        for i, value in enumerate(node):
            _note(ctx, value, f"{path}.{i}")


def _fillings(ctx: Reading, kind: Text, path: Path) -> list[_Filling] | None:
    """What the evidence library says about a kind of component, read once."""
    raw = evidence.defaults(kind, "component")
    if raw is None:
        near = ctx.near(kind, "kind", evidence.kinds("component"))
        ctx.problem("unknown-kind", kind, path, near, kind=str(kind))
        return None
    sources = raw.get("_sources", {})
    entry = library_tree(raw, kind, "", sources)
    found = []
    for key, node in entry.items():
        one = spec_of(Component)[key]
        if not isinstance(node, Map):
            found.append(_filling(ctx, one, None, node, sources.get(key, ""), path))
            continue
        for inner_key, inner_node in node.items():
            inner = spec_of(getattr(model, one.kind))[inner_key]
            source = sources.get(f"{key}.{inner_key}", "")
            found.append(_filling(ctx, one, inner, inner_node, source, path))
    return found


def _filling(
    ctx: Reading, one: FieldSpec, inner: FieldSpec | None, node: Any, source: str, path: Path
) -> _Filling:
    value = FIELD_READERS[(inner or one).kind](ctx, node, path)
    key, attribute = (inner.key, inner.attribute) if inner else ("", "")
    return _Filling(one.key, one.attribute, key, attribute, value, str(node), source, titles(source))


def _fill(
    ctx: Reading, got: dict[str, Any], entry: Map, fillings: Iterable[_Filling], section: str, name: str
) -> None:
    """Put what the kind brings where the user said nothing.

    Whoever states how long a repair or a start takes, in whatever words, has stated its time: nothing
    of the kind is added to it, but to what finding out and deciding take before a repair.
    """
    for one in fillings:
        stated = entry.get(one.key)
        if not one.inner:
            if one.key in entry:
                continue
            got[one.attribute] = one.value
        else:
            cls = spec_of(Component)[one.key].kind
            said = (
                set(stated)
                if isinstance(stated, Map)
                else {SHORT.get(cls, "")}
                if stated is not None
                else set()
            )
            times = _MENDING_FIELDS if one.key == "repair" else _TIME_FIELDS
            if one.inner_key in said or (one.inner_key in times and said & times):
                continue
            before = got.get(one.attribute)
            if getattr(before, one.inner, None) is not None:
                continue  # the kind of its take-over has said it
            change = {one.inner: one.value}
            got[one.attribute] = (
                getattr(model, cls)(**change) if before is None else dataclasses.replace(before, **change)
            )
        tail = f"{one.key}.{one.inner_key}" if one.inner else one.key
        ctx.default(f"{section}.{name}.{tail}", one.text, one.source, one.title)


# --------------------------------------------------------------------------- domains and hazards


def _domains(ctx: Reading) -> dict[str, Domain]:
    found = _rows(ctx, "domains", Domain)
    for name, domain in found.items():
        if domain.kind is None:
            continue
        key = kind_key(domain.kind, "domain")
        ctx.domains_of_kind.setdefault(key, []).append(name)
        if evidence.canonical(domain.kind, "domain") is None:
            at = ctx.root["domains"][name]["kind"]
            path = (((None, "domains"), name), "kind")
            near = ctx.near(domain.kind, "domain kind", evidence.kinds("domain"))
            ctx.problem("unknown-domain-kind", at, path, near, kind=domain.kind)
    return found


class _Hazards:
    """The user's hazards, one for each domain where they say so, and those that kinds of domains bring."""

    def __init__(self, ctx: Reading, components: dict[str, Component], domains: dict[str, Domain]) -> None:
        self.ctx, self.components, self.domains = ctx, components, domains
        self.entries: dict[str, tuple[Text, Map]] = {}
        self.found: dict[str, Hazard] = {}
        self._holders: dict[str, dict[str, bool]] | None = None  # kind -> domains that hold it

    def read(self) -> dict[str, Hazard]:
        self._bring()
        self._find_each()
        for name, (key, entry) in self.entries.items():
            self._hazard(name, key, entry, ((None, "hazards"), name))
        return self.found

    def _bring(self) -> None:
        """What the user wrote, then what the kinds of the domains bring (under the user's own fields)."""
        stated = {str(key): (key, value) for key, value in _entries(self.ctx, "hazards")}
        brought: dict[str, tuple[Text, Map]] = {}
        for domain in self.domains.values():
            raw = evidence.defaults(domain.kind, "domain") if domain.kind else None
            for template, fields in (raw or {}).get("hazards", {}).items():
                name = f"{template}@{domain.id}"
                key, mine = stated.get(name, (None, None))
                if key is not None and mine is None:
                    stated.pop(name)  # `fire@pangyo: null` says that this one is not wanted
                elif not self._unneeded(domain.id, fields.get("_unless_inside", ())):
                    sources = (raw or {})["_sources"]
                    brought[name] = self._template(domain, name, template, fields, sources, mine)
                    stated.pop(name, None)
        for name, (key, value) in stated.items():
            if value is None:  # only what a kind brings can be switched off
                self.ctx.problem("unknown-hazard", key, ((None, "hazards"), name), Nearest(brought).to(name), name=name)
                continue
            entry = _mapping(self.ctx, value, key, ((None, "hazards"), name))
            if name in self.ctx.known["hazard"] and entry is not None:
                self.entries[name] = key, entry
        self.entries |= brought

    def _template(
        self,
        domain: Domain,
        name: str,
        template: str,
        fields: dict[str, Any],
        sources: dict[str, str],
        mine: Any,
    ) -> tuple[Text, Map]:
        """A hazard of the library at one domain, under the user's own fields for it."""
        at = self.ctx.root["domains"][domain.id]["kind"]
        tree = library_tree(fields, at, f"hazards.{template}", sources)
        key: Text = placed(Text, name, at.file, at.at)
        if isinstance(mine, Map):
            for field in mine:
                tree.pop(field, None)
            tree.update(mine)
        if "strikes" not in tree:
            tree[placed(Text, "strikes", at.file, at.at)] = placed(Text, domain.id, at.file, at.at)
        _note(self.ctx, tree, f"hazards.{name}")
        self.ctx.known["hazard"][name] = name
        return key, tree

    def _unneeded(self, domain: str, kinds: Iterable[str]) -> bool:
        """Whether the model itself says what the template stands for."""
        return any(self._is_inside(kind).get(domain, False) for kind in kinds)

    def _is_inside(self, kind: str) -> dict[str, bool]:
        """The domains that hold, at any depth, a component or domain of a kind of the library."""
        if self._holders is None:
            self._holders = {}
            rows = [("component", row.kind, row.located) for row in self.components.values()]
            rows += [("domain", row.kind, row.located) for row in self.domains.values()]
            for noun, own, located in rows:
                if own is not None and located:
                    self._holders.setdefault(kind_key(own, noun), {}).update(dict.fromkeys(located, False))
        holders = self._holders.get(kind, {})
        todo = [domain for domain, done in holders.items() if not done]
        while todo:
            domain = todo.pop()
            if not holders.get(domain):
                holders[domain] = True
                todo += self.domains[domain].located if domain in self.domains else ()
        return holders

    def _find_each(self) -> None:
        """Which hazards stand for one at each domain; enter the names of those."""
        for name, (key, entry) in self.entries.items():
            strikes = entry.get("strikes")
            if isinstance(strikes, Map) and set(strikes) == {"each"}:
                path = (((None, "hazards"), name), "strikes")
                domains = self.ctx.each(strikes["each"], path)
                self.ctx.each_hazards[name] = domains
                for domain in domains:
                    one = f"{name}@{domain}"
                    if one in self.ctx.known["hazard"]:
                        self.ctx.problem("duplicate-name", key, path, name=one, first="")
                    self.ctx.known["hazard"][one] = one

    def _hazard(self, name: str, key: Text, entry: Map, path: Path) -> None:
        ctx = self.ctx
        if "kind" in entry:
            entry = _completed(ctx, entry, "hazard", path)
        got = read_fields(ctx, Hazard, entry, path, ("strikes", "effects"))
        got.setdefault("lasts", {})
        strikes = self._strikes(entry["strikes"], path, name) if entry.get("strikes") is not None else ()
        stated = entry.get("effects")
        times = frozenset(got["lasts"])
        effects = read_effects(ctx, stated, (path, "effects"), times) if stated is not None else ()
        for id_, struck in (
            [(f"{name}@{domain}", (domain,)) for domain in ctx.each_hazards[name]]
            if name in ctx.each_hazards
            else [(name, strikes)]
        ):
            own = settled(ctx, effects, struck, path, stated_strikes=entry.get("strikes") is not None)
            if stated is None and struck:
                ctx.default(f"{dotted(path)}.effects", f"break: {', '.join(struck)}", "language")
                own = (Effect("break", Target(struck, where=key.where), where=key.where),)
            self.found[id_] = Hazard(id=id_, strikes=struck, effects=own, **got, where=key.where, wheres=Places(entry))

    def _strikes(self, value: Any, path: Path, name: str) -> tuple[str, ...]:
        ctx, place = self.ctx, (path, "strikes")
        if name in ctx.each_hazards:
            return ()
        if isinstance(value, Map):
            tag = ctx.tag(value["tag"], place) if ctx.only_key(value, "tag", place) else None
            return tuple(ctx.tags()[tag]) if tag else ()
        found = []
        for item in value if isinstance(value, Seq) else [value]:
            if not isinstance(item, Text):
                ctx.wants("text", item, place)
                continue
            one = ctx.known["domain"].get(item) or ctx.known["component"].get(item)
            if one is None:
                ctx.problem("unknown-target", item, place, ctx.near_target(item), name=str(item))
            else:
                found.append(one)
        return tuple(found)


# --------------------------------------------------------------------------- the rest


def _common_causes(ctx: Reading) -> dict[str, model.CommonCause]:
    """`{of: [a, b], beta: 10%}` or `{of: {tag: x}, alpha: [0.95, 0.04, 0.01]}`."""
    found = {}
    for key, value in _entries(ctx, "common_causes"):
        path = ((None, "common_causes"), key)
        entry = _mapping(ctx, value, key, path)
        name = ctx.known["common-cause"].get(key)
        if entry is None or name is None:
            continue
        for one in entry:
            if one not in ("of", "beta", "alpha"):
                ctx.unknown_key(one, ("of", "beta", "alpha"), (path, one))
        if ("beta" in entry) == ("alpha" in entry) or entry.get("of") is None:
            ctx.problem("common-cause", key, path)
            continue
        kind = "beta" if "beta" in entry else "alpha"
        shares = entry[kind] if isinstance(entry[kind], Seq) else [entry[kind]]
        factors = [read_percent(ctx, share, (path, kind)) for share in shares]
        members = ctx.names(entry["of"], "component", (path, "of"))
        if None not in factors:
            if any(factor > 1 for factor in factors) or (kind == "beta" and len(factors) != 1):  # type: ignore[operator]
                ctx.problem("common-cause", key, path)
            found[name] = model.CommonCause(name, members, kind, tuple(factors), key.where)  # type: ignore[arg-type]
    return found


_DEFENCE_EXTRA = ("costs", "state", "change")
_STATES = ("absent", "claimed", "present", "rehearsed")


def _defences(ctx: Reading) -> dict[str, model.Defence]:
    found = {}
    for key, value in _entries(ctx, "defences"):
        path = ((None, "defences"), key)
        entry = _mapping(ctx, value, key, path)
        name = ctx.known["defence"].get(key)
        if entry is None or name is None:
            continue
        got = read_fields(ctx, model.Defence, entry, path, _DEFENCE_EXTRA)
        once, yearly = _costs(ctx, entry.get("costs"), (path, "costs"))
        state, day = _state(ctx, entry.get("state"), (path, "state"))
        change = entry.get("change")
        if change is not None:
            _check_change(ctx, change, (path, "change"))
        found[name] = model.Defence(
            id=name, **got, costs_once=once, costs_yearly=yearly, state=state, state_date=day,
            change=change, where=key.where, wheres=Places(entry),
        )  # fmt: skip
    return found


def _check_change(ctx: Reading, change: Any, path: Path) -> None:
    if not isinstance(change, Map):
        ctx.wants("mapping", change, path)
        return
    for key in change:
        if (added_to(key) or key) not in TOP_KEYS or key in ("include", "blackstart"):
            ctx.unknown_key(key, set(TOP_KEYS) - {"include", "blackstart"}, (path, key))


def _costs(ctx: Reading, value: Any, path: Path) -> tuple[Any, Any]:
    """`{once: 4bn KRW, yearly: 1.2bn KRW}`; an amount alone is paid once."""
    if value is None:
        return None, None
    if not isinstance(value, Map):
        return read_money(ctx, value, path), None
    for key in value:
        if key not in ("once", "yearly"):
            ctx.unknown_key(key, ("once", "yearly"), (path, key))
    once = read_money(ctx, value["once"], (path, "once")) if value.get("once") is not None else None
    yearly = value.get("yearly")
    return once, read_money_yearly(ctx, yearly, (path, "yearly")) if yearly is not None else None


def _state(ctx: Reading, value: Any, path: Path) -> tuple[str, datetime.date | None]:
    """`claimed`, or `{present: 2024-05-01}`, or `rehearsed 2024-05-01`."""
    if value is None:
        return "absent", None
    if isinstance(value, Map) and len(value) == 1:
        state, day = next(iter(value.items()))
    elif isinstance(value, Text):
        word, _, rest = value.partition(" ")
        state = placed(Text, word, value.file, value.at)
        day = placed(Text, rest, value.file, value.at + len(word) + 1) if rest else None
    else:
        ctx.wants("text", value, path)
        return "absent", None
    if state not in _STATES:
        ctx.problem(
            "defence-state",
            state,
            path,
            ctx.near(state, "state", _STATES),
            text=str(state),
            known=", ".join(_STATES),
        )
        return "absent", None
    return str(state), read_date(ctx, day, path) if day is not None else None


def _appetite(ctx: Reading) -> model.Appetite | None:
    value = ctx.root.get("tolerance")
    if value is None:
        return None
    if not isinstance(value, Map):
        ctx.wants("mapping", value, (None, "tolerance"))
        return None
    return read_row(ctx, model.Appetite, value, (None, "tolerance"))


def _listed(ctx: Reading, section: str, cls: type, wanted: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """Rows of a section that is a list; `wanted`: fields that each must state."""
    value = ctx.root.get(section)
    if value is None:
        return ()
    if not isinstance(value, Seq):
        ctx.wants("list", value, (None, section))
        return ()
    found = []
    for i, item in enumerate(value):
        path = ((None, section), str(i))
        if isinstance(item, Map):
            found.append(cls(**read_fields(ctx, cls, item, path), where=item.where))
            for key in wanted:
                if key not in item:
                    ctx.problem("key-wanted", item, path, key=key)
        else:
            ctx.wants("mapping", item, path)
    return tuple(found)
