"""The questions a FindItem asks of each item: restrictions, and the order of what it finds."""

from datetime import UTC, datetime

from lxml.etree import _Element as Element

from tests.vendors.exchange_mailbox import Item
from tests.vendors.exchange_shapes import derived, key_of
from tests.vendors.exchange_words import Refusal, find, local, text

NOT_SEARCHED = {
    "calendar:UID", "calendar:RequiredAttendees", "calendar:OptionalAttendees",
    "calendar:Resources", "calendar:Recurrence", "calendar:StartTimeZone", "calendar:EndTimeZone",
    "calendar:MeetingTimeZone", "item:Attachments", "calendar:AllowNewTimeProposal",
}  # fmt: skip


def matches(item: Item, restriction: Element | None) -> bool:
    """Whether the item is one of those asked for."""
    return restriction is None or all(_holds(item, each) for each in restriction)


def ordered(items: list[Item], order: Element | None) -> list[Item]:
    """In the order asked for."""
    for each in reversed(list(order) if order is not None else []):
        items = sorted(
            items,
            key=lambda item: _value(item, each[0]) or "",
            reverse=each.get("Order") == "Descending",
        )
    return items


def _holds(item: Item, test: Element) -> bool:
    name = local(test)
    if name == "And":
        return all(_holds(item, each) for each in test)
    if name == "Or":
        return any(_holds(item, each) for each in test)
    if name == "Not":
        return not _holds(item, test[0])
    value = _value(item, test[0])
    if name == "Exists":
        return value is not None
    if name == "Contains":
        constant = find(test, "t:Constant")
        wanted = "" if constant is None else constant.get("Value", "")
        return value is not None and wanted.lower() in value.lower()
    constant = find(test, "t:FieldURIOrConstant/t:Constant")
    if constant is None:
        raise Refusal("ErrorUnsupportedQueryFilter", "Properties are compared to constants only.")
    return _compared(name, value, constant.get("Value", ""))


def _compared(name: str, value: str | None, wanted: str) -> bool:
    if value is None:
        return name == "IsNotEqualTo"
    left, right = _comparable(value), _comparable(wanted)
    if type(left) is not type(right):
        left, right = value, wanted
    return {
        "IsEqualTo": left == right,
        "IsNotEqualTo": left != right,
        "IsGreaterThan": left > right,  # type: ignore[operator]
        "IsGreaterThanOrEqualTo": left >= right,  # type: ignore[operator]
        "IsLessThan": left < right,  # type: ignore[operator]
        "IsLessThanOrEqualTo": left <= right,  # type: ignore[operator]
    }[name]


def _comparable(value: str) -> str | datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _value(item: Item, path: Element) -> str | None:
    properties = item.properties | derived(item)
    if local(path) == "ExtendedFieldURI":
        found = properties.get(key_of(path))
        return None if found is None else text(found, "t:Value")
    uri = path.get("FieldURI", "")
    if uri in NOT_SEARCHED:
        raise Refusal("ErrorUnsupportedPathForQuery", f"Property {uri} cannot be searched for.")
    found = properties.get(uri.partition(":")[2])
    return None if found is None else found.text
