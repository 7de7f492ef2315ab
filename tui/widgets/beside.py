"""What stands at the right of the week: what comes next, who waits, what the pages offer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from scheduling.bookings import Booking
from scheduling.offers import Mode
from scheduling.pages import Page
from tui import panes
from tui.widgets.rows import Rows
from words import _

if TYPE_CHECKING:
    from desk.calendars import Entry
    from desk.desk import Desk


class Beside(Vertical):
    """Three short lists under each other; the last two can have the focus."""

    def compose(self) -> ComposeResult:
        """A heading and a list for each."""
        yield Static(_("Next"), markup=False, classes="heading")
        yield Static(id="next", markup=False)
        yield Static(_("Requests"), markup=False, classes="heading", id="requests-heading")
        yield Rows(columns=(10, 0), empty=_("Nobody waits."), id="requests")
        yield Static(_("Pages"), markup=False, classes="heading")
        yield Rows(columns=(0, -14), id="pages")

    def show_next(self, found: "Entry | None", zone: str, now: int, otherwise: str) -> None:
        """What comes next; `otherwise` is said where nothing does."""
        when, title, more = panes.next_lines(found, zone, now)
        text = Content.styled(otherwise, "$muted")
        if title:
            text = Content.assemble((f"{when}  ", "bold"), f"{title}\n", (more, "$muted"))
        self.query_one("#next", Static).update(text)

    def show_requests(self, requests: Sequence[Booking], zone: str, now: int) -> None:
        """Who waits for an answer."""
        count = f"  {len(requests)}" if requests else ""
        heading = Content.assemble(_("Requests"), (count, "$accent"))
        self.query_one("#requests-heading", Static).update(heading)
        self.query_one("#requests", Rows).show(panes.request_rows(requests, zone, now))

    async def read_pages(self, desk: "Desk", pages: Sequence[Page], mode: Mode, empty: str) -> None:
        """What the pages offer, and why one offers nothing; `empty` is said without any."""
        counts = await desk.offers.counts()
        obstacles = {
            page.name: await desk.offers.obstacle(page)
            for page in pages
            if page.enabled and not counts.get(page.name)
        }
        rows = panes.page_rows(pages, counts, obstacles, mode)
        self.query_one("#pages", Rows).show(rows, empty=empty)
