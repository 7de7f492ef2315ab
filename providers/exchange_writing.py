"""What koble writes into an Exchange calendar, as XML."""

import base64
from collections.abc import Sequence
from copy import deepcopy
from hashlib import blake2b

from providers.base import Draft, Mail
from providers.exchange_calls import Element, T, element, own
from providers.exchange_reading import KEY, OWN_ID, UID, WRAPPED, ZONE
from providers.exchange_zones import windows
from scheduling.checks import check_email
from scheduling.events import Attendee
from scheduling.instants import utc_text
from scheduling.text import clean_lines

TELL, QUIETLY = "SendToAllAndSaveCopy", "SendToNone"
_PLAIN = 255
"""Characters of a uid that Exchange takes as its own, where they are plain."""


def key_of(uid: str) -> str:
    """A short name of a uid, the same each time."""
    return blake2b(uid.encode("utf-8", "replace"), digest_size=16).hexdigest()


def global_id(uid: str) -> str:
    """A uid as PidLidGlobalObjectId has it, in base64: others' events are found by it."""
    try:
        own_id = bytes.fromhex(uid)
    except ValueError:
        own_id = b""
    if own_id.startswith(OWN_ID):
        return base64.b64encode(own_id).decode()
    said = WRAPPED + uid.encode("utf-8", "replace") + b"\0"
    data = OWN_ID + bytes(20) + len(said).to_bytes(4, "little") + said
    return base64.b64encode(data).decode()


def created(draft: Draft, folder: Element, *, marked: bool = True, zoned: bool = True) -> Element:
    """The call that makes a draft an event.

    Args:
        draft: what it is to say.
        folder: the calendar.
        marked: with koble's own properties.
        zoned: in its own time zone; otherwise in UTC, as new zones are not known to old servers.

    Raises:
        KobleError: invalid, where a guest's address is none.
    """
    guests = _guests(draft.attendees)
    zone = windows(draft.zone if zoned else "")
    marks = {UID: draft.uid, KEY: key_of(draft.uid), ZONE: draft.zone}
    plain = len(draft.uid) <= _PLAIN and draft.uid.isascii() and draft.uid.isprintable()
    item = element(
        "t:CalendarItem",
        element("t:Subject", text=draft.title),
        element("t:Body", text=draft.description, BodyType="Text"),
        *(_property(name, value) for name, value in marks.items() if marked),
        element("t:UID", text=draft.uid) if plain else None,
        element("t:Start", text=utc_text(draft.start)),
        element("t:End", text=utc_text(draft.end)),
        element("t:IsAllDayEvent", text="false"),
        element("t:LegacyFreeBusyStatus", text="Busy"),
        element("t:Location", text=draft.location) if draft.location else None,
        element("t:RequiredAttendees", *guests) if guests else None,
        element("t:StartTimeZone", Id=zone),
        element("t:EndTimeZone", Id=zone),
    )
    return element(
        "m:CreateItem",
        element("m:SavedItemFolderId", deepcopy(folder)),
        element("m:Items", item),
        SendMeetingInvitations=TELL if guests and draft.notify else QUIETLY,
    )


def updated(
    draft: Draft,
    item: Element,
    *,
    resource: str,
    etag: str,
    marked: bool = True,
    zoned: bool = True,
) -> Element:
    """The call that makes an event say what a draft says; what the draft knows nothing of stays.

    Args:
        draft: what it is to say.
        item: as it is now.
        resource: its id.
        etag: its change key; empty overwrites whatever is there.
        marked: with koble's own properties.
        zoned: in its own time zone, not in UTC.

    Raises:
        KobleError: invalid, where a guest's address is none.
    """
    zone = windows(draft.zone if zoned else "")
    changes = [
        _set("item:Subject", element("t:Subject", text=draft.title)),
        _set("calendar:Start", element("t:Start", text=utc_text(draft.start))),
        _set("calendar:End", element("t:End", text=utc_text(draft.end))),
        _set("calendar:StartTimeZone", element("t:StartTimeZone", Id=zone)),
        _set("calendar:EndTimeZone", element("t:EndTimeZone", Id=zone)),
        _set("calendar:Location", element("t:Location", text=draft.location)),
    ]
    if marked:
        kept = element("t:CalendarItem", _property(ZONE, draft.zone))
        changes.append(element("t:SetItemField", own(ZONE), kept))
    if item.findtext(f"{T}IsAllDayEvent") in ("true", "1"):
        no = element("t:IsAllDayEvent", text="false")
        changes.append(_set("calendar:IsAllDayEvent", no))
    if clean_lines(item.findtext(f"{T}Body") or "") != clean_lines(draft.description):
        # Left alone otherwise: the way into a video meeting may be written in it.
        body = element("t:Body", text=draft.description, BodyType="Text")
        changes.append(_set("item:Body", body))
    invited = addresses(item)
    wanted = {check_email(each.email).casefold() for each in draft.attendees}
    if wanted - invited or invited - wanted:
        others = addresses(item, "OptionalAttendees", "Resources")
        required = [each for each in draft.attendees if each.email.casefold() not in others]
        changes.append(_invited(required))
    key = {"ChangeKey": etag} if etag else {}
    told = draft.notify and (invited or wanted)
    return element(
        "m:UpdateItem",
        element(
            "m:ItemChanges",
            element(
                "t:ItemChange",
                element("t:ItemId", Id=resource, **key),
                element("t:Updates", *changes),
            ),
        ),
        ConflictResolution="NeverOverwrite" if etag else "AlwaysOverwrite",
        MessageDisposition="SaveOnly",
        SendMeetingInvitationsOrCancellations=TELL if told else QUIETLY,
    )


