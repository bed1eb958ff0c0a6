"""`python -m blackstart`."""

from blackstart.cli import run

run()
