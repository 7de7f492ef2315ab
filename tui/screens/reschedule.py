"""Moving a meeting to another time."""

from textual import on
from textual.app import ComposeResult

from desk.critical import NotOffered
from desk.offers import Free
from scheduling.bookings import Booking
from tui.commands import Command
from tui.commands.bookings import EarlierTimes, LaterTimes, MoveIt
from tui.commands.general import Cancel
from tui.screens.times import ChooseTime
from tui.widgets.times import Times
from words import _, dates


class RescheduleScreen(ChooseTime):
    """The times to which a meeting can be moved; returns the booking in its place."""

    COMMANDS = (Cancel, EarlierTimes, LaterTimes, MoveIt)

    def __init__(self, booking: Booking) -> None:
        super().__init__(
            booking.page,
            booking.start,
            minutes=(booking.end - booking.start) // 60,
            moving=booking.id,
        )
        self.booking = booking

    def heading(self) -> str:
        """Which meeting."""
        return _("Reschedule {title}", title=self.booking.title)

    def body(self) -> ComposeResult:
        """The times."""
        yield from self.times()

    def on_mount(self) -> None:
        """Read them."""
        self.query_one(Times).focus()
        self.work(self.read(), group="read")

    def becomes(self, free: Free) -> str:
        """What is moved, and who hears of it."""
        guest = self.booking.guest
        told = _(
            "koble sends no mail: {name} is not told. Write to {email} yourself.",
            name=guest.name,
            email=guest.email,
        )
        if not self.booking.event_id:
            return told
        return f"{_('After ten seconds its event in your calendar is moved.')} {told}"

    def word_of(self, command: type[Command]) -> str:
        """The button says where to."""
        if command is MoveIt and (slot := self.slot):
            return _("move it to {when}", when=dates.moment_text(slot.start, self.koble.zone))
        return super().word_of(command)

    def applies(self, command: type[Command]) -> bool | None:
        """Not to where it is already."""
        if command is MoveIt:
            return self.slot is not None and self.slot.start != self.booking.start
        return super().applies(command)

    @on(Times.Chosen)
    def _chosen(self) -> None:
        self.press("enter")

    def on_move_it(self) -> None:
        """Move it there."""
        if slot := self.slot:
            self.work(self._move(slot.start), group="move")

    async def _move(self, start: int) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        try:
            moved = await desk.bookings.reschedule(
                self.booking.id, start, minutes=self.minutes, undo=True
            )
        except NotOffered as error:
            # Taken meanwhile: the list is read again, with the cursor on the nearest other time.
            self.koble.complain(error)
            self.start = error.others[0].start if error.others else start
            await self.read()
            return
        self.dismiss(moved)
