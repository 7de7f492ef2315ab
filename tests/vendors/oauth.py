"""The authorization servers of Google and Microsoft on loopback, with an owner in front of them.

One server plays both. It is strict: whatever a real one would not take is a violation, and is
collected; `visit` is the owner's browser.
"""

import base64
import hashlib
import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

GOOGLE_ID = "123-abc.apps.googleusercontent.com"
GOOGLE_SECRET = "GOCSPX-hush-hush"
MICROSOFT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET_JSON = json.dumps(
    {"installed": {"client_id": GOOGLE_ID, "client_secret": GOOGLE_SECRET}}
)
_RESERVED = {"openid", "profile", "offline_access"}


class Owner:
    """What the person at the browser does, and what the vendor then says.

    Attributes:
        account: who signs in.
        denies: an error that the vendor's page sends back instead of a code; says: its text.
        unticks: words of scopes that are not granted.
        refusals: what the next questions for a token are answered with: (error, description).
        broken: statuses with which the next questions for a token are answered, without sense.
        pending: what a device is told before its code counts as typed.
        lasting: whether access is granted for longer than an hour.
        rotates: whether a refresh token is worth nothing once it was used.
        hold: set when questions for a token may be answered.
    """

    def __init__(self) -> None:
        self.account = "ada@example.com"
        self.denies = ""
        self.says = "no <b>access</b>"
        self.unticks: tuple[str, ...] = ()
        self.refusals: list[tuple[str, str]] = []
        self.broken: list[int] = []
        self.pending: list[str] = []
        self.lasting = True
        self.rotates = False
        self.hold = threading.Event()
        self.hold.set()


