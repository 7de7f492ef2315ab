"""Asking Google: one request at a time, and what its refusals mean.

A 403 says three things here: that something is not allowed, that the app is not set up, or just
that koble asks too often. Only the `reason` in the answer tells which.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from providers.base import ProviderError
from providers.decoding import decoded
from providers.http import PATIENCE, Answer, Http, Retry, refusal, wait_of
from providers.tokens import Tokens
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

Wire = TypeVar("Wire")
Query = Sequence[tuple[str, str]]
WWW = "https://www.googleapis.com"
MAIL = "https://gmail.googleapis.com"
_TOO_OFTEN = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
    "RATE_LIMIT_EXCEEDED",
}
_TOO_LITTLE = {"insufficientPermissions", "insufficient_scope", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_SWITCHED_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_REFUSALS = range(300, 600)


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    errors: tuple[_Reason, ...] = ()
    details: tuple[_Reason, ...] = ()


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = _Error()


class Api:
    """Google's interfaces for one account.

    Args:
        tokens: where the token of each request comes from.
        base: the server of the calendars; that of the mail follows from it.
        local: whether it may be this computer.
        patience: seconds for one request.
        sleep: what waits, between a busy server's answer and the next try.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str = WWW,
        local: bool = False,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        base = base.rstrip("/")
        self._retry = Retry(sleep=sleep, busy=is_busy)
        self._tokens, self._local, self._patience = tokens, local, patience
        self._calendar = base + "/calendar/v3"
        self._mail = (MAIL if base == WWW else base) + "/gmail/v1"
        self._https: dict[str, Http] = {}

    async def ask(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        safe: bool | None = None,
    ) -> Answer:
        """One request to the calendars.

        Args:
            method: as in HTTP.
            path: below the version, its parts quoted (`part`).
            query: in order.
            body: what becomes JSON.
            headers: beside those of every request.
            accept: refusals that are an answer here and no error.
            safe: whether it may be sent again where nobody knows if it was obeyed.

        Raises:
            ProviderError: of the kind that fits what happened.
        """
        return await self._ask(
            method, self._calendar + path, query, body, headers=headers, accept=accept, safe=safe
        )

    async def send(self, raw: str) -> None:
        """Send one e-mail, in base64. It is not tried again where it may have been sent."""
        await self._ask("POST", self._mail + "/users/me/messages/send", (), {"raw": raw})

    async def _ask(
        self,
        method: str,
        url: str,
        query: Query,
        body: Mapping[str, Any] | None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        safe: bool | None = None,
    ) -> Answer:
        # Google packs its answers only for those who say so twice.
        sent = {"accept": "application/json", "user-agent": "koble (gzip)", **(headers or {})}
        content = b""
        if body is not None:
            sent["content-type"] = "application/json; charset=utf-8"
            content = msgspec.json.encode(body)
        answer = await self._http(url).request(
            method,
            f"{url}?{urlencode(query, quote_via=quote)}" if query else url,
            headers=sent,
            content=content,
            accept=[status for status in _REFUSALS if status != 401],
            safe=safe,
        )
        if answer.status >= 300 and answer.status not in accept:
            raise refused(answer)
        return answer

    def _http(self, url: str) -> Http:
        place = self._mail if url.startswith(self._mail) else self._calendar
        if place not in self._https:
            self._https[place] = Http(
                place,
                tokens=self._tokens,
                retry=self._retry,
                proxied=True,
                local=self._local,
                patience=self._patience,
            )
        return self._https[place]

    async def close(self) -> None:
        """Let go of the connections."""
        while self._https:
            await self._https.popitem()[1].close()


def part(text: str) -> str:
    """A calendar's name as one part of a path.

    Raises:
        ProviderError: not found, for what is a step of a path and no name.
    """
    if text in ("", ".", ".."):
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("There is no calendar “{name}”.", name=clean(text))
        )
    return quote(text, safe="@", errors="replace")


def read(answer: Answer, form: type[Wire]) -> Wire:
    """The answer's body.

    Raises:
        ProviderError: unavailable, where it is not what Google answers: a hotel's network has
            pages of its own for every address.
    """
    found = decoded(answer.body, form)
    if found is None:
        raise nonsense()
    return found


def nonsense() -> ProviderError:
    """Something answered in Google's place, or only half of it arrived."""
    return ProviderError(
        ErrorKind.UNAVAILABLE,
        Phrase("What was answered is not Google's."),
        Phrase("See whether this network wants a sign-in of its own in a browser."),
    )


def is_busy(answer: Answer) -> bool:
    """Whether a refusal only says that koble asks too often."""
    return answer.status == 403 and bool(reasons(answer)[0] & _TOO_OFTEN)


def reasons(answer: Answer) -> tuple[set[str], str]:
    """The reasons of a refusal in Google's own names, and what it says in words."""
    error = (decoded(answer.body, _Refusal) or _Refusal()).error
    return {each.reason for each in (*error.errors, *error.details)}, clean(error.message)


def refused(answer: Answer) -> ProviderError:
    """What a refusal means."""
    names, said = reasons(answer)
    hint = Phrase("Google says: {text}", text=said) if said else None
    if answer.status == 403 and names & _TOO_OFTEN:
        wait = wait_of(answer)
        return ProviderError(
            ErrorKind.THROTTLED,
            Phrase("Google is asked too often, and wants {wait} seconds of rest.", wait=int(wait)),
            hint,
            wait=wait,
        )
    if answer.status == 403 and names & _TOO_LITTLE:
        return ProviderError(
            ErrorKind.PERMISSION,
            Phrase("Google was not told that koble may do this."),
            Phrase("Sign in again, and leave every box on Google's page ticked."),
        )
    if answer.status == 403 and names & _SWITCHED_OFF:
        return ProviderError(
            ErrorKind.PERMISSION,
            Phrase("Google's interface is switched off for the registered app."),
            hint or Phrase("Whoever registered the app can switch it on in the Google console."),
        )
    error = refusal(answer)
    if error.kind in (ErrorKind.INVALID, ErrorKind.PERMISSION):
        return ProviderError(error.kind, error.message, hint)
    return error
