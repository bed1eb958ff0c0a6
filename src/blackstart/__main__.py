"""`python -m blackstart`, and the command `blackstart`."""

from __future__ import annotations

import sys


def begin() -> None:
    """The command line; Ctrl-C while it is still being read leaves no traceback either."""
    try:
        from blackstart.cli import run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    begin()
