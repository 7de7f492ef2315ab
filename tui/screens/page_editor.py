"""One page as a form, with its offers beside it, redrawn while it changes."""

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.timer import Timer
from textual.widgets import Input, Static

from desk.offers import Slot
from desk.page_text import from_texts, texts
from scheduling.errors import KobleError
from scheduling.pages import Page
from tui import marks
from tui.commands.general import Cancel, Help
from tui.commands.pages import SavePage, ToTimes
from tui.offer_text import DAY, DAYS, why_text
from tui.screens.base import Modal
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.form import FormField, field_of, form_values, show_error
from tui.widgets.times import Times
from words import Phrase, _

PAUSE = 0.15
"""Seconds without a key after which the offers are computed again."""
NEW = Page(name="", durations=(30,), step=30)
ABOUT: Mapping[str, Phrase] = {
    "name": Phrase("The last part of its address: small letters, digits and hyphens."),
    "title": Phrase("What guests read; its address unless given."),
    "durations": Phrase("How long a meeting may be, in minutes; guests choose one."),
    "step": Phrase("From one start to the next: minutes, duration or duration+buffers."),
    "anchor": Phrase("Where the steps are counted from."),
    "hours": Phrase("When it can be booked, such as mon–fri 09:00–16:00, sat 10:00–12:00."),
    "overrides": Phrase("Other hours on a date: 2026-12-24 day off, 2026-12-23 09:00–12:00."),
    "buffer_before": Phrase("What is kept free before each meeting, such as 15, 90m or 2h."),
    "buffer_after": Phrase("What is kept free after each meeting, such as 15, 90m or 2h."),
    "buffer_between": Phrase("What is kept free between two meetings."),
    "notice": Phrase("How long before its start it must be booked, such as 4h or 2d."),
    "window": Phrase("14 days, 10 business days, 3 bookable days, or two dates."),
    "limits": Phrase("No more than that, such as day 4, week 600 min."),
    "soft_blocks": Phrase("Whether tentative events keep times away."),
    "zone": Phrase("The zone of its hours, such as Europe/Oslo; yours unless given."),
    "location": Phrase("Where you meet: a room, an address, a telephone number."),
    "conference": Phrase("Whether each booking gets a video meeting."),
    "description": Phrase("What guests read below the title."),
    "cancel_notice": Phrase("How long before its start guests may still change it, such as 24h."),
    "enabled": Phrase("A closed page offers nothing; what is booked stays."),
}
"""What each field is for, and how it is written."""


