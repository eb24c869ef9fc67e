"""The methods `latin`, `morris` and `sobol`: global sensitivity analysis by sampling."""

from collections.abc import Callable

from kido.study.design.design import Design
from kido.study.method import Method


def _method(name: str, size: Callable[[Design], int]) -> Method:
    return Method(
        name,
        __name__,
        size=size,
        rows=(2, None),
        ignored=("alone", "error"),
        sampled=True,
        named_points=False,
    )


METHODS = (
    _method("latin", lambda design: design.samples),
    _method("morris", lambda design: design.samples * (len(design.parameters) + 1)),
    _method("sobol", lambda design: design.samples * (len(design.parameters) + 2)),
)
