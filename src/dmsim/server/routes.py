"""Which method and path is which action: one table, for the application and its document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from dmsim.server import answers, logs, provisioning
from dmsim.server.actions import (
    accounts,
    brands,
    comments,
    conversations,
    messages,
    relations,
    reports,
    requests,
    staff,
    stickers,
    videos,
)
from dmsim.server.bodies import (
    EndedCase,
    Judgement,
    NewMessage,
    NewSetting,
    NewShare,
    Privacy,
    PrivateReply,
    PublicReply,
    Switch,
    Text,
)
from dmsim.server.call import Handler
from dmsim.server.http import ACTION_BODY, ADMIN_BODY
from dmsim.server.service import Service
from dmsim.vocabulary import Action

#: The parameters of lists, and of the search.
PAGED = ("limit", "before")
SEARCHED = ("q",)


@dataclass(frozen=True)
class Route:
    """What an account may ask for.

    Attributes:
        action: which it is; None for a look that is no action and changes nothing.
        method: of the request.
        path: with the name of an id in braces, if it has one.
        handle: what answers.
        body: the type of the body, None where it needs none.
        query: the parameters it understands.
        answer: the type of the answer that shows something; verdicts look like ``Outcome``.
    """

    action: Action | None
    method: str
    path: str
    handle: Handler
    body: type[msgspec.Struct] | None = None
    query: tuple[str, ...] = ()
    answer: type[msgspec.Struct] = answers.Outcome


@dataclass(frozen=True)
class AdminRoute:
    """What only the master token may do.

    Attributes:
        method: of the request.
        path: without ids.
        handle: takes the service, the body and the query, and gives the answer's value.
        limit: the largest body in bytes.
        body: the type of the body, None where it needs none.
        query: the parameters it understands.
        answer: the type of the answer, None for a few words.
    """

    method: str
    path: str
    handle: Callable[[Service, bytes, dict[str, str]], object]
    limit: int = ACTION_BODY
    body: type[msgspec.Struct] | None = None
    query: tuple[str, ...] = ()
    answer: type[msgspec.Struct] | None = None


_THREAD = "/v1/threads/{peer}"
_REQUEST = "/v1/requests/{peer}"
_VIDEO = "/v1/videos/{video}"
_COMMENT = "/v1/comments/{comment}"
_CASE = "/v1/cases/{person}"
_STICKERS = "/v1/sticker_sets/{sticker_set}"
_MADE = answers.Made

#: Every action, and the look at a conversation from outside.
ROUTES = (
    Route(
        Action.OPEN_INBOX,
        "GET",
        "/v1/inbox",
        conversations.open_inbox,
        query=PAGED,
        answer=answers.Inbox,
    ),
    Route(
        Action.LIST_REQUESTS,
        "GET",
        "/v1/requests",
        requests.list_requests,
        query=PAGED,
        answer=answers.Requests,
    ),
    Route(
        Action.LIST_FILTERED,
        "GET",
        "/v1/requests/filtered",
        requests.list_filtered,
        query=PAGED,
        answer=answers.Requests,
    ),
    Route(Action.ACCEPT_REQUEST, "POST", f"{_REQUEST}/accept", requests.accept_request),
    Route(Action.DELETE_REQUEST, "DELETE", _REQUEST, requests.delete_request),
    Route(Action.REPORT_REQUEST, "POST", f"{_REQUEST}/report", reports.report_request),
    Route(
        Action.READ_THREAD,
        "POST",
        f"{_THREAD}/read",
        conversations.read_thread,
        answer=answers.ReadThread,
    ),
    Route(Action.CHECK_READ, "GET", f"{_THREAD}/read", conversations.check_read),
    Route(None, "GET", _THREAD, conversations.newest_message, answer=answers.Newest),
    Route(
        Action.SEND_MESSAGE,
        "POST",
        f"{_THREAD}/messages",
        messages.send_message,
        NewMessage,
        answer=_MADE,
    ),
    Route(
        Action.SHARE_CONTENT,
        "POST",
        f"{_THREAD}/shares",
        messages.share_content,
        NewShare,
        answer=_MADE,
    ),
    Route(Action.DELETE_MESSAGE, "DELETE", f"{_THREAD}/messages", conversations.delete_message),
    Route(Action.REPORT_MESSAGE, "POST", f"{_THREAD}/messages/report", reports.report_message),
    Route(Action.DELETE_CONVERSATION, "DELETE", _THREAD, conversations.delete_conversation),
    Route(Action.REPORT_CONVERSATION, "POST", f"{_THREAD}/report", reports.report_conversation),
    Route(Action.MUTE_CONVERSATION, "PUT", f"{_THREAD}/mute", conversations.mute_conversation),
    Route(
        Action.UNMUTE_CONVERSATION, "DELETE", f"{_THREAD}/mute", conversations.unmute_conversation
    ),
    Route(Action.BLOCK_USER, "PUT", "/v1/blocks/{peer}", relations.block_user),
    Route(Action.UNBLOCK_USER, "DELETE", "/v1/blocks/{peer}", relations.unblock_user),
    Route(Action.FOLLOW, "PUT", "/v1/follows/{peer}", relations.follow),
    Route(Action.UNFOLLOW, "DELETE", "/v1/follows/{peer}", relations.unfollow),
    Route(Action.REGISTER, "POST", "/v1/accounts", accounts.register),
    Route(Action.REPORT_ACCOUNT, "POST", "/v1/accounts/{peer}/report", reports.report_account),
    Route(Action.CHECK_PRESENCE, "GET", "/v1/accounts/{peer}/presence", accounts.check_presence),
    Route(
        Action.RESTRICT_TEEN,
        "PUT",
        "/v1/family/{teen}/restriction",
        accounts.restrict_teen,
        Switch,
    ),
    Route(
        Action.CHANGE_SETTING, "PUT", "/v1/settings/messages", accounts.change_setting, NewSetting
    ),
    Route(
        Action.CHANGE_READ_STATUS,
        "PUT",
        "/v1/settings/read_status",
        accounts.change_read_status,
        Switch,
    ),
    Route(
        Action.CHANGE_REQUEST_FILTER,
        "PUT",
        "/v1/settings/request_filter",
        accounts.change_request_filter,
        Switch,
    ),
    Route(
        Action.CHANGE_BUSINESS_MESSAGES,
        "PUT",
        "/v1/settings/business_messages",
        accounts.change_business_messages,
        Switch,
    ),
    Route(
        Action.CHANGE_NOTIFICATIONS,
        "PUT",
        "/v1/settings/notifications",
        accounts.change_notifications,
        Switch,
    ),
    Route(
        Action.SEARCH_CONTENT,
        "GET",
        "/v1/search",
        videos.search_content,
        query=SEARCHED,
        answer=answers.Found,
    ),
    Route(Action.WATCH_VIDEO, "POST", f"{_VIDEO}/watch", videos.watch_video),
    Route(
        Action.CHANGE_VIDEO_PRIVACY,
        "PUT",
        f"{_VIDEO}/privacy",
        videos.change_video_privacy,
        Privacy,
    ),
    Route(Action.REPORT_CONTENT, "POST", f"{_VIDEO}/report", reports.report_content),
    Route(
        Action.LIST_STICKER_SETS,
        "GET",
        "/v1/sticker_sets",
        stickers.list_sticker_sets,
        answer=answers.Panel,
    ),
    Route(Action.ADD_STICKER_SET, "PUT", _STICKERS, stickers.add_sticker_set),
    Route(Action.REMOVE_STICKER_SET, "DELETE", _STICKERS, stickers.remove_sticker_set),
    Route(Action.REORDER_STICKER_SETS, "POST", f"{_STICKERS}/front", stickers.reorder_sticker_sets),
    Route(
        Action.COMMENT, "POST", "/v1/posts/{post}/comments", comments.comment, Text, answer=_MADE
    ),
    Route(
        Action.PUBLIC_REPLY,
        "POST",
        f"{_COMMENT}/replies",
        comments.public_reply,
        PublicReply,
        answer=_MADE,
    ),
    Route(
        Action.PRIVATE_REPLY,
        "POST",
        f"{_COMMENT}/private_reply",
        comments.private_reply,
        PrivateReply,
        answer=_MADE,
    ),
    Route(Action.READ_COMMENT, "GET", _COMMENT, comments.read_comment, answer=answers.ReadComment),
    Route(Action.RESOLVE, "POST", f"{_CASE}/resolve", brands.resolve, EndedCase),
    Route(Action.HAND_OFF, "POST", f"{_CASE}/hand_off", brands.hand_off, EndedCase),
    Route(Action.FOLLOW_UP, "POST", f"{_THREAD}/follow_ups", brands.follow_up, Text, answer=_MADE),
    Route(Action.MAILING, "POST", f"{_THREAD}/mailings", brands.mailing, Text, answer=_MADE),
    Route(
        Action.SPONSORED_MESSAGE,
        "POST",
        f"{_THREAD}/sponsored",
        brands.sponsored_message,
        Text,
        answer=_MADE,
    ),
    Route(
        Action.MODERATE, "POST", "/v1/staff/accounts/{account}/decisions", staff.moderate, Judgement
    ),
    Route(
        Action.STAFF_ACCESS,
        "GET",
        "/v1/staff/accounts/{account}/reports",
        staff.staff_access,
        answer=answers.OpenReports,
    ),
)

#: Provisioning and the logs.
ADMIN_ROUTES = (
    AdminRoute("POST", "/v1/admin/reset", provisioning.reset),
    AdminRoute("POST", "/v1/admin/load", provisioning.load, ADMIN_BODY, provisioning.Load),
    AdminRoute("POST", "/v1/admin/ready", provisioning.ready, body=provisioning.Ready),
    AdminRoute("GET", "/v1/admin/audit", logs.audit, query=PAGED, answer=answers.Audit),
    AdminRoute("GET", "/v1/admin/cases", logs.cases, query=PAGED, answer=answers.Cases),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a method of a path leads to: the handler, and the decoder of the body it needs."""

    handle: Handler
    decoder: msgspec.json.Decoder[Any] | None


