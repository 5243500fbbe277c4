"""The ASGI application: a request in, an action, an answer out once it is durable."""

import asyncio
from collections.abc import Mapping

from dmsim.server import http
from dmsim.server.answers import Health, Listening, Webhook
from dmsim.server.call import Call
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.events import PATH, Events
from dmsim.server.graph import api
from dmsim.server.http import Answer, HttpError, Keys, Receive, Scope, Send
from dmsim.server.openapi import document
from dmsim.server.routes import ADMIN, find
from dmsim.server.service import Service
from dmsim.server.store import Store
from dmsim.server.webhooks.delivery import Delivery
from dmsim.server.webhooks.outbox import Outbox
from dmsim.server.webhooks.receiver import Receiver

_NO_ROUTE = http.error(404, "no such path")
_NOT_PROVISIONED = http.error(503, "not provisioned")
_STORE_FAILED = http.error(503, "the store failed")


def create_app(
    store: Store,
    token: str,
    *,
    decisions: Decisions = RULES,
    simulated_time: bool = False,
    receiver: Receiver | None = None,
) -> "App":
    """The backend over an open, unlocked store.

    Args:
        store: where everything durable goes; its state is loaded now.
        token: the master token.
        decisions: the rules to ask.
        simulated_time: whether requests may tell the time.
        receiver: who is told what happens to pages that subscribed, if anybody.
    """
    service = Service(store, decisions, token if simulated_time else None)
    delivery = None if receiver is None else Delivery(Outbox(service), receiver)
    return App(service, Keys(token), delivery)


class App:
    """The application; one instance serves one store."""

    def __init__(self, service: Service, keys: Keys, delivery: Delivery | None) -> None:
        self._service = service
        self._store = service.store
        self._keys = keys
        self._graph = api.GraphApi(service, keys)
        self._delivery = delivery
        self._events = Events(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or go through the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            if scope["path"] == PATH and scope["method"] == "GET":
                await self._events.stream(self._listener(scope), scope, receive, send)
                return
            answer = await self._answer(scope, receive)
        except HttpError as error:
            answer = http.error(error.status, error.message)
        # Whatever it says, it may rest on a change of somebody else that is not durable yet.
        waiting = self._store.settled()
        if waiting is not None and not await waiting:
            answer = _STORE_FAILED
        await send(answer.start)
        await send(answer.body)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if self._store.failure is not None:
            return _STORE_FAILED
        path, method = scope["path"], scope["method"]
        found = find(path)
        if found is None:
            return await self._answer_unowned(path, method, scope, receive)
        targets, segment = found
        target = targets.get(method)
        if target is None:
            return _method_not_allowed(targets)
        actor = self._keys.account(scope)
        body = None
        if target.decoder is not None:
            received = await http.read_body(scope, receive, http.ACTION_BODY)
            body = http.decode(target.decoder, received)
            if self._store.failure is not None:
                return _STORE_FAILED
        service = self._service
        if not service.is_ready:
            return _NOT_PROVISIONED
        self._check_exists(actor)
        named, query = http.parse_id(segment), http.query(scope)
        return target.handle(Call(service, actor, named, body, query, service.clock.now(scope)))

    def _listener(self, scope: Scope) -> int:
        """The account that wants to listen."""
        account = self._keys.account(scope)
        if self._store.failure is not None or not self._service.is_ready:
            raise HttpError(503, "not provisioned, or the store failed")
        self._check_exists(account)
        return account

    def _check_exists(self, account: int) -> None:
        if account >= len(self._service.world.accounts):
            raise HttpError(404, "the token's account does not exist")

    async def _answer_unowned(
        self, path: str, method: str, scope: Scope, receive: Receive
    ) -> Answer:
        if path == PATH:
            return _method_not_allowed({"GET": None})
        if path in _PUBLIC:
            return _PUBLIC[path](self) if method == "GET" else _method_not_allowed({"GET": None})
        if path not in ADMIN:
            return await self._graph.answer(scope, receive) if api.speaks(path) else _NO_ROUTE
        route = ADMIN[path].get(method)
        if route is None:
            return _method_not_allowed(ADMIN[path])
        self._keys.check_admin(scope)
        body = await http.read_body(scope, receive, route.limit)
        if self._store.failure is not None:
            return _STORE_FAILED
        return http.answer(200, route.handle(self._service, body, http.query(scope)))

    def health(self) -> Answer:
        """How the backend is."""
        service = self._service
        health = Health(
            "ok",
            service.is_ready,
            service.digest,
            len(service.world.accounts),
            service.clock.is_simulated,
            Listening(len(self._events), self._events.slow),
        )
        if self._delivery is not None:
            outbox = self._delivery.outbox
            health.webhook = Webhook(len(outbox), outbox.dropped)
        return http.answer(200, health)

    def end_streams(self) -> None:
        """Let go all who listen, who would otherwise hold up the end of the server."""
        self._events.end()

    def openapi(self) -> Answer:
        """The document of the interface."""
        return http.Answer(200, document())

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._delivery is not None:
            self._delivery.start(asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._delivery is not None:
            self._delivery.stop()
        waiting = self._store.settled() if self._store.failure is None else None
        if waiting is not None:
            await waiting
        await send({"type": "lifespan.shutdown.complete"})


#: What everybody may ask.
_PUBLIC = {"/health": App.health, "/openapi.json": App.openapi}


def _method_not_allowed(methods: Mapping[str, object]) -> Answer:
    allowed = ", ".join(methods)
    return http.error(405, f"this path takes {allowed}", (b"allow", allowed.encode()))