class Logins:
    """The servers. `asked` holds every request as (path, parameters)."""

    def __init__(self) -> None:
        self.owner = Owner()
        self.violations: list[str] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.arrived = threading.Semaphore(0)
        self.access: set[str] = set()
        """Access tokens that are good."""
        self.refresh: dict[str, str] = {}
        """Refresh tokens that are good, and the scopes of each."""
        self.revoked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def __enter__(self) -> "Logins":
        logins = self

        class Handler(_Handler):
            double = logins

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self.owner.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def renewals(self) -> int:
        """How often a refresh token was presented."""
        return sum(sent.get("grant_type") == "refresh_token" for _, sent in self.asked)

    def grant(self, scope: str) -> dict[str, Any]:
        """A grant that was given a while ago."""
        return self._granted(scope, {"access_token": ""})

    # What the servers answer:

    def answer(self, method: str, path: str, sent: dict[str, str]) -> tuple[int, Any]:
        """The status and the JSON (or, for 302, the address) for one request."""
        with self._lock:
            self.asked.append((path, sent))
        match method, path.strip("/").split("/"):
            case "GET", ["o", "oauth2", "v2", "auth"]:
                return self._authorize(sent, google=True)
            case "POST", ["token"]:
                self._check(sent.get("client_id") == GOOGLE_ID, "client")
                self._check(sent.get("client_secret") == GOOGLE_SECRET, "secret")
                return self._token(sent)
            case "POST", ["revoke"]:
                return self._revoke(sent["token"])
            case "GET", [tenant, "v2.0", ".well-known", "openid-configuration"]:
                return self._discovery(tenant)
            case "GET", [_, "oauth2", "v2.0", "authorize"]:
                return self._authorize(sent, google=False)
            case "POST", [_, "oauth2", "v2.0", "devicecode"]:
                return self._device(sent)
            case "POST", [_, "oauth2", "v2.0", "token"]:
                self._check(sent.get("client_id") == MICROSOFT_ID, "client")
                self._check("client_secret" not in sent, "a public client has no secret")
                return self._token(sent)
        self._check(False, f"{method} {path}")
        return 404, {}

    def _authorize(self, sent: dict[str, str], *, google: bool) -> tuple[int, Any]:
        scopes = set(sent.get("scope", "").split())
        redirect = urlsplit(sent.get("redirect_uri", ""))
        self._check(sent.get("response_type") == "code", "response type")
        self._check(sent.get("code_challenge_method") == "S256", "PKCE")
        self._check(len(sent.get("code_challenge", "")) == 43, "challenge")
        self._check(len(sent.get("state", "")) >= 16, "state")
        self._check(redirect.scheme == "http" and redirect.port is not None, "redirect")
        self._check(redirect.path in ("", "/"), "redirect path")
        if google:
            self._check(sent.get("client_id") == GOOGLE_ID, "client")
            self._check(redirect.hostname == "127.0.0.1", "redirect host")
            self._check(sent.get("access_type") == "offline", "offline")
            self._check("consent" in sent.get("prompt", ""), "consent, or no refresh token")
        else:
            self._check(sent.get("client_id") == MICROSOFT_ID, "client")
            self._check(redirect.hostname == "localhost", "Entra registers http://localhost")
            self._check(scopes >= _RESERVED, "reserved scopes")
            self._check(sent.get("response_mode", "query") == "query", "response mode")
        back = {"state": sent["state"]}
        if self.owner.denies:
            back |= {"error": self.owner.denies, "error_description": self.owner.says}
        else:
            code = f"code-{next(self._numbers)}"
            self._codes[code] = sent
            back |= {"code": code, "scope" if google else "session_state": "x"}
        return 302, f"{sent['redirect_uri']}?{urlencode(back)}"

    def _token(self, sent: dict[str, str]) -> tuple[int, Any]:
        self.arrived.release()
        self.owner.hold.wait(30)
        if self.owner.broken:
            return self.owner.broken.pop(0), None
        if self.owner.refusals:
            error, description = self.owner.refusals.pop(0)
            return 401 if error == "invalid_client" else 400, _refused(error, description)
        match sent.get("grant_type"):
            case "authorization_code":
                question = self._codes.pop(sent.get("code", ""), None)
                if question is None:
                    return 400, _refused("invalid_grant", "Malformed auth code.")
                challenge = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
                found = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
                self._check(found == question["code_challenge"], "verifier")
                self._check(sent.get("redirect_uri") == question["redirect_uri"], "redirect again")
                return 200, self._granted(question["scope"], question)
            case "urn:ietf:params:oauth:grant-type:device_code":
                question = self._codes[sent["device_code"]]
                if self.owner.pending:
                    return 400, _refused(self.owner.pending.pop(0), "AADSTS70016: pending.")
                return 200, self._granted(question["scope"], question)
            case "refresh_token":
                with self._lock:
                    scope = self.refresh.get(sent["refresh_token"])
                    if scope is not None and self.owner.rotates:
                        del self.refresh[sent["refresh_token"]]
                if scope is None:
                    return 400, _refused("invalid_grant", "Token has been expired or revoked.")
                return 200, self._granted(sent.get("scope") or scope, sent)
        self._check(False, "grant type")
        return 400, _refused("unsupported_grant_type", "")

    def _granted(self, scope: str, question: dict[str, str]) -> dict[str, Any]:
        number = next(self._numbers)
        scopes = [
            each for each in scope.split() if not any(word in each for word in self.owner.unticks)
        ]
        found: dict[str, Any] = {
            "access_token": f"access-{number}-hush",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": " ".join(scopes),
        }
        self.access.add(found["access_token"])
        renewed = "refresh_token" in question
        if self.owner.rotates or (self.owner.lasting and not renewed):
            found["refresh_token"] = f"refresh-{number}-hush"
            self.refresh[found["refresh_token"]] = scope
        if "openid" in scopes:
            claims: dict[str, Any] = {
                "email": self.owner.account,
                "preferred_username": self.owner.account,
            }
            claims |= {"aud": question.get("client_id", ""), "iss": self.url, "sub": "1"}
            claims |= {"iat": int(time.time()), "exp": int(time.time()) + 3600}
            claims |= {"nonce": question["nonce"]} if "nonce" in question else {}
            found["id_token"] = ".".join([_part({"alg": "RS256"}), _part(claims), "signature"])
        return found

    def _device(self, sent: dict[str, str]) -> tuple[int, Any]:
        self._check(sent.get("client_id") == MICROSOFT_ID, "client")
        if self.owner.refusals:
            return 400, _refused(*self.owner.refusals.pop(0))
        code = f"device-{next(self._numbers)}"
        self._codes[code] = sent
        return 200, {
            "device_code": code,
            "user_code": "ABCD-EFGH",
            "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900,
            "interval": 5,
            "message": "To sign in, use a web browser …",
        }

    def _revoke(self, token: str) -> tuple[int, Any]:
        if self.owner.refusals:
            return 400, _refused(*self.owner.refusals.pop(0))
        self.revoked.append(token)
        if self.refresh.pop(token, None) is None:
            return 400, _refused("invalid_token", "Token expired or revoked")
        return 200, {}

    @staticmethod
    def _discovery(tenant: str) -> tuple[int, Any]:
        if tenant == "nobody.example.com":
            return 400, _refused("invalid_tenant", "AADSTS90002: Tenant not found.")
        here = f"https://login.microsoftonline.com/{tenant}"
        return 200, {
            "issuer": f"{here}/v2.0",
            "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
            "token_endpoint": f"{here}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{here}/oauth2/v2.0/devicecode",
        }

    def _check(self, good: bool, what: str) -> None:
        if not good:
            self.violations.append(what)


class _Handler(BaseHTTPRequestHandler):
    double: Logins

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path, parts.query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(urlsplit(self.path).path, body)

    def _answer(self, path: str, query: str) -> None:
        sent = {name: values[0] for name, values in parse_qs(query).items()}
        status, answer = self.double.answer(self.command, path, sent)
        body = b"<html>Bad gateway</html>" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", answer)
            body = b""
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def redirected(url: str) -> str:
    """The address to which the vendor's page at `url` sends the owner's browser in the end."""
    status, headers, _ = get(url)
    assert status == 302, f"the page says {status}"
    return headers["Location"]


def visit(url: str) -> tuple[int, str]:
    """Open the vendor's page in the owner's browser, and follow it: what the listener shows."""
    status, _, page = get(redirected(url))
    return status, page


def get(url: str, *, host: str = "", method: str = "GET") -> tuple[int, dict[str, str], str]:
    """One request of a browser: status, headers and text of the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=30)
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(method, path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def _refused(error: str, description: str) -> dict[str, str]:
    return {"error": error, "error_description": description}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
