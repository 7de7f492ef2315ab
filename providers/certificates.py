"""What a server's certificate says of itself, for the person who decides whether to trust it."""

import hashlib
import ssl

import msgspec

from providers import addresses
from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from scheduling.zones import DAY, date_text
from words import Phrase


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate. Times are UTC seconds; `sha256` is 64 hexadecimal digits."""

    subject: str
    issuer: str
    valid_from: int
    valid_to: int
    sha256: str

    def fingerprint(self) -> str:
        """The SHA-256 as people compare it: pairs with colons between them."""
        return ":".join(self.sha256[at : at + 2] for at in range(0, 64, 2)).upper()


class UnknownCertificate(ProviderError):
    """Nobody whom this computer trusts vouches for the server; or it is not the one it was.

    Attributes:
        certificate: what the server shows.
        changed: the connection knew the server by another one.
    """

    def __init__(self, host: str, certificate: Certificate, *, changed: bool = False) -> None:
        host = clean(host, limit=253)
        super().__init__(
            ErrorKind.UNAVAILABLE if changed else ErrorKind.PERMISSION,
            Phrase("{host} shows another certificate than the one it is known by.", host=host)
            if changed
            else Phrase("The certificate of {host} is not trusted by this computer.", host=host),
            Phrase(
                "It is of {subject}, issued by {issuer}, valid from {start} to {end}. SHA-256:"
                " {fingerprint}. If the server is yours, compare it and connect with it; it is"
                " then trusted for this connection alone.",
                subject=certificate.subject,
                issuer=certificate.issuer,
                start=_day(certificate.valid_from),
                end=_day(certificate.valid_to),
                fingerprint=certificate.fingerprint(),
            ),
            field="fingerprint",
        )
        self.certificate = certificate
        self.changed = changed


def describe(der: bytes) -> Certificate:
    """What a certificate (DER) says of itself; with empty names where it cannot be read."""
    from cryptography import x509  # slow, and needed only where something is wrong

    digest = hashlib.sha256(der).hexdigest()
    try:
        found = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=clean(found.subject.rfc4514_string()),
            issuer=clean(found.issuer.rfc4514_string()),
            valid_from=int(found.not_valid_before_utc.timestamp()),
            valid_to=int(found.not_valid_after_utc.timestamp()),
            sha256=digest,
        )
    except ValueError:
        return Certificate(subject="", issuer="", valid_from=0, valid_to=0, sha256=digest)


async def trust(
    host: str, address: str, port: int, fingerprint: str, proxy: str = ""
) -> ssl.SSLContext:
    """What checks the certificate of a server: see `addresses.trust`.

    Raises:
        UnknownCertificate: it is not trusted, or not the one of `fingerprint`.
        OSError: the server cannot be reached, or speaks no TLS.
    """
    url = f"https://{f'[{host}]' if ':' in host else host}:{port}"
    if fingerprint:
        shown = describe(await addresses.certificate(address, port, host, proxy))
        if shown.sha256 != fingerprint:
            raise UnknownCertificate(host, shown, changed=True)
        return await addresses.trust(url, address, fingerprint, proxy)
    context = await addresses.trust(url, address, "")
    try:
        (await addresses.secured(address, port, host, context, proxy)).transport.abort()
    except ssl.SSLCertVerificationError as error:
        shown = describe(await addresses.certificate(address, port, host, proxy))
        raise UnknownCertificate(host, shown) from error
    return context


def _day(seconds: int) -> str:
    return date_text(seconds // DAY)
