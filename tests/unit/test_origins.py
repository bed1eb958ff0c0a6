"""Every number of a page leads to inputs, and every input to a line of a file or a row of the library."""

import re
import tomllib
from pathlib import Path

import pytest

from blackstart import evidence, examples, report
from blackstart.api import noted
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language import origins
from blackstart.language.brought import brought
from blackstart.language.inputs import cited, glosses, inputs, note
from blackstart.language.load import load, load_text
from blackstart.report import citations, numbers
from blackstart.report.basis import inputs_and_sources
from blackstart.report.names import Names
from blackstart.report.origins import Origins, _own_parts, one_address
from blackstart.studies.results import assessment, labels
from blackstart.text import has

MODEL = """\
blackstart: 1
# [n1]
#  n1  A Newspaper, 3 May
components:
  web: {needs: [db], in: seoul-1}
  db: {kind: database, in: seoul-1, fails: 1 per 10 yr, repair: 4h..20h}    # guess, after [n1]
domains: {seoul-1: {kind: site}}
services: {shop: {needs: [web], loss: 3000 KRW/h, users: 10}}
"""
STUDY = Study(worlds=20, samples=20)


@pytest.fixture(scope="module")
def result() -> dict:
    model = load_text(MODEL, "model.yaml")
    system = compile_model(model)
    return assessment(model, system, simulate.assess(system, STUDY), STUDY, texts={"model.yaml": MODEL}).as_dict()


def test_inputs_come_with_line_note_and_key(result: dict) -> None:
    rows = {row["path"]: row for row in result["grounds"]["inputs"]}
    own = rows["components.db.fails"]
    assert (own["state"], own["file"], own["line"], own["note"]) == ("stated", "model.yaml", 6, "guess, after [n1]")
    assert result["grounds"]["cited"]["n1"] == "A Newspaper, 3 May"
    borrowed = next(row for row in rows.values() if row["state"] == "library")
    assert borrowed["sources"][0]["title"]


def test_what_begins_most_stands_first(result: dict) -> None:
    first = result["causes_by_service"]["shop"][0]
    assert result["grounds"]["inputs"][0]["thing"][1] in {first["id"], result["causes"][0]["id"]}


