"""An Exchange account as exchangelib drives it, with what the tests of the double do there."""

from typing import Any

import exchangelib
from exchangelib.ewsdatetime import EWSDateTime, EWSTimeZone
from exchangelib.transport import BASIC

from tests.vendors.exchange import PASSWORD, Exchange
from tests.vendors.exchange_mailbox import Item, Mailbox
from tests.vendors.exchange_words import t

OSLO = EWSTimeZone("Europe/Oslo")
ADA = "ada@example.org"
WESTERN = "W. Europe Standard Time"
WEEKLY = t(
    "Recurrence",
    t("WeeklyRecurrence", t("Interval", "1"), t("DaysOfWeek", "Tuesday")),
    t("NumberedRecurrence", t("StartDate", "2026-10-06"), t("NumberOfOccurrences", "5")),
)


def at(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = 2026) -> EWSDateTime:
    return EWSDateTime(year, month, day, hour, minute, tzinfo=OSLO)


def connect(
    server: Exchange, name: str = ADA, auth: str | None = BASIC, password: str = PASSWORD
) -> exchangelib.Account:
    config = exchangelib.Configuration(
        service_endpoint=server.url,
        credentials=exchangelib.Credentials(name, password),
        auth_type=auth,
    )
    return exchangelib.Account(
        ADA, config=config, access_type=exchangelib.DELEGATE, default_timezone=OSLO
    )


def event(account: exchangelib.Account, **fields: object) -> exchangelib.CalendarItem:
    return exchangelib.CalendarItem(
        account=account,
        folder=account.calendar,
        **{"subject": "Intro", "start": at(6, 2, 9), "end": at(6, 2, 10), **fields},
    )


def weekly(box: Mailbox) -> Item:
    return box.put("Weekly", "2026-10-06T09:00:00", "2026-10-06T10:00:00", WEEKLY, zone=WESTERN)


def view(account: exchangelib.Account, start: EWSDateTime, end: EWSDateTime) -> list[Any]:
    return list(account.calendar.view(start=start, end=end))
