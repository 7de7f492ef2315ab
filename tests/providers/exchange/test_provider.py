"""Which Exchange it is, what is written there, other people's times, and manners."""

import asyncio
import logging
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from providers.base import Mail, ProviderError
from providers.exchange import ExchangeProvider
from scheduling.errors import ErrorKind
from tests.providers.exchange.ground import (
    ADA,
    DRAFT,
    Reads,
    Waits,
    koble,
)
from tests.providers.instants import at
from tests.vendors import exchange_faults as faults
from tests.vendors.exchange import (
    BUILDS,
    EXCHANGE_2010_SP2,
    EXCHANGE_2013,
    PASSWORD,
    Build,
    Exchange,
)
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t

# Which server it is (S10)


@pytest.mark.parametrize(
    ("server", "name"),
    zip(
        [(build,) for build in BUILDS[2:]],
        ("2010 SP2", "2010 SP3", "2013 SP1", "2016", "2019", "SE"),
        strict=True,
    ),
    indirect=["server"],
)
async def test_each_version_is_known_by_its_name(provider: ExchangeProvider, name: str) -> None:
    assert (await provider.identity()).address == ADA
    assert provider.version == name


@pytest.mark.parametrize(
    ("server", "name"),
    zip([(build,) for build in BUILDS[:2]], ("2007 SP1", "2010 SP1"), strict=True),
    indirect=["server"],
)
async def test_an_old_one_is_refused_with_its_name(provider: ExchangeProvider, name: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.identity()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.UNSUPPORTED, "version")
    assert f"Exchange {name}, which is too old" in str(caught.value)


