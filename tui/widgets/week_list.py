"""The week as a list, under a heading that says which week it is."""

from datetime import date
from itertools import pairwise

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.week.agenda import Agenda
from tui.week.data import WeekData
from words import dates


class WeekList(Vertical):
    """The agenda and its heading."""

    def compose(self) -> ComposeResult:
        """The heading over the list."""
        yield Static(id="list-heading", markup=False)
        yield Agenda(id="agenda")

    @property
    def agenda(self) -> Agenda:
        """The list itself, which can have the focus."""
        return self.query_one(Agenda)

    def show_week(self, week: WeekData) -> None:
        """Show `week`; the cursor stays on its entry."""
        self.agenda.show_week(week)
        heading = dates.week_heading(week.first_day, week.days)
        self.query_one("#list-heading", Static).update(heading)

    def go_to(self, day: date, week: WeekData) -> None:
        """Put the cursor on the first entry of `day`, or of the next day that has one."""
        wanted = (day - week.first_day).days
        for heading, first in pairwise(self.agenda.rows):
            if heading.heading and int(heading.id.split()[1]) >= wanted:
                self.agenda.select(first.id)
                return
