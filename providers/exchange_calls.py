"""The calls of EWS: what is asked as XML, strict about what comes back, and its errors in words."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import requests
from exchangelib import errors
from exchangelib.services.common import EWSService
from exchangelib.util import ENS, MNS, SOAPNS, TNS, create_element, safe_xml_value, sanitize_xml
from exchangelib.version import Build, Version
from lxml import etree

from providers.addresses import unreachable
from providers.base import ProviderError
from providers.exchange_versions import api_version
from providers.exchange_wire import Line, busy
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

M, T = f"{{{MNS}}}", f"{{{TNS}}}"
Element = etree._Element
_WAIT = 10.0
"""Seconds to wait where a busy server does not say."""
_PARSER = etree.XMLParser(
    resolve_entities=False, load_dtd=False, no_network=True, recover=False, remove_comments=True
)


class Refused(ProviderError):
    """The server understood, and said no. `code`: in its own word, such as ErrorItemNotFound."""

    def __init__(
        self, code: str, kind: ErrorKind, message: Phrase, hint: Phrase | None = None, **more: Any
    ) -> None:
        super().__init__(kind, message, hint, **more)
        self.code = code


class Operation(EWSService):  # type: ignore[misc]
    """One call. Its answer stays XML, for whoever knows what it means."""

    def __init__(self, line: Line, name: str) -> None:
        super().__init__(line)
        self._name = name
        self._host = clean(urlsplit(line.service_endpoint).hostname or "", limit=253)

    def ask(self, payload: Element) -> list[Element]:
        """Send `payload`; the messages of the answer, of which each is well or `failure`.

        Raises:
            ProviderError: whatever kept the server from answering, or its answer from being one.
        """
        try:
            found: list[Element] = self._get_response_xml(payload)
        except (errors.EWSError, requests.RequestException) as error:
            raise in_words(error, self._host) from error
        if not found:
            raise _nonsense(self._host)
        # A server that is busy may do a part of what it is asked, and put off the rest.
        put_off = [wait for each in found if (wait := throttled(each, self._host))]
        if len(put_off) == len(found):
            raise put_off[0]
        return found

    def _api_versions_to_try(self) -> tuple[str, ...]:
        return (self._version_hint.api_version,)

    @classmethod
    def _get_soap_parts(cls, response: requests.Response) -> tuple[Element | None, Element]:
        host = clean(urlsplit(response.url).hostname or "", limit=253)
        root = parse(response.content, host)
        body = root.find(f"{{{SOAPNS}}}Body")
        if root.tag != f"{{{SOAPNS}}}Envelope" or body is None or not len(body):
            raise _nonsense(host)
        return root.find(f"{{{SOAPNS}}}Header"), body

    def _get_soap_messages(self, body: Element) -> list[Element]:
        answer = body[0]
        if answer.tag == f"{{{SOAPNS}}}Fault":
            code = (answer.findtext(f"detail/{{{ENS}}}ResponseCode") or "").strip()
            # Not every server has details; all name the fault, some with a prefix before it.
            name = (answer.findtext("faultcode") or "").strip().rpartition(":")[2]
            code = code or (name if name.startswith("Error") else "")
            text = answer.findtext(f"detail/{{{ENS}}}Message") or answer.findtext("faultstring")
            wait = _back_off(answer.find(f"detail/{T}MessageXml"))
            raise said(code, text or "", self._host, wait)
        if not str(answer.tag).startswith(M):
            raise _nonsense(self._host)
        for name in ("ResponseMessages", "FreeBusyResponseArray"):
            messages = answer.find(M + name)
            if messages is not None:
                return list(messages)
        return [answer]

    def _update_api_version(self, api_version: str, header: Element) -> None:
        """Remember which build answers."""
        info = next((each for each in header if str(each.tag).endswith("}ServerVersionInfo")), None)
        if info is None:
            return
        names = ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber")
        numbers = [info.get(name, "") or "0" for name in names]
        if all(each.isascii() and each.isdigit() and len(each) < 8 for each in numbers):
            build = Build(*map(int, numbers))
            if build.major_version:
                self._version_hint = version_of(build)


def version_of(build: Build) -> Version:
    """How koble speaks to a server of this build."""
    numbers = (build.major_version, build.minor_version, build.major_build)
    return Version(build=build, api_version=api_version(numbers))


def parse(data: bytes, host: str) -> Element:
    """The XML of an answer: whole, without a DTD, and not too deep.

    Raises:
        ProviderError: it is none.
    """
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise _nonsense(host)
    try:
        try:
            root = etree.fromstring(data, _PARSER)
        except etree.XMLSyntaxError:
            if b"&#" not in data:
                raise
            # Exchange passes on control characters, which XML cannot hold.
            root = etree.fromstring(sanitize_xml(data), _PARSER)
    except etree.XMLSyntaxError as error:
        raise _nonsense(host) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _nonsense(host)
    return root


def failure(message: Element, host: str) -> ProviderError | None:
    """What is wrong with one message of an answer; None where it went well."""
    code = (message.findtext(f"{M}ResponseCode") or "").strip()
    if code == "NoError" and message.get("ResponseClass", "Success") == "Success":
        return None
    text = message.findtext(f"{M}MessageText") or ""
    details = message.find(f"{M}MessageXml")
    inner = "" if details is None else _value(details, "InnerErrorResponseCode")
    return said(inner or code, text, host, _back_off(details))


def throttled(message: Element, host: str) -> ProviderError | None:
    """The wish to wait, where that is what one message of an answer says."""
    wrong = failure(message, host)
    return wrong if wrong is not None and wrong.kind is ErrorKind.THROTTLED else None


def _value(details: Element, name: str) -> str:
    for each in details.iter(f"{T}Value"):
        if each.get("Name") == name:
            return (each.text or "").strip()
    return ""


def _back_off(details: Element | None) -> float:
    """Seconds that a busy server asks to wait."""
    text = "" if details is None else _value(details, "BackOffMilliseconds")
    return min(int(text) / 1000, 3600.0) if text.isdigit() and len(text) < 12 else _WAIT


def in_words(error: Exception, host: str) -> ProviderError:
    """An error of the libraries' as one of koble's."""
    if isinstance(error, errors.ErrorServerBusy):
        return busy(host, error.back_off or _WAIT)
    broken = isinstance(error, errors.ErrorTimeoutExpired | requests.RequestException)
    if broken or type(error) is errors.TransportError:
        return unreachable(f"//{host}")
    name = type(error).__name__
    return said(name if name.startswith("Error") else "", str(error), host)


def said(code: str, text: str, host: str, wait: float = _WAIT) -> ProviderError:
    """A code of EWS in words. `text` is the server's own, for what has none here."""
    if code in _BUSY:
        return busy(host, wait)
    for codes, kind, message, hint, field in _SAID:
        if code in codes:
            return Refused(code, kind, message, hint, field=field)
    return Refused(
        code,
        ErrorKind.UNAVAILABLE,
        Phrase("{host} refused it: {code}", host=host, code=clean(code or text, limit=120) or "?"),
    )


