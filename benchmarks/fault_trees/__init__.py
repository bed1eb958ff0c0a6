"""The exact engine beside SCRAM and beside libraries of diagrams: same trees, same answers, how fast."""
