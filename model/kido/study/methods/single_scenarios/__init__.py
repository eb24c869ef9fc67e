"""The method `scenarios`: each scenario planned alone, with perfect information."""

from kido.data.schema import TRUNK
from kido.study.method import Method

METHOD = Method(
    "scenarios",
    __name__,
    size=lambda design: 0,
    rows=(1, 1),
    needed=(),
    ignored=("column", "commodity", "values", "watch", "alone", "samples", "error"),
    has_parameters=False,
    sheets=("Scenarios",),
    names=(TRUNK,),
    alone=True,
)
