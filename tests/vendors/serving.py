"""A double on a port of this computer, in a thread, with every way in which a server can fail."""

import gzip
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec


class Request(msgspec.Struct, frozen=True):
    """What was asked. The path is still in percent; header names are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes


class Reply(msgspec.Struct, frozen=True):
    """What is answered."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = {}


class Fault(msgspec.Struct, kw_only=True):
    """What goes wrong with requests that `where` (a pattern) is found in, `times` times.

    `reply` is answered instead; without one, the line is cut: before an answer, or (`half`) in
    the middle of it. `obeyed`: the double does what is asked all the same. `drip`: the answer
    comes byte by byte, with so many seconds between.
    """

    where: str = ""
    times: int = 1
    reply: Reply | None = None
    obeyed: bool = False
    half: bool = False
    drip: float = 0.0


class Serving:
    """Answers by `answers`, which is asked under a lock: one request at a time."""

    def __init__(self, answers: Callable[[Request], Reply]) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self.faults: list[Fault] = []
        self.asked: list[Request] = []
        self.url = ""
        self._stopped = threading.Event()

    @property
    def told(self) -> list[str]:
        """The requests in short."""
        return [f"{each.method} {each.path}" for each in self.asked]

    def fail(self, where: str = "", times: int = 1, **how: Any) -> None:
        """Have something go wrong; see `Fault`."""
        self.faults.append(Fault(where=where, times=times, **how))

    def take(self, request: Request) -> tuple[Reply, Fault | None]:
        with self._lock:
            self.asked.append(request)
            line = f"{request.method} {request.path}"
            fault = next((f for f in self.faults if f.times and re.search(f.where, line)), None)
            if fault is None:
                return self._answers(request), None
            fault.times -= 1
            works = fault.obeyed or fault.half or fault.drip
            reply = self._answers(request) if works else Reply(200)
            return fault.reply or reply, fault

    @contextmanager
    def running(self) -> Iterator[None]:
        """A server at `url`, for as long as it is needed."""
        server = _Server(("127.0.0.1", 0), _Handler)
        server.serving = self
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            server.shutdown()
            thread.join()
            server.hang_up()
            server.server_close()

    def wait(self, seconds: float) -> bool:
        """Whether the double still runs after so long."""
        return not self._stopped.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    serving: Serving

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Cut the lines that clients hold open, so that their threads end."""
        for each in list(self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients hang up in the middle of answers, which is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("content-length", 0))
        request = Request(
            self.command,
            path,
            tuple(parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(size),
        )
        serving = cast(_Server, self.server).serving
        reply, fault = serving.take(request)
        if fault and fault.reply is None and not fault.half and not fault.drip:
            self._cut()
            return
        body, headers = reply.body, dict(reply.headers)
        if "Content-Encoding" not in headers and _takes_packed(request):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault and fault.half:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self._cut()
        elif fault and fault.drip:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                if not serving.wait(fault.drip):
                    break
            self.close_connection = True
        else:
            self.wfile.write(body)
            self.wfile.flush()

    def _cut(self) -> None:
        """End the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _takes_packed(request: Request) -> bool:
    """Whether it says so twice, as Google wants it."""
    names = ("accept-encoding", "user-agent")
    return all("gzip" in request.headers.get(name, "") for name in names)
