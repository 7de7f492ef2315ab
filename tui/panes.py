"""What stands beside the week, as rows: calendars, what comes next, requests, pages."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from scheduling.bookings import Booking
from scheduling.connections import Calendar
from scheduling.pages import Page
from scheduling.state import Mode
from tui import marks
from tui.phrases import place_of, start_text
from tui.widgets.rows import Row
from words import _, dates

if TYPE_CHECKING:
    from desk.calendars import Entry
    from desk.connections import Overview
    from scheduling.offers import Reason

WHY = 24
"""Cells in a line of why a page offers nothing."""


def calendar_rows(overview: "Overview") -> list[Row]:
    """The calendars of every connection, and what each is used for."""
    return [_calendar_row(each) for view in overview.connections for each in view.calendars]


def _calendar_row(calendar: Calendar) -> Row:
    mark = marks.ON if calendar.conflicts else marks.OFF
    if calendar.destination:
        use = _("books here")
    elif calendar.conflicts:
        use = _("conflicts")
    else:
        use = _("shown")
    if not calendar.shown:
        use = _("hidden")
    name = Content.assemble((mark, calendar.color), " ", calendar.name)
    return Row(calendar.id, (name, Content.styled(use, "$muted")), dim=not calendar.shown)


def next_lines(found: "Entry | None", zone: str, now: int) -> tuple[str, str, str]:
    """What comes next: when, what, and "in 27 min · Meet"; all empty where nothing does."""
    if found is None:
        return "", "", ""
    far = dates.relative(found.start, now)
    place = place_of(found)
    return start_text(found.start, zone, now), found.title, _join(far, place)


def next_line(found: "Entry | None", zone: str, now: int, otherwise: str) -> Content:
    """The same in one line, for narrow screens; `otherwise` is said where nothing comes."""
    when, title, more = next_lines(found, zone, now)
    if not title:
        return Content.styled(f" {otherwise}", "$muted")
    return Content.assemble(
        (f" {_('Next')} ", "$muted"),
        (f"{when} ", "bold"),
        title,
        (f" {marks.DOT} {more}", "$muted"),
    )


def request_rows(requests: Sequence[Booking], zone: str, now: int) -> list[Row]:
    """Who has asked for a meeting, and when."""
    return [Row(each.id, (start_text(each.start, zone, now), each.guest.name)) for each in requests]


def page_rows(
    pages: Sequence[Page],
    counts: Mapping[str, int],
    obstacles: "Mapping[str, Reason | None]",
    mode: Mode,
) -> list[Row]:
    """The pages and how much each offers in seven days; where it is nothing, why."""
    rows = []
    for page in pages:
        number = counts.get(page.name, 0)
        rows.append(
            Row(page.name, (f"/{page.name}", _offered(page, number, mode)), dim=not page.enabled)
        )
        if not number and page.enabled:
            lines = wrap(_why(obstacles.get(page.name)), WHY)[:3]
            rows += [
                Row("", (Content.styled(f" {line}", "$warning not bold"),), heading=True)
                for line in lines
            ]
    return rows


def _offered(page: Page, number: int, mode: Mode) -> Content:
    if not page.enabled:
        return Content.styled(_("closed"), "$muted")
    if not number:
        return Content.styled(f"{marks.ALERT} {_('nothing')}", "bold $warning")
    words = _("offline") if mode is Mode.OFFLINE else dates.length_text(page.durations[0])
    return Content.styled(_join(words, str(number)), "$muted")


def _why(reason: "Reason | None") -> str:
    return str(reason.phrase) if reason else _("No hours in the coming seven days.")


def _join(*parts: str) -> str:
    return f" {marks.DOT} ".join(part for part in parts if part)
