"""What counts as busy on a connection: a small matrix, a row for each kind of event."""

import msgspec
from textual.content import Content

from scheduling.connections import Connection
from scheduling.events import Blocking, BusyMatrix
from tui import marks
from tui.screens.settings.calendars import COLUMN, NAMES
from tui.screens.settings.pane import columns
from tui.widgets.rows import Row
from words import Phrase, _

BUSY = "busy:"
_ORDER = (Blocking.HARD, Blocking.SOFT, Blocking.NO)
KINDS = {
    "busy": Phrase("Busy"),
    "away": Phrase("Away"),
    "all_day": Phrase("All day, busy"),
    "tentative": Phrase("Tentative"),
    "unanswered": Phrase("Not answered by me"),
    "elsewhere": Phrase("Working elsewhere"),
    "free": Phrase("Free"),
    "declined": Phrase("Declined by me"),
    "location": Phrase("Working location"),
    "birthday": Phrase("Birthday"),
}
"""The rows of `BusyMatrix`, in words."""


def busy_heading() -> Content:
    """The words above the three columns."""
    return columns(
        _("What counts as busy"), NAMES, _("Blocks"), _("Soft"), _("Does not"), each=COLUMN
    )


def busy_rows(connection: Connection) -> list[Row]:
    """A row for each kind of event, with a mark in one of three columns."""
    return [
        Row(
            f"{BUSY}{connection.id}:{name}",
            (
                columns(
                    str(phrase),
                    NAMES,
                    *(_mark(getattr(connection.matrix, name) is each) for each in _ORDER),
                    each=COLUMN,
                ),
            ),
        )
        for name, phrase in KINDS.items()
    ]


def _mark(here: bool) -> Content:
    return Content.styled(marks.FRESH if here else marks.DOT, "$accent" if here else "$faint")


def turned(matrix: BusyMatrix, name: str) -> BusyMatrix:
    """The matrix with the next of the three in the row `name`."""
    now: Blocking = getattr(matrix, name)
    after = _ORDER[(_ORDER.index(now) + 1) % len(_ORDER)]
    return msgspec.structs.replace(matrix, **{name: after})
