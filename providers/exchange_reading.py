"""What Exchange says of events, as koble's own events: each on its own feet."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2s

import msgspec

from providers.base import Problem, Upsert
from providers.events import GUESTS, left_out, within
from providers.exchange_calls import Element, T
from providers.exchange_series import pattern, starts
from providers.exchange_zones import zone_of
from providers.icalendar import zones
from providers.icalendar.lines import DAY, Unreadable
from providers.markup import page
from scheduling.events import Attendee, Event, Response, Show, Span
from scheduling.text import clean, clean_lines
from words import Phrase

UID = "koble-uid"
"""The property in which koble keeps the uid of what it wrote, for servers that choose their own."""
ZONE = "koble-zone"
"""The property with the IANA name of its zone: one name of Windows stands for many of these."""
KEY = "koble-key"
"""The property by which it is found again: short, and the same for the same uid."""
OWN_ID = bytes.fromhex("040000008200E00074C5B7101A82E008")
"""With this the ids begin that Exchange makes (PidLidGlobalObjectId)."""
WRAPPED = b"vCal-Uid\1\0\0\0"
"""After this follows, in such an id, the uid that another program chose."""
FIELDS = (
    "item:Subject",
    "item:Sensitivity",
    "item:Body",
    "calendar:UID",
    "calendar:Start",
    "calendar:End",
    "calendar:IsAllDayEvent",
    "calendar:LegacyFreeBusyStatus",
    "calendar:Location",
    "calendar:IsCancelled",
    "calendar:CalendarItemType",
    "calendar:MyResponseType",
    "calendar:Organizer",
    "calendar:RequiredAttendees",
    "calendar:OptionalAttendees",
    "calendar:Resources",
    "calendar:Recurrence",
    "calendar:ModifiedOccurrences",
    "calendar:DeletedOccurrences",
    "calendar:StartTimeZone",
)
"""All that is read of an event."""
BRIEF = ("calendar:Start", "calendar:End", "calendar:CalendarItemType")
VIEW = (*BRIEF, "calendar:UID", "item:Subject", "calendar:LegacyFreeBusyStatus")
_SHOWS = {
    "Free": Show.FREE,
    "Tentative": Show.TENTATIVE,
    "OOF": Show.AWAY,
    "WorkingElsewhere": Show.ELSEWHERE,
}
_RESPONSES = {
    "Accept": Response.ACCEPTED,
    "Tentative": Response.TENTATIVE,
    "Decline": Response.DECLINED,
    "NoResponseReceived": Response.UNANSWERED,
}


class Brief(msgspec.Struct, frozen=True):
    """What a list says of an item. Times are UTC seconds; 0 where it does not say."""

    id: str
    key: str
    type: str
    start: int
    end: int
    uid: str = ""
    looks: str = ""
    marks: tuple[str, ...] = ()
    """What koble itself has written on it, to find it by."""

    @property
    def repeats(self) -> bool:
        """Whether it is a whole series."""
        return self.type == "RecurringMaster"

    def is_called(self, uid: str, key: str) -> bool:
        """Whether it goes by this uid, or by koble's short name of it."""
        if uid in self.marks or key in self.marks:
            return True
        return bool(self.uid) and plain_uid(self.uid) == plain_uid(uid)

    def outside(self, horizon: Span) -> bool:
        """Whether it surely has nothing within `horizon`. A day's margin is for all-day events."""
        if self.type in ("RecurringMaster", "") or not self.start or not self.end:
            return False  # of what type it is, not every server says
        return self.start >= horizon[1] + DAY or self.end <= horizon[0] - DAY


def brief(item: Element) -> Brief:
    """What a list says of an item."""
    found = item.find(f"{T}ItemId")
    return Brief(
        id="" if found is None else found.get("Id", ""),
        key="" if found is None else found.get("ChangeKey", ""),
        type=item.findtext(f"{T}CalendarItemType") or "",
        start=_instant_or_0(item.findtext(f"{T}Start")),
        end=_instant_or_0(item.findtext(f"{T}End")),
        uid=item.findtext(f"{T}UID") or "",
        looks=(item.findtext(f"{T}Subject") or "")
        + (item.findtext(f"{T}LegacyFreeBusyStatus") or ""),
        marks=tuple(filter(None, (_own(item, UID), _own(item, KEY)))),
    )


