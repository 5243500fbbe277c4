"""Replay a trace with Locust itself, headless or from its web interface.

    export DMSIM_TOKEN=…            # the backend's master token
    locust -f locustfiles/replay.py --headless --host http://127.0.0.1:8000 --trace reports/…

``-u`` caps the connections, ``--run-time`` ends the replay early (which makes it invalid), ``-r``
has no meaning here. The exit code is 0 for a valid replay without mismatch, 1 for a mismatch, 4 for
an invalid run, 5 for something that cannot be used.
"""

from locust import events

from dmsim.replay.locust_options import add_arguments, prepare
from dmsim.replay.user import OneReplay, ReplayUser

__all__ = ["OneReplay", "ReplayUser"]

events.init_command_line_parser.add_listener(add_arguments)  # type: ignore[no-untyped-call]
events.init.add_listener(prepare)  # type: ignore[no-untyped-call]
