"""Start, bytes and idleness of the terminal app, in a pty beside a bare Textual app."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from desk.desk import Desk
from desk.sample import furnish
from tests.terminal import Terminal

ROUNDS = 9
IDLE = 5.0
"""Seconds of doing nothing."""
COLUMNS, LINES = 120, 40
BARE = """
from textual.app import App
from textual.widgets import Footer, Header

class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Header()
        yield Footer()

Bare().run()
"""


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, measured, unit, goal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(_furnish(home))
        commands = {
            "bare": [sys.executable, "-c", BARE],
            "koble": [sys.executable, "-c", "from cli.main import main; raise SystemExit(main())"],
        }
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for name in commands:
            _start_and_quit(commands[name], home)  # compiles, and fills the page cache
        for _ in range(ROUNDS):
            for name, command in commands.items():
                took[name].append(_start_and_quit(command, home))
        start = {name: statistics.median(s for s, _ in times) for name, times in took.items()}
        end = {name: statistics.median(q for _, q in times) for name, times in took.items()}
        painted, cpu, idle = _idle(commands["koble"], home)
        return [
            (f"start to first paint / bare Textual's {start['bare']:.0f} ms", *_ratio(start, 1.3)),
            (f"q to the end / bare Textual's {end['bare']:.0f} ms", *_ratio(end, 1.0)),
            ("written until the week is shown", painted / 1000, "kB", 15.0),
            ("CPU while idle", cpu, "%", 0.2),
            ("written while idle", idle, "B", 0.0),
        ]


def _ratio(took: dict[str, float], goal: float) -> tuple[float, str, float]:
    return took["koble"] / took["bare"], "x", goal


async def _furnish(home: Path) -> None:
    desk = await Desk.open(home)
    await furnish(desk)
    await desk.close()


def _open(command: Sequence[str], home: Path) -> Terminal:
    return Terminal(command, columns=COLUMNS, lines=LINES, env={"KOBLE_HOME": str(home)})


def _start_and_quit(command: Sequence[str], home: Path) -> tuple[float, float]:
    """Milliseconds from the start to the first text on the screen, and from `q` to the end."""
    began = time.perf_counter()
    with _open(command, home) as terminal:
        while not terminal.text().strip():
            terminal.read(1.0)
        shown = time.perf_counter()
        _rest(terminal, 0.5)
        asked = time.perf_counter()
        terminal.press("q")
        if terminal.wait() != 0:
            raise AssertionError(terminal.text())
        # The end of the output is seen a tenth of a second late at the most, on both sides alike.
        return (shown - began) * 1000, (time.perf_counter() - asked) * 1000


def _rest(terminal: Terminal, seconds: float) -> None:
    """Read until nothing has come for so long."""
    while terminal.read(seconds):
        pass


def _idle(command: Sequence[str], home: Path) -> tuple[int, float, int]:
    """Bytes until the week stands still; then, while idle, the CPU in percent and the bytes."""
    with _open(command, home) as terminal:
        terminal.wait_for("Standup")
        _rest(terminal, 2.0)
        painted, before = len(terminal.output), _cpu(terminal._process.pid)
        began = time.perf_counter()
        while (left := IDLE - (time.perf_counter() - began)) > 0:
            terminal.read(left)
        cpu = 100 * (_cpu(terminal._process.pid) - before) / IDLE
        idle = len(terminal.output) - painted
        terminal.press("q")
        terminal.wait()
    return painted, cpu, idle


def _cpu(pid: int) -> float:
    """Seconds of CPU that the threads of a process have used."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
