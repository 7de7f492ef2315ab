"""What goes over the line: bytes for a key, idleness and the way out, in a pty of 120 by 40.

Beside each stand the bytes that Textual's own updates take (`KOBLE_FULL_FRAMES=1`).
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from desk.desk import Desk
from desk.sample import furnish
from tests.terminal import Terminal

ROUNDS = 7
IDLE = 10.0
"""Seconds of doing nothing."""
REST = 0.4
"""Seconds without a byte after which a key is taken to be answered."""
SESSION = [sys.executable, "-m", "tests.tui.session"]
KOBLE = [sys.executable, "-c", "from cli.main import main; raise SystemExit(main())"]
# Name, the way there, keys that are pressed in turn (each time the bytes of all), goal in bytes.
JOBS = (
    ("one step in the week", ["1"], [["down"], ["right"], ["up"], ["left"]], 450),
    ("one step in a list", ["4"], [["down"], ["down"], ["up"], ["up"]], 450),
    ("one step in the times of a page", ["2", "tab"], [["down"], ["right"], ["up"], ["left"]], 450),
    ("help, and back", ["1"], [["?", "escape"]] * 3, 15_000),
    ("another main screen, and back", ["1"], [["2", "1"], ["4", "1"], ["5", "1"]], 5_000),
    ("the list of commands", ["1"], [["ctrl+p"]], 8_000),
)


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, measured, unit, goal."""
    with tempfile.TemporaryDirectory() as folder:
        light, whole = (_bytes(Path(folder) / "sample", full) for full in (False, True))
        rows = [
            (f"{name} (whole regions: {whole[name]:.0f})", light[name], "B", float(goal))
            for name, _, _, goal in JOBS
        ]
        home = Path(folder) / "koble"
        home.mkdir()
        asyncio.run(_furnish(home))
        cpu, idle = _idle([*SESSION, str(Path(folder) / "sample")], home)
        all_cpu, all_idle = _idle(KOBLE, home)
        quits = [_quit(home) for _ in range(ROUNDS)]
    return [
        *rows,
        ("CPU of the idle screen, without the desk's background work", cpu, "%", 0.03),
        ("written by it", idle, "B", 0.0),
        ("CPU while idle, all of koble", all_cpu, "%", 0.03),
        ("written while idle, all of koble", all_idle, "B", 0.0),
        ("q to the end", statistics.median(quits), "ms", 100.0),
    ]


async def _furnish(home: Path) -> None:
    desk = await Desk.open(home)
    await furnish(desk)
    await desk.close()


def _rest(terminal: Terminal, seconds: float = REST) -> None:
    """Read until nothing has come for so long."""
    while terminal.read(seconds):
        pass


def _bytes(home: Path, full: bool) -> dict[str, float]:
    """The median of the bytes of each job."""
    env = {"COLORTERM": "truecolor"} | ({"KOBLE_FULL_FRAMES": "1"} if full else {})
    found: dict[str, float] = {}
    with Terminal([*SESSION, str(home)], columns=120, lines=40, env=env) as terminal:
        terminal.wait_for("Kari away")
        for key in "1234512345":
            _rest(terminal)
            terminal.press(key)
        for name, way, turns, _ in JOBS:
            for key in way:
                _rest(terminal)
                terminal.press(key)
            _rest(terminal)
            written = []
            for keys in turns:
                before = len(terminal.output)
                for key in keys:
                    terminal.press(key)
                    _rest(terminal)
                written.append(len(terminal.output) - before)
                assert written[-1], f"{name}: {keys} changed nothing"
            found[name] = statistics.median(written)
            terminal.press("escape")
            _rest(terminal)
    return found


def _idle(command: list[str], home: Path) -> tuple[float, int]:
    """CPU in percent and bytes while nothing is asked."""
    with Terminal(command, columns=120, lines=40, env={"KOBLE_HOME": str(home)}) as terminal:
        terminal.wait_for("Kari away")
        _rest(terminal, 3.0)
        before, written = _cpu(terminal._process.pid), len(terminal.output)
        began = time.perf_counter()
        while (left := IDLE - (time.perf_counter() - began)) > 0:
            terminal.read(left)
        return 100 * (_cpu(terminal._process.pid) - before) / IDLE, len(terminal.output) - written


def _cpu(pid: int) -> float:
    """Seconds on a processor so far, to the nanosecond: clock ticks are too coarse here."""
    tasks = Path(f"/proc/{pid}/task")
    return (
        sum(int((tasks / task / "schedstat").read_text().split()[0]) for task in os.listdir(tasks))
        / 1e9
    )


def _quit(home: Path) -> float:
    """Milliseconds from `q` until the process is gone."""
    with Terminal(KOBLE, columns=120, lines=40, env={"KOBLE_HOME": str(home)}) as terminal:
        terminal.wait_for("Kari away")
        _rest(terminal)
        began = time.perf_counter()
        terminal.press("q")
        while terminal._process.poll() is None:
            terminal.read(0.002)
        return (time.perf_counter() - began) * 1000
