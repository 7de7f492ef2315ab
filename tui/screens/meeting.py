"""One meeting or event: when, where, who, what it blocks and why, and what can be done."""

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from desk.calendars import Entry
from desk.connections import ConnectionView, Overview
from scheduling.bookings import Booking, BookingState
from scheduling.busy import deciding_row
from scheduling.events import Event
from tui import clipboard, marks
from tui.commands import Command
from tui.commands.bookings import (
    AcceptRequest,
    CancelMeeting,
    CopyMeeting,
    DeclineRequest,
    OpenLink,
    ProposeTimes,
    PutBack,
    Reschedule,
    SetOutcome,
    TakeOver,
)
from tui.commands.general import Close
from tui.outside import outside_text
from tui.phrases import (
    ANSWERS,
    EFFECTS,
    KINDS,
    OUTCOMES,
    ROWS,
    STATES,
    link_of,
    meeting_text,
    place_of,
    waiting_text,
    web_host,
    when_text,
)
from tui.screens.acting import Acting, possible
from tui.screens.base import Modal
from tui.screens.link import LinkScreen
from tui.widgets.facts import Fact, Facts
from words import _, dates, many

PEOPLE = 8
"""How many of the invited are named."""


class MeetingScreen(Acting, Modal[Booking]):
    """Shows one thing of the week; returns what a booking became, where something was done."""

    CSS_PATH = "meeting.tcss"
    COMMANDS = (
        Close,
        AcceptRequest,
        DeclineRequest,
        ProposeTimes,
        TakeOver,
        PutBack,
        CancelMeeting,
        Reschedule,
        SetOutcome,
        CopyMeeting,
        OpenLink,
    )

    def __init__(self, found: Entry) -> None:
        super().__init__()
        self.found = found

    def heading(self) -> str:
        """The title of the meeting."""
        return self.found.title or _("busy")

    def body(self) -> ComposeResult:
        """The facts, and the description where there is one."""
        yield Facts(id="facts")
        with VerticalScroll(id="description", can_focus=True):
            yield Static(self._description(), markup=False)

    def _description(self) -> str:
        event, booking = self.found.event, self.found.booking
        return (event.description if event else "") or (booking.note if booking else "")

    def on_mount(self) -> None:
        """Say what is known; the desk is asked for the rest."""
        self.query_one("#description").display = bool(self._description())
        self.work(self._load(), group="load")

    @property
    def subject(self) -> Booking | None:
        """The booking, where koble made it."""
        return self.found.booking

    async def _load(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        if self.found.booking is not None:
            booking = await desk.bookings.get(self.found.booking.id)
            self.found = msgspec.structs.replace(self.found, booking=booking)
        overview = await desk.connections.overview()
        now, zone = self.koble.clock.now(), self.koble.zone
        self.query_one(Facts).show(facts(self.found, overview, zone, now))
        self.refresh_bindings()

    def done(self, booking: Booking) -> None:
        """Something was done: a new outcome is shown, anything else ends the dialog."""
        known = self.found.booking
        if known is not None and (known.id, known.state) == (booking.id, booking.state):
            self.work(self._load(), group="load")
        else:
            self.dismiss(booking)

    def applies(self, command: type[Command]) -> bool | None:
        """Only what is possible is a button."""
        if command is CopyMeeting:
            return True
        if command is OpenLink:
            return bool(web_host(link_of(self.found)))
        return possible(command, self.subject, self.koble.clock.now())

    def on_copy_meeting(self) -> None:
        """Copy an event that is no booking as text, too."""
        if self.subject is None:
            zone, now = self.koble.zone, self.koble.clock.now()
            clipboard.copy(self.app, meeting_text(self.found, zone, now))

    def on_open_link(self) -> None:
        """Show where it leads first."""
        self.app.push_screen(LinkScreen(link_of(self.found)))


def facts(found: Entry, overview: Overview, zone: str, now: int) -> list[Fact]:
    """Everything that is known of a meeting, in lines."""
    booking, event = found.booking, found.event
    view = _connection(found, overview)
    lines = [Fact(_("When"), _when(found, zone, now))]
    if booking is not None:
        guest = booking.guest
        if guest.zone and guest.zone != zone:
            theirs = when_text(found.start, found.end, guest.zone, now)
            lines.append(Fact(_("For them"), f"{theirs}\n{_zone(found.start, guest.zone)}"))
        lines += [
            Fact(_("Guest"), _person(guest.name, guest.email)),
            Fact(_("State"), _state(booking, zone, now)),
            Fact(_("Trouble"), _trouble(booking)),
            Fact(_("Outside"), _outside(booking, zone, now)),
            Fact(_("Page"), f"/{booking.page}"),
        ]
        if booking.start <= now and booking.state is BookingState.CONFIRMED:
            lines.append(Fact(_("Outcome"), str(OUTCOMES[booking.outcome])))
    place, link = place_of(found), link_of(found)
    lines += [Fact(_("Place"), place), Fact(_("Link"), link)]
    if event is not None:
        calendar = found.calendar.name if found.calendar else ""
        where = str(KINDS[view.connection.kind]) if view else ""
        lines += [
            Fact(_("Calendar"), f" {marks.DOT} ".join(part for part in (calendar, where) if part)),
            Fact(_("Organiser"), event.organizer),
            Fact(_("People"), _people(event)),
            Fact(_("Blocks"), _blocks(found, event, view)),
        ]
    return lines


def _when(found: Entry, zone: str, now: int) -> Content:
    if found.event is not None and found.event.all_day:
        first = dates.local(found.start, zone).date()
        last = dates.local(found.end - 1, zone).date()
        days = dates.day_heading(first)
        if last != first:
            days = f"{days} – {dates.day_heading(last)}"
        return Content.assemble((days, "bold"), (f" {marks.DOT} {_('all day')}", "$muted"))
    length = dates.length_text((found.end - found.start) // 60)
    return Content.assemble(
        (when_text(found.start, found.end, zone, now), "bold"),
        (f" {marks.DOT} {length} {marks.DOT} {dates.relative(found.start, now)}\n", "$muted"),
        (_zone(found.start, zone), "$muted"),
    )


def _zone(instant: int, zone: str) -> str:
    return f"{zone} {dates.offset_text(instant, zone)}"


def _person(name: str, email: str) -> str:
    return f"{name} <{email}>" if name and email else name or email


def _state(booking: Booking, zone: str, now: int) -> str:
    words = str(STATES[booking.state])
    if booking.state is BookingState.REQUESTED:
        return f"{words} {marks.DOT} {waiting_text(booking, zone, now)}"
    return f"{words} {marks.DOT} {booking.reason}" if booking.reason else words


def _trouble(booking: Booking) -> Content | str:
    if not booking.trouble or booking.state is BookingState.REQUESTED:
        return ""
    return Content.styled(f"{marks.ALERT} {booking.trouble}", "$warning")


def _outside(booking: Booking, zone: str, now: int) -> Content | str:
    text = outside_text(booking, zone, now)
    return Content.styled(f"{marks.ALERT} {text}", "$warning") if text else ""


def _people(event: Event) -> str:
    people = [
        f"{_person(each.name, each.email)} {marks.DOT} {ANSWERS[each.response]}"
        for each in event.attendees
    ]
    if len(people) > PEOPLE:
        more = many("and one more", "and {n} more", len(people) - PEOPLE)
        people = [*people[:PEOPLE], more]
    return "\n".join(people)


def _blocks(found: Entry, event: Event, view: ConnectionView | None) -> str:
    if event.cancelled:
        return _("keeps no times away: it is cancelled")
    if found.calendar is not None and not found.calendar.conflicts:
        return _("keeps no times away: its calendar is only shown")
    effect = str(EFFECTS[found.blocking])
    row = deciding_row(event, view.connection.matrix) if view else ""
    words = f"{effect}: {ROWS[row]}" if row else effect
    return f"{words}\n{event.uncertain}" if event.uncertain else words


def _connection(found: Entry, overview: Overview) -> ConnectionView | None:
    wanted = found.calendar.connection if found.calendar else ""
    return next((v for v in overview.connections if v.connection.id == wanted), None)
