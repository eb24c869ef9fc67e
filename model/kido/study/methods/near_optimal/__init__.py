"""How different a plan could be for a little more cost: the least and the most of each choice."""

from kido.study.method import Method

METHOD = Method("room", __name__, has_points=False)