_BUSY = {
    "ErrorServerBusy",
    "ErrorExceededConnectionCount",
    "ErrorTooManyObjectsOpened",
    "ErrorInternalServerTransientError",
    "ErrorMailboxStoreUnavailable",
}
GONE = {
    "ErrorItemNotFound",
    "ErrorInvalidId",
    "ErrorInvalidIdEmpty",
    "ErrorInvalidIdMalformed",
    "ErrorInvalidIdMalformedEwsLegacyIdFormat",
    "ErrorInvalidIdNotAnItemAttachmentId",
    "ErrorCannotFindItem",
    "ErrorInvalidOccurrenceId",
}
"""By these a server says that there is no such item."""
SYNC_LOST = {"ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound"}
"""By these a server says that it no longer knows how far it was read."""
NOT_OURS = {
    "ErrorInvalidExtendedProperty",
    "ErrorInvalidExtendedPropertyValue",
    "ErrorInvalidPropertySet",
    "ErrorUnsupportedPropertyDefinition",
    "ErrorUnsupportedMapiPropertyType",
}
"""By these a server says that it keeps no properties of others' making."""
UNKNOWN = {"", "ErrorSchemaValidation", "ErrorInvalidRequest", "ErrorInvalidOperation"}
"""By these a server says that it cannot do such a thing at all; some say it without a code."""
_SAID: tuple[tuple[set[str], ErrorKind, Phrase, Phrase | None, str], ...] = (
    (
        GONE,
        ErrorKind.NOT_FOUND,
        Phrase("The event is not there any more."),
        None,
        "",
    ),
    (
        {"ErrorFolderNotFound", "ErrorInvalidFolderId"},
        ErrorKind.NOT_FOUND,
        Phrase("The calendar is not there any more."),
        None,
        "",
    ),
    (
        {
            "ErrorNonExistentMailbox",
            "ErrorMissingEmailAddress",
            "ErrorMailRecipientNotFound",
            "ErrorCannotFindUser",
        },
        ErrorKind.NOT_FOUND,
        Phrase("The server has no mailbox with that address."),
        Phrase("Look at the e-mail address."),
        "address",
    ),
    (
        {
            "ErrorIrresolvableConflict",
            "ErrorStaleObject",
            "ErrorInvalidChangeKey",
            "ErrorChangeKeyRequired",
            "ErrorChangeKeyRequiredForWriteOperations",
        },
        ErrorKind.CONFLICT,
        Phrase("The event was changed outside koble meanwhile."),
        Phrase("Read the calendar again to see how it is now."),
        "",
    ),
    (
        {
            "ErrorAccessDenied",
            "ErrorCannotDeleteObject",
            "ErrorCreateItemAccessDenied",
            "ErrorCalendarIsDelegatedForAccept",
        },
        ErrorKind.PERMISSION,
        Phrase("The server does not allow it with this account."),
        None,
        "",
    ),
    (
        {"ErrorQuotaExceeded", "ErrorInsufficientResources", "ErrorMessageSizeExceeded"},
        ErrorKind.STORAGE,
        Phrase("There is no room left in the mailbox."),
        None,
        "",
    ),
    (
        {"ErrorWrongServerVersion", "ErrorWrongServerVersionDelegate"},
        ErrorKind.UNAVAILABLE,
        Phrase("The mailbox lies on another server."),
        Phrase("Connect again with the address of that one."),
        "url",
    ),
    (
        {
            "ErrorInvalidServerVersion",
            "ErrorIncorrectSchemaVersion",
            "ErrorInvalidSchemaVersionForMailboxVersion",
        },
        ErrorKind.UNSUPPORTED,
        Phrase("The server is too old."),
        Phrase("Exchange 2010 SP2 or newer is needed."),
        "version",
    ),
    (
        {"ErrorInvalidRecipients", "ErrorInvalidSmtpAddress", "ErrorInvalidMailbox"},
        ErrorKind.INVALID,
        Phrase("The server does not take one of the addresses."),
        None,
        "",
    ),
    (
        {"ErrorAccountDisabled", "ErrorMailboxMoveInProgress", "ErrorMailboxFailover"},
        ErrorKind.UNAVAILABLE,
        Phrase("The mailbox cannot be used at the moment."),
        None,
        "",
    ),
)