async def test_every_calendar_of_the_mailbox_is_listed(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    box.add_calendar("Team").writable = False
    found = await provider.calendars()
    assert [(each.name, each.primary, each.writable) for each in found] == [
        ("Calendar", True, True),
        ("Team", False, False),
    ]


# Writing


async def test_guests_are_invited_and_told_why_it_is_cancelled(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    calendar = box.calendar.identifier
    written = await provider.create(calendar, DRAFT)
    await provider.delete(calendar, written.resource, written.etag, comment="I am ill")
    assert [(each.kind, each.to, each.body) for each in box.sent] == [
        ("Request", ("ann@example.org",), ""),
        ("Cancellation", ("ann@example.org",), "I am ill"),
    ]
    assert box.calendar.here == []


async def test_nobody_is_told_where_nobody_is_to_be_told(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    quiet = msgspec.structs.replace(DRAFT, notify=False)
    written = await provider.create(box.calendar.identifier, quiet)
    later = msgspec.structs.replace(quiet, title="Later")
    await provider.update(box.calendar.identifier, written.resource, written.etag, later)
    assert box.sent == []


@pytest.mark.parametrize("broken", [faults.reset, faults.truncated])
async def test_what_was_written_before_the_answer_was_lost_is_found_again(
    provider: ExchangeProvider, server: Exchange, box: Mailbox, broken: Any
) -> None:
    server.faults.add(broken(), "CreateItem")
    with pytest.raises(ProviderError) as caught:
        await provider.create(box.calendar.identifier, DRAFT)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert server.asked.count("CreateItem") == 1
    found = await provider.find(box.calendar.identifier, DRAFT.uid)
    assert found == await provider.create(box.calendar.identifier, DRAFT)
    assert server.asked.count("CreateItem") == 1


async def test_an_update_leaves_text_guests_and_rooms_alone_that_it_need_not_change(
    provider: ExchangeProvider, server: Exchange, box: Mailbox
) -> None:
    written = await provider.create(box.calendar.identifier, DRAFT)
    moved = msgspec.structs.replace(DRAFT, start=DRAFT.start + 3600, end=DRAFT.end + 3600)
    await provider.update(box.calendar.identifier, written.resource, written.etag, moved)
    asked = server.requests[[b"UpdateItem" in each for each in server.requests].index(True)]
    assert b"item:Body" not in asked
    assert b"Attendees" not in asked


async def test_calendars_that_were_deleted_are_not_listed(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    inner = box.add_calendar("Deleted", below=box.folder("deleteditems"))
    box.add_calendar("Deleted with it", below=inner)
    box.add_calendar("Other", below=box.folder("msgfolderroot"))
    assert [each.name for each in await provider.calendars()] == ["Calendar", "Other"]


async def test_an_email_is_sent_once(provider: ExchangeProvider, box: Mailbox) -> None:
    mail = Mail(key="1", to=("ann@example.org",), subject="Hello", text="Line\nand line")
    for _ in range(2):
        await provider.send(mail)
    assert [(each.kind, each.to, each.body) for each in box.sent] == [
        ("Message", ("ann@example.org",), "Line\nand line")
    ]


# Other people's times


@pytest.mark.parametrize("server", [(EXCHANGE_2010_SP2,), (EXCHANGE_2013,)], indirect=True)
async def test_when_others_are_busy(provider: ExchangeProvider, server: Exchange) -> None:
    server.missing.add("GetServerTimeZones")
    ann = server.account("ann@example.org")
    ann.put("Secret", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    free = t("LegacyFreeBusyStatus", "Free")
    ann.put("Free", "2026-06-02T09:00:00Z", "2026-06-02T10:00:00Z", free)
    ann.put("Later", "2026-09-01T09:00:00Z", "2026-09-01T10:00:00Z")
    span = at("2026-06-01T07:30Z"), at("2026-09-30T00:00Z")
    found = await provider.busy(["nobody@example.org", "ann@example.org"], span)
    assert [each.address for each in found] == ["nobody@example.org", "ann@example.org"]
    assert found[0].problem
    assert found[1].busy == (
        (at("2026-06-01T07:30Z"), at("2026-06-01T08:00Z")),
        (at("2026-09-01T09:00Z"), at("2026-09-01T10:00Z")),
    )


# Manners


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (faults.unavailable(2), [2.0, 4.0]),
        (faults.busy(300), [0.3, 0.6]),
        (faults.busy_inside(), [10.0]),
        (faults.unavailable(3600), []),
    ],
)
async def test_a_busy_server_is_given_time_but_not_hours(
    provider: ExchangeProvider, server: Exchange, waits: Waits, fault: Any, waited: list[float]
) -> None:
    await provider.identity()
    asked = len(server.requests)
    server.faults.add(fault, "GetFolder", times=None if waited in ([], [10.0]) else 2)
    if waited in ([], [10.0]):
        with pytest.raises(ProviderError) as caught:
            await provider.identity()
        assert caught.value.kind is ErrorKind.THROTTLED
    else:
        await provider.identity()
    assert waits.seconds == waited
    assert len(server.requests) - asked <= 3


async def test_a_refused_password_is_never_sent_again(
    provider: ExchangeProvider, server: Exchange
) -> None:
    server.accounts.accounts[0].password = "changed"
    for _ in range(3):
        with pytest.raises(ProviderError) as caught:
            await provider.identity()
        assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
        assert "app password" in str(caught.value)
    assert server.accounts.tried == [(ADA, False)]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faults.forbidden(), ErrorKind.PERMISSION, "use Exchange"),
        (faults.webmail(), ErrorKind.INVALID, "sign-in page of its webmail"),
        (faults.truncated(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.empty(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.laughs(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.page(), ErrorKind.UNAVAILABLE, "none of Exchange"),
        (faults.reset(), ErrorKind.UNAVAILABLE, "cannot be reached"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_what_is_no_answer_deletes_nothing_and_is_said(
    server: Exchange, box: Mailbox, read: Reads, fault: Any, kind: ErrorKind, words: str
) -> None:
    box.put("One", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    await read()
    cursor = read.cursor
    server.faults.add(fault, "SyncFolderItems", times=None)
    with pytest.raises(ProviderError) as caught:
        await read()
    assert caught.value.kind is kind
    assert words in str(caught.value)
    server.faults.clear()
    assert read.cursor == cursor
    assert [event.title for event in await read()] == ["One"]


async def test_a_server_that_hangs_holds_up_nobody(
    provider: ExchangeProvider, server: Exchange
) -> None:
    await provider.identity()
    fault = server.faults.add(faults.hang(), "GetFolder")
    waiting = asyncio.create_task(provider.identity())
    await asyncio.to_thread(fault.begun.wait, 20)
    # The loop goes on, another call goes through, and what waits can be given up.
    assert await provider.calendars()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    fault.released.set()
    assert await provider.identity()


async def test_a_call_has_an_end(server: Exchange) -> None:
    impatient = koble(server, patience=0.2)
    server.faults.add(faults.hang(), "GetFolder")
    with pytest.raises(ProviderError, match="did not answer in time"):
        await impatient.identity()
    server.faults.clear()
    await impatient.close()


async def test_no_password_is_in_logs_or_in_what_is_shown_of_things(
    server: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for scheme in ("basic", "NTLM"):
        made = koble(server, scheme=scheme)
        await made.identity()
        server.faults.add(faults.fault("ErrorInternalServerError", "No."), "GetFolder")
        with pytest.raises(ProviderError) as caught:
            await made.identity()
        line = made._server._line
        for text in (repr(made), repr(made._server), repr(line), repr(caught.value), caplog.text):
            assert PASSWORD not in text
            assert "Authorization" not in text
        await made.close()


def test_an_old_build_is_called_what_it_was() -> None:
    from providers.exchange_versions import api_version, name_of

    assert name_of(Build(15, 0, 516, 0, "")[:3]) == "2013"
    assert name_of((15, 20, 1)) == "Online"
    assert name_of((16, 1, 2)) == "16.1.2"
    assert api_version((16, 0, 0)) == "Exchange2016"


def test_the_program_ends_while_a_server_hangs(server: Exchange) -> None:
    server.faults.add(faults.hang(), "GetFolder", times=None)
    code = f"""
import asyncio
from providers.exchange import ExchangeProvider
async def main():
    login = dict(address="{ADA}", username="{ADA}", password="{PASSWORD}", scheme="basic")
    provider = ExchangeProvider("{server.url}", **login, local=True)
    asyncio.get_running_loop().create_task(provider.identity())
    await asyncio.sleep(0.5)
    print("ends")
asyncio.run(main())
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    server.faults.clear()
    assert (run.stdout, run.stderr) == ("ends\n", "")
