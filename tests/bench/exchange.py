"""Exchange: the first read of a calendar, beside exchangelib that only parses the same answers.

And how soon a key is served while the server does not answer.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import exchangelib
from exchangelib.services import GetItem, SyncFolderItems
from exchangelib.transport import BASIC

from providers.exchange import ExchangeProvider
from scheduling.events import Span
from tests.terminal import Terminal
from tests.vendors.exchange import PASSWORD, exchange
from tests.vendors.exchange_faults import hang
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t

SINGLES, SERIES = 950, 50
ADA = "ada@example.org"
YEAR: Span = (1_767_225_600, 1_798_761_600)  # 2026
ROUNDS = 5
KOBLE = str(Path(sys.executable).parent / "koble")


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, times the reference, unit, goal."""
    with exchange() as server:
        calendar = _filled(server.account(ADA))
        asyncio.run(_read(server.url, calendar))
        answers = list(server.answers)
    with _played(answers) as url:
        ours = statistics.median(_timed(lambda: asyncio.run(_read(url, calendar))))
    theirs = statistics.median(_timed(lambda: _parsed(answers)))
    return [
        ("the first read of 1,000 items, beside exchangelib's parsing", ours / theirs, "×", 1.5),
        ("a key while the server hangs, to the first byte", _keys(), "ms", 50.0),
    ]


def _keys() -> float:
    """Milliseconds, the median of some moves of the week."""
    with tempfile.TemporaryDirectory() as folder, exchange() as server:
        server.account(ADA)
        home, words = Path(folder) / "koble", Path(folder) / "words"
        words.touch(mode=0o600)
        words.write_text("open sesame\n")
        env = {"KOBLE_HOME": str(home), "KOBLE_PASSPHRASE_FILE": str(words)}
        env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        login = ("--address", ADA, "--password-file", "-", "--url", server.url, "--allow-local")
        done = subprocess.run(
            [KOBLE, "connect", "exchange", *login],
            input=PASSWORD,
            text=True,
            env=os.environ | env,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with Terminal([KOBLE], columns=120, lines=40, env=env) as terminal:
            terminal.wait_for("● Exchange")
            hanging = server.faults.add(hang(), times=None)
            terminal.press("R")
            assert hanging.begun.wait(60)
            while terminal.read(0.5):
                pass
            took = []
            for key in "]" * 8 + "[" * 8:
                began = time.perf_counter()
                terminal.press(key)
                assert terminal.read(20)
                took.append(time.perf_counter() - began)
                while terminal.read(0.2):
                    pass
            assert not hanging.released.is_set()
            return statistics.median(took) * 1_000


def _timed(job: Any) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - began)
    return seconds


def _filled(box: Mailbox) -> str:
    """Events with guests and a text, and weekly series; the calendar's name."""
    guests = t(
        "RequiredAttendees",
        *(t("Attendee", t("Mailbox", t("EmailAddress", f"g{n}@example.org"))) for n in range(4)),
    )
    body = t("Body", "An agenda of some lines.\r\n" * 10, BodyType="Text")
    for number in range(SINGLES + SERIES):
        start = datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(hours=8 * number)
        weekly = t(
            "Recurrence",
            t("WeeklyRecurrence", t("Interval", "1"), t("DaysOfWeek", start.strftime("%A"))),
            t(
                "NumberedRecurrence",
                t("StartDate", f"{start:%Y-%m-%d}"),
                t("NumberOfOccurrences", "8"),
            ),
        )
        box.put(
            f"Event {number}",
            start.isoformat(),
            (start + timedelta(hours=1)).isoformat(),
            guests,
            body,
            *([weekly] if number < SERIES else []),
            zone="W. Europe Standard Time",
        )
    return box.calendar.identifier


async def _read(url: str, calendar: str) -> None:
    provider = ExchangeProvider(
        url, address=ADA, username=ADA, password=PASSWORD, scheme="basic", local=True
    )
    try:
        pages = [page async for page in provider.changes(calendar, "", YEAR)]
    finally:
        await provider.close()
    assert sum(len(page.changes) for page in pages) == SINGLES + SERIES
    assert pages[-1].complete


def _parsed(answers: list[bytes]) -> None:
    """What the library makes of the same answers: of the items, and of the list of changes."""
    version = exchangelib.Version(build=exchangelib.Build(15, 2, 2562, 17))
    config = exchangelib.Configuration(
        service_endpoint="http://localhost/EWS/Exchange.asmx",
        credentials=exchangelib.Credentials(ADA, PASSWORD),
        auth_type=BASIC,
        version=version,
    )
    account = exchangelib.Account(ADA, config=config, default_timezone=exchangelib.UTC)
    items = 0
    for answer in answers:
        if b"<m:GetItemResponse" in answer:
            items += len(list(GetItem(account=account).parse(answer)))
        elif b"<m:SyncFolderItemsResponse" in answer:
            list(SyncFolderItems(account=account).parse(answer))
    assert items == SINGLES + SERIES


@contextmanager
def _played(answers: list[bytes]) -> Iterator[str]:
    """A server that gives these answers in their order, again and again."""
    turn = iter(range(1 << 30))

    class Player(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = answers[next(turn) % len(answers)]
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Player)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/EWS/Exchange.asmx"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
