"""Accounts on servers and published calendars, from the desk: a real server, and its absence."""

import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIApplication

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.doctor import examine
from desk.ids import counted_ids
from desk.vault import Vault
from scheduling.bookings import BookingState
from scheduling.connections import Health, Kind
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Mode
from tests.desk.conftest import GRACE, at
from tests.providers.dns_server import names
from tests.providers.radicale_server import PASSWORD, Radicale, radicale
from words import Phrase

TUESDAY = at("2026-12-01T09:00+01:00")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are locked by a file: no keyring, no person."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text("0123456789abcdef" * 4)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(path))


class Ada:
    """A user of the server, by somebody else's hand."""

    def __init__(self, server: Radicale, name: str) -> None:
        self.server, self.name = server, name
        self.folder = server.account(name, "work") / "work"

    def write(self, uid: str, start: str, end: str) -> None:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", f"UID:{uid}"]
        lines += ["DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}"]
        text = "\r\n".join([*lines, f"SUMMARY:{uid}", "END:VEVENT", "END:VCALENDAR", ""])
        status, _ = self.server.send(self.name, "PUT", f"/{self.name}/work/{uid}.ics", text)
        assert status < 300

    def texts(self) -> list[str]:
        return [path.read_text() for path in sorted(self.folder.glob("*.ics"))]


@pytest.fixture
def ada(server: Radicale, request: pytest.FixtureRequest) -> Ada:
    return Ada(server, f"u{abs(hash(request.node.name))}")


async def connect(desk: Desk, ada: Ada, password: str = PASSWORD) -> None:
    await desk.connections.connect_caldav(ada.server.url, ada.name, password, allow_local=True)


@pytest.fixture
async def connected(desk: Desk, ada: Ada) -> Desk:
    ada.write("busy", "20261201T080000Z", "20261201T090000Z")
    await connect(desk, ada)
    return desk


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


async def test_events_come_in_and_a_booking_goes_out(connected: Desk, ada: Ada) -> None:
    offers = (await connected.offers.free("intro", TUESDAY, TUESDAY + 4 * 3600)).offers
    assert offers[0].start == TUESDAY + 3600

    booking = await connected.bookings.book("intro", TUESDAY + 3600, GRACE)

    assert booking.state is BookingState.CONFIRMED
    assert sum(booking.uid in text and "Grace Hopper" in text for text in ada.texts()) == 1


async def test_an_outside_change_is_seen_at_the_next_read(connected: Desk, ada: Ada) -> None:
    ada.write("later", "20261201T090000Z", "20261201T120000Z")
    [report] = await connected.sync.now()
    assert (report.error, report.changed) == (None, 1)
    assert (await connected.offers.free("intro", TUESDAY, TUESDAY + 4 * 3600)).offers == ()


async def test_a_booking_that_was_changed_outside_is_moved_to_a_new_time_once(
    connected: Desk, ada: Ada
) -> None:
    """A stale write is refused by the server (412), and done on what is there now."""
    booking = await connected.bookings.book("intro", TUESDAY + 3600, GRACE)
    [path] = [path for path in ada.folder.glob("*.ics") if booking.uid in path.read_text()]
    text = path.read_text().replace("END:VEVENT", "X-THEIRS:kept\nEND:VEVENT")
    status, _ = ada.server.send(ada.name, "PUT", f"/{ada.name}/work/{path.name}", text)
    assert status < 300

    moved = await connected.bookings.reschedule(booking.id, TUESDAY + 2 * 3600)
    await connected.outbox.perform()
    await connected.sync.now()

    agenda = await connected.calendars.agenda(TUESDAY, TUESDAY + 4 * 3600)
    starts = [entry.start for entry in agenda.entries if entry.booking]
    assert starts == [moved.start]
    [text] = [text for text in ada.texts() if "Grace Hopper" in text]
    assert "X-THEIRS:kept" in text


