"""The method `grid`: the cost at every pair of values of two parameters."""

from math import prod

from kido.study.method import Method

METHOD = Method(
    "grid",
    __name__,
    size=lambda design: prod(len(p.values) for p in design.parameters),
    rows=(2, 2),
    ignored=("alone", "samples", "error"),
)