def _nonsense(host: str) -> ProviderError:
    return ProviderError(
        ErrorKind.UNAVAILABLE,
        Phrase("The answer of {host} is cut off, or is none of Exchange.", host=host),
    )


# What is asked


def element(
    name: str, *children: "Element | None", text: str | None = None, **attributes: str
) -> Element:
    """An element of the messages (`m:…`) or types (`t:…`); children that are None are left out."""
    made: Element = create_element(name, attrs=attributes)
    if text is not None:
        made.text = safe_xml_value(text)
    made.extend(each for each in children if each is not None)
    return made


def shape(fields: Iterable[str], *, text: bool = False, keys: Iterable[str] = ()) -> Element:
    """What is wanted of items: these fields beside their ids; the body as plain `text`."""
    paths = [element("t:FieldURI", FieldURI=field) for field in fields]
    paths += [own(key) for key in keys]
    return element(
        "m:ItemShape",
        element("t:BaseShape", text="IdOnly"),
        element("t:BodyType", text="Text") if text else None,
        element("t:AdditionalProperties", *paths) if paths else None,
    )


def own(name: str) -> Element:
    """A property of koble's own."""
    return element(
        "t:ExtendedFieldURI",
        DistinguishedPropertySetId="PublicStrings",
        PropertyName=name,
        PropertyType="String",
    )


def ids(container: str, items: Iterable[str]) -> Element:
    """Ids of items."""
    return element(container, *(element("t:ItemId", Id=each) for each in items))
