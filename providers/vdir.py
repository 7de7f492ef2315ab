"""Files of the vdir layout: names, versions, whole writes, and what the system says in words.

Everything here blocks; `providers.local` calls it in threads.
"""

import base64
import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from providers.base import ProviderError
from providers.icalendar import uids
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

LEFT_FOR = 3600
"""Seconds after which a file that was to be renamed is one that nobody will rename."""
_LEFT = re.compile(r"\.koble-[0-9a-f]{16}\.tmp")

# Names. A native name is the file's own; one that is not plain text is written in percent.


def native(name: str) -> str:
    """The name by which the desk knows a file or folder called `name`."""
    return name if name.isprintable() and "%" not in name else quote_from_bytes(os.fsencode(name))


def file_name(native: str) -> str:
    """The name of the file or folder that is known as `native`.

    Raises:
        ProviderError: not found, for whatever could lead out of the folder.
    """
    name = os.fsdecode(unquote_to_bytes(native)) if "%" in native else native
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("There is no {name} in the folder.", name=clean(native))
        )
    return name


def is_resource(name: str) -> bool:
    """Whether a file of this name is one of the calendar's."""
    return name[-4:].lower() == ".ics" and not name.startswith(".")


# Looking


def resources(folder: Path) -> dict[str, str]:
    """The native names of a calendar's resources, and their etags.

    One that cannot be looked at has an empty etag.
    """
    found = {}
    with trouble(folder), os.scandir(folder) as entries:
        for entry in entries:
            if is_resource(entry.name):
                try:
                    about = entry.stat()
                except OSError as error:
                    if error.errno == errno.ENOENT and not entry.is_symlink():
                        continue  # deleted between the two looks
                    found[native(entry.name)] = ""
                else:
                    if stat.S_ISREG(about.st_mode):
                        found[native(entry.name)] = etag(about)
    return found


def etag(about: os.stat_result) -> str:
    """The version of a file: it changes with each write, in place or by another file."""
    return f"{about.st_mtime_ns:x}-{about.st_size:x}-{about.st_ino:x}"


def is_calendar(folder: str | Path, *, empty: bool) -> bool:
    """Whether a folder holds events or says that it is a calendar.

    `empty` is the answer for one with nothing in it.
    """
    try:
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if not each.name.startswith(".")]
    except OSError:
        return True  # shown, so that reading it can say what is wrong
    if not names:
        return empty
    return any(name in ("displayname", "color") or is_resource(name) for name in names)


def line(path: Path) -> str:
    """The first line of a small file; empty where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(400).decode("utf-8", "replace").partition("\n")[0].strip()
    except OSError:
        return ""


_NAME, _VERSION = 6, 5
"""Bytes of a digest. With 4 of a name, two of ten thousand files would be taken for one in every
eightieth calendar, and whether one of them is gone could not be told."""


class Seen:
    """The files that a cursor has seen, as digests: small, and nothing in them of a name."""

    def __init__(self, text: str = "", horizon: Span = (0, 0)) -> None:
        """What `text` has seen; `valid` unless it is none, or of another horizon."""
        self._files: dict[bytes, bytes] = {}
        self._horizon = horizon
        head, _, tail = text.partition(";")
        self.valid = head == self._head
        if self.valid:
            try:
                data = base64.b85decode(tail)
            except ValueError:
                self.valid = False
                return
            size = _NAME + 1 + _VERSION
            for at in range(0, len(data) - size + 1, size):
                self._files[data[at : at + _NAME]] = data[at + _NAME : at + size]

    @property
    def _head(self) -> str:
        return f"2:{self._horizon[0]}:{self._horizon[1]}"

    def __str__(self) -> str:
        data = b"".join(name + version for name, version in self._files.items())
        return f"{self._head};{base64.b85encode(data).decode()}"

    def __contains__(self, name: str) -> bool:
        return _digest(name, _NAME) in self._files

    def has(self, name: str, etag: str) -> bool:
        """Whether this file was seen in this version, with or without problems."""
        return self._files.get(_digest(name, _NAME), b"")[1:] == _digest(etag, _VERSION)

    def compare(self, files: Mapping[str, str]) -> tuple[list[str], bool, "Seen"]:
        """Which files have to be read, whether some are gone, and all that need not be read."""
        todo, same, here = [], Seen("", self._horizon), 0
        for name, version in files.items():
            key, value = _digest(name, _NAME), b"\0" + _digest(version, _VERSION)
            seen = self._files.get(key)
            here += seen is not None
            if seen == value:
                same._files[key] = value
            else:
                todo.append(name)
        return todo, here < len(self._files), same

    def note(self, name: str, etag: str, *, troubled: bool) -> None:
        """See a file. One with problems is read each time, so that they are told each time."""
        self._files[_digest(name, _NAME)] = bytes([troubled]) + _digest(etag, _VERSION)

    def keep(self, name: str, other: "Seen") -> None:
        """Leave a file in the version that `other` saw, if it did, and have it read again."""
        key = _digest(name, _NAME)
        if key in other._files:
            self._files[key] = b"\1" + other._files[key][1:]


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()


# Writing


def find(folder: Path, uid: str) -> Path | None:
    """The file that holds the event `uid`, whatever it is called."""
    others = (folder / file_name(each) for each in resources(folder))
    return next((path for path in [*places(folder, uid), *others] if holds(path, uid)), None)


def places(folder: Path, uid: str) -> Iterator[Path]:
    """Where a file for `uid` may be made, the best first. A uid is never a path by itself."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,99}", uid):
        yield folder / f"{uid}.ics"
    digest = blake2b(uid.encode("utf-8", "replace"), digest_size=16).hexdigest()
    yield folder / f"{digest}.ics"


