"""The sections of the settings, their tabs, and the line that shows the tabs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.content import Content

from tui.chrome import Part
from tui.screens.settings.about import AboutPane
from tui.screens.settings.absences import AbsencesPane
from tui.screens.settings.appearance import AppearancePane
from tui.screens.settings.calendar import CalendarPane
from tui.screens.settings.calendars import CalendarsPane
from tui.screens.settings.email import EmailPane
from tui.screens.settings.hours import HoursPane
from tui.screens.settings.keys import KeysPane
from tui.screens.settings.overrides import OverridesPane
from tui.screens.settings.pane import Pane
from tui.screens.settings.profile import ProfilePane
from tui.screens.settings.safety import SafetyPane
from tui.widgets.lines import PartLine
from words import Phrase


class Tab(NamedTuple):
    """One tab: what it is called, and what it shows."""

    title: Phrase
    pane: type[Pane]


class Section(NamedTuple):
    """One section: what it is called, and its tabs by id; a single one shows no line of tabs."""

    title: Phrase
    tabs: dict[str, Tab]


SECTIONS = {
    "general": Section(
        Phrase("General"),
        {
            "profile": Tab(Phrase("Profile"), ProfilePane),
            "calendar": Tab(Phrase("Calendar"), CalendarPane),
            "email": Tab(Phrase("E-mail integration"), EmailPane),
            "keys": Tab(Phrase("Keys"), KeysPane),
            "appearance": Tab(Phrase("Appearance"), AppearancePane),
        },
    ),
    "meetings": Section(
        Phrase("Meetings"),
        {
            "hours": Tab(Phrase("Working hours"), HoursPane),
            "overrides": Tab(Phrase("Overrides"), OverridesPane),
            "absences": Tab(Phrase("Absences"), AbsencesPane),
            "calendars": Tab(Phrase("Calendars"), CalendarsPane),
        },
    ),
    "safety": Section(Phrase("Safety"), {"safety": Tab(Phrase("Safety"), SafetyPane)}),
    "about": Section(Phrase("About"), {"about": Tab(Phrase("About"), AboutPane)}),
}
SECTION_OF = {tab: section for section, each in SECTIONS.items() for tab in each.tabs}


def tab_titled(id: str) -> Tab:
    """The tab of that id."""
    return SECTIONS[SECTION_OF[id]].tabs[id]


def path_text(tab: str) -> str:
    """Where a tab is found: "Settings → General → Calendar"."""
    section = SECTIONS[SECTION_OF[tab]]
    parts = [str(Phrase("Settings")), str(section.title)]
    if len(section.tabs) > 1:
        parts.append(str(section.tabs[tab].title))
    return " → ".join(parts)


class TabLine(PartLine):
    """The tabs of the section; a click goes to one."""

    def __init__(self, tab: str, go: Callable[[str], None]) -> None:
        super().__init__(id="tabs")
        self.tab = tab
        self.go = go

    def show(self, tab: str) -> None:
        """Mark another tab, perhaps of another section."""
        self.tab = tab
        self.parts = ()  # the same words, marked otherwise
        self.redo()

    def make(self, width: int) -> Sequence[Part]:
        """The titles; where they do not fit, those around the present one."""
        tabs = SECTIONS[SECTION_OF[self.tab]].tabs
        if len(tabs) == 1:
            return []
        parts = [Part(_title(str(tab.title), id == self.tab), id) for id, tab in tabs.items()]
        at = list(tabs).index(self.tab)
        first, last = 0, len(parts)
        while sum(part.width for part in parts[first:last]) > width and last - first > 1:
            if at - first > last - 1 - at:
                first += 1
            else:
                last -= 1
        return parts[first:last]

    def activate(self, target: str) -> None:
        """Go to the tab that was clicked."""
        self.go(target)


def _title(title: str, here: bool) -> Content:
    style = "bold underline $foreground" if here else "$muted"
    return Content.assemble((title, style), "   ")
