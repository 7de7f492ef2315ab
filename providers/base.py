"""The protocol behind which every vendor stands, and the types that cross it."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from scheduling.errors import KobleError
from scheduling.events import Attendee, Event, Span


class ProviderError(KobleError):
    """The outside world said no. The message is for a person; the detail goes to the log."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider can do; the desk and the faces ask here, never for a vendor's name."""

    write: bool = True
    invite: bool = False
    """Sends invitations itself when an event has attendees."""
    conference: bool = False
    """Can add a video meeting to an event."""
    watch: bool = False
    """`watch` reports outside changes as they happen; otherwise the desk polls."""
    mail: bool = False
    """Is a `Mailer`: sends e-mail in the owner's name."""
    lookup: bool = False
    """Is a `Lookup`: tells when other people are busy."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who is connected, as the vendor says it: an e-mail address, or a folder's path."""

    address: str
    name: str = ""


class CalendarInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar as the vendor lists it. `native` is the vendor's own name of it."""

    native: str
    name: str
    color: str = ""
    writable: bool = True
    primary: bool = False
    own: bool = True
    """Not somebody else's, whose appointments say nothing of when the owner has time."""


class Problem(msgspec.Struct, frozen=True):
    """Something that could not be read: the resource, and why, in words for a person."""

    resource: str
    text: str


class Upsert(msgspec.Struct, frozen=True, gc=False):
    """A resource is new or different: these events are all that it now consists of."""

    resource: str
    etag: str
    events: tuple[Event, ...]


class Gone(msgspec.Struct, frozen=True):
    """A resource was deleted, said explicitly by the vendor or by a complete listing."""

    resource: str


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of changes, to be stored together with `cursor` in one commit.

    `complete` is set on the last page of a full listing only: whatever that listing did not name
    is gone. Short answers are never a listing.
    """

    changes: tuple[Upsert | Gone, ...] = ()
    cursor: str = ""
    """Where to go on; empty on every page but the last."""
    listed: tuple[str, ...] = ()
    """On a full listing: the resources of this page, also those left out because unchanged."""
    complete: bool = False
    problems: tuple[Problem, ...] = ()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event that koble wants to exist. `uid` is chosen beforehand, so that a retry finds it."""

    uid: str
    title: str
    start: int
    end: int
    zone: str
    description: str = ""
    location: str = ""
    attendees: tuple[Attendee, ...] = ()
    conference: bool = False
    sequence: int = 0
    notify: bool = True
    """Tell the guests, where the vendor leaves the choice."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Where a draft ended up: the vendor's name of the event, and its version."""

    resource: str
    etag: str
    link: str = ""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A plain e-mail. `key` is the same for every try to send it."""

    key: str
    to: tuple[str, ...]
    subject: str
    text: str


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody else is busy, as the vendor tells it; `problem`: why it is not known."""

    address: str
    busy: tuple[Span, ...] = ()
    problem: str = ""


class Mailer(Protocol):
    """A provider that sends e-mail. Raises `ProviderError`, and nothing else."""

    async def send(self, mail: Mail) -> None:
        """Send `mail` from the owner's address."""
        ...


class Lookup(Protocol):
    """A provider that knows when others are busy. Raises `ProviderError`, and nothing else."""

    async def busy(self, addresses: Sequence[str], span: Span) -> list[Availability]:
        """When each of these people is busy within `span`, in the order asked."""
        ...


class Polled:
    """A provider that tells of no change by itself: whoever wants to know looks again."""

    async def watch(self) -> AsyncIterator[str]:
        """See `CalendarProvider.watch`; nothing."""
        nothing: tuple[str, ...] = ()
        for each in nothing:
            yield each


class CalendarProvider(Protocol):
    """One connected account. Every method may raise `ProviderError`, and nothing else.

    Methods are safe to cancel. `calendar` is always the vendor's own name (`native`).
    """

    capabilities: Capabilities

    async def identity(self) -> Identity:
        """Who this is; the cheapest call that proves that the connection works."""
        ...

    async def calendars(self) -> list[CalendarInfo]:
        """Every calendar that the account can reach."""
        ...

    def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """What changed since `cursor` (empty: everything), occurrences within `horizon`.

        A cursor that the vendor no longer takes, or another horizon than the cursor was made
        with, leads to a full listing by itself.
        """
        ...

    async def create(self, calendar: str, draft: Draft) -> Written:
        """Write `draft`; where an event with its uid is there already, return that one."""
        ...

    async def find(self, calendar: str, uid: str) -> Written | None:
        """The event that was created under `uid`, or None."""
        ...

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """Change title, time, place, text and guests of one event, keeping all else.

        Raises:
            ProviderError: conflict, where the event is no longer the one of `etag` (an empty
                etag overwrites whatever is there).
        """
        ...

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """Delete one event; one that is gone already is no error. Conflict as in `update`.

        A meeting with guests is cancelled, where the vendor tells them; `comment` is said to them.
        """
        ...

    def watch(self) -> AsyncIterator[str]:
        """Names of calendars in which something changed outside; ends when cancelled."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
