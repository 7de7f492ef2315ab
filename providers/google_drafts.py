"""A draft as Google wants it: whole for a new event, and the difference for one that is there."""

import base64
import html
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from providers.base import Draft, Mail, ProviderError
from providers.google_names import own_id
from providers.markup import plain
from scheduling.checks import check_email
from scheduling.errors import KobleError
from scheduling.text import clean, clean_lines
from scheduling.zones import zone

Body = dict[str, Any]
_LONGEST = 1_000
"""Characters of a uid that fit into a property of an event."""


def new(draft: Draft) -> Body:
    """The body of a new event. Its id makes a second try find the first one."""
    body: Body = {
        "id": own_id(draft.uid),
        "summary": clean(draft.title),
        "start": _time(draft.start, draft.zone),
        "end": _time(draft.end, draft.zone),
        # An id of one's own and an iCalUID may not be sent together.
        "extendedProperties": {"private": _mark(draft)},
    }
    if draft.description:
        body["description"] = _written(draft.description)
    if draft.location:
        body["location"] = clean(draft.location)
    if draft.attendees:
        body["attendees"] = _guests(draft, [])
    if draft.conference:
        body["conferenceData"] = _conference(draft.uid)
    return body


def _mark(draft: Draft) -> dict[str, str]:
    return {"koble_uid": draft.uid} if draft.uid == clean(draft.uid, limit=_LONGEST) else {}


def _conference(key: str) -> Body:
    """A request for a video meeting; the same key is the same request."""
    return {
        "createRequest": {
            "requestId": sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
        }
    }


def changed(draft: Draft, there: Body) -> Body:
    """What has to change in the event that is `there` for it to say `draft`; empty: nothing.

    A change that was made by an earlier try is not made again, and nobody is told of it twice. Its
    guests stay with their answers, also those whom somebody else has invited: Google takes
    the list as a whole, and whoever is not on it is told that the meeting is off.
    """
    body: Body = {}
    for name, text in (("summary", clean(draft.title)), ("location", clean(draft.location))):
        if there.get(name, "") != text:
            body[name] = text
    times = {"start": draft.start, "end": draft.end}
    if any(_seconds(there.get(name, {})) != seconds for name, seconds in times.items()):
        for name, seconds in times.items():
            body[name] = _time(seconds, draft.zone)
            if "date" in there.get(name, {}):
                body[name]["date"] = None
    if plain(there.get("description", "")) != clean_lines(draft.description):
        body["description"] = _written(draft.description)
    invited = there.get("attendees", [])
    guests = _guests(draft, invited)
    # Of a list that is not told whole, those who are not told would be uninvited.
    if guests != invited and not there.get("attendeesOmitted"):
        body["attendees"] = guests
    if draft.conference and "conferenceData" not in there:
        # A request that was tried and failed is not tried again under the same name.
        body["conferenceData"] = _conference(f"{draft.uid} {there.get('etag', '')}")
    return body


def revived(draft: Draft, there: Body) -> Body:
    """What makes an event that was deleted one again."""
    mark = {"private": _mark(draft)}
    return {**changed(draft, there), "status": "confirmed", "extendedProperties": mark}


def _guests(draft: Draft, invited: list[Body]) -> list[Body]:
    known = {each.get("email", "").casefold() for each in invited}
    return invited + [
        {"email": guest.email} | ({"displayName": clean(guest.name)} if guest.name else {})
        for guest in draft.attendees
        if guest.email.casefold() not in known
    ]


def _written(text: str) -> str:
    """Plain text as Google shows it: what looks like HTML there is taken for such."""
    return html.escape(clean_lines(text), quote=False)


def _seconds(time: Body) -> float | None:
    """The instant that is there; None: none, a day, or one without an offset."""
    try:
        moment = datetime.fromisoformat(time["dateTime"])
    except (KeyError, ValueError):
        return None
    return moment.timestamp() if moment.tzinfo else None


def _time(seconds: int, name: str) -> Body:
    try:
        name = zone(name).name
    except KobleError:
        name = "UTC"
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(name))
    return {"dateTime": moment.isoformat(), "timeZone": name}


def letter(mail: Mail, address: str) -> str:
    """An e-mail as Gmail takes it: the whole message (RFC 5322), in base64.

    Raises:
        ProviderError: invalid, where an address is none.
    """
    for each in mail.to:
        try:
            check_email(each, field="to")
        except KobleError as error:
            raise ProviderError(error.kind, error.message, error.hint, field="to") from error
    message = EmailMessage(policy=SMTP)
    if address:
        message["From"] = address
    message["To"] = ", ".join(mail.to)
    message["Subject"] = clean(mail.subject)
    mark = sha256(mail.key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    message["Message-ID"] = f"<{mark}@koble.invalid>"
    message.set_content(clean_lines(mail.text))
    return base64.urlsafe_b64encode(message.as_bytes()).decode()
