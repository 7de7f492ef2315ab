"""Folders of calendars on this computer, looked at before one is connected."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scheduling.errors import ErrorKind, KobleError
from words import Phrase

if TYPE_CHECKING:
    from providers.local import LocalProvider

MOST = 50
"""Folders that are offered at most while a path is written."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar in a folder: how many event files it has, and whether it can be written to."""

    name: str
    events: int
    writable: bool


def folder_path(path: str) -> str:
    """The absolute path of the folder that somebody wrote.

    Raises:
        KobleError: invalid, naming `path`, where nothing or no path was written.
    """
    if not path.strip():
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("The folder is missing."),
            Phrase("Write its path, such as ~/calendars."),
            field="path",
        )
    if "\0" in path or len(os.fsencode(path)) > 4_000:
        raise KobleError(ErrorKind.INVALID, Phrase("This is not a path."), field="path")
    try:
        return str(Path(path.strip()).expanduser().absolute())
    except RuntimeError as error:  # ~somebody who is not there
        raise KobleError(
            ErrorKind.INVALID, Phrase("There is no such user here."), field="path"
        ) from error


async def look(path: str) -> tuple[Found, ...]:
    """The calendars under a folder, by name; none in an empty one. Nothing is connected.

    Raises:
        KobleError: the folder is missing, not there, a file, or not readable.
    """
    provider = await asyncio.to_thread(_provider, folder_path(path))
    return tuple(
        [
            Found(
                name=each.name,
                events=await provider.count(each.native),
                writable=each.writable,
            )
            for each in await provider.calendars()
        ]
    )


async def make(path: str, name: str) -> None:
    """Make a first calendar in a folder.

    Raises:
        KobleError: the folder cannot be written to, or there is a folder of that name.
    """
    provider = await asyncio.to_thread(_provider, folder_path(path))
    await provider.make_calendar(name)


async def complete(text: str) -> tuple[str, ...]:
    """The folders that the path `text` may become, each with a slash at its end.

    None where nothing fits or the folder before cannot be read: that is said elsewhere.
    """
    return await asyncio.to_thread(_complete, text)


def _provider(path: str) -> "LocalProvider":
    from providers.local import LocalProvider  # iCalendar's libraries, imported on first use

    return LocalProvider(Path(path))


def _complete(text: str) -> tuple[str, ...]:
    before, slash, start = text.rpartition("/")
    if not slash and not text.startswith("~"):
        return ()
    if text == "~":
        return ("~/",)
    try:
        inside = Path(f"{before}/").expanduser()
        with os.scandir(inside) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.isprintable()
                and (start or not entry.name.startswith("."))
                and entry.is_dir()
            )
    except (OSError, RuntimeError, ValueError):
        return ()
    return tuple(f"{before}/{name}/" for name in names[:MOST])
