"""Points drawn over many parameters at once, and what their answers say of each, by SALib.

Every design is drawn from one fixed seed: the same sweep asks the same points on every run.
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
FEWEST = 4  # blocks that a confidence can be told from

Measure = tuple[str, Array, Array]  # name, one value for each parameter, half-widths


def unit_design(method: str, parameters: int, samples: int) -> Array:
    """Points between 0 and 1, one row each: latin `samples`, morris `samples` x (parameters + 1),
    sobol `samples` x (parameters + 2).
    """
    problem = _problem(parameters)
    if method == LATIN:
        drawn = latin.sample(problem, samples, seed=SEED)
    elif method == MORRIS:
        drawn = morris.sample(problem, samples, num_levels=LEVELS, seed=SEED)
    else:
        drawn = sobol.sample(problem, samples, calc_second_order=False, seed=SEED)
    return np.asarray(drawn, dtype=float)


def block(method: str, parameters: int) -> int:
    """How many points in a row stand or fall together."""
    return {LATIN: 1, MORRIS: parameters + 1, SOBOL: parameters + 2}[method]


def analysed(method: str, design: Array, values: Array) -> list[Measure]:
    """The measures of a design of whole blocks; none where there are too few of them.

    morris: mu, mu_star and sigma of moving a parameter across its whole range, in the unit of
    the values. sobol: S1 and ST, shares of the variance. latin: Spearman's rank correlation.
    """
    parameters = design.shape[1]
    if len(values) < FEWEST * block(method, parameters):
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
    """Half-widths of mu and sigma as of normal samples; of mu_star by resampling."""
    found = morris_indices.analyze(
        _problem(design.shape[1]), design, values,
        num_levels=LEVELS, num_resamples=RESAMPLES, conf_level=SURE, seed=SEED,
    )  # fmt: skip
    paths = len(values) // block(MORRIS, design.shape[1])
    sigma = np.asarray(found["sigma"], dtype=float)
    return [
        ("mu", np.asarray(found["mu"]), WIDTH * sigma / np.sqrt(paths)),
        ("mu_star", np.asarray(found["mu_star"]), np.asarray(found["mu_star_conf"], dtype=float)),
        ("sigma", sigma, WIDTH * sigma / np.sqrt(2 * (paths - 1))),
    ]


def _shares(design: Array, values: Array) -> list[Measure]:
    found = sobol_indices.analyze(
        _problem(design.shape[1]), values,
        calc_second_order=False, num_resamples=RESAMPLES, conf_level=SURE, seed=SEED,
    )  # fmt: skip
    return [(name, found[name], found[f"{name}_conf"]) for name in ("S1", "ST")]


def _ranks(design: Array, values: Array) -> list[Measure]:
    """Intervals by Fisher's transform with the variance of Bonett and Wright (2000)."""
    of_values = rankdata(values)
    ranks = np.array([np.corrcoef(rankdata(x), of_values)[0, 1] for x in design.T])
    inner = np.clip(ranks, -1 + 1e-12, 1 - 1e-12)
    width = WIDTH * np.sqrt((1 + inner**2 / 2) / max(len(values) - 3, 1))
    away = [np.abs(np.tanh(np.arctanh(inner) + side * width) - ranks) for side in (-1, 1)]
    return [("rank", ranks, np.maximum(*away))]
