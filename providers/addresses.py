"""Which addresses of the network koble may speak to, and by which certificate a server is known.

A name is looked up once for each connection, what it stands for is judged, and the connection is
made to that very address: a name that means something else a moment later leads nowhere.
"""

import asyncio
import hashlib
import ipaddress
import socket
import ssl
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


async def resolve(host: str, port: int, *, local: bool) -> list[str]:
    """The addresses of `host` that may be spoken to, in the order in which to try them.

    `local`: the owner has allowed this host to be this computer, or in a private network.

    Raises:
        ProviderError: unavailable, where the name is not known; permission (field `allow_local`),
            where it stands for what is not public.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (OSError, UnicodeError) as error:
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase("There is no {host} on the network.", host=clean(host)),
            Phrase("Look at the address, and whether this computer is online."),
            field="url",
        ) from error
    texts = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not local and not all(is_public(text) for text in texts):
        raise ProviderError(
            ErrorKind.PERMISSION,
            Phrase("{host} is this computer, or in a private network.", host=clean(host)),
            Phrase("Allow that for this server if it is yours."),
            field="allow_local",
        )
    return texts


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public network, whatever it is wrapped in."""
    address: _Address = ipaddress.ip_address(text.partition("%")[0])
    inside: _Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.ipv4_mapped or address in _NAT64:
            return inside is not None and is_public(str(inside))
    if inside is not None and not is_public(str(inside)):
        return False
    return address.is_global and not address.is_multicast


def is_here(host: str) -> bool:
    """Whether a host's name says that it is this computer: `127.0.0.1.example.org` does not."""
    if host.lower() == "localhost":
        return True
    try:
        address: _Address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def unreachable(url: str) -> ProviderError:
    """The server at `url` cannot be spoken to."""
    return ProviderError(
        ErrorKind.UNAVAILABLE,
        Phrase("{host} cannot be reached.", host=clean(urlsplit(url).hostname or "", limit=253)),
        Phrase("Look at the address, and whether this computer is online."),
        field="url",
    )


def proxy_of(url: str) -> str:
    """The proxy that the environment names for an address; empty: none.

    Raises:
        ProviderError: unsupported, where it is of a kind that koble does not speak to.
    """
    # Brings all that it takes to speak HTTP and read mail: not for who asks nobody.
    from urllib.request import getproxies_environment, proxy_bypass

    host = urlsplit(url).hostname or ""
    if is_here(host):
        return ""
    named = getproxies_environment()
    proxy = named.get(urlsplit(url).scheme) or named.get("all", "")
    if not proxy or proxy_bypass(host, named):
        return ""
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(proxy)
        name = clean(parts.hostname or "")
    except ValueError:
        parts, name = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not name:
        raise ProviderError(
            ErrorKind.UNSUPPORTED,
            Phrase("koble cannot go by the proxy “{name}”.", name=name),
            Phrase("It can go by http and https proxies: see HTTPS_PROXY and ALL_PROXY."),
        )
    return proxy


async def reachable(url: str, *, local: bool) -> tuple[list[str], str]:
    """What to connect to for `url`, in the order in which to try it, and by which proxy.

    Without a proxy (empty) the addresses of its host, as `resolve` judges them. Behind a proxy its
    name, as it is for the proxy to find: koble cannot know whether that is in a private network.

    Raises:
        ProviderError: as `resolve` and `proxy_of` do.
    """
    parts = urlsplit(url)
    host, proxy = parts.hostname or "", proxy_of(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if proxy and not _is_literal(host):
        return [host], proxy
    return await resolve(host, port, local=local), proxy


async def tunnel(
    proxy: str, host: str, port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a host that a proxy makes.

    Raises:
        ProviderError: unavailable, where it does not.
        OSError: the proxy cannot be reached.
    """
    parts = urlsplit(proxy)
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = b""
    status = head.partition(b"\r\n")[0].split(b" ")[1:2]
    if status != [b"200"]:
        writer.transport.abort()
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase(
                "The proxy {name} does not lead to {host}.",
                name=clean(parts.hostname or ""),
                host=clean(host),
            ),
            Phrase("See HTTPS_PROXY, ALL_PROXY and NO_PROXY."),
            field="url",
        )
    return reader, writer


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def tidy_fingerprint(text: str) -> str:
    """A SHA-256 fingerprint as 64 small hexadecimal digits; empty for none.

    Raises:
        ProviderError: invalid, where it is none.
    """
    plain = text.strip().lower().removeprefix("sha256:").replace(":", "").replace(" ", "")
    if plain and (len(plain) != 64 or set(plain) - set("0123456789abcdef")):
        raise ProviderError(
            ErrorKind.INVALID,
            Phrase("This is not the SHA-256 fingerprint of a certificate."),
            Phrase("It has 64 hexadecimal digits, with or without colons."),
            field="fingerprint",
        )
    return plain


async def certificate(address: str, port: int, host: str, proxy: str = "") -> bytes:
    """The certificate (DER) that a server shows. Nothing is sent to it.

    Raises:
        OSError: it cannot be reached, or speaks no TLS.
        ProviderError: the `proxy` does not lead there.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Only looked at here: what it is worth is decided by whoever asks.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    writer = await secured(address, port, host, context, proxy)
    try:
        shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return shown.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()


async def secured(
    address: str, port: int, host: str, context: ssl.SSLContext, proxy: str = ""
) -> asyncio.StreamWriter:
    """A connection whose other side `context` has checked.

    Raises:
        OSError: it cannot be reached, or is not what it should be.
        ProviderError: the `proxy` does not lead there.
    """
    if not proxy:
        _reader, writer = await asyncio.open_connection(
            address, port, ssl=context, server_hostname=host
        )
        return writer
    _reader, writer = await tunnel(proxy, address, port)
    await writer.start_tls(context, server_hostname=host)
    return writer


async def trust(url: str, address: str, fingerprint: str, proxy: str = "") -> ssl.SSLContext:
    """What checks the certificate of the server at `url`.

    Without a fingerprint: the authorities that this computer trusts, and the server's name. With
    one: that single certificate and no other, verified in each handshake.

    Raises:
        ProviderError: auth, where the server shows another certificate.
        OSError: it cannot be reached.
    """
    if not fingerprint:
        return await asyncio.to_thread(ssl.create_default_context)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    shown = await certificate(address, port, host, proxy)
    if hashlib.sha256(shown).hexdigest() != fingerprint:
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase("{host} shows another certificate than the one it is known by.", host=host),
            Phrase(
                "If its owner has renewed it, connect again with its new fingerprint: {shown}",
                shown=hashlib.sha256(shown).hexdigest(),
            ),
            field="fingerprint",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # it is known by its certificate, whatever name is in that
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # which need not be an authority
    context.load_verify_locations(cadata=shown)
    return context
