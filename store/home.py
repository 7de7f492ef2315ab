"""The folder that holds the state: its modes, durable files, and its troubles in plain words."""

import errno
import fcntl
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from scheduling.errors import ErrorKind, KobleError
from words import Phrase

_PORTION = 1024 * 1024
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def trouble(error: OSError, path: Path) -> KobleError:
    """What `error` at `path` means for a person, and the way out of it."""
    if error.errno in FULL:
        return KobleError(
            ErrorKind.STORAGE,
            Phrase("There is no space left for {path}.", path=str(path)),
            Phrase("Nothing was lost. Free some space, then try again."),
        )
    if error.errno in FORBIDDEN:
        return KobleError(
            ErrorKind.STORAGE,
            Phrase("koble is not allowed to write to {path}.", path=str(path)),
            Phrase("Make the folder yours and writable, or choose another one."),
        )
    return KobleError(
        ErrorKind.STORAGE,
        Phrase(
            "{path} could not be read or written: {reason}.",
            path=str(path),
            reason=error.strerror or type(error).__name__,
        ),
        Phrase("Check the disk that holds it, then try again."),
    )


def prepare(home: Path) -> tuple[Phrase, ...]:
    """Make the folder if it is not there, and keep others out; what had to be tightened."""
    try:
        if not home.exists():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(home.parent)
        found = []
        for path in [home, *home.iterdir()]:
            if path.is_symlink() or not (path.is_file() or path == home):
                continue
            mode = stat.S_IMODE(path.lstat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)
                found.append(path)
    except OSError as error:
        raise trouble(error, home) from error
    return tuple(
        Phrase("Other users of this computer could open {path}; now only you can.", path=str(path))
        for path in found
    )


if sys.platform == "darwin":

    def flush(descriptor: int) -> None:
        """Make what was written to the file survive a power cut."""
        # fsync leaves it in the memory of the disk there.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

else:

    def flush(descriptor: int) -> None:
        """Make what was written to the file survive a power cut."""
        os.fdatasync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names that were added to, moved in or removed from `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Put a file of `chunks` at `path`, mode 0600: all of it durably there, or `path` as before."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            waiting = 0
            for chunk in chunks:
                file.write(chunk)
                waiting += len(chunk)
                if waiting > _PORTION:
                    # In portions, so that commits beside it need not wait for all of it.
                    file.flush()
                    flush(descriptor)
                    waiting = 0
            file.flush()
            flush(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
