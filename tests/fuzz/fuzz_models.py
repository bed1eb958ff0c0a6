"""Mutates models without end and demands one thing of the reader and the checks: a Model or a ModelError.

Run it for long with ``python tests/fuzz/fuzz_models.py --cases 100000 --seed 1``; the test suite runs a
short version. Case n of a seed is the same on every machine, so that a failure can be seen again with
``--only n``. What it writes for includes goes to a temporary folder.
"""

from __future__ import annotations

import argparse
import collections
import pathlib
import random
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable

import blackstart.examples
from blackstart.checks import check, severity
from blackstart.errors import ModelError, as_json, hint, render, what
from blackstart.language.load import dump, load, load_text

SECONDS_MOST = 2.0  # processor time for one case
EXAMPLES = pathlib.Path(blackstart.examples.__file__).parent

# A model that uses most of the language, so that mutations reach most of the reader.
SEED_MODEL = """\
blackstart: 1
title: 시험 모델
currency: KRW
exchange: {USD: "1,400 KRW"}
as_of: 2026-01-01
components:
  web:
    {label: {ko: 웹, en: web}, needs: [login, db], in: pangyo/b3, count: 320, headroom: 130%, overload: 150%,
     start: {takes: 10 min + 0.5 x outage, work: 5 min each, people: 3 infra, needs: [deploy], works: 3 of 9},
     repair: {takes: 4h..20h, people: {infra: 2}, needs: deploy, spare: {stock: 2, lead: 30 d}},
     break_glass: {after: 2h, takes: 8h, people: 3 infra}, helps: {monitoring: x2}, wants: {photos: 20%}}
  login: {kind: login, needs: {any: [db, "세션"]}, rides: 15 min, tested: 30 d, hidden: 0.1/yr}
  db: {kind: database, in: pangyo, needs: {at_least: 1, of: [disk-a, disk-b]},
       data: {copies: [disk-a, disk-b], lag: 5 s, backup: {every: 24h, kept: vault, restore: 6h}}}
  disk-a: {kind: disk, in: pangyo, tags: [disk]}
  disk-b: {kind: disk, in: anyang, standby: {for: disk-a}, start: {detect: 1 min, switch: 2 min}}
  vault: {in: anyang, fails: 2 in 400 yr}
  deploy: {needs: {maybe: 10%, on: vault}}
  monitoring: {fails: 1/500yr..1/50yr, priority: 2}
  photos: {needs: {capacity: {disk-a: 0.6, disk-b: 60%}, at_least: 0.5}, fails: 0.1/yr}
  세션: {fails: 연 2회, repair: 3시간}
services:
  shop: {needs: [web], wants: {photos: 10%}, users: 3.2만, aftermath: x4,
         loss: {rate: "3,000,000 KRW/h", hours: mon-fri 08-20, penalties: {4h: 1억 KRW}, cap: 120억원},
         tolerance: {rto: 4h, rpo: 1h, mtpd: 24h}}
  결제: {needs: [db], loss: {1h: 1억원, 24h: 30억원}}
domains:
  pangyo: {kind: site, in: korea}
  pangyo/b3: {kind: room, in: pangyo, tags: [battery]}
  anyang: {kind: site, in: korea}
  korea: {kind: country}
teams:
  infra: {people: 12, on_call: 4, arrives: 30 min, shift: 12h}
barriers:
  gas: {works: 30%..80%, shown: 2024-05-01}
hazards:
  battery-fire:
    strikes: pangyo/b3
    rate: 3 in 9,000 yr
    effects:
      - break: web
      - {after: 8 min, hold: half of pangyo, until: cleared}
      - {unless: gas, after: 93 min, hold: pangyo, until: fire-out + 4h..16h,
         then: [{surge: {on: shop, by: x3}, for: 1h}]}
      - {bar: pangyo, until: fire-out}
      - {take: {team: infra, people: 50%}, for: 6h}
    lasts: {fire-out: 6h..22h, cleared: 3h}
    again: {rate: x5, for: 6 months}
  bad-change: {strikes: web, rate: 400 changes/yr, chance: 0.1%, effects: [{break: web}]}
common_causes:
  disks: {of: [disk-a, disk-b], beta: 10%}
defences:
  second-login:
    {costs: {once: 4bn KRW, yearly: 1.2bn KRW}, takes: 9 months, people: 4 infra, state: claimed,
     change: {components: {login: {needs: {any: [db, disk-b]}}}}}
  more-people: {requires: [second-login], change: {teams: {infra: {people: 20}}}}
growth:
  - {when: 1 yr, demand: x2, loss: x1.5}
"""

