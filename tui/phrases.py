"""What is said about meetings in more than one place."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduling.bookings import Booking, BookingState, Outcome
from scheduling.connections import Kind
from scheduling.events import Blocking, Response
from scheduling.state import Mode
from scheduling.zones import zone
from words import Phrase, _, dates

if TYPE_CHECKING:
    from desk.calendars import Entry

KINDS = {
    Kind.GOOGLE: Phrase("Google"),
    Kind.OFFICE365: Phrase("Office 365"),
    Kind.EXCHANGE: Phrase("Exchange"),
    Kind.CALDAV: Phrase("CalDAV"),
    Kind.LOCAL: Phrase("This computer"),
    Kind.SUBSCRIPTION: Phrase("Subscription"),
}
STATES = {
    BookingState.REQUESTED: Phrase("requested"),
    BookingState.CONFIRMED: Phrase("confirmed"),
    BookingState.DECLINED: Phrase("declined"),
    BookingState.EXPIRED: Phrase("expired"),
    BookingState.RESCHEDULED: Phrase("rescheduled"),
    BookingState.CANCELLED: Phrase("cancelled"),
}
OUTCOMES = {
    Outcome.SCHEDULED: Phrase("scheduled"),
    Outcome.COMPLETED: Phrase("completed"),
    Outcome.RESCHEDULED: Phrase("rescheduled"),
    Outcome.NO_SHOW: Phrase("no show"),
    Outcome.CANCELLED: Phrase("cancelled"),
}
ANSWERS = {
    Response.OWN: Phrase("organiser"),
    Response.ACCEPTED: Phrase("accepted"),
    Response.TENTATIVE: Phrase("maybe"),
    Response.UNANSWERED: Phrase("no answer yet"),
    Response.DECLINED: Phrase("declined"),
}
EFFECTS = {
    Blocking.HARD: Phrase("keeps times away"),
    Blocking.SOFT: Phrase("keeps times away, unless a page says otherwise"),
    Blocking.NO: Phrase("keeps no times away"),
}
ROWS = {
    "busy": Phrase("busy"),
    "away": Phrase("away"),
    "all_day": Phrase("all day"),
    "tentative": Phrase("tentative"),
    "unanswered": Phrase("not answered by you"),
    "elsewhere": Phrase("working elsewhere"),
    "free": Phrase("free"),
    "declined": Phrase("declined by you"),
    "location": Phrase("working location"),
    "birthday": Phrase("birthday"),
}
"""The rows of the busy matrix, by the names of its fields."""
MODES = {
    Mode.LIVE: Phrase("Booked at once, and written to your calendar."),
    Mode.TO_BE_CONFIRMED: Phrase(
        "To be confirmed: your calendar was not read lately. koble confirms it by itself "
        "after a good read."
    ),
    Mode.OFFLINE: Phrase("Offline mode: it is requested, not added to a calendar."),
}
"""What becomes of a booking, by the mode that its page is in."""
_ROOMS = {
    "meet.google.com": "Meet",
    "teams.microsoft.com": "Teams",
    "teams.live.com": "Teams",
    "zoom.us": "Zoom",
    "whereby.com": "Whereby",
}


def web_host(link: str) -> str:
    """The host of a web address; empty where it is none that may be opened."""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") else ""


def place_of(found: "Entry") -> str:
    """Where it takes place: the video room by name, else the place as it was written."""
    link = link_of(found)
    host = web_host(link)
    for room, name in _ROOMS.items():
        if host == room or host.endswith(f".{room}"):
            return name
    if found.event is not None and found.event.location:
        return found.event.location
    if found.booking is not None and found.booking.location:
        return found.booking.location
    return host


def link_of(found: "Entry") -> str:
    """The address of its video meeting, if any."""
    if found.event is not None and found.event.link:
        return found.event.link
    return found.booking.link if found.booking else ""


def when_text(start: int, end: int, zone_name: str, now: int) -> str:
    """Day and times: "Thu 4 Mar 14:30–15:00", with the year where it is not this one."""
    first, last = dates.local(start, zone_name), dates.local(end, zone_name)
    today = dates.local(now, zone_name).date()
    times = dates.span_text(start, end, zone_name)
    if first.date() != last.date() and (last.hour, last.minute) != (0, 0):
        return times
    return f"{dates.day_short(first.date(), today)} {times}"


def start_text(start: int, zone_name: str, now: int) -> str:
    """Day and start, as short as it is clear: "14:30" today, "Fri 10:00" this week, a date."""
    at, today = dates.local(start, zone_name), dates.local(now, zone_name).date()
    time = zone(zone_name).clock(start)
    days = (at.date() - today).days
    if days == 0:
        return time
    if 0 < days < 7:
        return f"{dates.weekday_short(at.weekday())} {time}"
    return f"{dates.day_short(at.date(), today)} {time}"


def waiting_text(booking: Booking, zone_name: str, now: int) -> str:
    """Why a request waits."""
    if booking.proposed:
        times = ", ".join(start_text(each, zone_name, now) for each in booking.proposed)
        return _("you proposed {times}", times=times)
    if booking.adding:
        if booking.trouble:
            return _("waits for the calendar: {trouble}", trouble=booking.trouble)
        return _("is being added to the calendar")
    return booking.trouble or _("waits for your answer")


def meeting_text(found: "Entry", zone_name: str, now: int) -> str:
    """A meeting as text to paste somewhere: what, when with the zone, where, who."""
    offset = dates.offset_text(found.start, zone_name)
    lines = [
        found.title,
        f"{when_text(found.start, found.end, zone_name, now)} ({zone_name} {offset})",
        place_of(found),
        link_of(found),
    ]
    if found.booking is not None:
        guest = found.booking.guest
        lines.append(f"{guest.name} <{guest.email}>")
    return "\n".join(line for line in lines if line)