async def test_a_lost_token_neither_loses_nor_doubles_anything(connected: Desk, ada: Ada) -> None:
    await connected.bookings.book("intro", TUESDAY + 3600, GRACE)
    await connected.sync.now()
    before = await connected.calendars.agenda(TUESDAY, TUESDAY + 4 * 3600)
    for token in (ada.folder / ".Radicale.cache" / "sync-token").iterdir():
        token.unlink()
    ada.write("new", "20261201T110000Z", "20261201T120000Z")

    [report] = await connected.sync.now()

    assert report.error is None
    after = await connected.calendars.agenda(TUESDAY, TUESDAY + 4 * 3600)
    titles = [each.title for each in before.entries]
    assert len(titles) == 2
    assert [each.title for each in after.entries] == [*titles, "new"]


async def test_the_password_is_nowhere_but_among_the_secrets(
    connected: Desk, ada: Ada, tmp_path: Path
) -> None:
    [view] = (await connected.connections.overview()).connections
    assert (view.connection.kind, view.health, view.inbox) == (Kind.CALDAV, Health.FRESH, None)
    assert PASSWORD not in repr(view) + repr(await connected.log.entries(50))
    assert PASSWORD.encode() not in everything(tmp_path / "home")
    assert await connected.vault.get(view.connection.id) == {"password": PASSWORD}
    [secrets] = [each for each in await examine(connected) if each.name == "secrets"]
    assert secrets.ok
    assert "key file" in str(secrets.text)


async def test_a_domain_leads_to_its_server_and_signing_in_again_too(
    desk: Desk, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ada.server.url.rpartition(":")[2]
    known = {
        ("_caldav._tcp.localhost", "SRV"): [f"0 1 {port} localhost."],
        ("_caldav._tcp.localhost", "TXT"): [f'"path=/{ada.name}/"'],
    }
    async with names(known) as (_server, resolver):
        monkeypatch.setattr("providers.davsrv.Resolver", lambda: resolver)
        for typed in ("localhost", "https://localhost/"):
            await desk.connections.connect_caldav(typed, ada.name, PASSWORD, allow_local=True)
    [view] = (await desk.connections.overview()).connections
    assert view.connection.options["url"] == f"http://localhost:{port}/{ada.name}/"
    assert [each.native for each in view.calendars] == [f"/{ada.name}/work/"]


async def test_a_server_outside_the_domain_gets_no_password(
    desk: Desk, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {("_caldavs._tcp.example.org", "SRV"): ["0 1 443 localhost."]}
    asked = len(ada.server.asked)
    async with names(known) as (_server, resolver):
        monkeypatch.setattr("providers.davsrv.Resolver", lambda: resolver)
        with pytest.raises(KobleError) as refused:
            await desk.connections.connect_caldav("ada@example.org", "ada", PASSWORD)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.PERMISSION, "url")
    assert "https://localhost/" in str(refused.value.hint)
    assert ada.server.asked[asked:] == []


async def test_another_process_signs_in_by_itself(
    connected: Desk, tmp_path: Path, clock: FixedClock
) -> None:
    other = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids("other"))
    try:
        [report] = await other.sync.now()
        assert report.error is None
    finally:
        await other.close()


async def test_disconnecting_deletes_the_password(connected: Desk, tmp_path: Path) -> None:
    [view] = (await connected.connections.overview()).connections
    await connected.connections.disconnect(view.connection.id)
    assert not (tmp_path / "home" / "secrets").exists()
    assert await connected.vault.get(view.connection.id) is None


async def test_a_refused_password_connects_nothing_and_keeps_nothing(
    desk: Desk, ada: Ada, tmp_path: Path
) -> None:
    with pytest.raises(KobleError) as refused:
        await connect(desk, ada, "wrong")
    assert (refused.value.kind, refused.value.field) == (ErrorKind.AUTH, "password")
    assert (await desk.connections.overview()).connections == ()
    assert not (tmp_path / "home" / "secrets").exists()


async def test_a_password_that_is_taken_no_more_asks_for_a_sign_in_which_heals_it(
    connected: Desk, ada: Ada
) -> None:
    users = ada.server.users.read_text()
    ada.server.users.write_text(users.replace(f"{ada.name}:{PASSWORD}", f"{ada.name}:new one"))

    [report] = await connected.sync.now()
    assert report.error is not None
    assert report.error.kind is ErrorKind.AUTH
    overview = await connected.connections.overview()
    assert overview.connections[0].health is Health.SIGN_IN
    agenda = await connected.calendars.agenda(TUESDAY, TUESDAY + 3600)
    assert [entry.title for entry in agenda.entries] == ["busy"], "nothing is forgotten"

    await connect(connected, ada, "new one")

    [view] = (await connected.connections.overview()).connections
    assert view.health is Health.FRESH
    assert view.connection.id == overview.connections[0].connection.id


