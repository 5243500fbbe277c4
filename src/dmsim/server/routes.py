"""Which method and path is which action."""

from dataclasses import dataclass
from typing import Any

import msgspec

from dmsim.server import actions, provisioning
from dmsim.server.actions import Handler, NewSetting, Text
from dmsim.server.http import ACTION_BODY, ADMIN_BODY


@dataclass(frozen=True, slots=True)
class Route:
    """An account's action; ``body`` is None where it needs none."""

    handle: Handler
    body: msgspec.json.Decoder[Any] | None = None


_TEXT = msgspec.json.Decoder(Text)
_SETTING = msgspec.json.Decoder(NewSetting)

#: Provisioning by the last word of ``/v1/admin/...``, with the largest body.
ADMIN = {
    "/v1/admin/reset": (provisioning.reset, ACTION_BODY),
    "/v1/admin/load": (provisioning.load, ADMIN_BODY),
    "/v1/admin/ready": (provisioning.ready, ACTION_BODY),
}

#: Paths without an id.
_PLAIN = {
    "/v1/inbox": {"GET": Route(actions.open_inbox)},
    "/v1/requests": {"GET": Route(actions.list_requests)},
    "/v1/settings/messages": {"PUT": Route(actions.change_setting, _SETTING)},
}

#: Paths ``/v1/<first>/<id>/<second>`` by first and second word.
_WITH_ID = {
    ("threads", "read"): {"POST": Route(actions.read_thread)},
    ("threads", "messages"): {"POST": Route(actions.send_message, _TEXT)},
    ("requests", "accept"): {"POST": Route(actions.accept_request)},
    ("requests", ""): {"DELETE": Route(actions.delete_request)},
    ("blocks", ""): {
        "PUT": Route(actions.block_user),
        "DELETE": Route(actions.unblock_user),
    },
    ("follows", ""): {
        "PUT": Route(actions.follow),
        "DELETE": Route(actions.unfollow),
    },
    ("posts", "comments"): {"POST": Route(actions.comment, _TEXT)},
    ("comments", "replies"): {"POST": Route(actions.public_reply, _TEXT)},
    ("comments", "private_reply"): {"POST": Route(actions.private_reply, _TEXT)},
}


def find(path: str) -> tuple[dict[str, Route], str] | None:
    """The routes of a path by method, and the path's id as it is written there."""
    plain = _PLAIN.get(path)
    if plain is not None:
        return plain, "0"
    parts = path.split("/")
    if not 4 <= len(parts) <= 5 or parts[1] != "v1" or path.endswith("/"):
        return None
    routes = _WITH_ID.get((parts[2], parts[4] if len(parts) == 5 else ""))
    return None if routes is None else (routes, parts[3])
