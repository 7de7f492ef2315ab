"""CalDAV beyond what every provider promises: a real server, and one that means ill."""

from collections.abc import AsyncIterator, Callable

import pytest

from providers.base import Availability, ChangePage, ProviderError, Upsert
from providers.caldav import CaldavProvider
from scheduling.errors import ErrorKind
from scheduling.events import Show
from tests.providers.digest_front import DigestFront
from tests.providers.hostile import Asked, Hostile, Piece, answer, hostile
from tests.providers.instants import HORIZON, at
from tests.providers.radicale_server import PASSWORD, Radicale
from tests.providers.stages import CaldavStage, Mirror, text_of
from tests.providers.test_every_provider import DRAFT

WORK = "/ada/work/"
Says = Callable[[Asked], list[Piece]]


@pytest.fixture
async def stage(server: Radicale) -> AsyncIterator[CaldavStage]:
    stage = CaldavStage(server)
    yield stage
    await stage.provider.close()


def login(url: str, **more: object) -> CaldavProvider:
    return CaldavProvider(url, username="ada", password="secret", local=True, **more)  # type: ignore[arg-type]


# A real server


async def test_calendars_have_names_and_colours(server: Radicale, stage: CaldavStage) -> None:
    server.calendar(
        stage.user,
        "tasks",
        **{"C:supported-calendar-component-set": "VTODO", "D:displayname": "Tasks"},
    )
    server.calendar(
        stage.user, "home", **{"D:displayname": "At\u202e home", "ICAL:calendar-color": "#FF0000AA"}
    )
    found = {each.native: each for each in await stage.provider.calendars()}
    assert set(found) == {stage.calendar, f"/{stage.user}/home/"}
    home = found[f"/{stage.user}/home/"]
    assert (home.name, home.color, home.writable) == ("At home", "#ff0000", True)


@pytest.mark.parametrize("path", ["", "/", "/{user}/", "/.well-known/caldav"])
async def test_the_calendars_are_found_from_any_address(
    server: Radicale, stage: CaldavStage, path: str
) -> None:
    url = server.url + path.format(user=stage.user)
    provider = CaldavProvider(url, username=stage.user, password=PASSWORD, local=True)
    assert [each.native for each in await provider.calendars()] == [stage.calendar]
    await provider.close()


async def test_the_address_of_one_calendar_is_that_calendar(
    server: Radicale, stage: CaldavStage
) -> None:
    server.calendar(stage.user, "other")
    url = server.url + stage.calendar
    provider = CaldavProvider(url, username=stage.user, password=PASSWORD, local=True)
    assert [each.native for each in await provider.calendars()] == [stage.calendar]
    await provider.close()


async def test_a_wrong_password_is_told_with_the_usual_cause(
    server: Radicale, stage: CaldavStage
) -> None:
    provider = CaldavProvider(server.url, username=stage.user, password="wrong", local=True)
    with pytest.raises(ProviderError) as caught:
        await provider.identity()
    await provider.close()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
    assert "app password" in str(caught.value)
    assert "wrong" not in repr(provider) + str(caught.value)


async def test_a_lost_token_brings_everything_again_once(stage: CaldavStage) -> None:
    mirror = Mirror(stage)
    for uid in ("one", "two"):
        await stage.put(uid, text_of(uid, uid))
    await mirror.follow()
    for token in (stage.folder / ".Radicale.cache" / "sync-token").iterdir():
        token.unlink()
    await stage.remove("one.ics")
    await stage.put("three", text_of("three", "three"))
    await mirror.follow()
    assert mirror.titles == ["three", "two"]
    assert mirror.read == ["three.ics"], "what is known already is not read again"
    await mirror.follow()
    assert mirror.read == []


async def test_a_deletion_is_said_and_nothing_else_is_asked_for(stage: CaldavStage) -> None:
    mirror = Mirror(stage)
    for uid in ("one", "two"):
        await stage.put(uid, text_of(uid, uid))
    await mirror.follow()
    await stage.remove("one.ics")
    asked = len(stage.server.asked)
    await mirror.follow()
    assert mirror.titles == ["two"]
    assert stage.server.asked[asked:] == [f"REPORT {stage.calendar}"]