async def test_locked_secrets_are_no_reason_to_sign_in_again(
    connected: Desk, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_KEY_FILE")
    other = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids("other"))
    try:
        [report] = await other.sync.now()
        assert report.error is not None
        [view] = (await other.connections.overview()).connections
        assert not view.connection.needs_sign_in
    finally:
        await other.close()


async def test_one_account_and_any_number_of_subscriptions(
    connected: Desk, ada: Ada, tmp_path: Path
) -> None:
    """S15 counts accounts."""
    with Feed(tmp_path) as feed:
        made = await connected.connections.subscribe(feed.url, allow_local=True)
        with pytest.raises(KobleError) as again:
            await connected.connections.subscribe(feed.url, allow_local=True)
        assert again.value.kind is ErrorKind.CONFLICT

        overview = await connected.connections.overview()
        assert [view.connection.kind for view in overview.connections] == [
            Kind.CALDAV,
            Kind.SUBSCRIPTION,
        ]
        [calendar] = overview.connections[1].calendars
        assert (calendar.conflicts, calendar.destination, calendar.writable) == (True, False, False)
        offers = (await connected.offers.free("intro", TUESDAY, TUESDAY + 4 * 3600)).offers
        assert [each.start for each in offers] == [TUESDAY + 3600], "10 to 11 is left"

        refusal = await connected.connections.refusal(Kind.GOOGLE, "ada@example.com")
        assert refusal is not None
        await connected.connections.disconnect(overview.connections[0].connection.id)
        assert await connected.connections.refusal(Kind.GOOGLE, "ada@example.com") is None
        assert (await connected.connections.overview()).mode is Mode.OFFLINE
        await connected.connections.disconnect(made.id)


class Feed:
    """A published calendar: busy from 11 to 13 in Oslo on that Tuesday."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> "Feed":
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:fed"]
        lines += ["DTSTAMP:20260101T000000Z", "DTSTART:20261201T100000Z", "DTEND:20261201T120000Z"]
        text = "\r\n".join([*lines, "SUMMARY:Away", "END:VEVENT", "END:VCALENDAR", ""])
        self._server = make_server("127.0.0.1", 0, _saying(text), handler_class=Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/secret/away.ics"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def _saying(text: str) -> WSGIApplication:
    def says(environ: object, start: StartResponse) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/calendar")])
        return [text.encode()]

    return says


async def test_a_passphrase_is_asked_for_once_and_not_again_where_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_KEY_FILE")
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    asked: list[bool] = []
    answers = ["sesame", "wrong"]

    async def ask(new: bool) -> str:
        asked.append(new)
        if not answers:
            raise KobleError(ErrorKind.AUTH, Phrase("No."))
        return answers.pop(0)

    home = tmp_path / "home"
    vault = Vault(home)
    vault.ask = ask
    await vault.set("a", {"password": "p"})
    assert await vault.get("a") == {"password": "p"}
    assert asked == [True]

    locked = Vault(home)
    locked.ask = ask
    for _ in range(3):
        with pytest.raises(KobleError) as refused:
            await locked.get("a")
        assert refused.value.kind is ErrorKind.AUTH
    assert asked == [True, False, False], "wrong, then refused, then left alone"
    answers.append("sesame")
    locked.retry()
    assert await locked.get("a") == {"password": "p"}


async def test_a_passphrase_comes_from_a_file_that_is_its_owner_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_KEY_FILE")
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("sesame\n")
    monkeypatch.setenv("KOBLE_PASSPHRASE_FILE", str(path))
    await Vault(tmp_path / "home").set("a", {"password": "p"})
    assert await Vault(tmp_path / "home").get("a") == {"password": "p"}
    path.chmod(0o644)
    with pytest.raises(KobleError) as refused:
        await Vault(tmp_path / "home").get("a")
    assert refused.value.kind is ErrorKind.PERMISSION
