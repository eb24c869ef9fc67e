"""`Experiment`: the rows of the sheet Sweeps that bear one name."""

from __future__ import annotations

from dataclasses import dataclass

from kido.data.lever import Lever


@dataclass(frozen=True)
class Experiment:
    """One sweep. `line` is its first Excel row on the sheet Sweeps.

    `watch`: words whose rows are followed. `alone`: the curve also for each branch planned
    alone. `samples`: the base number of points of latin, morris (trajectories) and sobol.
    `error`: largest share of the cost by which a point between solved ones may be off.
    The methods scenarios and room have no levers: `sheet`, `words` and `commodities` say what
    is looked at (blank: everything), `values` the extra costs of room as shares.
    """

    name: str
    method: str
    levers: tuple[Lever, ...] = ()
    watch: tuple[str, ...] = ()
    alone: bool = False
    samples: int = 64
    error: float = 0.0001
    line: int = 0
    sheet: str = ""
    words: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
