from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.providers.stages import STAGES, Mirror, Stage


@pytest.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """Each provider in turn."""
    stage = STAGES[request.param](tmp_path)
    yield stage
    await stage.provider.close()


@pytest.fixture
def mirror(stage: Stage) -> Mirror:
    """An empty mirror of the stage's calendar."""
    return Mirror(stage)
