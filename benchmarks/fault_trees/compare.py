"""The exact engine beside SCRAM (and OxiDD, relibmss) on public fault trees: CPU seconds, memory, nodes, answers.

The folder holds Open-PSA files and answers.csv (probabilities, cut sets by order). SCRAM is asked for the probability alone, products up to
order 1, since listing products is what it spends most on; ours is asked for the probability and all Birnbaum importances, then once more
with all cut sets counted by order and the hundred most likely listed. "warm" is the median of the second to the fourth time in one process,
"process" the whole process from its start to its end with one question; SCRAM's time is the median of three whole processes. What takes
longer than a few seconds is done once.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
PATIENCE = 20.0  # seconds for each order of a library
LONG = 5.0  # CPU seconds after which a first time says as much as a second


def child(command: list[str], limit: float, **environment: str) -> tuple[float, str | None]:
    """CPU seconds of a process and its output; None if it passed the limit or failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=os.environ | environment)
        out = done.stdout if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        out = None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def one(program: str, tree: Path, limit: float, order: int = 0, **environment: str) -> tuple[float, dict | None]:
    path = os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / "one.py"), program, str(tree), str(order)]
    seconds, out = child(command, limit, PYTHONPATH=path, **environment)
    return seconds, json.loads(out) if out else None


def scram(tree: Path, limit: float) -> float | None:
    """CPU seconds of SCRAM for the probability, or None."""
    seen: list[float] = []
    while len(seen) < 3 and max(seen, default=0.0) < LONG:
        with tempfile.NamedTemporaryFile(suffix=".xml") as report:
            command = ["scram", "--bdd", "--probability", "1", "--limit-order", "1", str(tree), "-o", report.name]
            seconds, out = child(command, limit)
        if out is None:
            return None
        seen.append(seconds)
    return statistics.median(seen)


def neighbour(program: str, tree: Path, limit: float) -> tuple[float, int] | None:
    """Best of three plain orders: CPU seconds and nodes."""
    seen = [found for order in range(3) if (found := one(program, tree, limit, order)[1])]
    best = min(seen, key=lambda s: s["warm"], default=None)
    return None if best is None else (best["warm"], best["nodes"])


def wrong(seen: dict, answer: dict) -> str:
    """What of an answer is not as it should be."""
    if answer["probability"]:
        right = float(answer["probability"])
        if not seen["lower"] * (1 - 1e-6) <= right <= seen["upper"] * (1 + 1e-6):
            return "WRONG probability"
    if answer["cut_sets"] and int(answer["cut_sets"]) != seen["cut_sets"]:
        return "WRONG cut sets"
    return ""


def compile_time(tree: Path) -> float:
    """CPU seconds of a first run ever, nothing compiled yet."""
    with tempfile.TemporaryDirectory() as cache:
        return one("ours", tree, 600, NUMBA_CACHE_DIR=cache)[0]


def figure(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def row(name: str, tree: Path, answer: dict, limit: float, libraries: list[str]) -> tuple[list[str], dict]:
    """Cells of one tree, and its seconds: ours warm, with cut sets, SCRAM's (None where it did not finish)."""
    process, seen = one("ours", tree, 3600)
    assert seen is not None, name
    process -= seen["repeated"] + seen["with_sets"]  # what a single question costs
    theirs = scram(tree, limit) if shutil.which("scram") else None
    shown = f"{seen['probability']:.6g}" if seen["outcome"] == "exact" else f"{seen['lower']:.5g} to {seen['upper']:.5g}"
    cells = [name, shown, f"{seen['cut_sets']:,}", figure(seen["warm"]), figure(seen["with_sets"]), figure(process, 2)]
    cells += [f"{seen['rss_mib']:.0f}", f"{seen['nodes']:,}", figure(theirs), figure(theirs and seen["warm"] / theirs, 2)]
    for library in libraries:
        found = neighbour(library, tree, min(limit, PATIENCE))
        cells.append("-" if found is None else f"{found[0]:.3f} ({found[1]:,})")
    return cells, {"wrong": wrong(seen, answer), "warm": seen["warm"], "with_sets": seen["with_sets"], "scram": theirs}


def summary(seen: list[dict], limit: float, first: Path) -> list[str]:
    """What all trees say together."""
    out = [f"CPU seconds; load {os.getloadavg()[0]:.1f}, {platform.machine()}, Python {platform.python_version()}."]
    both = [s for s in seen if s["scram"]]
    if both:
        warm, sets, theirs = (sum(s[key] for s in both) for key in ("warm", "with_sets", "scram"))
        worst = max(s["warm"] / s["scram"] for s in both)
        out.append(f"Trees that SCRAM solves in {limit:.0f} s: ours warm {warm:.2f} s (with cut sets {sets:.2f}), SCRAM {theirs:.2f} s.")
        out.append(f"Ours / SCRAM = {warm / theirs:.2f}, worst tree {worst:.2f}.")
    _, lean = one("ours", first, 600)
    assert lean is not None
    out.append(f"Engine loaded from its cache in {lean['load']:.2f} s; a first run ever, compiling: {compile_time(first):.1f} s.")
    return out


def table(folder: Path, limit: float, neighbours: bool, only: list[str] | None, markdown: Path | None) -> int:
    """Print the table, write it to a file where one is given; 1 if an answer is wrong."""
    with open(folder / "answers.csv", encoding="utf-8") as file:
        answers = {row["tree"]: row for row in csv.DictReader(file)}
    names = [n for n in sorted(answers) if not only or n in only]
    libraries = [n for n in ("oxidd", "relibmss") if neighbours and importlib.util.find_spec(n)]
    heads = ["tree", "probability", "cut sets", "warm", "with cut sets", "process", "MiB", "nodes", "SCRAM", "ratio", *libraries]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    print("   ".join(heads), flush=True)
    first = folder / f"{names[0]}.xml"
    one("ours", first, 600)  # compiled and cached before anything is measured
    seen = []
    for name in names:
        cells, said = row(name, folder / f"{name}.xml", answers[name], limit, libraries)
        seen.append(said)
        lines.append("| " + " | ".join(cells) + " |")
        print("   ".join(cells), said["wrong"], flush=True)
    ended = summary(seen, limit, first)
    print("\n".join(ended))
    if markdown:
        markdown.write_text("\n".join([*lines, "", *ended]) + "\n", encoding="utf-8")
    return int(any(said["wrong"] for said in seen))
