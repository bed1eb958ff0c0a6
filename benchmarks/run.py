"""Benchmarks: `python benchmarks/run.py speed`, `python benchmarks/run.py scale`, `… trees`, `… adversary`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    speed = commands.add_parser("speed", help="the timed engine beside SimPy and beside a C loop")
    speed.add_argument("--rounds", type=int, default=7, help="interleaved rounds; medians are shown")
    scale = commands.add_parser("scale", help="load, check, compile and rehearse platforms of growing size")
    scale.add_argument("--sizes", type=int, nargs="+", default=[1_000, 3_000, 10_000, 30_000, 100_000])
    scale.add_argument("--csv", action="store_true", help="components in a CSV table instead of YAML")
    scale.add_argument(
        "--profile",
        metavar="STAGE",
        help="show where one stage (load, check, compile, rehearse) spends its time",
    )
    trees = commands.add_parser("trees", help="the exact engine beside SCRAM on public fault trees")
    trees.add_argument("folder", type=Path, help="Open-PSA files and answers.csv")
    trees.add_argument("--limit", type=float, default=120.0, help="seconds after which a neighbour is stopped")
    trees.add_argument("--neighbours", action="store_true", help="OxiDD and relibmss too, where they are installed")
    trees.add_argument("--tree", action="append", help="only this tree (again for more)")
    trees.add_argument("--markdown", type=Path, help="write the table to a file as well")
    worst = commands.add_parser("adversary", help="the worst overlap, proven, beside greedy and every pair; the defence against it")
    worst.add_argument("--products", type=int, default=68, help="of about 20 components each")
    worst.add_argument("--hazards", type=int, default=160)
    worst.add_argument("--defences", type=int, default=10)
    worst.add_argument("--most", type=int, default=4, help="misfortunes at once, at most")
    given = parser.parse_args()
    if given.command == "speed":
        from timed_engine.compare import speed as race

        return 0 if race(given.rounds) else 1
    if given.command == "adversary":
        from adversary.measure import table as worst_table

        return worst_table(given.products, given.hazards, given.defences, given.most)
    if given.command == "trees":
        from fault_trees.compare import table as trees_table

        return trees_table(given.folder, given.limit, given.neighbours, given.tree, given.markdown)
    from scale.measure import table

    return table(given.sizes, given.csv, given.profile)


if __name__ == "__main__":
    sys.exit(main())