def uid_of(item: Element) -> str:
    """The uid that koble chose, else the server's."""
    return _own(item, UID) or plain_uid(item.findtext(f"{T}UID") or "")


def plain_uid(uid: str) -> str:
    """The uid within an id of Exchange's making, where another program chose it; else the id."""
    try:
        data = bytes.fromhex(uid)
    except ValueError:
        return uid
    if not data.startswith(OWN_ID):
        return uid
    _, found, theirs = data.partition(WRAPPED)
    return theirs.rstrip(b"\0").decode("utf-8", "replace") if found else uid.upper()


def is_own(item: Element, own: Collection[str]) -> bool:
    """Whether it is its owner who invites to it.

    Some servers say of who invites that they have not answered: who it is counts more. Inside an
    organisation that may be told by a name of its directory, which ends in the user's.

    Args:
        item: an event.
        own: the owner's addresses and user names, in small letters.
    """
    box = f"{T}Organizer/{T}Mailbox"
    told = (item.findtext(f"{box}/{T}EmailAddress") or "").casefold()
    if item.findtext(f"{box}/{T}RoutingType") == "EX":
        last = told.rpartition("/cn=")[2]
        users = {each.partition("@")[0] for each in own}
        return any(last == user or last.endswith(f"-{user}") for user in users if user)
    return told in own


def _own(item: Element, name: str) -> str:
    """A property of koble's own; empty where there is none."""
    for each in item.iterfind(f"{T}ExtendedProperty"):
        field = each.find(f"{T}ExtendedFieldURI")
        if field is not None and field.get("PropertyName") == name:
            return each.findtext(f"{T}Value") or ""
    return ""


def instant(text: str) -> int:
    """UTC seconds of a time; one without an offset is UTC, which is what koble asks for.

    Raises:
        ValueError: it is none.
    """
    at = datetime.fromisoformat(text.strip())
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _instant_or_0(text: str | None) -> int:
    try:
        return instant(text or "")
    except ValueError:
        return 0


