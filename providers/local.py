"""A folder of .ics files in vdir layout, as khal and vdirsyncer share it.

Each sub-folder is a calendar, each file a resource; `displayname` and `color` may stand beside
them. Files are read only where they changed, written whole or not at all, and never taken for
deleted because they cannot be read.
"""

import asyncio
import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

import msgspec

from providers import vdir
from providers.base import (
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Identity,
    Problem,
    ProviderError,
    Upsert,
    Written,
)
from providers.icalendar import Reading, read, write
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

PAGE = 200
"""Files read at a time: a few hundredths of a second, between which others have their turn."""
LARGEST = 64 * 1024 * 1024
"""Bytes of one file that are read; what is larger is reported."""
PATIENCE = 3000
"""Looking at every file may take one part in so many of the time."""
ITSELF = "."
"""The native name of the calendar that the folder itself is."""


class LocalProvider:
    """The calendars of one folder: a sub-folder each, or the folder itself.

    Args:
        path: the folder.
        me: the owner's addresses, by which their answers to invitations are found; the first
            one is named as the organizer of meetings with guests.
        now: the present time in UTC seconds, for DTSTAMP.
        poll: seconds between two looks at the folders, while `watch` runs.
        rescan: seconds between two looks at every file, for edits in place.
    """

    capabilities = Capabilities(write=True, watch=True)

    def __init__(
        self,
        path: Path,
        *,
        me: Collection[str] = (),
        now: Callable[[], int] | None = None,
        poll: float = 2.0,
        rescan: float = 30.0,
    ) -> None:
        self._root = path.expanduser().absolute()
        self._me = tuple(me)
        self._now = now or (lambda: int(time.time()))
        self._poll = poll
        self._rescan = rescan
        self._swept: set[Path] = set()

    async def identity(self) -> Identity:
        """The folder's path."""
        await asyncio.to_thread(self._check)
        return Identity(address=clean(str(self._root), limit=4096))

    async def calendars(self) -> list[CalendarInfo]:
        """The calendars in the folder, by name; none in an empty one (see `make_calendar`)."""
        return await asyncio.to_thread(self._calendars)

    async def count(self, calendar: str) -> int:
        """How many event files the calendar has; none of them is read."""
        return len(await asyncio.to_thread(vdir.resources, self._folder(calendar)))

    async def make_calendar(self, name: str) -> CalendarInfo:
        """A new, empty calendar of that name.

        Raises:
            ProviderError: conflict, where there is a folder of that name already.
        """
        return await asyncio.to_thread(self._make_calendar, name)

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`.

        A file that cannot be read now, or that is cut off, is a problem and no change.
        """
        folder = self._folder(calendar)

        def look() -> tuple[vdir.Seen, dict[str, str], list[str], bool, vdir.Seen]:
            if folder not in self._swept:
                vdir.sweep(folder, time.time())
                self._swept.add(folder)
            seen = vdir.Seen(cursor, horizon)
            files = vdir.resources(folder)
            return seen, files, *seen.compare(files)

        seen, files, todo, gone, fresh = await asyncio.to_thread(look)
        listing = gone or not seen.valid
        if not todo and not listing:
            yield ChangePage(cursor=cursor)
            return
        page = ChangePage()
        for first in range(0, len(todo), PAGE):
            if first:
                yield page
            names = todo[first : first + PAGE]
            page = await asyncio.to_thread(
                self._page, folder, calendar, names, horizon, seen, fresh
            )
        # Only a whole listing can tell what is gone; the names are all known by now.
        yield msgspec.structs.replace(
            page, cursor=str(fresh), listed=tuple(files) if listing else (), complete=listing
        )

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`."""
        return await asyncio.to_thread(self._create, self._folder(calendar), draft)

    async def find(self, calendar: str, uid: str) -> Written | None:
        """See `CalendarProvider.find`."""
        folder = self._folder(calendar)
        return await asyncio.to_thread(self._find, folder, uid)

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`."""
        return await asyncio.to_thread(self._update, self._file(calendar, resource), etag, draft)

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """See `CalendarProvider.delete`."""
        await asyncio.to_thread(self._delete, self._file(calendar, resource), etag)

    async def watch(self) -> AsyncIterator[str]:
        """See `CalendarProvider.watch`.

        A new, deleted or replaced file shows in its folder within `poll` seconds; an edit in
        place shows when every file is looked at, each `rescan` seconds or less often.
        """
        folders = await asyncio.to_thread(self._folders)
        marks, took = await asyncio.to_thread(self._marks, folders)
        looked = time.monotonic()
        while True:
            await asyncio.sleep(self._poll)
            before, folders = folders, await asyncio.to_thread(self._folders)
            changed = {
                name for name in {*before, *folders} if before.get(name) != folders.get(name)
            }
            due = time.monotonic() - looked >= max(self._rescan, took * PATIENCE)
            if due or changed:
                older = marks
                fresh, seconds = await asyncio.to_thread(
                    self._marks, folders if due else changed & set(folders)
                )
                changed |= {name for name, mark in fresh.items() if older.get(name) != mark}
                marks = older | fresh
                if due:
                    took, looked = seconds, time.monotonic()
            for name in sorted(changed):
                yield name

    async def close(self) -> None:
        """Nothing is held open."""

    # Everything below blocks, and runs in threads.

    def _check(self) -> None:
        with vdir.trouble(self._root):
            os.scandir(self._root).close()

    def _folder(self, calendar: str) -> Path:
        return self._root if calendar == ITSELF else self._root / vdir.file_name(calendar)

    def _file(self, calendar: str, resource: str) -> Path:
        name = vdir.file_name(resource)
        if not vdir.is_resource(name):
            raise ProviderError(
                ErrorKind.NOT_FOUND, Phrase("{name} is no calendar file.", name=clean(resource))
            )
        return self._folder(calendar) / name

    def _calendars(self) -> list[CalendarInfo]:
        with vdir.trouble(self._root), os.scandir(self._root) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and os.path.isdir(entry.path)
            )
        found = [
            self._info(self._root / name, vdir.native(name))
            for name in names
            if vdir.is_calendar(self._root / name, empty=True)
        ]
        if vdir.is_calendar(self._root, empty=False):
            found.insert(0, self._info(self._root, ITSELF))
        # A folder names no calendar as the main one: it is the one that is used most.
        sizes = [self._size(each.native) for each in found]
        if any(sizes):
            main = sizes.index(max(sizes))
            found[main] = msgspec.structs.replace(found[main], primary=True)
        return found

    def _size(self, native: str) -> int:
        """How many events a calendar has; one that cannot be looked into is used by nobody."""
        try:
            return len(vdir.resources(self._folder(native)))
        except ProviderError:
            return 0

    def _info(self, folder: Path, native: str) -> CalendarInfo:
        color = vdir.line(folder / "color")
        return CalendarInfo(
            native=native,
            name=clean(vdir.line(folder / "displayname")) or clean(folder.name) or native,
            color=color[:7].lower() if re.fullmatch(r"#[0-9A-Fa-f]{6,8}", color) else "",
            writable=os.access(folder, os.W_OK | os.X_OK),
        )

    def _make_calendar(self, name: str) -> CalendarInfo:
        shown = clean(name, limit=60)
        plain = re.sub(r"[^\w. -]", "-", shown).strip(" .-") or "calendar"
        folder = self._root / plain
        with vdir.trouble(folder):
            self._check()
            try:
                folder.mkdir()
            except FileExistsError:
                raise ProviderError(
                    ErrorKind.CONFLICT,
                    Phrase("There is a folder {name} already.", name=plain),
                    field="name",
                ) from None
            vdir.put(folder / "displayname", (shown or plain).encode(), os.replace)
            vdir.sync(self._root)
        return self._info(folder, vdir.native(plain))

    def _page(
        self,
        folder: Path,
        calendar: str,
        names: list[str],
        horizon: Span,
        seen: vdir.Seen,
        fresh: vdir.Seen,
    ) -> ChangePage:
        """Read files, and note in `fresh` in which version each was read."""
        changes: list[Upsert] = []
        problems: list[Problem] = []
        for name in names:
            path = os.path.join(folder, vdir.file_name(name))
            try:
                reading, etag = self._read(path, calendar, name, horizon)
            except OSError as error:
                if error.errno != errno.ENOENT or os.path.islink(path):
                    problems.append(Problem(name, str(vdir.reason(error, clean(name)))))
                fresh.keep(name, seen)
                continue
            problems += reading.problems
            if not reading.complete and name in seen:
                # Half written: what was read before holds until the rest is there.
                fresh.keep(name, seen)
                continue
            if not seen.has(name, etag):
                changes.append(Upsert(name, etag, reading.events))
            fresh.note(name, etag, troubled=bool(reading.problems))
        return ChangePage(changes=tuple(changes), problems=tuple(problems))

    def _read(self, path: str, calendar: str, native: str, horizon: Span) -> tuple[Reading, str]:
        with open(path, "rb", buffering=0) as file:
            about = os.fstat(file.fileno())
            if about.st_size > LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            data = file.readall()
        etag = vdir.etag(about)
        reading = read(
            data, calendar=calendar, resource=native, etag=etag, horizon=horizon, me=self._me
        )
        return reading, etag

    def _create(self, folder: Path, draft: Draft) -> Written:
        with vdir.trouble(folder):
            if path := vdir.find(folder, draft.uid):
                return _written(path)
            data = write(draft, existing=None, stamp=self._now(), organizer=self._organizer)
            for place in vdir.places(folder, draft.uid):
                with contextlib.suppress(FileExistsError):
                    vdir.put(place, data, vdir.publish_new)
                # Where something was in the way, it may be the same event, made meanwhile.
                if vdir.holds(place, draft.uid):
                    return _written(place)
        raise ProviderError(
            ErrorKind.CONFLICT, Phrase("Other files are in the way of the new event.")
        )

    def _find(self, folder: Path, uid: str) -> Written | None:
        with vdir.trouble(folder):
            path = vdir.find(folder, uid)
            return _written(path) if path else None

    def _update(self, path: Path, etag: str, draft: Draft) -> Written:
        with vdir.trouble(path):
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            _same(about, etag)
            data = write(
                draft,
                existing=path.read_bytes(),
                stamp=self._now(),
                organizer=self._organizer,
            )

            def replace(new: Path, old: Path) -> None:
                _same(old.stat(), vdir.etag(about))
                new.replace(old)

            vdir.put(path, data, replace, mode=stat.S_IMODE(about.st_mode))
            return _written(path)

    def _delete(self, path: Path, etag: str) -> None:
        with vdir.trouble(path.parent):
            with contextlib.suppress(FileNotFoundError):
                _same(path.stat(), etag)
                path.unlink()
            vdir.sync(path.parent)  # and an error where the whole folder is gone

    @property
    def _organizer(self) -> str:
        return self._me[0] if self._me else ""

    def _folders(self) -> dict[str, int]:
        """When each calendar's folder changed last; one that cannot be seen is left out."""
        found: dict[str, int] = {}
        try:
            entries = list(os.scandir(self._root))
            found[ITSELF] = self._root.stat().st_mtime_ns
        except OSError:
            return found  # the next read says what is wrong
        for entry in entries:
            with contextlib.suppress(OSError):
                if not entry.name.startswith(".") and entry.is_dir():
                    found[vdir.native(entry.name)] = entry.stat().st_mtime_ns
        return found

    def _marks(self, calendars: Collection[str]) -> tuple[dict[str, int], float]:
        """For each calendar a number that changes with its files; and how long that took."""
        started = time.monotonic()
        found = {}
        for calendar in calendars:
            with contextlib.suppress(ProviderError):
                found[calendar] = hash(frozenset(vdir.resources(self._folder(calendar)).items()))
        return found, time.monotonic() - started


def _same(about: os.stat_result, etag: str) -> None:
    if etag and vdir.etag(about) != etag:
        raise ProviderError(
            ErrorKind.CONFLICT,
            Phrase("The event was changed outside koble meanwhile."),
            Phrase("Read the calendar again to see how it is now."),
        )


def _written(path: Path) -> Written:
    return Written(resource=vdir.native(path.name), etag=vdir.etag(path.stat()))
