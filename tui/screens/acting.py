"""What can be done with one booking, for every screen on which one can be pointed at."""

from functools import partial

from desk.calendars import Entry
from desk.critical import NotOffered
from desk.desk import Desk
from scheduling.bookings import Booking, BookingState, Outcome
from scheduling.events import Blocking
from tui import clipboard
from tui.commands import Command
from tui.commands.bookings import (
    AcceptRequest,
    CancelMeeting,
    CopyMeeting,
    DeclineRequest,
    ProposeTimes,
    PutBack,
    Reschedule,
    SetOutcome,
    TakeOver,
)
from tui.outside import put_back, take_over
from tui.phrases import OUTCOMES, meeting_text, start_text
from tui.screens.base import Base
from tui.screens.cancel import CancelScreen
from tui.screens.decline import DeclineScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.propose import ProposeScreen
from tui.screens.reschedule import RescheduleScreen
from words import _

OF_REQUESTS = (AcceptRequest, DeclineRequest, ProposeTimes)
OF_MEETINGS = (CancelMeeting, Reschedule)


def possible(command: type[Command], booking: Booking | None, now: int) -> bool:
    """Whether `command` can be done with a booking as it stands; other commands always can."""
    if command in OF_REQUESTS:
        return booking is not None and booking.state is BookingState.REQUESTED
    if command in OF_MEETINGS:
        going = booking is not None and booking.end > now
        return going and booking is not None and booking.state is BookingState.CONFIRMED
    if command in (TakeOver, PutBack):
        return booking is not None and booking.outside is not None
    if command is SetOutcome:
        begun = booking is not None and booking.start <= now
        return begun and booking is not None and booking.state is BookingState.CONFIRMED
    return command is not CopyMeeting or booking is not None


def of_booking(booking: Booking) -> Entry:
    """A booking as an agenda has those that are in no calendar."""
    return Entry(
        start=booking.start,
        end=booking.end,
        title=booking.title,
        blocking=Blocking.HARD,
        booking=booking,
    )


class Acting(Base):
    """Mix into a screen or dialog that points at a booking: `subject`. `done` hears of deeds."""

    @property
    def subject(self) -> Booking | None:
        """The booking that the verbs are about."""
        raise NotImplementedError

    def done(self, booking: Booking) -> None:
        """Something was done, and `booking` is what there is now."""

    def _desk(self) -> Desk:
        assert self.koble.desk is not None  # noqa: S101 - a booking is shown, so it is open
        return self.koble.desk

    def _say(self, booking: Booking) -> dict[str, str]:
        when = start_text(booking.start, self.koble.zone, self.koble.clock.now())
        return {"title": booking.title, "when": when}

    def on_accept_request(self) -> None:
        """Accept."""
        if booking := self.subject:
            self.work(self._accept(booking), group="act")

    async def _accept(self, booking: Booking) -> None:
        try:
            accepted = await self._desk().bookings.accept(booking.id)
        except NotOffered as error:
            reasons = " ".join(str(reason.phrase) for reason in error.reasons)
            text = _("Not accepted: {reasons}", reasons=reasons)
            self.koble.notice(text, severity="error", seconds=10)
            return
        if accepted.state is BookingState.CONFIRMED:
            self.koble.notice(_("Accepted: {title}, {when}.", **self._say(accepted)))
        else:
            text = _(
                "Accepted: {title}. It is added once the calendar answers.", title=accepted.title
            )
            self.koble.notice(text, severity="warning")
        self.done(accepted)

    def on_decline_request(self) -> None:
        """Ask for a reason, then decline."""
        if booking := self.subject:
            self.app.push_screen(DeclineScreen(booking), partial(self._declined, booking))

    def _declined(self, booking: Booking, reason: str | None) -> None:
        if reason is not None:
            self.work(self._decline(booking, reason), group="act")

    async def _decline(self, booking: Booking, reason: str) -> None:
        declined = await self._desk().bookings.decline(booking.id, reason)
        self._offer_undo(_("Declined: {title}, {when}.", **self._say(declined)), declined)
        self.done(declined)

    def _offer_undo(self, text: str, booking: Booking) -> None:
        async def back() -> None:
            before = await self._desk().bookings.undo(booking.id)
            self.koble.notice(_("Taken back: {title}, {when}.", **self._say(before)))

        self.koble.offer_undo(text, back)

    def on_propose_times(self) -> None:
        """Choose other times."""
        if booking := self.subject:
            self.app.push_screen(ProposeScreen(booking), self._proposed)

    def _proposed(self, booking: Booking | None) -> None:
        if booking is not None:
            # Taken along as text, to be put into an e-mail.
            now, zone = self.koble.clock.now(), self.koble.zone
            times = [f"- {start_text(each, zone, now)} ({zone})" for each in booking.proposed]
            clipboard.copy(self.app, "\n".join([booking.title, *times]))
            self.done(booking)

    def on_cancel_meeting(self) -> None:
        """Say what will happen, then cancel."""
        if booking := self.subject:
            self.app.push_screen(CancelScreen(booking), partial(self._cancelled, booking))

    def _cancelled(self, booking: Booking, reason: str | None) -> None:
        if reason is not None:
            self.work(self._cancel(booking, reason), group="act")

    async def _cancel(self, booking: Booking, reason: str) -> None:
        cancelled = await self._desk().bookings.cancel(booking.id, reason, undo=True)
        self._offer_undo(_("Cancelled: {title}, {when}.", **self._say(cancelled)), cancelled)
        self.done(cancelled)

    def on_reschedule(self) -> None:
        """Choose another time."""
        if booking := self.subject:
            self.app.push_screen(RescheduleScreen(booking), self._moved)

    def _moved(self, booking: Booking | None) -> None:
        if booking is not None:
            self._offer_undo(_("Moved: {title}, now {when}.", **self._say(booking)), booking)
            self.done(booking)

    def on_take_over(self) -> None:
        """Let it be as its event is."""
        if booking := self.subject:
            self.work(self._take_over(booking), group="act")

    async def _take_over(self, booking: Booking) -> None:
        self.done(await take_over(self.koble, booking))

    def on_put_back(self) -> None:
        """Write its event back."""
        if booking := self.subject:
            self.work(self._put_back(booking), group="act")

    async def _put_back(self, booking: Booking) -> None:
        self.done(await put_back(self.koble, booking))

    def on_set_outcome(self) -> None:
        """Choose an outcome."""
        if booking := self.subject:
            screen = OutcomeScreen(booking.outcome)
            self.app.push_screen(screen, partial(self._outcome_chosen, booking))

    def _outcome_chosen(self, booking: Booking, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.work(self._set_outcome(booking, outcome), group="act")

    async def _set_outcome(self, booking: Booking, outcome: Outcome) -> None:
        changed = await self._desk().bookings.set_outcome(booking.id, outcome)
        text = _("{title}: {outcome}.", title=changed.title, outcome=OUTCOMES[outcome])
        self.koble.notice(text)
        self.done(changed)

    def on_copy_meeting(self) -> None:
        """Copy it as text."""
        if booking := self.subject:
            zone, now = self.koble.zone, self.koble.clock.now()
            clipboard.copy(self.app, meeting_text(of_booking(booking), zone, now))
