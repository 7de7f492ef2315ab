"""An Exchange account from the desk: connected, renewed, its limits, and what the doctor sees."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.accounts import ExchangeAccount
from desk.desk import Desk
from desk.doctor import examine
from desk.exchange import UnknownCertificate
from scheduling.bookings import BookingState
from scheduling.connections import Connection, Health
from scheduling.errors import ErrorKind, KobleError
from tests.desk.conftest import GRACE, at
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import PASSWORD, Exchange, exchange
from tests.vendors.exchange_call import Limits

ADA = "ada@example.org"
HERE = "ada@localhost"
TUESDAY = at("2026-12-01T09:00+01:00")


@pytest.fixture
def server() -> Iterator[Exchange]:
    with exchange() as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are locked by a file: no keyring, no person."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text("0123456789abcdef" * 4)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(path))


async def connect(
    desk: Desk, server: Exchange, password: str = PASSWORD, *, full: bool = False, **more: str
) -> Connection:
    account = ExchangeAccount(address=ADA, url=server.url)
    return await desk.connections.connect_exchange(
        account, password, full=full, allow_local=True, **more
    )


async def test_the_account_its_calendar_and_its_inbox_are_connected(
    desk: Desk, server: Exchange
) -> None:
    """S9, S14."""
    made = await connect(desk, server)
    overview = await desk.connections.overview()
    (view,) = overview.connections
    assert (view.connection.address, view.health) == (ADA, Health.FRESH)
    assert [each.name for each in view.calendars] == ["Calendar"]
    assert overview.destination == view.calendars[0]
    assert view.inbox is not None
    assert view.inbox.address == ADA
    assert made.options == {
        "url": server.url,
        "username": ADA,
        "scheme": "NTLM",
        "version": "SE",
        "zone": "Europe/Oslo",
        "local": "yes",
    }
    assert not made.full_exchange


async def test_what_the_rules_refuse_is_refused_before_anything_is_sent(
    desk: Desk, server: Exchange
) -> None:
    """S13."""
    await desk.connections.add_shared_inbox(ADA)
    with pytest.raises(KobleError) as caught:
        await connect(desk, server)
    assert caught.value.kind is ErrorKind.PERMISSION
    assert server.accounts.tried == []


async def test_a_new_password_renews_the_connection(desk: Desk, server: Exchange) -> None:
    made = await connect(desk, server)
    server.accounts.accounts[0].password = "new one"
    await desk.connections.close()  # whoever is signed in stays it
    await desk.sync.now()
    assert (await desk.connections.overview()).connections[0].health is Health.SIGN_IN
    tried = len(server.accounts.tried)
    for _ in range(2):
        await desk.sync.now()
        await desk.connections.close()  # as after a new start
    assert len(server.accounts.tried) == tried
    assert (await connect(desk, server, "new one")).id == made.id
    assert (await desk.connections.overview()).connections[0].health is Health.FRESH


async def test_a_changed_certificate_stops_and_asks(desk: Desk, tmp_path: Path) -> None:
    first, second = self_signed(tmp_path, "one"), self_signed(tmp_path, "two")
    with exchange(certificate=first) as server:
        server.account(ADA)
        with pytest.raises(UnknownCertificate):
            await connect(desk, server)
        made = await connect(desk, server, fingerprint=first.fingerprint)
        assert made.options["fingerprint"] == first.fingerprint
        await desk.connections.close()
        assert server._server._tls is not None
        server._server._tls.load_cert_chain(second.path)
        (report,) = await desk.sync.now()
        assert isinstance(report.error, UnknownCertificate)
        assert report.error.changed
        again = await connect(desk, server, fingerprint=second.fingerprint)
        assert (again.id, again.options["fingerprint"]) == (made.id, second.fingerprint)


async def test_what_its_host_books_stays_out_of_the_calendar_until_the_limits_are_lifted(
    desk: Desk, server: Exchange
) -> None:
    """S16, S20, S21."""
    made = await connect(desk, server)
    mine = await desk.bookings.book("intro", TUESDAY, GRACE, as_host=True)
    assert (mine.state, mine.event_id) == (BookingState.CONFIRMED, "")
    assert "not added to an Exchange calendar" in mine.trouble
    assert "Switch on Full Exchange" in mine.trouble
    theirs = await desk.bookings.book("intro", TUESDAY + 3600, GRACE)
    assert theirs.event_id
    for act in (
        desk.bookings.cancel(theirs.id),
        desk.bookings.reschedule(theirs.id, TUESDAY + 7200),
    ):
        with pytest.raises(KobleError) as caught:
            await act
        assert caught.value.field == "full_exchange"
    await desk.connections.change(made.id, full_exchange=True)
    moved = await desk.bookings.reschedule(theirs.id, TUESDAY + 7200)
    assert (await desk.bookings.cancel(moved.id)).state is BookingState.CANCELLED
    added = await desk.bookings.book("intro", TUESDAY + 3600, GRACE, as_host=True)
    assert (added.event_id, added.trouble) != ("", "")
    assert [each.kind for each in server.mailboxes[ADA].sent] == [
        "Request",
        "Update",
        "Cancellation",
        "Request",
    ]


async def test_no_times_are_proposed_from_it_until_the_limits_are_lifted(
    desk: Desk, server: Exchange
) -> None:
    """S23."""
    asked = await desk.bookings.book("intro", TUESDAY, GRACE)
    assert asked.state is BookingState.REQUESTED
    made = await connect(desk, server)
    with pytest.raises(KobleError) as caught:
        await desk.bookings.propose(asked.id, [TUESDAY + 3600])
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "full_exchange")
    assert (await desk.bookings.get(asked.id)).proposed == ()
    await desk.connections.change(made.id, full_exchange=True)
    assert (await desk.bookings.propose(asked.id, [TUESDAY + 3600])).proposed == (TUESDAY + 3600,)


async def test_a_meeting_lives_and_ends_on_a_server_that_is_not_exchange(desk: Desk) -> None:
    with exchange(limits=Limits.small(), schemes=("Basic",)) as server:
        box = server.account(ADA)
        await connect(desk, server, full=True)
        booked = await desk.bookings.book("intro", TUESDAY, GRACE)
        assert (booked.state, booked.trouble) == (BookingState.CONFIRMED, "")
        moved = await desk.bookings.reschedule(booked.id, TUESDAY + 7200)
        assert moved.event_id == booked.event_id
        box.put("Theirs", "2026-12-01T13:00:00Z", "2026-12-01T14:00:00Z")
        await desk.sync.now()
        free = await desk.offers.free("intro", TUESDAY, TUESDAY + 8 * 3600)
        assert at("2026-12-01T14:00+01:00") not in [each.start for each in free.offers]
        assert (await desk.bookings.get(moved.id)).outside is None
        assert (await desk.bookings.cancel(moved.id)).state is BookingState.CANCELLED
        assert [each.kind for each in box.sent] == ["Request", "Update", "Cancellation"]
        assert server.violations == []


async def test_the_doctor_sees_each_step_of_the_way(
    desk: Desk, server: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_domain: str) -> None:
        return None

    # The domain's own servers are asked as well: here it has none, not even in DNS.
    monkeypatch.setattr("providers.exchange_connect._service", nothing)
    server.account(HERE)
    account = ExchangeAccount(address=HERE, url=server.url)
    await desk.connections.connect_exchange(account, PASSWORD, allow_local=True)
    checks = [
        each for each in await examine(desk, write=True) if each.name in ("exchange", "write")
    ]
    said = "\n".join(str(each.text) for each in checks)
    for words in (
        "localhost is 127.0.0.1",
        "It lets people sign in by NTLM, BASIC.",
        "It is Exchange SE, build 15.2.2562.",
        "It knows the time zone Europe/Oslo as W. Europe Standard Time.",
        "A probe was written to Calendar and deleted again.",
    ):
        assert words in said
    assert all(each.ok for each in checks)
    assert PASSWORD not in said
    server.accounts.accounts[-1].password = "changed"
    await desk.connections.close()
    tried = len(server.accounts.tried)
    wrong = [each for each in await examine(desk) if not each.ok]
    assert any("did not accept" in str(each.text) for each in wrong)
    assert len(server.accounts.tried) - tried <= 2


def test_nothing_of_exchange_is_imported_before_it_is_needed() -> None:
    code = "import sys, desk.desk; print('exchangelib' in sys.modules, 'requests' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["False", "False"]
