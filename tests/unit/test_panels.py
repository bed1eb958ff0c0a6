"""What opens where a number of a page is clicked is of that number: it names inputs of its subject, each with a line, a row or a guess."""

from __future__ import annotations

import re
from html import unescape

import jsonschema
import pytest

from blackstart import examples, report
from blackstart.api import noted
from blackstart.cli import main
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Player, Study
from blackstart.language import scenario
from blackstart.language.load import load
from blackstart.planning import board, plan
from blackstart.report import numbers, panels, story, timeline, trace, ways
from blackstart.report.behind import Asked
from blackstart.report.behind import causes as behind_causes
from blackstart.report.behind import overlaps as behind_overlaps
from blackstart.report.behind import plan as behind_plan
from blackstart.report.behind import rehearsal as behind_rehearsal
from blackstart.report.misfortunes import Misfortunes, alike, telling
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.studies import overlaps, rehearsal, results, returning
from blackstart.studies.worth import per_hour
from blackstart.units import HOURS_PER_YEAR

KINDS = ("assessment", "rehearsal", "overlaps", "plan")
SETTINGS = ("defaults", "asked.", "provenance.study.", "setting.", "runs", "plays")  # chosen, not computed: no input stands behind them


def _answers(name: str, most: int) -> dict[str, dict]:
    model = load(examples.path(name))
    system, texts, study = compile_model(model), noted(model), Study(worlds=3, samples=60)
    asked = scenario.read(model, [examples.about(name, "en").hazard])
    struck = compile_model(asked.model)
    sample = simulate.assess(system, study)
    assessed = results.assessment(model, system, sample, study, texts=texts)
    found = {
        "assessment": returning.with_returns(assessed, model, system, sample, study),
        "rehearsal": rehearsal.rehearsal(asked, struck, rehearsal.play(asked, struck, runs=10, seed=1), texts=texts),
        "overlaps": overlaps.overlaps(model, system, overlaps.Asked(most=4), texts=texts),
    }
    if model.defences and any(c.loss for c in model.services):
        small = Study(worlds=3, samples=3, depth=1)
        planned = plan.plan(model, plan.Asked(most=most, fresh=(3, 3)), small, texts=texts)
        found["plan"] = board.beside(model, planned, deep=False) if name == "kakao-2022" else planned
    return {kind: result.as_dict() for kind, result in found.items()}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, dict]]:
    return {"kakao-2022": _answers("kakao-2022", 12), "corner-shop": _answers("corner-shop", 12)}


@pytest.fixture(scope="module")
def everything(answers: dict) -> dict[str, dict[str, dict]]:
    """Answers for every example that ships."""
    return {name: answers.get(name) or _answers(name, 12) for name in examples.names()}


def _linked(page: str) -> list[str]:
    """Paths of the numbers to which a page leads."""
    found = re.findall(rf'href="#({ways.NUMBER}[^"]+)"', page)
    return list(dict.fromkeys(ways.path_of(unescape(place).partition("~")[0]) for place in found))  # one of its own in each section


def _cases(answers: dict) -> list[tuple[str, str, dict]]:
    return [(name, kind, result) for name, kinds in answers.items() for kind, result in kinds.items()]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_number_that_is_linked_has_a_panel_that_names_inputs(everything: dict, lang: str) -> None:
    for name, kind, result in _cases(everything):
        jsonschema.Draft202012Validator(report.schema()).validate(result)
        page, asked = report.page(result, lang), Asked(result, Names(result, lang))
        paths, bare = _linked(page), []
        assert len(paths) > (40 if name == "kakao-2022" else 8 if name == "corner-shop" else 2), (name, kind)
        for path in paths:
            assert f'id="{ways.place_of_number(path)}"' in page
            if not path.startswith(SETTINGS) and not _ends(asked, path, set()):
                bare.append((name, kind, path))
        assert [one for one in bare if not _has_nothing_behind(result, one[2])] == []


def _ends(asked: Asked, path: str, seen: set[str]) -> bool:
    """Whether a panel names inputs, or leads on to one that does: what waited for others has no time of its own."""
    seen.add(path)
    found = panels.behind(asked, path)
    return found is not None and (bool(found.inputs()) or any(_ends(asked, x.to, seen) for x in found.lines if x.to and x.to not in seen))


def _has_nothing_behind(result: dict, path: str) -> bool:
    """Numbers that rest on no input, because there is nothing: what never happens, costs nothing, stops nothing, takes no time.

    The panel says so.
    """
    node = result
    for key in panels.keys_of(result, path):
        node = node[key] if isinstance(node, list) or isinstance(node, dict) and key in node else None
    value = node["value"] if isinstance(node, dict) and "value" in node else node
    if path.startswith("services.") and path.endswith(".quantiles"):
        value = result["services"][panels.keys_of(result, path)[1]]["out_at_h"]
    if path == "services":
        value = [row for row in result["services"].values() if row["out_at_h"] is not None]
    if "availability" in path or "windowed_uptime" in path:
        value = value is not None and value < 1.0
    if path.startswith("lost_alone."):
        value = result["lost_alone"][panels.keys_of(result, path)[1]]["services"]
    return not value and bool(panels.behind(Asked(result, Names(result, "en")), path).said)


def test_every_input_that_a_panel_names_has_a_line_a_row_or_a_guess(answers: dict) -> None:
    for name, kind, result in _cases(answers):
        asked = Asked(result, Names(result, "en"))
        for path in _linked(report.page(result, "en")):
            for row in found.inputs() if (found := panels.behind(asked, path)) else ():
                at = (name, kind, path, row["path"])
                assert row["file"] and row["line"] or row["sources"] or row["state"] == "rule", at
                if name == "kakao-2022" and row["state"] == "stated":
                    assert row["note"] or row["sources"] or row["kind"] == "needs" and row.get("changes"), at  # a defence says why


def _things(result: dict, path: str) -> set[str]:
    found = panels.behind(Asked(result, Names(result, "en")), path)
    assert found is not None, path
    return {row["thing"][1] for row in found.inputs()}


