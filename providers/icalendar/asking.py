"""The question when people are busy, as iCalendar has it (RFC 5546, 3.3.2)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from providers.icalendar.lines import folded
from scheduling.events import Span


def utc(seconds: int) -> str:
    """An instant as iCalendar writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def question(
    addresses: Iterable[str], span: Span, *, organizer: str, uid: str, stamp: int
) -> bytes:
    """Ask when these people are busy within `span` (UTC seconds).

    Addresses are checked ones (`check_email`): nothing in them ends a line.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//koble//koble//EN", "METHOD:REQUEST"]
    lines += ["BEGIN:VFREEBUSY", f"UID:{uid}", f"DTSTAMP:{utc(stamp)}"]
    lines += [f"DTSTART:{utc(span[0])}", f"DTEND:{utc(span[1])}", f"ORGANIZER:mailto:{organizer}"]
    lines += [f"ATTENDEE:mailto:{address}" for address in addresses]
    lines += ["END:VFREEBUSY", "END:VCALENDAR"]
    return "".join(folded(line) for line in lines).encode()
