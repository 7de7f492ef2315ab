"""Writing to Google: made once, changed with care, told to the guests; and mail."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from providers.base import Draft, Mail, ProviderError
from providers.google_names import own_id
from scheduling.errors import ErrorKind
from scheduling.events import Attendee
from tests.providers.google_account import ME, Account, account, event
from tests.providers.instants import at
from tests.vendors.google import refused
from tests.vendors.serving import Reply

DRAFT = Draft(
    uid="booking-1@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
    description="Bring <b>nothing</b> & be early",
    attendees=(Attendee(email="ann@example.org", name="Ann"),),
)
NAME = own_id(DRAFT.uid)
MEET = msgspec.structs.replace(DRAFT, conference=True)


@pytest.fixture
async def there() -> AsyncIterator[Account]:
    with account() as found:
        yield found
        await found.provider.close()


def kept(there: Account, name: str = NAME) -> dict[str, Any]:
    return there.google.events[ME][name]


async def test_a_new_event_is_written_as_google_wants_it(there: Account) -> None:
    await there.provider.create(ME, DRAFT)
    made = kept(there)
    assert made["start"] == {"dateTime": "2026-06-02T09:00:00+02:00", "timeZone": "Europe/Oslo"}
    assert made["description"] == "Bring &lt;b&gt;nothing&lt;/b&gt; &amp; be early"
    assert made["iCalUID"] == f"{NAME}@google.com", "an id and an iCalUID are not sent together"
    await there.read()
    (found,) = there.events
    assert (found.uid, found.description) == (DRAFT.uid, DRAFT.description)


def test_the_id_of_an_event_follows_from_its_uid_in_letters_that_google_takes() -> None:
    names = [own_id(uid) for uid in ("", "a", "A", "å\ud800", "x" * 10_000)]
    assert len(set(names)) == 5
    assert all(set(name) <= set("0123456789abcdefghijklmnopqrstuv") for name in names)
    assert own_id("a") == own_id("a")


LOST: list[dict[str, Any]] = [
    {"obeyed": True},
    {"half": True},
    {"obeyed": True, "reply": Reply(503)},
    {"obeyed": True, "reply": Reply(500)},
    {"reply": Reply(503)},
    {"reply": refused(403, "rateLimitExceeded")},
    {"reply": refused(429, "rateLimitExceeded")},
]


@pytest.mark.parametrize("how", LOST)
async def test_trap_19_an_event_whose_answer_was_lost_is_made_once_and_told_once(
    there: Account, how: dict[str, Any]
) -> None:
    there.google.fail("POST .*events", 1, **how)
    written = await there.provider.create(ME, DRAFT)
    assert (written.resource, list(there.google.events[ME])) == (NAME, [NAME])
    assert there.google.notices == [(NAME, "all")]


async def test_trap_19_after_every_try_failed_the_next_round_finds_the_event(
    there: Account,
) -> None:
    there.google.fail("POST .*events", 4, obeyed=True, reply=Reply(503))
    with pytest.raises(ProviderError) as caught:
        await there.provider.create(ME, DRAFT)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    found = await there.provider.find(ME, DRAFT.uid)
    assert found is not None
    assert await there.provider.create(ME, DRAFT) == found
    assert there.google.notices == [(NAME, "all")]


async def test_what_was_deleted_is_not_found_and_is_made_anew(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    await there.provider.delete(ME, written.resource, "")
    assert await there.provider.find(ME, DRAFT.uid) is None
    again = await there.provider.create(ME, msgspec.structs.replace(DRAFT, title="Once more"))
    assert again.resource == written.resource
    assert (kept(there)["status"], kept(there)["summary"]) == ("confirmed", "Once more")
    await there.read()
    assert there.titles == ["Once more"]


async def test_trap_23_guests_are_told_where_the_draft_says_so(there: Account) -> None:
    quiet = msgspec.structs.replace(DRAFT, notify=False)
    written = await there.provider.create(ME, quiet)
    quiet = msgspec.structs.replace(quiet, title="Quiet")
    await there.provider.update(ME, written.resource, "", quiet)
    await there.provider.update(ME, written.resource, "", DRAFT)
    await there.provider.delete(ME, written.resource, "", comment="Sorry")
    assert [how for _, how in there.google.notices] == ["none", "none", "all", "all"]


async def test_trap_21_guests_stay_with_their_answers_and_those_of_others_too(
    there: Account,
) -> None:
    written = await there.provider.create(ME, DRAFT)
    guests = [
        {"email": "Ann@Example.org", "displayName": "Ann", "responseStatus": "accepted"},
        {"email": "boss@example.org", "responseStatus": "tentative", "optional": True},
    ]
    there.google.put({**kept(there), "attendees": guests})
    more = (*DRAFT.attendees, Attendee(email="new@example.org", name="New"))
    await there.provider.update(
        ME, written.resource, "", msgspec.structs.replace(DRAFT, attendees=more, title="Later")
    )
    new = {"email": "new@example.org", "displayName": "New", "responseStatus": "needsAction"}
    assert kept(there)["attendees"] == [*guests, new]
    assert kept(there)["summary"] == "Later"


@pytest.mark.parametrize("how", LOST)
async def test_a_change_whose_answer_was_lost_is_told_once(
    there: Account, how: dict[str, Any]
) -> None:
    written = await there.provider.create(ME, DRAFT)
    there.google.fail("PATCH", 1, **how)
    later = msgspec.structs.replace(DRAFT, start=DRAFT.start + 3600, end=DRAFT.end + 3600)
    again = await there.provider.update(ME, written.resource, written.etag, later)
    assert await there.provider.update(ME, written.resource, "", later) == again
    assert again.etag == kept(there)["etag"]
    assert there.google.notices == [(NAME, "all")] * 2


async def test_an_update_says_only_what_is_different(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    rich = f"<b>{kept(there)['description']}</b>"
    more = {"colorId": "5", "visibility": "private", "description": rich, "location": "Here"}
    there.google.put({**kept(there), **more})
    later = msgspec.structs.replace(DRAFT, start=DRAFT.start + 3600, end=DRAFT.end + 3600)
    await there.provider.update(ME, written.resource, "", later)
    patch = next(each for each in there.google.asked if each.method == "PATCH")
    assert set(msgspec.json.decode(patch.body)) == {"location", "start", "end"}
    assert (kept(there)["description"], kept(there)["colorId"]) == (rich, "5")
    assert kept(there)["location"] == DRAFT.location


async def test_a_day_becomes_a_time_of_it(there: Account) -> None:
    there.google.put(event("day", "2026-06-01", "2026-06-02"))
    await there.provider.update(ME, "day", "", DRAFT)
    assert "date" not in kept(there, "day")["start"]
    await there.read()
    assert [each.spans for each in there.events] == [((DRAFT.start, DRAFT.end),)]


async def test_a_version_that_is_not_there_any_more_is_a_conflict(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    there.google.put({**kept(there), "summary": "changed"})
    with pytest.raises(ProviderError) as caught:
        await there.provider.update(ME, written.resource, written.etag, DRAFT)
    assert caught.value.kind is ErrorKind.CONFLICT
    # What changes between the look and the write is seen, and looked at again.
    there.google.fail("PATCH", 2, reply=refused(412, "conditionNotMet"))
    await there.provider.update(ME, written.resource, "", DRAFT)
    assert kept(there)["summary"] == "Intro"
    there.google.put({**kept(there), "summary": "changed"})
    there.google.fail("PATCH", 3, reply=refused(412, "conditionNotMet"))
    with pytest.raises(ProviderError) as caught:
        await there.provider.update(ME, written.resource, "", DRAFT)
    assert caught.value.kind is ErrorKind.CONFLICT


async def test_what_is_deleted_while_it_is_deleted_is_gone(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    there.google.remove(written.resource)
    await there.provider.delete(ME, written.resource, written.etag)
    there.google.fail("DELETE", reply=refused(412, "conditionNotMet"))
    await there.provider.delete(ME, written.resource, written.etag)


async def test_a_calendar_that_may_only_be_read_is_not_written(there: Account) -> None:
    there.google.add_calendar("book", "reader")
    with pytest.raises(ProviderError) as caught:
        await there.provider.create("book", DRAFT)
    assert caught.value.kind is ErrorKind.PERMISSION
    assert "writer access" in str(caught.value)


# Video meetings


async def test_trap_24_a_video_meeting_is_waited_for(there: Account) -> None:
    there.google.making = 3
    written = await there.provider.create(ME, MEET)
    assert written.link.startswith("https://meet.google.com/")
    assert written.etag == kept(there)["etag"]
    assert len(there.waits.seconds) == 3
    await there.read()
    assert [each.link for each in there.events] == [written.link]


async def test_trap_24_a_video_meeting_survives_every_write(there: Account) -> None:
    written = await there.provider.create(ME, MEET)
    for draft in (MEET, DRAFT):
        draft = msgspec.structs.replace(draft, title=f"Turn {draft.conference}")
        again = await there.provider.update(ME, written.resource, "", draft)
        assert again.link == written.link
    writes = [each for each in there.google.asked if each.method in ("POST", "PATCH")]
    assert all(dict(each.query)["conferenceDataVersion"] == "1" for each in writes)


@pytest.mark.parametrize("how", ["failing", "refusing", "slow", "unseen"])
async def test_a_video_meeting_that_fails_does_not_cost_the_booking(
    there: Account, how: str
) -> None:
    there.google.failing = how == "failing"
    there.google.refusing = how == "refusing"
    there.google.making = {"slow": 99, "unseen": 2}.get(how, 0)
    if how == "unseen":
        there.google.fail(f"GET .*{NAME}", 99, reply=Reply(500))
    written = await there.provider.create(ME, MEET)
    assert (written.resource, written.link) == (NAME, "")
    assert kept(there)["summary"] == "Intro"


async def test_a_video_meeting_is_added_where_there_is_none_yet(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    assert not written.link
    assert (await there.provider.update(ME, written.resource, "", MEET)).link


# Mail


MAIL = Mail(
    key="booking-1/confirmed",
    to=("ann@example.org",),
    subject="See you on Tuesday – blåbær\r\nBcc: evil@example.org",
    text="Hello Ann,\n\nsee you.\n",
)


async def test_a_letter_is_sent_as_it_is_meant(there: Account) -> None:
    await there.provider.send(MAIL)
    await there.provider.send(MAIL)
    letter, again = there.google.mails
    assert (letter["To"], letter["From"], letter["Bcc"]) == ("ann@example.org", ME, None)
    assert letter["Message-ID"] == again["Message-ID"]
    assert letter.get_content_type() == "text/plain"
    text = letter.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().replace("\r\n", "\n") == "Hello Ann,\n\nsee you.\n"


async def test_a_letter_goes_to_addresses_and_nothing_else(there: Account) -> None:
    for to in ("ann@example.org,evil@example.org", "ann@example.org\nBcc: x@y.z", ""):
        with pytest.raises(ProviderError) as caught:
            await there.provider.send(msgspec.structs.replace(MAIL, to=(to,)))
        assert caught.value.kind is ErrorKind.INVALID
    assert there.google.mails == []


@pytest.mark.parametrize("how", [{"obeyed": True}, {"reply": Reply(500)}, {"half": True}])
async def test_trap_20_a_letter_that_may_have_been_sent_is_not_sent_again(
    there: Account, how: dict[str, Any]
) -> None:
    there.google.fail("POST", 1, **how)
    with pytest.raises(ProviderError) as caught:
        await there.provider.send(MAIL)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert len(there.google.asked) == 1


async def test_a_letter_that_was_not_even_looked_at_is_sent_again(there: Account) -> None:
    there.google.fail("POST", 1, reply=refused(429, "rateLimitExceeded"))
    await there.provider.send(MAIL)
    assert len(there.google.mails) == 1
