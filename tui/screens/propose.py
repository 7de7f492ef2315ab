"""Proposing other times for a request."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from desk.critical import NotOffered
from scheduling.bookings import Booking
from tui.commands import Command
from tui.commands.bookings import EarlierTimes, LaterTimes, MarkTime, ProposeMarked
from tui.commands.general import Cancel
from tui.phrases import start_text
from tui.screens.times import ChooseTime
from tui.widgets.times import Times
from words import _, many


class ProposeScreen(ChooseTime):
    """The times that could be proposed; several can be marked. Returns the request as it is now."""

    COMMANDS = (Cancel, EarlierTimes, LaterTimes, MarkTime, ProposeMarked)

    def __init__(self, booking: Booking) -> None:
        super().__init__(
            booking.page,
            booking.start,
            minutes=(booking.end - booking.start) // 60,
            moving=booking.id,
            as_host=False,
        )
        self.booking = booking
        self.marked = set(booking.proposed)

    def heading(self) -> str:
        """For whom."""
        return _("Other times for {name}", name=self.booking.guest.name)

    def body(self) -> ComposeResult:
        """The times, and those that are marked."""
        yield from self.times()
        yield Static(id="marked", markup=False)

    def on_mount(self) -> None:
        """Read them."""
        self.query_one("#mode").display = False
        self.query_one(Times).focus()
        self._show_marked()
        self.work(self.read(), group="read")

    def word_of(self, command: type[Command]) -> str:
        """The button says how many."""
        if command is ProposeMarked:
            return many("propose {n} time", "propose {n} times", max(1, len(self.marked)))
        return super().word_of(command)

    def _show_marked(self) -> None:
        zone, now = self.koble.zone, self.koble.clock.now()
        times = ", ".join(start_text(each, zone, now) for each in sorted(self.marked))
        words = _("Marked: {times}", times=times) if times else _("Mark as many as you like.")
        self.query_one("#marked", Static).update(words)
        self.refresh_bindings()

    def on_mark_time(self) -> None:
        """Mark the time under the cursor, or not any more."""
        if slot := self.slot:
            self.marked ^= {slot.start}
            self._show_marked()

    @on(Times.Chosen)
    def _chosen(self) -> None:
        self.press("enter")

    def on_propose_marked(self) -> None:
        """Propose them."""
        starts = sorted(self.marked) or ([self.slot.start] if self.slot else [])
        if starts:
            self.work(self._propose(starts), group="propose")

    async def _propose(self, starts: list[int]) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        try:
            booking = await desk.bookings.propose(self.booking.id, starts)
        except NotOffered as error:
            self.koble.complain(error)
            self.marked.clear()
            self._show_marked()
            await self.read()
            return
        self.dismiss(booking)
