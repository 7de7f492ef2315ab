"""Signing in with the vendors' own libraries, against servers that take what the vendors take."""

import asyncio
import logging
import traceback
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from providers.base import ProviderError
from providers.loopback import Loopback
from providers.oauth import Authority, authority
from providers.oauth_client import Client, google_client, microsoft_client
from providers.oauth_refusals import refusal
from providers.oauth_scopes import asked, granted, missing
from providers.tokens import Grant
from scheduling.connections import Access, Kind
from scheduling.errors import ErrorKind
from tests.vendors.oauth import (
    CLIENT_SECRET_JSON,
    GOOGLE_ID,
    GOOGLE_SECRET,
    MICROSOFT_ID,
    Logins,
    redirected,
)

NOW = 1_800_000_000
NUMBERS = (
    *("65001", "65004", "90094", "90095", "50105", "7000218", "700016", "50194", "50020"),
    *("50011", "50076", "50079", "53003", "50097", "700082", "70043", "50173"),
)
GOOGLE = Client(kind=Kind.GOOGLE, id=GOOGLE_ID, secret=GOOGLE_SECRET)
MICROSOFT = Client(kind=Kind.OFFICE365, id=MICROSOFT_ID)
BOTH = pytest.mark.parametrize(
    ("client", "host"), [(GOOGLE, "127.0.0.1"), (MICROSOFT, "localhost")], ids=["google", "365"]
)


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logins]:
    # A proxy would see the tokens; nobody asked for one here.
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Logins() as logins:
        yield logins
    assert logins.violations == []


def vendor(client: Client, logins: Logins) -> Authority:
    return authority(client, lambda: NOW, logins.url)


async def answer_of(url: str) -> dict[str, str]:
    """What the owner's browser is sent back with."""
    address = await asyncio.to_thread(redirected, url)
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@BOTH
@pytest.mark.parametrize("access", Access)
async def test_a_sign_in_grants_what_was_asked_for(
    logins: Logins, client: Client, host: str, access: Access
) -> None:
    way = vendor(client, logins)
    question = await way.question(access, f"http://{host}:1234", "ada@example.com")
    answer = await answer_of(question.url)
    assert answer["state"] == question.state
    assert parse_qs(urlsplit(question.url).query)["login_hint"] == ["ada@example.com"]

    signed = await way.redeem(answer)
    assert signed.address == "ada@example.com"
    assert signed.grant.access_token in logins.access
    assert signed.grant.refresh_token in logins.refresh
    assert signed.grant.expires_at == NOW + 3600
    assert granted(client.kind, signed.grant.scopes) is access
    assert missing(client.kind, asked(client.kind, access), signed.grant.scopes) == ()


@BOTH
async def test_what_was_unticked_is_missing_and_the_rest_is_granted(
    logins: Logins, client: Client, host: str
) -> None:
    logins.owner.unticks = ("gmail.send", "Mail.Send")
    way = vendor(client, logins)
    question = await way.question(Access.MAIL, f"http://{host}:1234", "")
    signed = await way.redeem(await answer_of(question.url))
    assert granted(client.kind, signed.grant.scopes) is Access.WRITE
    lacking = missing(client.kind, asked(client.kind, Access.MAIL), signed.grant.scopes)
    assert [str(each) for each in lacking] == ["send e-mail in your name"]


@BOTH
async def test_a_code_is_worth_something_once(logins: Logins, client: Client, host: str) -> None:
    way = vendor(client, logins)
    question = await way.question(Access.WRITE, f"http://{host}:1234", "")
    answer = await answer_of(question.url)
    await way.redeem(answer)
    with pytest.raises(ProviderError) as again:
        await way.redeem(answer)
    assert again.value.kind is ErrorKind.AUTH


@BOTH
@pytest.mark.parametrize("rotates", [False, True])
async def test_a_renewal_brings_another_access_token_and_maybe_another_refresh_token(
    logins: Logins, client: Client, host: str, rotates: bool
) -> None:
    way = vendor(client, logins)
    question = await way.question(Access.WRITE, f"http://{host}:1234", "")
    before = (await way.redeem(await answer_of(question.url))).grant
    logins.owner.rotates = rotates
    after = await vendor(client, logins).renew(before)
    assert after.access_token in logins.access - {before.access_token}
    assert after.refresh_token in logins.refresh
    assert (after.refresh_token != before.refresh_token) is rotates
    assert after.expires_at == NOW + 3600
    assert granted(client.kind, after.scopes) is Access.WRITE


