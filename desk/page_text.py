"""A page as short texts, one a field: what a form shows, and what it is given back."""

import re
from typing import Any

import msgspec

from desk.page_file import from_data
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import WEEKDAYS, Hours, Limits, Override, Page, Window
from scheduling.text import clean
from words import Phrase, _, dates, many

_PERIODS = ("day", "week", "month", "year")


def texts(page: Page) -> dict[str, str]:
    """The fields of `page`, by name, as a person would write them."""
    return {
        "name": page.name,
        "title": page.title,
        "description": page.description,
        "durations": ", ".join(map(str, page.durations)),
        "step": str(page.step),
        "anchor": page.anchor,
        "buffer_before": str(page.buffer_before),
        "buffer_after": str(page.buffer_after),
        "buffer_between": page.buffer_between,
        "notice": minutes_text(page.notice),
        "window": window_text(page.window),
        "limits": limits_text(page.limits),
        "zone": page.zone,
        "hours": hours_text(page.hours),
        "overrides": overrides_text(page.overrides),
        "location": page.location,
        "conference": "yes" if page.conference else "no",
        "cancel_notice": minutes_text(page.cancel_notice),
        "soft_blocks": "yes" if page.soft_blocks else "no",
        "enabled": "yes" if page.enabled else "no",
    }


def from_texts(fields: dict[str, str], before: Page | None = None) -> Page:
    """The page that `texts` of it stand for.

    Fields left out are as in `before`, the page that is being edited, or else keep their defaults.

    Raises:
        KobleError: invalid, naming the field.
    """
    data: dict[str, Any] = {} if before is None else msgspec.to_builtins(before)
    data = {key: value for key, value in data.items() if key not in fields}
    for key, raw in fields.items():
        text = clean(raw, limit=5_000)
        if key in ("name", "title", "zone", "location", "anchor", "buffer_between"):
            data[key] = text
        elif key == "description":
            data[key] = raw
        elif key in ("conference", "soft_blocks", "enabled"):
            data[key] = text == "yes"
        elif key == "durations":
            data[key] = [_number(key, each) for each in _parts(text)]
        elif key == "step":
            data[key] = text if text.startswith("duration") else _number(key, text)
        elif text and key in _READERS:
            data[key] = _READERS[key](text)
        elif key not in _READERS:
            # Numbers of minutes, bare or as "4h".
            data[key] = _number(key, text or "0") if text.isdigit() or not text else text
    return from_data(data)


def minutes_text(minutes: int) -> str:
    """Minutes as `page_file` takes them: `4h`, `2d`, `45`."""
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes and minutes % length == 0:
            return f"{minutes // length}{unit}"
    return str(minutes)


def window_text(window: Window) -> str:
    """`14 days`, `10 business days`, `3 bookable days` or two dates."""
    if window.first or window.last:
        return f"{window.first} – {window.last}"
    kind = next(
        (each for each in ("business_days", "bookable_days") if getattr(window, each) is not None),
        "days",
    )
    return _window_kinds(getattr(window, kind))[kind]


def limits_text(limits: Limits) -> str:
    """`day 4, week 600 min`."""
    parts = []
    for period in _PERIODS:
        limit = getattr(limits, period)
        if limit and limit.bookings is not None:
            parts.append(f"{_period(period)} {limit.bookings}")
        if limit and limit.minutes is not None:
            parts.append(f"{_period(period)} {limit.minutes} min")
    return ", ".join(parts)


def hours_text(hours: tuple[Hours, ...]) -> str:
    """`mon–fri 09:00–16:00, sat 10:00–12:00`."""
    return ", ".join(f"{_days_text(each.days)} {each.start}–{each.end}" for each in hours)


def overrides_text(overrides: tuple[Override, ...]) -> str:
    """`2026-12-24 day off, 2026-12-23 09:00–12:00 13:00–15:00`."""
    return ", ".join(
        f"{each.date} {' '.join(f'{a}–{b}' for a, b in each.ranges) or _('day off')}"
        for each in overrides
    )


def hours_data(text: str) -> list[dict[str, Any]]:
    """What `hours_text` stands for, as a page file has it."""
    rows = []
    for part in _parts(text):
        found = re.fullmatch(r"(.+?)\s+(\d\d?:\d\d)\s*[-–]\s*(\d\d?:\d\d)", part)
        if not found:
            raise _unreadable("hours", part, Phrase("Write it like mon–fri 09:00–16:00."))
        start, end = (each.zfill(5) for each in found.group(2, 3))
        rows.append({"days": _days(found[1]), "start": start, "end": end})
    return rows


