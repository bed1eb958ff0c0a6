"""What a model does not say, and whether the changes of its defences are sound: both before anybody asks for them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from blackstart import errors
from blackstart.checks import changes
from blackstart.cli import main
from blackstart.language import portfolio, unstated
from blackstart.language.load import load_text

SHOP = """blackstart: 1
components:
  db: {fails: 2/yr, repair: 10h, start: {works: 3 of 4}}
  web: {needs: [db], headroom: 100%, start: 5 min, repair: {work: 5 min each, people: 1 ops}, count: 4}
services:
  shop: {needs: [web], loss: "1,000 KRW/h"}
teams:
  ops: {people: 2}
defences:
  first: {change: {components: {db-2: {fails: 1/yr, repair: 1h}}}}
  second: {requires: [first], change: {components: {web: {needs: [{any: [db, db-2]}]}}}}
"""


def rules(text: str = SHOP) -> dict[str, str]:
    return {d.path: d.value for d in unstated.defaults(load_text(text))}


def test_rules_of_the_language_are_listed_with_what_they_take():
    found = rules()
    assert found["components.db.start.takes"] == "0 h" and found["components.db.start.retry"] == "0 h"
    assert found["components.web.rides"] == "0 h" and "components.db.rides" not in found  # db needs nothing to ride without
    assert "components.web.headroom" not in found  # stated, though it is what would be taken
    assert found["components.db.headroom"] == "100%"
    assert found["services.shop.tolerance.serves"] == "50%" and found["services.shop.aftermath"] == "x1"
    assert found["services.shop.start"] == "at once" and found["services.shop.loss.deferred"] == "0%"
    assert found["teams.ops.on_call"] == "all" and found["teams.ops.arrives"] == "0 h"
    assert "components.web.repair.takes" not in found  # it states its work


def test_nothing_is_listed_twice():
    model = load_text(SHOP)
    listed = [d.path for d in (*model.defaults, *unstated.defaults(model))]
    assert len(listed) == len(set(listed))


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return path


@pytest.mark.parametrize(("lang", "says"), [("en", "FROM RULES OF THE LANGUAGE"), ("ko", "모델에 없어 기본 규칙을 따른 값")])
def test_check_lists_them_when_asked(shop, lang, says):
    quiet = CliRunner().invoke(main, ["check", str(shop), "--lang", lang])
    told = CliRunner().invoke(main, ["check", str(shop), "--defaults", "--lang", lang])
    assert says in told.stdout and says not in quiet.stdout
    assert "components: start.takes" in told.stdout


def test_check_as_json_lists_each_with_its_source(shop):
    told = json.loads(CliRunner().invoke(main, ["check", str(shop), "--defaults", "--format", "json"]).stdout)
    assert {"path": "components.db.headroom", "value": "100%", "source": "language", "title": ""} in told["unstated"]


# ----------------------------------------------------------------------------- changes of defences


def test_sound_changes_bring_no_problem():
    assert changes.problems(load_text(SHOP)) == []


def test_a_defence_is_tried_with_what_it_requires():
    assert portfolio.with_required(load_text(SHOP), "second") == ("first", "second")


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ("web: {needs: [{any: [db, db-3]}]}", "unknown-component", "defences.second: components.web.needs.0.any.1"),
        ("web: {needs: [web]}", "needs-itself", "defences.second: components.web.needs"),
        ("web: {headroom: lots}", "bad-percent", "defences.second: components.web.headroom"),
    ],
)
def test_what_a_change_breaks_is_found_before_it_is_chosen(wrong, code, path):
    found = changes.problems(load_text(SHOP.replace("web: {needs: [{any: [db, db-2]}]}", wrong)))
    assert [(p.code, p.path) for p in found] == [(code, path)]
    assert "defences.second" in errors.render(found, "en")


def test_a_problem_of_the_model_itself_is_not_said_again_for_each_defence():
    text = SHOP.replace("db: {fails: 2/yr, repair: 10h,", "db: {fails: 2/yr, needs: [db],")
    assert "needs-itself" not in {p.code for p in changes.problems(load_text(text))}


def test_check_ends_with_2_when_a_change_is_wrong(shop):
    shop.write_text(SHOP.replace("[db, db-2]", "[db, db-3]"), encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(shop), "--lang", "en"])
    assert done.exit_code == 2 and "db-3" in done.stdout
