"""What went wrong, in the Graph API's words: its codes, and the envelope that carries them."""

import secrets
from typing import NamedTuple

from dmsim.server import http
from dmsim.server.http import Answer
from dmsim.vocabulary import Reason


class Failure(NamedTuple):
    """An error as a client of the Graph API tells it from others.

    Attributes:
        status: of the HTTP answer.
        code: the API's number.
        message: for a person to read.
        subcode: the API's number within the code, 0 for none.
    """

    status: int
    code: int
    message: str
    subcode: int = 0


class GraphError(Exception):
    """A request that ends with a failure.

    Args:
        failure: which.
        message: what to tell instead of the failure's own words.
    """

    def __init__(self, failure: Failure, message: str = "") -> None:
        super().__init__(message or failure.message)
        self.failure = failure
        self.message = message or failure.message


# From the Send API's page on errors, and the reference of a page's messages edge.
UNAVAILABLE = Failure(503, 2, "Service temporarily unavailable")
INVALID = Failure(400, 100, "Invalid parameter")
UNKNOWN = Failure(404, 100, "Unsupported request: the object does not exist", 33)
UNKNOWN_PATH = Failure(400, 2500, "Unknown path components")
TOKEN = Failure(401, 190, "Invalid OAuth access token")
PERMISSION = Failure(403, 200, "The page or the token does not permit this")
UNREACHABLE = Failure(400, 551, "This person isn't available right now.", 1545041)
OUTSIDE = Failure(400, 10, "This message is sent outside of allowed window.", 2018278)
BLOCKED = Failure(400, 368, "The action attempted has been deemed abusive or is disallowed")
RATE = Failure(400, 613, "Calls to this api have exceeded the rate limit.")
REPLIED = Failure(400, 10900, "Activity already replied to")
NOT_A_PERSON = Failure(400, 10903, "This user cant reply to this activity")

# Wrappers of the API report it for ids that are no comment's.
INVALID_COMMENT = Failure(400, 100, "Invalid comment_id parameter", 2018292)

#: What each reason of a refusal or removal is called. The codes and their words are those that the
#: reference of a page's messages edge lists (10900, 10903, 368, 190, 200, 613, 551, 100) and the
#: page on the messaging window (10); the subcodes are those that its clients handle. That an answer
#: in public must come first is a rule of the brand's own, which the API would call a missing
#: permission. Whatever else keeps a person from being reached the API does not tell apart.
OF_REASON: dict[Reason, Failure] = {
    **dict.fromkeys(Reason, UNREACHABLE),
    Reason.ALREADY_REPLIED: REPLIED,
    Reason.NOT_A_PERSON: NOT_A_PERSON,
    Reason.COMMENT_TOO_OLD: OUTSIDE,
    Reason.OUTSIDE_WINDOW: OUTSIDE,
    Reason.BUSINESS_LIMIT: OUTSIDE,
    Reason.RATE_LIMITED: RATE,
    Reason.SENDER_SANCTIONED: BLOCKED,
    Reason.REMOVED: BLOCKED,
    Reason.NOT_ANSWERED_PUBLICLY: PERMISSION,
    Reason.NOT_PERMITTED: PERMISSION,
}

#: What the statuses of requests without a verdict are called.
_OF_STATUS = {401: TOKEN, 403: PERMISSION, 404: UNKNOWN, 503: UNAVAILABLE}


def of_status(status: int) -> Failure:
    """What a request is called that the reference interface answers with a status."""
    return _OF_STATUS.get(status, INVALID)


def envelope(error: GraphError) -> Answer:
    """The answer that tells a failure."""
    failure = error.failure
    told: dict[str, object] = {
        "message": f"(#{failure.code}) {error.message}",
        "type": "OAuthException",
        "code": failure.code,
    }
    if failure.subcode:
        told["error_subcode"] = failure.subcode
    told["fbtrace_id"] = secrets.token_urlsafe(8)
    return http.answer(failure.status, {"error": told})