@BOTH
async def test_a_dead_grant_has_to_be_signed_in_anew(
    logins: Logins, client: Client, host: str
) -> None:
    dead = Grant(access_token="a", refresh_token="refresh-dead", scopes=("x",))
    with pytest.raises(ProviderError) as refused:
        await vendor(client, logins).renew(dead)
    assert refused.value.kind is ErrorKind.AUTH
    assert "ign in again" in str(refused.value)


@BOTH
@pytest.mark.parametrize("status", [200, 400, 403, 429, 500, 502, 503])
async def test_a_vendor_in_trouble_is_no_reason_to_sign_in_again(
    logins: Logins, client: Client, host: str, status: int
) -> None:
    logins.owner.broken = [status]
    with pytest.raises(ProviderError) as refused:
        await vendor(client, logins).renew(
            Grant(access_token="a", refresh_token="refresh-1-hush", scopes=("x",))
        )
    assert refused.value.kind is not ErrorKind.AUTH
    assert "hush" not in str(refused.value)


async def test_a_vendor_that_cannot_be_reached_is_unavailable(unused: int) -> None:
    for client in (GOOGLE, MICROSOFT):
        way = authority(client, lambda: NOW, f"http://127.0.0.1:{unused}")
        with pytest.raises(ProviderError) as refused:
            await way.renew(Grant(access_token="a", refresh_token="r", scopes=("x",)))
        assert refused.value.kind is ErrorKind.UNAVAILABLE


@pytest.fixture
async def unused() -> int:
    """A port on which nobody listens."""
    loopback = await Loopback.open()
    await loopback.close()
    return loopback.port


async def test_google_takes_a_grant_back_and_one_that_is_dead_already(logins: Logins) -> None:
    way = vendor(GOOGLE, logins)
    question = await way.question(Access.BUSY, "http://127.0.0.1:1234", "")
    grant = (await way.redeem(await answer_of(question.url))).grant
    await way.revoke(grant)
    assert grant.refresh_token not in logins.refresh
    await way.revoke(grant)
    assert logins.revoked == [grant.refresh_token] * 2
    logins.owner.refusals = [("server_error", "")]
    with pytest.raises(ProviderError) as failed:
        await way.revoke(grant)
    assert failed.value.kind is ErrorKind.UNAVAILABLE


async def test_microsoft_cannot_take_a_grant_back(logins: Logins) -> None:
    with pytest.raises(ProviderError) as cannot:
        await vendor(MICROSOFT, logins).revoke(Grant(access_token="a"))
    assert cannot.value.kind is ErrorKind.UNSUPPORTED
    assert "myapps.microsoft.com" in str(cannot.value)
    assert logins.asked == []


async def test_a_device_is_asked_for_until_its_code_was_typed_and_slower_when_told_so(
    logins: Logins,
) -> None:
    logins.owner.pending = ["authorization_pending", "slow_down", "authorization_pending"]
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    way = vendor(MICROSOFT, logins)
    code = await way.code(Access.WRITE)
    assert (code.code, code.expires_in) == ("ABCD-EFGH", 900)
    signed = await way.typed(sleep)
    assert pauses == [5, 5, 10, 10]
    assert signed.address == "ada@example.com"
    assert signed.grant.refresh_token in logins.refresh
    assert granted(Kind.OFFICE365, signed.grant.scopes) is Access.WRITE


@pytest.mark.parametrize("error", ["authorization_declined", "expired_token", "access_denied"])
async def test_a_device_that_is_declined_or_too_late_is_told_so(logins: Logins, error: str) -> None:
    async def sleep(seconds: float) -> None:
        pass

    logins.owner.pending = ["authorization_pending", error]
    way = vendor(MICROSOFT, logins)
    await way.code(Access.WRITE)
    with pytest.raises(ProviderError) as refused:
        await way.typed(sleep)
    assert refused.value.kind is ErrorKind.AUTH


