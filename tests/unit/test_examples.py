"""The shipped examples: they load, they are listed, and the Pangyo folder keeps its word about sources."""

from __future__ import annotations

import re

import pytest

from blackstart import checks, examples
from blackstart.checks import unmended
from blackstart.incidents import incident
from blackstart.language import portfolio, targets
from blackstart.language.load import apply, dump, load, load_text
from blackstart.language.places import Places

PANGYO = examples.path("kakao-2022").parent
# incidents that happened: folders with sources and targets; their models name the source of every number
INCIDENTS = [f.parent for f in sorted(PANGYO.parent.glob("*/targets.yaml"))]
MODELS = [f for folder in INCIDENTS for f in sorted(folder.glob("*.yaml")) if f.name not in (targets.FILE, incident.FILE)]


NUMBER = re.compile(r"(?<![\w/@-])-?\d")
KEY = re.compile(
    r"\[[a-z]\d+\]|\[P\d+\]|\b(?:HZ|RP|CO|CP|HU|CS)-[A-Z0-9-]+|guess|recall|rule above|public input"
)


@pytest.fixture(scope="module")
def models():
    return {name: load(examples.path(name)) for name in examples.names()}


def lines_of(file):
    return file.read_text(encoding="utf-8").splitlines()


def code_and_comment(line: str) -> tuple[str, str]:
    code, _, comment = line.partition("#")
    return code, comment


def shared_priors(file) -> dict[str, tuple[str, str]]:
    """Number, value and meaning of the shared priors that a file lists at its head."""
    found = (re.match(r"#   (P\d+) +(\S+) +(\S.*)", line) for line in lines_of(file))
    return {m[1]: (m[2], m[3]) for m in found if m}


PRIORS = {key: row for file in MODELS for key, row in shared_priors(file).items()}


# ------------------------------------------------------------------ the index


@pytest.mark.parametrize("name", examples.names())
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_example_has_one_sentence_in_each_language(name, lang):
    about = examples.about(name, lang)
    for sentence in (about.title, about.shows):
        assert sentence.endswith(".") and sentence.count(". ") == 0
        assert bool(re.search("[가-힣]", sentence)) == (lang == "ko")


def test_every_model_file_is_listed_or_included():
    listed = {examples.path(name) for name in (*examples.names(), *examples.mechanisms())}
    shipped = set(examples.path("startup").parent.parent.glob("*/*.yaml"))
    assert {p.name for p in shipped - listed} == {"site.yaml", "kakao-defences.yaml", targets.FILE, incident.FILE}


def test_unknown_example_names_the_nearest():
    with pytest.raises(examples.UnknownExample) as caught:
        examples.path("kakao-2002")
    assert caught.value.nearest == "kakao-2022"


def test_copy_brings_the_whole_folder_and_overwrites_nothing(tmp_path):
    main = examples.copy("kakao-2022", tmp_path / "mine")
    assert main.name == "kakao.yaml"
    assert {f.name for f in main.parent.iterdir()} == {f.name for f in PANGYO.iterdir() if f.is_file()}
    main.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError) as caught:
        examples.copy("naver-2022", tmp_path / "mine")
    assert caught.value.filename
    assert main.read_text(encoding="utf-8") == "mine"


# ------------------------------------------------------------------ as models


@pytest.mark.parametrize("name", examples.names())
def test_example_loads_and_its_hazard_is_there(name, models):
    model = models[name]
    assert model.services
    assert examples.about(name, "en").hazard in model.hazards


@pytest.mark.parametrize("name", examples.names())
def test_example_has_no_finding_of_severity_error(name, models):
    errors = checks.errors(models[name])
    assert not errors


@pytest.mark.parametrize("name", examples.names())
def test_whatever_can_break_can_be_repaired_with_every_defence_too(name, models):
    model = models[name]
    for defence in (None, *model.defences):
        bought = apply(model, portfolio.with_required(model, defence)) if defence else model
        assert [(p.code, p.path) for p in unmended.problems(bought, Places(bought))] == []


