"""What of an item is answered: the base shape, and the properties asked for besides."""

import base64
import struct
from datetime import datetime

from lxml import html
from lxml.etree import _Element as Element

from tests.vendors import exchange_series as series
from tests.vendors.exchange_mailbox import Entry, Folder, Item, Occurrence, text_of, truth
from tests.vendors.exchange_words import (
    CALENDAR_ORDER,
    ORDER,
    find,
    instant,
    local,
    stamp,
    t,
    text,
    yes,
)

NEVER_IN_LISTS = {
    # FindItem and SyncFolderItems leave these out, whatever the shape: GetItem has them.
    "Body", "RequiredAttendees", "OptionalAttendees", "Resources", "Attachments", "Recurrence",
    "FirstOccurrence", "LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences",
    "ToRecipients", "CcRecipients", "BccRecipients", "ResponseObjects", "MimeContent",
}  # fmt: skip
DEFAULT = {
    "ItemId", "Subject", "ResponseObjects", "HasAttachments", "UID", "Start", "End",
    "LegacyFreeBusyStatus", "Location", "CalendarItemType", "Organizer", "RequiredAttendees",
    "OptionalAttendees", "IsAllDayEvent", "IsRecurring", "IsCancelled", "Recurrence",
    "ModifiedOccurrences", "DeletedOccurrences",
}  # fmt: skip
ONLY_BEFORE_2010 = {"MeetingTimeZone"}
ONLY_FROM_2010 = {"StartTimeZone", "EndTimeZone"}
MEETING = {"DistinguishedPropertySetId": "Meeting", "PropertyType": "Binary"}
GLOBAL_IDS = ("3", "35")
LIST_CHARACTERS = 255
"""A list has no more than this of a text; GetItem has all of it."""


class Shape:
    """An ItemShape or FolderShape of a request."""

    def __init__(self, element: Element | None, *, listing: bool, modern: bool) -> None:
        self.base = "IdOnly" if element is None else text(element, "t:BaseShape", "IdOnly")
        self.body = "" if element is None else text(element, "t:BodyType")
        self.listing = listing
        self.modern = modern
        self.names: set[str] = set()
        self.extended: list[dict[str, str]] = []
        added = None if element is None else find(element, "t:AdditionalProperties")
        for each in () if added is None else added:
            if local(each) == "FieldURI":
                self.names.add(each.get("FieldURI", "").split(":", 1)[1])
            elif local(each) == "ExtendedFieldURI":
                self.extended.append({str(key): str(value) for key, value in each.attrib.items()})

    def wants(self, name: str) -> bool:
        """Whether that property is asked for, and can be had here."""
        if self.listing and name in NEVER_IN_LISTS:
            return False
        if name in (ONLY_BEFORE_2010 if self.modern else ONLY_FROM_2010):
            return False
        if name in self.names or name in ("ItemId", "FolderId"):
            return True
        return self.base == "AllProperties" or (self.base == "Default" and name in DEFAULT)


def written(entry: Entry, shape: Shape) -> Element:
    """The item as an answer has it."""
    item = entry.item
    calendar = item.kind == "CalendarItem"
    properties = dict(entry.properties) | derived(entry)
    if isinstance(entry, Occurrence):
        properties["Start"] = t("Start", _told(item, entry.start).isoformat())
        properties["End"] = t("End", _told(item, entry.end).isoformat())
    extended = [e for name, e in properties.items() if name.startswith("{")]
    chosen = [
        _shown(element, shape)
        for name, element in properties.items()
        if not name.startswith("{") and shape.wants(name)
    ]
    for asked in shape.extended:
        chosen += [_shown(e, shape) for e in extended if key_of(e[0]) == key_of_asked(asked)]
    order = CALENDAR_ORDER if calendar else ORDER
    return t(item.kind, *sorted(chosen, key=lambda element: order[local(element)]))


