"""One measurement of Locust's FastHttpUser: ``python replay_fasthttpuser.py PART PORT PID``.

Prints one JSON object. ``bench_replay.py`` starts it and says what the figures mean.
"""

import locust  # noqa: I001 - before all else

import json
import sys
import time
from typing import Any

import gevent
import numpy as np
from locust.env import Environment
from replay_load import BODY, PATH, UNDER_WAY
from replay_stall import RATE, SECONDS, stall_backend
from stall_truth import percentile, true_responses

#: How people have Locust make a constant load: few users, who share the rate.
STOCK_USERS = 20

_WARM_S = 1.5
_SECONDS = 2


class Poster(locust.FastHttpUser):
    """Sends what the replay sends."""

    @locust.task
    def post(self) -> None:
        """One message."""
        self.client.post(PATH, json=BODY)


class WithoutPause(Poster):
    """Sends the next message as soon as one is answered."""


class Constant(Poster):
    """Sends at its share of a constant rate."""

    wait_time = locust.constant_throughput(RATE / STOCK_USERS)


def cost(port: int) -> dict[str, float]:
    """CPU per request of users without pauses."""
    environment, runner = _started(WithoutPause, port, UNDER_WAY)
    done, cpu = environment.stats.total.num_requests, time.process_time()
    gevent.sleep(_SECONDS)
    done, cpu = environment.stats.total.num_requests - done, time.process_time() - cpu
    runner.quit()
    return {"us": cpu / done * 1e6}


def stall(port: int, pid: int) -> dict[str, float]:
    """Reported and true response where the backend stands still for a while."""
    environment, runner = _started(Constant, port, STOCK_USERS)
    environment.stats.reset_all()
    began = time.monotonic_ns()
    stalling = gevent.spawn(stall_backend, pid)
    gevent.sleep(SECONDS)
    total = environment.stats.total
    p95, p99 = (float(total.get_response_time_percentile(share)) for share in (0.95, 0.99))
    runner.quit()
    # What was to be sent, had the users kept to the rate that they were told.
    intended = began + np.arange(RATE * SECONDS) * (1_000_000_000 // RATE)
    truth = true_responses(intended, *stalling.get()) / 1e6
    return {
        "p95": p95,
        "p99": p99,
        "true_p95": percentile(truth, 95),
        "true_p99": percentile(truth, 99),
    }


def _started(user: type[Poster], port: int, users: int) -> tuple[Environment, Any]:
    user.host = f"http://127.0.0.1:{port}"
    environment = Environment(user_classes=[user])
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=100)
    gevent.sleep(_WARM_S)
    return environment, runner


if __name__ == "__main__":
    part, port, pid = sys.argv[1:]
    print(json.dumps(cost(int(port)) if part == "cost" else stall(int(port), int(pid))))
