"""What ignorance of the inputs does to a result, with the noise of its simulation taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from blackstart.curves import Floats

_HALVINGS = 40  # of the interval in which the pull is looked for


def bands(values: ArrayLike, noise: ArrayLike, known: ArrayLike = 1.0) -> tuple[Floats, Floats, Floats]:
    """The band that ignorance of the inputs leaves: 5 % .. 95 % over possible worlds.

    Parameters
    ----------
    values : (worlds, ...) 0 or more: a result in each world, drawn with equal chance
    noise : (worlds, ...) squared standard error of each, from simulating it
    known : (worlds, ...) what each world's result would be if worlds differed only in what is known of them
        without any simulation (how often each misfortune comes), up to a common factor

    Returns
    -------
    low, high, variance between worlds : arrays of shape (...); nan where any world has no value

    Notes
    -----
    What is known carries no noise, so only the ratio of each value to it is looked at. Ratios vary between
    worlds by their true difference and by the noise together. They are pulled together until no more variance
    is left than the noise does not explain (variance components of one-way random effects, as in Oakley et al.
    2010, "Simulation sample sizes for Monte Carlo partial EVPI calculations", Journal of Health Economics
    29:468-477); their square roots are pulled, as the noise of what is counted grows with the square root of
    it (Anscombe 1948, Biometrika 35:246-254). Where all is noise the band is that of what is known.
    """
    some = np.asarray(values, float)
    mean = some.mean(axis=0)
    told = np.asarray(known, float) * _settled(*_ratios(values, noise, known))
    with np.errstate(divide="ignore", invalid="ignore"):
        told = told * np.where(mean > 0, mean / told.mean(axis=0), mean)
    low, high = np.quantile(told, [0.05, 0.95], axis=0)
    nothing = 1e-9 * np.abs(mean)  # worlds at 0 are not to be pulled off it by rounding
    low, high = (np.where(np.abs(end) < nothing, 0.0, end) for end in (low, high))
    return low, high, told.var(axis=0)


def share(values: ArrayLike, noise: ArrayLike, known: ArrayLike = 1.0) -> float:
    """How much of what one result's ratios to what is known differ by in each world is true, as standard deviations: 0 .. 1.

    Arguments, of shape (worlds,), and source as for `bands`.
    """
    ratio, spread = _ratios(values, noise, known)
    total = float(ratio.var(ddof=1)) if ratio.size > 1 else 0.0
    return float(np.sqrt(max(0.0, 1.0 - float(spread) / total))) if total > 0.0 else 0.0


def _ratios(values: ArrayLike, noise: ArrayLike, known: ArrayLike) -> tuple[Floats, Floats]:
    """Ratio of each value to what is known of it (worlds, ...), and the mean of the squared standard errors of that (...)."""
    some = np.asarray(values, float)
    expected = np.broadcast_to(np.asarray(known, float), some.shape)
    errors = np.broadcast_to(np.asarray(noise, float), some.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, some / expected, 1.0)
        spread = np.where(expected > 0, errors / expected**2, 0.0)
    return ratio, spread.mean(axis=0)


def _settled(ratio: Floats, noise: Floats) -> Floats:
    """Ratios (worlds, ...) pulled together until the variance is gone that the noise (...) explains."""
    n = ratio.shape[0]
    mean = ratio.mean(axis=0)
    total = ratio.var(axis=0, ddof=1) if n > 1 else np.zeros_like(mean)
    root = np.sqrt(ratio)
    middle = root.mean(axis=0)
    off = root - middle
    second = (off**2).mean(axis=0)
    third, fourth = (off * (off**2 - second)).mean(axis=0), (off**2).var(axis=0)
    left, low, high = np.maximum(0.0, total - noise), np.zeros_like(mean), np.ones_like(mean)
    for _ in range(_HALVINGS):
        pull = (low + high) / 2
        # variance and mean of (middle + pull * off)^2
        variance = 4 * middle**2 * second * pull**2 + 4 * middle * third * pull**3 + fourth * pull**4
        enough = variance * n * mean**2 >= left * max(1, n - 1) * (middle**2 + second * pull**2) ** 2
        low, high = np.where(enough, low, pull), np.where(enough, pull, high)
    return (middle + np.where(left > 0, high, 0.0) * off) ** 2
