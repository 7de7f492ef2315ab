"""The pictures of the README, taken from the real app on the sample week (`make pictures`)."""

import asyncio
import tempfile
from pathlib import Path

from tests.tui.conftest import LARGE, SMALL, ZONE, StillClock
from tests.tui.desks import opens, press, settle
from tui.app import KobleApp

DOCS = Path(__file__).parent.parent / "docs"
PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...], bool]] = {
    "meetings": (LARGE, (), True),
    "why": (LARGE, ("2", "down", "enter", "right", "home"), True),
    "edit": (LARGE, ("2", "down", "e"), True),
    "connect": (SMALL, ("c",), False),
}
"""Name: size, keys, and whether the sample week is there."""


async def take(name: str) -> None:
    """Take one picture."""
    size, keys, sample = PICTURES[name]
    clock = StillClock()
    with tempfile.TemporaryDirectory() as home:
        app = KobleApp(
            opens(Path(home) / "koble", clock, sample=sample),
            clock=clock,
            zone=ZONE,
            ascii=False,
            animations=False,
        )
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            await press(pilot, *keys)
            (DOCS / f"{name}.svg").write_text(app.export_screenshot(title="koble"))


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for each in PICTURES:
        asyncio.run(take(each))
