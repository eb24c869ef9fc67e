"""The method `curve`: optimal cost along one parameter, with breakpoints, break-evens, bounds."""

from kido.study.method import Method

METHOD = Method(
    "curve",
    __name__,
    size=lambda design: min((len(p.values) for p in design.parameters), default=0),
    ignored=("samples",),
    in_step=True,
)
