"""Frontiers against brute force for a long time: ``python -m tests.cross.long_portfolios --cases 2000``."""

from __future__ import annotations

import argparse
import sys

from tests.cross.portfolios import differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=int, default=2000)
    args = parser.parse_args()
    wrong = 0
    for seed in range(args.first, args.first + args.cases):
        for line in differences(seed):
            wrong += 1
            print(line, flush=True)
        if (seed + 1 - args.first) % 100 == 0:
            print(f"{seed + 1 - args.first} models, {wrong} differences", file=sys.stderr, flush=True)
    print(f"{args.cases} models from {args.first}, {wrong} differences")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
