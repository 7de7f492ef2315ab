"""The operations that write: items made, changed and deleted, and who is told of it."""

from lxml.etree import _Element as Element

from tests.vendors.exchange_call import Call
from tests.vendors.exchange_mailbox import Entry, Folder, Item, Occurrence, Sent, text_of, uid_of
from tests.vendors.exchange_shapes import address_of, guests_of, item_id, key_of, mailbox
from tests.vendors.exchange_words import (
    TYPES,
    Refusal,
    find,
    instant,
    local,
    m,
    t,
    text,
    yes,
    zone_named,
)

READ_ONLY = {
    "Organizer", "MyResponseType", "IsMeeting", "IsCancelled", "IsRecurring", "CalendarItemType",
    "RecurrenceId", "OriginalStart", "DateTimeCreated", "LastModifiedTime", "ItemId", "Duration",
    "ParentFolderId", "ModifiedOccurrences", "DeletedOccurrences", "AppointmentSequenceNumber",
    "FirstOccurrence", "LastOccurrence", "MeetingRequestWasSent", "AppointmentState",
}  # fmt: skip
SWITCHES = {"ReminderIsSet", "AllowNewTimeProposal"}
"""Booleans, besides those that are called Is…: they are answered as words."""
RESPONSES = {
    "AcceptItem": "Accept",
    "TentativelyAcceptItem": "Tentative",
    "DeclineItem": "Decline",
}


def create_item(call: Call) -> Element:
    items = find(call.payload, "m:Items")
    assert items is not None

    def answer(given: Element) -> list[Element]:
        kind = local(given)
        if kind == "CalendarItem":
            return [m("Items", _identified(_new_event(call, given)))]
        if kind == "Message":
            return [m("Items", *map(_identified, _message(call, given)))]
        if kind == "CancelCalendarItem":
            return [m("Items", *_cancelled(call, given))]
        if kind in RESPONSES:
            return [m("Items", *_responded(call, given))]
        raise Refusal("ErrorInvalidRequest", f"A {kind} cannot be created here.")

    return call.each(items, answer, m("Items"))


def _identified(entry: Entry) -> Element:
    return t(entry.item.kind, item_id(entry))


def _given(element: Element) -> dict[str, Element]:
    found = {}
    for each in element:
        name = local(each)
        if name in READ_ONLY:
            raise Refusal("ErrorInvalidPropertySet", f"{name} is read-only and cannot be set.")
        if name.startswith("Is") or name in SWITCHES:
            each.text = yes(each.text in ("1", "true"))
        for response in each.iter(f"{{{TYPES}}}ResponseType"):
            response.text = "Unknown"  # nobody answers for others
        found[key_of(each[0]) if name == "ExtendedProperty" else name] = each
    return found


def _target(call: Call, default: str) -> Folder:
    saved = find(call.payload, "m:SavedItemFolderId")
    folder = call.user.folder(default) if saved is None else call.folder(saved[0])
    if not folder.writable:
        raise Refusal("ErrorCreateItemAccessDenied", "You have no right to create items there.")
    return folder


def _new_event(call: Call, given: Element) -> Item:
    sending = call.payload.get("SendMeetingInvitations")
    if sending is None:
        raise Refusal("ErrorSendMeetingInvitationsRequired", "SendMeetingInvitations is required.")
    folder = _target(call, "calendar")
    properties = _given(given)
    for name in ("Start", "End"):
        if name not in properties:
            raise Refusal("ErrorRequiredPropertyMissing", f"{name} is missing.")
    if not call.limits.keeps_uid:
        properties.pop("UID", None)
    _check_extended(call, properties)
    if not call.limits.keeps_extended:
        properties = {name: each for name, each in properties.items() if name[0] != "{"}
    item = Item(folder, "CalendarItem", properties)
    _settle(item, properties)
    properties.setdefault("UID", t("UID", uid_of(item)))
    properties.setdefault("LegacyFreeBusyStatus", t("LegacyFreeBusyStatus", "Busy"))
    properties.setdefault("IsAllDayEvent", t("IsAllDayEvent", yes(False)))
    guests = guests_of(item)
    if guests and not call.limits.organizers:
        properties["MyResponseType"] = t("MyResponseType", "NoResponseReceived")
    if not call.limits.tells_zone:
        properties.pop("StartTimeZone", None)
        properties.pop("EndTimeZone", None)
    told = bool(guests) and sending != "SendToNone"
    properties["MeetingRequestWasSent"] = t("MeetingRequestWasSent", yes(told))
    folder.items[item.identifier] = item
    if told and not call.limits.mails:
        raise Refusal("ErrorInternalServerError", "The invitations could not be sent.")
    if told:
        _tell(call, "Request", guests, item)
    return item


