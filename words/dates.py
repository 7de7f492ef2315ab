"""Dates and times as people read them, for every face: 24-hour clock, in the current language.

Instants are UTC seconds, zones IANA names. The forms: `14:30`, `Thu 4 Mar`, `Thursday 4 March`,
`14:30–15:00`, `in 27 min`, `+01:00`.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from words import Phrase, _, many

_WEEKDAYS = (
    (Phrase("Monday"), Phrase("Mon"), Phrase("Mo")),
    (Phrase("Tuesday"), Phrase("Tue"), Phrase("Tu")),
    (Phrase("Wednesday"), Phrase("Wed"), Phrase("We")),
    (Phrase("Thursday"), Phrase("Thu"), Phrase("Th")),
    (Phrase("Friday"), Phrase("Fri"), Phrase("Fr")),
    (Phrase("Saturday"), Phrase("Sat"), Phrase("Sa")),
    (Phrase("Sunday"), Phrase("Sun"), Phrase("Su")),
)
_MONTHS = (
    (Phrase("January"), Phrase("Jan")),
    (Phrase("February"), Phrase("Feb")),
    (Phrase("March"), Phrase("Mar")),
    (Phrase("April"), Phrase("Apr")),
    (Phrase("May"), Phrase("May")),
    (Phrase("June"), Phrase("Jun")),
    (Phrase("July"), Phrase("Jul")),
    (Phrase("August"), Phrase("Aug")),
    (Phrase("September"), Phrase("Sep")),
    (Phrase("October"), Phrase("Oct")),
    (Phrase("November"), Phrase("Nov")),
    (Phrase("December"), Phrase("Dec")),
)


def weekday(number: int) -> str:
    """The name of a weekday, 0 for Monday: "Monday"."""
    return str(_WEEKDAYS[number][0])


def weekday_short(number: int) -> str:
    """Its name in three letters: "Mon"."""
    return str(_WEEKDAYS[number][1])


def weekday_letters(number: int) -> str:
    """Its name in two letters, for the columns of a small calendar: "Mo"."""
    return str(_WEEKDAYS[number][2])


def month(number: int) -> str:
    """The name of a month, 1 for January: "January"."""
    return str(_MONTHS[number - 1][0])


def month_short(number: int) -> str:
    """Its name in three letters: "Jan"."""
    return str(_MONTHS[number - 1][1])


def month_heading(day: date) -> str:
    """The month of `day`: "March 2027"."""
    return _("{month} {year}", month=month(day.month), year=day.year)


def week_heading(first: date, days: int = 7) -> str:
    """The ISO week that `first` lies in, and the days from there: "Week 9 · 1–7 March"."""
    last = first + timedelta(days=days - 1)
    number = _("Week {number}", number=first.isocalendar().week)
    if first.month == last.month:
        since = _("{day}", day=first.day)
        until = _("{day} {month}", day=last.day, month=month(last.month))
        return f"{number} · {since}–{until}"
    since = _("{day} {month}", day=first.day, month=month_short(first.month))
    until = _("{day} {month}", day=last.day, month=month_short(last.month))
    return f"{number} · {since} – {until}"


def day_heading(day: date, today: date | None = None) -> str:
    """A day in full: "Thursday 4 March", with the year where it is not the year of `today`."""
    text = _(
        "{weekday} {day} {month}",
        weekday=weekday(day.weekday()),
        day=day.day,
        month=month(day.month),
    )
    return text if today is None or today.year == day.year else f"{text} {day.year}"


def day_short(day: date, today: date | None = None) -> str:
    """A day in short: "Thu 4 Mar", with the year where it is not the year of `today`."""
    text = _(
        "{weekday} {day} {month}",
        weekday=weekday_short(day.weekday()),
        day=day.day,
        month=month_short(day.month),
    )
    return text if today is None or today.year == day.year else f"{text} {day.year}"


def local(instant: int, zone: str) -> datetime:
    """`instant` as an aware datetime in `zone`."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone))


def time_of_day(instant: int, zone: str) -> str:
    """The wall time in `zone`: "14:30"."""
    return f"{local(instant, zone):%H:%M}"


def offset_text(instant: int, zone: str) -> str:
    """The zone's offset at that instant: "+01:00"."""
    return local(instant, zone).isoformat()[-6:]


def clocks_change(day: date, zone: str) -> bool:
    """Whether the clocks of `zone` change on that day, so that its times need their offset."""
    info = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=info)
    return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()


def moment_text(instant: int, zone: str) -> str:
    """Day and time: "Thu 4 Mar 14:30", with the offset on a day on which clocks change."""
    at = local(instant, zone)
    text = f"{day_short(at.date())} {at:%H:%M}"
    return f"{text} {offset_text(instant, zone)}" if clocks_change(at.date(), zone) else text


def span_text(start: int, end: int, zone: str) -> str:
    """The times of `[start, end)`: "14:30–15:00"; over days "Thu 4 Mar 22:00 – Fri 5 Mar 06:00".

    On a day on which clocks change, every time carries its offset.
    """
    first, last = local(start, zone), local(end, zone)
    if first.date() != last.date() and not (
        last.date() == first.date() + timedelta(days=1) and (last.hour, last.minute) == (0, 0)
    ):
        return f"{moment_text(start, zone)} – {moment_text(end, zone)}"
    until = "24:00" if first.date() != last.date() else f"{last:%H:%M}"
    if not clocks_change(first.date(), zone):
        return f"{first:%H:%M}–{until}"
    return f"{first:%H:%M}{offset_text(start, zone)}–{until}{offset_text(end, zone)}"


def when_text(start: int, end: int, zone: str) -> str:
    """Day and times of `[start, end)`: "Thu 4 Mar 14:30–15:00"."""
    first = local(start, zone).date()
    text = span_text(start, end, zone)
    return text if text.startswith(day_short(first)) else f"{day_short(first)} {text}"


def day_year(day: date) -> str:
    """A day in short with its year: "Thu 4 Mar 2027"."""
    return f"{day_short(day)} {day.year}"


def length_text(minutes: int) -> str:
    """A length: "30 min", "1 h", "1 h 30 min"; from two days on "3 days"."""
    if minutes >= 2 * 24 * 60:
        return many("{n} day", "{n} days", minutes // (24 * 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{n} min", n=rest)
    return _("{n} h", n=hours) if not rest else _("{h} h {n} min", h=hours, n=rest)


def relative(instant: int, now: int) -> str:
    """How far away: "in 27 min", "in 2 h 5 min", "2 h ago", "in 3 days"; within a minute "now".

    Full minutes count, as on a clock that shows no seconds; from three hours on full hours.
    """
    minutes = abs(instant // 60 - now // 60)
    if not minutes:
        return _("now")
    text = length_text(minutes if minutes < 180 or minutes >= 2880 else minutes // 60 * 60)
    return _("in {length}", length=text) if instant > now else _("{length} ago", length=text)
