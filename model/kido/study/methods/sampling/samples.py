"""Sampling designs over many parameters and their sensitivity indices, by SALib.

Every design uses one fixed seed: the same sweep has the same points on every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import morris as morris_indices
from SALib.analyze import sobol as sobol_indices
from SALib.sample import latin, morris, sobol
from scipy.stats import norm, rankdata

from kido.tolerances import FLAT_SHARE

LATIN, MORRIS, SOBOL = "latin", "morris", "sobol"
Array = NDArray[np.float64]
SEED = 20_100
LEVELS = 4  # of morris: 0, 1/3, 2/3, 1 of the range
RESAMPLES = 1000
SURE = 0.95
WIDTH = float(norm.ppf(0.5 + SURE / 2))
FEWEST = 4  # blocks that a confidence interval needs

Measure = tuple[str, Array, Array]  # name, one value for each parameter, half-widths


def unit_design(method: str, parameters: int, count: int) -> Array:
    """Points in the unit cube (points x parameters).

    Their number is `count` for latin, `count` x (parameters + 1) for morris, `count` x
    (parameters + 2) for sobol.
    """
    problem = _problem(parameters)
    if method == LATIN:
        points = latin.sample(problem, count, seed=SEED)
    elif method == MORRIS:
        points = morris.sample(problem, count, num_levels=LEVELS, seed=SEED)
    else:
        points = sobol.sample(problem, count, calc_second_order=False, seed=SEED)
    return np.asarray(points, dtype=float)


def block_size(method: str, parameters: int) -> int:
    """Number of consecutive points that the indices use together or not at all."""
    return {LATIN: 1, MORRIS: parameters + 1, SOBOL: parameters + 2}[method]


def sensitivity(method: str, design: Array, values: Array) -> list[Measure]:
    """The sensitivity measures of a design of whole blocks; none if there are too few of them.

    `design` is (points x parameters) in the unit cube, `values` one number a point.
    morris: mu, mu_star and sigma of elementary effects across the whole range, in the unit of
    the values. sobol: S1 and ST, shares of the variance. latin: Spearman's rank correlation.
    """
    parameters = design.shape[1]
    if len(values) < FEWEST * block_size(method, parameters):
        return []
    zeros = np.zeros(parameters)
    if np.ptp(values) <= FLAT_SHARE * np.abs(values).max():
        names = {LATIN: ("rank",), MORRIS: ("mu", "mu_star", "sigma"), SOBOL: ("S1", "ST")}
        return [(name, zeros, zeros) for name in names[method]]
    return {LATIN: _ranks, MORRIS: _effects, SOBOL: _shares}[method](design, values)


def _problem(parameters: int) -> dict[str, Any]:
    names = [f"parameter {k}" for k in range(parameters)]
    return {"num_vars": parameters, "names": names, "bounds": [[0.0, 1.0]] * parameters}


def _effects(design: Array, values: Array) -> list[Measure]:
    """The measures of morris; half-widths of mu and sigma as of normal samples, of mu_star by
    resampling."""
    result = morris_indices.analyze(
        _problem(design.shape[1]), design, values,
        num_levels=LEVELS, num_resamples=RESAMPLES, conf_level=SURE, seed=SEED,
    )  # fmt: skip
    paths = len(values) // block_size(MORRIS, design.shape[1])
    sigma = np.asarray(result["sigma"], dtype=float)
    return [
        ("mu", np.asarray(result["mu"]), WIDTH * sigma / np.sqrt(paths)),
        ("mu_star", np.asarray(result["mu_star"]), np.asarray(result["mu_star_conf"], dtype=float)),
        ("sigma", sigma, WIDTH * sigma / np.sqrt(2 * (paths - 1))),
    ]


def _shares(design: Array, values: Array) -> list[Measure]:
    result = sobol_indices.analyze(
        _problem(design.shape[1]), values,
        calc_second_order=False, num_resamples=RESAMPLES, conf_level=SURE, seed=SEED,
    )  # fmt: skip
    return [(name, result[name], result[f"{name}_conf"]) for name in ("S1", "ST")]


def _ranks(design: Array, values: Array) -> list[Measure]:
    """Rank correlations; intervals by Fisher's transform, variance of Bonett and Wright (2000)."""
    of_values = rankdata(values)
    ranks = np.array([np.corrcoef(rankdata(x), of_values)[0, 1] for x in design.T])
    inner = np.clip(ranks, -1 + 1e-12, 1 - 1e-12)
    width = WIDTH * np.sqrt((1 + inner**2 / 2) / max(len(values) - 3, 1))
    away = [np.abs(np.tanh(np.arctanh(inner) + side * width) - ranks) for side in (-1, 1)]
    return [("rank", ranks, np.maximum(*away))]
