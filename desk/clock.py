"""The only place that knows the time."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class Clock(Protocol):
    """Tells the time in UTC seconds."""

    def now(self) -> int:
        """UTC seconds since 1970."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> int:
        """UTC seconds since 1970."""
        return int(time.time())


class FixedClock:
    """A clock that stands still until it is moved: for `--now`, tests and pictures."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        """The instant it was set to, in UTC seconds."""
        return self.at


def local_zone() -> str:
    """The IANA zone of this machine: TZ, /etc/timezone, /etc/localtime, else UTC."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    timezone_file = Path("/etc/timezone")
    if timezone_file.is_file():
        candidates.append(timezone_file.read_text(encoding="utf-8", errors="replace").strip())
    localtime = os.path.realpath("/etc/localtime")
    if "zoneinfo/" in localtime:
        candidates.append(localtime.split("zoneinfo/", 1)[1])
    for name in candidates:
        # Asked one by one: a list of all zones takes longer than the rest of the start.
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(name).key
    return "UTC"