#: The places that an id may have in a path that is split at its slashes.
_PLACES = (3, 4)

#: By (place of the id, the path without it); place 0 for paths without an id.
_TARGETS: dict[tuple[int, str], dict[str, Target]] = {}

#: By path and method.
ADMIN: dict[str, dict[str, AdminRoute]] = {}


def _register() -> None:
    for route in ROUTES:
        decoder = None if route.body is None else msgspec.json.Decoder(route.body)
        parts = route.path.split("/")
        place = next((n for n, part in enumerate(parts) if part.startswith("{")), 0)
        assert place in (0, *_PLACES)
        key = (place, "/".join(parts[:place] + parts[place + 1 :]) if place else route.path)
        _TARGETS.setdefault(key, {})[route.method] = Target(route.handle, decoder)
    for admin in ADMIN_ROUTES:
        ADMIN.setdefault(admin.path, {})[admin.method] = admin


_register()


def find(path: str) -> tuple[dict[str, Target], str] | None:
    """What a path leads to by method, and the path's id as it is written there."""
    plain = _TARGETS.get((0, path))
    if plain is not None:
        return plain, "0"
    parts = path.split("/")
    for place in _PLACES:
        if len(parts) > place:
            rest = "/".join(parts[:place] + parts[place + 1 :])
            found = _TARGETS.get((place, rest))
            if found is not None:
                return found, parts[place]
    return None
