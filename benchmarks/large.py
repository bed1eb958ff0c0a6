"""Commands on a large platform: `python benchmarks/large.py [SERVICES ...]`; 8 services are 230 components, 80 are 1,094.

A platform of three regions with three zones each: stores of which five copies in nine must stand, gates that trip under too much load,
pools in every zone, services in four tiers that need and want each other, one history for all, and as many defences as a plan
may have. Each command is a process of its own, as a user starts it, with its default numbers of worlds and samples. What it did is
checked from its JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REGIONS, ZONES = ("eu", "us", "ap"), "abc"
PLACES = [f"{region}-{zone}" for region in REGIONS for zone in ZONES]
STORES = ("identity", "config", "git", "artifacts", "metrics", "dns", "locks", "orders", "users", "media", "ledger", "search")
AFTER = "after.yaml"  # beside the model: the same with fewer crowds
COMMANDS: tuple[tuple[str, tuple[str, ...], Callable[[dict[str, Any], int], bool]], ...] = (
    ("check", (), lambda told, n: not any(p["severity"] == "error" for p in told["problems"])),
    ("rehearse", ("--hit", "eu-a for 3h"), lambda told, n: len(told["services"]) == n),
    ("assess", (), lambda told, n: len(told["services"]) == n and told["provenance"]["study"]["worlds"] == 200),
    ("overlaps", (), lambda told, n: len(told["services"]) == min(n, 64) and bool(told["overlaps"])),
    ("compare", (AFTER,), lambda told, n: not told["same"]),
)


def platform(services: int) -> dict[str, Any]:
    """The model, as a tree of plain values."""
    dice = random.Random(7)
    domains: dict[str, Any] = {"settings": {"kind": "software"}}
    for region in REGIONS:
        domains |= {region: {"kind": "region"}, f"{region}-grid": {"kind": "power", "in": region}}
    domains |= {place: {"kind": "site", "in": [place[:2], *([f"{place[:2]}-grid"] if place[-1] in "ab" else [])]} for place in PLACES}
    by_hand = {"takes": "20min..2h", "people": "1 staff"}
    parts: dict[str, Any] = {
        "login": {
            "needs": ["store-identity"], "fails": "0.3/yr..1/yr", "repair": by_hand, "break_glass": {"after": "90min", "takes": "45min"},
        },
        "deploy": {"needs": ["store-git", "login"], "in": "settings", "fails": "1/yr..4/yr", "repair": by_hand},
    }
    for store in STORES:
        copies = [f"{store}-{place}" for place in PLACES]
        with_tools = {"takes": "30min..4h", "people": "1 staff", "needs": "login"}
        parts |= {
            name: {"kind": "database", "in": name[-4:], "fails": "0.5/yr..3/yr", "repair": with_tools, "start": "5min"} for name in copies
        }
        parts[f"store-{store}"] = {"needs": {"at_least": 5, "of": copies}, "start": "10min..40min", "rides": "20s"}
    for region in REGIONS:
        parts[f"gate-{region}"] = {
            "in": ["settings", region], "overload": "250%", "fails": "0.3/yr..1/yr", "repair": by_hand, "tags": ["front"],
            "start": {"takes": "10min", "throttled": True},
        }  # fmt: skip
    for place in PLACES:
        parts[f"agent-{place}"] = {
            "in": [place, "settings"], "needs": ["store-locks", "store-config"], "rides": "4h", "fails": "0.5/yr..2/yr", "repair": by_hand,
        }
    names = [f"s{i}" for i in range(services)]

    def tier_of(i: int) -> int:
        return sum(10 * i >= share * services for share in (1, 3, 6))

    products: dict[str, Any] = {}
    for i, name in enumerate(names):
        tier = tier_of(i)
        below = [other for j, other in enumerate(names[:i]) if tier_of(j) < tier]
        needed = dice.sample(below, min(len(below), dice.choice([1, 2, 3])))
        wanted = [other for other in dice.sample(names[:i], min(i, 2)) if other not in needed] if i > 4 else []
        for region in REGIONS:
            pools = {f"{name}-{region}-{zone}": "50%" for zone in ZONES}
            for pool in pools:
                parts[pool] = {
                    "kind": "server-pool", "count": 60, "in": pool[-4:], "needs": [f"agent-{pool[-4:]}"], "fails": "0.3/yr..2/yr",
                    "start": {"work": "6s each", "people": "4 staff"}, "repair": {"work": "1min each", "people": "4 staff"},
                }  # fmt: skip
            needs = [{"capacity": pools, "at_least": "30%"}, f"gate-{region}", *(f"{other}-{region}" for other in needed)]
            parts[f"{name}-{region}"] = {"needs": [*needs, *([f"store-{dice.choice(STORES[7:])}"] if tier < 2 else [])]}
            if tier < 2:
                parts[f"{name}-{region}"] |= {"overload": "180%", "start": {"takes": "5min", "throttled": True}}
        products[name] = {
            "needs": {"capacity": {f"{name}-{region}": "50%" for region in REGIONS}, "at_least": "30%"}, "users": 2e8 // (i + 1),
            "loss": f"{(900_000, 400_000, 80_000, 9_000)[tier]} USD/h", "wants": dict.fromkeys(wanted, "10%"),
            "tolerance": {"rto": "1h", "serves": ("90%", "80%", "50%", "50%")[tier]},
        }  # fmt: skip
    hazards: dict[str, Any] = {
        f"grid-{region}": {
            "strikes": f"{region}-grid", "rate": "1 in 30 yr", "lasts": {"back": "1h..12h"}, "effects": [{"hold": "here", "until": "back"}],
        }
        for region in REGIONS
    }  # fmt: skip
    hazards["crowd"] = {
        "strikes": {"tag": "front"}, "rate": "0.5/yr..4/yr", "lasts": {"over": "1h..4h"},
        "effects": [{"surge": {"on": [f"gate-{region}" for region in REGIONS], "by": "x1.5..x3.5"}, "until": "over"}],
    }  # fmt: skip
    defences: dict[str, Any] = {
        f"quick-{name}": {"costs": "100000 USD", "change": {"components": {name: {"repair": "10min"}}}} for name in list(parts)[2:28]
    }
    defences["no-crowds"] = {"costs": "100000 USD", "change": {"hazards": {"crowd": {"rate": "0.2/yr..1/yr"}}}}
    return {
        "blackstart": 1, "title": f"A platform of {services} services", "currency": "USD", "as_of": "2026-11-01", "history": "history.csv",
        "domains": domains, "teams": {"staff": {"people": 60, "on_call": 8, "arrives": "15min"}}, "components": parts,
        "services": products, "hazards": hazards, "defences": defences,
    }  # fmt: skip


def write(services: int, folder: Path) -> Path:
    """The model's file in a folder, with its history."""
    model = platform(services)
    (folder / "history.csv").write_text("what,component,start,end\nwatched,*,2022-11-01,2026-11-01\n")
    (folder / "model.yaml").write_text(json.dumps(model))
    model["hazards"]["crowd"]["rate"] = "0.2/yr..1/yr"
    (folder / AFTER).write_text(json.dumps(model))
    return folder / "model.yaml"


