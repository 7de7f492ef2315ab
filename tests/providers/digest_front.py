"""Who lets nobody in to a server but by Digest (RFC 7616), worked out once more from the text."""

import hashlib
import re
import secrets
from base64 import b64encode
from typing import Any


class DigestFront:
    """One user; each nonce is good for so many `uses`.

    `said`: every `Authorization` that came. `stale`: how often a nonce was used up.
    """

    def __init__(self, user: str, password: str, algorithm: str, *, uses: int) -> None:
        self._user, self._password = user, password
        self._algorithm, self._uses = algorithm, uses
        self._left: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self.said: list[str] = []
        self.stale = 0

    def __call__(self, environ: dict[str, Any]) -> list[tuple[str, str]]:
        said = environ.get("HTTP_AUTHORIZATION", "")
        self.said.append(said)
        told = dict(re.findall(r'(\w+)="?([^",]*)"?', said.removeprefix("Digest ")))
        nonce = told.get("nonce", "")
        stale = False
        if said.startswith("Digest ") and nonce in self._left and self._right(told, environ):
            if self._left[nonce] > 0:
                assert int(told["nc"], 16) == self._counts[nonce] + 1, "counted without a gap"
                self._counts[nonce] += 1
                self._left[nonce] -= 1
                login = b64encode(f"{self._user}:{self._password}".encode()).decode()
                environ["HTTP_AUTHORIZATION"] = f"Basic {login}"
                return []
            self.stale += 1
            stale = True
        fresh = secrets.token_urlsafe(9)
        self._left[fresh], self._counts[fresh] = self._uses, 0
        more = ", stale=true" if stale else ""
        return [
            (
                "WWW-Authenticate",
                'Digest realm="other", nonce="n", algorithm=SHA-512-256, qop="auth"',
            ),
            (
                "WWW-Authenticate",
                f'Digest realm="the, \\"realm\\"", nonce="{fresh}", opaque="5ccc",'
                f' algorithm={self._algorithm}, qop="auth, auth-int"{more}',
            ),
        ]

    def _right(self, told: dict[str, str], environ: dict[str, Any]) -> bool:
        def mixed(text: str) -> str:
            name = self._algorithm.replace("-", "").lower()
            return hashlib.new(name, text.encode()).hexdigest()

        assert (told["qop"], told["algorithm"], told["opaque"]) == ("auth", self._algorithm, "5ccc")
        assert told["uri"] == environ["REQUEST_URI"]
        first = mixed(f'{self._user}:the, "realm":{self._password}')
        second = mixed(f"{environ['REQUEST_METHOD']}:{told['uri']}")
        parts = (first, told["nonce"], told["nc"], told["cnonce"], "auth", second)
        return told["response"] == mixed(":".join(parts))
