"""Signing in as the faces drive it: by browser, pasted address or code, to the connection made."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.doctor import examine
from desk.ids import counted_ids
from desk.signin import Attempt
from desk.tokens import secret_of
from scheduling.connections import Access, Connection, Health, Kind
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking, BusyMatrix
from tests.desk.clouds import KEY, files_under, reaching
from tests.vendors.oauth import (
    CLIENT_SECRET_JSON,
    MICROSOFT_ID,
    Logins,
    get,
    redirected,
    visit,
)

BOTH = pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365])


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logins]:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(KEY)
    (tmp_path / "client_secret.json").write_text(CLIENT_SECRET_JSON)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(path))
    monkeypatch.setenv("KOBLE_GOOGLE_CLIENT", str(tmp_path / "client_secret.json"))
    monkeypatch.setenv("KOBLE_MICROSOFT_CLIENT", f"{MICROSOFT_ID}@contoso.example")
    with Logins() as logins:
        monkeypatch.setenv("KOBLE_GOOGLE_LOGIN", logins.url)
        monkeypatch.setenv("KOBLE_MICROSOFT_LOGIN", logins.url)
        monkeypatch.setattr("desk.connections.reach", reaching(logins))
        yield logins
    assert logins.violations == []


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock, logins: Logins) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="UTC")

    async def at_once(seconds: float) -> None:
        pass

    desk.sign_in.sleep = at_once
    yield desk
    await desk.close()


async def browse(attempt: Attempt) -> tuple[int, str]:
    """The owner goes through the vendor's page on this computer."""
    return await asyncio.to_thread(visit, attempt.url)


async def connect(desk: Desk, kind: Kind = Kind.GOOGLE, *, expected: str = "") -> Connection:
    async with await desk.sign_in.begin(kind, expected=expected) as attempt:
        await browse(attempt)
        await attempt.answered()
        return await desk.connections.connect_cloud(attempt)


# One attempt


@BOTH
async def test_a_browser_on_this_computer_answers_by_itself(
    desk: Desk, clock: FixedClock, kind: Kind
) -> None:
    async with await desk.sign_in.begin(kind, expected="ada@example.com") as attempt:
        assert (attempt.kind, attempt.access, attempt.device) == (kind, Access.WRITE, False)
        assert attempt.expires_at == clock.at + 300
        status, page = await browse(attempt)
        assert status == 200
        assert "koble" in page
        await attempt.answered()
        await attempt.answered()
        assert attempt.missing == ()
        assert attempt.granted is Access.WRITE


@BOTH
async def test_the_address_at_which_a_browser_elsewhere_ended_can_be_pasted(
    desk: Desk, kind: Kind
) -> None:
    async with await desk.sign_in.begin(kind) as attempt:
        address = await asyncio.to_thread(redirected, attempt.url)
        wrapped = f"  {address[:60]}\n{address[60:]}\n"
        attempt.paste(wrapped)
        await attempt.answered()
        assert attempt.signed.address == "ada@example.com"


async def test_the_part_of_the_address_that_matters_is_enough(desk: Desk) -> None:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        attempt.paste(urlsplit(await asyncio.to_thread(redirected, attempt.url)).query)
        await attempt.answered()


async def test_what_is_no_answer_is_refused_and_the_attempt_goes_on(
    desk: Desk, logins: Logins
) -> None:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        right = await asyncio.to_thread(redirected, attempt.url)
        async with await desk.sign_in.begin(Kind.GOOGLE) as other:
            elsewhere = await asyncio.to_thread(redirected, other.url)
        denied = right.replace("code=", "error=access_denied&was=")
        wrong = {
            "": "no answer",
            "hello": "no answer",
            "http://[": "no answer",
            "?#&&=": "no answer",
            "http://127.0.0.1:1/": "no answer",
            attempt.url: "page itself",
            elsewhere: "another attempt",
            "code=abc": "another attempt",
            denied: "not allowed",
        }
        for text, says in wrong.items():
            with pytest.raises(KobleError) as refused:
                attempt.paste(text)
            assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, "answer")
            assert says in str(refused.value)
            assert refused.value.hint
        attempt.paste(right)
        await attempt.answered()


async def test_a_second_answer_changes_nothing(desk: Desk, logins: Logins) -> None:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        first = await asyncio.to_thread(redirected, attempt.url)
        second = await asyncio.to_thread(redirected, attempt.url)
        assert (await asyncio.to_thread(get, first))[0] == 200
        assert (await asyncio.to_thread(get, second))[0] == 404
        attempt.paste(second)
        await attempt.answered()
    assert sum(sent.get("grant_type") == "authorization_code" for _, sent in logins.asked) == 1


@BOTH
async def test_an_owner_who_says_no_is_told_what_that_means(
    desk: Desk, logins: Logins, kind: Kind
) -> None:
    logins.owner.denies = "access_denied"
    async with await desk.sign_in.begin(kind) as attempt:
        status, page = await browse(attempt)
        assert (status, "<b>" in page) == (200, False)
        with pytest.raises(KobleError) as refused:
            await attempt.answered()
    assert refused.value.kind is ErrorKind.AUTH
    assert "not allowed" in str(refused.value)