def measured(command: str, how: tuple[str, ...], path: Path) -> tuple[float, float, float, dict[str, Any]]:
    """Seconds on the wall, seconds of processor, peak MiB of one command, and what it told."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    line = [sys.executable, "-m", "blackstart", command, path.name, *how, "--format", "json", "-o", "told.json"]
    source = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}
    done = subprocess.run(line, cwd=path.parent, env=source, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line[1:])} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, cpu, after.ru_maxrss / 1024, json.loads((path.parent / "told.json").read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", type=int, nargs="*", default=[8, 80])
    parser.add_argument("--only", nargs="+", choices=[name for name, _, _ in COMMANDS], help="these commands")
    given = parser.parse_args()
    wrong = False
    for services in given.services:
        with tempfile.TemporaryDirectory() as folder:
            path = write(services, Path(folder))
            parts = len(json.loads(path.read_text())["components"])
            print(f"{parts:,d} components, {services} services; load of the machine {os.getloadavg()[0]:.1f}")
            for name, how, is_done in COMMANDS:
                if given.only and name not in given.only:
                    continue
                wall, cpu, peak, told = measured(name, how, path)
                right = is_done(told, services)
                wrong |= not right
                said = "" if right else "  did not do its work"
                print(f"  {name:10s}{wall:8.1f} s{cpu:8.1f} s of processor{peak:7.0f} MiB{said}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