@pytest.mark.parametrize("name", examples.names())
def test_load_of_dump_is_the_same_model(name, models):
    text = dump(models[name])
    again = load_text(text)
    assert dump(again) == text
    for section in ("components", "domains", "teams", "hazards", "barriers", "defences"):
        assert list(getattr(again, section)) == list(getattr(models[name], section))


@pytest.mark.parametrize("name", examples.names())
def test_every_defence_of_an_example_can_be_bought(name, models):
    model = models[name]
    for defence in model.defences.values():
        assert apply(model, [*defence.requires, defence.id])


def test_corner_shop_is_small():
    text = examples.path("corner-shop").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 15


def test_startup_has_about_thirty_components(models):
    model = models["startup"]
    assert 25 <= len(model.components) - len(model.services) <= 40


# ------------------------------------------------------------------ incidents that happened


@pytest.mark.parametrize("file", MODELS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_every_number_names_its_source(file):
    missing, above = [], ""
    for number, line in enumerate(lines_of(file), 1):
        code, comment = code_and_comment(line)
        stated = NUMBER.search(code) and not code.startswith(("blackstart:", "title:"))
        if stated and not KEY.search(comment) and not KEY.search(above):
            missing.append(f"{file.name}:{number}: {line}")
        above = comment if not code.strip() else ""
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("file", MODELS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_a_line_that_cites_a_shared_prior_repeats_it(file):
    wrong, pending = [], ""
    for number, line in enumerate(lines_of(file), 1):
        code, comment = code_and_comment(line)
        if not code.strip():
            pending = comment
            continue
        for key in re.findall(r"\[(P\d+)\]", comment + pending):
            if key not in PRIORS or PRIORS[key][0] not in code:
                wrong.append(f"{file.name}:{number}: {key} {PRIORS.get(key)}: {line}")
        pending = ""
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", MODELS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_shared_priors_are_the_same_in_all_incidents(file):
    assert {key: row for key, row in shared_priors(file).items() if PRIORS[key] != row} == {}


@pytest.mark.parametrize("folder", INCIDENTS, ids=lambda f: f.name)
def test_the_sources_of_a_folder_are_those_it_cites(folder):
    sources = (folder / "sources.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([a-z]\d+) \|", sources, re.M))
    inputs = "\n".join(line for file in MODELS if file.parent == folder for line in lines_of(file))
    of_inputs = set(re.findall(r"\[([a-z]\d+)\]", inputs))
    of_targets = {key for story in targets.read(folder) for t in story.targets for key in re.findall(r"[a-z]\d+", t.source)}
    notes = set(re.findall(r"\[([a-z]\d+)\]", "\n".join(lines_of(folder / targets.FILE))))
    in_turn = set(re.findall(r"\[([a-z]\d+)\]", sources))  # cited by what a row says
    assert of_inputs | of_targets | notes | in_turn == listed
    kept = set(re.findall(r"^\| ([a-z]\d+) \|.*\(targets\) \|$", sources, re.M))
    assert not kept & of_inputs, "only targets may use these"


def test_kakao_has_its_32000_servers_and_its_revenue(models):
    model = models["kakao-2022"]
    servers = [c for c in model.components.values() if c.id.startswith("servers-")]
    assert sum(c.count for c in servers) == 32_000
    per_hour = sum(s.loss.rate.dist.a for s in model.services if s.loss)
    assert per_hour == pytest.approx(7107e9 / 8760, rel=0.002)


def test_both_companies_stand_in_the_same_building_under_the_same_fire():
    kakao, naver = (load(examples.path(name)) for name in ("kakao-2022", "naver-2022"))
    assert kakao.hazards["battery-fire"] == naver.hazards["battery-fire"]
    for name in ("pangyo-power", "pangyo-cooling", "pangyo-last-racks"):
        assert kakao.components[name] == naver.components[name]
