import subprocess
import sys

import pytest

HEAVY = {"cryptography", "exchangelib", "google_auth_oauthlib", "httpx", "icalendar", "keyring"}
HEAVY |= {"lxml", "msal", "recurring_ical_events", "requests", "tinydb"}
ROOMS = {"desk", "providers", "store"}


@pytest.mark.parametrize("module", ["tui.app", "tui.screens.base", "tui.commands"])
def test_the_terminal_face_starts_without_what_is_heavy(module: str) -> None:
    code = (
        f"import sys, {module}; print('\\n'.join({{name.split('.')[0] for name in sys.modules}}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(run.stdout.split())
    assert "textual" in loaded
    assert loaded & (HEAVY | ROOMS) == set()
