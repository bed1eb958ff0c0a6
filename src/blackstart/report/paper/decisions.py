"""The white paper, part five and what it says of promises: who was warned, what was decided, what that weighed, who undertook what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from blackstart.report import numbers
from blackstart.report.outline import Block, Heading
from blackstart.report.tables import NONE
from blackstart.report.teller import Row, Teller

MOST_DECISIONS = 16
SUMMED = 4  # digits of what a defence costs over the years: net values beside it have as many
KEPT_WORDS = ("promised", "ordered")  # what people undertook, or were told to do, after it
DECIDED = ("decided", "declined")


def decisions(teller: Teller) -> list[Block]:
    people = [row for row in teller.part("record")["people"] if row["kind"] not in KEPT_WORDS]
    rows = [row for row in people if not row["to"] or teller.shows("roles")]
    rows.sort(key=lambda row: row["t_h"][0] if row["t_h"] else -math.inf)
    if not rows:
        return []
    disputed = {conflict["matter"] for conflict in teller.part("record")["conflicts"]}
    once = {row["matter"] if row["matter"] in disputed else row["id"]: row["kind"] for row in rows}  # two accounts of one thing are one
    counts = {kind: list(once.values()).count(kind) for kind in ("warned", "decided", "declined", "drilled", "told")}
    said = [
        teller.say("decisions.count", parts=teller.names.join([teller.say(f"decisions.n_{k}", n=n) for k, n in counts.items() if n], 5))
    ]
    said.append(teller.say("decisions.accounts", n=len(rows), k=len(once)) if len(once) < len(rows) else "")
    said.append("" if counts["warned"] else teller.say("decisions.no_warning"))
    decided = [row for row in rows if row["kind"] in DECIDED]
    bare = sum(not teller.label(row["on"]) for row in decided)
    if decided and teller.shows("basis"):
        key = "based" if not bare else "all_bare" if bare == len(decided) else "bare"
        said.append(teller.say(f"decisions.{key}", n=len(decided), k=bare))
    undated = sum(row["t_h"] is None for row in rows)
    said.append(teller.say("decisions.undated", n=undated) if undated else "")
    weak = sum(bool(teller.weakness(row["sources"])) for row in rows)
    said.append(teller.say("decisions.weak", n=weak, all=len(rows)) if weak else "")
    arrows = teller.shows("roles") and any(row["by"] and row["to"] for row in rows[:MOST_DECISIONS])
    blocks: list[Block] = [
        *teller.p("decisions.count", said, "record"),
        *teller.p("decisions.roles", [teller.say("decisions.roles"), teller.say("decisions.arrow") if arrows else ""], style="note"),
    ]
    blocks += teller.table("when did by what cited", [_decision(row, teller) for row in rows[:MOST_DECISIONS]], "decisions")
    return [*blocks, *_weights(decided, teller)]


def _decision(row: Row, teller: Teller) -> list[str]:
    by, to = teller.role(row["by"]), teller.role(row["to"])
    who = teller.say("by_to", by=by, to=to) if by and to else by or to or NONE
    said = [_ended(teller.label(row["text"]))]
    for key in ("on", "known"):
        if teller.label(row[key]) and teller.shows("basis"):
            said.append(teller.say(f"decisions.{key}", said=_ended(teller.label(row[key]))))
    if row["matter"] and row["matter"] in {conflict["matter"] for conflict in teller.part("record")["conflicts"]}:
        said.append(teller.say("decisions.disputed"))
    when = teller.when(row["at"]) if row["at"] else teller.figure("undated")
    return [when, teller.say(f"deed.{row['kind']}"), who, " ".join(said), teller.cited(row["sources"]) or NONE]


def _ended(words: str) -> str:
    """Words with a full stop, where something follows them."""
    return words if not words or words[-1] in ".!?…”’" else f"{words}."


# --------------------------------------------------------------------------- what decisions weighed


def _weights(decided: Sequence[Row], teller: Teller) -> list[Block]:
    """What each decision weighed, by the shares of the stages that it was about; why, where it cannot be said."""
    attribution = teller.part("attribution")
    players = {p["id"]: p for p in attribution.get("players", ())}
    joined = {join["id"]: tuple(sorted(i for i in join["players"] if i in players)) for join in attribution.get("decisions", ())}
    if not any(joined.get(row["id"]) for row in decided):
        return []
    told: dict[tuple[str, ...], int] = {}  # stages, and in which row
    cells = []
    for row in decided[:MOST_DECISIONS]:
        mine = joined.get(row["id"], ())
        stages = teller.names.join([teller.player(players[i]) for i in mine], 4) if mine else NONE
        if mine in told:  # decisions about the same stages share one weight: it is not to be counted twice
            weights = [teller.say("decisions.same", row=told[mine]), NONE]
        elif mine:
            weights = [_weight([players[i] for i in mine], measure, teller) for measure in ("hours", "money")]
        else:
            weights = [teller.say("decisions.not_asked" if row["about"] else "decisions.no_input"), NONE]
        cells.append([teller.label(row["text"]).rstrip("."), teller.role(row["by"]) or NONE, stages, *weights])
        told |= {mine: told.get(mine, len(cells))} if mine else {}
    table = teller.table("decision by stages_of weight_h> weight_money>:loss", cells, "weights")
    bare = any(not joined.get(row["id"]) for row in decided[:MOST_DECISIONS])
    said = teller.p("decisions.weights", [teller.say("decisions.weighed"), teller.say("decisions.why_none") if bare else ""], "attribution")
    return [Heading(teller.say("decisions.weights")), *said, *table]


def _weight(players: Iterable[Row], measure: str, teller: Teller) -> str:
    """The shares of some stages together."""
    shares = [share for player in players if (share := player["share"].get(measure))]
    if not shares:
        return NONE
    error = math.sqrt(sum(share["standard_error"] ** 2 for share in shares))
    whole = {"value": sum(share["value"] for share in shares), "standard_error": error, "band": None}
    return teller.told_apart(whole, "money" if measure == "money" else "hours")


# --------------------------------------------------------------------------- promised, ordered, assumed


def undertaken(teller: Teller) -> list[Block]:
    """What people undertook or were told to do, in order of time; words about what is not bought name a weakness."""
    kept = [row for row in teller.part("record")["people"] if row["kind"] in KEPT_WORDS]
    rows = [row for row in kept if _all_bought(row, teller) or teller.shows("weakness")]
    cells = [[teller.when(row["at"]), teller.say(f"deed.{row['kind']}"), teller.role(row["by"]) or NONE, teller.label(row["text"]),
              teller.cited(row["sources"]) or NONE] for row in rows[:MOST_DECISIONS]]  # fmt: skip
    table = teller.table("when did by what cited", cells, "undertaken")
    said = [teller.say("commitments.undertaken"), _of_what(rows, teller) if len(rows) == len(kept) else ""]
    return [*teller.p("changes.undertaken", said, "record"), *table] if table else []


def _of_what(rows: Sequence[Row], teller: Teller) -> str:
    """How many of what was undertaken is about what to build or spend, where the rest is about the day itself."""
    kept = [row for row in commitments_of(teller) if row in rows]
    n = {kind: sum(row["kind"] == kind for row in kept) for kind in KEPT_WORDS}
    told = [teller.say(f"buy.n_{kind}", n=count) for kind, count in n.items() if count]
    rest = len(rows) - len(kept)
    return teller.say("commitments.of_what", what=teller.names.join(told), n=rest) if told and rest else ""


def _all_bought(row: Row, teller: Teller) -> bool:
    """Whether every defence of which somebody speaks is bought."""
    return all(what["id"] in teller.result["bought"] for what in row["about"] if what and what["noun"] == "defence")


def commitments(teller: Teller) -> list[Block]:
    """Each defence with what was promised and what was ordered of it, and what is only assumed here."""
    kept = [row for row in teller.part("record")["people"] if row["kind"] in KEPT_WORDS]
    bought = list(teller.result["bought"])
    if not kept or not bought:
        return []
    chosen = teller.say(f"commitments.{teller.result['chosen']}")
    left = [{"id": row["with"][0], **row} for row in teller.part("steps").get("variants", ())[1:]]
    costs = {row["id"]: teller.money(cost_of([row], teller), SUMMED) for row in (*left, *teller.result["building"])}
    cells = [[teller.names.of(name, "defence"), *(_kept([r for r in kept if r["kind"] == kind and _about(r, name)], teller)
              for kind in KEPT_WORDS), costs[name], chosen] for name in bought]  # fmt: skip
    asked = dict.fromkeys(what["id"] for row in kept for what in row["about"] if what and what["noun"] == "defence")
    cells += [[teller.names.of(name, "defence"), *(_kept([r for r in kept if r["kind"] == kind and _about(r, name)], teller)
               for kind in KEPT_WORDS), costs.get(name, NONE), teller.say("commitments.not_bought")]
              for name in asked if name not in bought and teller.shows("weakness")]  # fmt: skip
    others = [row for row in kept if _later(row, teller) and not any(_about(row, name) for name in (*bought, *asked))]
    cells += [[teller.label(row["text"]).rstrip("."), *(_kept([row], teller) if row["kind"] == kind else NONE for kind in KEPT_WORDS),
               NONE, teller.say("commitments.left_out")] for row in others]  # fmt: skip
    years = numbers.count(teller.part("comparison")["years"], teller.lang)
    said = [teller.say("commitments.what"), teller.say("commitments.costs", years=years) if teller.shows("price") else "",
            grounds_said(teller), teller.say("commitments.assumed") if teller.result["chosen"] == "record" else ""]  # fmt: skip
    table = teller.table("what_for promised ordered cost_over>:price in_paper", cells, "commitments")
    return [*teller.p("changes.commitments", said, "record", "comparison"), *table]


def commitments_of(teller: Teller) -> list[Row]:
    """What was promised or ordered of a defence, or once the incident was over: what is to change, not what was to be done."""
    kept = [row for row in teller.part("record")["people"] if row["kind"] in KEPT_WORDS]
    return [row for row in kept if _later(row, teller) or any(what and what["noun"] == "defence" for what in row["about"])]


def grounds(teller: Teller) -> list[tuple[str, list[Row]]]:
    """What is bought, apart by on what it rests: ``promised``, else ``ordered``, else only ``assumed`` here; none where there is none."""
    kept = commitments_of(teller)
    found: dict[str, list[Row]] = {"promised": [], "ordered": [], "assumed": []}
    for row in teller.result["building"]:
        words = {one["kind"] for one in kept if _about(one, row["id"])}
        found[next((word for word in KEPT_WORDS if word in words), "assumed")].append(row)
    return [(word, rows) for word, rows in found.items() if rows] if kept else []


def cost_of(rows: Iterable[Row], teller: Teller) -> float:
    """What some defences cost over the years of the comparison, once and yearly."""
    years = teller.part("comparison")["years"]
    return float(sum((row["once"] or 0.0) + years * (row["yearly"] or 0.0) for row in rows))


def promised(defences: Iterable[str], teller: Teller) -> bool:
    """Whether somebody promised any of these defences, by the record."""
    names = set(defences)
    kept = (row for row in teller.part("record")["people"] if row["kind"] == "promised")
    return any(what and what["id"] in names for row in kept for what in row["about"])


def grounds_said(teller: Teller) -> str:
    """How many of the defences that are bought rest on what, and what that costs of the whole; empty where nothing is on record."""
    whole, told = cost_of(teller.result["building"], teller), []
    for word, defences in grounds(teller):
        cost, said = cost_of(defences, teller), teller.say(f"grounds.{word}", n=len(defences))
        if whole and teller.shows("price"):
            said = teller.say("grounds.priced", said=said, cost=teller.money(cost, SUMMED), share=teller.share(cost / whole))
        told.append(said)
    return teller.say("grounds.said", n=len(teller.result["building"]), parts=", ".join(told)) if told else ""


def _later(row: Row, teller: Teller) -> bool:
    """Whether something was said after the incident had ended."""
    ended = teller.part("record")["ended_at"]
    return bool(ended and row["at"] and (row["at"][0] or "") > ended)


def _about(row: Row, name: str) -> bool:
    return any(what and what["id"] == name for what in row["about"])


def _kept(rows: Sequence[Row], teller: Teller) -> str:
    """Who said it, when, and from what source."""
    said = []
    for row in rows:
        cited = teller.cited(row["sources"])
        by = teller.role(row["by"]) or teller.say(f"deed.{row['kind']}")
        said.append(teller.say("commitments.by", by=by, at=teller.when(row["at"]), cited=f" [{cited}]" if cited else ""))
    return "; ".join(said) or NONE
