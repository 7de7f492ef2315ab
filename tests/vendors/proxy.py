"""A proxy of our own, as companies have them: it finds one server under whatever name."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Proxy:
    """Leads to `port` of this computer. `asked`: the hosts; `wanted`: a user name and password.

    `closed`: it leads nowhere.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []
        self.wanted = ""
        self.closed = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"127.0.0.1:{self.server.server_port}"


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_CONNECT(self) -> None:
            proxy.asked.append(self.path)
            _, _, said = self.headers.get("Proxy-Authorization", "").partition(" ")
            if proxy.closed or (proxy.wanted and base64.b64decode(said).decode() != proxy.wanted):
                self.send_error(403 if proxy.closed else 407)
                return
            with socket.create_connection(("127.0.0.1", proxy.port)) as there:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pass_on, args=(there, self.connection))
                back.start()
                _pass_on(self.connection, there)
                back.join()
            self.close_connection = True

    return Handler


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two has had enough


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    """A proxy for as long as it is needed."""
    made = Proxy(port)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()
