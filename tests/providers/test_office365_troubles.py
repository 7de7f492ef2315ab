"""Office 365 that is busy, broken or refuses, and what koble then does and says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest

from providers.base import ProviderError
from providers.office365_graph import Graph
from scheduling.errors import ErrorKind
from tests.providers.instants import HORIZON
from tests.providers.office365_cases import JUNE, Waits, provided
from tests.providers.stages import Mirror, Office365Stage, OneToken
from tests.providers.test_every_provider import DRAFT
from tests.vendors.graph import Fault, Server


class Renewed:
    """Tokens of which each is good until it is refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.refused: list[str] = []

    async def token(self, refused: str = "") -> str:
        if refused:
            self.refused.append(refused)
            self._tokens.remove(refused)
        return self._tokens[0]


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def stage(graphs: Server, waits: Waits) -> AsyncIterator[Office365Stage]:
    stage = Office365Stage(graphs)
    await stage.provider.close()
    stage.provider = provided(graphs, stage, sleep=waits)
    stage.box.add(stage.calendar, {"subject": "Here", **JUNE})
    yield stage
    await stage.close()


# Busy and broken


async def test_what_graph_asks_to_wait_is_waited(stage: Office365Stage, waits: Waits) -> None:
    stage.graph.faults = [Fault(429, "ApplicationThrottled", where="delta", wait="7")]
    assert (await Mirror(stage).follow()).titles == ["Here"]
    assert len(waits.seconds) == 1
    assert waits.seconds[0] >= 7


async def test_a_wait_that_is_too_long_is_told_and_not_waited(
    stage: Office365Stage, waits: Waits
) -> None:
    stage.graph.faults = [Fault(429, "ApplicationThrottled", where="delta", wait="300", times=9)]
    with pytest.raises(ProviderError) as caught:
        await Mirror(stage).follow()
    assert (caught.value.kind, caught.value.wait) == (ErrorKind.THROTTLED, 300)
    assert waits.seconds == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_read_in_a_storm_is_tried_again(
    stage: Office365Stage, waits: Waits, status: int
) -> None:
    stage.graph.faults = [Fault(status, "serviceNotAvailable", times=3)]
    assert (await Mirror(stage).follow()).titles == ["Here"]
    assert len(waits.seconds) == 3


async def test_a_storm_that_does_not_end_is_an_error_that_changes_nothing(
    stage: Office365Stage,
) -> None:
    mirror = await Mirror(stage).follow()
    cursor = mirror.cursor
    stage.graph.faults = [Fault(503, "serviceNotAvailable", times=99)]
    with pytest.raises(ProviderError) as caught:
        await mirror.follow()
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert (mirror.cursor, mirror.titles) == (cursor, ["Here"])


async def test_an_answer_that_breaks_off_is_asked_for_again(stage: Office365Stage) -> None:
    stage.graph.faults = [Fault(where="delta", how="reset")]
    assert (await Mirror(stage).follow()).titles == ["Here"]


async def test_answers_that_always_break_off_are_an_error_and_no_empty_calendar(
    stage: Office365Stage,
) -> None:
    mirror = await Mirror(stage).follow()
    stage.graph.faults = [Fault(where="delta", how="reset", times=99)]
    with pytest.raises(ProviderError) as caught:
        await mirror.follow()
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert mirror.titles == ["Here"]


async def test_an_answer_that_drips_is_read_to_its_end(stage: Office365Stage) -> None:
    stage.graph.faults = [Fault(where="delta", how="drip")]
    assert (await Mirror(stage).follow()).titles == ["Here"]


async def test_trap_20_a_change_that_may_have_been_made_is_not_sent_again(
    stage: Office365Stage,
) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    stage.graph.faults = [Fault(503, method="PATCH", how="after")]
    renamed = msgspec.structs.replace(DRAFT, title="Renamed")
    with pytest.raises(ProviderError):
        await stage.provider.update(stage.calendar, made.resource, "", renamed)
    assert sum(each.startswith("PATCH") for each in stage.graph.asked) == 1


# Signed in, or not


async def test_trap_28_a_token_that_ran_out_is_renewed_once(
    graphs: Server, stage: Office365Stage, waits: Waits
) -> None:
    await stage.provider.close()
    tokens = Renewed("too old", stage.graph.token)
    stage.provider = provided(graphs, stage, tokens=tokens, sleep=waits)
    assert (await Mirror(stage).follow()).titles == ["Here"]
    assert tokens.refused == ["too old"]


async def test_trap_28_a_token_that_is_refused_again_asks_to_sign_in(
    graphs: Server, stage: Office365Stage, waits: Waits
) -> None:
    await stage.provider.close()
    stage.provider = provided(graphs, stage, tokens=Renewed("too old", "just as old"), sleep=waits)
    with pytest.raises(ProviderError) as caught:
        await stage.provider.identity()
    assert caught.value.kind is ErrorKind.AUTH
    assert "Sign in again" in str(caught.value)
    assert waits.seconds == []


