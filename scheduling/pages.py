"""Scheduling pages and the hours behind them: what a host is willing to offer."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from scheduling.zones import parse_date, parse_local, parse_time, zone
from words import Phrase

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120)
"""Minutes between starts to choose from; other multiples of 5, "duration" and "duration+buffers"
are possible, too."""
TITLE, TEXT = 200, 5_000
"""Most characters of a title or place, and of a description."""
DAY, YEAR = 1_440, 527_040
"""Most minutes of a duration or buffer, and of a notice."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


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
    conference: bool = False
    """A video meeting is made with each event, where the calendar can make one."""
    cancel_notice: int = 0
    """Minutes before the start until which a guest may cancel or reschedule."""
    enabled: bool = True


def validate(page: Page) -> None:
    """Refuse a page with any bad value.

    Raises:
        KobleError: invalid, naming the field and the way out: the first of `problems`.
    """
    for problem in problems(page):
        raise problem


def problems(page: Page) -> Iterator[KobleError]:
    """Everything that is wrong with a page, one a field at most, for a form to show at once."""
    yield from _failures(
        lambda: _check_name(page),
        lambda: _check_text("title", page.title, TITLE),
        lambda: _check_text("description", page.description, TEXT),
        lambda: _check_text("location", page.location, TITLE),
        lambda: _check_durations(page),
        lambda: _check_step(page),
        lambda: _check_minutes("offset", page.offset, 0, DAY),
        lambda: _check_choice("anchor", page.anchor, ("clock", "pack")),
        lambda: _check_minutes("buffer_before", page.buffer_before, 0, DAY),
        lambda: _check_minutes("buffer_after", page.buffer_after, 0, DAY),
        lambda: _check_choice("buffer_between", page.buffer_between, ("larger", "sum")),
        lambda: _check_minutes("notice", page.notice, 0, YEAR),
        lambda: _check_minutes("cancel_notice", page.cancel_notice, 0, YEAR),
        lambda: _check_window(page.window),
        lambda: _check_zone(page.zone),
        lambda: _check_hours(page.hours),
        lambda: _check_overrides(page.overrides),
        lambda: _check_limits(page.limits),
    )


def check_schedule(schedule: Schedule) -> None:
    """Refuse working hours with any bad value.

    Raises:
        KobleError: invalid, naming the field and the way out.
    """
    for problem in _failures(
        lambda: _check_zone(schedule.zone, required=True),
        lambda: _check_hours(schedule.hours),
        lambda: _check_overrides(schedule.overrides),
        lambda: _check_absences(schedule.absences),
        lambda: _check_choice("week_start", schedule.week_start, WEEKDAYS),
    ):
        raise problem


def _failures(*checks: Callable[[], None]) -> Iterator[KobleError]:
    for check in checks:
        try:
            check()
        except KobleError as error:
            yield error


def _wrong(field: str, message: Phrase, hint: Phrase | None = None) -> KobleError:
    return KobleError(ErrorKind.INVALID, message, hint, field=field)


def _check_name(page: Page) -> None:
    if not _NAME.fullmatch(page.name) or len(page.name) > 60:
        raise _wrong(
            "name",
            Phrase("“{name}” cannot be the name of a page.", name=clean(page.name, limit=70)),
            Phrase("Use 1 to 60 small letters a–z, digits and single hyphens, such as intro-call."),
        )