def _shown(element: Element, shape: Shape) -> Element:
    copy = t(
        local(element),
        *([element.text] if element.text else []),
        *map(_copy, element),
        **{str(key): str(value) for key, value in element.attrib.items()},
    )
    if local(element) == "Body" and shape.body == "Text" and copy.get("BodyType") != "Text":
        copy.set("BodyType", "Text")
        copy.text = str(html.fromstring(copy.text or "<p/>").text_content())
    if local(element) == "Organizer" and shape.listing:
        del copy[0][1:]  # a list has the name only
    if local(element) in ("Start", "End", "RecurrenceId", "OriginalStart"):
        copy.text = stamp(datetime.fromisoformat(element.text or ""))
    if shape.listing:
        for part in copy.iter():
            if part.text and len(part.text) > LIST_CHARACTERS and local(part) != "UID":
                part.text = part.text[:LIST_CHARACTERS]
    return copy


def _copy(element: Element) -> Element:
    return t(
        local(element),
        *([element.text] if element.text else []),
        *map(_copy, element),
        **{str(key): str(value) for key, value in element.attrib.items()},
    )


def key_of(uri: Element) -> str:
    """One name for an ExtendedFieldURI."""
    return key_of_asked({str(key): str(value) for key, value in uri.attrib.items()})


def key_of_asked(attributes: dict[str, str]) -> str:
    """The same, of its attributes."""
    return "{" + " ".join(f"{key}={value.lower()}" for key, value in sorted(attributes.items()))


def item_id(entry: Entry) -> Element:
    """Its id and version."""
    return t("ItemId", Id=entry.identifier, ChangeKey=entry.item.change_key)


def derived(entry: Entry) -> dict[str, Element]:
    item = entry.item
    found = [
        item_id(entry),
        t("ParentFolderId", Id=item.folder.identifier, ChangeKey="AQ=="),
        t("DateTimeCreated", stamp(item.made)),
        t("LastModifiedTime", stamp(item.made)),
        t("LastModifiedName", item.folder.mailbox.name),
        t("HasAttachments", yes(False)),
        t("EffectiveRights", *rights(item.folder)),
    ]
    if item.kind == "CalendarItem":
        found += _of_calendar(entry)
    else:
        found.append(t("ItemClass", "IPM.Note"))
    derived = {local(element): element for element in found}
    if "UID" in entry.properties:
        value = base64.b64encode(global_id(text_of(entry, "UID"))).decode()
        for number in GLOBAL_IDS:
            uri = t("ExtendedFieldURI", **MEETING, PropertyId=number)
            derived[key_of(uri)] = t("ExtendedProperty", uri, t("Value", value))
    return derived


def global_id(uid: str) -> bytes:
    """The GlobalObjectId of a UID: one of the server's own is it in hex, others are wrapped."""
    if uid.startswith("040000008200E00074C5B7101A82E008"):
        return bytes.fromhex(uid)
    wrapped = b"vCal-Uid\x01\0\0\0" + uid.encode() + b"\0"
    header = bytes.fromhex("040000008200E00074C5B7101A82E008") + bytes(20)
    return header + struct.pack("<I", len(wrapped)) + wrapped


def _of_calendar(entry: Entry) -> list[Element]:
    item = entry.item
    start, end = (instant(text_of(entry, name), item.zone) for name in ("Start", "End"))
    kind = _kind(entry)
    guests = guests_of(entry)
    meeting = bool(guests) or truth(entry, "IsMeeting")
    organizer = entry.properties.get("Organizer")
    theirs = organizer is not None and address_of(organizer) != item.folder.mailbox.address
    found = [
        t("ItemClass", "IPM.Appointment" + (".Occurrence" if entry.original else "")),
        t("DateTimeStamp", stamp(item.made)),
        t("IsMeeting", yes(meeting)),
        t("IsCancelled", text_of(entry, "IsCancelled", "false")),
        t("IsRecurring", yes(entry.original is not None)),
        t("CalendarItemType", kind),
        t("MyResponseType", text_of(entry, "MyResponseType", "Unknown" if not meeting else "")
          or ("NoResponseReceived" if theirs else "Organizer")),
        t("AppointmentSequenceNumber", text_of(entry, "AppointmentSequenceNumber", "0")),
        t("AppointmentState", str((1 if meeting else 0) + (2 if theirs else 0)
                                  + (4 if truth(entry, "IsCancelled") else 0))),
        t("Duration", series.length(start, end)),
    ]  # fmt: skip
    if organizer is None:
        owner = item.folder.mailbox
        found.append(t("Organizer", mailbox(owner.name, owner.address)))
    zone = entry.properties.get("StartTimeZone")
    if zone is not None:
        found.append(t("TimeZone", zone.get("Name") or zone.get("Id") or ""))
    if entry.original is not None:
        found += [
            t("RecurrenceId", stamp(entry.original)),
            t("OriginalStart", stamp(entry.original)),
        ]
    if isinstance(entry, Item) and item.recurrence is not None:
        found += _of_series(item)
    return found


