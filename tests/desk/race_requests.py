"""One of several processes that book at once: `python -m tests.desk.race_requests HOME REQUESTS`.

REQUESTS is a JSON list of (start, minutes, key). It waits for a line before it begins, does all of
them at once, and prints a JSON list of (booking id or "", state or kind of error).
"""

import asyncio
import json
import sys
from pathlib import Path

from desk.clock import FixedClock
from desk.desk import Desk
from scheduling.bookings import Guest
from scheduling.errors import KobleError
from tests.desk.crash_operations import NOW

Request = tuple[int, int, str]


async def main(home: Path, requests: list[Request]) -> list[tuple[str, str]]:
    desk = await Desk.open(home, clock=FixedClock(NOW), zone="Europe/Oslo")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()

    async def book(number: int, request: Request) -> tuple[str, str]:
        start, minutes, key = request
        guest = Guest(name=f"Guest {number}", email=f"guest{number}@example.com")
        try:
            booking = await desk.bookings.book("intro", start, guest, minutes=minutes, key=key)
        except KobleError as error:
            return "", error.kind.value
        return booking.id, booking.state.value

    answers = await asyncio.gather(*(book(*each) for each in enumerate(requests)))
    await desk.close()
    return answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), json.loads(sys.argv[2])))))