class Reader:
    """Reads resources into events.

    Args:
        calendar: the calendar's native name.
        horizon: the span of time that is wanted.
        zone: IANA name of the owner's zone, for events of which the server tells none.
        own: the owner's addresses, in small letters.
    """

    def __init__(
        self, calendar: str, horizon: Span, zone: str = "", own: Collection[str] = ()
    ) -> None:
        self._calendar = calendar
        self._horizon = horizon
        self._zone = zones.known(zone) if zone else None
        self._own = own
        self.problems: list[Problem] = []

    def left_out(self, resource: str, title: str, why: object) -> None:
        """Note what could not be read."""
        self.problems.append(Problem(resource, str(left_out(title, why))))

    def read(
        self,
        item: Element,
        view: Sequence[Brief] | None,
        apart: Mapping[str, Element],
    ) -> Upsert | None:
        """What a resource comes to; None where it cannot be read.

        Args:
            item: the single event, or the master of a series.
            view: the occurrences of the series as the server counts them; None or empty where it
                does not: then they follow from the pattern.
            apart: those of its occurrences that differ, by id.
        """
        head = brief(item)
        try:
            if not head.id or not head.key:
                raise Unreadable(Phrase("it has no id"))
            when = _When(item, self._zone)
            if item.find(f"{T}Recurrence") is None:
                return Upsert(head.id, head.key, self._event(item, head, when, [when.span]))
            if view:
                events = self._from_view(item, head, when, view, apart)
            else:
                events = self._from_pattern(item, head, when, apart)
            return Upsert(head.id, head.key, events)
        except Unreadable as error:
            self._broken(head.id, item, error.phrase)
        except (ValueError, OverflowError):
            self._broken(head.id, item, Phrase("its time makes no sense"))
        return None

    def _broken(self, resource: str, item: Element, why: object) -> None:
        self.left_out(resource, clean(item.findtext(f"{T}Subject") or "", limit=60), why)

    def _from_view(
        self,
        item: Element,
        head: Brief,
        when: "_When",
        view: Sequence[Brief],
        apart: Mapping[str, Element],
    ) -> tuple[Event, ...]:
        plain = [when.placed(each.start, each.end) for each in view if each.id not in apart]
        events = list(self._event(item, head, when, plain, recurring=True))
        for each in view:
            if each.id in apart:
                events += self._one(apart[each.id], item, head, each, each)
        return tuple(events)

    def _from_pattern(
        self, item: Element, head: Brief, when: "_When", apart: Mapping[str, Element]
    ) -> tuple[Event, ...]:
        found = item.find(f"{T}Recurrence")
        assert found is not None  # noqa: S101 -- the caller looked
        first = when.span[0] if when.all_day else when.zone.wall(when.span[0])
        length = when.span[1] - when.span[0]
        low, high = self._horizon[0] - length - 2 * DAY, self._horizon[1] + 2 * DAY
        walls, whole = starts(pattern(found), first, (low, high))
        there, gone, moved = set(walls), set(), []
        for each in item.iterfind(f"{T}DeletedOccurrences/{T}DeletedOccurrence"):
            told = instant(each.findtext(f"{T}Start") or "")
            gone.add(when.wall(told, when.clock(told, there)))
        for each in item.iterfind(f"{T}ModifiedOccurrences/{T}Occurrence"):
            told = instant(each.findtext(f"{T}OriginalStart") or "")
            clock = when.clock(told, there)
            gone.add(when.wall(told, clock))
            moved.append((brief(each), clock))
        spans = [when.at(wall, length) for wall in walls if wall not in gone]
        doubt = "" if whole else str(Phrase("It repeats more often than koble follows."))
        events = list(self._event(item, head, when, spans, recurring=True, doubt=doubt))
        for listed, clock in moved:
            events += self._one(apart.get(listed.id), item, head, when.right(listed, clock), listed)
        return tuple(events)

    def _one(
        self, item: Element | None, master: Element, head: Brief, right: Brief, listed: Brief
    ) -> tuple[Event, ...]:
        """An occurrence that differs; with the looks of its series, where its own are not known.

        `right`: when it is, where its own time is told as wrongly as `listed` has it.
        """
        source = master if item is None else item
        when = _When(source, self._zone)
        span = when.span
        if item is None or (right is not listed and brief(item).start == listed.start):
            span = when.placed(right.start, right.end)
        mark = blake2s((listed.id or str(listed.start)).encode(), digest_size=6).hexdigest()
        return self._event(
            source, head, when, [span], recurring=True, id=f"{head.id}#{mark}", uid=uid_of(master)
        )

    def _event(
        self,
        item: Element,
        head: Brief,
        when: "_When",
        spans: Collection[Span],
        *,
        recurring: bool = False,
        doubt: str = "",
        id: str = "",
        uid: str = "",
    ) -> tuple[Event, ...]:
        inside = within(spans, self._horizon, wall=when.all_day)
        title = clean(item.findtext(f"{T}Subject") or "")
        for why in filter(None, (doubt, when.doubt)):
            named: object = f"“{title[:60]}”" if title else Phrase("An event without a title")
            text = str(Phrase("{event}: {why}", event=named, why=why))
            self.problems.append(Problem(head.id, text))
        if not inside:
            return ()
        response = _RESPONSES.get(item.findtext(f"{T}MyResponseType") or "", Response.OWN)
        if is_own(item, self._own):
            response = Response.OWN
        return (
            Event(
                id=id or head.id,
                calendar=self._calendar,
                resource=head.id,
                etag=head.key,
                uid=clean(uid or uid_of(item), limit=4000),
                title=title,
                spans=inside,
                all_day=when.all_day,
                zone="" if when.all_day else when.zone.name,
                recurring=recurring,
                show=_SHOWS.get(item.findtext(f"{T}LegacyFreeBusyStatus") or "", Show.BUSY),
                response=response,
                cancelled=item.findtext(f"{T}IsCancelled") in ("true", "1"),
                private=item.findtext(f"{T}Sensitivity") in ("Private", "Confidential"),
                uncertain=doubt or when.doubt,
                location=clean(item.findtext(f"{T}Location") or ""),
                description=_text(item.find(f"{T}Body")),
                organizer=_address(item.find(f"{T}Organizer/{T}Mailbox")),
                attendees=_attendees(item),
            ),
        )