class PageEditor(Modal[Page]):
    """Edit `page`, or make a new one (None); the result is the saved page."""

    HEADING = Phrase("New page")
    CSS_PATH = "page_editor.tcss"
    COMMANDS = (Cancel, SavePage, ToTimes, Help)

    def __init__(self, page: Page | None, draft: dict[str, str] | None = None) -> None:
        super().__init__()
        self._page = page
        self._draft = draft
        self._first = texts(page or NEW)
        self._shown: Page | None = None
        self._pause: Timer | None = None

    def heading(self) -> str:
        """The page's address, or that it is new."""
        return f"/{self._page.name}" if self._page else str(self.HEADING)

    def body(self) -> ComposeResult:
        """The form at the left, the times at the right."""
        with Horizontal(id="both"):
            with VerticalScroll(id="form", can_focus=False):
                yield from self._fields(self._draft or self._first)
            with Vertical(id="preview"):
                yield Static(id="gained", markup=False)
                yield Times(id="times")
                yield Static(id="why", markup=False)
        yield Static(id="about", markup=False)

    def _fields(self, at: dict[str, str]) -> ComposeResult:
        yield FormField("name", _("Address"), value=at["name"], required=True, placeholder="intro")
        yield FormField("title", _("Title"), value=at["title"], placeholder=_("Intro call"))
        yield FormField("durations", _("Lengths"), value=at["durations"], placeholder="30, 60")
        yield FormField("step", _("Every"), value=at["step"], placeholder="30")
        yield ChoiceField(
            "anchor",
            _("Starts"),
            [("clock", _("on the clock")), ("pack", _("from the free range"))],
            value=at["anchor"],
        )
        yield FormField("hours", _("Hours"), value=at["hours"], placeholder=_("working hours"))
        yield FormField("overrides", _("Except"), value=at["overrides"])
        yield FormField("buffer_before", _("Before"), value=at["buffer_before"], placeholder="0")
        yield FormField("buffer_after", _("After"), value=at["buffer_after"], placeholder="0")
        yield ChoiceField(
            "buffer_between",
            _("Between"),
            [("larger", _("the larger buffer")), ("sum", _("both buffers"))],
            value=at["buffer_between"],
        )
        yield FormField("notice", _("Notice"), value=at["notice"], placeholder="0")
        yield FormField("window", _("Ahead"), value=at["window"])
        yield FormField("limits", _("Limits"), value=at["limits"], placeholder=_("none"))
        yield ChoiceField(
            "soft_blocks",
            _("Tentative"),
            [("yes", _("blocks")), ("no", _("does not block"))],
            value=at["soft_blocks"],
        )
        yield FormField("zone", _("Zone"), value=at["zone"], placeholder=_("yours"))
        yield FormField("location", _("Place"), value=at["location"])
        yield ChoiceField(
            "conference",
            _("Video"),
            [("no", _("none")), ("yes", _("made by the calendar, where it can"))],
            value=at["conference"],
        )
        yield FormField("description", _("Text"), value=at["description"])
        yield FormField("cancel_notice", _("Cancel by"), value=at["cancel_notice"])
        yield ChoiceField(
            "enabled",
            _("Open"),
            [("yes", _("to contacts")), ("no", _("closed"))],
            value=at["enabled"],
        )

    def on_mount(self) -> None:
        """Begin at the first field, with the offers as they are."""
        self.query_one(FormField).go()
        self.work(self._preview(), group="preview")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what the field is for."""
        names = (each.name for each in event.widget.ancestors if isinstance(each, FormField))
        self.query_one("#about", Static).update(str(ABOUT.get(next(names, None) or "", "")))

    # The preview

    @on(Input.Changed)
    @on(Choice.Changed)
    def _changed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._redraw)

    def _redraw(self) -> None:
        self.work(self._preview(), group="preview")

    async def _preview(self) -> None:
        """Compute the offers of what the form says now; say what is wrong where it is wrong."""
        desk = self.koble.desk
        if desk is None:
            return
        values = form_values(self)
        try:
            page = from_texts(values | {"name": values["name"] or "new"}, self._page)
        except KobleError as error:
            self._say(error)
            return
        self._say(None)
        now = self.koble.clock.now()
        slots = await desk.offers.slots(page, now, now + DAYS * DAY)
        before = await desk.offers.slots(self._page, now, now + DAYS * DAY) if self._page else None
        zone = page.zone or (await desk.settings.schedule()).zone
        self._shown = page
        self.query_one("#gained", Static).update(gained_line(slots, before))
        empty = _("These hours hold no times in the next {n} days.", n=DAYS)
        self.query_one(Times).show(slots, zone, empty=empty)
        if not slots:
            self.query_one("#why", Static).update("")

    def _say(self, error: KobleError | None) -> None:
        """Put an error under its field without taking the focus from where somebody types."""
        for field in self.query(FormField):
            wrong = str(error) if error and field_of(error) == field.name else ""
            if field.error != wrong:
                field.say(wrong)

    @on(Times.Moved)
    def _why(self, event: Times.Moved) -> None:
        if self._shown is not None:
            self.work(self._explain(self._shown, event.slot.start), group="why")

    async def _explain(self, page: Page, start: int) -> None:
        if desk := self.koble.desk:
            reasons = await desk.offers.why(page, start)
            zone = page.zone or (await desk.settings.schedule()).zone
            self.query_one("#why", Static).update(why_text(start, zone, reasons))

    def on_to_times(self) -> None:
        """From the form to the times, and back."""
        times = self.query_one(Times)
        if times.has_focus:
            self.query_one(FormField).go()
        else:
            times.focus()

    # Leaving

    def on_save_page(self) -> None:
        """Save, unless something is wrong."""
        if self._pause is not None:
            self._pause.stop()
        # In the place of a preview that may still run: it would wipe what saving has to say.
        self.work(self._save(), group="preview")

    async def _save(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        try:
            page = from_texts(form_values(self), self._page)
            if self._page is None:
                await desk.pages.add(page)
            else:
                await desk.pages.save(page, old_name=self._page.name)
        except KobleError as error:
            if not show_error(self, error):
                raise
            return
        self.koble.notice(_("Saved /{name}.", name=page.name))
        self.dismiss(page)

    def on_cancel(self) -> None:
        """Leave; what was typed can be had back for ten seconds."""
        values = form_values(self)
        if values != self._first:
            app, page = self.koble, self._page

            async def back() -> None:
                app.push_screen(PageEditor(page, values))

            app.offer_undo(_("Changes to the page were dropped."), back)


def gained_line(slots: list[Slot], before: list[Slot] | None) -> Content:
    """How many offers there are, and what a change gains and loses against `before`."""
    offered = {slot.start for slot in slots if slot.offered}
    parts: list[tuple[str, str]] = [
        (f"{marks.FRESH} " if offered else f"{marks.ALERT} ", "$accent" if offered else "$warning"),
        (_("{n} offers in {days} days", n=len(offered), days=DAYS), "bold"),
    ]
    if before is not None:
        known = {slot.start for slot in before if slot.offered}
        gained, lost = len(offered - known), len(known - offered)
        if gained:
            parts.append((f"   +{gained}", "$success"))
        if lost:
            parts.append((f"   {marks.DASH}{lost}", "$warning"))
    return Content.assemble(*parts)
