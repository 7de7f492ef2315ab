"""When other people are busy, as Exchange tells it."""

from collections.abc import Sequence

from providers.base import Availability
from providers.exchange_calls import Element, M, T, element, failure
from providers.exchange_reading import instant
from providers.icalendar.lines import DAY
from scheduling.checks import check_email
from scheduling.events import Span
from scheduling.instants import utc_text
from words import Phrase

LONGEST = 60 * DAY
"""So much is asked at once; a server tells 62 days."""
_FREE = {"Free", "WorkingElsewhere"}


def busy_request(addresses: Sequence[str], span: Span) -> Element:
    """The call that asks when these people are busy. Its time zone is UTC, told in full."""
    start, end = span[0] // DAY * DAY, -(-span[1] // DAY) * DAY
    change = [
        element("t:Bias", text="0"),
        element("t:Time", text="00:00:00"),
        element("t:DayOrder", text="0"),
        element("t:Month", text="0"),
        element("t:DayOfWeek", text="Sunday"),
    ]
    again = [element("t:Bias", text="0"), element("t:Time", text="00:00:00")]
    again += [element("t:DayOrder", text="0"), element("t:Month", text="0")]
    again += [element("t:DayOfWeek", text="Sunday")]
    people = [
        element(
            "t:MailboxData",
            element("t:Email", element("t:Address", text=check_email(each))),
            element("t:AttendeeType", text="Required"),
            element("t:ExcludeConflicts", text="false"),
        )
        for each in addresses
    ]
    return element(
        "m:GetUserAvailabilityRequest",
        element(
            "t:TimeZone",
            element("t:Bias", text="0"),
            element("t:StandardTime", *change),
            element("t:DaylightTime", *again),
        ),
        element("m:MailboxDataArray", *people),
        element(
            "t:FreeBusyViewOptions",
            element(
                "t:TimeWindow",
                element("t:StartTime", text=utc_text(start).rstrip("Z")),
                element("t:EndTime", text=utc_text(end).rstrip("Z")),
            ),
            element("t:MergedFreeBusyIntervalInMinutes", text="15"),
            element("t:RequestedView", text="FreeBusyMerged"),
        ),
    )


def availabilities(
    addresses: Sequence[str], messages: Sequence[Element], span: Span, host: str
) -> list[Availability]:
    """The answer to `busy_request`, in the order asked."""
    found = []
    for number, address in enumerate(addresses):
        message = messages[number] if number < len(messages) else None
        response = None if message is None else message.find(f"{M}ResponseMessage")
        view = None if message is None else message.find(f"{M}FreeBusyView")
        wrong = None if response is None else failure(response, host)
        if wrong is not None or view is None:
            why = str(wrong.message) if wrong else str(Phrase("The server does not say."))
            found.append(Availability(address=address, problem=why))
            continue
        found.append(_availability(address, view, span))
    return found


def joined(first: Availability, second: Availability) -> Availability:
    """What is known of one person in two spans, of which the second follows the first."""
    spans = list(first.busy)
    for start, end in second.busy:
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, end))
    return Availability(
        address=first.address, busy=tuple(spans), problem=first.problem or second.problem
    )


def _availability(address: str, view: Element, span: Span) -> Availability:
    told = view.find(f"{T}CalendarEventArray") is not None or view.findtext(f"{T}MergedFreeBusy")
    kind = view.findtext(f"{T}FreeBusyViewType") or ""
    if kind == "None" or not (kind or told):
        return Availability(address=address, problem=str(Phrase("The server does not say.")))
    spans: list[Span] = []
    try:
        for each in view.iterfind(f"{T}CalendarEventArray/{T}CalendarEvent"):
            if each.findtext(f"{T}BusyType") not in _FREE:
                start = instant(each.findtext(f"{T}StartTime") or "")
                spans.append((start, instant(each.findtext(f"{T}EndTime") or "")))
    except ValueError:
        return Availability(address=address, problem=str(Phrase("The answer makes no sense.")))
    if view.find(f"{T}CalendarEventArray") is None:
        spans = _merged(view.findtext(f"{T}MergedFreeBusy") or "", span[0] // DAY * DAY)
    inside = sorted({(max(s, span[0]), min(e, span[1])) for s, e in spans if s < span[1]})
    return Availability(address=address, busy=tuple((s, e) for s, e in inside if e > s))


def _merged(digits: str, start: int) -> list[Span]:
    """Spans from a digit for each quarter of an hour: 0 and 4 are free, all else is not."""
    spans: list[Span] = []
    for number, digit in enumerate(digits):
        if digit in "04":
            continue
        low = start + number * 900
        if spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], low + 900)
        else:
            spans.append((low, low + 900))
    return spans
