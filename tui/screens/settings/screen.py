"""Settings: the sections at the left, the tabs of one above, and what the tab shows."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Static

from tui.commands import Command
from tui.commands.connect import ConnectYourCalendar
from tui.commands.settings import (
    CalendarSettings,
    NextTab,
    PreviousTab,
    ShowSections,
)
from tui.screens.base import KobleScreen
from tui.screens.connect import ConnectScreen
from tui.screens.settings.calendars import CalendarSettingsScreen
from tui.screens.settings.pane import Pane
from tui.screens.settings.tabs import SECTION_OF, SECTIONS, TabLine, path_text
from tui.screens.settings.view import View, read_view
from tui.widgets.rows import Row, Rows

PLACES = {
    "week_start": "hours",
    "theme": "appearance",
    "ascii": "appearance",
    "fresh": "calendar",
    "poll": "calendar",
}
"""The tabs of settings whose own name is not that of a tab."""


class SettingsScreen(KobleScreen):
    """The fifth of the main screens."""

    PLACE = "settings"
    CSS_PATH = "settings.tcss"
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        PreviousTab,
        NextTab,
        ConnectYourCalendar,
        ShowSections,
        CalendarSettings,
    )
    TABLES = frozenset({"settings", "connections", "calendars", "inboxes"})

    def __init__(self) -> None:
        super().__init__()
        self.tab = "profile"
        self.view: View | None = None

    def body(self) -> ComposeResult:
        """The path, the sections, the tab."""
        yield Static(path_text(self.tab), markup=False, id="path")
        with Horizontal(id="settings"):
            yield Rows(
                [Row(id, (str(section.title),)) for id, section in SECTIONS.items()],
                id="sections",
            )
            with Vertical(id="side"):
                yield TabLine(self.tab, self.go)
                with ContentSwitcher(initial=self.tab, id="panes"):
                    for section in SECTIONS.values():
                        for id, tab in section.tabs.items():
                            yield tab.pane(id=id)

    def begin(self) -> None:
        """Start in the list of sections."""
        sections = self.query_one("#sections", Rows)
        sections.select(SECTION_OF[self.tab])
        sections.focus()
        self._fill()

    async def load(self) -> None:
        """Read everything, show the tab that is in front."""
        if self.koble.desk is not None:
            self.view = await read_view(self.koble.desk)
            self._fill()

    def minute(self) -> None:
        """Ages grow."""
        self.reload()

    def _fill(self) -> None:
        pane = self.pane
        if self.view is not None and pane is not None and pane.view is not self.view:
            pane.show(self.view)

    @property
    def pane(self) -> Pane | None:
        """The tab that is in front."""
        return next(iter(self.query(Pane).filter(f"#{self.tab}")), None)

    def go(self, tab: str) -> None:
        """Show a tab, and stay in its list if the focus was in one."""
        inside = self._inside()
        self.tab = tab
        switchers = list(self.query(ContentSwitcher))
        if not switchers:
            return  # before it is composed: it starts there
        switchers[0].current = tab
        self.query_one(TabLine).show(tab)
        self.query_one("#path", Static).update(path_text(tab))
        self.query_one("#sections", Rows).select(SECTION_OF[tab])
        self._fill()
        if inside:
            self.enter()
        self.refresh_bindings()

    def enter(self) -> None:
        """Put the focus into the list of the tab."""
        if self.pane is not None:
            self.pane.rows.focus()

    def _inside(self) -> bool:
        focused = self.focused
        return focused is not None and any(isinstance(each, Pane) for each in focused.ancestors)

    def applies(self, command: type[Command]) -> bool | None:
        """Tabs are changed where there are several; Esc leads out of a tab."""
        if command in (NextTab, PreviousTab):
            return len(SECTIONS[SECTION_OF[self.tab]].tabs) > 1
        if command is ShowSections:
            return self._inside()
        if command is CalendarSettings:
            return self.view is not None and bool(self.view.overview.connections)
        return True

    @on(Rows.Moved, "#sections")
    def _section(self, event: Rows.Moved) -> None:
        if SECTION_OF[self.tab] != event.row.id:
            self.go(next(iter(SECTIONS[event.row.id].tabs)))

    @on(Rows.Chosen, "#sections")
    def _open_section(self) -> None:
        self.enter()

    def find(self, what: str) -> None:
        """Go to a tab, by its id or by the name of a setting in it, such as `profile.zone`."""
        part, _dot, name = what.partition(".")
        wanted = (what, PLACES.get(name, ""), part, name)
        if tab := next((each for each in wanted if each in SECTION_OF), ""):
            self.go(tab)
            self.enter()
            if self.pane is not None and name:
                self.pane.rows.select(name)

    def place(self) -> str:
        """The setting under the cursor."""
        if self.pane is None or not self._inside():
            return ""
        row = self.pane.rows.current
        return f"{self.tab}.{row.id}" if row is not None else self.tab

    def on_show_sections(self) -> None:
        """Back to the list of sections."""
        self.query_one("#sections", Rows).focus()

    def on_next_tab(self) -> None:
        """The tab after; after the last comes the first."""
        self._turn(1)

    def on_previous_tab(self) -> None:
        """The tab before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        tabs = list(SECTIONS[SECTION_OF[self.tab]].tabs)
        self.go(tabs[(tabs.index(self.tab) + step) % len(tabs)])
        self.enter()

    def on_connect_your_calendar(self) -> None:
        """Open the dialog that connects a calendar."""
        self.app.push_screen(ConnectScreen())

    def on_calendar_settings(self) -> None:
        """Open the calendars as a dialog."""
        self.app.push_screen(CalendarSettingsScreen())