async def test_google_has_no_code_for_calendars_and_says_what_to_do_instead(
    logins: Logins,
) -> None:
    with pytest.raises(ProviderError) as refused:
        await vendor(GOOGLE, logins).code(Access.WRITE)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.UNSUPPORTED, "device")
    assert "paste" in str(refused.value.hint)


async def test_a_tenant_that_microsoft_does_not_know_is_named_as_the_trouble(
    logins: Logins,
) -> None:
    client = microsoft_client(MICROSOFT_ID, "", "nobody.example.com", "", "")
    with pytest.raises(ProviderError) as refused:
        await vendor(client, logins).question(Access.WRITE, "http://localhost:1", "")
    assert "tenant" in str(refused.value)


@BOTH
async def test_giving_up_ends_the_request(logins: Logins, client: Client, host: str) -> None:
    logins.owner.hold.clear()
    grant = Grant(access_token="a", refresh_token="r", scopes=("x",))
    task = asyncio.create_task(vendor(client, logins).renew(grant))
    await asyncio.to_thread(logins.arrived.acquire)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@BOTH
async def test_nothing_secret_is_logged_or_printed(
    logins: Logins,
    client: Client,
    host: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    way = vendor(client, logins)
    question = await way.question(Access.MAIL, f"http://{host}:1234", "")
    answer = await answer_of(question.url)
    signed = await way.redeem(answer)
    await way.renew(signed.grant)
    logins.owner.broken = [200]
    with pytest.raises(ProviderError) as nonsense:
        await way.renew(signed.grant)
    told = caplog.text + repr([signed, client, way])
    told += "".join(traceback.format_exception(nonsense.value))
    for secret in ("hush", answer["code"], question.state):
        assert secret not in told
    out, err = capfd.readouterr()
    assert out + err == ""


@pytest.mark.parametrize(
    ("client", "error", "description", "says"),
    [
        (GOOGLE, "invalid_client", "Unauthorized", "its secret is another one"),
        (GOOGLE, "redirect_uri_mismatch", "Bad Request", "Desktop app"),
        (MICROSOFT, "invalid_client", "AADSTS7000218: hush", "Allow public client flows"),
        (MICROSOFT, "interaction_required", "AADSTS50076: hush", "second factor"),
        (MICROSOFT, "invalid_grant", "AADSTS53003: hush", "rule of the organisation"),
        (MICROSOFT, "unauthorized_client", "AADSTS700016: hush", "not known in this organisation"),
    ],
)
async def test_what_the_vendor_says_against_a_code_is_told_in_words(
    logins: Logins, client: Client, error: str, description: str, says: str
) -> None:
    host = "127.0.0.1" if client is GOOGLE else "localhost"
    way = vendor(client, logins)
    question = await way.question(Access.WRITE, f"http://{host}:1234", "")
    logins.owner.refusals = [(error, description)]
    with pytest.raises(ProviderError) as refused:
        await way.redeem(await answer_of(question.url))
    assert refused.value.kind is ErrorKind.AUTH
    assert says in str(refused.value)
    assert "hush" not in str(refused.value)


# What is asked for


def test_more_access_asks_for_more_and_never_for_what_is_reserved() -> None:
    for kind in (Kind.GOOGLE, Kind.OFFICE365):
        for access in Access:
            assert granted(kind, asked(kind, access)) is access
    words = " ".join(asked(Kind.OFFICE365, Access.MAIL))
    assert not {"openid", "profile", "offline_access"} & set(words.split())
    assert "gmail" not in " ".join(asked(Kind.GOOGLE, Access.WRITE))
    assert all(
        "freebusy" in s or "calendar.events" not in s for s in asked(Kind.GOOGLE, Access.BUSY)
    )


def test_scopes_of_another_cloud_name_its_server() -> None:
    scopes = asked(Kind.OFFICE365, Access.WRITE, "usgov")
    assert all(each.startswith("https://graph.microsoft.us/") for each in scopes)
    assert granted(Kind.OFFICE365, scopes) is Access.WRITE


def test_granted_scopes_are_known_however_microsoft_writes_them() -> None:
    assert granted(Kind.OFFICE365, ["calendars.readwrite", "User.Read"]) is Access.WRITE
    assert granted(Kind.OFFICE365, ["User.Read"]) is None


# The app


def test_a_desktop_client_is_read_from_the_file_of_google() -> None:
    client = google_client(CLIENT_SECRET_JSON, "", "settings")
    assert (client.id, client.secret) == (GOOGLE_ID, GOOGLE_SECRET)
    assert GOOGLE_SECRET not in repr(client)


@pytest.mark.parametrize(
    ("text", "secret", "field", "says"),
    [
        ('{"web": {"client_id": "x"}}', "", "client", "Desktop app"),
        ('{"type": "service_account"}', "", "client", "service account"),
        ('{"installed": 1}', "", "client", "no client"),
        ("[1]", "", "client", "not the id"),
        ('{"installed": {"client', "", "client", "whole file"),
        (GOOGLE_SECRET, "", "client", "secret of a client"),
        ("AIzaSyhush", "", "client", "API key"),
        (MICROSOFT_ID, "", "client", "Microsoft"),
        ("ada@example.com", "", "client", "e-mail address"),
        ("", "", "client", "missing"),
        (GOOGLE_ID, "", "secret", "missing"),
        (GOOGLE_ID, "a\x1bb", "secret", "not the secret"),
    ],
)
def test_what_is_no_desktop_client_of_google_is_refused_with_the_way_out(
    text: str, secret: str, field: str, says: str
) -> None:
    with pytest.raises(ProviderError) as refused:
        google_client(text, secret, "settings")
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, field)
    assert says in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "secret", "tenant", "cloud", "field"),
    [
        (GOOGLE_ID, "", "", "", "client"),
        ("abc8Q~hush.hush", "", "", "", "client"),
        ("ada@example.com", "", "", "", "client"),
        (MICROSOFT_ID, "x", "", "", "secret"),
        (MICROSOFT_ID, "", "a/../b", "", "tenant"),
        (MICROSOFT_ID, "", "", "moon", "cloud"),
    ],
)
def test_what_is_no_public_client_of_microsoft_is_refused(
    text: str, secret: str, tenant: str, cloud: str, field: str
) -> None:
    with pytest.raises(ProviderError) as refused:
        microsoft_client(text, secret, tenant, cloud, "settings")
    assert refused.value.field == field
    assert "hush" not in str(refused.value)


