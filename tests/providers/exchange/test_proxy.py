"""Servers that are reached by a proxy: under their own name, by their own certificate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from providers.base import ProviderError
from providers.certificates import UnknownCertificate
from providers.exchange import ExchangeProvider
from providers.exchange_connect import Finder
from scheduling.errors import ErrorKind
from tests.providers.exchange.ground import ADA
from tests.vendors.certificates import Certificate, self_signed
from tests.vendors.exchange import PASSWORD, Exchange, exchange
from tests.vendors.proxy import Proxy, proxy

URL = "https://mail.example.org/EWS/Exchange.asmx"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path, "mail.example.org")


@pytest.fixture
def server(certificate: Certificate) -> Iterator[Exchange]:
    with exchange(certificate=certificate) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture
def way(server: Exchange, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    for name in ("https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with proxy(urlsplit(server.url).port or 0) as made:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{made.address}")
        yield made


def provider(certificate: Certificate, scheme: str = "NTLM", **more: Any) -> ExchangeProvider:
    return ExchangeProvider(
        more.pop("url", URL),
        address=ADA,
        username=ADA,
        password=PASSWORD,
        scheme=scheme,
        fingerprint=certificate.fingerprint,
        **more,
    )


@pytest.mark.parametrize("scheme", ["NTLM", "basic"])
async def test_a_server_is_reached_by_the_proxy_that_the_environment_names(
    way: Proxy, certificate: Certificate, scheme: str
) -> None:
    made = provider(certificate, scheme)
    assert (await made.identity()).address == ADA
    await made.close()
    assert set(way.asked) == {"mail.example.org:443"}


async def test_the_way_in_is_found_through_it(
    way: Proxy, server: Exchange, certificate: Certificate
) -> None:
    with pytest.raises(UnknownCertificate) as caught:
        await Finder(ADA, PASSWORD).find(URL)
    assert caught.value.certificate.sha256 == certificate.fingerprint
    assert server.accounts.tried == []
    found = await Finder(ADA, PASSWORD, fingerprint=certificate.fingerprint).find(URL)
    assert (found.url, found.scheme, found.fingerprint) == (URL, "NTLM", certificate.fingerprint)


async def test_a_proxy_that_wants_a_password_gets_the_one_in_its_address(
    way: Proxy, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.wanted = "me:hu sh"
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hu%20sh@{way.address}")
    made = provider(certificate)
    assert (await made.identity()).address == ADA
    await made.close()


async def test_a_proxy_that_does_not_lead_there_is_named_without_its_password(
    way: Proxy, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@{way.address}")
    way.closed = True
    with pytest.raises(ProviderError) as caught:
        await provider(certificate).identity()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.UNAVAILABLE, "url")
    assert "The proxy 127.0.0.1 does not lead to mail.example.org." in str(caught.value)
    assert "hush" not in str(caught.value)


async def test_what_is_named_by_its_number_or_excepted_is_not_asked_of_it(
    way: Proxy, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider(certificate, url="https://10.1.2.3/EWS/Exchange.asmx").identity()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "allow_local")
    monkeypatch.setenv("NO_PROXY", "example.org")
    with pytest.raises(ProviderError) as caught:
        await provider(certificate).identity()
    assert "There is no mail.example.org" in str(caught.value)
    assert way.asked == []