async def test_what_an_organisation_forbids_is_told_with_its_number(
    desk: Desk, logins: Logins
) -> None:
    logins.owner.denies, logins.owner.says = "access_denied", "AADSTS90094: Trace ID: hush"
    async with await desk.sign_in.begin(Kind.OFFICE365) as attempt:
        await browse(attempt)
        with pytest.raises(KobleError) as refused:
            await attempt.answered()
    assert "administrator" in str(refused.value)
    assert "AADSTS90094" in str(refused.value)
    assert "hush" not in str(refused.value)


async def test_nobody_is_waited_for_for_ever(desk: Desk) -> None:
    desk.sign_in.patience = 0
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        with pytest.raises(KobleError) as late:
            await attempt.answered()
    assert late.value.kind is ErrorKind.UNAVAILABLE


async def test_an_attempt_that_is_left_listens_no_more(desk: Desk) -> None:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        waiting = asyncio.create_task(attempt.answered())
        await asyncio.sleep(0)
        waiting.cancel()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(get, f"http://127.0.0.1:{attempt.port}/")


async def test_whoever_stops_waiting_may_wait_again(desk: Desk) -> None:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        waiting = asyncio.create_task(attempt.answered())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await browse(attempt)
        await attempt.answered()
        assert attempt.signed.address == "ada@example.com"


async def test_a_code_is_typed_on_another_computer(
    desk: Desk, logins: Logins, clock: FixedClock
) -> None:
    logins.owner.pending = ["authorization_pending", "slow_down"]
    async with await desk.sign_in.begin(Kind.OFFICE365, device=True) as attempt:
        assert (attempt.device, attempt.code, attempt.port) == (True, "ABCD-EFGH", 0)
        assert attempt.expires_at == clock.at + 900
        await attempt.answered()
        made = await desk.connections.connect_cloud(attempt)
    assert made.address == "ada@example.com"


async def test_google_is_not_signed_in_to_by_code(desk: Desk) -> None:
    with pytest.raises(KobleError) as refused:
        await desk.sign_in.begin(Kind.GOOGLE, device=True)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.UNSUPPORTED, "device")


async def test_what_was_unticked_is_said_and_the_access_is_what_was_granted(
    desk: Desk, logins: Logins
) -> None:
    logins.owner.unticks = ("gmail.send",)
    async with await desk.sign_in.begin(Kind.GOOGLE, access=Access.MAIL) as attempt:
        await browse(attempt)
        await attempt.answered()
        assert attempt.missing == ("send e-mail in your name",)
        made = await desk.connections.connect_cloud(attempt)
    assert made.options["access"] == "write"


async def test_where_no_calendar_may_be_seen_nothing_is_connected(
    desk: Desk, logins: Logins
) -> None:
    logins.owner.unticks = ("calendar",)
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        with pytest.raises(KobleError) as refused:
            await attempt.answered()
    assert refused.value.kind is ErrorKind.PERMISSION
    assert "ticked" in str(refused.value.hint)


@BOTH
async def test_access_that_ends_within_the_hour_is_of_no_use(
    desk: Desk, logins: Logins, kind: Kind
) -> None:
    logins.owner.lasting = False
    async with await desk.sign_in.begin(kind) as attempt:
        await browse(attempt)
        with pytest.raises(KobleError) as refused:
            await attempt.answered()
    assert refused.value.kind is ErrorKind.PERMISSION


