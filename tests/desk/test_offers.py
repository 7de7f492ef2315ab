"""Offers as the desk asks for them: the rules, with all that they need to know."""

from desk.desk import Desk
from scheduling.pages import Hours, Page
from tests.desk.conftest import Folder, at, clock_text

LONG = Page(
    name="long",
    durations=(30,),
    step=45,
    anchor="pack",
    buffer_before=50,
    hours=(Hours(("mon",), "00:00", "24:00"), Hours(("mon",), "22:00", "20:00")),
)


async def test_all_see_the_same_starts_whenever_they_begin_to_look(
    connected: Desk, folder: Folder
) -> None:
    folder.busy("party", "20261206T220000Z", "20261206T233000Z")
    end = at("2026-12-08T20:00+01:00")
    await connected.sync.now()

    async def seen(start: str) -> list[str]:
        return [
            clock_text(each.start)
            for each in (await connected.offers.free(LONG, at(start), end)).offers
            if each.start >= at("2026-12-08T18:00+01:00")
        ]

    early, late = await seen("2026-12-06T00:00+01:00"), await seen("2026-12-08T18:00+01:00")
    assert early == late == ["12-08T17:35Z", "12-08T18:20Z"]


async def test_an_event_without_beginning_and_end_keeps_all_times_and_hides_nothing(
    connected: Desk, folder: Folder
) -> None:
    folder.write("always", "DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:99991231")
    await connected.sync.now()
    start, end = at("2026-12-07T00:00+01:00"), at("2026-12-08T00:00+01:00")

    assert (await connected.offers.free(LONG, start, end)).offers == ()
    [reason] = await connected.offers.why(LONG, start)
    assert (reason.rule, "always" in str(reason.phrase)) == ("busy", True)
    [found] = (await connected.calendars.agenda(start, end)).entries
    assert found.start < start < end < found.end
