"""Where the calendars of a domain are, as a real name server tells it."""

import pytest

from providers import davsrv
from providers.base import ProviderError
from providers.davsrv import locate
from scheduling.errors import ErrorKind
from tests.providers.dns_server import names

SAFE, PLAIN = "_caldavs._tcp.example.org", "_caldav._tcp.example.org"


async def test_the_server_of_a_domain_and_its_path_are_found() -> None:
    known = {
        (SAFE, "SRV"): ["10 1 443 later.example.org.", "0 1 8443 dav.example.org."],
        (SAFE, "TXT"): ['"v=1"', '"Path=/caldav/"'],
        (PLAIN, "SRV"): ["0 1 80 plain.example.org."],
    }
    async with names(known) as (server, resolver):
        found = await locate("https://example.org/", resolver)
    assert found == "https://dav.example.org:8443/caldav/"
    assert server.asked == [(SAFE, "SRV"), (SAFE, "TXT")]


async def test_the_usual_port_is_not_written_and_no_path_is_the_root() -> None:
    async with names({(SAFE, "SRV"): ["0 1 443 Example.org."]}) as (_server, resolver):
        assert await locate("https://example.org", resolver) == "https://example.org/"


@pytest.mark.parametrize("path", ['"path=dav"', '"path="', '"path=/a\\010b"', '"/dav"'])
async def test_what_is_no_path_is_none(path: str) -> None:
    known = {(SAFE, "SRV"): ["0 1 443 dav.example.org."], (SAFE, "TXT"): [path]}
    async with names(known) as (_server, resolver):
        assert await locate("https://example.org/", resolver) == "https://dav.example.org/"


@pytest.mark.parametrize("host", ["dav.example.com", "badexample.org", "example.org.evil.net"])
async def test_a_server_outside_the_domain_is_named_and_not_used(host: str) -> None:
    async with names({(SAFE, "SRV"): [f"0 1 443 {host}."]}) as (_server, resolver):
        with pytest.raises(ProviderError) as caught:
            await locate("https://example.org/", resolver)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "url")
    assert host in str(caught.value.message)
    assert f"https://{host}/" in str(caught.value.hint)


async def test_a_server_without_encryption_is_no_way() -> None:
    async with names({(PLAIN, "SRV"): ["0 1 80 dav.example.org."]}) as (_server, resolver):
        with pytest.raises(ProviderError) as caught:
            await locate("https://example.org/", resolver)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "url")
    assert "without encryption" in str(caught.value)


@pytest.mark.parametrize("known", [{}, {(SAFE, "A"): ["192.0.2.1"]}, {(SAFE, "SRV"): ["0 0 0 ."]}])
async def test_where_nobody_says_the_address_is_as_it_was_written(
    known: dict[tuple[str, str], list[str]],
) -> None:
    async with names(known) as (server, resolver):
        assert await locate("https://example.org/", resolver) == "https://example.org/"
    assert server.asked[-1] == (PLAIN, "SRV")


async def test_a_name_server_that_is_silent_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(davsrv, "PATIENCE", 0.05)
    async with names({}) as (server, resolver):
        server.silent = True
        assert await locate("https://example.org/", resolver) == "https://example.org/"
    assert {name for name, _kind in server.asked} == {SAFE}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:443/",
        "https://example.org/dav/",
        "https://192.0.2.7/",
        "https://[2001:db8::7]/",
        "http://127.0.0.1:5232",
    ],
)
async def test_whoever_wrote_a_port_or_a_path_or_a_number_has_decided(url: str) -> None:
    async with names({(SAFE, "SRV"): ["0 1 443 dav.example.org."]}) as (server, resolver):
        assert await locate(url, resolver) == url
    assert server.asked == []
