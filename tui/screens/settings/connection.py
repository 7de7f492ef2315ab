"""One connection as rows: who, how fresh, its calendars, what counts as busy, its troubles."""

from typing import TYPE_CHECKING

from textual.content import Content

from scheduling.connections import VENDORS, Connection, Health, Kind, Use
from tui import marks
from tui.paths import short
from tui.screens.connect.arrived import is_another
from tui.screens.connect.kinds import ACCESS, GRANTED, NAMES, USES, access_of
from tui.screens.settings.busy import busy_heading, busy_rows
from tui.screens.settings.calendars import calendar_heading, calendar_rows
from tui.screens.settings.pane import FACT, gap, heading, on_off
from tui.screens.settings.view import View
from tui.widgets.rows import Row
from words import _, dates, many

if TYPE_CHECKING:
    from desk.connections import ConnectionView

LABELS = 20
"""Cells for the labels."""


def connection_rows(view: "ConnectionView", state: View, *, width: int, first: bool) -> list[Row]:
    """Everything about one connection, in rows of `width` cells; ids begin with that of it."""
    connection = view.connection
    own = connection.id
    return [
        *heading(Content.styled(str(NAMES[connection.kind]), "$foreground"), first=first),
        *(renew_rows(view, width) if view.health is Health.SIGN_IN else []),
        *about_rows(view, state, width),
        *heading(calendar_heading()),
        *(calendar_rows(view.calendars) or [_quiet(f"{own}:none", _("There is none in it."))]),
        *heading(busy_heading()),
        *busy_rows(connection),
        _quiet(f"{own}:soft", _("Soft: blocks, unless a page says otherwise.")),
        *heading(_("Last reads")),
        *read_rows(connection, state.profile.zone, width),
        *problem_rows(view, width),
        gap(),
        *([] if view.health is Health.SIGN_IN else renew_rows(view, width)),
        *_line(f"{own}:disconnect", _("Disconnect"), _muted(_("bookings stay")), width),
    ]


def about_rows(view: "ConnectionView", state: View, width: int) -> list[Row]:
    """Who it is, how fresh, and what for."""
    connection = view.connection
    fact = f"{FACT}{connection.id}"
    local = connection.kind is Kind.LOCAL
    where = _("Folder") if local else _("E-mail address")
    rows = _line(f"{fact}:address", where, Content(short(connection.address)), width)
    rows += _line(f"{fact}:health", _("State"), health_text(view, state), width)
    if destination := state.overview.destination:
        rows += _line(f"{fact}:books", _("Books into"), Content(destination.name), width)
    if connection.kind in VENDORS:
        access = Content(str(ACCESS[access_of(connection)]))
        rows += _line(f"{connection.id}:access", _("Access"), access, width)
    else:
        granted = Content(str(GRANTED[connection.kind]))
        rows += _line(f"{fact}:granted", _("Granted"), granted, width)
    if connection.use is not Use.BOTH:
        rows += _line(f"{fact}:use", _("Used for"), Content(str(USES[connection.use])), width)
    if is_another(connection):
        expected = Content.assemble(
            (f"{marks.ALERT} ", "$warning"),
            _("{address} was expected", address=connection.expected),
        )
        rows += _line(f"{fact}:expected", _("Another account"), expected, width)
    if version := connection.options.get("version"):
        rows += _line(f"{fact}:version", _("Exchange version"), Content(version), width)
    if connection.kind is Kind.EXCHANGE:
        full = Content.assemble(
            on_off(connection.full_exchange), "   ", _muted(_("lifts the four limits"))
        )
        rows += _line(f"{connection.id}:full", _("Full Exchange"), full, width)
    return rows


def renew_rows(view: "ConnectionView", width: int) -> list[Row]:
    """Read everything again; first sign in again, where the vendor wants it."""
    if view.health is Health.SIGN_IN:
        note = Content.styled(_("meetings are requested meanwhile"), "$muted")
        return _line(f"{view.connection.id}:renew", _("Sign in again"), note, width)
    note = _muted(_("read everything again"))
    return _line(f"{view.connection.id}:renew", _("Renew"), note, width)


def health_text(view: "ConnectionView", state: View) -> Content:
    """How far the connection can be trusted, with a mark."""
    read_at, zone, now = view.connection.read_at, state.profile.zone, state.overview.now
    if view.health is Health.FRESH and read_at is not None:
        mark, style = marks.FRESH, "$accent"
        read = _("read {when}", when=dates.relative(read_at, now))
        text = f"{_('fresh')} {marks.DOT} {read}"
    elif view.health is Health.STALE and read_at is not None:
        mark, style = marks.STALE, "$warning"
        since = read_at + state.preferences.fresh * 60
        text = _("stale since {time}", time=since_text(since, now, zone))
    elif view.health is Health.SIGN_IN:
        mark, style, text = marks.ALERT, "bold $error", _("sign in again")
    else:
        mark, style, text = marks.ALERT, "bold $error", _("cannot be read")
    return Content.assemble((f"{mark} ", style), text)


def since_text(instant: int, now: int, zone: str) -> str:
    """The time of day; with the day where it is not today."""
    today = dates.local(now, zone).date() == dates.local(instant, zone).date()
    return dates.time_of_day(instant, zone) if today else dates.moment_text(instant, zone)


def read_rows(connection: Connection, zone: str, width: int) -> list[Row]:
    """The last reads, the newest first: when, and what went wrong."""
    fact = f"{FACT}{connection.id}:read"
    if not connection.reads:
        return [_quiet(f"{connection.id}:unread", _("It was not read yet."))]
    rows = []
    for number, (at, wrong) in enumerate(connection.reads):
        mark, style = (marks.WRONG, "$error") if wrong else (marks.DONE, "$success")
        text = Content.assemble((f"{mark} ", style), wrong or _("read well"))
        rows += _line(f"{fact}-{number}", dates.moment_text(at, zone), text, width)
    return rows


def problem_rows(view: "ConnectionView", width: int) -> list[Row]:
    """What could not be read in the calendars, each with its calendar."""
    found = [(each.name, text) for each in view.calendars for text in each.problems]
    if not found:
        return []
    title = many("{n} problem found", "{n} problems found", len(found))
    rows = heading(Content.styled(f"{marks.ALERT} {title}", "$warning"))
    for number, (calendar, text) in enumerate(found):
        id = f"{FACT}{view.connection.id}:problem-{number}"
        rows += _line(id, calendar, Content(text), width)
    return rows


def _line(id: str, label: str, value: Content, width: int) -> list[Row]:
    """A label and a value, which is wrapped where it is too long."""
    rows = []
    for number, text in enumerate(value.wrap(max(8, width - LABELS - 2)) or [Content("")]):
        left = _muted("" if number else label).truncate(LABELS, ellipsis=True, pad=True)
        rows.append(Row(f"{id}+{number}" if number else id, (Content.assemble(left, "  ", text),)))
    return rows


def _quiet(id: str, text: str) -> Row:
    return Row(f"{FACT}{id}", (text,), dim=True)


def _muted(text: str) -> Content:
    return Content.styled(text, "$muted")