async def test_what_was_deleted_and_comes_back_is_there_again(stage: CaldavStage) -> None:
    mirror = Mirror(stage)
    await stage.put("one", text_of("one", "one"))
    await mirror.follow()
    await stage.remove("one.ics")
    await mirror.follow()
    await stage.put("one", text_of("one", "one"))
    assert (await mirror.follow()).titles == ["one"]


async def test_a_large_calendar_comes_in_pages(stage: CaldavStage) -> None:
    for number in range(120):
        (stage.folder / f"e{number}.ics").write_text(
            text_of(f"e{number}", f"Event {number}"), newline=""
        )
    pages = [page async for page in stage.provider.changes(stage.calendar, "", HORIZON)]
    assert [len(page.changes) for page in pages] == [50, 50, 20]
    assert [page.complete for page in pages] == [False, False, True]
    assert len(pages[-1].listed) == 120


async def test_of_a_calendar_that_grants_no_more_only_the_times_are_read(
    server: Radicale, stage: CaldavStage
) -> None:
    folder = server.calendar(stage.user, "only-times")
    (folder / "one.ics").write_text(text_of("one", "Very secret"), newline="")
    calendar = f"/{stage.user}/only-times/"
    listed = {each.native: each for each in await stage.provider.calendars()}
    assert (listed[calendar].writable, listed[stage.calendar].writable) == (False, True)

    [page] = [page async for page in stage.provider.changes(calendar, "", HORIZON)]

    [change] = page.changes
    assert isinstance(change, Upsert)
    [event] = change.events
    start = at("2026-06-01T07:00Z")
    assert (event.title, event.spans, event.show) == ("", ((start, start + 3600),), Show.BUSY)
    assert (page.complete, page.listed) == (True, (change.resource,))
    [same] = [page async for page in stage.provider.changes(calendar, page.cursor, HORIZON)]
    assert (same.changes, same.complete, same.listed) == ((), True, page.listed)

    (folder / "two.ics").write_text(text_of("two", "More", start="20260602T070000Z"), newline="")
    [later] = [page async for page in stage.provider.changes(calendar, same.cursor, HORIZON)]
    [change] = later.changes
    assert isinstance(change, Upsert)
    assert len(change.events[0].spans) == 2


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_a_server_that_wants_digest_never_gets_the_password(
    server: Radicale, stage: CaldavStage, algorithm: str
) -> None:
    front = DigestFront(stage.user, PASSWORD, algorithm, uses=3)
    server.front = front
    try:
        [info] = await stage.provider.calendars()
        written = await stage.provider.create(info.native, DRAFT)
        assert await stage.provider.find(info.native, DRAFT.uid) == written
        wrong = CaldavProvider(server.url, username=stage.user, password="wrong", local=True)
        with pytest.raises(ProviderError) as caught:
            await wrong.identity()
        await wrong.close()
    finally:
        server.front = None
    assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
    assert front.stale > 0, "a nonce that was used up is taken anew"
    assert {said.partition(" ")[0] for said in front.said} == {"", "Digest"}


# One that means ill


def multistatus(*responses: str, token: str = "") -> bytes:
    sync = f"<D:sync-token>{token}</D:sync-token>" if token else ""
    return answer(
        207,
        (
            '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:S="http://calendarserver.org'
            f'/ns/" xmlns:C="urn:ietf:params:xml:ns:caldav">{"".join(responses)}{sync}'
            "</D:multistatus>"
        ).encode(),
        Content_Type="application/xml",
    )


def item(name: str, etag: str = "1", text: str = "") -> str:
    data = f"<C:calendar-data>{text}</C:calendar-data>" if text else ""
    return (
        f"<D:response><D:href>{WORK}{name}</D:href><D:propstat><D:prop><D:getetag>&quot;{etag}"
        f"&quot;</D:getetag>{data}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        "</D:response>"
    )


def itself(ctag: str = "c1") -> str:
    return (
        f"<D:response><D:href>{WORK}</D:href><D:propstat><D:prop><S:getctag>{ctag}</S:getctag>"
        "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype></D:prop>"
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )


