"""Events on the double of an Exchange server: written, repeated, moved, listed, and told of."""

from datetime import datetime, timedelta

import exchangelib
import pytest
from exchangelib import errors, items
from exchangelib.ewsdatetime import EWSDate, EWSDateTime
from exchangelib.properties import UID
from exchangelib.protocol import close_connections
from lxml import etree

from tests.vendors.exchange import (
    BUILDS,
    Exchange,
    exchange,
)
from tests.vendors.exchange_client import (
    ADA,
    OSLO,
    WESTERN,
    at,
    connect,
    event,
    view,
    weekly,
)
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t


def test_what_is_written_is_there_to_be_read(account: exchangelib.Account, box: Mailbox) -> None:
    event(
        account,
        uid="mine@koble",
        body="Hello",
        location="Room 1",
        required_attendees=["ann@example.org"],
        legacy_free_busy_status="Tentative",
    ).save(send_meeting_invitations=items.SEND_TO_ALL_AND_SAVE_COPY)
    (found,) = view(account, at(6, 1), at(7, 1))
    assert (found.subject, found.uid, found.body) == ("Intro", "mine@koble", "Hello")
    assert (found.start, found.end) == (at(6, 2, 9), at(6, 2, 10))
    assert (found.type, found.my_response_type) == ("Single", "Organizer")
    assert found.organizer.email_address == ADA
    assert found.legacy_free_busy_status == "Tentative"
    assert [
        (each.mailbox.email_address, each.response_type) for each in found.required_attendees
    ] == [("ann@example.org", "Unknown")]
    (sent,) = box.sent
    assert (sent.kind, sent.to, sent.uid) == ("Request", ("ann@example.org",), "mine@koble")


def test_nobody_is_told_of_what_shall_not_be_told(
    account: exchangelib.Account, box: Mailbox
) -> None:
    event(account, required_attendees=["ann@example.org"]).save()
    assert box.sent == []


def test_who_is_told_of_a_change_are_those_still_invited(
    account: exchangelib.Account, box: Mailbox
) -> None:
    one = event(account, required_attendees=["ann@example.org", "bo@example.org"]).save()
    one.required_attendees = ["ann@example.org"]
    one.save(
        update_fields=["required_attendees"],
        send_meeting_invitations=items.SEND_TO_ALL_AND_SAVE_COPY,
    )
    assert [(each.kind, each.to) for each in box.sent] == [
        ("Cancellation", ("bo@example.org",)),
        ("Update", ("ann@example.org",)),
    ]


def test_a_meeting_is_cancelled_with_words(account: exchangelib.Account, box: Mailbox) -> None:
    event(account, required_attendees=["ann@example.org"]).save().cancel(new_body="Sorry")
    assert [(each.kind, each.body) for each in box.sent] == [("Cancellation", "Sorry")]
    assert view(account, at(6, 1), at(7, 1)) == []
    assert [each.subject for each in account.trash.all()] == ["Intro"]


