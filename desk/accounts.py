"""What people type about their accounts, checked before any server is asked."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

import msgspec

from providers.addresses import is_here
from scheduling.checks import check_email
from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from words import Phrase

EXCHANGE_VERSIONS = ("2010 SP2", "2010 SP3", "2013", "2013 SP1", "2016", "2019", "SE")
"""Versions of Exchange that can be connected; 2010 SP2 is the floor (S10)."""
EXCHANGE_PATH = "/EWS/Exchange.asmx"
LONGEST = 1_000
"""Characters that an address, a user name or a password may have."""
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
_YEAR = re.compile(r"(?:exchange\s*)?(?:server\s*)?(\d{4}|se)\s*(?:(?:rtm)|sp\s*(\d))?", re.I)


class ExchangeAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An Exchange account as its owner describes it; empty: to be found. No password in it."""

    address: str
    username: str = ""
    url: str = ""
    version: str = ""


def check_exchange(
    *, address: str, password: str, username: str, url: str, version: str
) -> tuple[ExchangeAccount | None, dict[str, KobleError]]:
    """The account of these texts, or what is wrong with them by field.

    Only address and password are required (S9).
    """
    checks: dict[str, Callable[[], str]] = {
        "address": lambda: check_email(needed(address, "address"), field="address"),
        "password": lambda: check_password(password),
        "username": lambda: check_username(username),
        "url": lambda: check_server(url, path=EXCHANGE_PATH) if url.strip() else "",
        "version": lambda: check_exchange_version(version),
    }
    checked, errors = _run(checks)
    checked.pop("password", None)
    return (None if errors else ExchangeAccount(**checked)), errors


def check_caldav_server(text: str) -> str:
    """The address of a CalDAV server as a URL; of an e-mail address, that of its domain.

    Raises:
        KobleError: as `check_server`.
    """
    text = needed(text, "url")
    try:
        return check_server(check_email(text).rpartition("@")[2])
    except KobleError:
        return check_server(text)


def check_caldav(*, url: str, username: str, password: str) -> dict[str, KobleError]:
    """What is wrong with the texts of a CalDAV account, by field."""
    checks: dict[str, Callable[[], str]] = {
        "url": lambda: check_caldav_server(url),
        "username": lambda: check_username(needed(username, "username")),
        "password": lambda: check_password(password),
    }
    return _run(checks)[1]


def check_feed(text: str) -> str:
    """The address of a published calendar; a bare host and path gets https.

    Raises:
        KobleError: invalid, naming the field `url`.
    """
    scheme, mark, rest = needed(text, "url").partition("://")
    if mark and scheme.lower() not in ("http", "https", "webcal", "webcals"):
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("The address of a calendar begins with https:// or webcal://."),
            field="url",
        )
    checked = check_server(f"https://{rest if mark else text.strip()}")
    # Nothing secret travels there: a calendar may be published without encryption.
    return checked.replace("https:", "http:", 1) if scheme.lower() == "http" else checked


def _run(
    checks: Mapping[str, Callable[[], str]],
) -> tuple[dict[str, str], dict[str, KobleError]]:
    checked: dict[str, str] = {}
    errors: dict[str, KobleError] = {}
    for field, check in checks.items():
        try:
            checked[field] = check()
        except KobleError as error:
            errors[field] = error
    return checked, errors


def needed(text: str, field: str) -> str:
    """`text`, trimmed.

    Raises:
        KobleError: invalid, where there is none.
    """
    if not text.strip():
        raise KobleError(ErrorKind.INVALID, Phrase("This is needed."), field=field)
    return text.strip()


def check_password(text: str) -> str:
    """A password, as it is. It is in no error."""
    if not text:
        raise KobleError(ErrorKind.INVALID, Phrase("This is needed."), field="password")
    if len(text) > LONGEST:
        raise _too_long("password")
    return text


def check_username(text: str) -> str:
    """A user name, trimmed; empty where none was written."""
    text = text.strip()
    if len(text) > LONGEST:
        raise _too_long("username")
    if clean(text, limit=LONGEST) != text:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("There are characters in it that no user name has."),
            field="username",
        )
    return text


def check_server(text: str, *, path: str = "/") -> str:
    """The address of a server as a URL; a bare host gets https and `path`.

    Raises:
        KobleError: invalid, naming the field `url`: no address, another scheme than https (only
            this computer itself may be asked without), or an account in it.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise _too_long("url")
    wrong = KobleError(
        ErrorKind.INVALID,
        Phrase("“{text}” is not the address of a server.", text=clean(text, limit=60)),
        Phrase("Write it as https://mail.example.com, or just the name of the server."),
        field="url",
    )
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError as error:
        raise wrong from error
    host = parts.hostname or ""
    if not text.isprintable() or " " in text or "\\" in text or not _is_host(host):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("An address with a user name or a password in it is not taken."),
            Phrase("Write them into their own fields."),
            field="url",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(host)):
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("The address must begin with https://: a password travels there."),
            field="url",
        )
    where = f"[{host}]" if ":" in host else host
    place = SplitResult(
        parts.scheme,
        where if port is None else f"{where}:{port}",
        parts.path if parts.path not in ("", "/") else path,
        parts.query,
        "",
    )
    return urlunsplit(place)


def check_exchange_version(text: str) -> str:
    """A version of Exchange, as it stands in `EXCHANGE_VERSIONS`; empty: to be found.

    Raises:
        KobleError: unsupported, for one below the floor (S10); invalid, for what is none.
    """
    if not text.strip():
        return ""
    found = _YEAR.fullmatch(text.strip()[:40])
    name = ""
    if found:
        name = found[1].upper() + (f" SP{found[2]}" if found[2] else "")
        if name in EXCHANGE_VERSIONS:
            return name
        year = int(found[1]) if found[1].isdigit() else 0
        if 1996 <= year < 2010 or name in ("2010", "2010 SP1"):
            raise KobleError(
                ErrorKind.UNSUPPORTED,
                Phrase("Exchange {version} is too old.", version=name),
                Phrase("Exchange 2010 SP2 or newer is needed."),
                field="version",
            )
    raise KobleError(
        ErrorKind.INVALID,
        Phrase("There is no Exchange “{text}”.", text=clean(text, limit=40)),
        Phrase(
            "Write one of {versions}; or leave it empty.", versions=", ".join(EXCHANGE_VERSIONS)
        ),
        field="version",
    )


def _is_host(host: str) -> bool:
    if not host or len(host) > 253:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            name = host.encode("idna").decode()
        except UnicodeError:
            return False
        return _HOST.fullmatch(name) is not None
    return True


def _too_long(field: str) -> KobleError:
    return KobleError(
        ErrorKind.INVALID,
        Phrase("It is too long: use {limit} characters at most.", limit=LONGEST),
        field=field,
    )
