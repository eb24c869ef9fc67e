"""Many parameters, one at a time: which guess moves the cost most."""

from kido.study.method import Method

METHOD = Method(
    "tornado",
    __name__,
    size=lambda design: sum(len(p.values) for p in design.parameters),
    ignored=("alone", "samples", "error"),
    apart=True,
)
