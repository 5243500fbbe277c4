"""Telling the receiver: one request after the other, again and again until it has what waits."""

import asyncio
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

import urllib3

import dmsim
from dmsim.server.webhooks.outbox import Outbox, Waiting
from dmsim.server.webhooks.receiver import Receiver

#: Seconds that the receiver has to take the connection, and to answer.
CONNECT_S, ANSWER_S = 5.0, 10.0

#: Seconds before the first repetition; each is twice as long as the one before, up to the longest.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 60.0


class Delivery:
    """A thread that takes events out of an outbox and sends them.

    One request is under way at a time, so events arrive in their order; whatever is not answered
    with 2xx in time is sent again. Redirections are not followed.

    Args:
        outbox: what waits.
        receiver: whom to tell.
    """

    def __init__(self, outbox: Outbox, receiver: Receiver) -> None:
        self.outbox = outbox
        self._receiver = receiver
        self._stopping = threading.Event()
        named: dict[str, Any] = {}
        if receiver.host and receiver.url.startswith("https:"):
            # Certificates are for the name, whatever address it stands for.
            name = urlsplit(f"//{receiver.host}").hostname
            named = {"server_hostname": name, "assert_hostname": name}
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S), retries=False, **named
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; what arrived is noted in the loop's thread."""
        threading.Thread(target=self._run, args=(loop,), daemon=True).start()

    def stop(self) -> None:
        """End after the request under way; what it delivers is told again after the next start."""
        self._stopping.set()
        self.outbox.close()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        pause = FIRST_PAUSE_S
        while batch := self.outbox.batch():
            problem = self._send(batch)
            if self._stopping.is_set():
                return
            if problem is None:
                self.outbox.delivered(batch[-1].id, loop)
                pause = FIRST_PAUSE_S
                continue
            if pause == FIRST_PAUSE_S:
                print(f"webhook: {problem}; trying again", file=sys.stderr, flush=True)
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _send(self, batch: list[Waiting]) -> str | None:
        """Send events; what went wrong, if anything did."""
        entries = ",".join(event.entry for event in batch)
        body = f'{{"object":"page","entry":[{entries}]}}'.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"dmsim/{dmsim.__version__}",
            "X-Hub-Signature-256": self._receiver.signature(body),
        }
        if self._receiver.host:
            headers["Host"] = self._receiver.host
        try:
            answer = self._pool.request(
                "POST",
                self._receiver.url,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            return f"the receiver does not answer ({type(error).__name__})"
        # What else the answer says is of no interest, and might never end.
        answer.close()
        if 200 <= answer.status < 300:
            return None
        return f"the receiver answers {answer.status}"
