"""Scheduling pages and the hours behind them: what a host is willing to offer."""

from typing import Literal

import msgspec

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120)
"""Minutes between starts that may be chosen; besides "duration" and "duration+buffers"."""


class Hours(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A weekly range of wall time, `HH:MM` to `HH:MM` or `24:00`, in the schedule's zone.

    A range whose end is not after its start runs past midnight and belongs to its start day.
    """

    days: tuple[Weekday, ...]
    start: str
    end: str


class Override(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Replaces all weekly ranges of one civil date (`YYYY-MM-DD`); no ranges: a day off."""

    date: str
    ranges: tuple[tuple[str, str], ...] = ()


class Absence(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Out of office from `start` to `end`: local date-times `YYYY-MM-DDTHH:MM` in `zone`.

    Beats weekly hours and overrides. `zone` empty: the schedule's.
    """

    start: str
    end: str
    title: str = ""
    zone: str = ""


class Schedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Wall times and civil dates in `zone` (an IANA name), never UTC."""

    zone: str
    hours: tuple[Hours, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    week_start: Weekday = "mon"


class Window(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How far ahead a page offers: exactly one kind; it ends at the end of a civil day.

    `days`, `business_days`: today plus so many. `bookable_days`: the first so many that have a
    slot. `first`, `last`: two dates, inclusive (`from` and `to` outside Python).
    """

    days: int | None = None
    business_days: int | None = None
    bookable_days: int | None = None
    first: str | None = msgspec.field(default=None, name="from")
    last: str | None = msgspec.field(default=None, name="to")


class Limit(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """At most so many meetings, or minutes of them, in a period."""

    bookings: int | None = None
    minutes: int | None = None


class Limits(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Per civil period of the schedule's zone, by the start of the meeting."""

    day: Limit | None = None
    week: Limit | None = None
    month: Limit | None = None
    year: Limit | None = None


Step = int | Literal["duration", "duration+buffers"]


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A scheduling page. Durations, buffers, notice, step and offset are elapsed minutes.

    `name` is what stands in its address (`/intro`). `hours` empty means: the host's working
    hours; `zone` empty: the host's zone. `overrides` come on top of the host's, and win.
    """

    name: str
    title: str = ""
    description: str = ""
    durations: tuple[int, ...] = (30,)
    step: Step = "duration"
    offset: int = 0
    """Moves the first start of each free range, and widens the step, by so many minutes."""
    anchor: Literal["clock", "pack"] = "clock"
    buffer_before: int = 0
    buffer_after: int = 0
    buffer_between: Literal["larger", "sum"] = "larger"
    notice: int = 0
    window: Window = Window(days=60)
    zone: str = ""
    hours: tuple[Hours, ...] = ()
    overrides: tuple[Override, ...] = ()
    limits: Limits = Limits()
    soft_blocks: bool = True
    location: str = ""
    cancel_notice: int = 0
    """Minutes before the start until which a guest may cancel or reschedule."""
    enabled: bool = True
