"""What can be connected, in words."""

from scheduling.connections import Kind, Use
from words import Phrase

NAMES = {
    Kind.GOOGLE: Phrase("Google / Gmail"),
    Kind.OFFICE365: Phrase("Office 365"),
    Kind.EXCHANGE: Phrase("Exchange"),
    Kind.CALDAV: Phrase("CalDAV"),
    Kind.LOCAL: Phrase("This computer"),
    Kind.SUBSCRIPTION: Phrase("Subscription"),
}
SHORT = NAMES | {Kind.GOOGLE: Phrase("Google"), Kind.LOCAL: Phrase("a folder")}
"""The same within a sentence."""
ABOUT = {
    Kind.GOOGLE: Phrase("Google Workspace and free Gmail"),
    Kind.OFFICE365: Phrase("Microsoft 365 and Outlook.com"),
    Kind.EXCHANGE: Phrase("your company's own server, 2010 SP2 or newer"),
    Kind.CALDAV: Phrase("Nextcloud, iCloud, Fastmail, your own"),
    Kind.LOCAL: Phrase("a folder of .ics files (khal, vdirsyncer)"),
}
GRANTED = {
    Kind.GOOGLE: Phrase("all its calendars, read and write"),
    Kind.OFFICE365: Phrase("all its calendars, read and write"),
    Kind.EXCHANGE: Phrase("its calendars, read and write"),
    Kind.CALDAV: Phrase("its calendars, read and write"),
    Kind.LOCAL: Phrase("its calendars, read and write"),
    Kind.SUBSCRIPTION: Phrase("its events, read only"),
}
"""What koble may do with the account or the folder, short enough for one line."""
USES = {
    Use.BOTH: Phrase("calendar settings and meeting settings"),
    Use.CALENDAR: Phrase("calendar settings"),
    Use.MEETINGS: Phrase("meeting settings"),
}
"""What a connection serves (S15)."""
