"""Many parameters together, sampled: what the spread of the cost comes of."""

from kido.study.method import Method

METHODS = tuple(Method(name, __name__, named_points=False) for name in ("latin", "morris", "sobol"))