# What vendors refuse


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_microsoft_are_said_in_words_with_a_way_out(number: str) -> None:
    error = refusal(Kind.OFFICE365, "invalid_grant", f"AADSTS{number}: Trace ID: hush")
    assert number in str(error.hint)
    assert "login.microsoftonline.com/error" not in str(error)
    assert "hush" not in str(error)
    assert error.kind is refusal(Kind.OFFICE365, "invalid_grant", "").kind


def test_an_unknown_number_is_shown_with_the_page_that_explains_it() -> None:
    error = refusal(Kind.OFFICE365, "invalid_grant", "AADSTS99999123: Something. Trace ID: hush")
    assert "https://login.microsoftonline.com/error?code=99999123" in str(error)
    assert "hush" not in str(error)


def test_an_unknown_code_is_shown_and_cleaned() -> None:
    error = refusal(Kind.GOOGLE, "strange\x1b[31m_thing", "")
    assert "strange" in str(error)
    assert "\x1b" not in str(error)


@pytest.mark.parametrize(
    "error", ["access_denied", "invalid_grant", "invalid_client", "redirect_uri_mismatch"]
)
def test_what_google_refuses_has_a_way_out(error: str) -> None:
    refused = refusal(Kind.GOOGLE, error, "")
    assert refused.kind is ErrorKind.AUTH
    assert "{" not in str(refused)
    assert refused.hint


def test_a_grant_that_google_dropped_may_have_been_one_of_an_app_in_testing() -> None:
    assert "seven days" in str(refusal(Kind.GOOGLE, "invalid_grant", "").hint)
