"""A sign-in whose address, port and code are always the same: for pictures."""

import asyncio
from typing import Any

from scheduling.connections import Access, Kind
from scheduling.errors import ErrorKind, KobleError
from tests.tui.conftest import NOW
from words import Phrase

GOOGLE = (
    "https://accounts.google.com/o/oauth2/auth?response_type=code&client_id=640853310984-"
    "d1q3vq1m8s2h7k4l5n6p7r8t9v0w1x2y.apps.googleusercontent.com&redirect_uri=http%3A%2F%2F"
    "127.0.0.1%3A43210&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.calendarlist."
    "readonly+https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.events+https%3A%2F%2F"
    "www.googleapis.com%2Fauth%2Fcalendar.freebusy+https%3A%2F%2Fwww.googleapis.com%2Fauth%2F"
    "userinfo.email+openid&state=tL3cN0uZ0jQ5mF1yqk2bXw8s7e6r5t4y&code_challenge=E9Melhoa2Owv"
    "FrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&access_type=offline&prompt="
    "consent&login_hint=ada%40example.com"
)
MICROSOFT = (
    "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=11111111-2222-"
    "3333-4444-555555555555&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A43210&"
    "scope=https%3A%2F%2Fgraph.microsoft.com%2FCalendars.ReadWrite+https%3A%2F%2Fgraph."
    "microsoft.com%2FUser.Read+offline_access+openid+profile&state=tL3cN0uZ0jQ5mF1y&code_"
    "challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&"
    "login_hint=ada%40example.com"
)


class StillAttempt:
    """An attempt that waits until the test ends it by `fail`."""

    def __init__(self, kind: Kind, *, access: Access, device: bool, remote: bool) -> None:
        self.kind = kind
        self.access = access
        self.device = device
        self.remote = remote
        self.port = 0 if device else 43210
        self.code = "CVRGK2EXJ" if device else ""
        self.expires_at = NOW + (900 if device else 277)
        self.missing: tuple[str, ...] = ()
        self.url = GOOGLE if kind is Kind.GOOGLE else MICROSOFT
        if device:
            self.url = "https://login.microsoft.com/device"
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> "StillAttempt":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end.cancel()

    def ssh_line(self) -> str:
        return "ssh -L 43210:localhost:43210 ada@calendar.example.com"

    async def open_browser(self) -> bool:
        return not self.remote

    def paste(self, text: str) -> None:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("This address belongs to another attempt to sign in."),
            Phrase("Open the page that is shown here, and paste the address it ends at."),
            field="answer",
        )

    async def answered(self) -> None:
        await self._end

    def fail(self, error: KobleError) -> None:
        self._end.set_exception(error)


def stands_still(desk: Any, *, remote: bool) -> list[StillAttempt]:
    """Let `desk` begin such sign-ins; returns those that were begun."""
    begun: list[StillAttempt] = []

    async def begin(
        kind: Kind, *, access: Access, device: bool = False, expected: str = ""
    ) -> StillAttempt:
        begun.append(StillAttempt(kind, access=access, device=device, remote=remote))
        return begun[-1]

    desk.sign_in.begin = begin
    return begun
