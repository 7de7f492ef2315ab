"""A published calendar: read whole or not at all."""

import pytest

from providers.base import ChangePage, ProviderError
from providers.subscription import NATIVE, SubscriptionProvider
from scheduling.errors import ErrorKind
from tests.providers.hostile import Asked, Hostile, Piece, answer, hostile
from tests.providers.instants import HORIZON
from tests.providers.stages import text_of
from tests.providers.test_every_provider import DRAFT

TEXT = text_of("one", "Carnival").replace(
    "VERSION:2.0", "VERSION:2.0\r\nX-WR-CALNAME:Holidays \x1b[31m in\\, Norway"
)


async def read(server: Hostile, cursor: str = "") -> list[ChangePage]:
    provider = SubscriptionProvider(server.url + "/secret/basic.ics", local=True)
    try:
        return [page async for page in provider.changes(NATIVE, cursor, HORIZON)]
    finally:
        await provider.close()


async def test_it_is_one_calendar_that_can_only_be_read() -> None:
    async with hostile(lambda asked: [answer(200, TEXT.encode())]) as server:
        provider = SubscriptionProvider(server.url + "/secret/basic.ics", local=True)
        [calendar] = await provider.calendars()
        who = await provider.identity()
        for refused in (
            provider.create(NATIVE, DRAFT),
            provider.update(NATIVE, NATIVE, "", DRAFT),
            provider.delete(NATIVE, NATIVE, ""),
        ):
            with pytest.raises(ProviderError) as caught:
                await refused
            assert caught.value.kind is ErrorKind.PERMISSION
        await provider.close()
    assert (calendar.name, calendar.writable) == ("Holidays [31m in, Norway", False)
    assert "secret" not in who.address + repr(provider)


async def test_it_is_asked_whether_it_has_changed() -> None:
    def says(asked: Asked) -> list[Piece]:
        if asked.headers.get("if-none-match") == '"v1"':
            assert asked.headers["if-modified-since"] == "mon, 01 jun 2026 00:00:00 gmt"
            return [answer(304)]
        modified = "Mon, 01 Jun 2026 00:00:00 GMT"
        return [answer(200, TEXT.encode(), ETag='"v1"', Last_Modified=modified)]

    async with hostile(says) as server:
        [first] = await read(server)
        assert [event.title for change in first.changes for event in change.events] == ["Carnival"]  # type: ignore[union-attr]
        [same] = await read(server, first.cursor)
        assert (same.changes, same.cursor, same.complete) == ((), first.cursor, False)


async def test_the_same_again_is_no_change() -> None:
    async with hostile(lambda asked: [answer(200, TEXT.encode())]) as server:
        [first] = await read(server)
        [same] = await read(server, first.cursor)
    assert (len(first.changes), same.changes) == (1, ())


@pytest.mark.parametrize(
    "says",
    [
        answer(200, TEXT.encode()[: len(TEXT) // 2]),
        answer(200, b""),
        answer(200, b"<html>Sign in to the network</html>"),
        answer(200, TEXT.encode())[:-30],
        b"HTTP/1.1 200 OK\r\n\r\n" + TEXT.encode()[:-30],
        answer(404),
        answer(304),
    ],
    ids=["half", "empty", "portal", "cut", "cut without length", "gone", "unasked 304"],
)
async def test_what_is_no_whole_calendar_is_an_error_and_no_deletion(says: bytes) -> None:
    async with hostile(lambda asked: [says]) as server:
        with pytest.raises(ProviderError):
            await read(server)


async def test_a_private_address_needs_the_owner_s_word() -> None:
    async with hostile(lambda asked: [answer(200, TEXT.encode())]) as server:
        provider = SubscriptionProvider(server.url)
        with pytest.raises(ProviderError) as caught:
            await provider.calendars()
        await provider.close()
    assert caught.value.field == "allow_local"
    assert server.asked == []


async def test_it_goes_where_it_is_sent_on_the_same_server() -> None:
    def says(asked: Asked) -> list[Piece]:
        there = asked.path == "/now.ics"
        return [answer(200, TEXT.encode()) if there else answer(302, Location="/now.ics")]

    async with hostile(says) as server:
        [page] = await read(server)
    assert len(page.changes) == 1
