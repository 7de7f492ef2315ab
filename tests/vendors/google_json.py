"""Events as the double of Google writes them: whole, in part, merged, or what is left of one."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from tests.vendors.serving import Reply

Json = dict[str, Any]


def said(body: Json) -> Reply:
    shown = {name: value for name, value in body.items() if name != "_seq"}
    return Reply(200, json.dumps(shown).encode(), {"Content-Type": "application/json"})


def dead(event: Json) -> bool:
    return bool(event["status"] == "cancelled")


def tombstone(event: Json) -> Json:
    """What is promised of a deleted event, and no more."""
    names = ("id", "status", "recurringEventId", "originalStartTime")
    return {name: event[name] for name in names if name in event}


def shown(event: Json, role: str) -> Json:
    shown = {name: value for name, value in event.items() if name != "_seq"}
    if role == "freeBusyReader":
        kept = ("kind", "id", "etag", "status", "start", "end", "recurrence", "transparency")
        shown = {name: shown[name] for name in kept if name in shown} | {"visibility": "private"}
    return shown


def few(event: Json, most: int) -> Json:
    guests = event.get("attendees", [])
    if len(guests) <= most:
        return event
    return {**event, "attendees": [a for a in guests if a.get("self")], "attendeesOmitted": True}


def merged(old: Json, new: Json) -> Json:
    """Patched as Google does: objects one in the other, lists as a whole, null takes away."""
    made = dict(old)
    for name, value in new.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict) and isinstance(old.get(name), dict):
            made[name] = merged(old[name], value)
        else:
            made[name] = value
    return made


def without_nulls(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: without_nulls(each) for name, each in body.items() if each is not None}
    return body


def z(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Parts of an answer (`fields`)


def masked(body: Any, query: dict[str, str]) -> Any:
    if "fields" not in query:
        return body
    return chosen(body, mask(query["fields"]))


def chosen(body: Any, mask: Json) -> Any:
    if isinstance(body, list):
        return [chosen(each, mask) for each in body]
    if not isinstance(body, dict) or not mask:
        return body
    return {name: chosen(body[name], inside) for name, inside in mask.items() if name in body}


def mask(text: str) -> Json:
    """`a,b(c,d)` as a tree."""
    stack: list[Json] = [{}]
    name = ""
    for token in re.findall(r"[A-Za-z]+|[(),]", text):
        if token == "(":
            stack.append(stack[-1][name])
        elif token == ")":
            stack.pop()
        elif token != ",":
            name = token
            stack[-1][name] = {}
    return stack[0]
