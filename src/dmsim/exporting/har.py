"""Actions as the requests of an adapter, in the HTTP archive format (HAR 1.2).

What was demanded and by whom stands in fields of our own, which begin with an underscore as the
format has it. Nothing was sent, so there is no response: its status is 0.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec
import numpy as np

from dmsim import __version__
from dmsim.adapters.base import OWN, ActionRow, Adapter
from dmsim.errors import UsageError
from dmsim.replay.pages import pages_of
from dmsim.replay.plan import bank_of
from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule, not_sent_because_of
from dmsim.replay.target import authority_of
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Reason, Verdict, names

#: Monday 00:00 of the first simulated week: the first Monday of Unix time.
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)

_ACTIONS, _VERDICTS, _REASONS = names(Action), names(Verdict), names(Reason)
_NOTHING = {
    "status": 0,
    "statusText": "",
    "httpVersion": "",
    "cookies": [],
    "headers": [],
    "content": {"size": 0, "mimeType": ""},
    "redirectURL": "",
    "headersSize": -1,
    "bodySize": -1,
}
_TIMINGS = {"send": 0, "wait": 0, "receive": 0}

_CREATOR = {"name": "dmsim", "version": __version__}
_COMMENT = (
    "Requests of a dmsim trace at their simulated times; 1970-01-05 is its first Monday. A comment "
    "is named by the trace's id, also where the backend gives it another one."
)
HEAD = (
    b'{"log":{"version":"1.2","creator":'
    + msgspec.json.encode(_CREATOR)
    + b',"comment":'
    + msgspec.json.encode(_COMMENT)
    + b',"entries":[\n'
)
TAIL = b"\n]}}\n"


class Requests(NamedTuple):
    """The requests of a trace: how many rows, how many cannot be expressed, and the entries."""

    actions: int
    unsupported: int
    entries: Iterator[bytes]


def har_entries(trace: Trace, adapter: Adapter, url: str) -> Requests:
    """Each action that the adapter can express as an entry, in the order of time.

    Args:
        trace: whose actions.
        adapter: how they become requests.
        url: the backend, ``http://host:port``.

    Raises:
        UsageError: the URL or the trace cannot be used.
    """
    if adapter.client == OWN:
        raise UsageError(
            f"--adapter {adapter.name}: speaks no HTTP, and a HAR file holds nothing else; choose "
            "another --as"
        )
    authority = authority_of(url)
    schedule = make_schedule(trace.actions(COLUMNS), trace.manifest.from_us, 1.0)
    unknown = [action for action in Action if not adapter.supports(action)]
    kept = np.flatnonzero(not_sent_because_of(schedule, unknown) < 0).tolist()
    entries = _entries(trace, adapter, authority, url.rstrip("/"), schedule, kept)
    return Requests(len(schedule), len(schedule) - len(kept), entries)


def _entries(
    trace: Trace, adapter: Adapter, authority: str, url: str, schedule: Schedule, kept: list[int]
) -> Iterator[bytes]:
    actors = np.unique(schedule.actor).tolist()
    pages = pages_of(trace, schedule)
    encode = adapter.encoder(authority, actors, bank_of(trace), pages=pages)
    columns = [getattr(schedule, name) for name in ActionRow._fields]
    for row in kept:
        action = ActionRow._make(int(column[row]) for column in columns)
        told = {
            "_seq": int(schedule.seq[row]),
            "_action": _ACTIONS[action.action],
            "_actor": action.actor,
            "_verdict": _VERDICTS[schedule.verdict[row]] if schedule.verdict[row] >= 0 else None,
            "_reason": _REASONS[schedule.reason[row]],
        }
        yield msgspec.json.encode(_entry(encode(action, b""), action.at, url, told))


def _entry(raw: bytes, at: int, url: str, told: Mapping[str, object]) -> dict[str, object]:
    moment = MONDAY + timedelta(microseconds=at)
    return {
        "startedDateTime": moment.isoformat(timespec="microseconds"),
        "time": 0,
        "request": _request(raw, url),
        "response": _NOTHING,
        "cache": {},
        "timings": _TIMINGS,
        **told,
    }


def _request(raw: bytes, url: str) -> dict[str, object]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, version = first.split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    query = parse_qsl(urlsplit(path).query, keep_blank_values=True)
    request: dict[str, object] = {
        "method": method,
        "url": url + path,
        "httpVersion": version,
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers],
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": len(head) + 4,
        "bodySize": len(body),
    }
    if body:
        kind = next((v for name, v in headers if name.lower() == "content-type"), "")
        request["postData"] = {"mimeType": kind, "text": body.decode()}
    return request
