"""`python -m blackstart.commands.warm`: compile the engine once, so that no later command has to."""

from __future__ import annotations

import time


def warm() -> float:
    """Compile (or load from the cache) everything that commands run. Returns the seconds it took."""
    begun = time.perf_counter()
    from blackstart import examples
    from blackstart.compilation import compile_model
    from blackstart.engines import simulate
    from blackstart.language import load
    from blackstart.studies.results import assessment

    model = load.load(examples.path("corner-shop"))
    system = compile_model(model)
    study = simulate.Study(worlds=4, samples=4, threads=1)
    assessment(model, system, simulate.assess(system, study), study)
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(f"{warm():.1f} s")
