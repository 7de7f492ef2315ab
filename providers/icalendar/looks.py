"""What an event says besides its time: title, guests, answer, how it shows its owner."""

from collections.abc import Iterable, Set

import msgspec

from providers.events import GUESTS, meeting_link
from providers.icalendar.lines import Component, split, unescaped
from scheduling.events import Attendee, EventKind, Response, Show
from scheduling.text import clean, clean_lines

_RESPONSES = {
    "ACCEPTED": Response.ACCEPTED,
    "COMPLETED": Response.ACCEPTED,
    "TENTATIVE": Response.TENTATIVE,
    "DECLINED": Response.DECLINED,
    "DELEGATED": Response.DECLINED,  # someone else goes
}
_OUTLOOK = {
    "FREE": Show.FREE,
    "TENTATIVE": Show.TENTATIVE,
    "OOF": Show.AWAY,
    "WORKINGELSEWHERE": Show.ELSEWHERE,
}
_LINKS = (
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGCONFLINK",
    "URL",
)


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an Event that its component says of itself."""

    title: str
    show: Show
    response: Response
    kind: EventKind
    cancelled: bool
    private: bool
    location: str
    description: str
    organizer: str
    attendees: tuple[Attendee, ...]
    link: str


def looks(component: Component, me: Set[str]) -> Looks:
    """How a VEVENT looks; `me` are the owner's addresses, case-folded."""
    found = component.properties
    organizer = address(found["ORGANIZER"][0]) if "ORGANIZER" in found else ""
    attendees = tuple(map(_attendee, found.get("ATTENDEE", ())[:GUESTS]))
    status = component.value("STATUS").strip().upper()
    return Looks(
        title=clean(component.value("SUMMARY")),
        show=_show(component, status),
        response=_response(attendees, organizer, me),
        kind=EventKind.BIRTHDAY if "X-NEXTCLOUD-BC-FIELD-TYPE" in found else EventKind.DEFAULT,
        cancelled=status == "CANCELLED",
        private=component.value("CLASS").strip().upper() in ("PRIVATE", "CONFIDENTIAL"),
        location=clean(component.value("LOCATION")),
        description=clean_lines(component.value("DESCRIPTION")),
        organizer=organizer,
        attendees=attendees,
        link=_link(component),
    )


def address(rest: str) -> str:
    """The e-mail address of an ORGANIZER or ATTENDEE; empty where there is none."""
    parameters, value = split(rest)
    for each in (value, parameters.get("EMAIL", "")):
        each = each.strip()
        if each[:7].lower() == "mailto:":
            each = each[7:]
        if "@" in each:
            return clean(each, limit=254)
    return ""


def _attendee(rest: str) -> Attendee:
    parameters, _ = split(rest)
    return Attendee(
        email=address(rest),
        name=clean(parameters.get("CN", "")),
        response=_RESPONSES.get(parameters.get("PARTSTAT", "").upper(), Response.UNANSWERED),
    )


def _response(attendees: Iterable[Attendee], organizer: str, me: Set[str]) -> Response:
    for each in attendees:
        if each.email.casefold() in me:
            if each.response is Response.UNANSWERED and organizer.casefold() in me:
                return Response.OWN
            return each.response
    return Response.OWN


def _show(component: Component, status: str) -> Show:
    # Outlook's own words tell more than TRANSP; "busy" among them tells nothing.
    for name in ("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"):
        if (value := component.value(name).strip().upper()) in _OUTLOOK:
            return _OUTLOOK[value]
        if value:
            break
    if component.value("TRANSP").strip().upper() == "TRANSPARENT":
        return Show.FREE
    return Show.TENTATIVE if status == "TENTATIVE" else Show.BUSY


def _link(component: Component) -> str:
    return meeting_link(
        unescaped(split(rest)[1]).strip()
        for name in _LINKS
        for rest in component.properties.get(name, ())
    )
