"""``wrk`` and ``k6``, where they are installed, asked for the same as dmsim's replay."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from replay_load import BODY, PATH, UNDER_WAY

_SECONDS = 2
_K6_REQUESTS = 30_000
_LIMIT_S = 60
_WRK = """
wrk.method = "POST"
wrk.body = '{body}'
wrk.headers["Content-Type"] = "application/json"
"""
_K6 = """
import http from "k6/http";
const options = {{ headers: {{ "Content-Type": "application/json" }} }};
export default function () {{ http.post("{url}", '{body}', options).json(); }}
"""


def wrk(port: int) -> float | None:
    """Client CPU in µs per request of wrk; None where it is not installed."""
    limits = ["--threads", "1", "--connections", str(UNDER_WAY), "--duration", f"{_SECONDS}s"]
    ran = _run(_WRK, port, ["wrk", *limits, "--script"], [_url(port)])
    if ran is None:
        return None
    said, cpu = ran
    found = re.search(r"(\d+) requests in", said)
    assert found is not None, said
    return cpu / int(found[1]) * 1e6


def k6(port: int) -> float | None:
    """Client CPU in µs per request of k6, its start included; None where it is not installed."""
    limits = ["--vus", str(UNDER_WAY), "--iterations", str(_K6_REQUESTS)]
    ran = _run(_K6, port, ["k6", "run", "--quiet", *limits], [])
    return None if ran is None else ran[1] / _K6_REQUESTS * 1e6


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}{PATH}"


def _run(
    template: str, port: int, command: list[str], after: list[str]
) -> tuple[str, float] | None:
    """What a tool says about its script, and the CPU seconds that it took."""
    if shutil.which(command[0]) is None:
        return None
    with tempfile.TemporaryDirectory(prefix="dmsim-bench-") as folder:
        script = Path(folder) / "script"
        script.write_text(template.format(url=_url(port), body=json.dumps(BODY)))
        before = os.times()
        done = subprocess.run(
            [*command, str(script), *after],
            capture_output=True,
            text=True,
            check=True,
            timeout=_LIMIT_S,
        )
        now = os.times()
    user, system = now.children_user, now.children_system
    return done.stdout, user - before.children_user + system - before.children_system
