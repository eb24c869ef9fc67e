"""The method for near-optimal ranges: least and most of each choice within an extra cost."""

from kido.study.design.design import VOLUMES
from kido.study.method import Method

METHOD = Method(
    "room",  # the code of `near-optimal` on the sheet Sweeps
    __name__,
    size=lambda design: 0,
    rows=(1, 1),
    needed=("values",),
    ignored=("column", "watch", "alone", "samples", "error"),
    has_parameters=False,
    sheets=VOLUMES,
    has_points=False,
)
