"""The white paper: what reports say in words, which of them stand first, which say the same, and where the model disagrees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.outline import Block
from blackstart.report.reconstruction import assumption
from blackstart.report.tables import NONE
from blackstart.report.teller import Row, Teller

_RANGE = re.compile(r"([\d.]+) ?(s|min|h|d)\.\.([\d.]+) ?(s|min|h|d)")
_IN_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}
MOST_MOMENTS = 32
WORDS_ENOUGH = ("began", "ended", "worked", "failed", "called", "fell")  # events that the words of a report tell by themselves


def told(teller: Teller) -> list[Row]:
    """The reports of the record that this edition may tell: who called whom is of roles."""
    found = teller.part("record")["observations"]
    return [row for row in found if row["did"] != "called" or teller.shows("roles")]


def moments(observations: Sequence[Row]) -> list[Row]:
    """The reports to tell first, in order of time: events with what else is said of them, the last of each thing being down, and others.

    Of the others those that say something in words, as many as have room.
    """
    found = [row for row in observations if row["at"] and not row["corrected_by"]]
    last = {row["what"]["id"]: row["id"] for row in found if row["level"] == 0.0 and row["what"]}  # when something was last seen down
    matters = {row["matter"] for row in found if row["did"] is not None} - {None}
    events = [row for row in found if row["did"] is not None or row["id"] in last.values() or row["matter"] in matters]
    others = [row for row in found if row not in events and row["text"]]
    room = max(0, MOST_MOMENTS - len(alike(events)))
    if len(others) > room:
        others = [others[int(k * len(others) / room)] for k in range(room)]
    kept = {row["id"] for row in [*events, *others]}
    return [row for row in found if row["id"] in kept]


def alike(rows: Sequence[Row]) -> list[list[Row]]:
    """Reports, those together that say without words the same of several things: at one time, from one source."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        plain = row["level"] is not None and not row["text"] and row["did"] is None and row["at"]
        same = (tuple(row["at"]), row["by"], tuple(row["sources"]), row["level"], row["partly"]) if plain else row["id"]
        found.setdefault(same, []).append(row)
    return list(found.values())


def seen(rows: Sequence[Row], teller: Teller) -> str:
    """What one report says, or several that are alike."""
    row, names = rows[0], dict.fromkeys(teller.name(row["what"]) for row in rows)
    name, said, claim = teller.names.join(list(names), len(names)), teller.label(row["text"]), ""
    if said and (not name or _speaks_of(said, name)):
        return said
    if row["did"]:
        key = f"told.{row['did']}"
        claim = teller.say(f"{key}_partly" if row.get("partly") and teller.has(f"{key}_partly") else key, name=name)
    elif row["level"] is not None:
        key = {0.0: "down", 1.0: "up"}.get(row["level"], "level") + ("_partly" if row.get("partly") else "")
        claim = teller.say(f"is.{key}", name=name, share=teller.share(row["level"]))
    elif row["lasted_h"]:
        whole = row["what"] and row["what"]["noun"] == "all"
        claim = teller.say("is.lasted_all" if whole else "is.lasted", name=name, t=teller.span(row["lasted_h"]))
    if not said or not claim or row["did"] in WORDS_ENOUGH:
        return said or (teller.say("claim_alone", claim=claim) if claim else name)
    return teller.say("claim_and_words", claim=claim, said=said)


def _speaks_of(said: str, name: str) -> bool:
    """Whether words name a thing: by the longest word of its name."""
    word = max(name.split(), key=len)
    return re.search(rf"\b{re.escape(word)}\b", said, re.I) is not None if word.isascii() else word in said


def quoted(row: Row, teller: Teller) -> str:
    cited, said = teller.cited(row["sources"]), teller.label(row["text"]) or seen([row], teller)
    return f"{said} [{cited}]" if cited else said


# --------------------------------------------------------------------------- where record and model disagree


def doubts_table(teller: Teller) -> list[Block]:
    """Where record and model disagree, and which assumptions the incident speaks against."""
    rebuilt = teller.part("reconstruction")
    if not rebuilt or not teller.shows("weakness"):
        return []
    of = {row["id"]: row for row in teller.part("record")["observations"]}
    rows = [[seen([of[row["id"]]], teller), teller.say(f"disagree.{row['kind']}"), *_hours_of(row, teller)]
            for row in rebuilt["disagreements"] if row["id"] in of][:20]  # fmt: skip
    blocks: list[Block] = [*teller.p("appendix.doubts", teller.say("appendix.doubts_how") if rows else "", "reconstruction"),
                           *teller.table("seen disagrees recorded> replayed>", rows, "doubts")]  # fmt: skip
    refuted = [[assumption(row["path"], teller.names), _stated(row["stated"], teller) or NONE, teller.say(f"verdict.{row['verdict']}")]
               for row in rebuilt["refuted"]][:20]  # fmt: skip
    return [*blocks, *teller.table("assumption stated verdict", refuted, "refuted")]


def _stated(text: str, teller: Teller) -> str:
    """What a model states of a time, in words where it is a range; without the note that it is a guess."""
    said = text.partition(" (")[0]
    ends = _RANGE.fullmatch(said)
    if not ends:
        return said
    low, high = (numbers.point(float(ends[k]) * _IN_HOURS[ends[k + 1]], "hours", teller.lang) for k in (1, 3))
    return numbers.between(low, high, teller.lang)


def _hours_of(row: Row, teller: Teller) -> tuple[str, str]:
    def shown(value: Any) -> str:
        if value is None:
            return NONE
        if isinstance(value, Mapping):
            return shown([value["10"], value["90"]])
        if isinstance(value, Iterable):
            return teller.span(list(value)) if not isinstance(value, str) else value
        return teller.hours(value)

    if row["kind"] == "level":
        level = NONE if row.get("level") is None else teller.say("disagree.partly") if row["partly"] else teller.share(row["level"])
        return level, teller.say("disagree.agree", share=teller.share(row["p"]))
    return shown(row.get("recorded_h")), shown(row.get("expected_h"))
