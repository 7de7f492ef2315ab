"""The calendar server of a domain, as its owner has written it into the DNS (RFC 6764)."""

import ipaddress
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.resolver

from providers.addresses import is_here
from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

Resolver = dns.asyncresolver.Resolver
PATIENCE = 3.0
"""Seconds for each question: without an answer the address is taken as it was written."""
_SAFE, _PLAIN = "_caldavs._tcp.", "_caldav._tcp."


async def locate(url: str, resolver: Resolver | None = None) -> str:
    """Where the calendars of the domain in `url` are, or `url` itself where nobody says.

    Only a bare host is looked up: a port or a path is somebody's decision already.

    Args:
        url: begins with http:// or https://.
        resolver: whom to ask; none: whom this computer asks.

    Raises:
        ProviderError: permission, where the server has a name outside the domain: the DNS alone
            is no reason to send a password there; or where it speaks without encryption.
    """
    parts = urlsplit(url)
    domain = (parts.hostname or "").rstrip(".")
    if parts.port or parts.path not in ("", "/") or parts.query or _is_number(domain):
        return url
    try:
        ask = resolver or Resolver()
        for service in (_SAFE, _PLAIN) if parts.scheme == "https" else (_PLAIN,):
            if found := await _server(ask, service + domain):
                break
        else:
            return url
        host, port = found
        path = await _path(ask, service + domain)
    except (dns.exception.DNSException, OSError):
        return url
    scheme, usual = ("https", 443) if service == _SAFE else ("http", 80)
    address = f"{scheme}://{host}{'' if port == usual else f':{port}'}{path}"
    if scheme == "http" and not is_here(host):
        raise ProviderError(
            ErrorKind.PERMISSION,
            Phrase(
                "{domain} says that its calendars are at {host}, without encryption."
                " Nothing was sent there.",
                domain=clean(domain),
                host=clean(host),
            ),
            Phrase("Write the full address if there is one that begins with https://"),
            field="url",
        )
    if host != domain and not host.endswith(f".{domain}"):
        raise ProviderError(
            ErrorKind.PERMISSION,
            Phrase(
                "{domain} says that its calendars are at {host}. The password was not sent there.",
                domain=clean(domain),
                host=clean(host),
            ),
            Phrase("If that is right, connect with the address {to}", to=clean(address, limit=200)),
            field="url",
        )
    return address


async def _server(resolver: Resolver, name: str) -> tuple[str, int] | None:
    """Host and port of the server that is to be tried first; None where there is none."""
    try:
        answer = await resolver.resolve(name, "SRV", lifetime=PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    best = min(answer, key=lambda each: (each.priority, -each.weight, each.target))
    host = best.target.to_text(omit_final_dot=True).lower()
    return (host, best.port) if host not in ("", ".") else None


async def _path(resolver: Resolver, name: str) -> str:
    """The path that stands beside the server's name."""
    try:
        answer = await resolver.resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return "/"
    for each in answer:
        for text in each.strings:
            key, _, path = text.decode("utf-8", "replace").partition("=")
            if key.lower() == "path" and path.startswith("/") and path.isprintable():
                return str(path)
    return "/"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