# Refused in words


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (403, "ErrorAccessDenied", ErrorKind.PERMISSION, "ask an administrator"),
        (404, "MailboxNotEnabledForRESTAPI", ErrorKind.UNSUPPORTED, "connect it as Exchange"),
        (400, "MailboxNotSupportedForRESTAPI", ErrorKind.UNSUPPORTED, "no mailbox"),
        (404, "ErrorItemNotFound", ErrorKind.NOT_FOUND, "moved to another calendar"),
        (409, "ErrorIrresolvableConflict", ErrorKind.CONFLICT, "Read the calendar again"),
        (429, "ApplicationThrottled", ErrorKind.THROTTLED, "asks to wait"),
        (503, "ErrorServerBusy", ErrorKind.THROTTLED, "asks to wait"),
        (400, "ErrorInvalidRequest", ErrorKind.INVALID, "Office 365 refused it: Trouble."),
        (507, "ErrorQuotaExceeded", ErrorKind.STORAGE, "no room"),
        (500, "", ErrorKind.UNAVAILABLE, "trouble"),
    ],
)
async def test_a_refusal_is_said_in_words_with_a_way_out(
    stage: Office365Stage, status: int, code: str, kind: ErrorKind, words: str
) -> None:
    stage.graph.faults = [Fault(status, code, where="delta", times=9)]
    with pytest.raises(ProviderError) as caught:
        await Mirror(stage).follow()
    assert caught.value.kind is kind
    assert words in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"value": 5}', b"\xff\xfe"])
async def test_an_answer_of_nonsense_is_an_error(stage: Office365Stage, body: bytes) -> None:
    stage.graph.garbage = body
    with pytest.raises(ProviderError) as caught:
        await Mirror(stage).follow()
    assert caught.value.kind is ErrorKind.UNAVAILABLE


async def test_what_cannot_be_read_any_more_is_kept_through_a_full_listing(
    stage: Office365Stage,
) -> None:
    event = stage.box.add(stage.calendar, {"subject": "Half", **JUNE})
    mirror = await Mirror(stage).follow()
    await stage.cut(event.id)
    stage.graph.lost = True
    await mirror.follow()
    assert (mirror.titles, mirror.problems) == (["Half", "Here"], [event.id])


async def test_a_calendar_that_goes_while_it_is_read_is_an_error_and_not_empty(
    stage: Office365Stage,
) -> None:
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    stage.box.series(stage.calendar, {"subject": "Once"}, [start], 30)
    pages = stage.provider.changes(stage.calendar, "", HORIZON)
    await anext(pages)
    await stage.hide()
    with pytest.raises(ProviderError) as caught:
        await anext(pages)
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_one_item_of_nonsense_leaves_its_neighbours(stage: Office365Stage) -> None:
    odd = stage.box.add(stage.calendar, JUNE)
    odd.fields["subject"] = {"not": "a text"}
    stage.graph.contract = None  # it has every right to complain
    mirror = Mirror(stage)
    for _ in range(2):
        await mirror.follow()
        assert (mirror.titles, mirror.problems) == (["Here"], [odd.id])


async def test_an_item_without_a_name_is_reported_and_passed_over(stage: Office365Stage) -> None:
    odd = stage.box.add(stage.calendar, JUNE)
    odd.fields["id"] = 5
    stage.graph.contract = None
    mirror = Mirror(stage)
    assert (await mirror.follow()).problems == [""]
    assert (mirror.titles, (await mirror.follow()).problems) == (["Here"], [])


# The cloud, and the contract


async def test_a_misspelt_field_breaks_the_contract(graphs: Server) -> None:
    contract = graphs.graph().contract
    if contract is None:
        pytest.skip("../shared/contracts is missing: what is sent to Graph is not checked")
    path = "/me/calendars/c/events"
    assert contract.request("POST", path, (), {"subject": "Hi"}) == []
    assert contract.request("POST", path, (), {"subjct": "Hi"}) != []
    assert contract.answer("GET", path, 200, {"value": [{"titel": "Hi"}]}) != []


@pytest.mark.parametrize(
    "base", ["https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://graph/"]
)
async def test_a_national_cloud_is_asked_at_its_own_address(base: str) -> None:
    graph = Graph(OneToken("t"), base=base)
    assert graph.url("me", "calendars", "a/b=", _top="5") == (
        f"{base.rstrip('/')}/v1.0/me/calendars/a%2Fb%3D?$top=5"
    )
    assert not graph.owns("https://graph.microsoft.com/v1.0/me")
    await graph.close()


async def test_the_token_is_never_shown(stage: Office365Stage) -> None:
    shown = repr(stage.provider)
    assert stage.graph.token not in shown
    stage.graph.faults = [Fault(403, "ErrorAccessDenied", times=9)]
    with pytest.raises(ProviderError) as caught:
        async for _ in stage.provider.changes(stage.calendar, "", HORIZON):
            pass
    assert stage.graph.token not in str(caught.value)
