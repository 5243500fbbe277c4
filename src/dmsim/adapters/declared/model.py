"""What the file of a declared adapter holds."""

from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from dmsim.adapters.listening import TOLD
from dmsim.scenario.fields import Section
from dmsim.scenario.policy import PolicyValue, changed_policy, check_policy
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Action, Reason, Verdict, names

#: ``{table}`` and ``for`` name the tables of a trace's initial state by these words.
TABLES = {table.path.rpartition("/")[2].partition(".")[0]: table for table in INITIAL}

if TYPE_CHECKING:
    ActionWord: TypeAlias = str
    TableWord: TypeAlias = str
    PromiseWord: TypeAlias = str
else:
    ActionWord = Literal[*names(Action)]
    TableWord = Literal["once", *TABLES]
    PromiseWord = Literal[*names(Verdict), *names(Reason)]

#: How long what an answer gave is kept: for the steps of its action, for the two accounts that an
#: action is between, for the account that acts, or as the id of the object that the action creates.
Keep = Literal["steps", "pair", "account", "object"]


class Capture(Section):
    """A value taken from an answer: by a JMESPath, from a header or cookie, or by a regex."""

    json_: str | None = Field(None, alias="json", examples=["room.id"])
    header: str | None = Field(None, examples=["Location"])
    cookie: str | None = Field(None, examples=["session"])
    regex: str | None = Field(None, examples=["id=([0-9]+)"])
    keep: Keep = "steps"
    default: str | None = None


class Rule(Section):
    """How an answer becomes an outcome: where all of its conditions hold.

    ``headers`` are regular expressions, each to be found in the header of its name.

    ``outcome`` is ``"inbox"`` or ``"refused:blocked"``, a list where the answer leaves the choice.
    """

    status: int | str | list[int | str] | None = Field(None, examples=["2xx"])
    when: str | None = Field(None, examples=["error.code == `7`"])
    text: str | None = Field(None, examples=["not allowed"])
    headers: dict[str, str] = Field(default_factory=dict, examples=[{"X-Folder": "^requests$"}])
    outcome: str | list[str] | None = Field(None, examples=["refused:blocked"])
    outcome_from: str | None = Field(None, examples=["outcome"])
    reason_from: str | None = Field(None, examples=["reason"])
    words: dict[str, str] = Field(default_factory=dict)


class Request(Section):
    """One request: method and path with holes, and what it carries.

    ``query`` is added to the path, percent-encoded; what is no text in it is written as JSON.
    """

    request: str = Field(examples=["POST /messages/{target}"])
    query: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    auth: bool = True
    json_: Any = Field(None, alias="json")
    form: dict[str, str] | None = None
    multipart: dict[str, str] | None = None
    raw: str | None = None
    content_type: str | None = None
    capture: dict[str, Capture] = Field(default_factory=dict)


class Step(Request):
    """One of several requests of an action.

    ``unless`` and ``if`` name a capture: the step is left out where it is known, or is not.
    ``as`` is who sends it. After a 2xx status, or one that ``accept`` names, the next step follows,
    unless one of the step's own ``outcomes`` fits. ``forget`` names captures that are of no use
    after a 2xx status.
    """

    unless: str | None = Field(None, examples=["room"])
    if_: str | None = Field(None, alias="if", examples=["room"])
    as_: Literal["actor", "target"] = Field("actor", alias="as")
    accept: list[int] = Field(default_factory=list)
    outcomes: list[Rule] = Field(default_factory=list)
    forget: list[str] = Field(default_factory=list)


class ActionRequest(Request):
    """How an action is asked for."""

    request: str = Field("", examples=["POST /messages/{target}"])
    steps: list[Step] = Field(default_factory=list)
    outcomes: list[Rule] = Field(default_factory=list)


