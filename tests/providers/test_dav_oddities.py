"""CalDAV servers that leave things out or write them otherwise, and ones that write nonsense."""

from collections.abc import Awaitable, Callable

import pytest

from providers.base import ProviderError, Upsert
from providers.caldav import CaldavProvider
from tests.providers.hostile import Asked, Piece, answer, hostile
from tests.providers.stages import text_of
from tests.providers.test_caldav import (
    PRINCIPAL,
    WORK,
    Simple,
    asking,
    item,
    itself,
    login,
    multistatus,
    read,
)
from tests.providers.test_every_provider import DRAFT


class Versionless(Simple):
    """A server that gives its events no versions, and says so as RFC 4918 wants it."""

    def __call__(self, asked: Asked) -> list[Piece]:
        there = {name: self.without(name, text) for name, text in self.now.items()}
        if asked.method == "PROPFIND":
            inside = there.values() if asked.headers["depth"] == "1" else ()
            return [multistatus(itself(self.ctag), *inside)]
        if b"calendar-multiget" in asked.body:
            return [multistatus(*there.values())]
        return [answer(403)]

    def without(self, name: str, text: str) -> str:
        return (
            f"<D:response><D:href>{WORK}{name}</D:href><D:propstat><D:prop><C:calendar-data>{text}"
            "</C:calendar-data></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
            "<D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status>"
            "</D:propstat></D:response>"
        )


async def test_events_without_versions_are_compared_by_their_texts() -> None:
    simple = Versionless()
    async with hostile(simple) as server:
        [first] = await read(server)
        assert [change.resource for change in first.changes] == ["one.ics", "two.ics"]
        simple.ctag, simple.now["two.ics"] = "c2", text_of("two", "Too")
        [later] = await read(server, first.cursor)
        [same] = await read(server, later.cursor)
    [changed] = later.changes
    assert isinstance(changed, Upsert)
    assert [event.title for event in changed.events] == ["Too"]
    assert (later.listed, later.complete) == (("one.ics", "two.ics"), True)
    assert same.changes == ()


async def test_a_folder_inside_a_calendar_is_no_event() -> None:
    folder = (
        f"<D:response><D:href>{WORK}old</D:href><D:propstat><D:prop><D:resourcetype>"
        '<D:collection/></D:resourcetype><D:getetag>"1"</D:getetag></D:prop>'
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )

    class WithFolder(Simple):
        def __call__(self, asked: Asked) -> list[Piece]:
            if asked.method == "PROPFIND" and asked.headers["depth"] == "1":
                return [multistatus(itself(self.ctag), folder, item("one.ics"))]
            return super().__call__(asked)

    async with hostile(WithFolder()) as server:
        [page] = await read(server)
    assert page.listed == ("one.ics",)
    assert page.problems == ()


async def test_one_event_under_several_spellings_of_its_address_is_one() -> None:
    text = text_of("one", "One")
    spelled = ["on%65.ics", "one.ics", "%6fne.ics"]

    def says(asked: Asked) -> list[Piece]:
        if b"calendar-multiget" in asked.body:
            assert asked.body.count(b"one.ics") == 1
            return [multistatus(*(item(name, text=text) for name in spelled))]
        full = item("one.ics").replace(WORK, f"https://elsewhere.example.org{WORK}")
        return [multistatus(*map(item, spelled), full, token="t")]

    async with hostile(says) as server:
        [page] = await read(server)
    assert page.listed == ("one.ics",)
    assert len(page.changes) == 1


NOWHERE = ["http://[::1/x.ics", "//[/x.ics", "http://a:99999/x.ics"]


@pytest.mark.parametrize("href", NOWHERE)
async def test_an_address_that_is_none_hides_no_neighbour(href: str) -> None:
    broken = item("x.ics").replace(f"{WORK}x.ics", href)

    class WithBroken(Simple):
        def __call__(self, asked: Asked) -> list[Piece]:
            if asked.method == "PROPFIND" and asked.headers["depth"] == "1":
                return [multistatus(itself(self.ctag), broken, *map(item, self.now))]
            return super().__call__(asked)

    async with hostile(WithBroken()) as server:
        [page] = await read(server)
    assert {change.resource for change in page.changes} >= {"one.ics", "two.ics"}


async def test_a_status_that_is_no_number_is_none() -> None:
    def says(asked: Asked) -> list[Piece]:
        odd = item("one.ics").replace("200 OK", "\u00b2 OK")
        return [multistatus(itself(), odd, token="t")]

    async with hostile(says) as server:
        [page] = await read(server)
    assert page.changes == ()
    assert [problem.resource for problem in page.problems] == ["one.ics"]


Does = Callable[[CaldavProvider], Awaitable[object]]


@pytest.mark.parametrize(
    "does",
    [
        lambda provider: provider.identity(),
        lambda provider: provider.find(WORK, DRAFT.uid),
        lambda provider: provider.delete(WORK, "one.ics", '"\u00e9"'),
    ],
    ids=["identity", "find", "delete"],
)
@pytest.mark.parametrize(
    "says",
    [
        answer(301, Location="http://[::1"),
        answer(302, Location="//["),
        answer(302, Location="file:///etc/passwd"),
        answer(302, Location="/" + "x" * 20_000),
        answer(302, Location="/" + "x" * 70_000),
        answer(401, WWW_Authenticate='Digest realm="\u00e9", nonce="1", qop="auth"'),
    ],
    ids=["address", "host", "file", "long", "longer", "realm"],
)
async def test_whatever_a_server_answers_is_an_error_in_words(says: bytes, does: Does) -> None:
    async with hostile(asking(lambda asked: [says])) as server:
        provider = login(server.url)
        with pytest.raises(ProviderError) as caught:
            await does(provider)
        await provider.close()
    assert str(caught.value.message)


async def test_a_version_that_is_not_ascii_is_sent_back() -> None:
    def says(asked: Asked) -> list[Piece]:
        return [answer(204)]

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        await provider.delete(WORK, "one.ics", '"\u00e9"')
        await provider.close()
    [deletion] = [asked for asked in server.asked if asked.method == "DELETE"]
    # The server at hand writes down what it was sent in lower case, and as Latin-1.
    assert deletion.headers["if-match"] == '"\u00e9"'.encode().decode("latin-1").lower()


@pytest.mark.parametrize("outbox", ["mailto:ada@example.org", "http://[::1", "//elsewhere.org/o/"])
async def test_an_outbox_that_cannot_be_asked_hides_no_calendar(outbox: str) -> None:
    account = PRINCIPAL.format(
        outbox=f"<C:schedule-outbox-URL><D:href>{outbox}</D:href></C:schedule-outbox-URL>"
    )

    def says(asked: Asked) -> list[Piece]:
        return [multistatus(itself() if asked.headers["depth"] == "1" else account)]

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        found = await provider.calendars()
        await provider.close()
    assert [calendar.native for calendar in found] == [WORK]
    assert not provider.capabilities.lookup


async def test_a_calendar_is_listed_once_where_two_homes_hold_it() -> None:
    homes = "".join(f"<D:href>{home}</D:href>" for home in ("/ada/", "/%61da/"))
    principal = (
        f"<D:response><D:href>/</D:href><D:propstat><D:prop><C:calendar-home-set>{homes}"
        "</C:calendar-home-set></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        "</D:response>"
    )

    def says(asked: Asked) -> list[Piece]:
        home = asked.path == "/ada/"
        return [multistatus(itself() if home else principal)]

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        found = await provider.calendars()
        await provider.close()
    assert [calendar.native for calendar in found] == [WORK]
