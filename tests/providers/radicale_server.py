"""A real Radicale on this computer, in a thread of its own; and who stands between for mischief."""

import base64
import io
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from lxml import etree
from radicale import config
from radicale.app import Application

PASSWORD = "correct horse battery staple"
RIGHTS = """
[root]
user: .+
collection:
permissions: R
[home]
user: .+
collection: {user}
permissions: RW
[times]
user: .+
collection: {user}/only-times
permissions: f
[calendars]
user: .+
collection: {user}/[^/]+
permissions: rw
"""
"""Everybody has their own, but of a calendar with that name nobody sees more than its times."""
DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


Front = Callable[[dict[str, Any]], list[tuple[str, str]]]
"""Who asks for another sign-in than Radicale: headers that ask for it; none: let the request in."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False


class _Quiet(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "REQUEST_URI": self.path}

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Radicale:
    """One server with any number of accounts: each folder of calendars is one.

    `users`: the file of their passwords. `texts`: what is answered for a resource (by its path)
    instead of what is there, for texts that Radicale itself would not keep.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "collections" / "collection-root"
        self.root.mkdir(parents=True)
        (folder / "users").touch()
        self.users = folder / "users"
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []
        """The methods and paths of all requests."""
        self.front: Front | None = None
        (folder / "rights").write_text(RIGHTS)
        logging.getLogger("radicale").setLevel(logging.CRITICAL)
        settings = config.load()
        settings.update(
            {
                "storage": {"filesystem_folder": str(folder / "collections")},
                "auth": {
                    "type": "htpasswd",
                    "htpasswd_filename": str(self.users),
                    "htpasswd_encryption": "plain",
                    "delay": "0",
                },
                "rights": {"type": "from_file", "file": str(folder / "rights")},
                "server": {"delay_on_error": "0"},
                "logging": {"level": "critical"},
            },
            "tests",
        )
        self._app = Application(settings)
        self._server = make_server("127.0.0.1", 0, self._between, _Server, _Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def account(self, user: str, *calendars: str) -> Path:
        """A new user, and the folder in which their calendars lie."""
        with self.users.open("a") as users:
            users.write(f"{user}:{PASSWORD}\n")
        for name in calendars:
            self.calendar(user, name)
        return self.root / user

    def calendar(self, user: str, name: str, **properties: str) -> Path:
        """A new calendar."""
        path = self.root / user / name
        path.mkdir(parents=True)
        about = ", ".join(f'"{key}": "{value}"' for key, value in properties.items())
        (path / ".Radicale.props").write_text(
            '{"tag": "VCALENDAR"' + (f", {about}" if about else "") + "}"
        )
        return path

    def send(self, user: str, method: str, path: str, text: str = "") -> tuple[int, str]:
        """What somebody else with the user's password does: the status, and the answer."""
        login = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "text/calendar"}
        connection = HTTPConnection("127.0.0.1", self._server.server_port, timeout=20)
        try:
            connection.request(method, path, text.encode() or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _between(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append(f"{method} {path}")
        if self.front and (asks := self.front(environ)):
            start("401 Unauthorized", asks)
            return [b""]
        if self.texts:
            environ.pop("HTTP_ACCEPT_ENCODING", None)
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda *words: said.extend(words)))
        status, headers = said[0], said[1]
        if self.texts and status[:3] in ("200", "207"):
            kept = {name: value for name, value in headers if name.lower() != "content-length"}
            if method == "GET" and path in self.texts:
                body = self.texts[path].encode()
            elif method == "REPORT":
                body = self._replaced(body)
            headers = [*kept.items(), ("Content-Length", str(len(body)))]
        start(status, headers)
        return [body]

    def _replaced(self, body: bytes) -> bytes:
        root = etree.parse(io.BytesIO(body)).getroot()
        for response in root.iter("{DAV:}response"):
            text = self.texts.get(response.findtext("{DAV:}href") or "")
            for data in response.iter(DATA):
                if text is not None:
                    data.text = text
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """A server for as long as it is needed."""
    server = Radicale(folder)
    try:
        yield server
    finally:
        server.stop()