# fmt: off
ODD_VALUES = [
    "", "~", "null", "no", "yes", "010", "0x1f", "1e999", "-1e999", "nan", ".nan", "-.inf", "1e308 yr",
    "-4h", "4", "4 parsecs", "20h..4h", "101%", "-5%", "0 in 0 yr", "3 of 2", "-1 of -2", "1/0yr",
    "lognormal(median=0h, p95=0h)", "lognormal(", "gamma(shape=-1, scale=2h)", "empirical([])",
    "triangular(3h,2h,1h)", "9" * 400, "1..2..3", "x-4", "\uff14\uff48", "٣ h", "−4h", "4\u200bh",
    "\u202egnp", "결제", "\uacb0\uc81c\u1160", "e\u0301", "\U0001f600", "\x00", "\ud7ff", "a\tb", "*x", "&x",
    "!!python/object:os.system", "!!binary aGk=", "? a", "- - - a", "{a: b", "[a, [b", "|\n  a", "'", '"',
    "#", "---", "...", "%YAML 2.0", "<<: *x", "<<", "here", "each: site", "half of", "0% of web",
    "200% of web", "2024-13-45", "shop", "web", "web;login", "include", "library: dc-fire",
    "library: nothing", "1 " + "KRW" * 50, "120억 USD", "$", "₩", "3 infra", "-3 infra", "infra infra",
    "mon-fri 08-20", "25-99", "until", "cleared + 0h", "1h each", "10 min + 9 x outage", "\ud800",
]
ODD_KEYS = [
    "needs", "in", "for", "start", "repair", "takes", "any", "all", "at_least", "of", "maybe", "on",
    "capacity", "effects", "then", "until", "include", "components", "services", "kind", "label",
    "__class__", "needs ", "néeds", "니즈", "1", "~", "<<", "{}", "[]", "x" * 300,
]
# fmt: on


# --------------------------------------------------------------------------- mutations of a text


def drop_line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def double_line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    lines.insert(rng.choice((i, rng.randrange(len(lines)))), lines[i])
    return "\n".join(lines)