class Simple:
    """A server that knows nothing of sync tokens; `now` and `ctag` are what it holds."""

    def __init__(self) -> None:
        self.now = {"one.ics": text_of("one", "One"), "two.ics": text_of("two", "Two")}
        self.ctag = "c1"

    def __call__(self, asked: Asked) -> list[Piece]:
        if asked.method == "PROPFIND":
            items = [item(name) for name in self.now]
            return [
                multistatus(itself(self.ctag), *(items if asked.headers["depth"] == "1" else []))
            ]
        if b"calendar-multiget" in asked.body:
            return [multistatus(*(item(name, text=text) for name, text in self.now.items()))]
        return [answer(403)]


def asking(says: Says) -> Says:
    """Who does not answer before it is told who asks."""

    def answers(asked: Asked) -> list[Piece]:
        if "authorization" in asked.headers:
            return says(asked)
        return [answer(401, WWW_Authenticate='Basic realm="calendars"')]

    return answers


def signed(server: Hostile) -> list[str]:
    """The requests with a sign-in, in short."""
    return [
        f"{each.method} {each.path}" for each in server.asked if "authorization" in each.headers
    ]


async def read(server: Hostile, cursor: str = "") -> list[ChangePage]:
    provider = login(server.url)
    try:
        return [page async for page in provider.changes(WORK, cursor, HORIZON)]
    finally:
        await provider.close()


async def test_a_server_without_sync_tokens_is_read_by_its_tags() -> None:
    simple = Simple()
    async with hostile(simple) as server:
        [first] = await read(server)
        assert {change.resource for change in first.changes} == {"one.ics", "two.ics"}
        server.asked.clear()
        [same] = await read(server, first.cursor)
        assert (same.changes, same.complete) == ((), False)
        assert signed(server) == [f"PROPFIND {WORK}"]
        del simple.now["two.ics"]
        simple.ctag = "c2"
        [later] = await read(server, same.cursor)
        assert (later.changes, later.listed, later.complete) == ((), ("one.ics",), True)


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
async def test_a_token_that_is_taken_no_more_leads_to_everything(status: int) -> None:
    text = text_of("one", "One")

    def says(asked: Asked) -> list[Piece]:
        if b"calendar-multiget" in asked.body:
            return [multistatus(item("one.ics", text=text))]
        if b">old<" in asked.body:
            return [answer(status)]
        return [multistatus(item("one.ics"), token="old")]

    async with hostile(says) as server:
        [first] = await read(server)
        [again] = await read(server, first.cursor)
    assert first.complete
    assert again.complete
    assert (again.changes, again.listed) == ((), ("one.ics",))


async def test_a_listing_in_parts_is_put_together() -> None:
    def says(asked: Asked) -> list[Piece]:
        if b"calendar-multiget" in asked.body:
            texts = [(name, text_of(name, name)) for name in ("one", "two")]
            return [multistatus(*(item(f"{name}.ics", text=text) for name, text in texts))]
        if b">t1<" in asked.body:
            return [multistatus(item("two.ics"), token="t2")]
        more = (
            f"<D:response><D:href>{WORK}</D:href>"
            "<D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>"
        )
        return [multistatus(item("one.ics"), more, token="t1")]

    async with hostile(says) as server:
        [page] = await read(server)
    assert page.complete
    assert sorted(page.listed) == ["one.ics", "two.ics"]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><D:multistatus xmlns:D="DAV:"><D:sync-token>&j;</D:sync-token></D:multistatus>'
)
DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    b'<D:multistatus xmlns:D="DAV:"><D:sync-token>&e;</D:sync-token></D:multistatus>'
)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in to the network</html>", BOMB, DOCTYPE, b"<D:multistatus xmlns:D='DAV:'>"],
    ids=["empty", "html", "bomb", "file", "cut"],
)
async def test_what_is_no_whole_answer_changes_nothing(body: bytes) -> None:
    async with hostile(lambda asked: [answer(207, body)]) as server:
        with pytest.raises(ProviderError) as caught:
            await read(server)
    assert caught.value.kind is ErrorKind.UNAVAILABLE


async def test_an_empty_listing_that_does_not_name_the_calendar_deletes_nothing() -> None:
    simple = Simple()
    async with hostile(simple) as server:
        [first] = await read(server)
        server.says = lambda asked: [multistatus() if asked.method == "PROPFIND" else answer(403)]
        with pytest.raises(ProviderError):
            await read(server, first.cursor)


