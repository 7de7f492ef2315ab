"""A server that answers just what a test wants, byte by byte, and knows what it was asked."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

Piece = bytes | float
"""Bytes to send, or seconds to wait before the next."""


class Asked(msgspec.Struct):
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Hostile:
    """`says` makes the answer to a request: the pieces of it, after which the line is cut."""

    def __init__(self, says: Callable[[Asked], list[Piece]]) -> None:
        self.says = says
        self.asked: list[Asked] = []
        self.url = ""

    @property
    def told(self) -> list[str]:
        """The requests in short."""
        return [f"{each.method} {each.path}" for each in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _version = head[0].split(" ")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            asked = Asked(method, path, headers, body)
            self.asked.append(asked)
            for piece in self.says(asked):
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side had enough: that is what is tested
        finally:
            writer.close()


@asynccontextmanager
async def hostile(says: Callable[[Asked], list[Piece]]) -> AsyncIterator[Hostile]:
    """A server on this computer, for as long as it is needed."""
    server = Hostile(says)
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Awaitable[None]:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        return task

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `_` in a header's name stands for `-`."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def packed(body: bytes) -> bytes:
    """The same, packed."""
    return answer(200, gzip.compress(body), Content_Encoding="gzip")
