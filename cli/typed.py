"""What is typed or piped in while a command waits for something else."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PIECE = 65_536


@contextmanager
def typed_lines(take: Callable[[str], None] | None) -> Iterator[bool]:
    """Hand every line of standard input to `take` while this is open; without one, none is read.

    No thread waits for input: it could not be stopped when the command is done.

    Yields:
        whether anything can come from there.
    """
    descriptor = _descriptor()
    if take is None or descriptor is None:
        yield False
        return
    loop = asyncio.get_running_loop()
    rest = bytearray()

    def read() -> bool:
        """Take what is there; False at the end."""
        data = os.read(descriptor, _PIECE)
        rest.extend(data or b"\n")
        *lines, left = rest.split(b"\n")
        rest[:] = left
        for line in lines:
            if text := line.decode("utf-8", "replace").strip():
                take(text)
        return bool(data)

    def ready() -> None:
        if not read():
            loop.remove_reader(descriptor)

    try:
        loop.add_reader(descriptor, ready)
    except PermissionError:  # a file is always ready: it is read at once
        while read():
            pass
        yield False
        return
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)


def _descriptor() -> int | None:
    """Where standard input comes from; None where there is none."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None