def test_the_inputs_are_those_of_the_subject(answers: dict) -> None:
    kakao = answers["kakao-2022"]
    for n, row in enumerate(kakao["overlaps"]["overlaps"]):
        names = {m["of"] if m["what"] == "doubtful-need" else m["id"] for m in row["misfortunes"]}
        assert _things(kakao["overlaps"], f"overlaps.{n}.per_year") == names
        assert _things(kakao["overlaps"], f"overlaps.{n}.cost") >= {s for s, one in row["by_service"].items() if one["cost"] > 0}
        assert _things(kakao["overlaps"], f"overlaps.{n}.hours") >= names
    for n, option in enumerate(kakao["plan"]["options"]):
        assert _things(kakao["plan"], f"options.{n}.cost") == {option["id"]}
    for n, row in enumerate(kakao["plan"]["reading"]["left_out"]):
        assert _things(kakao["plan"], f"reading.left_out.{n}.cost") == {*row["add"], *row["drop"]}
    pairs = kakao["overlaps"]["pairs"]["misfortunes"]
    assert {pairs[0]["id"], pairs[1]["id"]} <= _things(kakao["overlaps"], "pairs.together.0.1")
    stuck = kakao["assessment"]["stuck"]
    assert _things(kakao["assessment"], "stuck.per_year") == {c["id"] for c in stuck["causes"] if c["share"] >= 0.002}


def test_causes_are_those_of_the_number_clicked(answers: dict) -> None:
    """Bad releases make most of the time out, and none of the outages of more than five days."""
    result = answers["kakao-2022"]["assessment"]
    asked = Asked(result, Names(result, "en"))
    rows = result["causes_by_service"]["images"]
    shares = {"outages_per_year": lambda r: r["outages_share"], "outages_per_year_longer_than.24h": lambda r: r["longer_shares"]["24h"]}
    for path, share in shares.items():
        first = panels.behind(asked, f"services.images.{path}").lines[0]
        assert first.inputs[0]["thing"][1] == max(rows, key=share)["id"]
    assert max(rows, key=lambda r: r["outages_share"])["id"] == "bad-release" != max(rows, key=lambda r: r["longer_shares"]["24h"])["id"]


def test_a_clock_time_leads_to_the_steps_before_it(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    id_, row = next((id_, row) for id_, row in result["services"].items() if len(story.way_back(row)) > 3)
    last = len(row["critical_path"]) - 1
    found = panels.behind(asked, f"services.{id_}.critical_path.{last}")
    assert len(found.lines) > 2 and found.lines[0].inputs
    assert {at["thing"][1] for at in found.lines[0].inputs} == {row["critical_path"][last]["component"]}


def test_a_threshold_is_an_input_with_its_line(answers: dict) -> None:
    (row,) = panels.behind(Asked(answers["kakao-2022"]["assessment"], Names({}, "en")), "services.message.out_below").inputs()
    assert row["path"] == "components.message.tolerance.serves" and row["value"] == 0.3 and row["file"] == "kakao.yaml" and row["note"]
    page = report.page(answers["corner-shop"]["assessment"], "en")
    assert re.search(r'<tr id="i\d+"><td>[^<]*db', page)


def test_no_tick_legend_caption_or_head_of_a_table_is_a_link(answers: dict) -> None:
    for _, _, result in _cases(answers):
        page = report.page(result, "ko")
        assert not re.search(r'<a [^>]*class="traced"[^>]*><text[^>]*class="(tick|axis)', page)
        heads = re.findall(r'<(?:th|figcaption)[^>]*>[^<]*<a href="#([^"]+)"', page)  # what is bought is a finding, wherever it stands
        assert all(re.fullmatch(r"n-frontier\.points\.\d+\.cost(~\w+)?", to) for to in heads)


def test_settings_are_told_with_the_option_that_changes_them() -> None:
    """What a panel calls usual is what the command does unless it is told otherwise."""
    options = {opt: p.default for p in main.commands["plan"].params for opt in p.opts}
    assert {option: options[option] for option, _ in behind_plan.SETTINGS.values()} == dict(behind_plan.SETTINGS.values())
    runs = {opt: p.default for p in main.commands["rehearse"].params for opt in p.opts}
    assert runs["--runs"] == behind_rehearsal.RUNS


def _hours(words: str) -> str:
    """Every length of time in words as hours: `5 h 39 min` is `(5+39/60)`."""
    words = re.sub(r"([\d,.]+) h ([\d.]+) min", lambda m: f"({m[1].replace(',', '')}+{m[2]}/60)", words)
    words = re.sub(r"([\d.]+) min", r"(\1/60)", words)
    return re.sub(r"([\d.]+) s\b", r"(\1/3600)", re.sub(r"([\d.]+) h", r"\1", words))


def _worked_out(sum_: str) -> float:
    """What a sum of a panel comes to, in hours."""
    words = re.sub(r" \([a-z][^()]*\)| units| people| times", "", sum_.replace("\N{NO-BREAK SPACE}", " "))
    words = re.sub(r" = [^)]*(?=\) ×)", "", words)  # what one of several rounds comes to
    words = re.sub(r"(?<=\d),(?=\d)", "", _hours(words)).replace("×", "*").replace("÷", "/")
    assert re.fullmatch(r"[\d.+*/() ]+", words), (sum_, words)
    return float(eval(words))  # noqa: S307 - digits and signs only


def test_a_sum_gives_the_length_or_the_end_of_its_step(everything: dict) -> None:
    """Panels told a formula that did not come out: who is at work, and how many at a time, had been left out.

    Every step of work that more than one input decides has its sum, and it comes out; so has what ends with its misfortune.
    """
    told = 0
    for result in (everything[name][kind] for name in everything for kind in ("rehearsal", "overlaps")):
        asked = Asked(result, Names(result, "en"))
        if result["kind"] == "rehearsal":
            ways = [[{"component": id_, **span} for span in spans] for id_, spans in result["stages"].items()]
        else:
            ways = [longest["critical_path"] for row in result["overlaps"] if (longest := (row["course"] or {}).get("longest"))]
        for way in ways:
            for step, line in zip(way, behind_rehearsal.steps(asked, way), strict=True):
                sum_ = line.what.partition(": ")[2]
                if step["what"] in ("start", "repair") and step["rounds"]:
                    of_work = sum(r["n"] * r["takes_h"] for r in step["rounds"])
                    whole = abs(of_work - (step["to_h"] - step["from_h"])) < 1e-6  # else it was cut short, or tried in vain
                    times = [row for row in line.inputs if row["kind"] == "duration" and row["thing"][0] == "components"]
                    several = len(times) > 1 or any(row["path"].endswith(".work") for row in times)
                    assert bool(sum_) or not (whole and several), (line.what, step)
                    assert not sum_ or abs(_worked_out(sum_) - of_work) < 0.02 * of_work + 1 / 60, (line.what, of_work)
                    told += bool(sum_)
                elif " = over at +" in sum_:
                    sum_, _, end = sum_.partition(" = over at +")
                    hours, minutes = map(int, end.split(":"))
                    assert abs(_worked_out(sum_) - hours - minutes / 60) < 2 / 60, line.what
                    told += 1
    assert told > 60


_UNITS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "%": 0.01, "times": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}