class _When:
    """The time of one item: `span` in UTC seconds, or of whole days as if the days were UTC's."""

    def __init__(self, item: Element, fallback: zones.Zone | None) -> None:
        start_text, end_text = item.findtext(f"{T}Start"), item.findtext(f"{T}End")
        if not start_text or not end_text:
            raise Unreadable(Phrase("it has no start or no end"))
        start, end = instant(start_text), instant(end_text)
        self.all_day = item.findtext(f"{T}IsAllDayEvent") in ("true", "1")
        zone, self.doubt = zone_of(item, _own(item, ZONE))
        if zone is None and not self.doubt:
            zone = fallback
        if self.all_day:
            # Whole days are certain, whatever the zone is called.
            self.doubt = ""
        self._known = zone
        self.zone: zones.Zone = zone or zones.UTC_ZONE
        if end < start:
            self.doubt = self.doubt or str(Phrase("It ends before it starts."))
            start, end = end, start
        self.span = self.placed(start, end)

    def clock(self, told: int, walls: Collection[int]) -> int | None:
        """How a server counts occurrences that says that one starts at `told`.

        An instant is an instant (None). But some servers count all of a series by the offset from
        UTC that its first occurrence has, and are an hour off where the clocks have been changed
        since; and some write wall time as if it were UTC. Then it is that offset, or 0. What
        fits one of `walls`, where occurrences start, is taken for meant.
        """
        fixed = self.zone.wall(self.span[0]) - self.span[0]
        for clock in () if self.all_day else (None, fixed, 0):
            if self.wall(told, clock) in walls:
                return clock
        return None

    def wall(self, start: int, clock: int | None = None) -> int:
        """The wall time at which an occurrence starts that starts at this instant."""
        if clock is not None:
            return start + clock
        return self._midnight(start) if self.all_day else self.zone.wall(start)

    def right(self, listed: Brief, clock: int | None) -> Brief:
        """An occurrence with its instants as they should be."""
        if clock is None:
            return listed
        start, end = self.zone.utc(listed.start + clock), self.zone.utc(listed.end + clock)
        return msgspec.structs.replace(listed, start=start, end=end)

    def at(self, wall: int, length: int) -> Span:
        """The occurrence that starts at a wall time."""
        if self.all_day:
            return wall, wall + length
        start = self.zone.utc(wall)
        end = self.zone.utc(wall + length)
        return start, end if end > start else start + length

    def placed(self, start: int, end: int) -> Span:
        """An occurrence from its instants, as an `Event` has it."""
        if not self.all_day:
            return start, end
        first = self._midnight(start)
        return first, first + max(round((end - start) / DAY), 1) * DAY

    def _midnight(self, start: int) -> int:
        """The civil day that begins at an instant; the nearest one where the zone is not known."""
        if self._known is not None:
            wall = self._known.wall(start)
            if wall % DAY == 0 or self._known is not zones.UTC_ZONE:
                return round(wall / DAY) * DAY
        # East of Greenwich midnight comes before 0 o'clock there; nobody is more than 13 h east.
        return (start + 13 * 3600) // DAY * DAY


def _attendees(item: Element) -> tuple[Attendee, ...]:
    found = []
    for group in ("RequiredAttendees", "OptionalAttendees", "Resources"):
        for each in item.iterfind(f"{T}{group}/{T}Attendee"):
            box = each.find(f"{T}Mailbox")
            response = each.findtext(f"{T}ResponseType") or ""
            found.append(
                Attendee(
                    email=_address(box),
                    name="" if box is None else clean(box.findtext(f"{T}Name") or ""),
                    response=_RESPONSES.get(response, Response.UNANSWERED),
                )
            )
    return tuple(found[:GUESTS])


def _text(body: Element | None) -> str:
    """What is written of a meeting; some servers give HTML to whoever asks for text."""
    if body is None or not body.text:
        return ""
    return page(body.text) if body.get("BodyType") == "HTML" else clean_lines(body.text)


def _address(mailbox: Element | None) -> str:
    """The e-mail address of a mailbox; empty where it has another kind of address."""
    text = "" if mailbox is None else mailbox.findtext(f"{T}EmailAddress") or ""
    return clean(text, limit=254) if "@" in text else ""
