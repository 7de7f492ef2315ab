"""What an Exchange server refuses, and by which word: each within what the schema allows."""

from datetime import timedelta

import exchangelib
import pytest
import requests
from exchangelib import Q, errors, items
from exchangelib.ewsdatetime import EWSDateTime, EWSTimeZone
from lxml import etree
from lxml.etree import _Element as Element

from tests.vendors.exchange import PASSWORD, Exchange
from tests.vendors.exchange_client import ADA, at, event, view, weekly
from tests.vendors.exchange_mailbox import Item, Mailbox
from tests.vendors.exchange_words import NAMES, SOAP, m, t

MORNING = ("2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")


def ask(server: Exchange, payload: Element) -> str:
    """The ResponseCode of the answer."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap=NAMES)
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    header.append(t("RequestServerVersion", Version="Exchange2016"))
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(payload)
    answer = requests.post(
        server.url, data=etree.tostring(envelope), auth=(ADA, PASSWORD), timeout=20
    )
    codes = etree.fromstring(answer.content).xpath("//*[local-name()='ResponseCode']/text()")
    assert isinstance(codes, list)
    return str(codes[0])


def ids(item: Item, *, key: bool = True, name: str = "ItemId") -> Element:
    return t(name, Id=item.identifier, **({"ChangeKey": item.change_key} if key else {}))


def renamed(item: Item, *, key: bool = True, field: str = "item:Subject") -> Element:
    name = field.partition(":")[2]
    new = t("CalendarItem", t(name, "true" if name.startswith("Is") else "New"))
    change = t("SetItemField", t("FieldURI", FieldURI=field), new)
    return m("ItemChanges", t("ItemChange", ids(item, key=key), t("Updates", change)))


@pytest.fixture
def one(box: Mailbox) -> Item:
    return box.put("One", *MORNING)


def test_who_is_told_has_to_be_said(server: Exchange, one: Item) -> None:
    made = t("CalendarItem", t("Start", MORNING[0]), t("End", MORNING[1]))
    assert ask(server, m("CreateItem", m("Items", made))) == "ErrorSendMeetingInvitationsRequired"
    update = m("UpdateItem", renamed(one), ConflictResolution="AutoResolve")
    assert ask(server, update) == "ErrorSendMeetingInvitationsOrCancellationsRequired"
    delete = m("DeleteItem", m("ItemIds", ids(one)), DeleteType="HardDelete")
    assert ask(server, delete) == "ErrorSendMeetingCancellationsRequired"


QUIET = {"SendMeetingInvitationsOrCancellations": "SendToNone"}


def test_what_is_changed_has_to_be_known(server: Exchange, one: Item) -> None:
    def code(resolution: str, *, key: bool) -> str:
        changes = renamed(one, key=key)
        return ask(server, m("UpdateItem", changes, ConflictResolution=resolution, **QUIET))

    assert code("NeverOverwrite", key=False) == "ErrorChangeKeyRequiredForWriteOperations"
    assert code("AlwaysOverwrite", key=False) == "NoError"
    assert code("NeverOverwrite", key=True) == "NoError"


def test_what_follows_from_the_rest_cannot_be_set(server: Exchange, one: Item) -> None:
    changes = renamed(one, field="calendar:IsMeeting")
    update = m("UpdateItem", changes, ConflictResolution="AlwaysOverwrite", **QUIET)
    assert ask(server, update) == "ErrorInvalidPropertySet"


@pytest.mark.parametrize("name", ["Accept", "TentativelyAccept", "Decline"])
def test_nobody_answers_to_themselves(server: Exchange, one: Item, name: str) -> None:
    def code(reference: Element) -> str:
        answer = t(f"{name}Item", reference)
        return ask(server, m("CreateItem", m("Items", answer), MessageDisposition="SendOnly"))

    assert code(ids(one, key=False, name="ReferenceItemId")) == "ErrorChangeKeyRequired"
    stale = ids(one, name="ReferenceItemId")
    one.touch()
    assert code(stale) == "ErrorStaleObject"
    organizer = name.removesuffix("lyAccept")
    fresh = ids(one, name="ReferenceItemId")
    assert code(fresh) == f"ErrorCalendarIsOrganizerFor{organizer.removesuffix('ly')}"


def test_nothing_is_written_where_that_is_not_allowed(
    account: exchangelib.Account, box: Mailbox
) -> None:
    one = event(account).save()
    box.calendar.writable = False
    with pytest.raises(errors.ErrorCreateItemAccessDenied):
        event(account).save()
    with pytest.raises(errors.ErrorAccessDenied):
        one.save(update_fields=["subject"])
    with pytest.raises(errors.ErrorCannotDeleteObject):
        one.delete()


def test_an_event_that_makes_no_sense_is_not_made(server: Exchange) -> None:
    def code(*properties: Element) -> str:
        made = m("Items", t("CalendarItem", *properties))
        return ask(server, m("CreateItem", made, SendMeetingInvitations="SendToNone"))

    start, end = t("Start", MORNING[1]), t("End", MORNING[0])
    assert code(start) == "ErrorRequiredPropertyMissing"
    assert code(start, end) == "ErrorCalendarEndDateIsEarlierThanStartDate"
    nowhere = t("StartTimeZone", Id="Nowhere Standard Time")
    assert code(t("Start", MORNING[0]), t("End", MORNING[1]), nowhere) == "ErrorTimeZone"


def test_an_id_that_is_none_is_malformed(server: Exchange) -> None:
    shape = m("ItemShape", t("BaseShape", "IdOnly"))
    item = m("GetItem", shape, m("ItemIds", t("ItemId", Id="../etc")))
    assert ask(server, item) == "ErrorInvalidIdMalformed"
    shape = m("FolderShape", t("BaseShape", "IdOnly"))
    folder = m("GetFolder", shape, m("FolderIds", t("FolderId", Id="AAAA")))
    assert ask(server, folder) == "ErrorInvalidIdMalformed"


def test_what_was_deleted_of_a_series_is_said_to_be(
    account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    here, gone = (view(account, at(10, 1), at(12, 1))[1] for _ in range(2))
    here.delete()
    with pytest.raises(errors.ErrorCalendarOccurrenceIsDeletedFromRecurrence):
        gone.refresh()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (Q(subject="One"), ["One"]),
        (Q(subject__contains="n") & Q(location__exists=True), ["One"]),
        (Q(subject="One") | Q(subject="Two"), ["One", "Two"]),
        (~Q(subject="One"), ["Two"]),
        (Q(start__gt=at(6, 2, 9, 30)), ["Two"]),
        (Q(start__range=(at(6, 2, 8), at(6, 2, 9))), ["One"]),
        (Q(location="Room 1"), ["One"]),
    ],
)
def test_questions_are_answered(
    account: exchangelib.Account, box: Mailbox, question: Q, found: list[str]
) -> None:
    box.put("One", *MORNING, t("Location", "Room 1"))
    box.put("Two", "2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z")
    asked = account.calendar.filter(question).only("subject").order_by("subject")
    assert [each.subject for each in asked] == found


def test_some_questions_are_not(server: Exchange, box: Mailbox) -> None:
    shape = m("ItemShape", t("BaseShape", "IdOnly"))
    span = {"StartDate": "2026-06-01T00:00:00Z", "EndDate": "2026-07-01T00:00:00Z"}
    constant = t("FieldURIOrConstant", t("Constant", Value="x"))

    def code(folder: str, *parts: Element) -> str:
        folders = m("ParentFolderIds", t("DistinguishedFolderId", Id=folder))
        find = m("FindItem", shape, *parts, folders, Traversal="Shallow")
        return ask(server, find)

    def equal(field: str) -> Element:
        return m("Restriction", t("IsEqualTo", t("FieldURI", FieldURI=field), constant))

    box.put("One", *MORNING)
    assert code("calendar", equal("calendar:UID")) == "ErrorUnsupportedPathForQuery"
    both = (m("CalendarView", **span), equal("item:Subject"))
    assert code("calendar", *both) == "ErrorUnsupportedQueryFilter"
    mail = code("inbox", m("CalendarView", **span))
    assert mail == "ErrorCalendarFolderIsInvalidForCalendarView"
    back = {"StartDate": span["EndDate"], "EndDate": span["StartDate"]}
    backwards = code("calendar", m("CalendarView", **back))
    assert backwards == "ErrorCalendarEndDateIsEarlierThanStartDate"


def test_a_field_is_taken_away(account: exchangelib.Account) -> None:
    one = event(account, location="Room 1").save()
    one.location = None
    one.save(update_fields=["location"])
    one.refresh()
    assert one.location is None


def test_another_start_takes_away_what_was_special_about_single_ones(
    account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    shown = view(account, at(10, 1), at(12, 1))
    shown[0].delete()
    shown[1].subject = "Special"
    shown[1].save(update_fields=["subject"], conflict_resolution=items.ALWAYS_OVERWRITE)
    (master,) = account.calendar.all()
    master.start, master.end = at(10, 6, 11), at(10, 6, 12)
    master.save(update_fields=["start", "end"])
    found = view(account, at(10, 1), at(12, 1))
    assert [each.subject for each in found] == ["Weekly"] * 5
    assert found[0].start == at(10, 6, 11)


def test_who_was_invited_is_told_of_what_is_deleted(
    account: exchangelib.Account, box: Mailbox
) -> None:
    one = event(account, required_attendees=["ann@example.org"]).save()
    one.delete(send_meeting_cancellations="SendToAllAndSaveCopy")
    assert [(each.kind, each.to) for each in box.sent] == [("Cancellation", ("ann@example.org",))]
    assert list(account.trash.all()) == []


def test_a_name_that_several_have_is_no_answer_alone(
    server: Exchange, account: exchangelib.Account
) -> None:
    server.account("ada.king@example.org")
    account.calendar.refresh()
    found = account.protocol.resolve_names(["ada"])
    assert sorted(each.email_address for each in found) == ["ada.king@example.org", ADA]


@pytest.mark.parametrize("day", ["2026-01-15", "2026-06-15", "2026-10-15"])
def test_others_are_busy_south_of_the_equator_too(
    server: Exchange, account: exchangelib.Account, day: str
) -> None:
    sydney = EWSTimeZone("Australia/Sydney")
    bo = server.account("bo@example.org")
    bo.put("x", f"{day}T09:00:00", f"{day}T10:00:00", zone="AUS Eastern Standard Time")
    account.calendar.refresh()
    begin = EWSDateTime.from_string(f"{day}T00:00:00Z").astimezone(sydney) - timedelta(days=2)
    (known,) = account.protocol.get_free_busy_info(
        [("bo@example.org", "Required", False)], begin, begin + timedelta(days=5)
    )
    assert [each.start.strftime("%Y-%m-%d %H:%M") for each in known.calendar_events] == [
        f"{day} 09:00"
    ]


def test_nobody_is_asked_about_for_more_than_62_days(
    server: Exchange, account: exchangelib.Account
) -> None:
    account.calendar.refresh()
    asked = [(ADA, "Required", False)]
    list(account.protocol.get_free_busy_info(asked, at(6, 1), at(7, 31)))
    with pytest.raises(errors.ErrorTimeIntervalTooBig):
        list(account.protocol.get_free_busy_info(asked, at(6, 1), at(9, 1)))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/EWS/Exchange.asmx", 401),
        ("GET", "/owa/auth/logon.aspx", 200),
        ("POST", "/somewhere", 404),
    ],
)
def test_other_places_answer_as_they_would(
    server: Exchange, method: str, path: str, status: int
) -> None:
    assert requests.request(method, server.origin + path, timeout=20).status_code == status
