"""Pages as TOML files: readable, diffable, kept under version control if you like."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import WEEKDAYS, Page, Window, validate
from scheduling.spelling import nearest
from scheduling.text import clean
from words import Phrase

KEYS = Page.__struct_fields__
_TABLES = {
    "window": ("days", "business_days", "bookable_days", "from", "to"),
    "hours": ("days", "start", "end"),
    "overrides": ("date", "ranges"),
    "limits": ("day", "week", "month", "year"),
}
_SEVERAL = ("hours", "overrides")
_LIMIT_KEYS = ("bookings", "minutes")
_UNITS = {"m": 1, "min": 1, "h": 60, "d": 1440, "w": 10_080}


def load(text: str) -> Page:
    """The page that a TOML file describes, as `from_data` reads it."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _invalid("file", Phrase("This is not TOML: {why}.", why=str(error))) from error
    return from_data(data)


def from_data(data: dict[str, Any]) -> Page:
    """The page that the keys and values of such a file describe.

    Minutes may be written as numbers or as `"4h"`, `"90m"`, `"2d"`; days as `"mon"` or
    `"mon-fri"`; an override's ranges as `["09:00", "12:00"]` or `"09:00-12:00"`; a limit as a
    number of meetings or as `{bookings, minutes}`.

    Raises:
        KobleError: invalid; the field is the key, an unknown one with the nearest known key.
    """
    _known(data, KEYS, "")
    for key in ("notice", "buffer_before", "buffer_after", "cancel_notice", "offset"):
        if key in data:
            data[key] = _minutes(key, data[key])
    for key, names in _TABLES.items():
        several = key in _SEVERAL
        entries = data.get(key, [] if several else {})
        if isinstance(entries, list) != several:
            raise _invalid(
                key,
                Phrase("This must be a list of tables.")
                if several
                else Phrase("This must be a table."),
                Phrase("Write [[{key}]].", key=key) if several else None,
            )
        for entry in entries if several else [entries]:
            if not isinstance(entry, dict):
                raise _invalid(key, Phrase("This must be a table."))
            _known(entry, names, key)
    for entry in data.get("hours", []):
        entry["days"] = _days(entry.get("days", []))
    for entry in data.get("overrides", []):
        entry["date"] = str(entry.get("date", ""))
        ranges = entry.get("ranges", [])
        if isinstance(ranges, list):
            entry["ranges"] = [_range(each) for each in ranges]
    for key, date in list(data.get("window", {}).items()):
        if key in ("from", "to"):
            data["window"][key] = str(date)
    limits = data.get("limits", {})
    for period, limit in limits.items():
        if isinstance(limit, int) and not isinstance(limit, bool):
            limits[period] = {"bookings": limit}
        elif isinstance(limit, dict):
            _known(limit, _LIMIT_KEYS, f"limits.{period}")
    if "durations" in data and isinstance(data["durations"], int):
        data["durations"] = [data["durations"]]
    try:
        page = msgspec.convert(data, Page)
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at `$.")
        field = re.split(r"[`.\[]", place or "file")[0]
        raise _invalid(field, Phrase("This is not right: {why}.", why=why)) from error
    validate(page)
    return page


def dump(page: Page) -> str:
    """The TOML file that `load` reads back as `page`."""
    lines = []
    tables = []
    for key in KEYS:
        value = getattr(page, key)
        default = Page.__struct_defaults__
        if key != "name" and value == _default(key, default):
            continue
        if key in ("hours", "overrides"):
            for entry in value:
                tables.append(f"\n[[{key}]]")
                tables += [f"{k} = {_toml(v)}" for k, v in msgspec.to_builtins(entry).items()]
        elif isinstance(value, Window):
            lines.append(f"{key} = {_toml(msgspec.to_builtins(value))}")
        elif key == "limits":
            tables.append("\n[limits]")
            tables += [f"{k} = {_toml(v)}" for k, v in msgspec.to_builtins(value).items()]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def changed(page: Page, changes: Mapping[str, str]) -> Page:
    """`page` with some keys changed, each value written as in its file or as a bare word.

    A key within a table is written with its table: `window.days`, `limits.day.minutes`.

    Raises:
        KobleError: invalid, as in `from_data`.
    """
    data = tomllib.loads(dump(page))
    for key, text in changes.items():
        *tables, last = key.split(".")
        if tables == ["window"]:
            # One kind of window takes the place of another; only two dates belong together.
            dates = ("from", "to")
            old = data.get("window")
            kept = old if last in dates and isinstance(old, dict) else {}
            data["window"] = {name: value for name, value in kept.items() if name in dates}
        table = data
        for name in tables:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise _invalid(key, Phrase("{key} is no table.", key=clean(name, limit=40)))
        table[last] = _value(text)
    return from_data(data)


def _value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    return read["value"] if len(read) == 1 else text


def _default(key: str, defaults: tuple[Any, ...]) -> Any:
    fields = Page.__struct_fields__
    return defaults[fields.index(key) - (len(fields) - len(defaults))]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    return "[" + ", ".join(_toml(each) for each in value) + "]"


def _known(table: dict[str, Any], names: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in names:
            near = nearest(key, names, likeness=0.4)
            full = clean(f"{where}.{key}".strip("."), limit=60)
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("{key} is not a known key.", key=full),
                Phrase("Did you mean {near}?", near=near)
                if near
                else Phrase("Known keys: {names}.", names=", ".join(names)),
                field=full,
            )


def _minutes(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d{1,6})\s*(m|min|h|d|w)\s*", value)
    if not found:
        raise _invalid(
            key,
            Phrase("“{text}” cannot be read.", text=clean(value, limit=40)),
            Phrase('Write minutes, or a text such as "4h", "90m" or "2d".'),
        )
    return int(found[1]) * _UNITS[found[2]]


def _days(value: Any) -> Any:
    """Weekdays written singly or as ranges, in the order of the week."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return value
    days: list[Any] = []
    for each in value:
        first, dash, last = str(each).partition("-")
        if dash and first in WEEKDAYS and last in WEEKDAYS:
            start, length = WEEKDAYS.index(first), len(WEEKDAYS)
            stop = start + (WEEKDAYS.index(last) - start) % length
            days += [WEEKDAYS[n % length] for n in range(start, stop + 1)]
        else:
            days.append(each)
    return days


def _range(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split("-", 1)]
    return value


def _invalid(field: str, message: Phrase, hint: Phrase | None = None) -> KobleError:
    return KobleError(ErrorKind.INVALID, message, hint, field=field)