def _kind(entry: Entry) -> str:
    if isinstance(entry, Occurrence):
        return "Exception" if entry.changed else "Occurrence"
    return "Single" if entry.item.recurrence is None else "RecurringMaster"


def _of_series(item: Item) -> list[Element]:
    found = []
    assert item.recurrence is not None
    first = next(series.starts(item.recurrence, item.start, item.zone), None)
    if first is not None:
        found.append(t("FirstOccurrence", *_place(Occurrence(item, first))))
    last = series.last(item.recurrence, item.start, item.zone)
    if last is not None:
        found.append(t("LastOccurrence", *_place(Occurrence(item, last))))
    changed = [Occurrence(item, at) for at in sorted(item.exceptions) if at not in item.dropped]
    if changed:
        found.append(
            t("ModifiedOccurrences", *(t("Occurrence", *_place(each)) for each in changed))
        )
    if item.dropped:
        gone = (
            t("DeletedOccurrence", t("Start", stamp(_told(item, at))))
            for at in sorted(item.dropped)
        )
        found.append(t("DeletedOccurrences", *gone))
    return found


def _place(each: Occurrence) -> list[Element]:
    assert each.original is not None
    return [
        item_id(each),
        t("Start", stamp(_told(each.item, each.start))),
        t("End", stamp(_told(each.item, each.end))),
        t("OriginalStart", stamp(_told(each.item, each.original))),
    ]


def _told(item: Item, at: datetime) -> datetime:
    """A moment of an occurrence as the server tells it."""
    if item.folder.mailbox.clocks:
        return at
    own, first = (each.astimezone(item.zone).utcoffset() for each in (at, item.start))
    assert own is not None
    assert first is not None
    return at + own - first


def guests_of(entry: Entry) -> list[str]:
    """The addresses of all who are invited."""
    return [
        text(guest, "t:Mailbox/t:EmailAddress")
        for name in ("RequiredAttendees", "OptionalAttendees", "Resources")
        if (guests := entry.properties.get(name)) is not None
        for guest in guests
    ]


def address_of(recipient: Element) -> str:
    """The address in an Organizer, From or Sender."""
    return text(recipient, "t:Mailbox/t:EmailAddress")


def mailbox(name: str, address: str) -> Element:
    """A person, as answers have them."""
    return t(
        "Mailbox",
        t("Name", name),
        t("EmailAddress", address),
        t("RoutingType", "SMTP"),
        t("MailboxType", "Mailbox"),
    )


def rights(folder: Folder) -> list[Element]:
    """What may be done there."""
    may = yes(folder.writable)
    named = ("CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify")
    return [*(t(name, may) for name in named), t("Read", yes(True)), t("ViewPrivateItems", may)]


def folder_written(folder: Folder, shape: Shape) -> Element:
    """The folder as an answer has it."""
    children = [each for each in folder.mailbox.folders.values() if each.parent is folder]
    calendar = folder.kind == "IPF.Appointment"
    found = [t("FolderId", Id=folder.identifier, ChangeKey="AQAAAA==")]
    if folder.parent is not None:
        found.append(t("ParentFolderId", Id=folder.parent.identifier, ChangeKey="AQAAAA=="))
    if folder.kind:
        found.append(t("FolderClass", folder.kind))
    found += [
        t("DisplayName", folder.name),
        t("TotalCount", str(len(folder.here))),
        t("ChildFolderCount", str(len(children))),
        t("EffectiveRights", *rights(folder)),
    ]
    if not calendar:
        found.append(t("UnreadCount", "0"))
    chosen = [each for each in found if shape.wants(local(each)) or shape.base == "Default"]
    return t("CalendarFolder" if calendar else "Folder", *chosen)
