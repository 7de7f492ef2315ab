from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.providers.radicale_server import Radicale, radicale
from tests.providers.stages import STAGES, Mirror, Stage, stage_of
from tests.vendors.graph import Server, graph_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """One Radicale for all tests; each has an account of its own there."""
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def graphs() -> Iterator[Server]:
    """One Graph for all tests; each has a mailbox of its own there."""
    with graph_server() as server:
        yield server


@pytest.fixture(params=STAGES)
async def stage(
    request: pytest.FixtureRequest, tmp_path: Path, server: Radicale, graphs: Server
) -> AsyncIterator[Stage]:
    """Each provider in turn."""
    stage = stage_of(request.param, tmp_path, server, graphs)
    yield stage
    await stage.close()


@pytest.fixture
def mirror(stage: Stage) -> Mirror:
    """An empty mirror of the stage's calendar."""
    return Mirror(stage)