def test_what_others_organize_is_declined_and_not_cancelled(
    account: exchangelib.Account, box: Mailbox
) -> None:
    organizer = t("Organizer", t("Mailbox", t("EmailAddress", "bo@example.org")))
    guests = t("RequiredAttendees", t("Attendee", t("Mailbox", t("EmailAddress", ADA))))
    box.put("Theirs", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", organizer, guests)
    (theirs,) = view(account, at(6, 1), at(7, 1))
    assert theirs.my_response_type == "NoResponseReceived"
    with pytest.raises(errors.ErrorCalendarIsNotOrganizer):
        theirs.cancel()
    theirs.decline(body="Another day?", proposed_start=at(6, 3, 9), proposed_end=at(6, 3, 10))
    (sent,) = box.sent
    assert (sent.kind, sent.to, sent.body) == ("Decline", ("bo@example.org",), "Another day?")
    assert datetime.fromisoformat(sent.proposed[0]) == at(6, 3, 9)
    assert view(account, at(6, 1), at(7, 1)) == []


@pytest.mark.parametrize(
    ("answer", "kind"), [("accept", "Accept"), ("tentatively_accept", "Tentative")]
)
def test_what_others_organize_is_accepted(
    account: exchangelib.Account, box: Mailbox, answer: str, kind: str
) -> None:
    organizer = t("Organizer", t("Mailbox", t("EmailAddress", "bo@example.org")))
    guests = t("RequiredAttendees", t("Attendee", t("Mailbox", t("EmailAddress", ADA))))
    box.put("Theirs", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", organizer, guests)
    (theirs,) = view(account, at(6, 1), at(7, 1))
    getattr(theirs, answer)()
    assert [(each.kind, each.to) for each in box.sent] == [(kind, ("bo@example.org",))]
    assert [each.my_response_type for each in view(account, at(6, 1), at(7, 1))] == [kind]


def test_a_change_of_what_was_changed_meanwhile_is_refused(
    account: exchangelib.Account, box: Mailbox
) -> None:
    one = event(account).save()
    box.put("Changed", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", item=box.calendar.here[0])
    one.subject = "Mine"
    with pytest.raises(errors.ErrorIrresolvableConflict):
        one.save(update_fields=["subject"], conflict_resolution=items.NEVER_OVERWRITE)
    one.save(update_fields=["subject"], conflict_resolution=items.ALWAYS_OVERWRITE)
    assert [each.subject for each in account.calendar.all()] == ["Mine"]


def test_what_is_gone_is_not_found(account: exchangelib.Account, box: Mailbox) -> None:
    one = event(account).save()
    box.remove(box.calendar.here[0])
    with pytest.raises(errors.ErrorItemNotFound):
        one.refresh()
    with pytest.raises(errors.ErrorItemNotFound):
        one.delete()


def test_an_event_is_found_by_its_uid_as_the_store_keeps_it(
    account: exchangelib.Account,
) -> None:
    class Global(exchangelib.ExtendedProperty):  # type: ignore[misc]
        distinguished_property_set_id = "Meeting"
        property_id = 3
        property_type = "Binary"

    event(account, uid="mine@koble").save()
    event(account, uid="other@koble", subject="Other").save()
    exchangelib.CalendarItem.register("global_id", Global)
    try:
        # As bytes: a UID that is copied is wrapped once more.
        found = account.calendar.filter(global_id=bytes(UID("mine@koble")))
        assert [each.subject for each in found] == ["Intro"]
    finally:
        exchangelib.CalendarItem.deregister("global_id")


def test_what_others_wrote_of_their_own_stays(account: exchangelib.Account) -> None:
    class Theirs(exchangelib.ExtendedProperty):  # type: ignore[misc]
        distinguished_property_set_id = "PublicStrings"
        property_name = "theirs"
        property_type = "String"

    exchangelib.CalendarItem.register("theirs", Theirs)
    try:
        one = event(account, theirs="kept", reminder_minutes_before_start=5).save()
        one.subject = "New"
        one.save(update_fields=["subject"])
        (found,) = account.calendar.filter(theirs="kept")
        assert (found.subject, found.theirs) == ("New", "kept")
        assert found.reminder_minutes_before_start == 5
    finally:
        exchangelib.CalendarItem.deregister("theirs")


def test_a_list_has_the_beginning_of_long_texts_only(account: exchangelib.Account) -> None:
    long = event(account, subject="x" * 255, location="y" * 2000).save()
    ((_, listed),) = account.calendar.sync_items(only_fields=["location"])
    assert len(listed.location) == 255
    long.refresh()
    assert len(long.location) == 2000


def test_a_series_keeps_its_wall_time_when_the_clocks_change(
    account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    starts = [each.start for each in view(account, at(10, 1), at(12, 1))]
    assert starts == [at(10, 6, 9), at(10, 13, 9), at(10, 20, 9), at(10, 27, 9), at(11, 3, 9)]
    assert starts[3] - starts[2] == timedelta(days=7, hours=1)


def test_a_series_has_exceptions_and_gaps(account: exchangelib.Account, box: Mailbox) -> None:
    weekly(box)
    shown = view(account, at(10, 1), at(12, 1))
    shown[1].start, shown[1].end = at(10, 14, 11), at(10, 14, 12)
    shown[1].save(update_fields=["start", "end"])
    shown[2].delete()
    after = view(account, at(10, 1), at(12, 1))
    assert [(each.start, each.type) for each in after] == [
        (at(10, 6, 9), "Occurrence"),
        (at(10, 14, 11), "Exception"),
        (at(10, 27, 9), "Occurrence"),
        (at(11, 3, 9), "Occurrence"),
    ]
    assert after[1].recurrence_id == at(10, 13, 9)
    (master,) = account.calendar.all().only(
        "modified_occurrences", "deleted_occurrences", "first_occurrence", "last_occurrence", "type"
    )
    assert master.type == "RecurringMaster"
    assert [each.original_start for each in master.modified_occurrences] == [at(10, 13, 9)]
    assert [each.start for each in master.deleted_occurrences] == [at(10, 20, 9)]
    assert (master.first_occurrence.start, master.last_occurrence.start) == (
        at(10, 6, 9),
        at(11, 3, 9),
    )
    assert master.occurrence(index=5) is not None


def test_an_occurrence_is_had_by_its_number_and_its_master_by_it(
    account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    (master,) = account.calendar.all().only("subject")
    second = master.occurrence(index=2)
    second.refresh()
    assert second.start == at(10, 13, 9)
    above = second.recurring_master()
    above.refresh()
    assert above.id == master.id
    with pytest.raises(errors.ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange):
        master.occurrence(index=6).refresh()


def test_a_server_that_does_not_expand_shows_the_series_itself(
    server: Exchange, account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    server.limits.expands = False
    assert [each.type for each in view(account, at(10, 1), at(12, 1))] == ["RecurringMaster"]


def pattern(name: str, **parts: str) -> etree._Element:
    return t(f"{name}Recurrence", *(t(key, value) for key, value in parts.items()))


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (pattern("Daily", Interval="10"), ["01-31", "02-10", "02-20"]),
        (
            pattern("Weekly", Interval="2", DaysOfWeek="Monday Saturday"),
            ["01-31", "02-09", "02-14"],
        ),
        (pattern("AbsoluteMonthly", Interval="1", DayOfMonth="31"), ["01-31", "02-28", "03-31"]),
        (
            pattern("RelativeMonthly", Interval="1", DaysOfWeek="Weekday", DayOfWeekIndex="Last"),
            ["02-27", "03-31", "04-30"],
        ),
        (
            pattern("RelativeYearly", DaysOfWeek="Sunday", DayOfWeekIndex="Second", Month="March"),
            ["03-08", "03-14", "03-12"],
        ),
        (pattern("AbsoluteYearly", DayOfMonth="29", Month="February"), ["02-28", "02-28", "02-29"]),
    ],
)
def test_each_pattern_means_what_it_says(
    account: exchangelib.Account, box: Mailbox, rule: etree._Element, days: list[str]
) -> None:
    extent = t("NumberedRecurrence", t("StartDate", "2026-01-31"), t("NumberOfOccurrences", "3"))
    series = t("Recurrence", rule, extent)
    box.put("x", "2026-01-31T09:00:00", "2026-01-31T10:00:00", series, zone=WESTERN)
    spans = [(at(1, 1, year=year), at(1, 1, year=year + 2)) for year in (2026, 2028)]
    found = [each for span in spans for each in view(account, *span)]
    assert [each.start.astimezone(OSLO).strftime("%m-%d") for each in found] == days


def test_all_day_is_from_midnight_to_midnight_there(
    account: exchangelib.Account,
) -> None:
    event(account, start=EWSDate(2026, 6, 2), end=EWSDate(2026, 6, 3), is_all_day=True).save()
    (found,) = view(account, at(6, 1), at(7, 1))
    assert (found.start, found.end) == (EWSDate(2026, 6, 2), EWSDate(2026, 6, 3))


def test_a_view_of_more_than_two_years_is_refused(account: exchangelib.Account) -> None:
    assert view(account, at(1, 1), at(1, 1, year=2028)) == []
    with pytest.raises(errors.ErrorCalendarViewRangeTooBig):
        view(account, at(1, 1), at(1, 10, year=2028))


def test_a_view_ends_before_its_end_and_begins_with_what_is_under_way(
    account: exchangelib.Account,
) -> None:
    event(account).save()
    assert len(view(account, at(6, 2, 9, 30), at(6, 2, 9, 45))) == 1
    assert view(account, at(6, 2, 8), at(6, 2, 9)) == []
    assert view(account, at(6, 2, 10), at(6, 2, 11)) == []


def test_more_than_the_server_finds_at_once_is_refused_or_said(
    server: Exchange, account: exchangelib.Account, box: Mailbox
) -> None:
    for number in range(5):
        box.put(str(number), "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.limits.find = 3
    with pytest.raises(errors.ErrorExceededFindCountLimit):
        view(account, at(6, 1), at(7, 1))
    some = account.calendar.view(start=at(6, 1), end=at(7, 1), max_items=3)
    assert len(list(some)) == 3
    assert len(list(account.calendar.all())) == 5


def changes(account: exchangelib.Account, most: int = 512) -> list[tuple[str, object]]:
    return [
        (kind, getattr(item, "subject", None))
        for kind, item in account.calendar.sync_items(
            only_fields=["subject"], max_changes_returned=most
        )
    ]


def test_what_changed_is_told_once(account: exchangelib.Account, box: Mailbox) -> None:
    for number in range(5):
        box.put(str(number), "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    assert changes(account, 2) == [("create", str(number)) for number in range(5)]
    assert changes(account) == []
    box.put("3, new", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", item=box.calendar.here[3])
    box.remove(box.calendar.here[0])
    box.put("5", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    assert changes(account) == [("update", "3, new"), ("delete", None), ("create", "5")]
    assert changes(account) == []


def test_what_changed_while_it_is_first_listed_is_still_new(
    account: exchangelib.Account, box: Mailbox
) -> None:
    made = [box.put(str(n), "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z") for n in range(3)]
    told = account.calendar.sync_items(only_fields=["subject"], max_changes_returned=1)
    assert next(told)[1].subject == "0"
    box.put("1, new", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", item=made[1])
    assert [(kind, item.subject) for kind, item in told] == [("create", "2"), ("create", "1, new")]


def test_a_state_of_its_own_making_only_is_followed(account: exchangelib.Account) -> None:
    account.calendar.item_sync_state = "none"
    with pytest.raises(errors.ErrorInvalidSyncStateData):
        changes(account)


def test_a_changed_occurrence_is_a_change_of_its_series_at_some_servers(
    server: Exchange, account: exchangelib.Account, box: Mailbox
) -> None:
    weekly(box)
    changes(account)
    shown = view(account, at(10, 1), at(12, 1))
    shown[0].delete()
    assert changes(account) == [("update", "Weekly")]
    server.limits.mentions_occurrences = False
    shown[1].delete()
    assert changes(account) == []


def test_more_calendars_are_found_below_the_first(
    account: exchangelib.Account, box: Mailbox
) -> None:
    box.add_calendar("Private")
    assert [each.name for each in account.calendar.children] == ["Private"]
    assert [
        each.name for each in account.root.walk() if each.folder_class == "IPF.Appointment"
    ] == [
        "Calendar",
        "Private",
    ]


def test_which_calendars_came_and_went_is_told_once(
    account: exchangelib.Account, box: Mailbox
) -> None:
    root = account.root
    assert ("create", "Calendar") in [(kind, each.name) for kind, each in root.sync_hierarchy()]
    more = box.add_calendar("Private")
    assert [(kind, each.name) for kind, each in root.sync_hierarchy()] == [("create", "Private")]
    box.remove_calendar(more)
    assert [(kind, each.id) for kind, each in root.sync_hierarchy()] == [
        ("delete", more.identifier)
    ]
    assert list(root.sync_hierarchy()) == []


def test_a_person_is_found_by_name(server: Exchange, account: exchangelib.Account) -> None:
    account.calendar.refresh()
    assert [each.email_address for each in account.protocol.resolve_names(["Ada"])] == [ADA]
    (none,) = account.protocol.resolve_names(["nobody"])
    assert isinstance(none, errors.ErrorNameResolutionNoResults)


@pytest.mark.parametrize("day", [at(3, 28, 9), at(3, 30, 9), at(10, 24, 9), at(10, 26, 9)])
def test_others_are_busy_in_the_zone_of_who_asks(
    server: Exchange, account: exchangelib.Account, day: EWSDateTime
) -> None:
    bo = server.account("bo@example.org")
    start = day.astimezone(exchangelib.UTC)
    bo.put("Secret", start.isoformat(), (start + timedelta(hours=1)).isoformat())
    begin = day - timedelta(days=3)
    known, unknown = account.protocol.get_free_busy_info(
        [("bo@example.org", "Required", False), ("no@example.org", "Required", False)],
        begin,
        begin + timedelta(days=7),
    )
    assert [(each.start, each.busy_type) for each in known.calendar_events] == [(day, "Busy")]
    assert known.calendar_events[0].details is None
    assert isinstance(unknown, errors.ErrorMailRecipientNotFound)


def test_the_oldest_knows_no_zones() -> None:
    with exchange(BUILDS[0]) as server:
        server.account(ADA)
        account = connect(server)
        account.calendar.refresh()
        with pytest.raises(NotImplementedError):
            list(account.protocol.get_timezones())
        close_connections()


def test_mail_is_sent_in_the_owners_name(account: exchangelib.Account, box: Mailbox) -> None:
    exchangelib.Message(
        account=account,
        folder=account.sent,
        subject="Hello",
        body="There",
        to_recipients=[exchangelib.Mailbox(email_address="ann@example.org")],
    ).send_and_save()
    assert [(each.kind, each.to, each.subject) for each in box.sent] == [
        ("Message", ("ann@example.org",), "Hello")
    ]
    assert [each.subject for each in account.sent.all()] == ["Hello"]
