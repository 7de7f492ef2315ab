"""The app that is registered at a vendor, in whose name koble asks its owner to sign in."""

import re
from typing import Any

import msgspec

from providers.base import ProviderError
from scheduling.connections import Kind
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

CLOUDS = {
    "global": ("login.microsoftonline.com", "graph.microsoft.com"),
    "usgov": ("login.microsoftonline.us", "graph.microsoft.us"),
    "dod": ("login.microsoftonline.us", "dod-graph.microsoft.us"),
    "china": ("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
}
"""Microsoft's clouds: where one signs in, and where the calendars are."""
_GOOGLE_ID = re.compile(r"[0-9]+-[a-z0-9]+\.apps\.googleusercontent\.com")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_TENANT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST = 200


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An app at Google or Microsoft. `secret` is Google's only, and in no repr.

    `origin` tells where koble has it from: `settings`, `environment`, or the path of a file.
    """

    kind: Kind
    id: str
    secret: str = ""
    tenant: str = "common"
    cloud: str = "global"
    origin: str = ""

    def __repr__(self) -> str:
        return f"Client({self.kind.value!r}, {self.id!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("kind", self.kind.value), ("id", self.id)]


def google_client(text: str, secret: str, origin: str) -> Client:
    """The client of an id and its secret, or of the JSON that Google offers for download.

    Raises:
        ProviderError: invalid (field `client` or `secret`), with the way out.
    """
    text, secret = text.strip(), secret.strip()
    if text.startswith("{"):
        text, secret = _from_json(text)
    if not _GOOGLE_ID.fullmatch(text):
        raise _wrong_google(text)
    if not secret:
        raise _invalid(
            Phrase("The secret of the client is missing."),
            Phrase("Google shows it beside the id, and it is in the file client_secret.json."),
            "secret",
        )
    if len(secret) > _LONGEST or not secret.isascii() or not secret.isprintable():
        raise _invalid(Phrase("This is not the secret of a client."), None, "secret")
    return Client(kind=Kind.GOOGLE, id=text, secret=secret, origin=origin)


def microsoft_client(text: str, secret: str, tenant: str, cloud: str, origin: str) -> Client:
    """The client of an application id, in a tenant (empty: any) of a cloud (empty: the global).

    Raises:
        ProviderError: invalid (field `client`, `secret`, `tenant` or `cloud`), with the way out.
    """
    text, tenant, cloud = text.strip(), tenant.strip() or "common", cloud.strip() or "global"
    if not _UUID.fullmatch(text):
        raise _wrong_microsoft(text)
    if secret.strip():
        raise _invalid(
            Phrase("A client of Microsoft for this computer has no secret."),
            Phrase("Leave it empty, and allow public client flows in the app's authentication."),
            "secret",
        )
    if not _TENANT.fullmatch(tenant):
        raise _invalid(
            Phrase("“{text}” is not a tenant.", text=clean(tenant, limit=60)),
            Phrase("Write its id or its domain; common, where any account may sign in."),
            "tenant",
        )
    if cloud not in CLOUDS:
        raise _invalid(
            Phrase("Microsoft has no cloud “{text}”.", text=clean(cloud, limit=40)),
            Phrase("Choose one of: {clouds}.", clouds=", ".join(CLOUDS)),
            "cloud",
        )
    return Client(
        kind=Kind.OFFICE365, id=text.lower(), tenant=tenant.lower(), cloud=cloud, origin=origin
    )


def _from_json(text: str) -> tuple[str, str]:
    """Id and secret in the file that Google offers for download."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        raise _invalid(
            Phrase("This is not the whole file client_secret.json."),
            Phrase("Download it again, and name its path here."),
        ) from None
    if found.get("type") == "service_account":
        raise _invalid(
            Phrase("This is the key of a service account, which has no calendar of its own."),
            _MAKE_DESKTOP,
        )
    if "web" in found:
        raise _invalid(
            Phrase("This client is one for web servers, and cannot sign in on this computer."),
            _MAKE_DESKTOP,
        )
    installed = found.get("installed")
    if not isinstance(installed, dict):
        raise _invalid(Phrase("There is no client in this file."), _MAKE_DESKTOP)
    return str(installed.get("client_id", "")), str(installed.get("client_secret", ""))


def _wrong_google(text: str) -> ProviderError:
    if text.startswith("GOCSPX-"):
        message = Phrase("This is the secret of a client, not its id.")
    elif text.startswith("AIza"):
        message = Phrase("This is an API key, not the id of a client.")
    elif _UUID.fullmatch(text):
        message = Phrase("This looks like the id of an app at Microsoft.")
    elif "@" in text:
        message = Phrase("This is an e-mail address, not the id of a client.")
    elif text:
        message = Phrase("“{text}” is not the id of a client.", text=clean(text, limit=60))
    else:
        message = Phrase("The id of the client is missing.")
    return _invalid(
        message,
        Phrase("It ends in .apps.googleusercontent.com; or name the path of client_secret.json."),
    )


def _wrong_microsoft(text: str) -> ProviderError:
    if text.endswith(".apps.googleusercontent.com") or text.startswith("{"):
        message = Phrase("This looks like a client of Google.")
    elif "~" in text:
        message = Phrase("This looks like the secret of an app, not its id.")
    elif "@" in text:
        message = Phrase("This is an e-mail address, not the id of an app.")
    elif text:
        message = Phrase("“{text}” is not the id of an app.", text=clean(text, limit=60))
    else:
        message = Phrase("The id of the app is missing.")
    return _invalid(
        message,
        Phrase("Entra shows it as “Application (client) ID”: 36 digits, letters and hyphens."),
    )


def _invalid(message: Phrase, hint: Phrase | None, field: str = "client") -> ProviderError:
    return ProviderError(ErrorKind.INVALID, message, hint, field=field)


_MAKE_DESKTOP = Phrase(
    "Make an OAuth client of the type “Desktop app” in the Google Cloud console, and download it."
)
