"""koble on the Exchange server of our own: how it connects, and what it makes of trouble."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from providers.base import ProviderError
from providers.certificates import UnknownCertificate
from providers.exchange import ExchangeProvider
from providers.exchange_connect import Finder
from scheduling.errors import ErrorKind
from tests.vendors import exchange_faults as faults
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import BUILDS, PASSWORD, Build, Exchange, exchange
from tests.vendors.exchange_client import ADA
from tests.vendors.exchange_desk import DRAFT, Reading, Waits, koble
from tests.vendors.exchange_mailbox import Mailbox

NEW_ENOUGH = [build for build in BUILDS if build[:2] >= (14, 2)]
TOO_OLD = [build for build in BUILDS if build not in NEW_ENOUGH]


def name_of(build: Build) -> str:
    return f"{build.major}.{build.minor}.{build.build}"


@pytest.fixture
async def provider(server: Exchange) -> AsyncIterator[ExchangeProvider]:
    provider = koble(server)
    yield provider
    await provider.close()


@pytest.fixture
def reading(provider: ExchangeProvider, box: Mailbox) -> Reading:
    return Reading(provider, box.calendar.identifier)


def finder(server: Exchange, **settings: object) -> Finder:
    given = {"username": "", "local": True, "places": []}
    return Finder(ADA, PASSWORD, **(given | settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("build", NEW_ENOUGH, ids=name_of)
@pytest.mark.parametrize("scheme", ["Basic", "NTLM", "Negotiate"])
async def test_it_works_with_each_version_that_is_new_enough(build: Build, scheme: str) -> None:
    with exchange(build, schemes=(scheme,)) as server:
        box = server.account(ADA)
        found = await finder(server).find(server.url)
        provider = koble(server, username=found.username, scheme=found.scheme)
        try:
            calendar = (await provider.calendars())[0].native
            written = await provider.create(calendar, DRAFT)
            (event,) = await Reading(provider, calendar).again()
            assert (event.resource, event.uid) == (written.resource, DRAFT.uid)
            await provider.delete(calendar, written.resource, written.etag, comment="Sorry")
        finally:
            await provider.close()
        assert [(each.kind, each.body.strip()) for each in box.sent] == [
            ("Request", ""),
            ("Cancellation", "Sorry"),
        ]
        assert server.violations == []


@pytest.mark.parametrize("build", TOO_OLD, ids=name_of)
async def test_an_older_version_is_refused_by_its_name(build: Build) -> None:
    with exchange(build) as server:
        server.account(ADA)
        with pytest.raises(ProviderError) as caught:
            await finder(server).find(server.url)
        assert caught.value.kind is ErrorKind.UNSUPPORTED
        assert {8: "2007 SP1", 14: "2010 SP1"}[build.major] in str(caught.value.message)


@pytest.mark.parametrize(
    ("form", "name"), [("address", ADA), ("local", "ada"), ("domain", "CORP\\ada")]
)
async def test_the_form_of_the_name_is_found(server: Exchange, form: str, name: str) -> None:
    server.accounts.accounts[0].forms = frozenset({form})
    assert (await finder(server).find(server.url)).username == name


async def test_a_wrong_password_is_tried_once_for_each_form_of_the_name(server: Exchange) -> None:
    server.accounts.accounts[0].password = "another"
    with pytest.raises(ProviderError) as caught:
        await finder(server).find(server.url)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
    assert server.accounts.tried == [(ADA, False), ("ada", False), ("CORP\\ada", False)]


@pytest.mark.parametrize("scheme", ["basic", "NTLM"])
async def test_a_password_that_was_refused_is_not_sent_again(server: Exchange, scheme: str) -> None:
    provider = koble(server, scheme=scheme, password="wrong")
    for _ in range(3):
        with pytest.raises(ProviderError) as caught:
            await provider.identity()
        assert caught.value.kind is ErrorKind.AUTH
    await provider.close()
    assert server.accounts.tried == [(ADA, False)]


async def test_a_certificate_is_trusted_by_its_fingerprint_and_no_other(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with exchange(certificate=certificate) as server:
        server.account(ADA)
        with pytest.raises(UnknownCertificate) as caught:
            await finder(server).find(server.url)
        assert caught.value.certificate.sha256 == certificate.fingerprint
        assert server.accounts.tried == []
        trusted = finder(server, fingerprint=certificate.fingerprint)
        found = await trusted.find(server.url)
        good = koble(server, scheme=found.scheme, fingerprint=found.fingerprint)
        assert (await good.identity()).address == ADA
        await good.close()
        tried = list(server.accounts.tried)
        changed = koble(server, scheme=found.scheme, fingerprint="00" * 32)
        with pytest.raises(UnknownCertificate) as stopped:
            await changed.identity()
        assert stopped.value.changed
        await changed.close()
        assert server.accounts.tried == tried


async def test_the_place_is_found_by_autodiscover_in_both_its_tongues(server: Exchange) -> None:
    place = f"{server.origin}/autodiscover/autodiscover.xml"
    for plain, soap in ((True, False), (False, True)):
        server.discovery.plain, server.discovery.soap = plain, soap
        looked = Finder("ada@localhost", PASSWORD, username=ADA, local=True, places=[place])
        server.mailboxes["ada@localhost"] = server.mailboxes[ADA]
        assert await looked.discover() == [server.url], (plain, soap)


TROUBLE: list[tuple[Callable[[], faults.Fault], ErrorKind]] = [
    (faults.unauthorized, ErrorKind.AUTH),
    (faults.forbidden, ErrorKind.PERMISSION),
    (faults.webmail, ErrorKind.INVALID),
    (lambda: faults.fault("ErrorInternalServerError", "No."), ErrorKind.UNAVAILABLE),
    (faults.unavailable, ErrorKind.THROTTLED),
    (faults.busy, ErrorKind.THROTTLED),
    (faults.busy_inside, ErrorKind.THROTTLED),
    (faults.reset, ErrorKind.UNAVAILABLE),
    (faults.truncated, ErrorKind.UNAVAILABLE),
    (faults.empty, ErrorKind.UNAVAILABLE),
    (faults.laughs, ErrorKind.UNAVAILABLE),
    (faults.page, ErrorKind.UNAVAILABLE),
    (faults.broken, ErrorKind.UNAVAILABLE),
]


@pytest.mark.parametrize(("fault", "kind"), TROUBLE)
@pytest.mark.parametrize("operation", ["SyncFolderItems", "GetItem"])
async def test_trouble_is_an_error_and_never_an_empty_calendar(
    server: Exchange,
    box: Mailbox,
    reading: Reading,
    fault: Callable[[], faults.Fault],
    kind: ErrorKind,
    operation: str,
) -> None:
    box.put("One", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    assert len(await reading.again()) == 1
    box.put("Two", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(fault(), operation, times=None)
    with pytest.raises(ProviderError) as caught:
        await reading.again()
    assert caught.value.kind is kind
    server.faults.clear()
    if kind is not ErrorKind.AUTH:  # a refused password is kept to oneself
        assert len(await reading.again()) == 2


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (lambda: faults.busy(700), 0.7),
        (lambda: faults.unavailable(7), 7.0),
        (lambda: faults.unavailable(), 10.0),
        (faults.busy_inside, 10.0),
    ],
)
async def test_a_busy_server_is_waited_for_as_long_as_it_asks(
    server: Exchange, fault: Callable[[], faults.Fault], seconds: float
) -> None:
    waits = Waits()
    provider = koble(server, sleep=waits)
    server.faults.add(fault(), "GetFolder")
    assert (await provider.identity()).address == ADA
    assert waits.seconds == [seconds]
    await provider.close()


async def test_an_answer_that_was_made_smaller_on_the_way_is_read(
    server: Exchange, box: Mailbox, reading: Reading
) -> None:
    box.put("One", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(faults.compressed(), times=None)
    assert [event.title for event in await reading.again()] == ["One"]


async def test_characters_that_xml_cannot_hold_take_no_event_away(
    server: Exchange, box: Mailbox, reading: Reading
) -> None:
    box.put("One§two", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(faults.replaced("§".encode(), b"&#x1F;"), times=None)
    (event,) = await reading.again()
    assert event.title.startswith("One")
    assert "§" not in event.title
    assert event.title.isprintable()


@pytest.mark.parametrize("fault", [faults.reset, faults.truncated])
async def test_an_event_whose_answer_was_lost_is_found_and_not_made_again(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, fault: Callable[[], faults.Fault]
) -> None:
    server.faults.add(fault(), "CreateItem")
    with pytest.raises(ProviderError):
        await provider.create(box.calendar.identifier, DRAFT)
    written = await provider.create(box.calendar.identifier, DRAFT)
    assert [item.identifier for item in box.calendar.here] == [written.resource]
    assert [each.kind for each in box.sent] == ["Request"]


async def test_what_hangs_is_given_up_at_once_and_its_thread_ends(server: Exchange) -> None:
    provider = koble(server)
    await provider.identity()
    hanging = server.faults.add(faults.hang(), "GetFolder")
    asking = asyncio.create_task(provider.identity())
    assert await asyncio.to_thread(hanging.begun.wait, 20)
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for each in threading.enumerate():
        if each.name == "exchange":
            each.join(20)
            assert not each.is_alive()
    assert not hanging.released.is_set()
    await provider.close()


async def test_what_takes_too_long_is_given_up(server: Exchange) -> None:
    provider = koble(server, patience=0.2)
    server.faults.add(faults.hang(), "GetFolder")
    with pytest.raises(ProviderError) as caught:
        await provider.identity()
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    await provider.close()


async def test_no_password_is_to_be_seen(
    server: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for scheme in ("basic", "NTLM"):
        provider = koble(server, scheme=scheme)
        await provider.identity()
        assert PASSWORD not in repr(provider)
        await provider.close()
    assert PASSWORD not in caplog.text
    assert "Authorization" not in caplog.text
    gc.collect()