def swap_lines(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return "\n".join(lines)


def indent(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    lines[i] = rng.choice((" " * rng.randint(1, 9) + lines[i], lines[i].lstrip(), "\t" + lines[i]))
    return "\n".join(lines)


def _span(rng: random.Random, text: str, stops: str) -> tuple[int, int]:
    """The part between two stop characters around a random place."""
    at = rng.randrange(len(text) + 1)
    begin = max((text.rfind(stop, 0, at) for stop in stops), default=-1) + 1
    ends = [end for end in (text.find(stop, at) for stop in stops) if end >= 0]
    return begin, min(ends, default=len(text))


def odd_value(rng: random.Random, text: str) -> str:
    begin, end = _span(rng, text, ":,{}[]\n")
    return f"{text[:begin]} {rng.choice(ODD_VALUES)}{text[end:]}"


def odd_key(rng: random.Random, text: str) -> str:
    at = text.find(":", rng.randrange(len(text) + 1))
    begin = max(text.rfind(stop, 0, max(at, 0)) for stop in " {,\n") + 1
    return f"{text[:begin]}{rng.choice(ODD_KEYS)}{text[at:]}" if at > 0 else text


def swap_values(rng: random.Random, text: str) -> str:
    (a, b), (c, d) = sorted((_span(rng, text, ":,{}[]\n"), _span(rng, text, ":,{}[]\n")))
    return text if c < b else text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def random_characters(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    blocks = ((0, 128), (0, 0x3000), (0xAC00, 0xD7A4), (0xFE00, 0x10000))
    junk = "".join(chr(rng.randrange(*rng.choice(blocks))) for _ in range(rng.randint(1, 6)))
    return text[:at] + junk + text[at + rng.randrange(4) :]


def cut(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def huge_number(rng: random.Random, text: str) -> str:
    digits = [i for i, ch in enumerate(text) if ch.isdigit()]
    if not digits:
        return text
    at = rng.choice(digits)
    return (
        text[:at]
        + rng.choice(("9" * rng.randint(5, 400), "1e400", "0", "-1", "1e-400", "0.0"))
        + text[at + 1 :]
    )


def deep(rng: random.Random, text: str) -> str:
    begin, end = _span(rng, text, ":,{}[]\n")
    n = rng.choice((10, 60, 70, 1000, 20000))
    nest = rng.choice((("[", "]"), ("{any: [", "]}"), ("{all: [", "]}"), ("{a: ", "}")))
    return f"{text[:begin]} {nest[0] * n}web{nest[1] * n}{text[end:]}"


def alias_bomb(rng: random.Random, text: str) -> str:
    width, height = rng.choice(((2, 40), (9, 12), (100, 3)))
    lines = ["a0: &a0 [web]"] + [
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, height)
    ]
    begin, end = _span(rng, text, ":,{}[]\n")
    return "\n".join(lines) + "\n" + text[:begin] + f" *a{height - 1}" + text[end:]


def long_text(rng: random.Random, text: str) -> str:
    begin, end = _span(rng, text, ":,{}[]\n")
    long = rng.choice(("x", "9", "가", "(", "a ")) * rng.choice((10_000, 300_000))
    return f"{text[:begin]} {long}{text[end:]}"


def other_name(rng: random.Random, text: str) -> str:
    """Put one word of the text where another stands: mostly a valid file with another meaning."""
    words = list(re.finditer(r"[\w][\w./@-]*", text))
    if len(words) < 2:
        return text
    here, there = rng.choice(words), rng.choice(words)
    return text[: here.start()] + there[0] + text[here.end() :]


def other_need(rng: random.Random, text: str) -> str:
    """Let something need other components: circles, itself, services."""
    names = re.findall(r"^  ([\w@/-]+):", text, re.MULTILINE)
    places = list(re.finditer(r"needs: (\[[^\]]*\]|[\w-]+)", text))
    if not names or not places:
        return text
    place = rng.choice(places)
    members = ", ".join(rng.choices(names, k=rng.randint(1, 3)))
    need = rng.choice(("[{}]", "{{any: [{}]}}", "{{at_least: 2, of: [{}]}}", "{{any: [{{all: [{}]}}, web]}}"))
    return f"{text[: place.start()]}needs: {need.format(members)}{text[place.end() :]}"


def nudge(rng: random.Random, text: str) -> str:
    digits = [i for i, ch in enumerate(text) if ch.isdigit()]
    if not digits:
        return text
    at = rng.choice(digits)
    return text[:at] + rng.choice("0123456789") + text[at + 1 :]


def drop_entry(rng: random.Random, text: str) -> str:
    begin, end = _span(rng, text, ",{}[]\n")
    return text[:begin] + text[end + 1 :] if text[end : end + 1] == "," else text[:begin] + text[end:]


def splice(rng: random.Random, text: str) -> str:
    other = rng.choice(texts())
    i, j = rng.randrange(len(text) + 1), rng.randrange(len(other) + 1)
    return text[:i] + other[j : j + rng.randint(1, 400)] + text[i:]


# fmt: off
MUTATIONS: list[tuple[int, Callable[[random.Random, str], str]]] = [
    (4, drop_line), (4, double_line), (4, swap_lines), (2, indent), (10, odd_value), (6, odd_key),
    (6, swap_values), (4, random_characters), (2, cut), (4, huge_number), (1, deep), (1, alias_bomb),
    (1, long_text), (2, splice), (10, other_name), (14, other_need), (10, nudge), (10, drop_entry),
]
# fmt: on


# --------------------------------------------------------------------------- cases


def texts() -> list[str]:
    """The models that are mutated: the one above and the shipped examples of moderate size."""
    if not _TEXTS:
        _TEXTS.append(SEED_MODEL)
        for path in sorted(EXAMPLES.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if len(text) < 12_000:
                _TEXTS.append(text)
    return _TEXTS


_TEXTS: list[str] = []


MILD = (other_need, nudge, drop_entry)  # mostly leave a file that can be read, with another meaning


def mutated(rng: random.Random, text: str) -> str:
    if rng.random() < 0.4:
        for function in rng.choices(MILD, k=rng.choice((1, 2, 4))):
            text = function(rng, text)
        return text
    weights, functions = zip(*MUTATIONS, strict=True)
    for function in rng.choices(functions, weights, k=rng.choice((1, 1, 1, 2, 3, 8))):
        text = function(rng, text)
    return text


def write_folder(rng: random.Random, folder: pathlib.Path) -> pathlib.Path:
    """A model in several files, damaged: includes that loop or are missing, broken tables, odd bytes."""
    names = ["model.yaml", "part.yaml", "rows.csv"]
    target = rng.choice(
        ["part.yaml", "rows.csv", "model.yaml", "none.yaml", "../etc.yaml", "/etc/passwd", ".", ""]
    )
    main = "include: [part.yaml]\n" + SEED_MODEL.replace("domains:", f"domains:\n  include: {target}", 1)
    part = rng.choice(["", f"include: {target}\n"]) + "domains:\n  osaka: {kind: site}\n"
    rows = "id,needs,in,count,repair.takes\n" + "".join(
        f"s{i},db;login,pangyo,{rng.choice(['1', '', 'x', '-1'])},4h..20h\n" for i in range(5)
    )
    main = main.replace("components:", "components:\n  include: rows.csv", 1)
    contents = [main, part, rows]
    hit = rng.randrange(3)
    contents[hit] = mutated(rng, contents[hit])
    for name, content in zip(names, contents, strict=True):
        data = content.encode("utf-8", "surrogatepass")
        if name == names[hit] and rng.random() < 0.3:
            at = rng.randrange(len(data) + 1)
            data = data[:at] + rng.randbytes(rng.randint(1, 8)) + data[at:]
        (folder / name).write_bytes(data)
    return folder / "model.yaml"


def run_case(seed: int, case: int, folder: pathlib.Path) -> str:
    """One case; what came of it. Raises whatever neither the reader nor the checks should raise."""
    rng = random.Random(f"{seed}/{case}")
    try:
        if rng.random() < 0.1:
            model = load(write_folder(rng, folder))
        else:
            model = load_text(mutated(rng, rng.choice(texts())))
    except ModelError as error:
        assert error.problems, "a ModelError without a problem"
        for lang in ("en", "ko"):
            assert render(error.problems, lang, error.sources)
            as_json(error.problems, lang)
        return "refused"
    found = check(model)
    for problem in found:
        assert all(what(problem, lang) for lang in ("en", "ko"))
        assert hint(problem) is not None and severity(problem)
    if case % 10 == 0:
        assert load_text(dump(model)) == model, "load of dump is another model"
    return "read with findings" if found else "read"


def fuzz(seed: int, cases: range, *, stop: bool = False) -> tuple[collections.Counter[str], list[str]]:
    """Run cases; how many ended how, and a report of each that should not have ended so."""
    counts: collections.Counter[str] = collections.Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for case in cases:
            begin = time.process_time()
            try:
                counts[run_case(seed, case, folder)] += 1
            except Exception:  # every other exception is what is being looked for
                counts["failed"] += 1
                failures.append(f"case {case}\n{traceback.format_exc(limit=-6)}")
            taken = time.process_time() - begin
            if taken > SECONDS_MOST:
                counts["too slow"] += 1
                failures.append(f"case {case}: {taken:.1f} s")
            if failures and stop:
                break
    return counts, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run this one case")
    options = parser.parse_args()
    cases = range(options.cases) if options.only is None else range(options.only, options.only + 1)
    counts, failures = fuzz(options.seed, cases)
    for report in failures[:20]:
        print(report, file=sys.stderr)
    print(", ".join(f"{name}: {count:,}" for name, count in sorted(counts.items())))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