class Fill(Request):
    """Requests that fill the backend: one for each row of some tables, or of a batch of rows.

    ``as`` is the column with the account in whose name it is sent; ``where`` a JMESPath that a row
    must fulfil; ``accept`` the statuses beside 2xx that are good. Instead of a request ``action``
    names one of the file's actions, which is carried out for each row; ``switch`` then is the
    column that it switches on or off by.
    """

    request: str = Field("", examples=["POST /users"])
    action: ActionWord | None = Field(None, examples=["block_user"])
    switch: str | None = Field(None, examples=["read_status"])
    for_: TableWord | list[TableWord] = Field(alias="for", examples=["accounts"])
    as_: str | None = Field(None, alias="as", examples=["follower"])
    where: str | None = Field(None, examples=["thread == 'accepted'"])
    batch: int | None = Field(None, ge=1, le=100_000)
    accept: list[int] = Field(default_factory=list)


class Listen(Request):
    """How an account holds a connection over which it is told of messages.

    ``message`` is a JMESPath to the id (or ids) of the messages in what arrives: the data of a
    server-sent event, a text frame, or the body of an answered poll. They are held against what the
    sending action captures with ``keep = "object"``. ``tells`` are the outcomes of messages that
    arrive so. ``text`` leads to their texts in the same
    order. Of ``long_poll``: ``first`` is the request that comes first where that is another one,
    and ``capture`` takes from each answer what the next request needs.
    """

    kind: Literal["sse", "long_poll", "websocket"]
    first: Request | None = None
    message: str = Field(examples=["id"])
    tells: list[Literal["inbox", "requests", "filtered"]] = Field(
        default=list(TOLD), min_length=1, examples=[["inbox"]]
    )
    text: str | None = Field(None, examples=["text"])


class Auth(Section):
    """How an account proves who it is."""

    kind: Literal["none", "bearer", "basic", "header", "cookie"] = "none"
    token: str | None = Field(None, examples=["{account_token}"])
    user: str | None = Field(None, examples=["user{actor}"])
    password: str | None = Field(None, examples=["{env.PASSWORD}"])
    name: str | None = Field(None, examples=["X-User"])
    value: str | None = Field(None, examples=["{actor.session}"])
    csrf_header: str | None = Field(None, examples=["X-CSRF-Token"])
    csrf_value: str | None = Field(None, examples=["{actor.csrf}"])


class Time(Section):
    """How requests carry the simulated time, and how the backend tells that it takes it.

    ``health`` is the whole path of a GET request, without ``base``.
    """

    health: str = Field(examples=["/health"])
    when: str = Field(examples=["simulated_time"])
    header: str = Field(examples=["X-Time"])
    value: str = Field(examples=["{at}"])


class Declaration(Section):
    """A backend, as a file describes it.

    ``promises`` are the verdicts and reasons that the backend keeps; without it, all of them.
    ``policy`` changes the rules' policy to the service's, for ``dmsim simulate --policy``.
    ``words`` are the backend's words for those of the trace, by hole. ``url`` is where the backend
    is unless ``--host`` says so. ``client`` is what requests are sent with: bare connections, or
    sessions that keep each account's cookies.
    """

    url: str | None = Field(None, examples=["http://127.0.0.1:8000"])
    client: Literal["wire", "session"] = "wire"
    base: str = Field("", examples=["/api/v2"])
    headers: dict[str, str] = Field(default_factory=dict)
    auth: Auth = Auth()
    time: Time | None = None
    promises: list[PromiseWord] | None = None
    policy: dict[str, PolicyValue] = Field(default_factory=dict)
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    provision: list[Fill] = Field(default_factory=list)
    listen: Listen | None = None
    actions: dict[ActionWord, ActionRequest] = Field(min_length=1)
    outcomes: list[Rule] = Field(default_factory=list)

    @model_validator(mode="after")
    def _policy_is_known(self) -> Self:
        check_policy(self.policy, "policy.")
        changed_policy(self.policy, "policy.")
        return self
