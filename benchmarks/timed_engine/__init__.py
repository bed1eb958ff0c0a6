"""The timed engine beside SimPy and beside a hand-written C loop: same model, same answers, how fast."""
