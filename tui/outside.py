"""Meetings whose events somebody changed outside koble: what is said, and the two ways on."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from scheduling.bookings import Booking, BookingState
from tui import marks
from tui.commands.bookings import PutBack, TakeOver
from tui.phrases import start_text, when_text
from tui.screens.base import Base
from words import _, many

if TYPE_CHECKING:
    from desk.desk import Desk
    from tui.app import KobleApp

VERBS = (TakeOver, PutBack)


def outside_text(booking: Booking, zone: str, now: int) -> str:
    """What became of its event; empty where nothing was changed."""
    from desk.outside import told  # the dashboard comes up without the desk

    there = booking.outside
    when = when_text(there.start, there.end, zone, now) if there else ""
    said = told(booking, when)
    return str(said) if said else ""


async def take_over(koble: "KobleApp", booking: Booking) -> Booking:
    """Let the meeting be as its event is, and say so."""
    assert koble.desk is not None  # noqa: S101 - a booking is shown, so it is open
    after = await koble.desk.bookings.take_over(booking.id)
    if after.state is BookingState.CANCELLED:
        koble.notice(_("Cancelled: {title}.", title=after.title))
    else:
        when = start_text(after.start, koble.zone, koble.clock.now())
        koble.notice(_("Taken over: {title}, now {when}.", title=after.title, when=when))
    return after


async def put_back(koble: "KobleApp", booking: Booking) -> Booking:
    """Write the event back, and say so, or what is in the way."""
    assert koble.desk is not None  # noqa: S101 - as above
    after = await koble.desk.bookings.put_back(booking.id)
    when = start_text(after.start, koble.zone, koble.clock.now())
    if after.trouble:
        koble.notice(after.trouble, severity="warning")
    else:
        koble.notice(_("Put back: {title}, {when}.", title=after.title, when=when))
    return after


class Outside(Base):
    """Mix into a screen with a `Static` called `#outside`, for the first meeting that changed."""

    marked: tuple[Booking, ...] = ()

    async def read_outside(self, desk: "Desk") -> None:
        """Read which meetings were changed, and tell of the first."""
        self.marked = tuple(await desk.bookings.changed_outside())
        line = self.query_one("#outside", Static)
        line.display = bool(self.marked)
        line.update(self._line(self.marked[0]) if self.marked else "")

    def _line(self, booking: Booking) -> Content:
        zone, now = self.koble.zone, self.koble.clock.now()
        more = len(self.marked) - 1
        return Content.assemble(
            (f"{marks.ALERT} {booking.title}, {start_text(booking.start, zone, now)}. ", "bold"),
            outside_text(booking, zone, now),
            (f"\n{self.key_of(TakeOver)} ", "bold"),
            str(TakeOver.footer),
            (f"  {self.key_of(PutBack)} ", "bold"),
            str(PutBack.footer),
            f"  {many('And one more.', 'And {n} more.', more)}" if more else "",
        )

    def on_take_over(self) -> None:
        """The first meeting that changed is as its event is."""
        if self.marked:
            self.work(self._settle(take_over), group="act")

    def on_put_back(self) -> None:
        """Its event is as koble knows it."""
        if self.marked:
            self.work(self._settle(put_back), group="act")

    async def _settle(
        self, act: Callable[["KobleApp", Booking], Coroutine[Any, Any, Booking]]
    ) -> None:
        await act(self.koble, self.marked[0])
        if desk := self.koble.desk:
            await self.read_outside(desk)
            self.refresh_bindings()
