"""Scheduling pages as files: page list, show, apply, delete."""

import sys
from pathlib import Path
from typing import Any

import msgspec

from cli.call import Call
from cli.output import Answer, Table
from desk.page_file import KEYS, dump, load
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Page
from scheduling.text import clean
from words import Phrase, _

LARGEST = 1_000_000
"""Bytes of the largest page file."""


def _data(page: Page) -> dict[str, Any]:
    """A page, with the keys of its file; every key is there."""
    return {key: msgspec.to_builtins(getattr(page, key)) for key in KEYS}


async def list_all(call: Call) -> Answer:
    """Every page."""
    pages = await call.desk.pages.all()
    table = Table(
        (_("Name"), _("Title"), _("Minutes"), _("State")),
        [
            (
                f"/{each.name}",
                each.title,
                ", ".join(map(str, each.durations)),
                "" if each.enabled else _("off"),
            )
            for each in pages
        ],
    )
    empty = _("There are no pages yet. Make one from a file: koble page apply FILE.toml")
    return Answer(
        {"pages": [_data(each) for each in pages]},
        [table if pages else empty],
    )


async def show(call: Call) -> Answer:
    """One page, as its file."""
    page = await call.desk.pages.get(call.args.name)
    return Answer({"page": _data(page)}, dump(page).splitlines())


async def apply(call: Call) -> Answer:
    """Store the page of a file, new or in place of the one with its name."""
    page = load(_text(call.args.file))
    known = {each.name for each in await call.desk.pages.all()}
    page = await call.desk.pages.save(page)
    created = page.name not in known
    said = (
        _("Page added: /{name}.", name=page.name)
        if created
        else _("Page changed: /{name}.", name=page.name)
    )
    return Answer({"page": _data(page), "created": created}, [said])


def _text(name: str) -> str:
    try:
        if name == "-":
            read = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                read = file.read(LARGEST + 1)
        if len(read) > LARGEST:
            raise ValueError(_("it is too large"))
        return read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(name, _("it is not UTF-8 text")) from error
    except OSError as error:
        raise _unreadable(name, error.strerror or type(error).__name__) from error
    except ValueError as error:  # a name with a NUL, too
        raise _unreadable(name, str(error)) from error


def _unreadable(name: str, why: str) -> KobleError:
    return KobleError(
        ErrorKind.INVALID,
        Phrase("{file} could not be read: {why}.", file=clean(name, limit=200), why=why),
        field="file",
    )


async def delete(call: Call) -> Answer:
    """Delete a page."""
    page = await call.desk.pages.delete(call.args.name)
    return Answer(
        {"page": _data(page), "deleted": True}, [_("Page deleted: /{name}.", name=page.name)]
    )
