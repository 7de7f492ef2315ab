"""A small house for the settings and for connecting: Ada, three calendars, a clock."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from desk.clock import Clock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.records import document
from desk.sample import write_calendars
from scheduling.connections import Calendar, Connection, Inbox, Kind, Use
from tests.tui.conftest import NOW, ZONE
from tui.screens.base import KobleScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.rows import Rows

ADA = "ada@example.com"
HOSTILE = ("[/]", "[@click=app.quit]x[/]", "\x1b]52;c;UFdORUQ=\x1b\\x", "x" * 10_000)
"""What somebody may put into any field."""


class Dashboard(KobleScreen):
    """Where the meetings are; empty here."""

    PLACE = "meetings"


SCREENS = {"meetings": Dashboard, "settings": SettingsScreen}


def opens(
    home: Path,
    clock: Clock,
    *,
    folder: bool = False,
    connected: bool = False,
    google: bool = False,
    exchange: bool = False,
    pair: bool = False,
    **profile: Any,
) -> Callable[[], Awaitable[Desk]]:
    """Opens a desk in `home`/state.

    `folder`: calendars lie in `home`/calendars; `connected`: they are connected; `google`,
    `exchange`: such an account is, as far as the store knows; `pair`: both of the two connections
    that an old account may have. The rest are fields of the profile.
    """

    async def open_desk() -> Desk:
        desk = await Desk.open(home / "state", clock=clock, ids=counted_ids(), zone=ZONE)
        fields = {"name": "Ada Lovelace", "email": ADA, "created": "2024-05-02"} | profile
        before = await desk.settings.profile()
        await desk.settings.save_profile(msgspec.structs.replace(before, **fields))
        if folder or connected:
            write_calendars(home / "calendars", date(2027, 3, 1))
        if connected:
            await desk.connections.connect_local(str(home / "calendars"))
        if google:
            await put(desk, Kind.GOOGLE, "g", expected="grace@example.com")
        if exchange:
            await put(desk, Kind.EXCHANGE, "e")
        if pair:
            await put(desk, Kind.GOOGLE, "one", use=Use.CALENDAR)
            await put(desk, Kind.OFFICE365, "two", use=Use.MEETINGS)
        return desk

    return open_desk


async def put(desk: Desk, kind: Kind, id: str, *, use: Use = Use.BOTH, expected: str = "") -> None:
    """Store an account of a vendor as if it had been connected and read a minute ago."""
    address = ADA if use is Use.BOTH else f"{id}@example.com"
    connection = Connection(
        id=id,
        kind=kind,
        address=address,
        expected=expected,
        made_at=NOW - 3600,
        use=use,
        read_at=NOW - 60,
        reads=((NOW - 60, ""), (NOW - 360, "The server did not answer.")),
    )
    calendar = Calendar(
        id=f"{id}-work",
        connection=id,
        native="work",
        name="Work",
        destination=use is not Use.CALENDAR,
        problems=("standup.ics has no start.",),
    )
    readable = Calendar(
        id=f"{id}-team", connection=id, native="team", name="Team", writable=False, conflicts=False
    )
    inbox = Inbox(id=f"{id}-box", address=address, connection=id)

    def commit(store: Any) -> None:
        store.connections.put(document(connection))
        store.calendars.put(document(calendar))
        store.calendars.put(document(readable))
        store.inboxes.put(document(inbox))

    await desk.write(commit)


def texts(app: Any, selector: str = "Rows") -> list[str]:
    """The rows of the tab in front, or of a list of the dialog: the cells of each as one text."""
    screen = app.screen
    inside = screen.pane if isinstance(screen, SettingsScreen) else screen
    rows = inside.query(selector).first(Rows)
    return [" ".join(" ".join(str(cell) for cell in row.cells).split()) for row in rows.rows]


def row(app: Any, label: str) -> str:
    """The row that begins with `label`."""
    [found] = [text for text in texts(app) if text.startswith(label)]
    return found


def to_row(app: Any, id: str) -> None:
    """Put the cursor of the tab in front on the row of that id."""
    app.screen.pane.rows.select(id)


def screen_text(app: Any) -> str:
    """What is on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
