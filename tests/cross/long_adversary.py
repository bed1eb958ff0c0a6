"""The adversary against every set for a long time: ``python -m tests.cross.long_adversary --cases 2000``."""

from __future__ import annotations

import argparse
import sys

from tests.cross.adversaries import Case


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--events", type=int, default=9, help="most events of a formula (every state is tried)")
    args = parser.parse_args()
    wrong = 0
    for seed in range(args.first, args.first + args.cases):
        for line in Case(seed, args.events).differences():
            wrong += 1
            print(line, flush=True)
        if (seed + 1 - args.first) % 200 == 0:
            print(f"{seed + 1 - args.first} formulas, {wrong} differences", file=sys.stderr, flush=True)
    print(f"{args.cases} formulas from {args.first}, {wrong} differences")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
