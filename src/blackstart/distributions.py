"""Distributions of one value: mean, median, quantiles."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Z95 = NormalDist().inv_cdf(0.95)  # a written range is the 5th to the 95th percentile


@dataclass(frozen=True, slots=True)
class Dist:
    """A distribution by name. kind and parameters (unit of whoever holds it):

    point(a) · lognormal(a=median, b=sigma of the log) · exponential(a=mean) · weibull(a=shape, b=scale) ·
    gamma(a=shape, b=scale) · beta(a, b) · logitnormal(a=mu, b=sigma) · triangular(a=low, b=mode, c=high) ·
    uniform(a=low, b=high) · empirical(values sorted)

    A lognormal whose median is negative is the mirror image (a saving of `-4bn..-2bn KRW`).
    """

    kind: str
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    values: tuple[float, ...] = ()

    def mean(self) -> float:
        """Expected value. Exact, except for logitnormal (2,000-point average over its quantiles)."""
        match self.kind:
            case "point" | "exponential":
                return self.a
            case "lognormal":
                return self.a * math.exp(self.b * self.b / 2)
            case "weibull":
                return self.b * math.gamma(1 + 1 / self.a)
            case "gamma":
                return self.a * self.b
            case "beta":
                return self.a / (self.a + self.b)
            case "triangular":
                return (self.a + self.b + self.c) / 3
            case "uniform":
                return (self.a + self.b) / 2
            case "empirical":
                return math.fsum(self.values) / len(self.values)
        return _mean_of_quantiles(self)

    def least(self) -> float:
        """The smallest value that can come."""
        match self.kind:
            case "point" | "uniform" | "triangular":
                return self.a
            case "empirical":
                return self.values[0]
        return -math.inf if self.kind in ("lognormal", "exponential") and self.a < 0 else 0.0

    def median(self) -> float:
        """The value that half of the cases stay below."""
        return float(self.quantile(0.5))

    def quantile(self, u: Any) -> Any:
        """Value that a share `u` (0 < u < 1; a number or a numpy array) of the cases stays below.

        An empirical distribution gives back only values that were seen.
        """
        scalar = isinstance(u, (int, float))
        match self.kind:
            case "point":
                return self.a if scalar else _filled(u, self.a)
            case "uniform":
                return self.a + (self.b - self.a) * u
            case "gamma" | "beta":
                return _quantile_special(self, u, scalar)
            case "empirical":
                return _quantile_empirical(self.values, u, scalar)
        return _quantile_scalar(self, float(u)) if scalar else _quantile_array(self, u)


@functools.lru_cache(maxsize=4096)
def _mean_of_quantiles(dist: Dist) -> float:
    """Mean of what has no closed form."""
    steps = 2000
    return math.fsum(dist.quantile((i + 0.5) / steps) for i in range(steps)) / steps


def _filled(u: np.ndarray, value: float) -> np.ndarray:
    import numpy as np

    return np.full(np.shape(u), value)


def _quantile_special(dist: Dist, u: Any, scalar: bool) -> Any:
    from scipy import special  # imported late: it is slow to load and seldom needed

    if dist.kind == "gamma":
        found = special.gammaincinv(dist.a, u) * dist.b
    else:
        found = special.betaincinv(dist.a, dist.b, u)
    return float(found) if scalar else found


def _quantile_empirical(values: tuple[float, ...], u: Any, scalar: bool) -> Any:
    n = len(values)
    if scalar:
        return values[min(n - 1, max(0, math.ceil(u * n) - 1))]
    import numpy as np

    return np.asarray(values)[np.clip(np.ceil(np.asarray(u) * n).astype(np.int64) - 1, 0, n - 1)]


def _quantile_scalar(dist: Dist, u: float) -> float:
    if dist.kind == "lognormal":
        z = NormalDist().inv_cdf(u if dist.a >= 0 else 1 - u)
        return dist.a * math.exp(dist.b * z)
    if dist.kind == "logitnormal":
        return 1 / (1 + math.exp(-(dist.a + dist.b * NormalDist().inv_cdf(u))))
    if dist.kind == "exponential":
        return -dist.a * math.log1p(-u)
    if dist.kind == "weibull":
        return dist.b * (-math.log1p(-u)) ** (1 / dist.a)
    low, mode, high = dist.a, dist.b, dist.c
    if u * (high - low) <= mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def _quantile_array(dist: Dist, u: np.ndarray) -> np.ndarray:
    import numpy as np

    u = np.asarray(u, dtype=float)
    if dist.kind == "lognormal":
        return dist.a * np.exp(dist.b * normal_quantile(u if dist.a >= 0 else 1 - u))
    if dist.kind == "logitnormal":
        return 1 / (1 + np.exp(-(dist.a + dist.b * normal_quantile(u))))
    if dist.kind == "exponential":
        return -dist.a * np.log1p(-u)
    if dist.kind == "weibull":
        return dist.b * (-np.log1p(-u)) ** (1 / dist.a)
    low, mode, high = dist.a, dist.b, dist.c
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u * (high - low) <= mode - low, left, right)


# Coefficients of AS241 (Wichura 1988, Applied Statistics 37:477-484), relative error about 1e-16.
_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
     4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
     2.05319162663775882187e0, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
     5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def normal_quantile(u: np.ndarray) -> np.ndarray:
    """Standard normal quantiles of an array (0 < u < 1), by AS241, without scipy."""
    import numpy as np

    q = np.asarray(u, dtype=float) - 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        r = 0.180625 - q * q
        centre = q * np.polyval(_CENTRE[0], r) / np.polyval(_CENTRE[1], r)
        s = np.sqrt(-np.log(np.minimum(u, 1 - np.asarray(u))))
        tail = np.polyval(_TAIL[0], s - 1.6) / np.polyval(_TAIL[1], s - 1.6)
        far = np.polyval(_FAR[0], s - 5) / np.polyval(_FAR[1], s - 5)
        outer = np.copysign(np.where(s <= 5, tail, far), q)
    return np.where(np.abs(q) <= 0.425, centre, outer)


def point(value: float) -> Dist:
    """A value that is known exactly."""
    return Dist("point", float(value))


def scaled(dist: Dist, factor: float) -> Dist:
    """The distribution of `factor` (> 0) times the value; not for chances."""
    if dist.kind in ("weibull", "gamma"):
        return replace(dist, b=dist.b * factor)
    if dist.kind == "lognormal" or dist.kind == "exponential" or dist.kind == "point":
        return replace(dist, a=dist.a * factor)
    return replace(
        dist, a=dist.a * factor, b=dist.b * factor, c=dist.c * factor,
        values=tuple(value * factor for value in dist.values),
    )  # fmt: skip
