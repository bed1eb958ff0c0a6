"""The shipped examples: they load, they are listed, and the Pangyo folder keeps its word about sources."""

from __future__ import annotations

import re
import tomllib

import pytest

from blackstart import checks, examples
from blackstart.load import apply, dump, load, load_text

PANGYO = examples.path("kakao-2022").parent
PANGYO_MODELS = ("site.yaml", "kakao.yaml", "naver.yaml")

NUMBER = re.compile(r"(?<![\w/@-])-?\d")
KEY = re.compile(
    r"\[[knoceil]\d+\]|\[P\d+\]|\b(?:HZ|RP|CO|CP|HU|CS)-[A-Z0-9-]+|guess|recall|rule above|public input"
)


@pytest.fixture(scope="module")
def models():
    return {name: load(examples.path(name)) for name in examples.names()}


def lines_of(name: str) -> list[str]:
    return (PANGYO / name).read_text(encoding="utf-8").splitlines()


def code_and_comment(line: str) -> tuple[str, str]:
    code, _, comment = line.partition("#")
    return code, comment


def shared_priors() -> dict[str, str]:
    found = (re.match(r"#   (P\d+) +(\S+) +\S", line) for line in lines_of("site.yaml"))
    return {m[1]: m[2] for m in found if m}


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
    assert {p.name for p in shipped - listed} == {"site.yaml"}


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
    errors = [p for p in checks.check(models[name]) if checks.severity(p) == "error"]
    assert not errors


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


# ------------------------------------------------------------------ the Pangyo folder


@pytest.mark.parametrize("name", PANGYO_MODELS)
def test_every_number_names_its_source(name):
    missing, above = [], ""
    for number, line in enumerate(lines_of(name), 1):
        code, comment = code_and_comment(line)
        stated = NUMBER.search(code) and not code.startswith(("blackstart:", "title:"))
        if stated and not KEY.search(comment) and not KEY.search(above):
            missing.append(f"{name}:{number}: {line}")
        above = comment if not code.strip() else ""
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("name", PANGYO_MODELS)
def test_a_line_that_cites_a_shared_prior_repeats_it(name):
    priors, wrong, pending = shared_priors(), [], ""
    for number, line in enumerate(lines_of(name), 1):
        code, comment = code_and_comment(line)
        if not code.strip():
            pending = comment
            continue
        for key in re.findall(r"\[(P\d+)\]", comment + pending):
            if key not in priors or priors[key] not in code:
                wrong.append(f"{name}:{number}: {key} {priors.get(key)}: {line}")
        pending = ""
    assert not wrong, "\n".join(wrong)


def test_every_source_key_is_listed():
    sources = (PANGYO / "sources.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([a-z]\d+) \|", sources, re.M))
    targets = tomllib.loads((PANGYO / "targets.toml").read_text(encoding="utf-8"))
    inputs = "\n".join(line for name in PANGYO_MODELS for line in lines_of(name))
    used = set(re.findall(r"\[([a-z]\d+)\]", inputs))
    used |= set(re.findall(r"\b([kn]\d+)\b", str(targets)))
    assert used == listed


def test_inputs_cite_no_source_that_only_targets_may_use():
    text = (PANGYO / "sources.md").read_text(encoding="utf-8")
    kept = set(re.findall(r"^\| ([a-z]\d+) \|.*\(targets\) \|$", text, re.M))
    assert kept
    for name in PANGYO_MODELS:
        assert not kept & set(re.findall(r"\[([a-z]\d+)\]", "\n".join(lines_of(name))))


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


def test_targets_are_services_of_the_models(models):
    targets = tomllib.loads((PANGYO / "targets.toml").read_text(encoding="utf-8"))
    for name, model in (("kakao", models["kakao-2022"]), ("naver", models["naver-2022"])):
        services = {s.id for s in model.services}
        for service, back in targets[name]["back"].items():
            assert service in services
            assert back["low"] <= back["hours"] <= back["high"]
    assert set(targets["kakao"]["ablations"]) <= set(models["kakao-2022"].defences)
