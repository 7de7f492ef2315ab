"""The app with a sample screen in it, for a real terminal: `python -m tests.tui.small [HOME]`."""

import sys
from pathlib import Path

from tests.tui.conftest import ZONE, NoDesk, StillClock
from tests.tui.samples import HostileSample, NobodySample, RequestsSample
from tui.app import KobleApp
from tui.chrome import Chrome
from words import use


async def opened() -> NoDesk:
    return NoDesk()


async def chrome(_desk: object) -> Chrome:
    return Chrome("fresh", "Google", "ada@example.com", "1 min", 2)


if __name__ == "__main__":
    use("en")
    app = KobleApp(
        opened,  # type: ignore[arg-type]
        clock=StillClock(),
        zone=ZONE,
        home=Path(sys.argv[1]) if len(sys.argv) > 1 else None,
        screens={"meetings": RequestsSample, "pages": HostileSample, "requests": NobodySample},
        read_chrome=chrome,
    )
    app.run()
    raise SystemExit(app.return_code or 0)
