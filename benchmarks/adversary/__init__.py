"""The worst overlap and the defence against it, on made-up platforms: beside brute force, beside greedy, and at size."""
