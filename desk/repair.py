"""What is done to a home without a desk at it, which may not even open: restore, verify."""

from pathlib import Path

from desk.doctor import Check
from store.restore import restore as restore_store
from store.verify import verify as verify_store
from words import Phrase


def restore(home: Path, file: Path) -> Path | None:
    """Put what the backup `file` holds in the place of all that is stored in `home`.

    Secrets stay as they are. Others who are at work there see it as any other change.

    Returns:
        where what was there before lies now; None where nothing was.

    Raises:
        KobleError: invalid, where `file` is no backup; storage. Nothing has changed then.
    """
    return restore_store(home, file)


def verify(home: Path) -> list[Check]:
    """Read every document in `home` and check every checksum; nothing is changed."""
    return [
        Check(
            name="files",
            ok=each.ok,
            text=each.text,
            hint=None if each.ok else Phrase("koble restore puts a backup in its place."),
        )
        for each in verify_store(home)
    ]
