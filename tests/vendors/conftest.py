from collections.abc import Iterator

import exchangelib
import pytest
from exchangelib.protocol import close_connections

from tests.vendors.exchange import Exchange, exchange
from tests.vendors.exchange_client import ADA, connect
from tests.vendors.exchange_mailbox import Mailbox


@pytest.fixture
def server() -> Iterator[Exchange]:
    """A server with one account, which has to have spoken and heard what the schema allows."""
    with exchange() as server:
        server.account(ADA, name="Ada")
        yield server
        close_connections()
        assert server.violations == []


@pytest.fixture
def box(server: Exchange) -> Mailbox:
    return server.mailboxes[ADA]


@pytest.fixture
def account(server: Exchange) -> exchangelib.Account:
    return connect(server)
