"""A folder of .ics files in vdir layout, as khal and vdirsyncer share it."""

from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

from providers.base import (
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Identity,
    Written,
)
from scheduling.events import Span


class LocalProvider:
    """The calendars of one folder: a sub-folder each, or the folder itself.

    Args:
        path: the folder.
        me: the owner's addresses, by which their answers to invitations are found.
        now: the present time in UTC seconds, for DTSTAMP.
        poll: seconds between two looks at the folders, while `watch` runs.
        rescan: seconds between two looks at every file, for edits in place.
    """

    capabilities = Capabilities(write=True, watch=True)

    def __init__(
        self,
        path: Path,
        *,
        me: Collection[str] = (),
        now: Callable[[], int] | None = None,
        poll: float = 2.0,
        rescan: float = 30.0,
    ) -> None:
        raise NotImplementedError

    async def identity(self) -> Identity:
        """The folder's path."""
        raise NotImplementedError

    async def calendars(self) -> list[CalendarInfo]:
        """The calendars in the folder; none in an empty one (see `make_calendar`)."""
        raise NotImplementedError

    async def make_calendar(self, name: str) -> CalendarInfo:
        """A new, empty calendar of that name."""
        raise NotImplementedError

    def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`."""
        raise NotImplementedError

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`."""
        raise NotImplementedError

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`."""
        raise NotImplementedError

    async def delete(self, calendar: str, resource: str, etag: str) -> None:
        """See `CalendarProvider.delete`."""
        raise NotImplementedError

    def watch(self) -> AsyncIterator[str]:
        """See `CalendarProvider.watch`."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held open."""
