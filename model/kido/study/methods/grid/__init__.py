"""Two parameters together: the cost at every pair of values."""

from kido.study.method import Method

METHOD = Method("grid", __name__)
