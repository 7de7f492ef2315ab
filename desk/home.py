"""Where koble keeps its state."""

import os
from pathlib import Path


def home() -> Path:
    """The state directory: $KOBLE_HOME, else koble's folder under $XDG_DATA_HOME."""
    if chosen := os.environ.get("KOBLE_HOME"):
        return Path(chosen).expanduser()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "koble"
