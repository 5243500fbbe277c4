"""Traces made by hand, as the tests of the replay make them."""

from tests.replay.conftest import make_trace

__all__ = ["make_trace"]