def overrides_data(text: str) -> list[dict[str, Any]]:
    """What `overrides_text` stands for, as a page file has it."""
    rows = []
    for part in _parts(text):
        date, _space, rest = part.partition(" ")
        ranges = [] if rest.strip() in ("off", "day off", _("day off")) else rest.split()
        found = [re.fullmatch(r"(\d\d?:\d\d)[-–](\d\d?:\d\d)", each) for each in ranges]
        if not rest or not all(found):
            raise _unreadable(
                "overrides",
                part,
                Phrase("Write it like {example}.", example="2026-12-24 09:00–12:00"),
            )
        pairs = [[time.zfill(5) for time in each.groups()] for each in found if each]
        rows.append({"date": date, "ranges": pairs})
    return rows


def window_data(text: str) -> dict[str, Any]:
    """What `window_text` stands for, as a page file has it."""
    dates_ = re.fullmatch(r"(\d{4}-\d\d-\d\d)\s*(?:[-–]|to|til)\s*(\d{4}-\d\d-\d\d)", text)
    if dates_:
        return {"from": dates_[1], "to": dates_[2]}
    found = re.fullmatch(r"(\d{1,4})\s*(.*)", text)
    kinds = {"": "days", "day": "days", "days": "days"}
    kinds |= {"business days": "business_days", "bookable days": "bookable_days"}
    for n in (1, 2):
        for kind, example in _window_kinds(n).items():
            kinds[example.partition(" ")[2]] = kind
    if not found or found[2].strip() not in kinds:
        raise _unreadable(
            "window",
            text,
            Phrase("Write it like {example}.", example=_window_kinds(10)["business_days"]),
        )
    return {kinds[found[2].strip()]: int(found[1])}


def _window_kinds(n: int | None) -> dict[str, str]:
    """Each kind of window that counts days, as a person writes one of `n`."""
    n = n or 0
    return {
        "days": many("{n} day", "{n} days", n),
        "business_days": many("{n} business day", "{n} business days", n),
        "bookable_days": many("{n} bookable day", "{n} bookable days", n),
    }


def limits_data(text: str) -> dict[str, Any]:
    """What `limits_text` stands for, as a page file has it."""
    names = {_period(each): each for each in _PERIODS} | {each: each for each in _PERIODS}
    limits: dict[str, dict[str, int]] = {}
    for part in _parts(text):
        found = re.fullmatch(r"(\w+)\s+(\d{1,6})\s*(min|m)?", part)
        period = names.get(found[1]) if found else None
        kind = "minutes" if found and found[3] else "bookings"
        if not found or period is None or kind in limits.get(period, ()):
            raise _unreadable(
                "limits", part, Phrase("Write it like {example}.", example="day 4, week 600 min")
            )
        limits.setdefault(period, {})[kind] = int(found[2])
    return limits


_READERS = {
    "hours": hours_data,
    "overrides": overrides_data,
    "window": window_data,
    "limits": limits_data,
}


def _period(name: str) -> str:
    return {
        "day": _("day"),
        "week": _("week"),
        "month": _("month"),
        "year": _("year"),
    }[name]


def _day_names() -> dict[str, str]:
    names: dict[str, str] = {day: day for day in WEEKDAYS}
    for number, day in enumerate(WEEKDAYS):
        for name in (dates.weekday_short(number), dates.weekday(number)):
            names[name.lower().rstrip(".")] = day
    return names


def _days_text(days: tuple[str, ...]) -> str:
    """Neighbouring days joined: `mon–fri`, `tue+thu`."""
    numbers = sorted(WEEKDAYS.index(day) for day in days)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    names = [dates.weekday_short(n).lower().rstrip(".") for n in range(7)]
    return "+".join(
        names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs
    )


def _days(text: str) -> list[str]:
    names = _day_names()
    days = []
    for part in re.split(r"[+\s]+", text.strip().lower()):
        ends = [each.rstrip(".") for each in re.split(r"[-–]", part)]
        if len(ends) > 2 or not all(each in names for each in ends):
            raise _unreadable("hours", part, Phrase("Write days like mon–fri or tue+thu."))
        days.append("-".join(names[each] for each in ends))
    return days


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]


def _number(key: str, text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})\s*(min|m)?", text.strip())
    if not found:
        raise _unreadable(key, text, Phrase("Write a number of minutes."))
    return int(found[1])


def _unreadable(field: str, text: str, hint: Phrase) -> KobleError:
    return KobleError(
        ErrorKind.INVALID,
        Phrase("“{text}” cannot be read.", text=clean(text, limit=40)),
        hint,
        field=field,
    )