def _read(words: str) -> float:
    """A quantity as a panel writes it: `22.8 min`, `485 m KRW`, `once in 1,600 years`."""
    words = words.replace("\N{NO-BREAK SPACE}", " ")
    if found := re.match(r"once in ([\d,.]+) years", words):
        return 1 / float(found[1].replace(",", ""))
    if words.startswith(("once a year", "less than once in a million years")):
        return float(words.startswith("once"))
    found = re.match(r"([\d,.]+) ?(%|[a-z]+)?", words)
    assert found, words
    return float(found[1].replace(",", "")) * _UNITS.get(found[2] or "", 1.0)


def test_what_causes_add_makes_the_number(everything: dict) -> None:
    """How often × what one brings = what it adds, line by line; and all that is added is the number, or each service's part of it is."""
    checked = 0
    for name in everything:
        result = everything[name]["assessment"]
        asked = Asked(result, Names(result, "en"))
        for id_, row in result["services"].items():
            values = {
                "downtime_h_per_year": row["downtime_h_per_year"], "outages_per_year": row["outages_per_year"],
                **{f"outages_per_year_longer_than.{t}": v for t, v in row["outages_per_year_longer_than"].items()},
                **({"loss.aal": row["loss"]["aal"]} if row["loss"] else {}), "user_hours_lost_per_year": row["user_hours_lost_per_year"],
            }  # fmt: skip
            for path, value in values.items():
                lines = panels.behind(asked, f"services.{id_}.{path}").lines
                *adds, whole = [line.shown for line in lines if len(line.shown) == 3] or [()]
                if not value or not value["value"] or not adds:
                    continue
                for often, each, added in adds:
                    if often and not added.startswith(("practically never", "less than")):
                        assert _read(often) * _read(each) == pytest.approx(_read(added), rel=0.03), (name, id_, path, often, each, added)
                        checked += 1
                assert _read(whole[2]) == pytest.approx(value["value"], rel=0.02, abs=2e-6)
                assert sum(_read(added) for _, _, added in adds) == pytest.approx(value["value"], rel=0.02, abs=2e-6), (name, id_, path)
        if result["total"]["loss"]:
            lines = panels.behind(asked, "total.loss.aal").lines
            by_service = [_read(line.shown[2]) for line in lines if line.what.startswith(("at ", "the damage itself"))]
            assert sum(by_service) == pytest.approx(result["total"]["loss"]["aal"]["value"], rel=0.02), name
    assert checked > 60


def test_a_worst_stretch_of_a_year_has_shares_of_its_own(answers: dict) -> None:
    """The shares of the time out of a year stood behind the worst day of it, in which only how often something comes matters."""
    for name in answers:
        result = answers[name]["assessment"]
        page = report.page(result, "en")
        for id_, rows in result["causes_by_service"].items():
            for key in result["services"][id_]["windowed_uptime"]:
                total = sum(row["window_shares"][key] for row in rows)
                assert total == pytest.approx(1.0, abs=0.01) or total == 0.0
                assert f'id="n-services.{id_}.windowed_uptime.{key}"' in page
    rows = answers["kakao-2022"]["assessment"]["causes_by_service"]["cafe"]
    fire, hall = (next(row for row in rows if row["id"] == id_) for id_ in ("battery-fire", "hall-fire"))
    assert fire["window_shares"]["1h"] > hall["window_shares"]["1h"] and fire["downtime_share"] < 2 * hall["downtime_share"]


def test_what_is_rescued_has_panels_of_its_own(answers: dict) -> None:
    """One panel stood behind how often, which share of the time and which share of the loss; it explained the first."""
    result = answers["kakao-2022"]["assessment"]
    asked = Asked(result, Names(result, "en"))
    page = report.page(result, "en")
    for which in ("downtime_share", "loss_share"):
        if result["stuck"][which]:
            assert sum(row.get(which, 0.0) for row in result["stuck"]["shares"]) == pytest.approx(result["stuck"][which])
            assert panels.behind(asked, f"stuck.{which}").lines[0].inputs
            assert "rescued" not in result["outcome"]["reasons"] or f'id="n-stuck.{which}"' in page


def test_a_time_of_return_tells_what_stopped_it_too(answers: dict) -> None:
    """Of +3:15 the first hour and a half had no input: when the fire reaches the power."""
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    for id_, row in result["services"].items():
        if row["back_at_h"] is not None and len(row["outages"]) == 1:
            lines = panels.behind(asked, f"services.{id_}.back_at_h").lines
            assert lines[0].inputs[0]["path"].startswith("hazards.battery-fire.") and ".after" in lines[0].inputs[0]["path"]
            assert sum(e["to_h"] - e["from_h"] for e in row["critical_path"]) >= row["back_at_h"] - row["out_at_h"] - 1e-6
    called = [line for line in panels.behind(asked, "services.pay.back_at_h").lines if "called at" in line.what]
    assert called and "teams.pay.musters" in {row["path"] for row in called[0].inputs}
    assert any(".after" in row["path"] for row in called[0].inputs)


