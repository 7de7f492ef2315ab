"""One resource's bytes to events."""

from collections.abc import Collection

import msgspec

from providers.base import Problem
from scheduling.events import Event, Span


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one resource.

    `complete` is False where the text was cut off or is no calendar at all: then `events` are what
    could be read, and nothing may be deleted because it is not among them.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True


def read(
    data: bytes,
    *,
    calendar: str,
    resource: str,
    etag: str,
    horizon: Span,
    me: Collection[str] = (),
) -> Reading:
    """The events of one resource, with their occurrences that touch `horizon` (UTC seconds).

    `me` are the owner's addresses: by them their answer to an invitation is found. Nothing is
    raised for anything that `data` may hold.
    """
    raise NotImplementedError
