"""The listener on this computer to which a vendor's page sends the browser back."""

import asyncio
import contextlib
import errno
import secrets
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl, urlsplit

LARGEST = 16_384
"""Bytes of a request's head."""
PATIENCE = 10.0
"""Seconds for one request."""
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>koble</title>
<p>{en}</p>
<p lang="nb">{nb}</p>
</html>
"""
_DONE = _PAGE.format(
    en="You can close this window, and go back to koble.",
    nb="Du kan lukke dette vinduet, og gå tilbake til koble.",
)
_NOTHING = _PAGE.format(en="There is nothing here.", nb="Her er det ingenting.")


class Loopback:
    """Listens on this computer for one answer: the one that carries `state`. Others get nothing.

    It listens on 127.0.0.1, and on ::1 where there is such: Microsoft sends the browser to
    `localhost`, which is the one to some browsers and the other to others.

    Attributes:
        port: where it listens; one that was free.
    """

    def __init__(self, servers: Sequence[asyncio.Server]) -> None:
        self.port: int = servers[0].sockets[0].getsockname()[1]
        self._servers = servers
        self._state = ""
        self._tell: Callable[[dict[str, str]], object] | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @classmethod
    async def open(cls) -> "Loopback":
        """Begin to listen; `expect` says for what.

        Raises:
            OSError: there is no free port.
        """
        loopback: Loopback | None = None

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if loopback is not None:
                await loopback._serve(reader, writer)

        loopback = cls(await _listen(serve))
        return loopback

    def expect(self, state: str, tell: Callable[[dict[str, str]], object]) -> None:
        """Hand the answer that carries `state` to `tell`, once."""
        self._state, self._tell = state, tell

    async def close(self) -> None:
        """Stop listening, and let go of whoever is connected."""
        for server in self._servers:
            server.close()
        for writer in self._open:
            writer.transport.abort()
        for server in self._servers:
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            async with asyncio.timeout(PATIENCE):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii", "replace")
                answer, tell = self._answer(head), self._tell
                if answer is not None and tell is not None:
                    self._tell = None
                    writer.write(_response("200 OK", _DONE))
                    tell(answer)
                else:
                    writer.write(_response("404 Not Found", _NOTHING))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # no browser asks like that; the next one may
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _answer(self, head: str) -> dict[str, str] | None:
        """What a request brings, where it is the one that is waited for."""
        request, *lines = head.split("\r\n")
        match request.split(" "):
            case ["GET", target, version] if version.startswith("HTTP/1."):
                pass
            case _:
                return None
        hosts = [
            line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")
        ]
        # A page elsewhere may have its own name mean this computer; it cannot choose the Host.
        if hosts not in ([f"127.0.0.1:{self.port}"], [f"localhost:{self.port}"]):
            return None
        parts = urlsplit(target)
        if parts.path != "/" or parts.netloc:
            return None
        answer = dict(parse_qsl(parts.query))
        if not secrets.compare_digest(answer.get("state", "").encode(), self._state.encode()):
            return None
        return answer if "code" in answer or "error" in answer else None


async def _listen(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> list[asyncio.Server]:
    """Both of what `localhost` may mean, on one port; without IPv6 the first alone."""
    while True:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=LARGEST)
        port = server.sockets[0].getsockname()[1]
        try:
            return [server, await asyncio.start_server(serve, "::1", port, limit=LARGEST)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [server]
        server.close()  # somebody else has the other half: the answer might go there


def _response(status: str, page: str) -> bytes:
    body = page.encode()
    head = "\r\n".join(
        [
            f"HTTP/1.1 {status}",
            "Content-Type: text/html; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Content-Security-Policy: default-src 'none'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cache-Control: no-store",
            "Connection: close",
            "",
            "",
        ]
    )
    return head.encode() + body