def test_each_number_on_how_sure_a_plan_is_has_a_panel_of_its_own(answers: dict) -> None:
    """One panel of costs stood behind nine numbers, a bound on the loss among them."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    keys = ("judged", "portfolios", "parts", "refused", "gap", "share", "harm.pairs", "harm.worse", "harm.most")
    said = [panels.behind(asked, f"frontier.{key}").said[0] for key in keys]
    assert len(set(said)) >= 6 and all(said)
    if result["frontier"]["worth_to"] is not None:
        asked_for = result["asked"]
        worth = asked_for["gross"] * result["frontier"]["points"][0]["objective"] * asked_for["years"]
        assert worth == pytest.approx(result["frontier"]["worth_to"]) or asked_for["discount"]


def test_points_of_curves_lead_to_their_numbers(answers: dict) -> None:
    point = re.compile(r'<a href="#(n-[^"]+)" class="traced"[^>]*><circle')
    leading = {kind: set(point.findall(report.page(answers["kakao-2022"][kind], "en"))) for kind in ("assessment", "plan")}
    assert sum("longer_than" in place for place in leading["assessment"]) > 10
    assert any(".oep." in place for place in leading["assessment"]) and any(".aep." in place for place in leading["assessment"])
    points = answers["kakao-2022"]["plan"]["frontier"]["points"]
    assert len(leading["plan"]) == len(points) or len(points) == 1  # one has no curve


def test_a_new_barrier_stands_below_the_misfortune_that_it_meets(answers: dict) -> None:
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    changes = asked.every("defences", "release-control", "change")
    assert [row["changes"]["thing"] for row in changes] == [["barriers", "canary"]] or len(changes) < 3
    assert "bad-release" in behind_causes.touched_by(asked, result["causes"], changes)


def _shares_add_up(lines: list, kind: str) -> None:
    """Lines that say what each adds, by cause or by service under a heading of its own: those of a part are all of it."""
    for part in {line.part for line in lines}:
        told = [line for line in lines if line.part == part and line.what != "all together"]
        mine = [line.shown[-1] for line in told if line.shown and "(" in line.shown[-1]]
        amounts = [_read(shown.lstrip("\N{MINUS SIGN}")) * (-1 if shown.startswith("\N{MINUS SIGN}") else 1) for shown in mine]
        shares = [float(m[1]) for shown in mine if (m := re.search(r"\((?:>\s)?(\d+)\s%\)", shown))]
        assert not mine or abs(sum(shares) - 100) <= 3 + len(mine) / 2, (kind, mine)
        assert not mine or not amounts or max(amounts) > 0, (kind, mine)


def test_numbers_of_a_plan_are_told_by_what_makes_them(answers: dict) -> None:
    """Panels of portfolios listed what today's loss begins with, and the dearest services an hour; a defence's own cause came late."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    for n, point in enumerate(result["frontier"]["points"]):
        assert sum(row["loss"] for row in point["by_cause"]) == pytest.approx(point["loss_per_year"]["value"])
        assert sum(point["by_service"].values()) == pytest.approx(point["loss_per_year"]["value"])  # no misfortune costs anything itself
        assert sum(row["long"] for row in point["by_cause"]) == pytest.approx(point["long_per_year"]["value"], abs=1e-12)
        for key in ("loss_per_year", "user_hours_per_year", "long_per_year", *(["avoided_per_year"] if n else [])):
            lines = panels.behind(asked, f"frontier.points.{n}.{key}").lines
            _shares_add_up(lines, key)
    for table in ("pays", "left_out"):
        for n, row in enumerate(result["reading"][table]):
            assert sum(c["loss"] for c in row["by_cause"]) == pytest.approx(row["avoided"]["value"], abs=1.0)
            if row["avoided"]["value"] > 0:
                lines = panels.behind(asked, f"reading.{table}.{n}.avoided").lines
                most = max(row["by_cause"], key=lambda c: c["loss"])
                assert lines[0].inputs[0]["thing"][1] == most["id"]


def test_what_services_lose_in_an_overlap_is_its_loss(everything: dict) -> None:
    """A loss stood beside typical times that do not give it: it is a mean, and times vary widely."""
    for name in everything:
        for n, row in enumerate(everything[name]["overlaps"]["overlaps"]):
            assert sum(one["cost"] for one in row["by_service"].values()) == pytest.approx(row["cost"]["value"], abs=1.0)
            result = everything[name]["overlaps"]
            lines = panels.behind(Asked(result, Names(result, "en")), f"overlaps.{n}.cost").lines
            _shares_add_up([line for line in lines if len(line.shown) == 2], name)


