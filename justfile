# `just` lists what can be done; every recipe is one line that also works by hand.

python := ".venv/bin/python"

_list:
    @just --list

# Kakao's rehearsal and assessment, pages in out/
demo:
    ./demo

# style and all tests; arguments go to pytest
test *args:
    ./test {{args}}

# style only
lint:
    {{python}} -m ruff check .

# requirements/*.txt anew from pyproject.toml (needs uv)
lock:
    scripts/lock

# reference pages and schemas anew from the code
docs:
    {{python}} docs/generate.py

# speed beside SimPy and a C twin, growth with size
bench *args:
    {{python}} benchmarks/run.py {{args}}
