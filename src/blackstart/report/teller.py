"""What all parts of the white paper share: words, names, times, marks of sources, and what an edition leaves out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Paragraph
from blackstart.report.tables import NONE, Table
from blackstart.text import has, say

TOLD_APART = 2.0  # standard errors
NEAR_DAYS = 7  # of an incident whose end nobody knows
PRICE = 3  # digits of what a defence costs
_MINUS = re.compile(r"(?<![\w.,])-(?=\d)")
WEAK = ("copy", "personal", "unknown")  # grades of sources for which nobody answers, the better first
SAME = 0.005  # ends of a span that differ by less are one

Result = Mapping[str, Any]
Row = Mapping[str, Any]


@cache
def editions() -> Mapping[str, tuple[str, ...]]:
    """Editions of the paper, each with the kinds of things that it leaves out."""
    text = files("blackstart.report").joinpath("redaction.toml").read_text(encoding="utf-8")
    return {name: tuple(hidden) for name, hidden in tomllib.loads(text).items()}


class Teller:
    """One paper in one language and one edition."""

    def __init__(self, result: Result, names: Names, level: str, *, edited: bool = False) -> None:
        self.result, self.names, self.lang, self.level, self.edited = result, names, names.lang, level, edited
        self.currency: str | None = result["currency"]
        self._hides = editions()[level]
        self.left_out: list[str] = []  # kinds of things left out so far, each once

    # ------------------------------------------------------------- pieces of the result

    def part(self, name: str) -> Row:
        """A result of the paper; empty where it was not made."""
        return self.result["parts"].get(name) or {}

    def marks(self, *parts: str) -> tuple[str, ...]:
        """The marks of results that were made."""
        return tuple(self.result["marks"][name] for name in parts if name in self.result["marks"])

    def shows(self, about: str) -> bool:
        """Whether this edition says something of that kind; what it leaves out is remembered."""
        if about in self._hides:
            if about not in self.left_out:
                self.left_out.append(about)
            return False
        return True

    # ------------------------------------------------------------- words

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the paper."""
        return say(f"paper.{key}", self.lang, **values)

    def has(self, key: str) -> bool:
        return has(f"paper.{key}", self.lang)

    def figure(self, key: str, **values: Any) -> str:
        """Words of the pictures' titles and of the key figures."""
        return say(f"paper_figures.{key}", self.lang, **values)

    def p(self, id_: str, said: str | Iterable[str], *of: str, style: str = "", about: str = "") -> list[Paragraph]:
        """A paragraph of sentences, with the results that it rests on; none where nothing is said or the edition leaves it out."""
        sentences = [said] if isinstance(said, str) else [s for s in said if s]
        if not any(sentences) or about and not self.shows(about):
            return []
        return [Paragraph(id_, " ".join(self.begun(s) for s in sentences), self.marks(*of), style)]

    def begun(self, sentence: str) -> str:
        """A sentence that begins with a capital, unless it begins with a name of the model, which is never changed."""
        first = sentence.partition(" ")[0]
        plain = self.lang == "en" and first.isalpha() and first.islower()
        return sentence[0].upper() + sentence[1:] if plain else sentence

    def label(self, label: Any) -> str:
        """A label in this language, or in whichever it has."""
        if isinstance(label, Mapping):
            return str(label.get(self.lang) or next(iter(label.values()), ""))
        return str(label or "")

    def name(self, what: Row | None) -> str:
        """The name of something that a record speaks of."""
        if what and what["noun"] == "all":
            return self.say("everything")
        return self.names.of(what["id"], "component" if what["noun"] == "service" else what["noun"]) if what else ""

    def player(self, player: Row) -> str:
        """The name of one who has a share in an outage: a defence, a barrier, a misfortune, or so many times the people of a team."""
        name = self.names.of(player["name"], player["noun"]) if player["noun"] else self.names.anything(player["name"])
        return self.say("times", name=name, n=f"{player['times']:g}") if player["what"] == "staffing" else name

    def times(self, n: float) -> str:
        """So many times something: `twice`, `3 times`."""
        return self.say("twice") if n == 2 else self.say("so_many_times", n=f"{n:g}")

    def few(self, n: int) -> str:
        """A small number in words: `two`, 두."""
        return self.say(f"few.{n}") if self.has(f"few.{n}") else str(n)

    def moment(self, at: Sequence[str | None]) -> str:
        """The time of a report with its day and year, where it is one moment."""
        return self.day(at[0]) if at[0] and at[0] == at[1] else self.when(at)

    def cause(self, row: Row) -> str:
        """Where downtime begins: a hazard by its name, a component by its failure."""
        name = self.names.of(row["id"], row["what"])
        return self.say("failure", name=name) if row["what"] == "component" else name

    def role(self, id_: str | None) -> str:
        return self.names.of(id_, "role") if id_ and self.shows("roles") else ""

    # ------------------------------------------------------------- sources

    def grade(self, grade: str | None) -> str:
        """What a source is."""
        return say(f"incident.record.grade.{grade}", self.lang) if grade else ""

    def weakness(self, keys: Sequence[str]) -> str:
        """What the best of some sources is, where nobody answers for any of them; empty where one is better, or not graded."""
        known = self.part("record")["sources"]
        grades = {known[key]["grade"] if key in known else None for key in keys}
        return min(grades, key=WEAK.index) if grades and grades <= set(WEAK) else ""

    def cited(self, keys: Sequence[str]) -> str:
        """The keys of sources; where all of them are weak, how."""
        weak, said = self.weakness(keys), ", ".join(keys)
        return self.say("cited_weak", keys=said, weak=self.say(f"weak.{weak}")) if weak else said

    # ------------------------------------------------------------- numbers

    def hours(self, hours: float | None) -> str:
        """A length of time to the minute."""
        if hours is not None and hours < 0:
            return f"−{numbers.in_hours(-hours, self.lang)}"
        return numbers.in_hours(hours, self.lang)

    def about_hours(self, hours: float) -> str:
        """A length of time in two digits or whole hours: the clock of an incident does not change to days."""
        return numbers.rounded_hours(hours, self.lang)

    def span(self, hours: Sequence[float | None]) -> str:
        """A length of time between two, said once where they hardly differ."""
        low, high = hours
        if low is not None and high is not None and high - low <= SAME * abs(high):
            return self.hours(high)
        return numbers.between(self.hours(low), self.hours(high), self.lang)

    def _signed(self, written: str) -> str:
        """A number with a minus sign that is one."""
        return _MINUS.sub("−", written)

    def est(self, est: Row | None, kind: str) -> str:
        """An estimate in a sentence, without its error."""
        if est and kind == "hours" and est["value"] > 0:
            return self.names.say("number.about", n=self.about_hours(est["value"]))
        return self._signed(numbers.about(est, kind, self.lang, self.currency if kind == "money" else None)) if est else NONE

    def cell(self, est: Row | None, kind: str, like: float | None = None) -> str:
        """An estimate in a table, with its error; in the unit in which `like` is written."""
        if est and kind == "hours":
            return self._signed(numbers.rounded_hours_with_error(est, self.lang, like))
        return self._signed(numbers.write(est, kind, self.lang, self.currency if kind == "money" else None, like)) if est else NONE

    def told_apart(self, est: Row | None, kind: str) -> str:
        """An estimate in a table; where it is no further from zero than its error can put it, that is said instead."""
        if est and abs(est["value"]) <= TOLD_APART * est["standard_error"]:
            return self.say("within_error")
        return self.cell(est, kind)

    def count(self, n: float) -> str:
        """A number of people or things, written out below a million."""
        return f"{n:,.0f}" if n < 1e6 else numbers.count(n, self.lang, 4)

    def money(self, amount: float | None, digits: int = 2) -> str:
        return NONE if amount is None else self._signed(numbers.point(amount, "money", self.lang, self.currency, digits))

    def amount(self, amount: float | None, digits: int = PRICE) -> str:
        """An amount of money in a sentence; in a table it is written shorter."""
        return NONE if amount is None else self._signed(numbers.amount(amount, self.lang, self.currency, digits))

    def share(self, share: float) -> str:
        """A share of a whole; below 1 % and above 99 % in words."""
        said = numbers.whole_percent(share, self.lang)
        key = {"<": "share_below", ">": "share_above"}.get(said[0])
        return self.say(key, share=said[1:].strip()) if key else said

    # ------------------------------------------------------------- times

    def day(self, iso: str) -> str:
        """A day and the time of day: `15 October 2022, 15:19`."""
        at = datetime.fromisoformat(iso)
        month = self.say(f"month.{at.month}")
        return self.say("moment", y=at.year, month=month, d=at.day, time=f"{at:%H:%M}")

    def day_after(self, hours: float | None) -> str | None:
        """The moment so many hours after the begin, as the record writes it; None where nobody knows."""
        began = self.part("record")["began_at"]
        if hours is None or not began:
            return None
        return (datetime.fromisoformat(began) + timedelta(minutes=round(hours * 60))).isoformat()

    def date(self, iso: str) -> str:
        at = datetime.fromisoformat(iso)
        return self.say("date", y=at.year, month=self.say(f"month.{at.month}"), d=at.day)

    def brief(self, iso: str) -> str:
        """A time in a table: `10-15 15:19`, with the year outside the days of the incident."""
        at = datetime.fromisoformat(iso)
        return f"{at:%m-%d\N{NO-BREAK SPACE}%H:%M}" if self._during(at) else f"{at:%Y-%m-%d\N{NO-BREAK SPACE}%H:%M}"

    def _during(self, at: datetime) -> bool:
        """Whether a time is of the days of the incident, so that nobody need be told the year."""
        record = self.part("record")
        if not record["began_at"]:
            return False
        began = datetime.fromisoformat(record["began_at"])
        ended = datetime.fromisoformat(record["ended_at"]) if record["ended_at"] else began + timedelta(days=NEAR_DAYS)
        return began.date() - timedelta(days=1) <= at.date() <= ended.date() + timedelta(days=1)

    def when(self, at: Sequence[str | None] | None) -> str:
        """The time of a report in a table: a moment, a span, a whole day, month or year."""
        if not at or not any(at):
            return NONE
        first, last = at[0] or "", at[1] or ""
        if first == last:
            return self.brief(first)
        if not first or not last:
            return self.say("until" if last else "from", t=self.brief(first or last))
        a, b = datetime.fromisoformat(first), datetime.fromisoformat(last)
        days = (b - a).total_seconds() / 86400
        if b.hour == b.minute == 0 and days > 1:
            b -= timedelta(minutes=1)  # the end of the day before
        if a.hour == a.minute == 0 and days > 0.99 and b.minute in (0, 59):
            if days <= 1.01:
                return f"{a:%m-%d}" if self._during(a) else f"{a:%Y-%m-%d}"
            if 364 <= days <= 366.1:
                return f"{a:%Y}"
            if days > 27 and a.month == b.month:
                return f"{a:%Y-%m}"
            return self.say("spanned", a=f"{a:%Y-%m}", b=f"{b:%Y-%m}") if days > 27 else self.say("spanned", a=f"{a:%m-%d}", b=f"{b:%m-%d}")
        if a.date() == b.date():
            return self.say("spanned", a=self.brief(first), b=f"{b:%H:%M}")
        return self.say("spanned_days", a=self.brief(first), b=self.brief(last))

    # ------------------------------------------------------------- tables

    def table(self, columns: str, rows: Sequence[Sequence[str]], titled: str = "", **values: str) -> list[Table]:
        """A table without empty columns and without those that the edition leaves out.

        columns : their keys with spaces between; `>` behind one sets its numbers right, `:price` says what it is about.
        titled : key of its title, with what stands in it; a table of one row needs none, nor one on the first page.
        """
        asked = [column.partition(":") for column in columns.split()]
        shown = [not about or self.shows(about) for _, _, about in asked]
        kept = [k for k, show in enumerate(shown) if show and any(row[k] not in ("", NONE) for row in rows)]
        if not kept or len(kept) == 1 < len(asked):
            return []  # names alone say nothing
        keys = [asked[k][0] for k in kept]
        head = [self.say(f"column.{key.removesuffix('>')}") for key in keys]
        return [Table(head, [[row[k] for k in kept] for row in rows], [key.endswith(">") for key in keys],
                      title=self.figure(f"table.{titled}", **values) if titled and len(rows) > 1 else "")]  # fmt: skip
