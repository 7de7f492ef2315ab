"""From an address and a password to a server: what is found, what is tried, what is not sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exchangelib.transport import AUTH_TYPE_MAP, GSSAPI
from requests import PreparedRequest

from providers.base import ProviderError
from providers.certificates import UnknownCertificate
from providers.exchange import ExchangeProvider
from providers.exchange_connect import Finder, repaired
from providers.exchange_schemes import LATIN, domain_in, schemes
from scheduling.errors import ErrorKind
from tests.vendors import exchange_faults as faults
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import EXCHANGE_2007_SP1, EXCHANGE_2016, PASSWORD, Exchange, exchange
from tests.vendors.exchange_login import ADDRESS, DOMAIN, LOCAL

ADA = "ada@localhost"


@pytest.fixture
def server() -> Iterator[Exchange]:
    with exchange(EXCHANGE_2016) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


def finder(server: Exchange, password: str = PASSWORD, **more: Any) -> Finder:
    place = f"{server.origin}/autodiscover/autodiscover.xml"
    return Finder(more.pop("address", ADA), password, local=True, places=[place], **more)


def known_as(server: Exchange, *forms: str) -> None:
    server.accounts.accounts[0].forms = frozenset(forms)


# The server


@pytest.mark.parametrize("plain", [True, False])
async def test_autodiscover_tells_the_server_in_either_of_its_tongues(
    server: Exchange, plain: bool
) -> None:
    server.discovery.plain = plain
    found = await finder(server).find()
    assert (found.url, found.username, found.version) == (server.url, ADA, "2016")


async def test_a_server_that_is_told_by_a_name_nobody_knows_is_looked_for_where_it_was_told(
    server: Exchange,
) -> None:
    server.discovery.url = "https://inside.invalid.localhost:9/EWS/Exchange.asmx"
    assert (await finder(server).find()).url == server.url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mail.example.com", "https://mail.example.com/EWS/Exchange.asmx"),
        ("https://mail.example.com/", "https://mail.example.com/EWS/Exchange.asmx"),
        ("https://mail.example.com/owa/#path=/mail", "https://mail.example.com/EWS/Exchange.asmx"),
        (
            "https://mail.example.com:8443/owa/?a=b",
            "https://mail.example.com:8443/EWS/Exchange.asmx",
        ),
        ("https://mail.example.com/ews", "https://mail.example.com/EWS/Exchange.asmx"),
        (
            "https://mail.example.com/proxy/ews/exchange.asmx",
            "https://mail.example.com/proxy/ews/exchange.asmx",
        ),
    ],
)
def test_an_address_is_repaired(text: str, url: str) -> None:
    assert repaired(text) == url


async def test_no_password_goes_to_another_domain_without_a_yes(server: Exchange) -> None:
    server.account("ada@example.org")
    with pytest.raises(ProviderError) as caught:
        await finder(server, address="ada@example.org").find()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "url")
    assert f"connect with the Exchange URL {server.url}" in str(caught.value)
    assert server.accounts.tried == []
    assert (await finder(server, address="ada@example.org").find(server.url)).url == server.url


async def test_a_server_that_names_one_of_another_domain_is_not_followed(server: Exchange) -> None:
    server.discovery.url = "https://mail.example.net/EWS/Exchange.asmx"
    with pytest.raises(ProviderError, match=r"mail\.example\.net"):
        await finder(server).find()
    server.discovery.moved_url = "https://elsewhere.example/autodiscover.xml"
    with pytest.raises(ProviderError, match=r"elsewhere\.example"):
        await finder(server).find()
    server.discovery.moved_address = "ada@example.net"
    with pytest.raises(ProviderError, match=r"mailbox is ada@example\.net"):
        await finder(server).find()


@pytest.mark.parametrize("url", ["", "https://outlook.office365.com/EWS/Exchange.asmx"])
async def test_a_mailbox_in_the_cloud_is_led_to_office_365(server: Exchange, url: str) -> None:
    server.discovery.url = "https://outlook.office365.com/EWS/Exchange.asmx"
    with pytest.raises(ProviderError) as caught:
        await finder(server).find(url)
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert "Connect it as Office 365 instead." in str(caught.value)
    with pytest.raises(ProviderError, match="Office 365"):
        await Finder("ada@hotmail.com", "x").find()


async def test_the_private_network_is_not_spoken_to_unless_it_is_allowed(server: Exchange) -> None:
    with pytest.raises(ProviderError) as caught:
        await Finder(ADA, PASSWORD).find(server.url)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "allow_local")
    assert server.requests == []


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faults.webmail().early(), ErrorKind.INVALID, "sign-in page of its webmail"),
        (faults.forbidden(), ErrorKind.PERMISSION, "allow EWS"),
        (faults.forbidden().early(), ErrorKind.PERMISSION, "allow EWS"),
        (faults.unavailable(3600).early(), ErrorKind.THROTTLED, "asks to wait"),
    ],
)
async def test_what_stands_in_the_way_is_said(
    server: Exchange, fault: Any, kind: ErrorKind, words: str
) -> None:
    server.faults.add(fault, times=None)
    with pytest.raises(ProviderError) as caught:
        await finder(server).find(server.url)
    assert caught.value.kind is kind
    assert words in str(caught.value)
    assert len(server.accounts.tried) <= 1


async def test_an_old_server_is_refused_with_its_name() -> None:
    with exchange(EXCHANGE_2007_SP1) as server:
        server.account(ADA)
        with pytest.raises(ProviderError, match="Exchange 2007 SP1, which is too old"):
            await finder(server).find()


# The name, and the lock


@pytest.mark.parametrize(
    ("form", "name", "tried"),
    [
        (ADDRESS, ADA, [ADA]),
        (LOCAL, "ada", [ADA, "ada"]),
        (DOMAIN, "CORP\\ada", [ADA, "ada", "CORP\\ada"]),
    ],
)
async def test_each_form_of_the_name_is_tried_once(
    server: Exchange, form: str, name: str, tried: list[str]
) -> None:
    known_as(server, form)
    found = await finder(server).find()
    assert found.username == name
    refused = [each for each, right in server.accounts.tried if not right]
    assert [*refused, name] == tried


async def test_a_wrong_password_is_sent_once_for_each_form_and_no_more(server: Exchange) -> None:
    with pytest.raises(ProviderError) as caught:
        await finder(server, "wrong").find()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
    assert "use an app password" in str(caught.value)
    assert server.accounts.tried == [(ADA, False), ("ada", False), ("CORP\\ada", False)]


@pytest.mark.parametrize(
    ("name", "tried"), [("ada", ["ada", "CORP\\ada"]), ("CORP\\ada", ["CORP\\ada"])]
)
async def test_a_name_that_was_given_is_the_one_that_is_tried(
    server: Exchange, name: str, tried: list[str]
) -> None:
    with pytest.raises(ProviderError):
        await finder(server, "wrong", username=name).find()
    assert [each for each, _ in server.accounts.tried] == tried


async def test_an_account_that_is_locked_is_left_alone(server: Exchange) -> None:
    locked = faults.Fault(401, "The referenced account is currently locked out")
    server.faults.add(locked, times=None)
    with pytest.raises(ProviderError, match="account is locked"):
        await finder(server).find(server.url)
    assert len(server.accounts.tried) == 1


@pytest.mark.parametrize("offered", [("NTLM",), ("Negotiate", "NTLM"), ("Basic",)])
async def test_whatever_way_to_sign_in_is_offered_is_taken(offered: tuple[str, ...]) -> None:
    with exchange(schemes=offered) as server:
        server.account(ADA)
        assert (await finder(server).find()).url == server.url


async def test_a_server_that_offers_no_known_way_is_refused() -> None:
    with exchange(schemes=("Bearer",)) as server:
        server.account(ADA)
        with pytest.raises(ProviderError, match="no way to sign in that koble knows"):
            await finder(server).find(server.url)


async def test_a_password_need_not_be_of_latin_letters() -> None:
    with exchange(schemes=("Basic",)) as server:
        server.account(ADA, password="blåbær €5 złoty")
        found = await finder(server, "blåbær €5 złoty").find(server.url)
        assert (found.username, found.scheme) == (ADA, "basic")


async def test_the_web_server_of_windows_reads_passwords_in_latin_letters() -> None:
    with exchange(schemes=("Basic",)) as server:
        server.account(ADA, password="blåbær")
        server.accounts.coding = "latin-1"
        found = await finder(server, "blåbær").find(server.url)
        made = ExchangeProvider(
            found.url,
            address=ADA,
            username=found.username,
            password="blåbær",
            scheme=found.scheme,
            local=True,
        )
        assert (await made.identity()).address == ADA
        await made.close()
        assert {right for _, right in server.accounts.tried} == {True}


class Ticket:
    """Takes the place of the library that shows Kerberos tickets."""

    said = "dGlja2V0"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Negotiate {self.said}"
        return request


async def test_without_a_ticket_the_password_is_sent_in_the_way_that_is_left() -> None:
    with exchange(schemes=("Negotiate", "Basic")) as server:
        server.account(ADA)
        server.accounts.ticket = Ticket.said
        found = await finder(server).find(server.url)
        assert (found.username, found.scheme) == (ADA, "basic")
        assert server.accounts.tried == [(ADA, True)]


async def test_a_server_that_wants_a_ticket_says_what_is_missing() -> None:
    with exchange(schemes=("Negotiate",)) as server:
        server.account(ADA)
        server.accounts.ticket = Ticket.said
        with pytest.raises(ProviderError) as caught:
            await finder(server).find(server.url)
        assert caught.value.kind is ErrorKind.UNSUPPORTED
        assert "koble[kerberos]" in str(caught.value)
        assert server.accounts.tried == []


async def test_a_ticket_is_shown_where_there_is_one_and_no_password_goes_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(AUTH_TYPE_MAP, GSSAPI, Ticket)
    with exchange(schemes=("Negotiate", "Basic")) as server:
        server.account(ADA)
        server.accounts.ticket = Ticket.said
        found = await finder(server, "unused").find(server.url)
        assert (found.scheme, server.accounts.tried) == (GSSAPI, [])
        server.accounts.ticket = "another"
        found = await finder(server).find(server.url)
        assert (found.scheme, server.accounts.tried) == ("basic", [(ADA, True)])
        server.accounts.schemes = ("Negotiate",)
        with pytest.raises(ProviderError) as caught:
            await finder(server).find(server.url)
        assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "username")
        assert "kinit" in str(caught.value)


def test_ways_to_sign_in_are_read_whatever_they_are_written_like() -> None:
    assert schemes('Negotiate, NTLM, Basic realm="a, b"') == ("NTLM", "basic")
    assert schemes("Negotiate") == ("NTLM",)
    assert schemes("basic realm=x") == ("basic",)
    assert schemes("basic realm=x", "Microsoft-IIS/10.0") == (LATIN,)
    assert schemes('basic realm=x, charset="UTF-8"', "Microsoft-IIS/10.0") == ("basic",)
    assert schemes('Bearer realm="Basic"') == ()
    assert schemes("") == ()


@pytest.mark.parametrize("text", ["", "NTLM", "NTLM !!!", "NTLM TlRMTVNTUAACAAAA", "Basic x"])
def test_no_domain_is_read_from_nonsense(text: str) -> None:
    assert domain_in(text) == ""


# The certificate


async def test_a_private_certificate_is_shown_before_anything_is_sent(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "mail.example.org")
    with exchange(certificate=own) as server:
        server.account(ADA)
        with pytest.raises(UnknownCertificate) as caught:
            await finder(server).find()
        shown = caught.value.certificate
        assert (shown.subject, shown.issuer) == ("CN=mail.example.org",) * 2
        assert shown.sha256 == own.fingerprint
        assert shown.valid_from < shown.valid_to
        assert not caught.value.changed
        assert server.accounts.tried == []
        found = await finder(server, fingerprint=own.fingerprint).find()
        assert found.fingerprint == own.fingerprint


async def test_trust_is_this_connections_alone_and_ends_when_the_certificate_changes(
    tmp_path: Path,
) -> None:
    first, second = self_signed(tmp_path, "one"), self_signed(tmp_path, "two")
    login = {"address": ADA, "username": ADA, "password": PASSWORD, "scheme": "NTLM"}
    with exchange(certificate=first) as server, exchange(certificate=second) as other:
        server.account(ADA)
        other.account(ADA)
        trusting = ExchangeProvider(server.url, **login, local=True, fingerprint=first.fingerprint)
        assert await trusting.identity()
        for url, fingerprint, changed in (
            (server.url, "", False),
            (other.url, first.fingerprint, True),
        ):
            another = ExchangeProvider(url, **login, local=True, fingerprint=fingerprint)
            with pytest.raises(UnknownCertificate) as caught:
                await another.identity()
            assert caught.value.changed is changed
            await another.close()
        assert await trusting.calendars()
        await trusting.close()
        assert other.accounts.tried == []


async def test_a_certificate_that_changes_while_connected_stops_and_asks(tmp_path: Path) -> None:
    first, second = self_signed(tmp_path, "one"), self_signed(tmp_path, "two")
    with exchange(certificate=first) as server:
        server.account(ADA)
        trusting = ExchangeProvider(
            server.url,
            address=ADA,
            username=ADA,
            password=PASSWORD,
            scheme="basic",
            local=True,
            fingerprint=first.fingerprint,
        )
        assert await trusting.identity()
        assert server._server._tls is not None
        server._server._tls.load_cert_chain(second.path)
        server.faults.add(faults.reset())
        with pytest.raises(UnknownCertificate) as caught:
            await trusting.identity()
        assert caught.value.changed
        assert caught.value.certificate.sha256 == second.fingerprint
        await trusting.close()


async def test_a_server_that_sends_on_for_ever_is_left(server: Exchange) -> None:
    server.faults.add(faults.Fault(302, "", {"Location": server.url}).early(), times=None)
    with pytest.raises(ProviderError) as caught:
        await finder(server).find(server.url)
    assert caught.value.field == "url"
    assert server.accounts.tried == []