def test_what_is_missing_after_an_outage_has_its_own_row(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    found = panels.behind(Asked(result, Names(result, "en")), "services.images.loss")
    assert found.lines[0].what.startswith("while it is out") and found.lines[1].what.startswith("while it is worse")


def test_a_count_of_services_tells_who_needs_what(answers: dict) -> None:
    result = answers["kakao-2022"]["overlaps"]
    n = next(n for n, row in enumerate(result["lost_alone"]) if row["id"] == "pangyo")
    found = panels.behind(Asked(result, Names(result, "en")), f"lost_alone.{n}.services")
    assert len(found.lines) == len(result["lost_alone"][n]["services"])
    assert any("; in its place KakaoTalk elsewhere ← operations tools – inside it" in line.what for line in found.lines)
    for line in found.lines:
        assert " ← " in line.what and ".yaml" not in line.what and line.inputs
        assert all(row["kind"] == "needs" and row["note"] and row["line"] for row in line.inputs), line.what
    shares = panels.behind(Asked(result, Names(result, "en")), f"lost_alone.{n}.share")
    assert all(row["kind"] == "money" for line in shares.lines for row in line.inputs) and "÷" in shares.said[1]


def test_each_service_that_an_overlap_stops_leads_to_what_strikes(answers: dict) -> None:
    """Chains ended before the thing that is lost, or led through services that were not out."""
    result = answers["kakao-2022"]["overlaps"]
    asked, words = Asked(result, Names(result, "en")), Misfortunes(Names(result, "en"))
    for n, row in enumerate(result["overlaps"]):
        lines = [line for line in panels.behind(asked, f"overlaps.{n}.hours").lines if line.part == "why they stop"]
        assert len(lines) == len(row["hours"])
        ends = {words.event(m) for m in row["misfortunes"]}
        for line in lines:
            assert any(end in line.what for end in ends) or "not until it has taken over" in line.what, (n, line.what)
        for part, why in row["why"].items():
            assert all(other in row["why"] for other in why["on"]), (n, part)


def test_overlaps_that_share_a_line_are_counted_one_by_one(answers: dict) -> None:
    """Behind "one of 6 doubtful needs" stood how often the first of them comes."""
    result = answers["kakao-2022"]["overlaps"]
    asked, page = Asked(result, Names(result, "en")), report.page(result, "en")
    groups = [group for group in alike(telling(result["overlaps"])) if len(group) > 1]
    for group in groups:
        n = next(n for n, row in enumerate(result["overlaps"]) if row is group[0])
        found = panels.behind(asked, f"overlaps.{n}.alike")
        assert len(found.lines) == len(group) and all(line.inputs for line in found.lines)
        assert f'id="{ways.place_of_number(f"overlaps.{n}.alike")}"' in page
    assert groups


def test_a_share_of_time_is_worked_out(answers: dict) -> None:
    """How long a misfortune keeps a service out stood nowhere behind the share of time that it makes."""
    result = answers["kakao-2022"]["overlaps"]
    asked = Asked(result, Names(result, "en"))
    for n, row in enumerate(result["services"]):
        sums = [
            line.shown
            for line in panels.behind(asked, f"services.{n}.share_of_time").lines
            if len(line.shown) == 2 and " × " in line.shown[0]
        ]
        assert sums or not row["share_of_time"]
        for how, adds in sums:
            often, hours, *asked_for = how.split(" × ")
            product = _read(often) * _read(hours) / 8760.0
            for chance in asked_for:
                if "%" in chance:
                    product *= float(chance.rstrip("%\u00a0 ")) / 100.0
            if all("%" in chance for chance in asked_for):
                assert product == pytest.approx(float(adds.split("%")[0]) / 100.0, rel=0.03), (n, how, adds)


def test_what_a_step_avoids_is_told_with_and_without_it(answers: dict) -> None:
    result = answers["kakao-2022"]["plan"]
    for table in ("pays", "left_out"):
        for n, row in enumerate(result["reading"][table]):
            assert (row["loss_was"] - row["loss_then"]) * row["years"] == pytest.approx(row["avoided"]["value"], abs=1.0)
            said = panels.behind(Asked(result, Names(result, "en")), f"reading.{table}.{n}.avoided").said
            assert any("a year without it" in one for one in said) or not row["by_cause"]
    for row in (*result["frontier"]["gap"], *result["frontier"]["sure_gap"]):
        assert row["best"] >= row["at_most"] - 1e-6 and isinstance(row["with"], list)


def test_a_cause_that_makes_most_of_a_number_is_told_with_its_course(answers: dict) -> None:
    """Panels listed the starts of parts in a fire behind a time that is nine tenths bad releases, whose length they left out."""
    result = answers["kakao-2022"]["assessment"]
    asked = Asked(result, Names(result, "en"))
    found = panels.behind(asked, "services.message.downtime_h_per_year")
    paths = [row["path"] for row in found.lines[0].inputs]
    assert paths == ["hazards.bad-release.rate", "hazards.bad-release.effects[0].until.plus"]
    assert not any(".start." in row["path"] for row in found.inputs())
    for n, row in enumerate(result["causes"]):
        course = behind_causes.course(asked, row)
        barriers = [at["thing"][1] for at in course if at["thing"][0] == "barriers"]
        assert row["id"] != "battery-fire" or barriers == ["gas-suppression", "zone-wise-cut"]
        assert course[:1] == asked.rate(row)[:1], n


def test_a_wait_leads_to_the_part_that_ended_it(answers: dict) -> None:
    """A wait that a standby ended led to the part it stood in for, which came back a day later."""
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    led = 0
    for id_, spans in result["stages"].items():
        lines = behind_rehearsal.steps(asked, [{"component": id_, **span} for span in spans], result["states"])
        for span, line in zip(spans, lines, strict=True):
            if line.to:
                rows = result["states"][line.to.removeprefix("states.")]
                assert any(abs(t - span["to_h"]) < 1e-6 and share > 0 for t, _, share in rows), (id_, span, line.to)
                led += 1
    assert led > 10
    (wait,) = [line for line in panels.behind(asked, "states.games-system").lines if line.to.startswith("states.")]
    assert wait.to == "states.games-system-standby" and "it ended with games system elsewhere" in wait.what
    assert "waiting for games system in Pangyo" in wait.what  # what it waited for, as the timeline tells it


def test_a_hold_that_ends_with_a_time_of_its_hazard_names_that_time(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    line = panels.behind(Asked(result, Names(result, "en")), "services.images.back_at_h").lines[1]
    paths = [row["path"].removeprefix("hazards.battery-fire.") for row in line.inputs]
    assert paths == ["effects[2].after", "effects[2].until.plus", "lasts.fire-out"]


def test_parts_of_a_loss_add_up_and_name_the_share_that_is_put_off(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    out, worse = panels.behind(asked, "services.games.loss").lines[:2]
    assert [row["path"] for row in out.inputs] == ["components.games.loss.rate", "components.games.loss.deferred"]
    assert out.inputs[1]["value"] == 0.5 and out.inputs[1]["note"]
    assert worse.shown[1] and "missing on average" in worse.what


def test_a_defence_stands_before_the_causes_it_does_something_about(answers: dict) -> None:
    """Bad releases stood first behind what a power cut by zones does, which does nothing about them; user counts were missing."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    points = result["frontier"]["points"]
    n = next((n for n, p in enumerate(points) if p["with"] == ["zone-wise-power-cut"]), None)
    if n is not None:
        lines = panels.behind(asked, f"frontier.points.{n}.user_hours_per_year").lines
        assert "zone-wise-cut" in {at["thing"][1] for at in lines[1].inputs}
    rows, changes = result["causes"], asked.every("defences", "zone-wise-power-cut", "change")
    assert behind_causes.touched_by(asked, rows, changes) <= {"battery-fire"}
    users = panels.behind(asked, "frontier.points.0.user_hours_per_year").inputs()
    assert any(row["path"].endswith(".users") for row in users)
    told = Origins(Names(result, "en"), result["grounds"])
    for id_ in (o["id"] for o in result["options"]):  # all that a defence changes stands in one panel, to which the others lead
        every = asked.every("defences", id_, "change")
        found = panels.behind(asked, f"bringing.{id_}")
        assert {row["path"] for row in found.inputs()} == {row["path"] for row in every}
        assert f" {sum(len(told.things(row)) for row in every)} inputs" in found.said[0]
    model = load(examples.path("kakao-2022"))
    system = compile_model(model)
    worth = dict(zip(system.services, per_hour(model, system, Player(system), 1)[0].tolist(), strict=True))
    for stand in (key for key in ("now", "then") if result["beside"][key]):  # the loss by logic goes on to what keeps each service out
        leads = {to for line in panels.behind(asked, f"beside.{stand}.dependence").lines for to in line.links}
        for id_ in (id_ for id_ in result["beside"][stand]["apart"] if f"beside.{stand}.ways.{id_}" in leads):
            sets, value = (result["beside"][stand][key][id_] for key in ("ways", "apart"))
            share = value / (worth[id_] * HOURS_PER_YEAR)
            assert 0.9 * share < sum(one["share_of_time"] for one in sets) < 2.0 * share, id_  # sets may be there at the same time
            assert panels.behind(asked, f"beside.{stand}.ways.{id_}").lines[0].inputs
        assert len(leads) > 3


def test_hourly_losses_of_the_worst_overlap_add_up(answers: dict) -> None:
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    for k, row in enumerate(result["beside"]["now"]["worst"]):
        lines = panels.behind(asked, f"beside.now.worst.{k}").lines
        *stops, whole = [line.shown[0] for line in lines if line.shown and line.shown[0]]
        assert _read(whole) == pytest.approx(row["bound"], rel=0.01)
        assert sum(map(_read, stops)) == pytest.approx(row["per_hour"], rel=0.02)


def test_a_share_in_the_timeline_tells_its_own_moment(answers: dict) -> None:
    """`38 % served` at +0:19 led to why another service stopped an hour later."""
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    paths = [path for path in _linked(report.page(result, "en")) if path.startswith("level.")]
    assert paths
    for path in paths:
        _, minute, id_ = panels.keys_of(result, path)
        found = panels.behind(asked, path)
        level = [share for t, share in result["services"][id_]["level"] if round(t * 60) == int(minute)][-1]
        assert f"{level:.2%}"[:1] in found.said[0] and numbers.stamp(int(minute) / 60) in found.said[0]
        assert all(line.shown[0] == numbers.stamp(int(minute) / 60) for line in found.lines if line.shown and not line.part)


def test_every_number_of_a_result_can_be_asked_of(answers: dict) -> None:
    """`why r.json overlaps.2.late` ended in a bug report: a panel had no word for it."""
    for _, _, result in _cases(answers):
        asked = Asked(result, Names(result, "ko"))
        for keys in trace._numbers(result, ()):
            found = panels.behind(asked, ".".join(map(str, keys)))
            assert found is None or found.heading


def test_a_point_of_the_plans_picture_is_told_as_it_is_drawn(answers: dict) -> None:
    """The picture counts ten years, and the panel told one."""
    result = answers["kakao-2022"]["plan"]
    found = panels.behind(Asked(result, Names(result, "en")), "chart.0")
    loss = result["frontier"]["points"][0]["loss_per_year"]["value"]
    assert numbers.point(10 * loss, "money", "en", "KRW", 3) in found.said[0] and "× 10 years" in found.said[0]


def test_a_share_of_all_time_out_is_made_of_services(answers: dict) -> None:
    """The shares of one service's sets stood behind a share that is of all services."""
    result = answers["kakao-2022"]["overlaps"]
    asked = Asked(result, Names(result, "en"))
    for n, row in enumerate(result["importance"]):
        assert sum(row["by_service"].values()) == pytest.approx(row["share"])
        _shares_add_up(panels.behind(asked, f"importance.{n}.share").lines, row["id"])


def test_both_ends_of_dependence_are_told_by_what_makes_them(answers: dict) -> None:
    stand = answers["kakao-2022"]["plan"]["beside"]["now"]
    assert sum(stand["apart"].values()) == pytest.approx(stand["dependence"]["independent"], rel=0.01)
    assert sum(row["per_year"] for row in stand["tied"]) <= stand["dependence"]["most_bound"] * 1.001


def test_every_defence_says_what_it_changes(answers: dict) -> None:
    """A need that goes, and what slows a repair no longer, were no change."""
    result = answers["kakao-2022"]["plan"]
    changes = {row["path"].split(".")[1]: row["changes"] for row in result["grounds"]["inputs"] if row.get("changes")}
    assert changes["documents-outside"]["gone"] and changes["own-chat-elsewhere"]["gone"]
    silent = {o["id"] for o in result["options"]} - set(changes)
    assert silent <= {"messages-at-two-sites"}  # parts that stand by no longer: no input of theirs is another


def test_parts_of_the_loss_of_a_course_add_up(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    lines = panels.behind(Asked(result, Names(result, "en")), "losses").lines
    *lines, whole = lines
    assert _read(whole.shown[-1]) == pytest.approx(sum(row["loss"] or 0.0 for row in result["services"].values()), rel=0.01)
    for line in lines:
        _, out, worse, whole = line.shown
        assert _read(out) + _read(worse) == pytest.approx(_read(whole), rel=0.02)
    stopped = panels.behind(Asked(result, Names(result, "en")), "services").lines
    assert len(stopped) == len(result["services"])
    assert all(any(".after" in row["path"] for row in line.inputs) for line in stopped if line.shown[0].startswith("+"))


def test_a_chance_when_asked_is_told_apart_from_one_of_being_there(answers: dict) -> None:
    """Every chance was headed by both, and of 97 % that the input says 2.5 % was left to the reader."""
    result = answers["kakao-2022"]["overlaps"]
    asked = Asked(result, Names(result, "en"))
    seen = set()
    for n, row in enumerate(result["importance"]):
        found = panels.behind(asked, f"importance.{n}.p")
        there = row["per_year"] is not None
        is_there = asked.say("chance-there-is", service=asked.names.of(row["service"]))
        assert (is_there in found.said) == there and (asked.say("chance-asked-is") in found.said) != there
        seen |= {row["what"]} if any(said.startswith("100%") for said in found.said) else set()
    assert "barrier" in seen


def test_what_the_error_may_have_made_is_given_no_cause() -> None:
    """A document's copy that raised the loss of a fire by 70,000 won, its own error being 600,000, was told to have moved parts."""
    asked = Asked({"grounds": {"inputs": []}}, Names({}, "en"))
    (sure,), (unsure,) = (behind_plan._harmed(asked, 6.0, [9.0, -3.0], [], {"standard_error": error}) for error in (1.0, 2.0))
    assert "parts that move" in sure and "cannot be told" in unsure
    assert behind_plan._harmed(asked, 9.0, [9.0], [9.0], {"standard_error": 1.0}) == []
    assert behind_plan._harmed(asked, 9.0, [9.0, -1e-3], [9.0, -1e-4], {"standard_error": 1.0}) == [], "no line of the table has a minus"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_tables_of_panels_have_no_empty_column_and_no_two_alike(answers: dict, lang: str) -> None:
    """Left columns stood empty for a dozen rows, and two columns of one table were both headed "value"."""
    for name, kind, result in _cases(answers):
        page = report.page(result, lang)
        for panel in re.findall(r'(?s)<(?:aside|div)[^>]*class="(?:from|panel)".*?</(?:aside|div)>', page):
            for table in re.findall(r"(?s)<table.*?</table>", panel):
                heads = re.findall(r"<th[^>]*>(.*?)</th>", table)
                assert len(set(heads)) == len(heads), (name, kind, heads)
                assert not re.search(r"<td>–</td>", table)


def test_what_is_counted_is_named(answers: dict) -> None:
    """A count of services out until a standby has taken over led to all that stop; a general threshold to one service."""
    result = answers["kakao-2022"]["overlaps"]
    asked = Asked(result, Names(result, "en"))
    told = 0
    for n, row in enumerate(result["overlaps"]):
        if row.get("meanwhile"):
            found = panels.behind(asked, f"overlaps.{n}.meanwhile")
            mine = [line for line in found.lines if not line.part]
            assert len(mine) == len(row["meanwhile"])
            assert all(any(".start." in at["path"] for at in line.inputs) for line in mine), n
            told += 1
    assert told
    for kind in ("assessment", "rehearsal"):
        result = answers["kakao-2022"][kind]
        lines = panels.behind(Asked(result, Names(result, "en")), "out_below").lines
        assert len(lines) == sum(row["out_below"] is not None for row in result["services"].values())
        assert all(line.inputs and line.inputs[0]["note"] for line in lines)


def test_a_share_of_loss_names_what_an_hour_costs(answers: dict) -> None:
    result = answers["kakao-2022"]["assessment"]
    asked = Asked(result, Names(result, "en"))
    for path in ("stuck.loss_share", *(f"causes.{n}.loss_share" for n, row in enumerate(result["causes"]) if row["loss_share"])):
        if path.startswith("causes") or result["stuck"]["loss_share"]:
            found = panels.behind(asked, path)
            assert any(row["kind"] == "money" for row in found.inputs()), path
            assert "loss" in found.heading, path


def test_what_is_lost_while_a_service_is_worse_is_told_stretch_by_stretch(everything: dict) -> None:
    """Two thirds of a loss stood behind one line without a source: how much was missing when, and what came back."""
    told = 0
    for name in everything:
        result = everything[name]["rehearsal"]
        asked = Asked(result, Names(result, "en"))
        for id_, row in result["services"].items():
            found = panels.behind(asked, f"services.{id_}.loss") if row["loss"] else None
            part = asked.say("parts.worse")
            stretches = [line for line in found.lines if line.part == part] if found else []
            if stretches:
                amounts = [_read(line.what.rpartition(": ")[2]) for line in stretches]
                whole = next(line.what for line in found.lines if line.what.startswith("while it is worse"))
                assert sum(amounts) == pytest.approx(_read(whole.rpartition(": ")[2]), rel=0.06), (name, id_)
                told += len(stretches)
    assert told > 10


def test_half_of_the_services_are_back_with_the_one_named(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    found = panels.behind(Asked(result, Names(result, "en")), "half")
    out = sorted(row["back_at_h"] for row in result["services"].values() if row["out_at_h"] is not None)
    assert numbers.stamp(out[-(-len(out) // 2) - 1]) in found.said[0]
    assert found.inputs()


def test_what_a_defence_costs_is_worked_out(answers: dict) -> None:
    """Prices stood beside means of what they are made of, rounded so that these did not give them."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    for n, row in enumerate(result["options"]):
        (shown,) = panels.behind(asked, f"options.{n}.cost").lines[0].shown
        terms = shown.replace("\N{NO-BREAK SPACE}", " ").split(" = ")
        if len(terms) == 2:
            parts = [term.split(" × ") for term in terms[0].split(" + ")]
            made = sum(_read(first) * (float(rest[0].split()[0]) if rest else 1.0) for first, *rest in parts)
            assert made == pytest.approx(_read(terms[1]), rel=0.01), row["id"]
            assert _read(terms[1]) == pytest.approx(row["cost"], rel=0.005), row["id"]


def test_a_change_is_told_with_the_digits_that_show_it() -> None:
    """A service was told to go from 66 % of its demand to 66 %."""
    assert behind_rehearsal._apart((0.6604, 0.6632), "en") == ["66 %".replace(" ", "\u00a0"), "66.3 %".replace(" ", "\u00a0")]
    assert behind_rehearsal._apart((0.4, 0.6), "ko") == ["40%", "60%"]


def test_work_that_is_given_up_is_told_apart_from_the_wait_behind_it(answers: dict) -> None:
    """A start that lost its tools after an hour was told to have gone on until it was forced, with that wait as what it takes."""
    result = answers["kakao-2022"]["rehearsal"]
    spans = [span["what"] for span in result["stages"]["map-system-standby"]]
    assert spans == ["wait-people", "start", "wait-start-need", "forced-start"]
    asked = Asked(result, Names(result, "en"))
    lines = panels.behind(asked, "states.map-system-standby").lines
    started, waited = (next(line for line in lines if words in line.what) for words in ("given up", "waiting for operations tools"))
    assert {row["path"] for row in started.inputs} == {"hazards.battery-fire.effects[2].after"}  # when the power goes
    assert {row["path"] for row in waited.inputs} == {"components.map-system-standby.break_glass.after"}
    path = result["services"]["message"]["critical_path"]
    assert {step["component"] for step in path} == {"talk-standby"}  # that its people were at work elsewhere ended no wait


def test_a_moment_of_a_part_is_worked_out(answers: dict) -> None:
    """One panel stood behind all moments of a part, and none of them was told: which round of its start it was."""
    result = answers["kakao-2022"]["rehearsal"]
    asked, told = Asked(result, Names(result, "en")), 0
    for path in (path for path in _linked(report.page(result, "en")) if path.startswith("moment.")):
        at = numbers.stamp(int(path.split(".")[1]) / 60)
        found = panels.behind(asked, path)
        assert found.heading.startswith(f"{at}: ") or found.heading.endswith("in this course"), path
        if sum_ := next((said.partition(". ")[2] for said in found.said if said.endswith(f" = {at}.")), ""):
            first, rest = sum_.removesuffix(f" = {at}.").split(" + ", 1)
            hours, minutes = map(int, first.removeprefix("+").split(":"))
            assert abs(hours + minutes / 60 + _worked_out(rest) - int(path.split(".")[1]) / 60) < 2 / 60, (path, sum_)
            told += 1
    assert told > 100


def test_a_fall_names_what_struck_then(answers: dict) -> None:
    """How long a part rides out what it lacks stood behind the minute in which the fire reached its power."""
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    for part in ("pangyo-power", "servers-content", "channel-system-pangyo", "games-system"):
        first = panels.behind(asked, f"states.{part}").lines[0]
        assert [row["path"] for row in first.inputs] == ["hazards.battery-fire.effects[2].after"], part


def test_what_is_missing_in_the_worst_stretch_is_what_causes_add(everything: dict) -> None:
    told = 0
    for name in everything:
        result = everything[name]["assessment"]
        asked = Asked(result, Names(result, "en"))
        for id_ in result["causes_by_service"]:
            for key, up in result["services"][id_]["windowed_uptime"].items():
                found = panels.behind(asked, f"services.{id_}.windowed_uptime.{key}").lines
                lines = [line.shown[2] for line in found if len(line.shown) == 3]
                if lines:
                    missing = (1.0 - up["value"]) * float(key.removesuffix("h"))
                    assert sum(map(_read, lines[:-1])) == pytest.approx(missing, rel=0.02, abs=1e-6), (name, id_, key)
                    told += 1
    assert told > 20


def test_a_service_is_tied_to_what_stops_it_and_brings_it_back(answers: dict) -> None:
    """Steps of KakaoTalk's standby stood behind the return of calls, and nothing said that calls need KakaoTalk."""
    for kind, path in (("rehearsal", "services.voice.back_at_h"), ("assessment", "returns.images.0")):
        result = answers["kakao-2022"][kind]
        found = panels.behind(Asked(result, Names(result, "en")), path).inputs()
        assert f"components.{path.split('.')[1]}.needs" in {row["path"] for row in found}, path


def test_a_service_that_wants_another_says_how_much_is_missing_without_it(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    found = panels.behind(Asked(result, Names(result, "en")), "level.19.taxi")
    assert "50 % × (1 − 20 % × (1 − 50 %)) = 45 %" in " ".join(found.said).replace("\N{NO-BREAK SPACE}", " ")
    assert "components.taxi.wants.map" in {row["path"] for row in found.inputs()}


def test_a_range_over_runs_names_what_may_go_either_way(answers: dict) -> None:
    """The lower end of a range, not out at all, was likelier than the only chance that stood behind it."""
    result = answers["kakao-2022"]["rehearsal"]
    row, found = result["services"]["message"]["quantiles"], panels.behind(Asked(result, Names(result, "en")), "services.message.quantiles")
    assert f"{round(row['out_share'] * result['runs'])} have it out" in " ".join(found.said)
    paths = {row["path"] for row in found.inputs()}
    assert {"barriers.gas-suppression.works", "barriers.zone-wise-cut.works", "components.talk-standby.start.works"} <= paths


def test_when_people_come_is_told_before_how_many_they_are(answers: dict) -> None:
    result = answers["kakao-2022"]["rehearsal"]
    asked = Asked(result, Names(result, "en"))
    first = next(m for m in timeline.moments(result, asked.names) if m.key == "moment.team.on-call" and m.folded)
    for line in panels.behind(asked, first.about).lines:
        assert [row["path"].rpartition(".")[2] for row in line.inputs[:2]] == ["arrives", "after"], line.what


def test_a_ratio_tells_what_the_error_of_its_benefit_leaves(answers: dict) -> None:
    """Costs over losses stood without an error beside losses that have one."""
    result, told = answers["kakao-2022"]["plan"], 0
    for table in ("pays", "left_out"):
        for n, row in enumerate(result["reading"][table]):
            if row["ratio"] is not None and row["avoided"]["standard_error"]:
                said = panels.behind(Asked(result, Names(result, "en")), f"reading.{table}.{n}.ratio").said[1]
                avoided, error = row["avoided"]["value"], row["avoided"]["standard_error"]
                low = numbers.point(row["cost"] / (avoided + error), "number", "en")
                assert low in said and ("between" in said) == (avoided > error), said
                told += 1
    assert told


def test_the_picture_of_a_frontier_says_that_it_counts_all_years(answers: dict) -> None:
    """Ten whole years in the picture, in the table of steps those from the day on which a step is there: neither said so."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    for n, point in enumerate(result["frontier"]["points"]):
        said = [words for words in panels.behind(asked, f"chart.{n}").said if "from the first day" in words]
        assert len(said) == bool(point["with"])


def test_what_the_worst_costs_when_played_adds_up(answers: dict) -> None:
    """Times out and losses an hour stood side by side, and not what they come to, nor what is lost besides."""
    result = answers["kakao-2022"]["plan"]
    row = result["beside"]["now"]["worst"][0]["played"]
    lines = [line for line in panels.behind(Asked(result, Names(result, "en")), "beside.now.worst.0.played").lines if len(line.shown) > 2]
    *amounts, whole = [_read(line.shown[2]) for line in lines]
    assert whole == pytest.approx(row["loss"]["value"], rel=0.01) and sum(amounts) == pytest.approx(whole, rel=0.02)
    for line, amount in zip(lines, amounts, strict=False):
        assert sum(_read(words) for words in line.shown[:2] if words) == pytest.approx(amount, rel=0.02), line


def test_a_step_counts_from_the_day_on_which_what_it_adds_is_there(answers: dict) -> None:
    """How long a defence takes that the step gives up stood beside it, as if it delayed anything."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    for n, row in enumerate(result["reading"]["pays"]):
        found = panels.behind(asked, f"reading.pays.{n}.avoided")
        assert not any(row["path"] == f"defences.{id_}.takes" for id_ in row["drop"] for row in found.inputs())
        assert ("less" in found.said[0]) == (row["years"] < result["asked"]["years"])


def test_a_take_over_is_told_step_by_step(answers: dict) -> None:
    """How long a take-over may take stood beside what was forced in its place, and not what the time out is made of."""
    result = answers["kakao-2022"]["overlaps"]
    asked, told = Asked(result, Names(result, "en")), 0
    for n, row in enumerate(result["taking_over"]):
        for line in panels.behind(asked, f"taking_over.{n}.hours").lines:
            if " + " in line.what:
                hours = [_worked_out(part.partition(" (")[0]) for part in line.what.partition(": ")[2].split(" + ")]
                name = line.what.partition(" ← ")[0]
                id_ = next(id_ for id_ in row["hours"] if asked.names.of(id_) == name)
                assert sum(hours) == pytest.approx(row["hours"][id_], abs=1.5 / 60)
                told += 1
    assert told


def test_how_often_a_long_outage_comes_follows_from_how_often_its_cause_does(answers: dict) -> None:
    """`once in 726 years` stood beside a rate of once in 26 years, and not what share of those lasts so long."""
    result = answers["kakao-2022"]["plan"]
    asked = Asked(result, Names(result, "en"))
    known, told = {(c["what"], c["id"]): c["per_year"] for c in result["causes"]}, 0
    lines = [line for line in panels.behind(asked, "frontier.points.0.long_per_year").lines if "(as things are " in line.what]
    for row in result["frontier"]["points"][0]["by_cause"]:
        name = asked.names.of(row["id"], row["what"])
        for line in (line for line in lines if line.what.startswith(f"{name} (")):
            share = row["long"] / known[row["what"], row["id"]]
            if share <= 1.0:
                assert numbers.point(share, "percent", "en", digits=3) in line.what
                told += 1
    assert told


def test_how_long_a_defence_takes_is_written_as_its_table_has_it(answers: dict) -> None:
    """`36 months` opened on `1,100 d`."""
    result = answers["kakao-2022"]["plan"]
    names = Names(result, "en")
    told = Origins(names, result["grounds"])
    for n, row in enumerate(result["options"]):
        takes = [at for at in panels.behind(Asked(result, names), f"options.{n}.takes_h").inputs() if at["path"].endswith(".takes")]
        assert all(told.value(at) == numbers.lead(row["takes_h"], "en") for at in takes if at["percentiles"][0] == at["percentiles"][2])


def test_a_count_of_minimal_sets_tells_the_sets_of_its_own_column(answers: dict) -> None:
    result = answers["kakao-2022"]["overlaps"]
    asked = Asked(result, Names(result, "en"))
    for n, service in enumerate(result["services"]):
        told = [len(row["misfortunes"]) for row in result["overlaps"] if service["id"] in row["stops"]]
        for size, of in (("1", [1]), ("2", [2]), ("3", [3]), ("more", range(4, 99))):
            found = panels.behind(asked, f"services.{n}.minimal.{size}")
            shown = [x for x in found.lines if x.links]
            assert len(shown) == min(len([k for k in told if k in of]), behind_overlaps.MOST_SETS), (service["id"], size)
            count = sum(m for k, m in service["minimal"].items() if int(k) in of)
            assert any(text.startswith(f"{count} of") for text in found.said), (service["id"], size, found.said)
