"""Many parameters, one at a time: which guess moves the cost most."""

from kido.study.method import Method

METHOD = Method("tornado", __name__)
