"""A running reference backend held to a table, over HTTP.

Rows of one policy are asked together: the backend is emptied, filled with what the rows need, made
ready under the policy, and each row's action is sent with the token of its sender, and with its
time where the backend lets requests tell it.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

from dmsim.adapters.base import ActionRow, Encoder, LabelledText
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token
from dmsim.errors import UsageError
from dmsim.replay.target import Target, resolve_target
from dmsim.rulebook.check import Result
from dmsim.rulebook.client import Client, connect
from dmsim.rulebook.rows import Asked, Row, Step, Story, Who
from dmsim.rulebook.stage import (
    CONTENT,
    FAR,
    MINUTE_US,
    NOW,
    STICKER_SET,
    Cast,
    Impossible,
    Stage,
)
from dmsim.rules.facts import Facts, Policy
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Setting,
    Verdict,
    Via,
    Violation,
    word,
)

#: Of rows that ask for no action.
NO_ACTION = "no action to ask a backend for: leave --host out"

#: Of rows in which time passes, or a second counts.
NEEDS_TIME = "a clock that cannot be set: start the backend with --simulated-time"

_TEXTS = {
    2 * violation + detected: LabelledText("A text.", word(violation), bool(detected))
    for violation in Violation
    for detected in (0, 1)
}

#: Which object an action names, by the field of the cast.
_USES = {
    Action.COMMENT: "post",
    Action.PUBLIC_REPLY: "comment",
    Action.PRIVATE_REPLY: "comment",
    Action.READ_COMMENT: "comment",
    Action.SHARE_CONTENT: "video",
    Action.WATCH_VIDEO: "video",
    Action.CHANGE_VIDEO_PRIVACY: "video",
    Action.REPORT_CONTENT: "video",
}

#: What ends a case without naming its comment.
_ENDINGS = (Action.RESOLVE, Action.HAND_OFF)
_MAILED = (Action.MAILING, Action.SPONSORED_MESSAGE)

_STOPPED = (word(Verdict.REFUSED), "")


def check_server(
    rows: Sequence[Row], host: str, allow_hosts: Sequence[str] = (), *, reset: bool = False
) -> list[Result]:
    """Ask a running reference backend about every row that asks for an action.

    The master token comes from the environment. The backend is left empty.

    Args:
        rows: what is demanded.
        host: its URL.
        allow_hosts: hosts that may be asked although they are not this machine.
        reset: whether it may be emptied if it holds something.

    Raises:
        UsageError: it cannot be asked, or holds something and ``reset`` is not given.
    """
    target = resolve_target(host, allow_hosts)
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise UsageError(f"{TOKEN_VARIABLE} is not set; put the master token of {host} into it")
    token = checked_token(token, TOKEN_VARIABLE)
    results = {
        id(row): Result(row, None, NO_ACTION)
        for row in rows
        if not isinstance(row.given, Asked | Story)
    }
    with connect(target, token) as client:
        timed = _check_free(client, target, reset)
        if not timed:
            late = [row for row in rows if id(row) not in results and _needs_time(row.given)]
            results |= {id(row): Result(row, None, NEEDS_TIME) for row in late}
        for policy, together in _by_policy(row for row in rows if id(row) not in results):
            for result in _Group(policy, together, target, token, timed).ask(client):
                results[id(result.row)] = result
        client.provision("reset", {})
    return [results[id(row)] for row in rows]


def _check_free(client: Client, target: Target, reset: bool) -> bool:
    """Refuse to empty a backend unasked; tell whether requests may tell it the time."""
    health = client.health()
    if not reset and (health["ready"] or health["accounts"]):
        raise UsageError(
            f"--host {target.url}: holds {health['accounts']} accounts, which the check would "
            "throw away; add --reset to allow that, or start another backend"
        )
    return bool(health.get("simulated_time"))


def _needs_time(given: Asked | Story) -> bool:
    if isinstance(given, Story):
        mailed = any(step.action in _MAILED for step in given.before)
        return given.past.minutes_later > 0 or (mailed and given.action in _MAILED)
    return given.facts.circumstances.mailed_this_second > 0


def _by_policy(rows: Iterable[Row]) -> Iterable[tuple[Policy, list[Row]]]:
    groups: dict[Policy, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.policy, []).append(row)
    return groups.items()


class _Group:
    """The rows of one policy."""

    def __init__(
        self, policy: Policy, rows: list[Row], target: Target, token: str, timed: bool
    ) -> None:
        self._policy = policy
        self._rows = rows
        self._target = target
        self._timed = timed
        self._adapter = ReferenceAdapter(token)

    def ask(self, client: Client) -> list[Result]:
        stage = Stage(self._policy)
        casts = [_cast(stage, row) for row in self._rows]
        self._provision(client, stage)
        actors = {account for cast in casts if isinstance(cast, Cast) for account in cast[:3]}
        encoder = self._adapter.encoder(
            self._target.authority, actors - {-1}, _TEXTS, timed=self._timed
        )
        return [
            Result(row, None, cast)
            if isinstance(cast, str)
            else self._play(client, encoder, row, cast)
            for row, cast in zip(self._rows, casts, strict=True)
        ]

    def _provision(self, client: Client, stage: Stage) -> None:
        client.provision("reset", {})
        for table, columns in stage.columns().items():
            client.provision("load", {"table": table, "columns": columns})
        digest = hashlib.sha256(repr(self._rows).encode()).hexdigest()
        ready = {"digest": digest, "policy": self._policy._asdict(), "now": NOW}
        client.provision("ready", ready)

    def _play(self, client: Client, encoder: Encoder, row: Row, cast: Cast) -> Result:
        given = row.given
        steps = given.before if isinstance(given, Story) else ()
        for number, step in enumerate(steps, start=1):
            got = self._send(client, encoder, _step(step, cast))
            if got["verdict"] in _STOPPED or "status" in got["verdict"]:
                told = ", ".join(got.values())
                return Result(row, {"verdict": f"step {number} ({word(step.action)}): {told}"})
        request = _request(given.action, given.facts, cast)
        if isinstance(given, Story):
            request = request._replace(at=NOW + given.past.minutes_later * MINUTE_US)
        return Result(row, self._send(client, encoder, request))

    def _send(self, client: Client, encoder: Encoder, request: ActionRow) -> dict[str, Any]:
        status, body = client.send(encoder(request, b""))
        outcome = self._adapter.decode(request.action, status, body)
        got = {"verdict": outcome.verdict or outcome.error}
        if outcome.reason not in ("", "none"):
            got["reason"] = outcome.reason
        return got


def _cast(stage: Stage, row: Row) -> Cast | str:
    given = row.given
    try:
        if isinstance(given, Story):
            return stage.cast_story(given)
        return stage.cast(given.action, given.facts)
    except Impossible as impossible:
        return str(impossible)


def _request(action: Action, facts: Facts, cast: Cast) -> ActionRow:
    content = facts.content
    uses = _object(action, cast)
    if action == Action.SHARE_CONTENT and content.kind != ContentKind.VIDEO:
        uses = CONTENT
    return ActionRow(
        action=action,
        actor=cast.sender,
        at=NOW,
        via=facts.via,
        target=cast.recipient,
        uses=uses,
        text=2 * content.violation + content.detected,
        setting=Setting.EVERYONE,
        content=content.kind,
        switch=1,
        violation=content.violation,
        until=FAR,
    )


def _object(action: Action, cast: Cast) -> int:
    """What an action names: an id of the cast, a sticker set, or nothing."""
    if action in _ENDINGS:
        return -1
    return getattr(cast, _USES[action]) if action in _USES else STICKER_SET


def _step(step: Step, cast: Cast) -> ActionRow:
    accounts = {Who.SENDER: cast.sender, Who.RECIPIENT: cast.recipient, Who.STAFF: cast.staff}
    other = Who.RECIPIENT if step.by == Who.SENDER else Who.SENDER
    return ActionRow(
        action=step.action,
        actor=accounts[step.by],
        at=NOW,
        via=Via.INBOX,
        target=accounts[step.of if step.by == Who.STAFF else other],
        uses=_object(step.action, cast),
        text=0,
        setting=step.setting,
        content=ContentKind.VIDEO if step.action == Action.SHARE_CONTENT else ContentKind.TEXT,
        switch=int(step.on),
        violation=step.violation,
        until=FAR,
    )
