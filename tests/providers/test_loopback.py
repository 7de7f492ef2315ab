"""The listener to which a vendor's page sends the browser back."""

import asyncio
import errno
import socket
from typing import Any

import pytest

from providers.loopback import Loopback
from tests.vendors.oauth import get


class Told:
    def __init__(self) -> None:
        self.answers: list[dict[str, str]] = []


@pytest.fixture
async def told() -> Told:
    return Told()


async def ask(loopback: Loopback, target: str, *, host: str = "", method: str = "GET") -> int:
    url = f"http://127.0.0.1:{loopback.port}{target}"
    status, headers, page = await asyncio.to_thread(get, url, host=host, method=method)
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert ("You can close this window" in page) is (status == 200)
    assert ("Du kan lukke dette vinduet" in page) is (status == 200)
    assert "hush" not in page
    return status


async def test_only_the_awaited_answer_is_taken_and_only_once(told: Told) -> None:
    loopback = await Loopback.open()
    loopback.expect("s3cret", told.answers.append)
    try:
        right = "/?code=hush&state=s3cret"
        assert await ask(loopback, "/favicon.ico") == 404
        assert await ask(loopback, "/?code=hush&state=other") == 404
        assert await ask(loopback, "/?code=hush") == 404
        assert await ask(loopback, "/?state=s3cret") == 404
        assert await ask(loopback, "/elsewhere?code=hush&state=s3cret") == 404
        assert await ask(loopback, right, host="evil.example.com") == 404
        assert await ask(loopback, right, host=f"evil.example.com:{loopback.port}") == 404
        assert await ask(loopback, right, host="127.0.0.1:1") == 404
        assert await ask(loopback, right, method="DELETE") == 404
        assert told.answers == []
        assert await ask(loopback, right, host=f"localhost:{loopback.port}") == 200
        assert await ask(loopback, right) == 404
        assert told.answers == [{"code": "hush", "state": "s3cret"}]
    finally:
        await loopback.close()


def taken(port: int) -> socket.socket:
    """A program of somebody else's on ::1, on the same port."""
    try:
        other = socket.create_server(("::1", port), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    return other


async def test_localhost_may_mean_either_of_two_addresses(told: Told) -> None:
    taken(0).close()
    loopback = await Loopback.open()
    loopback.expect("s", told.answers.append)
    reader, writer = await asyncio.open_connection("::1", loopback.port)
    writer.write(
        f"GET /?code=hush&state=s HTTP/1.1\r\nHost: localhost:{loopback.port}\r\n\r\n".encode()
    )
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()
    await loopback.close()
    assert told.answers == [{"code": "hush", "state": "s"}]


async def test_a_port_of_which_another_program_has_one_half_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, others = asyncio.start_server, list[socket.socket]()

    async def start(serve: Any, host: str, port: int, **more: Any) -> asyncio.Server:
        if host == "::1" and not others:
            others.append(taken(port))
        return await real(serve, host, port, **more)

    monkeypatch.setattr(asyncio, "start_server", start)
    loopback = await Loopback.open()
    assert loopback.port != others[0].getsockname()[1]
    await loopback.close()
    others[0].close()


async def test_without_ipv6_the_one_address_is_enough(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncio.start_server

    async def start(serve: Any, host: str, port: int, **more: Any) -> asyncio.Server:
        if host == "::1":
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return await real(serve, host, port, **more)

    monkeypatch.setattr(asyncio, "start_server", start)
    loopback = await Loopback.open()
    loopback.expect("s", told.answers.append)
    assert await ask(loopback, "/?code=hush&state=s") == 200
    await loopback.close()


@pytest.mark.parametrize("sent", [b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"x" * 40_000, b"GET / HT"])
async def test_what_is_no_request_disturbs_nobody(told: Told, sent: bytes) -> None:
    loopback = await Loopback.open()
    loopback.expect("s", told.answers.append)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", loopback.port)
        writer.write(sent)
        writer.write_eof()
        try:
            await reader.read()
        except ConnectionResetError:
            assert len(sent) > 16_384, "cut off because it is too long"
        writer.close()
        assert await ask(loopback, "/?code=hush&state=s") == 200
    finally:
        await loopback.close()


async def test_nobody_who_stays_connected_keeps_the_listener_open(told: Told) -> None:
    loopback = await Loopback.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", loopback.port)
    assert await ask(loopback, "/") == 404, "the one before is being served"
    await loopback.close()
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection("127.0.0.1", loopback.port)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
