"""A small HTTP server that does what each message tells it to; started as a process by the tests.

The text of a message is the instruction: ``inbox``, ``refused:blocked``, ``slow:0.2:inbox`` (after
0.2 s), ``chunked:inbox``, ``hang``, ``close``, ``cut``, ``garbage``, ``nonsense`` (no JSON),
``huge``, ``status:503``, ``endless`` (a body without a length), ``interim:inbox`` (after a 102),
``last:inbox`` (answers with Connection: close), ``idle:inbox`` (closes the kept connection after
the answer), ``time`` (the time that the request carries, or ``untimed``), ``die`` (the process
ends), ``enter:inbox`` (gives the account a cookie), ``member:inbox`` (asks for the cookie of just
that account, else 403), ``redirect`` (to another path), ``late:0.2:inbox`` (answers at once with an
id, which the recipient sees after 0.2 s), ``secret:inbox`` (with an id, of which nothing is told).
``GET /count`` is answered with how many requests there were before. Everything without a text is
done. With ``--simulated-time`` its health says that it takes the simulated time of requests;
``--tls FILE`` gives it a key and a certificate.
It ends by itself after a minute, or when its standard input is closed.
"""

import asyncio
import contextlib
import itertools
import json
import os
import ssl
import sys
import time

LIFE_S = 60

_RAW = {
    "cut head": b"HTTP/1.1 200 OK\r\nContent-",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "garbage": b"220 smtp ready\r\n",
    "huge": b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 9_000_000,
    "nonsense": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "endless": b'HTTP/1.1 200 OK\r\n\r\n{"outcome":"inbox"}',
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /count\r\nContent-Length: 0\r\n\r\n",
    "interim": b"HTTP/1.1 102 Wait\r\n\r\n",
}

_comments = itertools.count(1_000_001)
_requests = itertools.count()

#: By message: when it can be seen.
_visible: dict[int, float] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await _one(reader, writer):
            pass
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        with contextlib.suppress(RuntimeError):
            writer.close()


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length, told, account, cookie = 0, "untimed", "", ""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
        if name.lower() == "authorization":
            account = value.strip().rpartition(" ")[2]
        if name.lower() == "cookie":
            cookie = value.strip()
        if name.lower() == "x-dmsim-time":
            told = value.partition(".")[0].strip()
    body = json.loads(await reader.readexactly(length) or b"{}")
    path = head.split(" ", 2)[1]
    number = next(_requests)
    if path == "/count":
        writer.write(_framed("", b"%d" % number))
        return True
    text = body.get("text", "done") if not path.startswith("/v1/admin") else "done"
    verb, _, rest = text.replace("time", told).partition(":")
    if verb == "member":
        verb, rest = (rest, "") if cookie == f"account={account}" else ("status", "403")
    if verb == "enter":
        writer.write(_entered(account, _content(path, rest, "")))
        return True
    if verb == "slow":
        seconds, _, text = rest.partition(":")
        await asyncio.sleep(float(seconds))
        verb, _, rest = text.partition(":")
    if head.startswith("GET /v1/threads/") and path.rpartition("/")[2].isdigit():
        return await _newest(writer)
    return await _answer(writer, path, verb, rest)


async def _newest(writer: asyncio.StreamWriter) -> bool:
    now = time.monotonic()
    shown = [id_ for id_, at in _visible.items() if at <= now]
    newest = {"outcome": "done", "id": max(shown, default=None)}
    told = {"error": "a secret"} if -1 in _visible else newest
    writer.write(_framed("", json.dumps(told).encode()))
    await writer.drain()
    return True


async def _answer(writer: asyncio.StreamWriter, path: str, verb: str, rest: str) -> bool:
    if verb == "die":
        os._exit(1)
    if verb == "hang":
        await asyncio.sleep(LIFE_S)
    if verb == "close":
        return False
    raw = _RAW.get(verb)
    if verb == "status":
        raw = b"HTTP/1.1 %s No\r\nContent-Length: 0\r\n\r\n" % rest.encode()
    if raw is not None:
        writer.write(raw)
        await writer.drain()
        if verb != "interim":
            return verb in ("nonsense", "status", "redirect")
    writer.write(_framed(verb, _content(path, verb, rest)))
    await writer.drain()
    return verb not in ("last", "idle")


def _content(path: str, verb: str, rest: str) -> bytes:
    word = rest if verb in ("chunked", "last", "idle", "interim") else verb
    answer: dict[str, object] = {"outcome": word}
    if verb == "late":
        seconds, _, answer["outcome"] = rest.partition(":")
        answer["id"] = number = next(_comments)
        _visible[number] = time.monotonic() + float(seconds)
    if verb == "secret":
        answer |= {"outcome": rest, "id": next(_comments)}
        _visible[-1] = 0.0
    if word in ("refused", "removed", "hidden"):
        answer["reason"] = rest
    if path == "/health":
        answer["simulated_time"] = "--simulated-time" in sys.argv
    if path.endswith("/comments"):
        answer["id"] = next(_comments)
    return json.dumps(answer).encode()


def _entered(account: str, content: bytes) -> bytes:
    head = "HTTP/1.1 200 OK\r\nSet-Cookie: account=%s; Path=/\r\nContent-Length: %d\r\n\r\n"
    return (head % (account, len(content))).encode() + content


def _framed(verb: str, content: bytes) -> bytes:
    if verb == "chunked":
        half = len(content) // 2
        parts = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (content[:half], content[half:]))
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
    close = b"Connection: close\r\n" if verb == "last" else b""
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (close, len(content), content)


def _tls() -> ssl.SSLContext | None:
    if "--tls" not in sys.argv:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[sys.argv.index("--tls") + 1])
    return context


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=_tls())
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), lambda: os._exit(0))
    await asyncio.sleep(LIFE_S)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
