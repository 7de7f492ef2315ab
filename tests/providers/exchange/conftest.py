from collections.abc import AsyncIterator, Iterator

import pytest

from providers.exchange import ExchangeProvider
from tests.providers.exchange.ground import ADA, Reads, Waits, koble
from tests.vendors.exchange import Exchange, exchange
from tests.vendors.exchange_mailbox import Mailbox


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    with exchange(*getattr(request, "param", ())) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture
def box(server: Exchange) -> Mailbox:
    return server.mailboxes[ADA]


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def provider(server: Exchange, waits: Waits) -> AsyncIterator[ExchangeProvider]:
    made = koble(server, scheme="NTLM", zone="Europe/Oslo", sleep=waits)
    yield made
    await made.close()


@pytest.fixture
def read(provider: ExchangeProvider, box: Mailbox) -> Reads:
    return Reads(provider, box.calendar.identifier)
