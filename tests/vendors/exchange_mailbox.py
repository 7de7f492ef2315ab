"""What lies in a mailbox: folders, items and their versions, and the occurrences of series."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Protocol
from zoneinfo import ZoneInfo

from lxml.etree import _Element as Element

from tests.vendors import exchange_series as series
from tests.vendors.exchange_words import (
    Refusal,
    instant,
    local,
    opaque,
    said,
    t,
    yes,
    zone_named,
)

FOLDERS = {
    # distinguished name: (name, parent, class)
    "root": ("", "", ""),
    "msgfolderroot": ("Top of Information Store", "root", "IPF.Note"),
    "calendar": ("Calendar", "msgfolderroot", "IPF.Appointment"),
    "inbox": ("Inbox", "msgfolderroot", "IPF.Note"),
    "sentitems": ("Sent Items", "msgfolderroot", "IPF.Note"),
    "drafts": ("Drafts", "msgfolderroot", "IPF.Note"),
    "outbox": ("Outbox", "msgfolderroot", "IPF.Note"),
    "deleteditems": ("Deleted Items", "msgfolderroot", "IPF.Note"),
    "contacts": ("Contacts", "msgfolderroot", "IPF.Contact"),
    "tasks": ("Tasks", "msgfolderroot", "IPF.Task"),
}


@dataclass(frozen=True)
class Sent:
    """What left a mailbox: a Request, an Update, a Cancellation, a response, or a Message."""

    kind: str
    to: tuple[str, ...]
    subject: str
    body: str = ""
    uid: str = ""
    proposed: tuple[str, str] = ("", "")


class Entry(Protocol):
    """A master, a single item or an occurrence: whatever has an id of its own."""

    @property
    def item(self) -> "Item": ...
    @property
    def identifier(self) -> str: ...
    @property
    def original(self) -> datetime | None: ...
    @property
    def properties(self) -> dict[str, Element]: ...


class Folder:
    """A folder. `shut`: the ResponseCode with which whoever asks for it is refused."""

    def __init__(
        self, mailbox: "Mailbox", name: str, parent: "Folder | None", kind: str, distinguished: str
    ) -> None:
        self.mailbox = mailbox
        self.name = name
        self.parent = parent
        self.kind = kind
        self.distinguished = distinguished
        self.identifier = opaque(f"{mailbox.address}/{distinguished or name}")
        self.created = next(mailbox.versions)
        self.deleted = 0
        self.items: dict[str, Item] = {}
        self.writable = True
        self.shut = ""

    @property
    def here(self) -> list["Item"]:
        """The items that are not deleted, as they were made."""
        return [item for item in self.items.values() if not item.deleted]


class Item:
    """A calendar item or message: its properties as elements, by name.

    `exceptions`: what differs in single occurrences, by their original start; `dropped`: the
    occurrences that were deleted. `zone`: in which wall time its series runs. `broken`: the
    ResponseCode with which GetItem answers for it.
    """

    original: datetime | None = None

    def __init__(self, folder: Folder, kind: str, properties: dict[str, Element]) -> None:
        self.folder = folder
        self.kind = kind
        self.properties = properties
        self.created = self.changed = self.version = next(folder.mailbox.versions)
        self.made = folder.mailbox.clock
        self.deleted = 0
        self.identifier = opaque(f"{folder.identifier}|{self.created}")
        self.exceptions: dict[datetime, dict[str, Element]] = {}
        self.dropped: set[datetime] = set()
        self.zone: ZoneInfo = folder.mailbox.zone
        self.broken = ""

    @property
    def item(self) -> "Item":
        return self

    @property
    def change_key(self) -> str:
        return opaque(f"v{self.version}")

    def touch(self, *, told: bool = True) -> None:
        """It was changed: another version, and, where `told`, a change for who follows."""
        self.version = next(self.folder.mailbox.versions)
        self.changed = self.version if told else self.changed

    @property
    def start(self) -> datetime:
        return instant(text_of(self, "Start"), self.zone)

    @property
    def end(self) -> datetime:
        return instant(text_of(self, "End"), self.zone)

    @property
    def recurrence(self) -> Element | None:
        return self.properties.get("Recurrence")

    def starts(self, end: datetime) -> list[datetime]:
        """The original starts before `end`, without those that were dropped."""
        if self.recurrence is None:
            return []
        found = series.starts_until(self.recurrence, self.start, self.zone, end)
        return [at for at in found if at not in self.dropped]

    def occurrence(self, original: datetime) -> "Occurrence":
        """The one that starts, or started before it was moved, at `original`."""
        after = original + timedelta(seconds=1)
        if self.recurrence is None or original not in series.starts_until(
            self.recurrence, self.start, self.zone, after
        ):
            raise Refusal("ErrorItemNotFound", "The specified object was not found in the store.")
        if original in self.dropped:
            raise Refusal(
                "ErrorCalendarOccurrenceIsDeletedFromRecurrence", "Occurrence was deleted."
            )
        return Occurrence(self, original)

    def numbered(self, index: int) -> "Occurrence":
        """The one of that number, counted from 1, the dropped ones included."""
        assert self.recurrence is not None
        every = series.starts(self.recurrence, self.start, self.zone)
        original = next(islice(every, index - 1, None), None)
        if original is None:
            raise Refusal(
                "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", "There is no such occurrence."
            )
        return self.occurrence(original)

    def occurrences(self, start: datetime, end: datetime) -> list["Occurrence"]:
        """Those of a series that overlap the span."""
        # One that was moved here may have its original start well after.
        until = max([end, *(at + timedelta(seconds=1) for at in self.exceptions)])
        found = [Occurrence(self, at) for at in self.starts(until)]
        return [each for each in found if each.start < end and each.end > start]


class Occurrence:
    """One of a series."""

    def __init__(self, item: Item, original: datetime) -> None:
        self.item = item
        self.original: datetime | None = original
        self._original = original
        self.identifier = opaque(
            f"{item.folder.identifier}|{item.created}|{int(original.timestamp())}"
        )
        length = item.end - item.start
        inherited = {
            name: element for name, element in item.properties.items() if name != "Recurrence"
        }
        inherited["Start"] = t("Start", original.isoformat())
        inherited["End"] = t("End", (original + length).isoformat())
        self.properties = inherited | item.exceptions.get(original, {})

    @property
    def changed(self) -> bool:
        """It differs from the series."""
        return self._original in self.item.exceptions

    @property
    def start(self) -> datetime:
        return instant(text_of(self, "Start"), self.item.zone)

    @property
    def end(self) -> datetime:
        return instant(text_of(self, "End"), self.item.zone)


def text_of(entry: Entry, name: str, default: str = "") -> str:
    """The text of a property."""
    element = entry.properties.get(name)
    return default if element is None or element.text is None else element.text


class Mailbox:
    """Somebody's mailbox. `sent`: who was told what about which event."""

    def __init__(self, address: str, name: str, zone: ZoneInfo) -> None:
        self.address = address
        self.name = name
        self.zone = zone
        self.versions = count(1)
        self.clock = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.sent: list[Sent] = []
        self.clocks = True
        """Occurrences are told by the clock of their own day, not of the first one's."""
        self.readers: set[str] = set()
        """The addresses of those who may look into its calendar."""
        self.folders: dict[str, Folder] = {}
        for distinguished, (title, parent, kind) in FOLDERS.items():
            self._add(Folder(self, title, self._named(parent), kind, distinguished))

    def _add(self, folder: Folder) -> Folder:
        self.folders[folder.identifier] = folder
        return folder

    def _named(self, distinguished: str) -> Folder | None:
        return next(
            (
                each
                for each in self.folders.values()
                if distinguished and each.distinguished == distinguished
            ),
            None,
        )

    def folder(self, distinguished: str) -> Folder:
        """The folder of that distinguished name."""
        found = self._named(distinguished)
        if found is None:
            raise Refusal("ErrorFolderNotFound", "The specified folder could not be found.")
        return found

    def add_calendar(self, name: str, *, below: "Folder | None" = None) -> Folder:
        """Another calendar of theirs."""
        parent = below or self.folder("calendar")
        return self._add(Folder(self, name, parent, "IPF.Appointment", ""))

    def remove_calendar(self, folder: Folder) -> None:
        """One calendar less, with all that is in it."""
        folder.deleted = next(self.versions)

    @property
    def calendar(self) -> Folder:
        return self.folder("calendar")

    def item(self, identifier: str) -> Item | Occurrence:
        """The item or occurrence of that id."""
        parts = (said(identifier) or "").split("|")
        if len(parts) < 2:
            raise Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
        whole = opaque("|".join(parts[:2]))
        for folder in self.folders.values():
            item = folder.items.get(whole)
            if item is not None and not item.deleted:
                if len(parts) == 2:
                    return item
                return item.occurrence(datetime.fromtimestamp(int(parts[2]), UTC))
        raise Refusal("ErrorItemNotFound", "The specified object was not found in the store.")

    def put(
        self,
        subject: str,
        start: str,
        end: str,
        *properties: Element,
        zone: str = "UTC",
        folder: Folder | None = None,
        item: Item | None = None,
    ) -> Item:
        """Somebody else writes an event: a new one, or over `item`.

        `zone`: as Windows names it; times without an offset are its wall time.
        """
        given = {local(element): element for element in properties}
        clock = zone_named(zone) or self.zone
        held = {
            "Subject": t("Subject", subject),
            "Start": t("Start", instant(start, clock).isoformat()),
            "End": t("End", instant(end, clock).isoformat()),
            "StartTimeZone": t("StartTimeZone", Id=zone),
            "EndTimeZone": t("EndTimeZone", Id=zone),
            "IsAllDayEvent": t("IsAllDayEvent", yes(False)),
            "LegacyFreeBusyStatus": t("LegacyFreeBusyStatus", "Busy"),
        } | given
        if item is None:
            item = Item(folder or self.calendar, "CalendarItem", held)
            item.properties.setdefault("UID", t("UID", uid_of(item)))
            item.folder.items[item.identifier] = item
        else:
            item.properties |= held
            item.touch()
        item.zone = clock
        return item

    def remove(self, item: Item) -> None:
        """Somebody else deletes it for good."""
        item.deleted = next(self.versions)

    def bin(self, item: Item) -> None:
        """It moves to Deleted Items, where it has another id."""
        self.remove(item)
        moved = Item(self.folder("deleteditems"), item.kind, item.properties)
        moved.zone, moved.exceptions, moved.dropped = item.zone, item.exceptions, item.dropped
        moved.folder.items[moved.identifier] = moved


def uid_of(item: Item) -> str:
    """The UID that the server itself gives an event."""
    return f"040000008200E00074C5B7101A82E008{0:024d}{item.created:016X}"


def truth(entry: Entry, name: str) -> bool:
    """A boolean property."""
    return text_of(entry, name) in ("true", "1")
