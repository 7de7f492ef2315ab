"""The names that an Exchange server speaks in: XML namespaces, elements in order, instants."""

import base64
from copy import deepcopy
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from exchangelib.winzone import MS_TIMEZONE_TO_IANA_MAP
from lxml import etree
from lxml.etree import _Element as Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
NAMES = {"s": SOAP, "t": TYPES, "m": MESSAGES}

# As the schema lists them: an answer in another order is none.
_ITEM = """
    MimeContent ItemId ParentFolderId ItemClass Subject Sensitivity Body Attachments
    DateTimeReceived Size Categories Importance InReplyTo IsSubmitted IsDraft IsFromMe IsResend
    IsUnmodified InternetMessageHeaders DateTimeSent DateTimeCreated ResponseObjects ReminderDueBy
    ReminderIsSet ReminderNextTime ReminderMinutesBeforeStart DisplayCc DisplayTo DisplayBcc
    HasAttachments ExtendedProperty Culture EffectiveRights LastModifiedName LastModifiedTime
    IsAssociated WebClientReadFormQueryString WebClientEditFormQueryString ConversationId
    UniqueBody
"""
_MESSAGE = """
    Sender ToRecipients CcRecipients BccRecipients IsReadReceiptRequested
    IsDeliveryReceiptRequested ConversationIndex ConversationTopic From InternetMessageId IsRead
    IsResponseRequested References ReplyTo ReceivedBy ReceivedRepresenting
    AssociatedCalendarItemId IsDelegated IsOutOfDate HasBeenProcessed ResponseType
"""
_CALENDAR = """
    UID RecurrenceId DateTimeStamp Start End OriginalStart IsAllDayEvent LegacyFreeBusyStatus
    Location When IsMeeting IsCancelled IsRecurring MeetingRequestWasSent CalendarItemType
    MyResponseType Organizer RequiredAttendees OptionalAttendees Resources
    ConflictingMeetingCount AdjacentMeetingCount Duration TimeZone AppointmentReplyTime
    AppointmentSequenceNumber AppointmentState Recurrence FirstOccurrence LastOccurrence
    ModifiedOccurrences DeletedOccurrences MeetingTimeZone StartTimeZone EndTimeZone
    ConferenceType AllowNewTimeProposal IsOnlineMeeting MeetingWorkspaceUrl NetShowUrl
    ProposedStart ProposedEnd
"""
_NAMES = f"{_ITEM} {_MESSAGE} {_CALENDAR}"
ORDER = {name: place for place, name in enumerate(_NAMES.split())}
# In calendar items it stands elsewhere than in messages.
CALENDAR_ORDER = {**ORDER, "IsResponseRequested": ORDER["MeetingRequestWasSent"]}


def t(name: str, *children: Element | str, **attributes: str) -> Element:
    """An element of the types namespace."""
    return _element(TYPES, name, children, attributes)


def m(name: str, *children: Element | str, **attributes: str) -> Element:
    """An element of the messages namespace."""
    return _element(MESSAGES, name, children, attributes)


def _element(
    namespace: str, name: str, children: tuple[Element | str, ...], attributes: dict[str, str]
) -> Element:
    element = etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=NAMES)
    for child in children:
        if isinstance(child, str):
            element.text = child
        else:
            # One that stands elsewhere already is not taken from there.
            element.append(child if child.getparent() is None else deepcopy(child))
    return element


def local(element: Element) -> str:
    """Its name without the namespace."""
    return etree.QName(element).localname


def find(element: Element, path: str) -> Element | None:
    """The first that the path (with `t:` and `m:`) leads to."""
    return element.find(path, NAMES)


def text(element: Element, path: str, default: str = "") -> str:
    """The text at the path."""
    found = element.find(path, NAMES)
    return default if found is None or found.text is None else found.text


def yes(value: bool) -> str:
    """A boolean as XML writes it."""
    return "true" if value else "false"


def stamp(at: datetime) -> str:
    """An instant as the server answers it: in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(written: str, zone: ZoneInfo) -> datetime:
    """What a request says; without an offset it is wall time in `zone`."""
    at = datetime.fromisoformat(written)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def zone_named(windows: str) -> ZoneInfo | None:
    """The zone that Windows calls so."""
    name = MS_TIMEZONE_TO_IANA_MAP.get(windows)
    return ZoneInfo(name) if name else None


def opaque(said: str) -> str:
    """An identifier as Exchange gives them out: long, and with `/` and `+` and `=` in it."""
    return base64.b64encode(b"\0\0\xff\xfe\xfb" + said.encode()).decode()


def said(identifier: str) -> str | None:
    """What is in such an identifier, or None where it is not one of ours."""
    try:
        raw = base64.b64decode(identifier, validate=True)
        return raw[5:].decode() if raw.startswith(b"\0\0\xff\xfe\xfb") else None
    except ValueError:
        return None


class Refusal(Exception):
    """One thing that was asked cannot be done; its code is one of the schema's ResponseCodes."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