def _check_text(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise _wrong(
            field,
            Phrase("This is {length} characters long.", length=len(text)),
            Phrase("Use {limit} characters at most.", limit=limit),
        )


def _check_minutes(field: str, minutes: int, least: int, most: int) -> None:
    if not least <= minutes <= most:
        raise _wrong(
            field,
            Phrase("{minutes} min is not possible.", minutes=minutes),
            Phrase("Use {least} to {most} minutes.", least=least, most=most),
        )


def _check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise _wrong(
            field,
            Phrase("“{value}” is not possible.", value=clean(value, limit=40)),
            Phrase("Choose one of: {choices}.", choices=", ".join(choices)),
        )


def _check_durations(page: Page) -> None:
    if not page.durations:
        raise _wrong(
            "durations",
            Phrase("The page has no duration."),
            Phrase("Add at least one, such as 30 minutes."),
        )
    for minutes in page.durations:
        _check_minutes("durations", minutes, 5, DAY)
    if len(set(page.durations)) < len(page.durations):
        raise _wrong("durations", Phrase("A duration is named twice."))


def _check_step(page: Page) -> None:
    if isinstance(page.step, int):
        if page.step % 5 or not 5 <= page.step <= DAY:
            raise _wrong(
                "step",
                Phrase("Starts cannot lie {minutes} min apart.", minutes=page.step),
                Phrase(
                    "Choose {steps}, another multiple of 5, duration or duration+buffers.",
                    steps=", ".join(map(str, STEPS)),
                ),
            )
    else:
        _check_choice("step", page.step, ("duration", "duration+buffers"))


def _check_window(window: Window) -> None:
    counts = (window.days, window.business_days, window.bookable_days)
    dated = window.first is not None or window.last is not None
    if sum(each is not None for each in counts) + dated != 1:
        raise _wrong(
            "window",
            Phrase("A window is of exactly one kind."),
            Phrase("Set days, business_days, bookable_days, or both from and to."),
        )
    if dated:
        if window.first is None or window.last is None:
            raise _wrong("window", Phrase("A window of dates has a first and a last one."))
        if parse_date(window.first, field="window") > parse_date(window.last, field="window"):
            raise _wrong("window", Phrase("The window ends before it begins."))
        return
    least = 0 if window.bookable_days is None else 1
    for each in counts:
        if each is not None and not least <= each <= 3_650:
            raise _wrong(
                "window",
                Phrase("A window of {days} days is not possible.", days=each),
                Phrase("Use {least} to {most} days.", least=least, most=3_650),
            )


def _check_zone(name: str, *, required: bool = False) -> None:
    if name or required:
        zone(name)


def _check_hours(hours: Iterable[Hours]) -> None:
    for each in hours:
        if not each.days:
            raise _wrong(
                "hours",
                Phrase("The range {start}–{end} has no weekday.", start=each.start, end=each.end),
                Phrase("Choose from: {choices}.", choices=", ".join(WEEKDAYS)),
            )
        for day in each.days:
            _check_choice("hours", day, WEEKDAYS)
        _check_range(each.start, each.end, "hours")


def _check_range(start: str, end: str, field: str) -> None:
    parse_time(start, field=field)
    parse_time(end, end=True, field=field)


def _check_overrides(overrides: Iterable[Override]) -> None:
    seen = set()
    for each in overrides:
        if parse_date(each.date, field="overrides") in seen:
            raise _wrong(
                "overrides",
                Phrase("{date} has two overrides.", date=each.date),
                Phrase("Put all ranges of a date into one."),
            )
        seen.add(parse_date(each.date, field="overrides"))
        for start, end in each.ranges:
            _check_range(start, end, "overrides")


def _check_absences(absences: Iterable[Absence]) -> None:
    for each in absences:
        _check_text("absences", each.title, TITLE)
        _check_zone(each.zone)
        start = parse_local(each.start, field="absences")
        if parse_local(each.end, field="absences") <= start:
            raise _wrong(
                "absences",
                Phrase("The absence from {start} ends before it begins.", start=each.start),
                Phrase("Let it end after {start}.", start=each.start),
            )


def _check_limits(limits: Limits) -> None:
    for period in limits.__struct_fields__:
        limit: Limit | None = getattr(limits, period)
        if limit is None:
            continue
        if limit.bookings is None and limit.minutes is None:
            raise _wrong(
                f"limits.{period}",
                Phrase("The limit says nothing."),
                Phrase("Set bookings, minutes, or both."),
            )
        if min(each for each in (limit.bookings, limit.minutes) if each is not None) < 1:
            raise _wrong(
                f"limits.{period}",
                Phrase("A limit cannot be less than 1."),
                Phrase("Remove the limit, or switch the page off."),
            )
