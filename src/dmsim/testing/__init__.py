"""A conformance kit for adapters: whoever writes one runs these checks on it, with pytest or not.

Every check is a test of its own::

    import pytest
    from dmsim.testing import checks
    from chatline import ChatlineAdapter

    @pytest.mark.parametrize("check", checks(ChatlineAdapter), ids=str)
    def test_adapter(check):
        check()

It needs Hypothesis: ``pip install 'dmsim[testing]'``.
"""

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ImportError(
        "dmsim.testing needs hypothesis; install it with: pip install 'dmsim[testing]'"
    )

from dmsim.testing.check import Check, check_adapter, checks
from dmsim.testing.exercise import Exercise, exercise

__all__ = ["Check", "Exercise", "check_adapter", "checks", "exercise"]