def _check_extended(call: Call, properties: dict[str, Element]) -> None:
    if not call.limits.takes_extended and any(name[0] == "{" for name in properties):
        raise Refusal("ErrorInvalidExtendedProperty", "Nothing of that kind is kept here.")


def _settle(entry: Entry, properties: dict[str, Element]) -> None:
    """Times as the store keeps them, of an event that makes sense."""
    item = entry.item
    named = properties.get("StartTimeZone", properties.get("MeetingTimeZone"))
    if named is not None and isinstance(entry, Item):
        zone = zone_named(named.get("Id") or named.get("TimeZoneName") or "")
        if zone is None and not len(named):
            raise Refusal("ErrorTimeZone", "The time zone is not known.")
        item.zone = zone or item.zone
    for name in ("Start", "End"):
        if name in properties:
            at = instant(properties[name].text or "", item.zone)
            properties[name] = t(name, at.isoformat())
    both = {name: properties.get(name, entry.properties.get(name)) for name in ("Start", "End")}
    start, end = (instant(each.text or "", item.zone) for each in both.values() if each is not None)
    if end < start:
        raise Refusal(
            "ErrorCalendarEndDateIsEarlierThanStartDate", "EndDate is earlier than StartDate."
        )


def _tell(
    call: Call,
    kind: str,
    to: list[str],
    entry: Entry,
    body: str | None = None,
    proposed: tuple[str, str] = ("", ""),
) -> None:
    said = text_of(entry, "Body") if body is None else body
    call.user.sent.append(
        Sent(kind, tuple(to), text_of(entry, "Subject"), said, text_of(entry, "UID"), proposed)
    )


def _message(call: Call, given: Element) -> list[Item]:
    disposition = call.payload.get("MessageDisposition")
    if disposition is None:
        raise Refusal("ErrorMessageDispositionRequired", "MessageDisposition is required.")
    item = Item(call.user.folder("drafts"), "Message", _given(given))
    to = [
        text(each, "t:EmailAddress")
        for name in ("ToRecipients", "CcRecipients", "BccRecipients")
        for each in item.properties.get(name, ())
    ]
    if disposition == "SaveOnly":
        item.folder = _target(call, "drafts")
        item.folder.items[item.identifier] = item
        return [item]
    if not to or not all("@" in address for address in to):
        raise Refusal("ErrorInvalidRecipients", "At least one recipient is not valid.")
    if call.limits.mails:
        _tell(call, "Message", to, item)
    if disposition == "SendAndSaveCopy":
        item.folder = _target(call, "sentitems")
        owner = mailbox(call.user.name, call.user.address)
        item.properties["From"] = t("From", owner)
        item.folder.items[item.identifier] = item
    if not call.limits.mails:
        raise Refusal("ErrorInternalServerError", "The e-mail could not be sent.")
    return []


def _referred(call: Call, given: Element) -> Item | Occurrence:
    reference = find(given, "t:ReferenceItemId")
    if reference is None:
        raise Refusal("ErrorMissingInformationReferenceItemId", "ReferenceItemId is missing.")
    entry = call.item(reference)
    if not reference.get("ChangeKey"):
        raise Refusal("ErrorChangeKeyRequired", "A change key is required for this operation.")
    if call.limits.conflicts and reference.get("ChangeKey") != entry.item.change_key:
        raise Refusal("ErrorStaleObject", "The change key is that of an earlier version.")
    return entry


def _theirs(call: Call, entry: Entry) -> str:
    """The organizer's address, where that is somebody else."""
    organizer = entry.properties.get("Organizer")
    address = "" if organizer is None else address_of(organizer)
    return "" if address.lower() == entry.item.folder.mailbox.address else address


def _cancelled(call: Call, given: Element) -> list[Element]:
    entry = _referred(call, given)
    if _theirs(call, entry) or not guests_of(entry):
        raise Refusal(
            "ErrorCalendarIsNotOrganizer" if _theirs(call, entry) else "ErrorInvalidOperation",
            "Only the organizer of a meeting can cancel it.",
        )
    _tell(call, "Cancellation", guests_of(entry), entry, text(given, "t:NewBodyContent"))
    if call.limits.cancels:
        _take_out(call, entry, "MoveToDeletedItems")
    else:
        _change(call, entry, {"IsCancelled": t("IsCancelled", yes(True))}, set())
    return []


def _responded(call: Call, given: Element) -> list[Element]:
    entry = _referred(call, given)
    answer = RESPONSES[local(given)]
    organizer = _theirs(call, entry)
    if not organizer:
        raise Refusal(f"ErrorCalendarIsOrganizerFor{answer}", "You are the organizer.")
    if call.payload.get("MessageDisposition") != "SaveOnly":
        proposed = text(given, "t:ProposedStart"), text(given, "t:ProposedEnd")
        _tell(call, answer, [organizer], entry, text(given, "t:Body"), proposed)
    if answer == "Decline":
        _take_out(call, entry, "MoveToDeletedItems")
        return []
    _change(call, entry, {"MyResponseType": t("MyResponseType", answer)}, set())
    return [_identified(entry)]


