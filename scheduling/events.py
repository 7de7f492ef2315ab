"""What lies in a calendar, as every vendor's module hands it over and the store keeps it."""

from enum import StrEnum

import msgspec

Span = tuple[int, int]
"""Half-open `[start, end)` in UTC seconds; touching spans do not overlap."""


class Show(StrEnum):
    """How an event shows its owner to others (show-as, transparency)."""

    BUSY = "busy"
    TENTATIVE = "tentative"
    AWAY = "away"
    ELSEWHERE = "elsewhere"
    FREE = "free"


class Response(StrEnum):
    """The owner's own answer to an invitation; OWN where there is nothing to answer."""

    OWN = "own"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    UNANSWERED = "unanswered"
    DECLINED = "declined"


class EventKind(StrEnum):
    """Kinds that vendors set apart because they are not meetings."""

    DEFAULT = "default"
    AWAY = "away"
    FOCUS = "focus"
    LOCATION = "location"
    BIRTHDAY = "birthday"


class Attendee(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One invited person; `response` is theirs."""

    email: str
    name: str = ""
    response: Response = Response.UNANSWERED


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One event, or all occurrences of a series that look alike.

    A vendor's *resource* (a file, an event id) becomes one Event for what repeats unchanged and
    one for each occurrence that differs. `spans` are its occurrences within the horizon that was
    read. They are UTC seconds, except for `all_day` and `floating` events: there they are wall
    time written as if it were UTC, because the instant depends on who looks (`occurrences`
    resolves them in the schedule's zone).
    """

    id: str
    calendar: str
    resource: str
    uid: str = ""
    title: str = ""
    spans: tuple[Span, ...]
    all_day: bool = False
    floating: bool = False
    zone: str = ""
    recurring: bool = False
    show: Show = Show.BUSY
    response: Response = Response.OWN
    kind: EventKind = EventKind.DEFAULT
    cancelled: bool = False
    private: bool = False
    uncertain: str = ""
    """Why the time is a guess (an unknown zone): such an event blocks, and is reported."""
    location: str = ""
    description: str = ""
    organizer: str = ""
    attendees: tuple[Attendee, ...] = ()
    link: str = ""
    """Address of the video meeting, where there is one."""
    etag: str = ""


class Occurrence(msgspec.Struct, frozen=True):
    """One event at one time: `start`, `end` in UTC seconds."""

    start: int
    end: int
    event: Event


class Blocking(StrEnum):
    """What an event does to offers: soft blocks unless the page says otherwise."""

    HARD = "hard"
    SOFT = "soft"
    NO = "no"


class BusyMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as busy on a connection; the defaults are the table of the rules (§6).

    The most lenient of the rows that apply to an event wins over the busy row, in the order:
    cancelled and declined never block; kind; show; response.
    """

    busy: Blocking = Blocking.HARD
    away: Blocking = Blocking.HARD
    all_day: Blocking = Blocking.HARD
    tentative: Blocking = Blocking.SOFT
    unanswered: Blocking = Blocking.SOFT
    elsewhere: Blocking = Blocking.NO
    free: Blocking = Blocking.NO
    declined: Blocking = Blocking.NO
    location: Blocking = Blocking.NO
    birthday: Blocking = Blocking.NO