async def test_a_shell_elsewhere_is_told_how_to_reach_the_listener(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5555 10.0.0.9 2222")
    monkeypatch.setenv("USER", "ada")
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        assert attempt.remote
        assert not await attempt.open_browser()
        here = f"{attempt.port}:localhost:{attempt.port}"
        assert attempt.ssh_line() == f"ssh -p 2222 -L {here} ada@10.0.0.9"


async def test_the_browser_is_started_without_a_terminal(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho noise; echo noise >&2\necho "$1" > {tmp_path}/opened\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr("desk.attempt.sys.platform", "linux")
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        assert not attempt.remote
        assert await attempt.open_browser()
        assert (tmp_path / "opened").read_text().strip() == attempt.url
        program.write_text("#!/bin/sh\nexit 3\n")
        assert not await attempt.open_browser()
    assert capfd.readouterr() == ("", "")


# The connection


@BOTH
async def test_an_account_that_signed_in_is_connected_with_its_calendars_and_inbox(
    desk: Desk, kind: Kind
) -> None:
    made = await connect(desk, kind, expected="Ada@example.com")
    assert (made.kind, made.address, made.expected) == (kind, "ada@example.com", "Ada@example.com")
    assert made.options["access"] == "write"
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.FRESH
    assert [each.name for each in view.calendars] == ["Work"]
    assert view.inbox is not None, "S14"


async def test_another_account_than_the_expected_one_is_named(desk: Desk, logins: Logins) -> None:
    logins.owner.account = "bob@example.com"
    made = await connect(desk, expected="ada@example.com")
    assert (made.address, made.expected) == ("bob@example.com", "ada@example.com")


async def test_an_account_that_is_connected_signs_in_again(desk: Desk, logins: Logins) -> None:
    first = await connect(desk)
    again = await connect(desk)
    assert again.id == first.id
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.FRESH
    secret = await desk.vault.get(first.id)
    assert secret is not None
    assert secret["refresh_token"] in logins.refresh
    as_somebody = await connect(desk, expected="bob@example.com")
    assert (as_somebody.id, as_somebody.expected) == (first.id, "bob@example.com"), "S6"


async def test_what_changed_while_somebody_signed_in_again_stays(desk: Desk) -> None:
    made = await connect(desk)
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        await attempt.answered()
        await desk.connections.change(made.id, matrix=BusyMatrix(tentative=Blocking.NO))
        secret = secret_of(attempt.signed.grant, attempt.client)
        after = await desk.connections.renew(made, made.options, secret)
    assert after.matrix == BusyMatrix(tentative=Blocking.NO)


async def test_signing_in_again_brings_nothing_back_that_was_disconnected(desk: Desk) -> None:
    made = await connect(desk)
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        await attempt.answered()
        await desk.connections.disconnect(made.id)
        secret = secret_of(attempt.signed.grant, attempt.client)
        with pytest.raises(KobleError) as gone:
            await desk.connections.renew(made, made.options, secret)
    assert gone.value.kind is ErrorKind.NOT_FOUND
    assert await desk.vault.get(made.id) is None


@pytest.mark.parametrize("why", ["permission", "shared", "second"])
async def test_what_is_refused_gives_the_grant_back(desk: Desk, logins: Logins, why: str) -> None:
    if why == "permission":
        profile = await desk.settings.profile()
        refused_profile = msgspec.structs.replace(profile, personal_email_access=False)
        await desk.settings.save_profile(refused_profile)
    if why == "shared":
        await desk.connections.add_shared_inbox("ada@example.com")
    if why == "second":
        await connect(desk, Kind.OFFICE365)
    before = (await desk.connections.overview()).connections
    with pytest.raises(KobleError):
        await connect(desk)
    assert (await desk.connections.overview()).connections == before
    assert len(logins.revoked) == 1
    assert "hush" not in files_under(desk.home)


async def test_signing_in_again_as_somebody_else_names_both(desk: Desk, logins: Logins) -> None:
    made = await connect(desk)
    kept = await desk.vault.get(made.id)
    logins.owner.account = "bob@example.com"
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        await attempt.answered()
        with pytest.raises(KobleError) as refused:
            await desk.connections.sign_in_again(made.id, attempt)
    assert refused.value.kind is ErrorKind.CONFLICT
    assert "ada@example.com" in str(refused.value)
    assert "bob@example.com" in str(refused.value)
    assert await desk.vault.get(made.id) == kept
    assert len(logins.revoked) == 1


async def test_a_dead_grant_is_noticed_by_a_read_and_ends_with_a_new_sign_in(
    desk: Desk, logins: Logins
) -> None:
    made = await connect(desk)
    logins.access.clear()
    logins.refresh.clear()
    [report] = await desk.sync.now()
    assert report.error is not None
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.SIGN_IN

    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        await attempt.answered()
        again = await desk.connections.sign_in_again(made.id, attempt)
    assert again.id == made.id
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.FRESH


async def test_disconnecting_gives_the_grant_back_and_wipes_it(desk: Desk, logins: Logins) -> None:
    made = await connect(desk)
    assert await desk.connections.disconnect(made.id) is None
    assert len(logins.revoked) == 1
    assert await desk.vault.get(made.id) is None


@pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365])
async def test_what_the_vendor_does_not_take_back_is_said_and_wiped_all_the_same(
    desk: Desk, logins: Logins, kind: Kind
) -> None:
    made = await connect(desk, kind)
    if kind is Kind.GOOGLE:
        logins.owner.refusals = [("server_error", "")]
    left = await desk.connections.disconnect(made.id)
    assert left is not None
    assert "ada@example.com" in str(left)
    assert await desk.vault.get(made.id) is None
    assert str(left) in [str(entry.phrase) for entry in await desk.log.entries(5)]


async def test_a_vendor_that_does_not_answer_is_not_waited_for_when_disconnecting(
    desk: Desk, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await connect(desk)
    monkeypatch.setattr("desk.clouds.PATIENCE", 0.0)
    left = await desk.connections.disconnect(made.id)
    assert "in time" in str(left)
    assert await desk.vault.get(made.id) is None


async def test_nothing_secret_is_told_anywhere(
    desk: Desk,
    logins: Logins,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await browse(attempt)
        await attempt.answered()
        told = repr([attempt, attempt.client, attempt.signed])
        made = await desk.connections.connect_cloud(attempt)
    logins.access.clear()
    await desk.sync.now()
    told += repr(made) + repr(await examine(desk)) + repr(await desk.settings.all())
    await desk.backup(tmp_path / "backup")
    told += files_under(desk.home) + (tmp_path / "backup").read_text(errors="replace")
    out, err = capfd.readouterr()
    assert "hush" not in told + caplog.text + out + err
