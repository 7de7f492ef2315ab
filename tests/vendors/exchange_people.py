"""The operations about people: who somebody is, and when they are busy."""

from datetime import datetime, timedelta

from lxml.etree import _Element as Element

from tests.vendors.exchange_call import Call
from tests.vendors.exchange_mailbox import Entry, Mailbox, text_of, truth
from tests.vendors.exchange_shapes import mailbox
from tests.vendors.exchange_words import Refusal, find, m, t, text, yes
from tests.vendors.exchange_zones import Asked

MOST_DAYS = timedelta(days=62)
MOST_MAILBOXES = 100
BUSY = {"Free": "0", "Tentative": "1", "Busy": "2", "OOF": "3", "WorkingElsewhere": "4"}


def resolve_names(call: Call) -> Element:
    wanted = text(call.payload, "m:UnresolvedEntry").lower().removeprefix("smtp:")
    found = [
        each
        for each in call.mailboxes.values()
        if wanted in each.address or wanted in each.name.lower()
    ]
    if not found:
        refusal = Refusal("ErrorNameResolutionNoResults", "No results were found.")
        return m(f"{call.name}Response", m("ResponseMessages", call.bad(refusal)))
    resolutions = [t("Resolution", mailbox(each.name, each.address)) for each in found]
    about = {"TotalItemsInView": str(len(found)), "IncludesLastItemInRange": yes(True)}
    message = call.good(m("ResolutionSet", *resolutions, **about))
    if len(found) > 1:
        message.set("ResponseClass", "Warning")
        message[0].text = "ErrorNameResolutionMultipleResults"
        message.insert(0, m("MessageText", "Multiple results were found."))
    return m(f"{call.name}Response", m("ResponseMessages", message))


def get_user_availability(call: Call) -> Element:
    zone = find(call.payload, "t:TimeZone")
    options = find(call.payload, "t:FreeBusyViewOptions")
    people = find(call.payload, "m:MailboxDataArray")
    assert people is not None
    answers = []
    for person in people:
        try:
            if zone is None:
                raise Refusal("ErrorTimeZone", "The time zone is missing.")
            if options is None:
                raise Refusal("ErrorMissingArgument", "What is asked for is missing.")
            if len(people) > MOST_MAILBOXES:
                raise Refusal("ErrorExceededFindCountLimit", "Too many mailboxes were asked for.")
            view = _view(call, text(person, "t:Email/t:Address").lower(), Asked(zone), options)
            good = m("ResponseMessage", m("ResponseCode", "NoError"), ResponseClass="Success")
            answers.append(m("FreeBusyResponse", good, view))
        except Refusal as refusal:
            bad = m(
                "ResponseMessage",
                m("MessageText", refusal.words),
                m("ResponseCode", refusal.code),
                m("DescriptiveLinkKey", "0"),
                ResponseClass="Error",
            )
            nothing = m("FreeBusyView", t("FreeBusyViewType", "None"))
            answers.append(m("FreeBusyResponse", bad, nothing))
    return m(f"{call.name}Response", m("FreeBusyResponseArray", *answers))


def _view(call: Call, address: str, zone: Asked, options: Element) -> Element:
    wanted = text(options, "t:RequestedView", "FreeBusy")
    begin, finish = (
        zone.instant(datetime.fromisoformat(text(options, f"t:TimeWindow/t:{name}")))
        for name in ("StartTime", "EndTime")
    )
    if finish - begin > MOST_DAYS:
        raise Refusal("ErrorTimeIntervalTooBig", "The requested interval is too big.")
    if address not in call.mailboxes:
        raise Refusal("ErrorMailRecipientNotFound", "Unable to resolve e-mail address.")
    person = call.mailboxes[address]
    details = person is call.user or call.user.address in person.readers
    view = wanted if details else wanted.replace("Detailed", "FreeBusy")
    entries = _busy(person, begin, finish)
    parts = [t("FreeBusyViewType", view)]
    if "Merged" in view:
        minutes = int(text(options, "t:MergedFreeBusyIntervalInMinutes", "30"))
        parts.append(t("MergedFreeBusy", _merged(entries, begin, finish, minutes)))
    if view != "MergedOnly":
        events = [_event(each, zone, view.startswith("Detailed")) for each in entries]
        parts.append(t("CalendarEventArray", *events))
    return m("FreeBusyView", *parts)


def _busy(person: Mailbox, begin: datetime, finish: datetime) -> list[Entry]:
    found: list[tuple[datetime, Entry]] = []
    for item in person.calendar.here:
        if item.recurrence is not None:
            found += [(each.start, each) for each in item.occurrences(begin, finish)]
        elif item.start < finish and item.end > begin:
            found.append((item.start, item))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _span(entry: Entry) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(text_of(entry, name)) for name in ("Start", "End"))
    return start, end


def _merged(entries: list[Entry], begin: datetime, finish: datetime, minutes: int) -> str:
    step = timedelta(minutes=minutes)
    digits = ["0"] * -(-(finish - begin) // step)
    for each in entries:
        start, end = _span(each)
        shown = BUSY[text_of(each, "LegacyFreeBusyStatus", "Busy")]
        for place in range(
            max((start - begin) // step, 0), min(-(-(end - begin) // step), len(digits))
        ):
            digits[place] = max(digits[place], shown)
    return "".join(digits)


def _event(entry: Entry, zone: Asked, detailed: bool) -> Element:
    start, end = _span(entry)
    details = t(
        "CalendarEventDetails",
        t("ID", entry.identifier),
        t("Subject", text_of(entry, "Subject")),
        t("Location", text_of(entry, "Location")),
        t("IsMeeting", yes(truth(entry, "IsMeeting"))),
        t("IsRecurring", yes(entry.original is not None)),
        t("IsException", yes(entry.original in entry.item.exceptions)),
        t("IsReminderSet", yes(truth(entry, "ReminderIsSet"))),
        t("IsPrivate", yes(text_of(entry, "Sensitivity") == "Private")),
    )
    return t(
        "CalendarEvent",
        t("StartTime", zone.wall(start).isoformat()),
        t("EndTime", zone.wall(end).isoformat()),
        t("BusyType", text_of(entry, "LegacyFreeBusyStatus", "Busy")),
        *([details] if detailed else []),
    )