def test_more_inputs_than_are_told_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "MOST_TOLD", 2)
    model = load_text(MODEL, "model.yaml")
    found = origins.grounds(model, [("components", "db")], {})
    assert len(found["inputs"]) == 2 and found["left_out"] > 0
    assert found["inputs"][0]["thing"] == ["components", "db"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_link_of_a_page_leads_somewhere(result: dict, lang: str) -> None:
    page = report.page(result, lang)
    places = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert set(links) <= places
    borrowed = page[page.index('id="defaults"') :]
    unlinked = re.sub(r"<a .*?</a>|<dt.*?</dt>", "", borrowed)
    assert 'href="#row-' in borrowed and not ROW.search(re.sub(r"<[^>]+>", " ", unlinked))
    assert "n-services.shop.downtime_h_per_year" in links and "i1" in links and "key-n1" in links


def test_a_note_that_points_to_a_rule_finds_the_rule_and_not_the_heading_between() -> None:
    text = "# A rule: one unit is 5.\n\n# ---- a heading\na: 5    # rule above\n"
    assert note(text, 4, "m.yaml") == "rule above [m.yaml:1]"
    assert cited([note(text, 4, "m.yaml")], {"m.yaml": text}) == {"m.yaml:1": "A rule: one unit is 5."}


def test_notes_and_keys_in_another_language() -> None:
    texts = {
        "m.yaml": "# k1  A Newspaper\n# Rule: all is 5, and so on\na: 5  # rule above [k1]\n",
        "sources.ko.md": "| 적힌 그대로 | 한국어 |\n|---|---|\n| rule above [k1] | 위의 규칙 [k1] |\n"
                         "| k1 | 어느 신문 |\n| k1  A Newspaper Rule: all… | 규칙: 모두 5 |\n",
    }
    said = note(texts["m.yaml"], 3, "m.yaml")
    known = cited([said], texts)
    found = glosses([said], known, texts)["ko"]
    assert known["k1"] == "A Newspaper"  # the file in Korean does not take the place of the source
    assert found[said] == "위의 규칙 [k1] [m.yaml:2]" and found["k1"] == "어느 신문"
    assert found["k1  A Newspaper Rule: all is 5, and so on"] == "규칙: 모두 5"


SHIPPED = [*examples.names(), *examples.mechanisms()]
ROW = re.compile(r"\b[A-Z]{2}-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")


@pytest.fixture(scope="module")
def told() -> dict[str, dict]:
    """What is told of the inputs of every shipped example."""
    models = {name: load(examples.path(name)) for name in SHIPPED}
    texts = {name: noted(model) for name, model in models.items()}
    changed = {name: brought(model, model.defences, texts[name]) for name, model in models.items()}
    return {n: origins.grounds(model, [], texts[n], also=("defences",), more=changed[n]) for n, model in models.items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_note_and_key_of_an_example_is_there_in_korean(told: dict[str, dict], name: str) -> None:
    known = told[name]["glosses"].get("ko", {})
    notes = {row["note"] for row in told[name]["inputs"]}
    words = {note for note in notes if re.search(r"[a-z]{3}", ROW.sub("", re.sub(r"\[[^\]]*\]", "", note)))}
    assert {said for said in words if said not in known} == set()
    assert {key for key, says in told[name]["cited"].items() if key not in known and says not in known} == set()


def test_every_row_of_the_library_that_ships_is_there_in_korean(told: dict[str, dict]) -> None:
    cited = {source["id"] for one in told.values() for row in one["inputs"] for source in row["sources"] if source["title"]}
    shipped = evidence.with_all_below(evidence.used())
    assert {row_id for row_id in {*cited, *shipped} if not has(f"rows.{row_id}.what", "ko")} == set()


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_key_of_an_example_leads_to_a_source(told: dict[str, dict], name: str, lang: str) -> None:
    """To an address, or to the words that none was kept, to a guess with its reason, to a rule, or on to another key or row."""
    page = str(inputs_and_sources(told[name]["inputs"], Origins(Names({}, lang), told[name])))
    shown = re.sub(r"<code>.*?</code>|<a [^>]*>.*?</a>|<dt[^>]*>.*?</dt>", "", page)
    text = re.sub(r"<[^>]+>", " ", re.sub(r'class="note">.*?</p>', "", shown, count=1))  # without the note on the notation
    assert re.findall(r"\[[A-Za-z]{1,8}\d{1,4}\]|(?<![\w-])P\d+(?![A-Za-z0-9])", text) == []
    assert [row_id for row_id in ROW.findall(text) if _is_row(row_id)] == []
    for place, says in re.findall(r'<dt id="key-([^"]+)">.*?</dt><dd>(.*?)</dd>', page):
        own = says.split('<span class="note back">')[0]
        assert re.search(r'href="(?:https?:|#)|not kept|남겨 두지|guess|추정|[Rr]ule|규칙|recall|기억', own), (place, own)


def _is_row(row_id: str) -> bool:
    try:
        return bool(evidence.source(row_id).title)
    except KeyError:
        return False


def test_rows_told_in_two_languages_are_those_of_the_table() -> None:
    """But for numbers with an exponent, which no board reads: those are told as `once in 500 years`."""
    rows = tomllib.loads((Path(examples.__file__).parents[1] / "text/en/rows.toml").read_text(encoding="utf-8"))
    exponent = re.compile(r"\de-?\d")
    for row_id, told in rows.items():
        row = evidence.source(row_id)
        assert told["what"] == row.name
        assert told["beware"] == row.note or exponent.search(row.note), row_id
        assert not exponent.search(told["beware"]), row_id


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_input_is_written_in_one_way_wherever_it_stands(result: dict, lang: str) -> None:
    """The mean that stands beside a cause is found again at the input; nothing is told in the programme's own notation."""
    page = report.page(result, lang)
    told = Origins(Names(result, lang), result["grounds"])
    for row in result["grounds"]["inputs"]:
        if row["kind"] == "rate" and row["percentiles"][0] < row["percentiles"][2]:
            assert numbers.often(row["value"], lang, digits=3) in told.value(row)
    shown = re.sub(r"<code>.*?</code>", "", page)
    assert "lognormal(" not in re.sub(r"model\.yaml[^<]*", "", shown) and "e+0" not in shown


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_input_of_the_shipped_models_has_a_name_in_words(lang: str) -> None:
    """None is told by its path, and none of an effect by the effect's number."""
    nameless = set()
    for name in [*examples.names(), *examples.mechanisms()]:
        model = load(examples.path(name))
        for at in inputs(model, ("defences",)):
            said = Origins(Names({}, lang)).named(origins.origin(model, at, {}))
            if "`" in said or re.search(r"effect \d|영향 \d", said):
                nameless.add(at.path)
    assert nameless == set()


def test_an_input_of_an_effect_is_named_by_what_the_effect_does() -> None:
    model = load(examples.path("kakao-2022"))
    rows = {at.path: origins.origin(model, at, {}) for at in inputs(model)}
    told = {lang: Origins(Names({"labels": labels(model)}, lang)) for lang in ("en", "ko")}
    row = rows["hazards.battery-fire.effects[1].until.plus"]
    known = "how much longer the standstill of 50\u00a0% of server halls after a battery fire lasts once the fire is out"
    assert told["en"].named(row) == known
    assert told["ko"].named(row) == "배터리 화재에서 불이 꺼진 뒤에도 판교 전산실의 50%가 멈춰 있는 시간"


def test_what_was_counted_is_said_in_words() -> None:
    """`8 in 2.3 yr`, `(2 cases P7)` and `(guess)` are for the engineer; beside them stands what they mean."""
    model = load(examples.path("kakao-2022"))
    texts = noted(model)
    grounds = origins.grounds(model, [], texts)
    rows = {row["path"]: row for row in grounds["inputs"]}
    told = Origins(Names({"labels": labels(model)}, "en"), grounds)
    seen = told.counted(rows["hazards.bad-release.rate"])
    assert seen == "8 seen in 2.3 years. As that is few, half a case is added: the mean is (8 + 0.5) / 2.3. " + (
        "The range holds nine in ten of the true rates of which one could see 8 (a gamma distribution)."
    )
    assert rows["hazards.bad-release.rate"]["value"] == pytest.approx(8.5 / 2.3)
    assert "2 cases" in told.counted(rows["components.talk-standby.start.detect"])
    page = str(inputs_and_sources([rows["components.talk-standby.start.detect"]], told))
    assert re.search(r'id="key-P7">.*?<code class="eng">P7</code></dt><dd>5 to 40\u00a0min · people there', page)
    assert "people there to knowing what is wrong" in page.split('id="key-P7"')[0]  # beside the input, and not only in the list


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_value_of_the_library_says_how_it_follows_from_its_rows(lang: str) -> None:
    for name in evidence.value_names():
        assert has(f"reasons.worked.{evidence.how(name)}", lang), name
        assert evidence.how(evidence.named(*evidence.value(name))) == evidence.how(name)
    model = load(examples.path("corner-shop"))
    rows = {at.path: origins.origin(model, at, {}) for at in inputs(model)}
    said = Origins(Names({}, lang)).counted(rows["hazards.fire@seoul-1.effects[2].chance"])
    assert {"en": "In one of four fires a hall was lost whole.", "ko": "화재 네 건 가운데 한 건"}[lang] in said


def test_the_mean_of_a_rate_says_why_it_is_not_its_middle() -> None:
    model = load(examples.path("kakao-2022"))
    rows = {at.path: origins.origin(model, at, {}) for at in inputs(model)}
    told = Origins(Names({}, "en"))
    assert "once in 1,700 years" in told.pulled(rows["hazards.battery-fire.rate"])
    assert told.pulled(rows["hazards.bad-release.rate"]) == ""


_CODE = re.compile(r"(?<![\w/-])(?:[A-Z]{2}-[A-Z0-9]+(?:-[A-Z0-9]+)*|[a-zP]\d{1,2})(?![\w-]|\.\d)")


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", examples.names())
def test_sources_are_named_in_words(name: str, lang: str) -> None:
    """Links were called `k57`, `P31`, `HZ-FIRE-SITE`: nobody who does not keep the files knows what that is."""
    model = load(examples.path(name))
    grounds = origins.grounds(model, [], noted(model), also=("defences",))
    page = str(inputs_and_sources(grounds["inputs"], Origins(Names({"labels": labels(model)}, lang), grounds)))
    for_all = re.sub(r'<(p|td|th|code) class="[^"]*\beng\b[^"]*"[^>]*>.*?</\1>', "", page, flags=re.S)
    table = for_all.split('<dl class="origin cited">')[0]
    assert {m[0] for m in _CODE.finditer(re.sub(r"<[^>]+>", " ", table))} == set()
    empty = [m for m in re.findall(r"<dt [^>]*>(.*?)</dt>", for_all) if not re.search(r"\w{2}", m)]
    assert empty == []


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_from_every_source_there_is_a_way_back(lang: str) -> None:
    model = load(examples.path("kakao-2022"))
    grounds = origins.grounds(model, [], noted(model))
    page = str(inputs_and_sources(grounds["inputs"], Origins(Names({}, lang), grounds)))
    entries = re.findall(r'<dt id="((?:key|row)-[^"]+)">.*?</dt><dd>(.*?)</dd>', page)
    assert len(entries) > 50
    lonely = [place for place, said in entries if 'class="note back"' not in said]
    assert lonely == []


def test_rows_that_a_key_stands_for_are_sources_of_what_cites_it() -> None:
    text = "# [P1]\n#  P1  4h..20h  as in [q1]\n#  q1  RP-FIRE-NIRS and others\nblackstart: 1\n"
    rows = [{"note": "guess [P1]", "text": "4h..20h", "state": "stated", "sources": []}]
    origins.explained(rows, {"m.yaml": text})
    assert [source["id"] for source in rows[0]["sources"]] == ["RP-FIRE-NIRS"]


def test_two_effects_that_do_the_same_are_told_apart() -> None:
    model = load(examples.path("kakao-2022"))
    told = Origins(Names({"labels": labels(model)}, "en"))
    named = [told.named(origins.origin(model, at, {})) for at in inputs(model) if ".effects[" in at.path]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("lang", "named"), [
    ("en", "how much longer the standstill of queue after bad-rules lasts once filter is back"),
    ("ko", "bad-rules에서 filter 복귀 뒤에도 queue가 멈춰 있는 시간"),
])  # fmt: skip
def test_what_lasts_until_something_is_back_is_named_by_that(lang: str, named: str) -> None:
    model = load_text(
        "blackstart: 1\ncomponents: {filter: {repair: 1h}, queue: }\nservices: {s: {needs: queue, users: 1}}\n"
        "hazards: {bad-rules: {strikes: filter, rate: 1/yr, effects: [{hold: queue, until: filter + 20min..1h}]}}\n"
    )
    (at,) = (at for at in inputs(model) if at.path.endswith(".until.plus"))
    assert Origins(Names({"labels": labels(model)}, lang)).named(origins.origin(model, at, {})) == named


@pytest.mark.parametrize(("lang", "named"), [
    ("en", "size of the absence of people of ops after a flu"), ("ko", "flu로 ops 인력이 빠져 있는 정도"),
])  # fmt: skip
def test_how_many_people_are_missing_is_an_input_with_a_name(lang: str, named: str) -> None:
    """The page of an assessment ended in a fault of the program where a hazard takes people."""
    model = load_text(
        "blackstart: 1\ncomponents: {a: {fails: 1/yr, repair: {takes: 1h, people: 1 ops}}}\nteams: {ops: {people: 4}}\n"
        "services: {s: {needs: a, users: 1}}\n"
        "hazards: {flu: {strikes: a, rate: 1/yr, lasts: {well: 5d}, effects: [{take: {team: ops, people: half}, until: well}]}}\n"
    )
    (at,) = (at for at in inputs(model) if at.path.endswith("effects[0].people"))
    assert Origins(Names({"labels": labels(model)}, lang)).named(origins.origin(model, at, {})) == named


def test_the_origin_of_an_input_is_told_in_words_with_its_keys() -> None:
    """A column said `kakao.yaml, line 620: 8 in 2.3 yr`: notation, and no source."""
    model = load(examples.path("kakao-2022"))
    grounds = origins.grounds(model, [], noted(model))
    rows = {row["path"]: row for row in grounds["inputs"]}
    told = {lang: Origins(Names({"labels": labels(model)}, lang), grounds) for lang in ("en", "ko")}
    seen, timed = rows["hazards.bad-release.rate"], rows["hazards.bad-release.effects[0].until.plus"]
    assert told["en"].origin(seen) == f"8 in 2.3 years [k57, k58, k59, k62] (kakao.yaml, line\N{NO-BREAK SPACE}{seen['line']})"
    assert told["ko"].origin(timed) == f"사례 8건 [k57] (kakao.yaml {timed['line']}행)"
    assert told["en"].origin(rows["components.servers-tools.start.work"]).startswith("a guess [P13] (")
    assert told["en"].origin(rows["hazards.hall-fire.rate"]).startswith("as stated [o11, HZ-FIRE-SITE] (")


def test_a_guess_that_is_shared_is_marked_where_it_is_used() -> None:
    """`shift: 12h  # [P22]` stood without a mark, though P22 says that it is a guess; and a crew borrowed the reason of another input."""
    model = load(examples.path("kakao-2022"))
    grounds = origins.grounds(model, [], noted(model))
    rows = {row["path"]: row for row in grounds["inputs"]}
    told = Origins(Names({"labels": labels(model)}, "en"), grounds)
    fire, crew = rows["hazards.battery-fire.lasts.fire-out"], rows["components.servers-talk.repair.people"]
    guesses = (fire, crew, rows["teams.infra.shift"], rows["components.message.tolerance.serves"])
    assert [row["path"] for row in guesses if "guess" not in told.marked(row)] == []
    assert "60 who fit into the halls" in told.noted(crew) and "technicians" not in told.noted(crew)
    assert {"h1", "P1"} <= set(grounds["cited"]) and {"RP-FIRE-KAKAO-EXT", "RP-FIRE-SIN"} <= {s["id"] for s in fire["sources"]}
    assert "guess" not in told.marked(rows["components.message.users"])


def test_the_address_of_a_file_in_a_repository_is_one_that_opens() -> None:
    """It was written with a space, and the link ended there."""
    assert one_address("https://github.com/a/b c/d e.csv") == "https://github.com/a/b/blob/HEAD/c/d%20e.csv"
    assert one_address("https://github.com/a/b traces/") == "https://github.com/a/b/blob/HEAD/traces"
    assert one_address("https://example.org/x") == "https://example.org/x" and one_address("") == ""


@pytest.mark.parametrize(
    ("says", "lang", "label"),
    [
        ('Hankyung, "2021: a year", 21 October 2022: https://a.example/2020/1', "en", "Hankyung, 2022"),
        ("한국경제 〈2021년의 일〉, 2022년 10월 21일: https://a.example/2020/1", "ko", "한국경제, 2022년"),
        ("notes of if(kakao) 2022: https://a.example", "en", "notes of if(kakao) 2022"),
        ("A Newspaper: https://a.example", "en", "A Newspaper"),
    ],
)
def test_a_source_is_known_by_publisher_and_year(says: str, lang: str, label: str) -> None:
    assert citations.source(says, lang) == label


def test_a_rule_is_known_by_what_it_is_of() -> None:
    assert citations.head_of_said("fire, start to out: 8.4 h Pangyo, 22 h Daejeon (RP-FIRE-NIRS)") == "fire, start to out"
    assert citations.head_of_said("당직이 일을 시작하기까지. 추정: 전화로 연락받음") == "당직이 일을 시작하기까지"
    assert citations.cut("word " * 30).endswith("word…") and len(citations.cut("word " * 30)) <= citations.MOST_LETTERS + 1


@pytest.mark.parametrize(
    ("path", "note", "own"),
    [
        ("components.a.start.takes", "[P12]; people: guess, a pair", "[P12]"),
        ("components.a.start.people", "[P12]; people: guess, a pair", "people: guess, a pair"),
        ("defences.d.costs.once", "안산 [k42]. 운영비는 추정: 전기와 사람", "안산 [k42]."),
        ("defences.d.costs.yearly", "안산 [k42]. 운영비는 추정: 전기와 사람", "운영비는 추정: 전기와 사람"),
        ("hazards.h.rate", "eight in 27 months; the list is incomplete", "eight in 27 months; the list is incomplete"),
    ],
)
def test_a_part_of_a_note_that_names_its_field_is_told_of_it_alone(path: str, note: str, own: str) -> None:
    """`people: guess` headed the notes of hours, and what running costs that of the price."""
    assert _own_parts(note, path) == own


@pytest.mark.parametrize(("lang", "said"), [("en", "2 in 8 years as 2.5 in 8 years"), ("ko", "8년에 2건은 8년에 2.5건으로")])
def test_beside_how_often_something_begins_it_is_said_that_counts_enter_with_half_a_case_more(lang: str, said: str) -> None:
    """A stranger took "1 in 5 yr", told as once in 3.3 years, for a fault; the reason stood in one how-to only."""

    def told(text: str) -> str:
        model = load_text(text, "model.yaml")
        system = compile_model(model)
        found = assessment(model, system, simulate.assess(system, STUDY), STUDY, texts={"model.yaml": text})
        page = re.sub(r"<[^>]*>", "", report.page(found.as_dict(), lang))
        return " ".join(f"{page} {report.text(found.as_dict(), lang)}".split())

    assert told(MODEL.replace("1 per 10 yr", "2 in 8 yr")).count(said) == 2
    assert said not in told(MODEL)
