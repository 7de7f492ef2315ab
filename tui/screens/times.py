"""What the dialogs share in which a time is chosen among those that a page offers."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from desk.offers import Free, Slot
from scheduling.bookings import Booking
from scheduling.offers import Reason
from scheduling.zones import DAY
from tui import marks
from tui.commands import Command
from tui.commands.general import Cancel
from tui.phrases import MODES
from tui.screens.base import Modal
from tui.widgets.times import Times
from words import _, dates

DAYS = 14
"""How many days are shown at once."""


class HostTimes(Times):
    """As times are shown to guests, but those that only the host may book can be chosen too."""

    def on_choose_time(self) -> None:
        """Tell of those as well; the offered ones are told of already."""
        if (slot := self.current) and not slot.offered:
            self.post_message(self.Chosen(self, slot))


class ChooseTime(Modal[Booking]):
    """The times of `page`, two weeks at once, and under them what speaks against the one chosen.

    Args:
        page: the name of the page.
        start: the time to begin at, in UTC seconds.
        minutes: the length; the page's first unless given.
        moving: the id of a booking that is being moved: it keeps no times away.
        as_host: whether times may be taken that only the host may book.
    """

    CSS_PATH = "book.tcss"
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Cancel,)

    def __init__(
        self,
        page: str,
        start: int | None = None,
        *,
        minutes: int | None = None,
        moving: str = "",
        as_host: bool = True,
    ) -> None:
        super().__init__()
        self.page = page
        self.start = start
        self.minutes = minutes
        self.moving = moving
        self.as_host = as_host
        self.free: Free | None = None
        self.first = 0
        """From when on times are shown; UTC seconds."""

    def times(self) -> ComposeResult:
        """The part of the dialog in which a time is chosen."""
        yield Static(id="about", markup=False)
        yield (HostTimes if self.as_host else Times)(id="times")
        yield Static(id="against", markup=False)
        yield Static(id="mode", markup=False)

    @property
    def slot(self) -> Slot | None:
        """The time under the cursor."""
        return self.query_one(Times).current

    async def read(self) -> None:
        """Read the times from `first` on, and show them."""
        desk = self.koble.desk
        if desk is None:
            return
        now = self.koble.clock.now()
        if not self.first:
            self.first = now
            if self.start is not None and self.start > now + DAYS * DAY:
                self.first = self.start - DAY
        span = self.first, self.first + DAYS * DAY
        free = await desk.offers.free(
            self.page, *span, minutes=self.minutes, moving=self.moving, as_host=self.as_host
        )
        offered = free
        if self.as_host:
            offered = await desk.offers.free(
                self.page, *span, minutes=self.minutes, moving=self.moving
            )
        self.free = free
        self.show_free(free, frozenset(each.start for each in offered.offers))

    def show_free(self, free: Free, offered: frozenset[int]) -> None:
        """Show what was read."""
        zone, now = self.koble.zone, self.koble.clock.now()
        slots = [Slot(each.start, each.end, each.start in offered) for each in free.offers]
        self.query_one("#about", Static).update(self.about(free))
        self.query_one("#mode", Static).update(self.becomes(free))
        times = self.query_one(Times)
        empty = _("Nothing is free from {day} on.", day=dates.moment_text(free.start, zone))
        times.show(slots, zone, empty=empty)
        wanted, self.start = self.start, None
        if wanted is not None and slots:
            near = min(slots, key=lambda slot: abs(slot.start - wanted))
            times.select(near.start)
            if near.start != wanted and wanted >= now and wanted % 1800 == 0:
                self.work(self._why_not(wanted), group="why")
        self.refresh_bindings()

    def becomes(self, free: Free) -> str:
        """What will come of choosing a time."""
        return str(MODES[free.mode])

    def about(self, free: Free) -> Content:
        """Which page, how long, in which zone."""
        zone = self.koble.zone
        length = dates.length_text(self.minutes or free.page.durations[0])
        return Content.assemble(
            (free.page.title or f"/{free.page.name}", "bold"),
            (f" {marks.DOT} {length}", ""),
            (f"   {zone} {dates.offset_text(free.start, zone)}", "$muted"),
        )

    @on(Times.Moved)
    def _moved(self, event: Times.Moved) -> None:
        if event.slot.offered:
            self.workers.cancel_group(self, "why")
            self.query_one("#against", Static).update("")
        else:
            self.work(self._why_not(event.slot.start), group="why")
        self.refresh_bindings()

    async def _why_not(self, start: int) -> None:
        """Say what keeps a time from guests, or from everybody."""
        if desk := self.koble.desk:
            reasons = await desk.offers.why(
                self.page, start, minutes=self.minutes, moving=self.moving
            )
            self.query_one("#against", Static).update(self.against(start, reasons))

    def against(self, start: int, reasons: list[Reason]) -> Content:
        """The reasons in words."""
        when = dates.moment_text(start, self.koble.zone)
        slot = self.slot
        if slot is not None and slot.start == start:
            words = _("{when} is not offered to guests; only you can book it.", when=when)
        else:
            words = _("{when} is not free.", when=when)
        lines = "".join(f"\n {marks.DOT} {reason.phrase}" for reason in reasons[:2])
        return Content.assemble((words, "$warning"), (lines, "$muted"))

    def on_earlier_times(self) -> None:
        """Two weeks back, but not into the past."""
        self._turn(-DAYS)

    def on_later_times(self) -> None:
        """Two weeks on."""
        self._turn(DAYS)

    def _turn(self, days: int) -> None:
        self.first = max(self.koble.clock.now(), self.first + days * DAY)
        self.start = self.first
        self.work(self.read(), group="read")

    def applies(self, command: type[Command]) -> bool | None:
        """Nothing can be taken before it was read."""
        return True
