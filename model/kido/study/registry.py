"""`METHODS`: the methods of a sweep by name; a new one is a folder in `methods/`, a line here."""

from __future__ import annotations

from collections.abc import Mapping

from kido.study.method import Method
from kido.study.methods import (
    grid,
    near_optimal,
    one_parameter,
    sampling,
    single_scenarios,
    tornado,
)

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        one_parameter.METHOD,
        tornado.METHOD,
        grid.METHOD,
        *sampling.METHODS,
        single_scenarios.METHOD,
        near_optimal.METHOD,
    )
}
