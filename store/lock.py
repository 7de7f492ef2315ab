"""The lock that processes on one folder take in turn."""

import fcntl
import os
import time
from pathlib import Path

from scheduling.errors import ErrorKind, KobleError
from store.home import WITHOUT_LOCKS, trouble
from words import Phrase

_PAUSE = 0.001


class Lock:
    """An exclusive `flock` on a file that stays.

    The kernel lets go of it when its process dies, however it dies, so that no stale lock can
    stand in the way. Two Lock objects exclude each other within one process as well.

    Attributes:
        openings: grows when another file is found at the path: the folder was exchanged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = str(path)
        self._descriptor = -1
        self._identity = (0, 0)
        self.openings = 0

    def acquire(self, patience: float) -> bool:
        """Take the lock, waiting up to `patience` seconds; whether it was had.

        Raises:
            KobleError: storage, where there are no locks, or no permission.
        """
        deadline = time.monotonic() + patience
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def release(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file, and of the lock where it is held."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _try(self) -> bool:
        try:
            if self._descriptor < 0:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                opened = os.fstat(self._descriptor)
                self._identity = (opened.st_ino, opened.st_dev)
                self.openings += 1
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._in_place():
                return True
            # The file was removed or its folder exchanged: others would lock the one at the path.
            self.close()
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in WITHOUT_LOCKS:
                raise KobleError(
                    ErrorKind.STORAGE,
                    Phrase("The disk that holds {path} has no file locks.", path=str(self._path)),
                    Phrase("Keep koble's folder on a disk of this computer."),
                ) from error
            raise trouble(error, self._path) from error
        return False

    def _in_place(self) -> bool:
        try:
            found = os.stat(self._name)
        except FileNotFoundError:
            return False
        return (found.st_ino, found.st_dev) == self._identity
