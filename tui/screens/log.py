"""The notices of this session."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from tui import marks
from tui.screens.base import Modal
from tui.widgets.rows import Row, Rows
from words import Phrase, _
from words.dates import time_of_day

if TYPE_CHECKING:
    from tui.notices import Notice


class LogScreen(Modal[None]):
    """All toasts so far, the latest first."""

    HEADING = Phrase("Notices")

    def __init__(self, notices: "Sequence[Notice]", zone: str) -> None:
        super().__init__()
        self.notices = notices
        self.zone = zone

    def body(self) -> ComposeResult:
        """A row for each notice."""
        mark = {"error": marks.WRONG, "warning": marks.ALERT}
        rows = [
            Row(
                str(number),
                (time_of_day(notice.at, self.zone), mark.get(notice.severity, " "), notice.text),
            )
            for number, notice in enumerate(reversed(self.notices))
        ]
        yield Rows(rows, columns=(5, 1, 0), empty=_("Nothing has happened yet."))
