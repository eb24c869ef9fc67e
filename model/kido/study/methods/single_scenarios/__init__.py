"""Every scenario planned alone, as if it were known: what it would cost."""

from kido.study.method import Method

METHOD = Method("scenarios", __name__, alone=True)
