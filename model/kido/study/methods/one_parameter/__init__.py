"""The optimal cost along one parameter: its bends, its break-evens, proved bounds between."""

from kido.study.method import Method

METHOD = Method("curve", __name__, in_step=True)