def holds(path: Path, uid: str) -> bool:
    """Whether a file holds the event `uid`; one that cannot be read does not."""
    try:
        data = path.read_bytes() if path.is_file() else b""
    except OSError:
        return False
    # Only the start: a long uid is folded, and some characters are written otherwise.
    start = re.split(r"[\\,;\s]", uid[:40])[0]
    return start.encode("utf-8", "replace") in data and uid in uids(data)


def put(
    path: Path, data: bytes, publish: Callable[[Path, Path], object], *, mode: int | None = None
) -> None:
    """Write `data` beside `path`, and let it take that name once it is safely on the disk."""
    temporary = path.parent / f".koble-{secrets.token_hex(8)}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sweep(folder: Path, now: float) -> None:
    """Delete what `put` left here when it was killed; what is younger may still be written."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # what cannot be deleted is in nobody's way
                left = _LEFT.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
                if left and entry.stat(follow_symlinks=False).st_mtime < now - LEFT_FOR:
                    os.unlink(entry.path)


def publish_new(new: Path, path: Path) -> None:
    """Give a file its name, unless that is taken (FileExistsError)."""
    try:
        os.link(new, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        new.rename(path)


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Errors


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Turn what the system says about `path` into words for a person."""
    try:
        yield
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, ErrorKind.UNAVAILABLE)
        raise ProviderError(kind, reason(error, clean(str(path)))) from error


_KINDS = {
    errno.ENOENT: ErrorKind.NOT_FOUND,
    errno.ENOTDIR: ErrorKind.INVALID,
    errno.ELOOP: ErrorKind.INVALID,
    errno.ENAMETOOLONG: ErrorKind.INVALID,
    errno.EACCES: ErrorKind.PERMISSION,
    errno.EPERM: ErrorKind.PERMISSION,
    errno.EROFS: ErrorKind.PERMISSION,
    errno.ENOSPC: ErrorKind.STORAGE,
    errno.EDQUOT: ErrorKind.STORAGE,
}


def reason(error: OSError, name: str) -> Phrase:
    """What went wrong with `name`."""
    match error.errno:
        case errno.ENOENT:
            return Phrase("{name} is not there.", name=name)
        case errno.ENOTDIR:
            return Phrase("{name} is not a folder.", name=name)
        case errno.EACCES | errno.EPERM:
            return Phrase("koble may not open {name}.", name=name)
        case errno.EROFS:
            return Phrase("{name} can only be read.", name=name)
        case errno.ENOSPC | errno.EDQUOT:
            return Phrase("There is no room left for {name}.", name=name)
        case errno.EFBIG:
            return Phrase("{name} is too large.", name=name)
        case errno.ELOOP:
            return Phrase("{name} is a link that leads nowhere.", name=name)
        case _:
            return Phrase("{name} cannot be used: {why}.", name=name, why=error.strerror or "")
