"""The app over the sample week, with a clock that stands still, in a terminal of its own.

`python -m tests.tui.session HOME` runs it. With a further argument, every update that Textual
hands over is written to that file as Textual itself would have written it, and a mark follows on
the terminal: so that the two can be compared, update by update.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.control import Control
from textual._compositor import CompositorUpdate, LayoutUpdate

import tui.app
from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.sample import furnish
from tests.tui.conftest import NOW, ZONE
from tui.app import KobleApp

MARK = "\x1b]7777;{}\x07"
TITLES = (
    "会議 with 東京",
    "Kaffe ☕ and 🎉",
    "👩‍👩‍👧 family, ⚠️ warned, 🇳🇴",
    "Ame\u0301lie e\u0301\u0302 \u0301",
    "नमस्ते שלום",
    "[@click=app.quit]Join[/]",
    "\x1b]52;c;UFdORUQ=\x07\x1b[2J",
    "x" * 200,
    "漢" * 80,
)


async def open_desk(home: Path, *, odd: bool) -> Desk:
    """The sample in `home`, if `odd` with titles that are wide, long or hostile."""
    desk = await Desk.open(home, clock=FixedClock(NOW), ids=counted_ids(), zone=ZONE)
    if not (home / "calendars").exists():
        await furnish(desk)
        for number, title in enumerate(TITLES if odd else ()):
            _write(home / "calendars" / "private" / f"odd{number}.ics", number, title)
    await desk.sync.now()
    return desk


def _write(path: Path, number: int, title: str) -> None:
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//koble//tests//EN",
        "BEGIN:VEVENT",
        f"UID:odd{number}@koble",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:2027030{1 + number % 7}T{7 + number // 7 * 4:02}0000Z",
        f"DTEND:2027030{1 + number % 7}T{9 + number // 7 * 4:02}0000Z",
        f"SUMMARY:{title}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    path.write_bytes("\r\n".join(lines).encode())


class Recorded(KobleApp):
    """Writes down what Textual would have written."""

    CSS_PATH = Path(tui.app.__file__).with_name("koble.tcss")
    record: Any = None
    count = 0

    def _display(self, screen: Any, renderable: Any) -> None:
        writes = self._running and not self._closed and not self._batch_count
        if self.record is None or not writes or not isinstance(renderable, CompositorUpdate):
            super()._display(screen, renderable)
            return
        text = renderable.render_segments(self.console)
        at = self.screen.outer_size.clamp_offset(self.cursor_position)
        text += Control.move_to(*at).segment.text
        whole = isinstance(renderable, LayoutUpdate)
        size = renderable.region.size if isinstance(renderable, LayoutUpdate) else None
        json.dump({"text": text, "whole": whole, "size": size}, self.record)
        self.record.write("\n")
        self.record.flush()
        super()._display(screen, renderable)
        self.count += 1
        assert self._driver is not None
        self._driver.write(MARK.format(self.count))


def main() -> int:
    home = Path(sys.argv[1])
    app = Recorded(
        lambda: open_desk(home, odd=len(sys.argv) > 2),
        clock=FixedClock(NOW),
        zone=ZONE,
        home=home,
        theme=os.environ.get("SESSION_THEME", ""),
    )
    if len(sys.argv) > 2:
        app.record = open(sys.argv[2], "w", encoding="utf-8")  # noqa: SIM115 # for as long as it runs
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    raise SystemExit(main())
