"""Every scenario planned alone, as if it were known: what it would cost."""

from kido.data.schema import TRUNK
from kido.study.method import Method

METHOD = Method(
    "scenarios",
    __name__,
    size=lambda design: 0,
    rows=(1, 1),
    needed=(),
    ignored=("column", "commodity", "values", "watch", "alone", "samples", "error"),
    moves=False,
    sheets=("Scenarios",),
    names=(TRUNK,),
    alone=True,
)