def deleted(resource: str, *, told: bool, forgotten: bool = False) -> Element:
    """The call that takes an item out; it lies in Deleted Items then, unless `forgotten`."""
    return element(
        "m:DeleteItem",
        element("m:ItemIds", element("t:ItemId", Id=resource)),
        DeleteType="HardDelete" if forgotten else "MoveToDeletedItems",
        SendMeetingCancellations=TELL if told else QUIETLY,
    )


def cancelled(resource: str, etag: str, comment: str) -> Element:
    """The call that cancels a meeting, and tells its guests why."""
    return element(
        "m:CreateItem",
        element(
            "m:Items",
            element(
                "t:CancelCalendarItem",
                element("t:ReferenceItemId", Id=resource, ChangeKey=etag),
                element("t:NewBodyContent", text=comment, BodyType="Text"),
            ),
        ),
        MessageDisposition="SendAndSaveCopy",
    )


def sent(mail: Mail) -> Element:
    """The call that sends an e-mail.

    Raises:
        KobleError: invalid, where an address is none.
    """
    to = [
        element("t:Mailbox", element("t:EmailAddress", text=check_email(each))) for each in mail.to
    ]
    message = element(
        "t:Message",
        element("t:Subject", text=mail.subject),
        element("t:Body", text=mail.text, BodyType="Text"),
        _property(KEY, key_of(mail.key)),
        element("t:ToRecipients", *to),
    )
    return element(
        "m:CreateItem",
        element("m:SavedItemFolderId", element("t:DistinguishedFolderId", Id="sentitems")),
        element("m:Items", message),
        MessageDisposition="SendAndSaveCopy",
    )


def addresses(item: Element, *groups: str) -> set[str]:
    """The addresses of an event's guests, in small letters."""
    found = set()
    for group in groups or ("RequiredAttendees", "OptionalAttendees", "Resources"):
        for each in item.iterfind(f"{T}{group}/{T}Attendee/{T}Mailbox"):
            found.add((each.findtext(f"{T}EmailAddress") or "").casefold())
    return found


def equal(path: Element, value: str) -> Element:
    """The restriction that a property has this value."""
    return element(
        "t:IsEqualTo",
        path,
        element("t:FieldURIOrConstant", element("t:Constant", Value=value)),
    )


def global_id_path() -> Element:
    """PidLidGlobalObjectId."""
    return element(
        "t:ExtendedFieldURI",
        DistinguishedPropertySetId="Meeting",
        PropertyId="3",
        PropertyType="Binary",
    )


def _property(name: str, value: str) -> Element:
    return element("t:ExtendedProperty", own(name), element("t:Value", text=value))


def _guests(attendees: Sequence[Attendee]) -> list[Element]:
    found = []
    for each in attendees:
        email = check_email(each.email)
        name = element("t:Name", text=each.name) if each.name else None
        box = element("t:Mailbox", name, element("t:EmailAddress", text=email))
        found.append(element("t:Attendee", box))
    return found


def _set(field: str, value: Element) -> Element:
    return element(
        "t:SetItemField",
        element("t:FieldURI", FieldURI=field),
        element("t:CalendarItem", value),
    )


def _invited(attendees: Sequence[Attendee]) -> Element:
    if attendees:
        return _set(
            "calendar:RequiredAttendees", element("t:RequiredAttendees", *_guests(attendees))
        )
    return element(
        "t:DeleteItemField", element("t:FieldURI", FieldURI="calendar:RequiredAttendees")
    )
