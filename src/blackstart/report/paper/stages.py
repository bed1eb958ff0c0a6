"""The white paper on stages that could have stopped it: which held, which did not, which were not there, and what is reported of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blackstart.report.paper import charts as paper_charts
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import reports as paper_reports
from blackstart.report.paper.charts import Slice
from blackstart.report.teller import Row, Teller

MOST_QUOTED = 4  # reports of one barrier
STAGES = ("barrier", "design", "staffing")  # players of the attribution that are stages, not misfortunes


@dataclass(frozen=True, slots=True)
class Failure:
    """Reports that a barrier did not stop it, those that it worked, and what else is reported of the same matter."""

    mine: list[Row]
    against: list[Row]
    beside: list[Row]

    def cited(self, teller: Teller) -> str:
        """The sources that it did not stop it, in brackets."""
        keys = self._keys()
        return f"[{teller.cited(keys)}]" if keys else ""

    def weak(self, teller: Teller) -> bool:
        """Whether nobody answers for any of these sources."""
        return bool(teller.weakness(self._keys()))

    def _keys(self) -> list[str]:
        return list(dict.fromkeys(key for row in self.mine for key in row["sources"]))


def failures(teller: Teller) -> dict[str, Failure]:
    """Barriers of which a report says that they did not stop it."""
    rows = [row for row in teller.part("record")["observations"] if not row["corrected_by"]]
    of: dict[str, list[Row]] = {}
    for row in rows:
        if row["what"] and row["what"]["noun"] == "barrier":
            of.setdefault(row["what"]["id"], []).append(row)
    found = {}
    for id_, about in of.items():
        mine = [row for row in about if row["did"] == "failed"]
        matters = {row["matter"] for row in mine if row["matter"]}
        others = [row for row in rows if row["matter"] in matters and row not in about and teller.label(row["text"])]
        if mine:
            found[id_] = Failure(mine, [row for row in about if row["did"] == "worked"], others)
    return found


def broken(teller: Teller) -> list[str]:
    """Which barriers did not stop it: those that are clear by name, the others by what is reported of them."""
    reported = {teller.names.of(id_, "barrier"): row for id_, row in failures(teller).items()}
    failed = [row.name for row in stages(teller) if row.state == "failed"]
    clear = [name for name in failed if name not in reported or not (_doubtful(reported[name], teller))]
    said = [teller.say("broke.barriers", names=teller.names.join(clear, 4))] if clear else []
    for name in (name for name in failed if name not in clear):
        row = reported[name]
        key = "disputed" if row.against or row.beside else "reported"
        said.append(teller.say(f"broke.{key}", name=name, cited=row.cited(teller)))
    return said


def quote(row: Row, teller: Teller) -> str:
    """What a report says, in its own words inside a sentence, with its sources."""
    cited = teller.cited(row["sources"])
    words = (teller.label(row["text"]) or paper_reports.seen([row], teller)).rstrip(".")
    return teller.say("broke.quote", said=words, cited=f"[{cited}]" if cited else "").rstrip()


def _doubtful(row: Failure, teller: Teller) -> bool:
    return bool(row.against or row.beside or row.weak(teller))


def stages(teller: Teller) -> list[Slice]:
    """Stages that could have stopped it: barriers in the order in which they were asked, then what was missing."""
    worked: dict[str, bool] = {}
    for event in teller.part("rehearsal")["timeline"]:
        if event["what"] == "barrier":
            worked.setdefault(event["who"], bool(event["detail"].get("works")))
    for row in teller.part("record")["observations"]:
        if row["what"] and row["what"]["noun"] == "barrier" and row["did"] in ("worked", "failed"):
            worked.setdefault(row["what"]["id"], row["did"] == "worked")
    more = staffing(teller)
    missing = {name: label for name, label in paper_course.absent(teller).items() if label not in more}
    # a barrier that a defence which was missing is nothing but was not there: it is told once, as missing
    barriers = [Slice(teller.names.of(id_, "barrier"), "held" if works else "failed") for id_, works in worked.items()
                if works or not paper_course.not_there(id_, teller)]  # fmt: skip
    return [*barriers, *(Slice(label, "missing") for label in missing.values())]


def staffing(teller: Teller) -> list[str]:
    """More people of a team, where the attribution asks what they would have changed: a supposition, no stage that was missing."""
    return [teller.player(player) for player in teller.part("attribution").get("players", ()) if player["what"] == "staffing"]


def compared(teller: Teller) -> str:
    """What the shares are of, by kind: misfortunes, stages that did not hold or were missing, more people."""
    kinds = [player["what"] for player in teller.part("attribution")["players"]]
    counts = [(kind, kinds.count(kind)) for kind in ("misfortune", *STAGES)]
    return teller.names.join([teller.say(f"method.n_{kind}", n=n) for kind, n in counts if n], len(counts))


def said(rows: Sequence[Slice], teller: Teller) -> list[str]:
    """How many stages did not stop it, were not there, held; where only weak sources say that one did not, these."""
    words = []
    weak = {teller.names.of(id_, "barrier"): row.cited(teller) for id_, row in failures(teller).items() if row.weak(teller)}
    bought = {teller.names.of(id_, "defence") for id_ in teller.result["bought"]}
    for state in ("failed", "missing", "held"):
        mine = [row.name for row in rows if row.state == state]
        if mine:
            told = [f"{name} {weak[name]}" if state == "failed" and name in weak else name for name in mine]
            words.append(teller.say(f"overlap.{state}", n=len(mine), names=teller.names.join(told, 5)))
        beyond = [name for name in mine if name not in bought]
        if state == "missing" and bought and beyond and len(beyond) < len(mine) and teller.shows("weakness"):
            words.append(teller.say("overlap.missing_beyond", n=len(mine) - len(beyond), names=teller.names.join(beyond, 5)))
    more = staffing(teller)
    return [*words, teller.say("overlap.staffing", names=teller.names.join(more, 4))] if more else words


def caption(rows: Sequence[Slice], teller: Teller) -> str:
    """What the picture of the slices shows, and how many it leaves out."""
    over = sum(row.state != "held" for row in rows) - paper_charts.MOST_SLICES
    return f"{teller.say('caption.slices')} {teller.say('caption.slices_rest', n=over)}" if over > 0 else teller.say("caption.slices")


def settled(given: Row, teller: Teller) -> str:
    """That a barrier did not stop it, by which sources, and what others say of the same matter."""
    row, name = failures(teller)[given["id"]], teller.names.of(given["id"], given["what"])
    cited = row.cited(teller)
    told = teller.say("response.settled_by" if cited else "response.settled", names=name, cited=cited)
    others = [quote(one, teller) for one in (*row.against, *row.beside)]
    return f"{told} {teller.say('response.beside', said=teller.names.join(others, MOST_QUOTED))}" if others else told
