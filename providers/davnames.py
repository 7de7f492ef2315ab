"""What calendars and events are called on a CalDAV server: paths, written one way."""

import re
from hashlib import blake2b
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase


def plain_path(url: str) -> str:
    """The path of an address, each part quoted in the same way whoever wrote it."""
    parts = urlsplit(url).path.split("/")
    return "/".join(quote(unquote_to_bytes(part), safe="@!$&'()*+,;=:~") for part in parts)


def path_at(base: str, href: str) -> str:
    """The path of what an answer of `base` calls `href`; empty where that is no address."""
    try:
        return plain_path(urljoin(base, href))
    except ValueError:
        return ""


def collection(native: str) -> str:
    """The path of the calendar that is known as `native`.

    Raises:
        ProviderError: not found, for whatever could lead elsewhere.
    """
    inside = native[1:-1].split("/")
    if native != f"/{native[1:-1]}/" or not all(is_name(part) for part in inside):
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("There is no calendar {name}.", name=clean(native))
        )
    return native


def member(resource: str) -> str:
    """The name of a resource within its calendar.

    Raises:
        ProviderError: not found, for whatever could lead elsewhere.
    """
    if not is_name(resource):
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("{name} is no calendar file.", name=clean(resource))
        )
    return resource


def is_name(part: str) -> bool:
    """Whether `part` is one part of a path, quoted as here, that leads nowhere else."""
    plain = unquote_to_bytes(part)
    if plain in (b"", b".", b"..") or b"/" in plain or min(plain) < 32:
        return False
    return plain_path(f"/{part}") == f"/{part}"


def last_name(path: str) -> str:
    """The name of a resource in its calendar; empty for the calendar and folders in it."""
    name = path.rpartition("/")[2]
    return name if is_name(name) else ""


def names(uid: str) -> list[str]:
    """What a resource for `uid` may be called, the best first. A uid is never a path by itself."""
    digest = blake2b(uid.encode("utf-8", "replace"), digest_size=16).hexdigest()
    readable = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,99}", uid)
    return [f"{uid}.ics"] * bool(readable) + [f"{digest}.ics"]
