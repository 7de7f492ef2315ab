"""Booking for somebody: the page, the time, the guest; and other times where that one went."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from desk.contacts import Contact
from desk.critical import NotOffered
from scheduling.bookings import Booking, BookingState, Guest
from scheduling.errors import KobleError
from scheduling.offers import Mode
from scheduling.pages import Page
from tui import marks
from tui.commands import Command
from tui.commands.bookings import BookIt, EarlierTimes, LaterTimes, NextStep, OtherLength
from tui.commands.general import Back, Cancel
from tui.phrases import MODES, start_text, when_text
from tui.screens.times import ChooseTime
from tui.widgets.form import FormField, form_values, missing, show_error, show_errors
from tui.widgets.rows import Row, Rows
from tui.widgets.times import Times
from words import _, dates

STEPS = ("page", "time", "guest", "taken")


class BookScreen(ChooseTime):
    """Books a meeting on a page, and returns it.

    Args:
        page_name: the page; empty: it is chosen first, unless there is only one.
        start: the time to begin at, in UTC seconds.
        minutes: the length, where the page has it.
        guest: whom it is for, as far as that is known.
    """

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        Cancel,
        Back,
        EarlierTimes,
        LaterTimes,
        OtherLength,
        NextStep,
        BookIt,
    )

    def __init__(
        self,
        page_name: str,
        start: int | None = None,
        *,
        minutes: int | None = None,
        guest: Guest | None = None,
    ) -> None:
        super().__init__(page_name, start, minutes=minutes)
        self.guest = guest
        self.step = "time" if page_name else "page"
        self.first_step = self.step
        self.wanted = start
        self.pages: list[Page] = []
        self.contacts: dict[str, Contact] = {}
        self.chosen: int | None = None
        """The time that was chosen."""
        self.key = ""
        self._filled: dict[str, str] = {}

    def heading(self) -> str:
        """What this is."""
        return _("Book a meeting")

    def body(self) -> ComposeResult:
        """The steps, of which one is shown."""
        with Vertical(id="step-page"):
            yield Rows(columns=(14, 0, -8), id="page-rows")
        with Vertical(id="step-time"):
            yield from self.times()
        with Vertical(id="step-guest"):
            yield Static(id="summary", markup=False)
            guest = self.guest or Guest(name="", email="")
            required = _("Name")
            yield FormField("name", required, value=guest.name, required=True)
            yield FormField("email", _("E-mail address"), value=guest.email, required=True)
            yield FormField("note", _("Note"), placeholder=_("for the event; may be empty"))
            yield Static(id="becomes", markup=False, classes="hint")
        with Vertical(id="step-taken"):
            yield Static(id="why-taken", markup=False)
            yield Rows(columns=(0,), id="others")

    def on_mount(self) -> None:
        """Show the first step, and read what it needs."""
        self._go("page" if not self.page else "time")
        self.work(self._begin(), group="read")

    async def _begin(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        self.key = desk.ids()
        self.contacts = {each.email: each for each in await desk.contacts.all()}
        names = sorted(each.name for each in self.contacts.values())
        for field, known in (("name", names), ("email", sorted(self.contacts))):
            box = self.query_one(f"#field-{field}").query_one(Input)
            box.suggester = SuggestFromList(known, case_sensitive=False)
        if not self.page:
            self.pages = [page for page in await desk.pages.all() if page.enabled]
            if len(self.pages) == 1:
                self.first_step = "time"
                self._take_page(self.pages[0].name)
                return
            counts = await desk.offers.counts()
            self.query_one("#page-rows", Rows).show(
                [_page_row(page, counts[page.name]) for page in self.pages],
                empty=_("There is no page to book on. Make one first."),
            )
        else:
            self._take_page(self.page)

    def _take_page(self, name: str) -> None:
        self.page, self.start, self.first = name, self.wanted, 0
        self._go("time")
        self.work(self._read_page(), group="read")

    async def _read_page(self) -> None:
        if desk := self.koble.desk:
            page = await desk.pages.get(self.page)
            if self.minutes not in page.durations:
                self.minutes = page.durations[0]
            await self.read()

    def _go(self, step: str) -> None:
        """Show a step; what was filled in before stays."""
        self.step = step
        for each in STEPS:
            self.query_one(f"#step-{each}").display = each == step
        focus: dict[str, str] = {"page": "#page-rows", "time": "#times", "taken": "#others"}
        if step in focus:
            self.query_one(focus[step]).focus()
        else:
            values = form_values(self)
            empty = next((name for name in ("name", "email") if not values[name]), "note")
            self.query_one(f"#field-{empty}", FormField).go()
        self.refresh_bindings()

    # Buttons

    def applies(self, command: type[Command]) -> bool | None:
        """Each step has its own."""
        if command is Cancel:
            return self.step == self.first_step
        if command is Back:
            return self.step != self.first_step
        if command in (EarlierTimes, LaterTimes):
            return self.step == "time"
        if command is OtherLength:
            several = self.free is not None and len(self.free.page.durations) > 1
            return self.step == "time" and several
        if command is NextStep:
            return self.step != "guest"
        return self.step == "guest" if command is BookIt else super().applies(command)

    def word_of(self, command: type[Command]) -> str:
        """The last button says what will happen."""
        if command is BookIt and self.chosen is not None:
            now, zone = self.koble.clock.now(), self.koble.zone
            values = {
                "when": start_text(self.chosen, zone, now),
                "name": form_values(self)["name"] or _("the guest"),
            }
            if self.free is not None and self.free.mode is Mode.LIVE:
                return _("Book {when} for {name}", **values)
            return _("Request {when} for {name}", **values)
        if command is NextStep and self.step == "time" and (slot := self.slot):
            return _("take {when}", when=dates.moment_text(slot.start, self.koble.zone))
        return super().word_of(command)

    def on_back(self) -> None:
        """One step back; what was filled in is kept."""
        self._go({"guest": "time", "taken": "guest"}.get(self.step, self.first_step))

    def on_other_length(self) -> None:
        """The page's next length, at the same time."""
        if self.free is None:
            return
        lengths = self.free.page.durations
        at = lengths.index(self.minutes) if self.minutes in lengths else 0
        self.minutes = lengths[(at + 1) % len(lengths)]
        self.start = self.slot.start if self.slot else None
        self.work(self.read(), group="read")

    @on(Times.Chosen)
    def _time_chosen(self) -> None:
        self.on_next_step()

    def on_next_step(self) -> None:
        """Go on from where we are."""
        if self.step == "page":
            if row := self.query_one("#page-rows", Rows).current:
                self._take_page(row.id)
        elif self.step == "time":
            if slot := self.slot:
                self._take_time(slot.start)
        elif row := self.query_one("#others", Rows).current:
            self._take_time(int(row.id))

    def _take_time(self, start: int) -> None:
        self.chosen = start
        free = self.free
        if free is None:
            return
        zone, now = self.koble.zone, self.koble.clock.now()
        minutes = self.minutes or free.page.durations[0]
        when = when_text(start, start + minutes * 60, zone, now)
        title = free.page.title or f"/{free.page.name}"
        self.query_one("#summary", Static).update(f"{when} {marks.DOT} {title}")
        self.query_one("#becomes", Static).update(str(MODES[free.mode]))
        self._go("guest")

    # The guest

    def on_input_changed(self, event: Input.Changed) -> None:
        """Complete the other field for somebody who is known."""
        field = next((each for each in event.input.ancestors if isinstance(each, FormField)), None)
        if field is None:
            return
        text = event.value.strip().casefold()
        if field.name == "name":
            known = next((c for c in self.contacts.values() if c.name.casefold() == text), None)
            self._fill("email", known.email if known else "")
        elif field.name == "email":
            contact = self.contacts.get(text)
            self._fill("name", contact.name if contact else "")
        self.refresh_bindings()

    def _fill(self, name: str, text: str) -> None:
        """Fill in a field that is empty, or that was filled in by this."""
        field = self.query_one(f"#field-{name}", FormField)
        if text and field.value in ("", self._filled.get(name)):
            self._filled[name] = text
            field.value = text

    def on_book_it(self) -> None:
        """Check the form, and book."""
        values = form_values(self)
        if not show_errors(self, missing(self, _("This is needed."))):
            known = self.contacts.get(values["email"].casefold())
            guest = Guest(
                name=values["name"],
                email=values["email"],
                zone=known.zone if known else "",
                language=known.language if known else "",
            )
            self.work(self._book(guest, values["note"]), group="book")

    async def _book(self, guest: Guest, note: str) -> None:
        desk, start = self.koble.desk, self.chosen
        if desk is None or start is None:
            return
        try:
            booking = await desk.bookings.book(
                self.page,
                start,
                guest,
                minutes=self.minutes,
                key=self.key,
                note=note,
                as_host=True,
            )
        except NotOffered as error:
            self._taken(start, error)
        except KobleError as error:
            if not show_error(self, error):
                raise
        else:
            self._tell(booking)
            self.dismiss(booking)

    def _taken(self, start: int, error: NotOffered) -> None:
        """Somebody was faster: offer the nearest other times at once."""
        zone, now = self.koble.zone, self.koble.clock.now()
        when = dates.moment_text(start, zone)
        lines = [_("{when} is not free any more.", when=when)]
        lines += [f" {marks.DOT} {reason.phrase}" for reason in error.reasons[:3]]
        self.query_one("#why-taken", Static).update("\n".join(lines))
        self.query_one("#others", Rows).show(
            [
                Row(str(each.start), (when_text(each.start, each.end, zone, now),))
                for each in error.others
            ],
            empty=_("Nothing else is free near it."),
        )
        self._go("taken")
        self.work(self.read(), group="read")

    def _tell(self, booking: Booking) -> None:
        now, zone = self.koble.clock.now(), self.koble.zone
        said = {"title": booking.title, "when": start_text(booking.start, zone, now)}
        if booking.state is BookingState.CONFIRMED and booking.trouble:
            text = _("Booked: {title}, {when}.", **said)
            self.koble.notice(f"{text} {booking.trouble}", severity="warning")
        elif booking.state is BookingState.CONFIRMED:
            self.koble.notice(_("Booked: {title}, {when}.", **said))
        elif booking.adding:
            text = _("Requested: {title}, {when}. Added once the calendar answers.", **said)
            self.koble.notice(text, severity="warning")
        else:
            self.koble.notice(_("Requested: {title}, {when}.", **said))


def _page_row(page: Page, number: int) -> Row:
    return Row(
        page.name,
        (f"/{page.name}", page.title, str(number) if number else f"{marks.ALERT} 0"),
    )
