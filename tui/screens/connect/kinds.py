"""What can be connected, in words."""

from scheduling.connections import Access, Connection, Kind, Use
from words import Phrase

NAMES = {
    Kind.GOOGLE: Phrase("Google / Gmail"),
    Kind.OFFICE365: Phrase("Office 365"),
    Kind.EXCHANGE: Phrase("Exchange"),
    Kind.CALDAV: Phrase("CalDAV"),
    Kind.LOCAL: Phrase("This computer"),
    Kind.SUBSCRIPTION: Phrase("Subscription"),
}
SHORT = NAMES | {
    Kind.GOOGLE: Phrase("Google"),
    Kind.LOCAL: Phrase("a folder"),
    Kind.SUBSCRIPTION: Phrase("a published calendar"),
}
"""The same within a sentence."""
ABOUT = {
    Kind.GOOGLE: Phrase("Google Workspace and free Gmail"),
    Kind.OFFICE365: Phrase("Microsoft 365 and Outlook.com"),
    Kind.EXCHANGE: Phrase("your company's own server, 2010 SP2 or newer"),
    Kind.CALDAV: Phrase("Nextcloud, iCloud, Fastmail, your own"),
    Kind.LOCAL: Phrase("a folder of .ics files (khal, vdirsyncer)"),
    Kind.SUBSCRIPTION: Phrase("a published calendar, beside your account"),
}
ACCESS = {
    Access.BUSY: Phrase("busy times only"),
    Access.READ: Phrase("read"),
    Access.WRITE: Phrase("read and write"),
    Access.MAIL: Phrase("read, write and e-mail"),
}
"""What koble may do in a cloud account."""
UNLOCKS = {
    Access.BUSY: Phrase("When you are busy, nothing else. Meetings are requested, not added."),
    Access.READ: Phrase("Your events are seen. Meetings are requested, not added."),
    Access.WRITE: Phrase("Meetings are added, moved and cancelled in it."),
    Access.MAIL: Phrase("Meetings are added, and e-mail is sent in your name."),
}
"""What can be done then."""
GRANTED = {
    Kind.EXCHANGE: Phrase("its calendars, read and write"),
    Kind.CALDAV: Phrase("its calendars, read and write"),
    Kind.LOCAL: Phrase("its calendars, read and write"),
    Kind.SUBSCRIPTION: Phrase("its events, read only"),
}
"""What koble may do with other accounts and folders, short enough for one line."""
USES = {
    Use.BOTH: Phrase("calendar settings and meeting settings"),
    Use.CALENDAR: Phrase("calendar settings"),
    Use.MEETINGS: Phrase("meeting settings"),
}
"""What a connection serves (S15)."""


CLOUDS = {
    "global": Phrase("worldwide"),
    "usgov": Phrase("US Government"),
    "dod": Phrase("US Department of Defense"),
    "china": Phrase("China (21Vianet)"),
}
"""Microsoft's clouds, as `Client.cloud` has them."""
PORTALS = {"usgov": "portal.azure.us", "dod": "portal.azure.us", "china": "portal.azure.cn"}
"""Where apps are registered in those that have a place of their own for it."""


def access_of(connection: Connection) -> Access:
    """What was asked of an account in a cloud."""
    return Access(connection.options.get("access", Access.WRITE))