async def test_one_text_that_spoils_the_answer_leaves_the_others() -> None:
    simple = Simple()

    def says(asked: Asked) -> list[Piece]:
        if asked.method == "GET":
            text = simple.now[asked.path.rpartition("/")[2]]
            return [answer(200, text.encode(), ETag='"1"')]
        if b"calendar-multiget" in asked.body:
            return [multistatus(item("one.ics", text="not \x07 XML"))]
        return simple(asked)

    async with hostile(says) as server:
        [page] = await read(server)
    assert len(page.changes) == 2


async def test_a_text_that_is_not_answered_is_a_problem_and_no_deletion() -> None:
    simple = Simple()

    def says(asked: Asked) -> list[Piece]:
        if b"calendar-multiget" in asked.body:
            return [multistatus(item("one.ics", text=simple.now["one.ics"]))]
        return simple(asked)

    async with hostile(says) as server:
        [page] = await read(server)
    assert [change.resource for change in page.changes] == ["one.ics"]
    assert [problem.resource for problem in page.problems] == ["two.ics"]
    assert "two.ics" in page.listed


async def test_a_password_is_not_taken_to_another_server() -> None:
    def says(asked: Asked) -> list[Piece]:
        home = "<D:href>https://p1.example.com/ada/</D:href>"
        return [
            multistatus(
                "<D:response><D:href>/</D:href><D:propstat><D:prop><C:calendar-home-set>"
                f"{home}</C:calendar-home-set></D:prop><D:status>HTTP/1.1 200 OK</D:status>"
                "</D:propstat></D:response>"
            )
        ]

    async with hostile(says) as server:
        provider = login(server.url)
        with pytest.raises(ProviderError) as caught:
            await provider.calendars()
        await provider.close()
    assert caught.value.field == "url"
    assert "https://p1.example.com/ada/" in str(caught.value.hint)


async def test_where_nothing_is_found_every_try_is_named() -> None:
    async with hostile(lambda asked: [answer(404)]) as server:
        provider = login(server.url + "/dav")
        with pytest.raises(ProviderError) as caught:
            await provider.calendars()
        await provider.close()
    said = str(caught.value)
    assert all(f"{path} (404)" in said for path in ("/dav", "/.well-known/caldav", "/"))


async def test_an_event_that_changes_under_an_update_is_a_conflict() -> None:
    """Read, and changed by somebody before it is written: the server sees it by If-Match."""
    text = text_of(DRAFT.uid, "Old").encode()

    def says(asked: Asked) -> list[Piece]:
        if asked.method == "GET":
            return [answer(200, text, ETag='"1"')]
        assert asked.headers["if-match"] == '"1"'
        return [answer(412)]

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        with pytest.raises(ProviderError) as caught:
            await provider.update(WORK, "one.ics", '"1"', DRAFT)
        await provider.close()
    assert caught.value.kind is ErrorKind.CONFLICT
    assert signed(server) == [f"GET {WORK}one.ics", f"PUT {WORK}one.ics"]


async def test_an_update_of_whatever_is_there_is_tried_on_what_is_there_now() -> None:
    text = text_of(DRAFT.uid, "Old").encode()
    versions = iter(["1", "1", "2", "2"])

    def says(asked: Asked) -> list[Piece]:
        version = next(versions)
        if asked.method == "GET":
            return [answer(200, text, ETag=f'"{version}"')]
        return [answer(412) if version == "1" else answer(204, ETag='"3"')]

    async with hostile(says) as server:
        provider = login(server.url)
        written = await provider.update(WORK, "one.ics", "", DRAFT)
        await provider.close()
    assert written.etag == '"3"'


async def test_a_create_whose_answer_was_lost_is_found_again() -> None:
    made: list[bytes] = []

    def says(asked: Asked) -> list[Piece]:
        if asked.method == "PUT" and not made:
            made.append(asked.body)
            return []  # written, and then the line is cut
        if b"calendar-query" in asked.body:
            texts = [text_of(DRAFT.uid, "Intro")] if made else []
            return [multistatus(*(item("made.ics", text=text) for text in texts))]
        raise AssertionError(asked)

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        with pytest.raises(ProviderError) as caught:
            await provider.create(WORK, DRAFT)
        assert caught.value.kind is ErrorKind.UNAVAILABLE
        written = await provider.create(WORK, DRAFT)
        await provider.close()
    assert written.resource == "made.ics"
    assert [line for line in server.told if line.startswith("PUT")] == [
        f"PUT {WORK}{DRAFT.uid}.ics"
    ]