def update_item(call: Call) -> Element:
    changes = find(call.payload, "m:ItemChanges")
    assert changes is not None
    resolution = call.payload.get("ConflictResolution")
    sending = call.payload.get("SendMeetingInvitationsOrCancellations")

    def answer(change: Element) -> list[Element]:
        entry = call.item(change[0])
        item = entry.item
        if item.kind == "CalendarItem" and sending is None:
            raise Refusal(
                "ErrorSendMeetingInvitationsOrCancellationsRequired",
                "SendMeetingInvitationsOrCancellations is required for calendar items.",
            )
        if not item.folder.writable:
            raise Refusal("ErrorAccessDenied", "Access is denied.")
        if call.limits.conflicts:
            _current(change[0], item, resolution or "AutoResolve")
        given, removed = _updates(change)
        _check_extended(call, given)
        before = guests_of(entry)
        _settle(entry, given)
        _change(call, entry, given, removed)
        now = call.item(change[0]) if isinstance(entry, Occurrence) else item
        if sending not in (None, "SendToNone"):
            dropped = [each for each in before if each not in guests_of(now)]
            if dropped:
                _tell(call, "Cancellation", dropped, now)
            if guests_of(now):
                _tell(call, "Update", guests_of(now), now)
        return [m("Items", _identified(now)), m("ConflictResults", t("Count", "0"))]

    return call.each(changes, answer, m("Items"))


def _current(identifier: Element, item: Item, resolution: str) -> None:
    if resolution == "AlwaysOverwrite":
        return
    if not identifier.get("ChangeKey"):
        raise Refusal(
            "ErrorChangeKeyRequiredForWriteOperations",
            "A change key is required for this operation.",
        )
    if identifier.get("ChangeKey") != item.change_key:
        raise Refusal(
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed "
            "in the request does not match the current change key for the item.",
        )


def _updates(change: Element) -> tuple[dict[str, Element], set[str]]:
    given: dict[str, Element] = {}
    removed: set[str] = set()
    updates = find(change, "t:Updates")
    for each in () if updates is None else updates:
        if local(each) == "SetItemField":
            given |= _given(each[1])
        elif local(each) == "DeleteItemField":
            path = each[0]
            uri = path.get("FieldURI", "").partition(":")[2]
            removed.add(key_of(path) if local(path) == "ExtendedFieldURI" else uri)
        else:
            raise Refusal("ErrorInvalidPropertyAppend", "This property cannot be appended to.")
    return given, removed


def _change(call: Call, entry: Entry, given: dict[str, Element], removed: set[str]) -> None:
    item = entry.item
    if isinstance(entry, Occurrence):
        assert entry.original is not None
        if "Recurrence" in given:
            raise Refusal("ErrorInvalidPropertySet", "An occurrence has no recurrence.")
        item.exceptions[entry.original] = item.exceptions.get(entry.original, {}) | given
    else:
        if item.recurrence is not None and {"Start", "Recurrence"} & given.keys():
            # Another pattern: what was special about single ones is lost.
            item.exceptions, item.dropped = {}, set()
        item.properties |= given
        for name in removed:
            item.properties.pop(name, None)
    item.touch(told=entry is item or call.limits.mentions_occurrences)


def delete_item(call: Call) -> Element:
    asked = find(call.payload, "m:ItemIds")
    assert asked is not None
    sending = call.payload.get("SendMeetingCancellations")

    def answer(identifier: Element) -> list[Element]:
        entry = call.item(identifier)
        if entry.item.kind == "CalendarItem" and sending is None:
            raise Refusal(
                "ErrorSendMeetingCancellationsRequired", "SendMeetingCancellations is required."
            )
        if not entry.item.folder.writable:
            raise Refusal("ErrorCannotDeleteObject", "The object could not be deleted.")
        if sending not in (None, "SendToNone") and not _theirs(call, entry) and guests_of(entry):
            _tell(call, "Cancellation", guests_of(entry), entry, "")
        _take_out(call, entry, call.payload.get("DeleteType", ""))
        return []

    return call.each(asked, answer)


def _take_out(call: Call, entry: Entry, how: str) -> None:
    item = entry.item
    if entry.original is not None:
        item.exceptions.pop(entry.original, None)
        item.dropped.add(entry.original)
        item.touch(told=call.limits.mentions_occurrences)
    elif how == "MoveToDeletedItems":
        item.folder.mailbox.bin(item)
    else:
        item.folder.mailbox.remove(item)
