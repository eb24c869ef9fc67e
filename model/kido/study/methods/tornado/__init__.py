"""The method `tornado`: parameters changed one at a time, by their effect on the cost."""

from kido.study.method import Method

METHOD = Method(
    "tornado",
    __name__,
    size=lambda design: sum(len(p.values) for p in design.parameters),
    ignored=("alone", "samples", "error"),
    one_at_a_time=True,
)
