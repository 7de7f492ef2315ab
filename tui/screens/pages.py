"""Scheduling pages: the list, and what the one under the cursor offers, and why not more."""

from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from scheduling.offers import Mode
from scheduling.pages import Page
from tui import marks
from tui.commands import Command
from tui.commands.pages import BookOnPage, DeletePage, EditPage, NewPage, TogglePage
from tui.offer_text import DAY, DAYS, facts, mode_text, title_line, why_text
from tui.screens.base import KobleScreen
from tui.screens.page_editor import PageEditor
from tui.widgets.rows import Row, Rows
from tui.widgets.times import Times
from words import _


class PagesScreen(KobleScreen):
    """The pages through which contacts book."""

    PLACE = "pages"
    CSS_PATH = "pages.tcss"
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        NewPage,
        EditPage,
        BookOnPage,
        TogglePage,
        DeletePage,
    )
    TABLES = frozenset({"pages", "bookings", "calendars", "events", "connections", "settings"})
    _pages: dict[str, Page]
    _shown: str = ""

    def body(self) -> ComposeResult:
        """The list at the left; the page under the cursor at the right."""
        self._pages, self._shown = {}, ""
        yield Static(id="banner", markup=False)
        with Horizontal():
            yield Rows(columns=(0, -8), id="pages", empty=_("Reading …"))
            with Vertical(id="page"):
                yield Static(id="title", markup=False)
                yield Static(id="facts", markup=False)
                yield Times(id="times")
                yield Static(id="why", markup=False)

    def begin(self) -> None:
        """The list has the focus."""
        self.query_one("#pages").focus()

    @property
    def current(self) -> Page | None:
        """The page under the cursor."""
        row = self.query_one("#pages", Rows).current
        return self._pages.get(row.id) if row else None

    def applies(self, command: type[Command]) -> bool | None:
        """Only a new page can be made where there is none."""
        return command is NewPage or self.current is not None

    # Showing

    async def load(self) -> None:
        """Read the pages, how many times each offers in seven days, and the one in front."""
        desk = self.koble.desk
        if desk is None:
            return
        counts = await desk.offers.counts()
        pages = await desk.pages.all()
        mode = (await desk.connections.overview()).mode
        self._pages = {page.name: page for page in pages}
        self.query_one("#banner", Static).update(mode_text(mode))
        self.query_one("#banner").display = mode is not Mode.LIVE
        empty = _("No pages yet. Press {key} to make one.", key="n")
        self.query_one("#pages", Rows).show([_row(p, counts[p.name]) for p in pages], empty=empty)
        self.refresh_bindings()
        await self._preview()

    @on(Rows.Moved, "#pages")
    def _other_page(self) -> None:
        self.work(self._preview(), group="preview")

    async def _preview(self) -> None:
        page, desk = self.current, self.koble.desk
        self.query_one("#page").display = page is not None
        if page is None or desk is None:
            return
        now = self.koble.clock.now()
        slots = await desk.offers.slots(page, now, now + DAYS * DAY)
        schedule = await desk.settings.schedule()
        zone = page.zone or schedule.zone
        number = sum(slot.offered for slot in slots if slot.end <= now + 7 * DAY)
        self.query_one("#title", Static).update(title_line(page, number))
        self.query_one("#facts", Static).update(facts(page, zone))
        empty = _("The hours of this page hold no times in the next {n} days.", n=DAYS)
        anew = page.name != self._shown
        self._shown = page.name
        self.query_one(Times).show(slots, zone, empty=empty, anew=anew)
        if not slots:
            self.query_one("#why", Static).update("")

    @on(Times.Moved)
    def _why(self, event: Times.Moved) -> None:
        if page := self.current:
            self.work(self._explain(page, event.slot.start), group="why")

    async def _explain(self, page: Page, start: int) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        reasons = await desk.offers.why(page, start)
        zone = page.zone or (await desk.settings.schedule()).zone
        self.query_one("#why", Static).update(why_text(start, zone, reasons))

    # Acting

    @on(Rows.Chosen, "#pages")
    def _to_times(self) -> None:
        self.query_one(Times).focus()

    def on_new_page(self) -> None:
        """Open an empty form."""
        self._edit(None)

    def on_edit_page(self) -> None:
        """Open the form of this page."""
        self._edit(self.current)

    def _edit(self, page: Page | None) -> None:
        def saved(result: Page | None) -> None:
            if result is not None:
                self.work(self._come_back(result), group="load")

        self.app.push_screen(PageEditor(page), saved)

    async def _come_back(self, page: Page) -> None:
        await self.load()
        self.query_one("#pages", Rows).select(page.name)

    def on_book_on_page(self) -> None:
        """Book through this page, at the time under the cursor where it is offered."""
        slot = self.query_one(Times).current
        self._book(slot.start if slot and slot.offered else None)

    @on(Times.Chosen)
    def _book_this(self, event: Times.Chosen) -> None:
        self._book(event.slot.start)

    def _book(self, start: int | None) -> None:
        from tui.screens.book import BookScreen  # first used here

        if page := self.current:
            self.app.push_screen(BookScreen(page.name, start))

    def on_toggle_page(self) -> None:
        """Close or open this page."""
        if page := self.current:
            self.work(self._toggle(page), group="save")

    async def _toggle(self, page: Page) -> None:
        if desk := self.koble.desk:
            changed = msgspec.structs.replace(page, enabled=not page.enabled)
            await desk.pages.save(changed)
            self.koble.notice(
                _("/{name} is open.", name=page.name)
                if changed.enabled
                else _("/{name} is closed: it offers nothing.", name=page.name)
            )

    def on_delete_page(self) -> None:
        """Delete this page; it can be undone."""
        if page := self.current:
            self.work(self._delete(page), group="save")

    async def _delete(self, page: Page) -> None:
        if desk := self.koble.desk:
            await desk.pages.delete(page.name)

            async def back() -> None:
                await desk.pages.save(page)

            self.koble.offer_undo(_("Deleted /{name}.", name=page.name), partial(back))


def _row(page: Page, number: int) -> Row:
    if not page.enabled:
        words = Content.styled(_("closed"), "$muted")
    elif number:
        words = Content.styled(str(number), "$muted")
    else:
        words = Content.styled(f"{marks.ALERT} 0", "$warning")
    return Row(page.name, (f"/{page.name}", words), dim=not page.enabled)
