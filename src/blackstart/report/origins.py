"""Inputs and where they come from, in words: for every report that says what its numbers rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.schemas import TEXT, Schema, list_of, map_of, number, or_null, row_of, since_later, tuple_of
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import place_of
from blackstart.text import has, say

Row = Mapping[str, Any]
_FORMS = {"after": "onset", "chance": "will"}  # how an effect is told beside a field: of others as a state
_GROUPS = {
    "components": "component", "services": "component", "hazards": "hazard", "barriers": "barrier", "teams": "team", "domains": "domain",
    "defences": "defence",
}  # fmt: skip
_COUNTED = re.compile(r"(?P<n>\d+) / (?P<of>[\d.e]+)(?: (?P<unit>.+))?")
_VALUE = re.compile(r"(?P<n>[\d.e+-]+) (?P<unit>.+)")
_SEEN = re.compile(r"(?P<n>\d+) (?:in (?P<years>[\d,.]+) ?yr|of (?P<demands>[\d,]+))")
_CASES = re.compile(r"\((?P<n>\d+) cases?\b")
_GUESS = re.compile(r"guess|추정")
_ABOVE = re.compile(r"(?<=rule|list|line|note) above\b|(?<=guess) above\b|위의? (?=규칙|목록|설명|추정)")  # a page has it elsewhere
_PARTS = re.compile(r"(?<=[.;]) ")  # of a note
# a part of a note that is of one field
_FIELDS = {"people": r"people: |인원은 ", "yearly": r"running: |연간은 |운영비는 ", "repair": r"repair: |복구는 "}
_CITED_FIRST = re.compile(r"^(?:\[[A-Za-z]{1,8}\d{1,4}\][,;:.]?\s*)+")
_MONTHS = re.compile(r"(?P<n>\d+) months?")
_RANGE = re.compile(r"(?P<low>[\d.]+) ?(?P<units>s|min|h|d|%)\.\.(?P<high>[\d.]+) ?(?P<unit>s|min|h|d|%)(?= · )")
_TIMES = re.compile(r"x(?P<n>[\d.]+)(?= · )")
_SIZES = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "%": 0.01}  # hours, or shares
_ROW_NAME = re.compile(r"\b[A-Z]{2}-[A-Z0-9-]+")
_ROWS = re.compile(r"[A-Z]{2}-[A-Z0-9-]+(?:, [A-Z]{2}-[A-Z0-9-]+)*")
_CREW = re.compile(r"(\d+) ([^,\s]+)(?=, |$)")  # of a job: `4 pay`
_STEP = re.compile(r"\.(\d+)(?=\.|$)")
# kinds of inputs as kinds of numbers
_KINDS = {"rate": "per_year", "chance": "percent", "duration": "hours", "number": "number", "money": "money"}
LARGE = 1e6  # from here on a count is told in a few digits
FAR = 1.15  # times the middle of what is believed: a mean above it is worth a word
NEEDS_TOLD = 8  # of one part
ALIKE_TOLD = 2  # things of which a defence changes the same
KEYS_TOLD = 4  # of the sources of an input, where it is told in a line
MORE = "25"  # per cent by which an input is tried larger


def one_address(address: str) -> str:
    """The address of a file in a repository, which the library writes as the repository's and, behind a space, the file's path."""
    repository, parted, path = address.partition(" ")
    return f"{repository}/blob/HEAD/{quote(path.rstrip('/'))}" if parted and repository.startswith("https://github.com/") else address


def changed_by(row: Row) -> list[Row]:
    """What an input of a defence changes: a thing, and those of which it says the same; nothing of another input."""
    changes = row.get("changes")
    return [changes, *(changes.get("alike") or ())] if changes else []


class Origins:
    """Tells inputs (rows as `origins.origin` makes them); `explained` is what `origins.explained` says of their notes."""

    def __init__(self, names: Names, explained: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.names, self.lang, self._keys = names, names.lang, explained.get("cited", {})
        self._glosses: Mapping[str, str] = explained.get("glosses", {}).get(names.lang, {})
        changed = (one for row in explained.get("inputs", ()) for one in changed_by(row))  # what a defence brings is in no model yet
        self._new = {one["thing"][1]: {"thing": one["thing"], "changes": one} for one in changed}

    def say(self, key: str, **values: Any) -> str:
        return say(f"reasons.{key}", self.lang, **values)

    def thing(self, row: Row) -> str:
        """Of which thing an input is; of several of which it says the same the first ones, and how many more."""
        if row["thing"][0] != "defences" and (row.get("changes") or {}).get("alike"):
            return self.names.join(self.things(row), ALIKE_TOLD)
        group, name = row["thing"]
        changes = row.get("changes") or {}
        if place := self.names.said(changes.get("place")):
            return self.names.made_at(name, place)
        for kind in ("stands_for", "part_of"):
            if changes.get(kind):
                return self.say(f"input.{kind}", name=self.names.of(changes[kind]))
        return self.names.said(changes.get("label")) or self.names.of(name, _GROUPS[group])

    def things(self, row: Row) -> list[str]:
        """All things of which an input of a defence says the same."""
        return [self.thing({"thing": one["thing"], "changes": {**one, "alike": None}}) for one in changed_by(row)]

    def _part(self, id_: str) -> str:
        """A part by its name, though only a defence brings it."""
        known = self.names.of(id_)
        return self.thing(self._new[id_]) if known == id_ and id_ in self._new else known

    def named(self, row: Row) -> str:
        """An input by its thing and what it says of it."""
        if row["path"].startswith("defences.") and row.get("changes"):  # what a defence makes of an input
            return self.say("input.brought", name=self.names.of(row["thing"][1], "defence"), what=self.within(row))
        group, name = row["thing"]
        rest = row["path"].removeprefix(f"{group}.{name}.")
        steps = re.sub(r"\[\d+\]", "", rest).split(".")
        if steps[0] == "lasts" and len(steps) == 2:
            known = f"reasons.time.{steps[1]}"
            return self.say("input.lasts", name=self.thing(row), time=say(known, self.lang) if has(known, self.lang) else steps[1])
        if steps[0] == "helps" and len(steps) == 2:
            return self.say("input.helps", name=self.thing(row), helper=self.names.of(steps[1]))
        if steps[0] == "wants" and len(steps) > 1:
            return self.say("input.want", name=self.thing(row), wanted=self._part(rest.partition(".")[2]))
        if row.get("effect"):
            return self._of_effect(row, steps)
        number = re.search(r"\[(\d+)\]", rest)
        for k in range(len(steps)):
            key = f"reasons.input.{'.'.join(steps[k:])}"
            if has(key, self.lang):
                return say(key, self.lang, name=self.thing(row), n=int(number[1]) + 1 if number else "")
        return self.say("input.other", name=self.thing(row), path=rest)

    def within(self, row: Row) -> str:
        """An input by its name under a heading that names the defence that brings it, if one does."""
        if row["path"].startswith("defences.") and row.get("changes"):
            return self.named({**row, "thing": row["changes"]["thing"], "path": row["path"].partition(".change.")[2]})
        return self.named(row)

    def _of_effect(self, row: Row, steps: Sequence[str]) -> str:
        """An input of an effect, by what the effect does: `battery fire: how long the halls of Pangyo stand still`."""
        effect = row["effect"]
        who = self.names.listed(effect["on"], 2, "")
        if 0 < effect["share"] < 1:
            who = self.say("effect.share", names=who, share=numbers.whole_percent(effect["share"], self.lang))
        if effect.get("of", 1) > 1:  # more than one of the same on the same, at other times
            which = {True: "sooner", False: "later", None: "nth"}[effect.get("over_first")]
            who = self.say(f"effect.{which}", names=who, n=effect["nth"], of=effect["of"])
        field, time = steps[-1] if steps[-1] != "plus" else "until", effect["once"]
        form = _FORMS.get(field, "state")
        known = f"effect.{form}.{effect['op']}"
        what = self.say(known if has(f"reasons.{known}", self.lang) else f"effect.{form}.other", names=who)
        if back := effect.get("back"):
            once = self.say("over.back", name=self.names.of(back))
            return self.say("effect.until-once", name=self.thing(row), effect=what, once=once)
        if not time:
            return self.say(f"effect.{field}", name=self.thing(row), effect=what)
        known = f"reasons.over.{time}"
        once = say(known, self.lang) if has(known, self.lang) else self.say("over.other", time=time)
        return self.say(f"effect.{field}-once", name=self.thing(row), effect=what, once=once)

    def value(self, row: Row) -> str:
        """An input as every number of a report is written: the range that 9 in 10 lie in, with its mean, or of a time its median."""
        was = (row.get("changes") or {}).get("was")
        if was:  # what a defence makes of an input
            now = {**row, "changes": None}
            if row["changes"].get("gone") and row["path"].endswith(".headroom"):  # as much as is usual, which nothing is told of
                return self.say("value.was", now=self.say("sure.headroom", n="1"), was=self.value({**now, **was}))
            if row["changes"].get("gone"):
                return self.say("value.gone", was=self.value({**now, **was}))
            return self.say("value.was", now=self.value(now), was=self.value({**now, **was}))
        if row["percentiles"] is None:
            return self._sure(row)
        months = _MONTHS.fullmatch(row["text"])
        if months:
            return self.say("value.months", n=int(months["n"]))
        low, median, high = row["percentiles"]
        kind, currency = _KINDS[row["kind"]], row.get("currency")
        band = numbers.band({"band": (low, high)}, kind, self.lang, currency, key="range")
        if not band and row["thing"][0] == "defences" and row["path"].endswith(".takes"):
            return numbers.lead(low, self.lang)  # as the table of what can be bought has it
        if not band:
            return numbers.point(low, kind, self.lang, currency, digits=3)
        mean = row.get("value")  # none in results of an earlier version
        if mean is None:
            return self.say("value.median", band=band, n=numbers.point(median, kind, self.lang, currency))
        return self.say("value.mean", band=band, n=numbers.point(mean, kind, self.lang, currency, digits=3))  # as sums are worked out

    def _sure(self, row: Row) -> str:
        """An input without a range: an amount, a count, a time that is a sum."""
        if row["kind"] == "needs":
            how, _, names = row["text"].rpartition(": ")
            told = self.names.join([self._part(name) for name in names.split(", ")], NEEDS_TOLD)
            return self.say(f"needs.{how}", names=told) if how else told
        value = row.get("value")
        if value is None or ".tolerance.uptime" in row["path"]:
            return row["text"]
        if row["kind"] == "money":
            return numbers.point(value, "money", self.lang, row["currency"], 4)
        if row["text"].endswith("%"):
            return numbers.point(value, "percent", self.lang)
        if row["path"].endswith(".people") and (crews := _CREW.findall(row["text"])):
            return self.names.join([say("reasons.sure.crew", self.lang, n=n, team=self.names.of(team, "team")) for n, team in crews], 2)
        field = row["path"].rpartition(".")[2]
        if row["path"].endswith(".loss.hours"):
            return say("reasons.sure.hours", self.lang, text=row["text"], n=numbers.point(value, "percent", self.lang))
        known = f"reasons.sure.{'slower' if '.helps.' in row['path'] else field}"
        shown = numbers.count(value, self.lang, 4)
        return say(known, self.lang, n=shown) if has(known, self.lang) else shown.strip()

    def origin(self, row: Row) -> str:
        """What an input rests on in a few words, with the keys of its sources, and where it stands."""
        if row["state"] == "history":
            return self.say("origin.history", data=self.seen(row["history"]["data"]))
        if row["state"] == "rule":
            return self.say("origin.rule")
        if row["state"] == "library":
            return self.say("origin.library", rows=", ".join(s["id"] for s in row["sources"] if not s["under"]))
        cases, guessed = _CASES.search(row["text"]), _GUESS.search(f"{row['text']} {row['note']}")
        of = self.say("origin.cases", n=int(cases["n"])) if cases else self.say(f"origin.{'guess' if guessed else 'written'}")
        what = self.seen(row["text"]) if _SEEN.match(row["text"]) else of
        known = [*self.keys_of(row, self._keys), *(s["id"] for s in self.rows_of(row))]
        keys = [key for key in known if not is_place(key)][:KEYS_TOLD]
        return self.say("origin.stated_as", what=f"{what} [{', '.join(keys)}]" if keys else what, place=self.place(row))

    def marked(self, row: Row) -> str:
        """The value of an input, and where it is no more than that: that it is a guess, a default, or a rule's."""
        if row["state"] == "stated" and self._is_guess(row):
            return self.say("value.marked", value=self.value(row), mark=self.say("mark.guess"))
        known = row["state"] in ("library", "rule")
        return self.say("value.marked", value=self.value(row), mark=self.say(f"mark.{row['state']}")) if known else self.value(row)

    def _is_guess(self, row: Row) -> bool:
        """Whether an input's own note, or the rule or shared value that this names, says that it is a guess."""
        known = {key: self._keys[key] for key in self.keys_of(row, self._keys)}
        behind = (says for key, says in known.items() if is_place(key) or self.plain_key(says) != says)
        return any(_GUESS.search(words) for words in (row["text"], _own_parts(row["note"], row["path"]), *behind))

    def seen(self, notation: str) -> str:
        """What was counted, in words, where a notation says that: `8 in 2.3 years`."""
        found = _SEEN.match(notation)
        if not found:
            return notation
        return self.say("origin.years" if found["years"] else "origin.demands", n=int(found["n"]), of=found["years"] or found["demands"])

    # -- what an input rests on, in words

    def counted(self, row: Row) -> str:
        """What was seen or done to arrive at an input, as far as its notation says it: `8 in 2.3 years`, a guess, two cases."""
        if row["state"] == "history":
            return self.say("origin.history", data=self.seen(row["history"]["data"])) + "."
        if row["state"] == "rule":
            return self.say("counted.rule")
        if row["state"] == "library":
            return self._worked_out(row.get("how"))
        seen, cases = _SEEN.match(row["text"]), _CASES.search(row["text"])
        if seen:
            return self.say("counted.years" if seen["years"] else "counted.demands", n=int(seen["n"]), of=seen["years"] or seen["demands"])
        if cases:
            return self.say("counted.cases", n=int(cases["n"]))
        return self.say("counted.guess") if "(guess" in row["text"] and not _GUESS.search(self.said(row["note"])) else ""

    def _worked_out(self, how: Mapping[str, Any] | None) -> str:
        """How a value of the library follows from its rows."""
        if not how:  # in results of an earlier version
            return self.say("worked.borrowed")
        known = f"reasons.library.{how['value']}"
        what = say(known, self.lang) if has(known, self.lang) else ""
        return " ".join(filter(None, (self.say("worked.borrowed"), what, self.say(f"worked.{how['rule']}", **how["told"]))))

    def noted(self, row: Row) -> str:
        """The note beside an input, in this language; "" where it is nothing but keys and rows."""
        words = _ABOVE.sub("", self.said(row["note"])) if row["state"] == "stated" else ""
        words = _CITED_FIRST.sub("", _own_parts(words, row["path"]))  # these stand below it
        return words if re.search(r"[^\W\d_]", re.sub(r"\[[^\]]*\]", "", _ROW_NAME.sub("", words))) else ""

    def pulled(self, row: Row) -> str:
        """Why the mean of a rate is not its middle, where it plainly is not."""
        mean = row.get("value")
        if row["kind"] != "rate" or mean is None or row["percentiles"] is None or not 0 < FAR * row["percentiles"][1] < mean:
            return ""
        middle = row["percentiles"][1]
        return self.say("basis.pulled", mean=numbers.often(mean, self.lang), middle=numbers.often(middle, self.lang))

    def keys_of(self, row: Row, known: Mapping[str, str]) -> list[str]:
        """The keys that an input's note and notation name themselves, in this order."""
        if row["state"] != "stated":
            return []
        words = f"{_own_parts(row['note'], row['path'])} {row['text']}"
        return sorted((key for key in known if _names(words, key)), key=words.index)

    def plain_key(self, says: str) -> str:
        """What a key stands for, without the range that it begins with: that is told as the input's value."""
        first, parted, rest = says.partition(" · ")
        return rest if parted and re.match(r"[\dx×]", first) else says

    def rows_of(self, row: Row) -> list[Row]:
        """The library's rows that an input rests on itself, or names in its note; not those behind these."""
        if row["state"] == "history":
            return [s for s in row["history"]["prior_sources"] if s["title"] and not s["under"]]
        named = row["state"] == "library"
        return [s for s in row["sources"] if s["title"] and not s["under"] and (named or s["id"] in row["note"])]

    def short_row(self, source: Row) -> str:
        """A row of the library in one line: what was counted, and where it was read."""
        what = self.say("row.what", what=self._of_row(source, "what"), figures=self._figures(source.get("figures", "")))
        return f"{what} {self._read(source, one_address(source['address']))}"

    def _read(self, source: Row, address: str) -> str:
        """Where a row was read; of one that was calculated, from which."""
        if not source["address"]:
            return self.say("row.derived", title=source["title"]) if _ROWS.fullmatch(source["title"]) else self.say("row.recalled")
        year = self.say("row.year", year=source["year"]) if source.get("year") else ""
        return " ".join(self.say("row.read", title=source["title"], year=year, address=address).split())

    def place(self, row: Row) -> str:
        return self.say("origin.stated", file=row["file"] or NONE, line=row["line"] or NONE)

    def said(self, note: str) -> str:
        """A note in this language, where the model's writer gives it; else as it is written."""
        return self._glosses.get(note, note)

    def sources(self, rows: Sequence[Row]) -> list[Any]:
        """What the files say beside their inputs, and what stands behind that."""
        noted = list({(row["file"], row["line"]): row for row in rows if _is_noted(row)}.values())
        if not noted:
            return self.behind(rows)
        cells = [[self.place(row), self.said(row["note"])] for row in noted]
        return [self.say("sources.notes"), self.table(["place", "note"], cells, (False, False)), *self.behind(rows)]

    def behind(self, rows: Sequence[Row]) -> list[Any]:
        """What the keys in the notes stand for, and the library's rows with their titles and addresses."""
        keys = self.keys(rows)
        cited = [self.say("sources.cited"), self.table(["key", "stands-for"], [list(k) for k in keys], (False, False))]
        return [*(cited if keys else []), *self.library(rows)]

    def keys(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        """The keys that the notes of these inputs cite, each with what it stands for."""
        found = self._cited([f"{row['note']} {row['text']}" for row in rows if row["state"] == "stated"])
        return [(key, self._range_in_words(self._glosses.get(key) or self.said(self._keys[key]))) for key in found]

    def _range_in_words(self, says: str) -> str:
        """What a key stands for, with the range that it begins with as people write it: `5 to 40 min · …`."""
        times, found = _TIMES.match(says), _RANGE.match(says)
        if times:
            return self.say("sure.by", n=times["n"]) + says[times.end() :]
        if not found:
            return says
        kind = "percent" if found["unit"] == "%" else "hours"
        ends = ((found["low"], found["units"]), (found["high"], found["unit"]))
        low, high = (numbers.point(float(n) * _SIZES[unit], kind, self.lang) for n, unit in ends)
        return numbers.between(low, high, self.lang) + says[found.end() :]

    def library(self, rows: Sequence[Row]) -> list[Any]:
        """The library's rows that these inputs rest on, with their titles and addresses."""
        found = self.library_rows(rows)
        if not found:
            return []
        cells = [[s["id"], s["title"], one_address(s["address"]) or NONE, s["grade"]] for s in found]
        table = self.table(["row", "title", "address", "grade"], cells, (False,) * 4)
        return [self.say("sources.rows"), table, self.say("sources.grades")]

    def library_rows(self, rows: Sequence[Row]) -> list[Row]:
        """The library's rows that these inputs rest on, each once."""
        found: dict[str, Row] = {}
        for row in rows:
            for source in [*row["sources"], *(row["history"]["prior_sources"] if row["history"] else [])]:
                if source["title"]:
                    found[source["id"]] = source
        return list(found.values())

    def row(self, source: Row) -> str:
        """A row of the library in words: what was counted, whom it was seen in, where it was read, what to beware of."""
        what, beware = (self._of_row(source, key) for key in ("what", "beware"))
        seen = say(f"evidence.population.{source['population']}", self.lang) if source.get("population") else ""
        said = [
            self.say("row.what", what=what, figures=self._figures(source.get("figures", ""))), seen,
            self.say("row.beware", what=beware.rstrip(".")) if beware else "", self._read(source, one_address(source["address"])),
            self.say("row.grade", grade=source["grade"], says=say(f"evidence.grade.{source['grade']}", self.lang)),
        ]  # fmt: skip
        return " ".join(part.strip() for part in said if part)

    def _figures(self, figures: str) -> str:
        """What was published, in words where the unit is a common one: `22 hours`, `20 in 17.75 years`, `once in 2,000 years`."""
        counted, value = _COUNTED.fullmatch(figures), _VALUE.fullmatch(figures)
        if counted:
            of, unit = counted["of"], counted["unit"] or ""
            key = f"row.exposure.{unit}"
            if not has(f"reasons.{key}", self.lang):
                return self.say("row.of", n=counted["n"], of=f"{of} {unit}".strip())
            return self.say(key, n=self._exactly(counted["n"]), of=self._exactly(of))
        key = f"row.unit.{value['unit']}" if value else ""
        if not value or not has(f"reasons.{key}", self.lang):
            return figures
        n = float(value["n"])
        often, share = numbers.often(n, self.lang), numbers.point(n, "percent", self.lang)
        return self.say(key, n=value["n"], often=often, share=share)

    def _exactly(self, printed: str) -> str:
        """A number as it was printed, with its thousands parted; a very large one in words."""
        n = float(printed)
        return numbers.count(n, self.lang, 4) if n >= LARGE else f"{int(n):,}" if n.is_integer() else printed

    def row_is_of(self, source: Row) -> str:
        """What a row of the library counts, in words: its name for a person."""
        return self._of_row(source, "what")

    def _of_row(self, source: Row, key: str) -> str:
        """What a row of the library says of itself, in this language where it has been put into it."""
        known = f"rows.{source['id']}.{key}"
        return say(known, self.lang) if has(known, self.lang) else source.get(key, "")

    # -- what the model does not say

    def borrowed(self, defaults: Iterable[Row], inputs: Iterable[Row]) -> Table:
        """Numbers that the library brought, in the words in which the list of inputs tells them; each leads there."""
        known = {row["path"]: row for row in inputs}
        cells, about = [], []
        for d in defaults:
            at = known.get(_STEP.sub(r"[\1]", d["path"]).replace("services.", "components.", 1))
            cells.append([self.named(at) if at else d["path"], self.value(at) if at else d["value"], d["source"].replace("+", ", ")])
            about.append(place_of(at["path"]) if at else "")
        return Table([self.names.say(f"column.{c}") for c in ("path", "used", "source")], cells, (False, True, False), about)

    def unsaid(self, defaults: Iterable[Row]) -> Table:
        """Numbers that follow from rules of the language: what is left out alike in one line."""
        alike: dict[tuple[str, str, str], list[str]] = {}
        for d in defaults:
            group, _, rest = d["path"].partition(".")
            name, field = _parted(rest, self.lang)
            alike.setdefault((group, field, d["value"]), []).append(name)
        cells = []
        for (group, field, value), ids in alike.items():
            names = self.names.listed(ids, 3, _GROUPS[group])
            key, taken = f"reasons.input.{field}", f"reasons.taken.{value}"
            what = say(key, self.lang, name=names, n="") if has(key, self.lang) else self.say("input.other", name=names, path=field)
            cells.append([what, say(taken, self.lang) if has(taken, self.lang) else value])
        return Table([self.names.say(f"column.{c}") for c in ("path", "used")], cells, (False, False))

    def _cited(self, notes: Sequence[str]) -> list[str]:
        """Keys that these notes cite, and those cited by what they stand for, in this order."""
        keys: list[str] = []
        todo = list(notes)
        while todo:
            said = todo.pop(0)
            new = [key for key in self._keys if key not in keys and key in said and _names(said, key)]
            keys += new
            todo += [self._keys[key] for key in new]
        return keys

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Table:
        return Table([self.say(f"column.{key}", more=MORE) for key in head], rows, right).without_empty()


def _own_parts(note: str, path: str) -> str:
    """What a note says of one of the inputs it stands beside: `people: guess` is of the people alone, and all that is said of them."""
    parts = [(part, next((field for field, says in _FIELDS.items() if re.match(says, part)), "")) for part in _PARTS.split(note)]
    mine = [part for part, field in parts if field and field in path.split(".")]
    return " ".join(mine or (part for part, field in parts if not field)).removesuffix(";")


def _parted(rest: str, lang: str) -> tuple[str, str]:
    """Name and field in a path without its section; names may have dots of their own."""
    cuts = [n for n, sign in enumerate(rest) if sign == "."]
    cut = next((n for n in cuts if has(f"reasons.input.{rest[n + 1 :]}", lang)), cuts[-1])
    return rest[:cut], rest[cut + 1 :]


def _names(words: str, key: str) -> bool:
    """Whether words name a key: in brackets, or as a word of its own."""
    return re.search(rf"(?<![\w./-]){re.escape(key)}(?![A-Za-z0-9_])", words) is not None


def is_place(key: str) -> bool:
    """Whether a key is a line of a file, at which a rule stands: `model.yaml:18`."""
    return re.search(r":\d+$", key) is not None


def _is_noted(row: Row) -> bool:
    return row["state"] == "stated" and bool(row["note"])


# --------------------------------------------------------------------------- what the schema says of it


def explained_schema() -> dict[str, Schema]:
    """What is told of the notes of inputs."""
    return {"cited": map_of(TEXT, "what the keys in the notes stand for")}


def glosses_schema() -> dict[str, Schema]:
    """The same in other languages."""
    return {"glosses": map_of(map_of(TEXT, "as written, or the key -> in that language"), "language -> notes and what keys stand for")}


def grounds_schema() -> Schema:
    known = row_of(
        "what the numbers rest on", inputs=list_of(origin_schema()), **explained_schema(),
        left_out={"type": "integer", "description": "inputs that are not told"},
    )  # fmt: skip
    return since_later(known, **glosses_schema())


def moved_schema(**more: Schema) -> Schema:
    """An input with its origin, and what it does to a number."""
    number = {"type": ["number", "null"]}
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
    return origin_schema(low=number, high=number, share_of_band=share, **more)


def _source_schema() -> Schema:
    """A row of the evidence library."""
    row = row_of("a row of the evidence library", **dict.fromkeys(("id", "title", "address", "grade", "under"), TEXT))
    seen, year = TEXT | {"description": "word for whom it was seen in"}, {"type": ["integer", "null"]}
    return since_later(row, what=TEXT, figures=TEXT, beware=TEXT, population=seen, year=year)


def origin_schema(**more: Schema) -> Schema:
    """An input of the model with its origin."""
    source = _source_schema()
    known = row_of(
        "an input", path=TEXT, thing=list_of(TEXT, "group and name"),
        kind={"enum": ["rate", "chance", "duration", "money", "number", "needs"]},
        text=TEXT, state={"enum": ["stated", "library", "history", "rule"]}, file={"type": ["string", "null"]},
        line={"type": ["integer", "null"]}, note=TEXT | {"description": "what the file says beside it"}, sources=list_of(source),
        history=or_null(row_of(
            "what the firm's own history made of it", prior=TEXT, prior_sources=list_of(source), data=TEXT, posterior=TEXT,
            data_weight=number("share", 0), surprise=number("tail probability", 0),
        )),
        percentiles=or_null(tuple_of(number("5 %"), number("50 %"), number("95 %"))),
        cases=or_null(number("of a duration: cases that its middle is worth; null where it is known", 0)),
        shared={"type": ["string", "null"], "description": "the name of its doubt: inputs of one name are off together"},
        **more,
    )  # fmt: skip
    return since_later(
        known, currency={"type": ["string", "null"], "description": "of an amount of money"},
        value={"type": ["number", "null"], "description": "mean of a rate, chance or amount; a plain number; null of a duration"},
        effect=or_null(since_later(row_of(
            "what the effect of a hazard does to which it belongs", op=TEXT, on=list_of(TEXT), share=number("of it that is reached", 0),
            once={"type": ["string", "null"], "description": "named time of the hazard from which the input counts"},
            nth={"type": "integer", "description": "which one, of the effects that do the same to the same"}, of={"type": "integer"},
        ), unless=list_of(TEXT, "barriers, all of which must fail for it; left out where there are none"),
            back={"type": "string", "description": "component that must serve again before it counts; left out where there is none"},
            over_first={"type": "boolean", "description": "of two that do the same to the same, whether it is over first; else left out"})),
        changes=since_later(
            row_of("what a defence changes", thing=list_of(TEXT, "group and name"), label={"type": ["string", "object", "null"]},
                   was={"type": ["object", "null"], "description": "the same input before: as written, percentiles, mean"}),
            place={"type": ["string", "object"], "description": "label of the place a new hazard is made for"},
            stands_for={"type": ["string", "null"], "description": "part that a new one without a label stands in for"},
            part_of={"type": "string", "description": "the only part that needs a new one without a label"},
            hazards=list_of(TEXT, "that a new barrier meets"),
            gone={"type": "boolean", "description": "there is no such input with the defence"},
            alike={"type": "array", "items": {"type": "object"},
                   "description": "other things of which the defence changes the same, as `changes` names them; left out where none"},
            left_out={"type": "integer", "description": "in the last row of a defence: how many more it changes that are not told"}),
        how=or_null(row_of("how a value of the library follows from its rows", value=TEXT, rule=TEXT, told=map_of(TEXT))),
    )  # fmt: skip


def counted_head(result: Mapping[str, Any], names: Names) -> str:
    """That rates which were counted enter with half a case more, by the first of those that causes of an assessment come at; or ""."""
    begin = {f"hazards.{c['id']}.rate" if c["what"] == "hazard" else f"components.{c['id']}.fails" for c in result["causes"]}
    for row in (result.get("grounds") or {}).get("inputs", ()):
        seen = _SEEN.match(row["text"]) if row["path"] in begin and row["state"] == "stated" else None
        if seen and seen["years"]:
            return names.say("causes.counted", n=int(seen["n"]), of=seen["years"])
    return ""