async def test_a_busy_server_says_when_to_come_again() -> None:
    async with hostile(lambda asked: [answer(503, Retry_After="30")]) as server:
        with pytest.raises(ProviderError) as caught:
            await read(server)
    assert (caught.value.kind, caught.value.wait) == (ErrorKind.THROTTLED, 30)


# When other people are busy

PRINCIPAL = (
    "<D:response><D:href>/ada/</D:href><D:propstat><D:prop><C:calendar-home-set><D:href>/ada/"
    "</D:href></C:calendar-home-set>{outbox}<C:calendar-user-address-set><D:href>/ada/</D:href>"
    "<D:href>mailto:ada@example.org</D:href></C:calendar-user-address-set></D:prop>"
    "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
)
OUTBOX = "<C:schedule-outbox-URL><D:href>/ada/outbox/</D:href></C:schedule-outbox-URL>"
TIMES = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REPLY
BEGIN:VFREEBUSY
UID:x
FREEBUSY;FBTYPE=BUSY:20260601T090000Z/20260601T100000Z,20260601T093000Z/PT1H
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260601T230000Z/PT2H
FREEBUSY;FBTYPE=FREE:20260601T110000Z/PT30M
END:VFREEBUSY
END:VCALENDAR
"""


def outbox(*people: str) -> bytes:
    text = (
        '<?xml version="1.0"?><C:schedule-response xmlns:D="DAV:" '
        f'xmlns:C="urn:ietf:params:xml:ns:caldav">{"".join(people)}</C:schedule-response>'
    )
    return answer(200, text.encode(), Content_Type="application/xml")


def person(address: str, status: str, text: str = "") -> str:
    data = f"<C:calendar-data>{text}</C:calendar-data>" if text else ""
    return (
        f"<C:response><C:recipient><D:href>mailto:{address}</D:href></C:recipient>"
        f"<C:request-status>{status}</C:request-status>{data}</C:response>"
    )


async def test_a_server_with_an_outbox_tells_when_others_are_busy() -> None:
    def says(asked: Asked) -> list[Piece]:
        if asked.method == "PROPFIND":
            return [multistatus(PRINCIPAL.format(outbox=OUTBOX))]
        assert (asked.method, asked.path) == ("POST", "/ada/outbox/")
        return [
            outbox(
                person("Grace@Example.com", "2.0;Success", TIMES),
                person("nobody@example.com", "3.7;Invalid calendar user"),
            )
        ]

    async with hostile(asking(says)) as server:
        provider = login(server.url, me=["Me@elsewhere.org"], now=lambda: at("2026-05-01T12:00Z"))
        await provider.identity()
        assert provider.capabilities.lookup
        day = at("2026-06-01T00:00Z")
        people = [
            "nobody@example.com",
            "grace@example.com",
            "x@y\r\nATTENDEE:z",
            "alan@example.com",
        ]
        found = await provider.busy(people, (day, day + 86400))
        await provider.close()

    said = server.asked[-1].body.decode().split("\r\n")
    assert "METHOD:REQUEST" in said
    assert "ORGANIZER:mailto:ada@example.org" in said, "as the server knows the owner"
    assert [line for line in said if line.startswith("ATTENDEE")] == [
        f"ATTENDEE:mailto:{who}@example.com" for who in ("nobody", "grace", "alan")
    ]
    assert {"DTSTART:20260601T000000Z", "DTEND:20260602T000000Z"} <= set(said)
    assert [each.address for each in found] == people
    assert found[1] == Availability(
        address="grace@example.com",
        busy=((day + 9 * 3600, day + 37800), (day + 23 * 3600, day + 86400)),
    )
    assert "Invalid calendar user" in found[0].problem
    assert all(each.problem and not each.busy for each in (found[0], found[2], found[3]))


async def test_a_server_without_an_outbox_says_so() -> None:
    def says(asked: Asked) -> list[Piece]:
        return [multistatus(PRINCIPAL.format(outbox=""))]

    async with hostile(asking(says)) as server:
        provider = login(server.url)
        with pytest.raises(ProviderError) as caught:
            await provider.busy(["grace@example.com"], (0, 3600))
        assert not provider.capabilities.lookup
        await provider.close()
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert all(each.method == "PROPFIND" for each in server.asked)
