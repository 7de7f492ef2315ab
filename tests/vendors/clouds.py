"""Both vendors at once, sign-in and calendars, for tests that drive koble from outside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from scheduling.connections import Kind
from tests.vendors.google import Google
from tests.vendors.graph import Graph, Server, graph_server
from tests.vendors.oauth import CLIENT_SECRET_JSON, MICROSOFT_ID, Logins

ADA = "ada@example.com"
KEY = "0123456789abcdef" * 4


class _Signed(dict[str, Graph]):
    """Whatever token the sign-in gave out leads to the one mailbox."""

    def __init__(self, logins: Logins, graph: Graph) -> None:
        super().__init__()
        self._logins = logins
        self._graph = graph

    def get(self, token: str, default: Graph | None = None) -> Graph | None:  # type: ignore[override]
        return self._graph if token in self._logins.access else default


class Clouds:
    """Ada's accounts at both vendors. `env` is the environment in which koble meets them."""

    def __init__(self, folder: Path, logins: Logins, google: Google, server: Server) -> None:
        self.logins = logins
        self.google = google
        self.graph = server.graph(address=ADA)
        self._calendar = self.graph.box.calendar("Calendar")
        server._graphs = _Signed(logins, self.graph)
        google.tokens = logins.access
        self.client_file = folder / "client_secret.json"
        self.client_file.write_text(CLIENT_SECRET_JSON)
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_text(KEY)
        self.env = {
            "KOBLE_KEY_FILE": str(key),
            "KOBLE_GOOGLE_CLIENT": str(self.client_file),
            "KOBLE_MICROSOFT_CLIENT": MICROSOFT_ID,
            "KOBLE_GOOGLE_LOGIN": logins.url,
            "KOBLE_MICROSOFT_LOGIN": logins.url,
            "KOBLE_GOOGLE_BASE": google.url,
            "KOBLE_MICROSOFT_BASE": server.url,
            # A shell over SSH, without a display: nothing is opened on this machine.
            "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
            "USER": "ada",
        }

    def become(self, address: str) -> None:
        """Another account is the one that signs in."""
        if address not in self.google.lists:
            self.google.add_calendar(address, summary=address, primary=True)
        self.google.address = self.logins.owner.account = self.graph.box.address = address

    def put(self, kind: Kind, title: str, start: datetime, minutes: int = 30) -> None:
        """An event in the first calendar of an account; `start` in UTC."""
        end = start + timedelta(minutes=minutes)
        if kind is Kind.GOOGLE:
            times = {"start": {"dateTime": _z(start)}, "end": {"dateTime": _z(end)}}
            name = f"event{len(self.google.events[ADA])}"
            self.google.put({"id": name, "summary": title, **times})
            return
        times = {
            "start": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "end": {"dateTime": f"{end:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
        }
        self.graph.box.add(self._calendar, {"subject": title, **times})

    def violations(self) -> str:
        """What koble asked that the vendors would not take."""
        return json.dumps([*self.logins.violations, *self.google.wrong, *self.graph.violations])


@contextmanager
def clouds(folder: Path) -> Iterator[Clouds]:
    """Both vendors, for as long as they are needed."""
    google = Google(address=ADA)
    with Logins() as logins, google.running(), graph_server() as server:
        logins.owner.account = ADA
        yield Clouds(folder, logins, google, server)


def _z(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
