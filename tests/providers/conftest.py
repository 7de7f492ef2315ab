from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.providers.radicale_server import Radicale, radicale
from tests.providers.stages import STAGES, Mirror, Stage, stage_of


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """One Radicale for all tests; each has an account of its own there."""
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(params=STAGES)
async def stage(
    request: pytest.FixtureRequest, tmp_path: Path, server: Radicale
) -> AsyncIterator[Stage]:
    """Each provider in turn."""
    stage = stage_of(request.param, tmp_path, server)
    yield stage
    await stage.provider.close()


@pytest.fixture
def mirror(stage: Stage) -> Mirror:
    """An empty mirror of the stage's calendar."""
    return Mirror(stage)
