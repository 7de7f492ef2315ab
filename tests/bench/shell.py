"""A week listed from the shell, among 10,000 events, beside a Python that does nothing."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from scheduling.instants import utc_text
from tests.bench.house import NOW, _fill

ROUNDS = 11
BARE = (sys.executable, "-c", "pass")
AGENDA = (
    sys.executable,
    "-c",
    "from cli.main import main; raise SystemExit(main())",
    "agenda",
    "--cached",
    "--now",
    utc_text(NOW),
)


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, measured, unit, goal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(_furnish(home))
        took: dict[str, list[float]] = {"bare": [], "week": []}
        answers = set()
        for _ in range(ROUNDS):
            for name, command in (("bare", BARE), ("week", AGENDA)):
                began = time.perf_counter()
                done = subprocess.run(command, env=_environment(home), capture_output=True)
                took[name].append((time.perf_counter() - began) * 1000)
                answers.add(done.stdout if name == "week" else b"")
        [week] = answers - {b""}
        assert week.count(b"\n") > 100
        middle = {name: statistics.median(times) for name, times in took.items()}
        beside = f"{middle['week']:.0f} ms beside bare Python's {middle['bare']:.0f} ms"
        return [(f"a week of 10,000 events: {beside}", middle["week"] / middle["bare"], "x", 12.0)]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"KOBLE_HOME": str(home), "TZ": "Europe/Oslo"}


async def _furnish(home: Path) -> None:
    desk = await Desk.open(home, clock=FixedClock(NOW), ids=counted_ids(), zone="Europe/Oslo")
    try:
        await desk.write(_fill)
    finally:
        await desk.close()
