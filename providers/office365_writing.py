"""A draft as what Graph is told: a whole event, or of one that is there only what differs."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from providers.base import Draft
from providers.drafts import check
from providers.icalendar.zones import known
from providers.office365_events import OURS, Guest, Item, Unreadable, own_text, span
from providers.office365_zones import windows_name
from scheduling.text import clean_lines

UID = "String {5a26a8c2-9d4f-4c0e-8f0b-3f6c9d1f7a10} Name KobleUid"
"""The extended property that holds our own uid: Graph makes one of its own for every event."""
_PLAIN = re.compile(r"[A-Za-z0-9@._-]{1,200}")
_RULE = re.compile(r"_{20,}")


def key(uid: str) -> str:
    """`uid` as Graph can be asked for it; one that is no plain name is told by its digest."""
    if _PLAIN.fullmatch(uid):
        return uid
    return f"sha256-{sha256(uid.encode('utf-8', 'replace')).hexdigest()}"


def keys(item: Item) -> set[str]:
    """The names by which an event may be found: ours, and the one that Graph gave it."""
    ours = item.single_value_extended_properties or ()
    return {each.value or "" for each in ours if each.id.casefold() == UID.casefold()} | {
        item.i_cal_uid or ""
    }


def whole(draft: Draft) -> dict[str, object]:
    """The event that `draft` wants to be.

    Raises:
        ProviderError: invalid, where an address is none or the meeting has no length.
    """
    check(draft)
    document: dict[str, object] = {
        # Graph makes one event of it, however often it is sent.
        "transactionId": OURS + key(draft.uid),
        "subject": draft.title,
        **_times(draft),
        "body": {"contentType": "text", "content": draft.description},
        "location": {"displayName": draft.location},
        "attendees": _guests(draft, ()),
        "singleValueExtendedProperties": [{"id": UID, "value": key(draft.uid)}],
    }
    if draft.conference:
        document |= {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    return document


def differing(draft: Draft, there: Item) -> dict[str, object]:
    """What has to change of the event that is there, its text apart (see `text`).

    Guests are told whole, with those who are there: whoever were missing would be uninvited.

    Raises:
        ProviderError: as of `whole`.
    """
    check(draft)
    document: dict[str, object] = {}
    if (there.subject or "") != draft.title:
        document["subject"] = draft.title
    if ((there.location and there.location.display_name) or "") != draft.location:
        document["location"] = {"displayName": draft.location}
    try:
        moved = bool(there.is_all_day) or span(there) != (draft.start, draft.end)
    except Unreadable:
        moved = True
    if moved:
        document |= _times(draft)
        if there.is_all_day:
            document["isAllDay"] = False
    guests = _guests(draft, there.attendees or ())
    if len(guests) > len(there.attendees or ()):
        document["attendees"] = guests
    if draft.conference and not there.is_online_meeting:
        document |= {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    return document


def says(draft: Draft, there: Item) -> bool:
    """Whether the event has the text of `draft` already; Exchange sets lines and spaces anew."""
    return own_text(there).split() == clean_lines(draft.description).split()


def text(draft: Draft, page: str, join_url: str) -> dict[str, object] | None:
    """The new text for an event whose text was `page` (HTML); None: better left as it is.

    What Teams wrote below it is kept: without it the meeting would be no video meeting any more.
    """
    if not join_url or join_url not in html.unescape(page):
        return {"contentType": "text", "content": draft.description}
    rule = _RULE.search(page)
    start = page.rfind("<div", 0, rule.start()) if rule else -1
    if start < 0:
        return None
    lines = html.escape(clean_lines(draft.description)).split("\n")
    body = "<br>\r\n".join(lines)
    return {"contentType": "html", "content": f"<div>{body}</div>\r\n{page[start:]}"}


def moment(seconds: int) -> dict[str, str]:
    """An instant as Graph reads it."""
    return {"dateTime": _stamp(seconds), "timeZone": "UTC"}


def _times(draft: Draft) -> dict[str, object]:
    """In the draft's zone where wall time says the same instants, else in UTC."""
    name = windows_name(draft.zone)
    own, theirs = known(draft.zone), known(name) if name else None
    if own and theirs and theirs.name != "UTC":
        walls = own.wall(draft.start), own.wall(draft.end)
        # The second pass through a repeated hour has no name in wall time, and Windows may know
        # other clock changes than the zone has.
        if tuple(map(theirs.utc, walls)) == (draft.start, draft.end):
            start, end = ({"dateTime": _stamp(wall), "timeZone": name} for wall in walls)
            return {"start": start, "end": end}
    return {"start": moment(draft.start), "end": moment(draft.end)}


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _guests(draft: Draft, there: Iterable[Guest]) -> list[dict[str, object]]:
    """Everybody who is there, as they are, and those of the draft."""
    found: dict[str, dict[str, object]] = {}
    for each in there:
        if each.email_address and each.email_address.address:
            person = {"address": each.email_address.address, "name": each.email_address.name or ""}
            found[each.email_address.address.casefold()] = {
                "emailAddress": person,
                "type": each.type or "required",
            }
    for guest in draft.attendees:
        found.setdefault(
            guest.email.casefold(),
            {
                "emailAddress": {"address": guest.email, "name": guest.name or guest.email},
                "type": "required",
            },
        )
    return list(found.values())
