"""Passwords on the command line: from a file, from standard input, or asked for on a terminal."""

import asyncio
import getpass
import sys
from pathlib import Path

from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from words import Phrase, _

LARGEST = 4096
"""Bytes that a file with a password may have."""


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def password(file: str | None) -> str:
    """The password in `file` (`-`: standard input), without the end of its line; else asked for.

    Raises:
        KobleError: invalid, where there is none and nobody to ask.
    """
    if file == "-":
        return _line(sys.stdin.buffer.read(LARGEST))
    if file is not None:
        try:
            with Path(file).open("rb") as opened:
                return _line(opened.read(LARGEST))
        except OSError as error:
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("{file} cannot be read.", file=clean(file)),
                field="password_file",
            ) from error
    if is_terminal():
        return getpass.getpass(_("Password: "))
    raise KobleError(
        ErrorKind.INVALID,
        Phrase("The password is missing, and this is no terminal."),
        Phrase("Give --password-file FILE, or --password-file - to read standard input."),
        field="password",
    )


def _line(data: bytes) -> str:
    return data.decode("utf-8", "replace").rstrip("\r\n")


async def passphrase(new: bool) -> str:
    """Ask for the passphrase of the secrets; for a new one twice."""
    if not new:
        return await asyncio.to_thread(getpass.getpass, _("Passphrase of koble's secrets: "))
    first = await asyncio.to_thread(
        getpass.getpass, _("Choose a passphrase; koble's secrets are locked with it: ")
    )
    again = await asyncio.to_thread(getpass.getpass, _("The same once more: "))
    if first != again:
        raise KobleError(
            ErrorKind.INVALID, Phrase("The two passphrases differ."), field="passphrase"
        )
    return first
