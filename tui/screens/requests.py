"""Requests: who has asked for a meeting, why it waits, and what would be in the way."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from desk.bookings import Bookings
from scheduling.bookings import CLOSED, Booking, BookingState
from scheduling.offers import Mode, Reason
from tui import marks
from tui.commands import Command
from tui.commands.bookings import (
    AcceptRequest,
    CopyMeeting,
    DeclineRequest,
    ProposeTimes,
    RemoveClosed,
    RemoveRequest,
)
from tui.phrases import STATES, start_text, waiting_text, when_text
from tui.screens.acting import Acting, of_booking, possible
from tui.screens.base import KobleScreen
from tui.screens.meeting import MeetingScreen
from tui.widgets.facts import Fact, Facts
from tui.widgets.rows import Row, Rows
from words import _, dates, many


class RequestsScreen(Acting, KobleScreen):
    """The queue of requests, and below it those that were declined or that nobody answered."""

    PLACE = "requests"
    TABLES = frozenset({"bookings", "events", "calendars", "connections", "settings"})
    CSS_PATH = "requests.tcss"
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        AcceptRequest,
        DeclineRequest,
        ProposeTimes,
        CopyMeeting,
        RemoveRequest,
        RemoveClosed,
    )

    def __init__(self) -> None:
        super().__init__()
        self.bookings: dict[str, Booking] = {}
        self.reasons: dict[str, list[Reason]] = {}
        """What each request would clash with."""

    def body(self) -> ComposeResult:
        """The list, and what is known of the request under the cursor."""
        yield Rows(columns=(1, 20, 0, 9), empty=_("Reading …"), id="requests")
        with Vertical(id="detail"):
            yield Static(id="clash", markup=False)
            yield Facts(id="facts")

    def begin(self) -> None:
        """The list has the focus."""
        self.query_one(Rows).focus()

    @property
    def subject(self) -> Booking | None:
        """The request under the cursor."""
        row = self.query_one(Rows).current
        return self.bookings.get(row.id) if row else None

    async def load(self) -> None:
        """Read the requests, show them, then look for what each would clash with."""
        desk = self.koble.desk
        if desk is None:
            return
        waiting = await desk.bookings.requests()
        closed = await desk.bookings.closed()
        offline = (await desk.connections.overview()).mode is Mode.OFFLINE
        self.bookings = {each.id: each for each in (*waiting, *closed)}
        self.reasons = {id: each for id, each in self.reasons.items() if id in self.bookings}
        self._show(waiting, closed, offline)
        for each in waiting:
            self.reasons[each.id] = await self._clashes(desk.bookings, each)
        self._show(waiting, closed, offline)
        self._show_detail()

    @staticmethod
    async def _clashes(bookings: Bookings, booking: Booking) -> list[Reason]:
        return await bookings.clashes(booking.id)

    def _show(self, waiting: list[Booking], closed: list[Booking], offline: bool) -> None:
        rows = [self._row(each) for each in waiting]
        if closed:
            rows += [Row("", ("",), heading=True)] if rows else []
            rows.append(Row("", (_("Declined and expired"),), heading=True))
            rows += [self._closed_row(each) for each in reversed(closed)]
        why = (
            _("Nobody waits. In offline mode every meeting that is booked comes here first.")
            if offline
            else _("Nobody waits: your calendar is connected, and what is booked is confirmed.")
        )
        if not waiting and closed:
            rows = [Row("", (Content.styled(why, "not bold"),), heading=True), *rows]
        self.query_one(Rows).show(rows, empty=why)
        self.query_one("#detail").display = bool(rows)
        self.refresh_bindings()

    def _row(self, booking: Booking) -> Row:
        clash = bool(self.reasons.get(booking.id))
        zone, now = self.koble.zone, self.koble.clock.now()
        return Row(
            booking.id,
            (
                Content.styled(marks.ALERT if clash else " ", "bold $warning"),
                start_text(booking.start, zone, now),
                booking.guest.name,
                Content.styled(f"/{booking.page}", "$muted"),
            ),
        )

    def _closed_row(self, booking: Booking) -> Row:
        zone, now = self.koble.zone, self.koble.clock.now()
        when = start_text(booking.start, zone, now)
        return Row(
            booking.id, (" ", when, booking.guest.name, str(STATES[booking.state])), dim=True
        )

    @on(Rows.Moved)
    def _other(self) -> None:
        self.refresh_bindings()
        self._show_detail()

    def _show_detail(self) -> None:
        booking = self.subject
        self.query_one("#detail").display = booking is not None
        if booking is None:
            return
        zone, now = self.koble.zone, self.koble.clock.now()
        self.query_one("#clash", Static).update(_clash_text(self.reasons.get(booking.id, [])))
        self.query_one("#clash").display = bool(self.reasons.get(booking.id))
        guest = booking.guest
        theirs = ""
        if guest.zone and guest.zone != zone:
            when = when_text(booking.start, booking.end, guest.zone, now)
            theirs = f"{when} {guest.zone} {dates.offset_text(booking.start, guest.zone)}"
        waits = booking.state is BookingState.REQUESTED
        state = str(STATES[booking.state])
        if booking.reason:
            state = f"{state} {marks.DOT} {booking.reason}"
        length = dates.length_text((booking.end - booking.start) // 60)
        when = when_text(booking.start, booking.end, zone, now)
        self.query_one(Facts).show(
            [
                Fact(_("When"), f"{when} {marks.DOT} {length}"),
                Fact(_("For them"), theirs),
                Fact(_("Who"), f"{guest.name} <{guest.email}>"),
                Fact(_("What"), booking.title),
                Fact(_("Why it waits"), waiting_text(booking, zone, now) if waits else ""),
                Fact(_("State"), "" if waits else state),
                Fact(_("Asked"), dates.relative(booking.made_at, now)),
                Fact(_("Note"), booking.note),
            ]
        )

    @on(Rows.Chosen)
    def _open(self) -> None:
        if booking := self.subject:
            self.app.push_screen(MeetingScreen(of_booking(booking)))

    def _ended(self) -> list[Booking]:
        return [each for each in self.bookings.values() if each.state in CLOSED]

    def on_remove_request(self) -> None:
        """Take the one under the cursor off the list."""
        if booking := self.subject:
            self.work(self._remove([booking]), group="act")

    def on_remove_closed(self) -> None:
        """Take all that are closed off the list."""
        self.work(self._remove(self._ended()), group="act")

    async def _remove(self, bookings: list[Booking]) -> None:
        desk = self._desk()
        ids = [each.id for each in bookings]
        await desk.bookings.put_away(ids)

        async def back() -> None:
            await desk.bookings.put_away(ids, away=False)

        text = many("{n} request was removed.", "{n} requests were removed.", len(ids))
        self.koble.offer_undo(text, back)

    def applies(self, command: type[Command]) -> bool | None:
        """Only a request that waits can be answered, only one that does not can be removed."""
        if command is RemoveRequest:
            return self.subject is not None and self.subject.state in CLOSED
        if command is RemoveClosed:
            return bool(self._ended())
        return possible(command, self.subject, self.koble.clock.now())

    def minute(self) -> None:
        """How long ago it was asked moves on."""
        self._show_detail()


def _clash_text(reasons: list[Reason]) -> Content:
    lines = "".join(f"\n {marks.DOT} {reason.phrase}" for reason in reasons)
    return Content.assemble((f"{marks.ALERT} {_('It would clash:')}", "bold $warning"), lines)
