"""Processes killed at any moment: what they acknowledged is there, and nothing is half done."""

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.store import Store

ROOT = Path(__file__).parents[2]
KILLS = 200

# Each number is acknowledged after its commit. Every commit moves one booking and notes it, so
# that a commit that is there by half would show. Snapshots are written all the time.
WRITE = """
import sys
from pathlib import Path
import store.storage
from store.store import Store
store.storage.LEAST, store.storage.SMALL = 2_000, int(sys.argv[2])
with Store.open(Path(sys.argv[1])) as mine:
    n = max((entry["n"] for entry in mine.log), default=0)
    while True:
        n += 1
        with mine.transaction():
            mine.bookings.put({"id": "moved", "start": n, "end": n + 1, "note": "x" * (n % 700)})
            mine.log.insert({"n": n})
            mine.bookings.put({"id": f"{n % 50}", "start": n, "end": n + 1})
        print(n, flush=True)
"""


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "aside"])
def test_what_was_acknowledged_survives_every_kill(
    tmp_path: Path, rng: random.Random, at_once: bool
) -> None:
    acknowledged = 0
    for _ in range(KILLS // 2):
        acknowledged = max(acknowledged, run_and_kill(tmp_path, rng, at_once))
        with Store.open(tmp_path, read_only=True) as reader, Store.open(tmp_path) as store:
            for seen in (reader, store):
                numbers = [entry["n"] for entry in seen.log]
                assert numbers == list(range(1, len(numbers) + 1))
                assert len(numbers) >= acknowledged
                if not numbers:
                    continue
                last = numbers[-1]
                moved = seen.bookings.by_id("moved")
                assert moved is not None
                assert moved["start"] == last
                assert [b["id"] for b in seen.bookings.overlapping(last, last + 1)] == [
                    "moved",
                    f"{last % 50}",
                ] or last < 50
                assert seen.generation == last
            assert store.notices == ()
    assert acknowledged > KILLS


def run_and_kill(home: Path, rng: random.Random, at_once: bool) -> int:
    """The last number that a writer acknowledged before it was killed at a random moment."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(home), str(1 << 30 if at_once else 0)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    output = b""
    for _ in range(rng.randrange(1, 30)):
        output += os.read(process.stdout.fileno(), 65536)
    # Somewhere within the next commits, and the snapshots between them.
    select.select([], [], [], rng.random() * 0.03)
    os.kill(process.pid, signal.SIGKILL)
    output += process.stdout.read()
    process.stdout.close()
    process.wait()
    return int(output.split(b"\n")[-2])
