"""What people type about their accounts."""

import pytest

from desk.accounts import (
    EXCHANGE_VERSIONS,
    ExchangeAccount,
    check_caldav,
    check_caldav_server,
    check_exchange,
    check_exchange_version,
    check_server,
)
from scheduling.errors import ErrorKind, KobleError

HOSTILE = ("[/]", "[@click=app.quit]x[/]", "\x1b]0;x\x1b\\", "x" * 10_000)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mail.example.com", "https://mail.example.com/EWS/Exchange.asmx"),
        (" https://mail.example.com/ ", "https://mail.example.com/EWS/Exchange.asmx"),
        ("https://mail.example.com/ews/e.asmx", "https://mail.example.com/ews/e.asmx"),
        ("https://mail.example.com:8443/x?y=1#z", "https://mail.example.com:8443/x?y=1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/EWS/Exchange.asmx"),
        ("http://localhost/a", "http://localhost/a"),
        ("[::1]:8443", "https://[::1]:8443/EWS/Exchange.asmx"),
        ("HTTPS://Mail.Example.COM", "https://mail.example.com/EWS/Exchange.asmx"),
    ],
)
def test_the_address_of_a_server(text: str, url: str) -> None:
    assert check_server(text, path="/EWS/Exchange.asmx") == url


@pytest.mark.parametrize(
    "text",
    [
        *HOSTILE,
        "",
        "two words",
        "https://",
        "ftp://mail.example.com",
        "http://mail.example.com",
        "https://mail..example.com",
        "https://-mail.example.com",
        "https://mail.example.com:99999",
        "https://mail.example.com:port",
        "https://ada:secret@mail.example.com",
        "https://ada@mail.example.com",
        "https://mail.example.com\\@evil.example.com",
        "https://mail.example.com/\n.x",
    ],
)
def test_what_is_no_address_of_a_server(text: str) -> None:
    with pytest.raises(KobleError) as refused:
        check_server(text)
    assert refused.value.field == "url"
    assert "secret" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("", ""),
        ("2010 SP2", "2010 SP2"),
        ("2010sp3", "2010 SP3"),
        (" Exchange 2016 ", "2016"),
        ("exchange server 2019", "2019"),
        ("se", "SE"),
    ],
)
def test_a_version_of_exchange(text: str, version: str) -> None:
    assert check_exchange_version(text) == version
    assert version in ("", *EXCHANGE_VERSIONS)


@pytest.mark.parametrize("text", ["2003", "2007", "2010", "2010 SP1", "Exchange 2007 SP3"])
def test_a_version_below_the_floor_is_named(text: str) -> None:
    """S10."""
    with pytest.raises(
        KobleError, match=r"Exchange 20.. ?.* is too old\. Exchange 2010 SP2"
    ) as old:
        check_exchange_version(text)
    assert old.value.kind is ErrorKind.UNSUPPORTED


@pytest.mark.parametrize("text", [*HOSTILE, "2030", "2013 SP9", "soon"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(KobleError) as refused:
        check_exchange_version(text)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, "version")


def test_an_exchange_account_needs_an_address_and_a_password_only() -> None:
    """S9."""
    account, errors = check_exchange(
        address=" jdoe@example.com ", password=" pw ", username="", url="", version=""
    )
    assert errors == {}
    assert account == ExchangeAccount(address="jdoe@example.com")


def test_all_that_is_wrong_is_told_at_once() -> None:
    account, errors = check_exchange(
        address="", password="", username="a\x07b", url="http://x.example.com", version="2007"
    )
    assert account is None
    assert set(errors) == {"address", "password", "username", "url", "version"}
    assert all(error.field == field for field, error in errors.items())


@pytest.mark.parametrize("text", ["example.org", " ada.l@example.org ", "https://example.org/"])
def test_a_domain_or_an_address_in_it_is_enough_of_a_caldav_server(text: str) -> None:
    assert check_caldav_server(text) == "https://example.org/"


@pytest.mark.parametrize("text", ["ada:secret@example.org", "https://ada@example.org/", "a b@c"])
def test_an_account_within_a_caldav_server_is_refused(text: str) -> None:
    with pytest.raises(KobleError) as caught:
        check_caldav_server(text)
    assert caught.value.field == "url"
    assert "secret" not in str(caught.value)


def test_a_caldav_account_needs_everything() -> None:
    assert set(check_caldav(url="", username=" ", password="")) == {"url", "username", "password"}
    assert check_caldav(url="cloud.example.com", username="ada", password="pw") == {}
