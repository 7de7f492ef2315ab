"""Autodiscover: where somebody's mailbox is, asked in plain XML and in SOAP."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree
from lxml.etree import _Element as Element

REQUEST = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
SOAP = "http://schemas.microsoft.com/exchange/2010/Autodiscover"


@dataclass
class Discovery:
    """What this server knows of addresses. Each `moved…` sends them elsewhere.

    `moved_address`: to another address; `moved_url`: to another place to ask;
    `elsewhere`: where whoever asks without having said who they are is sent (status 302).
    """

    url: str = ""
    moved_address: str = ""
    moved_url: str = ""
    elsewhere: str = ""
    soap: bool = True
    plain: bool = True


def plain(discovery: Discovery, known: dict[str, str], body: bytes, version: str) -> bytes:
    """The answer in plain XML. `known`: addresses with names."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    address = root.findtext(f".//{{{REQUEST}}}EMailAddress", "").strip().lower()
    if address not in known:
        return _plain(
            f'<Response xmlns="{RESPONSE}"><Error Time="12:00:00.0000000" Id="1">'
            "<ErrorCode>500</ErrorCode><Message>The e-mail address cannot be found.</Message>"
            "<DebugData/></Error></Response>"
        )
    if discovery.moved_address:
        where = (
            f"<Action>redirectAddr</Action><RedirectAddr>{escape(discovery.moved_address)}"
            "</RedirectAddr>"
        )
    elif discovery.moved_url:
        where = (
            f"<Action>redirectUrl</Action><RedirectUrl>{escape(discovery.moved_url)}</RedirectUrl>"
        )
    else:
        where = "<AccountType>email</AccountType><Action>settings</Action>" + "".join(
            f"<Protocol><Type>{kind}</Type><Server>mail.example.org</Server><ServerVersion>{version}"
            f"</ServerVersion><EwsUrl>{escape(discovery.url)}</EwsUrl></Protocol>"
            for kind in ("EXCH", "EXPR")
        )
    return _plain(
        f'<Response xmlns="{OUTLOOK}"><User><DisplayName>{escape(known[address])}</DisplayName>'
        f"<AutoDiscoverSMTPAddress>{escape(address)}</AutoDiscoverSMTPAddress></User>"
        f"<Account>{where}</Account></Response>"
    )


def _plain(response: str) -> bytes:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{head}<Autodiscover xmlns="{RESPONSE}">{response}</Autodiscover>'.encode()


def soap(discovery: Discovery, known: dict[str, str], request: Element, build: str) -> bytes:
    """The answer to GetUserSettings. `build`: the attributes of the version header."""
    names = {"a": SOAP}
    asked = request.findall(".//a:RequestedSettings/a:Setting", names)
    users = request.findall(".//a:Users/a:User/a:Mailbox", names)
    answers = [_user(discovery, known, user.text or "", asked) for user in users]
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
        f'<h:ServerVersionInfo xmlns:h="{SOAP}">{build}</h:ServerVersionInfo></s:Header><s:Body>'
        f'<GetUserSettingsResponseMessage xmlns="{SOAP}"><Response'
        ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ErrorCode>NoError</ErrorCode>'
        f"<ErrorMessage/><UserResponses>{''.join(answers)}</UserResponses></Response>"
        "</GetUserSettingsResponseMessage></s:Body></s:Envelope>"
    ).encode()


def _user(discovery: Discovery, known: dict[str, str], address: str, asked: list[Element]) -> str:
    address = address.strip().lower()
    code, words, target, settings = "NoError", "No error.", "", ""
    if address not in known:
        code, words = "InvalidUser", "Invalid user: '" + escape(address) + "'"
    elif discovery.moved_address:
        code, words, target = "RedirectAddress", "Redirection address.", discovery.moved_address
    elif discovery.moved_url:
        code, words, target = "RedirectUrl", "Redirection URL.", discovery.moved_url
    else:
        values = {
            "UserDisplayName": known[address],
            "AutoDiscoverSMTPAddress": address,
            "InternalEwsUrl": discovery.url,
            "ExternalEwsUrl": discovery.url,
            "EwsSupportedSchemas": "Exchange2007, Exchange2007_SP1, Exchange2010",
        }
        settings = "".join(
            f'<UserSetting i:type="StringSetting"><Name>{each.text}</Name>'
            f"<Value>{escape(values[each.text])}</Value></UserSetting>"
            for each in asked
            if each.text in values
        )
    return (
        f"<UserResponse><ErrorCode>{code}</ErrorCode><ErrorMessage>{words}</ErrorMessage>"
        f"<RedirectTarget>{escape(target)}</RedirectTarget><UserSettingErrors/>"
        f"<UserSettings>{settings}</UserSettings></UserResponse>"
    )
