"""The double of an Exchange server, driven by the library that real servers are driven by."""

import base64
from collections.abc import Callable
from pathlib import Path

import exchangelib
import pytest
import requests
import spnego
from exchangelib import errors
from exchangelib.protocol import close_connections
from exchangelib.services import GetFolder, GetUserSettings
from exchangelib.transport import BASIC, NTLM
from lxml import etree
from spnego._ntlm_raw.messages import AvId, Challenge

from tests.vendors import exchange_faults as faults
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import (
    BUILDS,
    EXCHANGE_2010_SP2,
    EXCHANGE_2016,
    PASSWORD,
    Build,
    Exchange,
    exchange,
)
from tests.vendors.exchange_client import (
    ADA,
    OSLO,
    at,
    connect,
    event,
    view,
)
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_schema import MISSING, Schema
from tests.vendors.exchange_words import MESSAGES, NAMES


def test_the_schema_is_at_hand() -> None:
    if not Schema().here:
        pytest.skip(MISSING)
    assert Schema().faults(etree.Element(f"{{{MESSAGES}}}GetItem"))


def test_without_the_schema_it_works_and_checks_nothing(tmp_path: Path) -> None:
    assert Schema(tmp_path / "none.xsd").faults(etree.Element("nonsense")) == []


@pytest.mark.parametrize("name", [ADA, "ada", "CORP\\ada", "ADA@example.org"])
@pytest.mark.parametrize("auth", [BASIC, NTLM, None])
def test_people_are_known_by_each_form_of_their_name(
    server: Exchange, name: str, auth: str | None
) -> None:
    assert connect(server, name, auth).calendar.name == "Calendar"
    assert {right for _, right in server.accounts.tried} == {True}


@pytest.mark.parametrize("auth", [BASIC, NTLM])
def test_a_wrong_password_is_refused(server: Exchange, auth: str) -> None:
    with pytest.raises(errors.UnauthorizedError):
        connect(server, auth=auth, password="wrong").calendar.refresh()
    assert (server.accounts.tried, server.asked) == ([(ADA, False)], [])


def test_a_form_that_is_not_taken_is_refused(server: Exchange) -> None:
    server.accounts.accounts[0].forms = frozenset({"domain"})
    with pytest.raises(errors.UnauthorizedError):
        connect(server).calendar.refresh()
    close_connections()
    assert connect(server, "CORP\\ada").calendar.name == "Calendar"


def test_it_names_its_domain_to_who_begins_the_handshake(server: Exchange) -> None:
    client = spnego.client("nobody", "none", protocol="ntlm")
    token = base64.b64encode(client.step() or b"").decode()
    answer = requests.post(server.url, headers={"Authorization": f"NTLM {token}"}, timeout=20)
    said = base64.b64decode(answer.headers["WWW-Authenticate"].partition(" ")[2])
    info = Challenge.unpack(said).target_info
    assert answer.status_code == 401
    assert info is not None
    assert info[AvId.nb_domain_name] == "CORP"


def test_who_has_not_said_who_they_are_is_told_how() -> None:
    with exchange(schemes=("Negotiate", "NTLM")) as server:
        answer = requests.post(server.url, data=b"", timeout=20)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Negotiate, NTLM")


@pytest.mark.parametrize("auth", [BASIC, NTLM])
def test_a_certificate_of_its_own_is_not_trusted_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    certificate = self_signed(tmp_path)
    with exchange(certificate=certificate) as server:
        server.account(ADA)
        with pytest.raises(errors.TransportError, match="CERTIFICATE_VERIFY_FAILED"):
            connect(server, auth=auth).calendar.refresh()
        close_connections()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.path))
        assert connect(server, auth=auth).calendar.name == "Calendar"
        close_connections()
        assert server.violations == []


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: f"{build.major}.{build.minor}")
def test_each_version_says_which_it_is(build: Build) -> None:
    with exchange(build) as server:
        server.account(ADA)
        version = connect(server).version
        assert str(version.build) == ".".join(map(str, build[:4]))
        assert version.api_version == build.api
        close_connections()
        assert server.violations == []


def test_a_request_of_a_newer_version_is_refused() -> None:
    with exchange(EXCHANGE_2010_SP2) as server:
        server.account(ADA)
        text = (
            f'<s:Envelope xmlns:s="{NAMES["s"]}" xmlns:t="{NAMES["t"]}" xmlns:m="{NAMES["m"]}">'
            '<s:Header><t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>'
            "<m:GetItem/></s:Body></s:Envelope>"
        )
        answer = requests.post(server.url, data=text, auth=(ADA, PASSWORD), timeout=20)
        assert answer.status_code == 500
        assert b"<faultcode" in answer.content
        assert b"ErrorInvalidServerVersion" in answer.content


def test_what_the_schema_does_not_allow_is_refused_and_noted() -> None:
    with exchange() as server:
        if not server.schema.here:
            pytest.skip(MISSING)
        server.account(ADA)
        text = (
            f'<s:Envelope xmlns:s="{NAMES["s"]}" xmlns:m="{NAMES["m"]}">'
            "<s:Body><m:GetItem/></s:Body></s:Envelope>"
        )
        answer = requests.post(server.url, data=text, auth=(ADA, PASSWORD), timeout=20)
        assert b"ErrorSchemaValidation" in answer.content
        assert len(server.violations) == 1


def test_the_calendars_of_others_are_read_only_where_they_allow_it(
    server: Exchange, account: exchangelib.Account
) -> None:
    bo = server.account("bo@example.org")
    theirs = exchangelib.Account(
        "bo@example.org",
        config=account.protocol.config,
        access_type=exchangelib.DELEGATE,
        default_timezone=OSLO,
    )
    with pytest.raises(errors.ErrorAccessDenied):
        theirs.calendar.refresh()
    bo.readers.add(ADA)
    assert theirs.calendar.name == "Calendar"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.unauthorized, errors.UnauthorizedError),
        (faults.forbidden, errors.MalformedResponseError),
        (faults.webmail, errors.RedirectError),
        (lambda: faults.fault("ErrorInternalServerError", "No."), errors.ErrorInternalServerError),
        (faults.unavailable, errors.ErrorServerBusy),
        (faults.busy, errors.ErrorServerBusy),
        (faults.busy_inside, errors.ErrorServerBusy),
        (faults.reset, errors.ErrorTimeoutExpired),
        (faults.empty, errors.MalformedResponseError),
        (faults.laughs, errors.SOAPError),
        (faults.page, errors.MalformedResponseError),
    ],
)
def test_what_goes_wrong_on_the_way_arrives_as_it_would(
    server: Exchange,
    account: exchangelib.Account,
    fault: Callable[[], faults.Fault],
    error: type[Exception],
) -> None:
    account.calendar.refresh()
    server.faults.add(fault(), "GetFolder")
    with pytest.raises(error):
        account.calendar.refresh()
    account.calendar.refresh()


def test_half_an_answer_says_it_is_whole(
    server: Exchange, account: exchangelib.Account, box: Mailbox
) -> None:
    event(account).save()
    server.faults.add(faults.truncated(), "CreateItem")
    answer = requests.post(server.url, data=server.requests[-1], auth=(ADA, PASSWORD), timeout=20)
    assert (answer.status_code, len(box.calendar.here)) == (200, 2)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(answer.content)


def test_what_went_wrong_was_not_done_and_what_was_lost_was(
    server: Exchange, account: exchangelib.Account, box: Mailbox
) -> None:
    account.calendar.refresh()
    server.faults.add(faults.unavailable(30), "CreateItem")
    with pytest.raises(errors.ErrorServerBusy):
        event(account).save()
    assert box.calendar.here == []
    server.faults.add(faults.reset(), "CreateItem")
    with pytest.raises(errors.ErrorTimeoutExpired):
        event(account).save()
    assert len(box.calendar.here) == 1


def test_what_hangs_does_so_until_it_is_released(
    server: Exchange, account: exchangelib.Account
) -> None:
    account.calendar.refresh()
    hanging = server.faults.add(faults.hang(), "GetFolder")
    service = GetFolder(account=account, timeout=0.05)
    with pytest.raises(errors.ErrorTimeoutExpired):
        service.get(folders=[account.calendar], additional_fields=set(), shape="IdOnly")
    assert hanging.begun.is_set()
    hanging.released.set()
    account.calendar.refresh()


POX = (
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema'
    '/2006"><Request><EMailAddress>{}</EMailAddress><AcceptableResponseSchema>http://schemas.'
    "microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>"
    "</Request></Autodiscover>"
)


def discovered(server: Exchange, address: str = ADA) -> str:
    answer = requests.post(
        f"{server.origin}/autodiscover/autodiscover.xml",
        data=POX.format(address),
        auth=(ADA, PASSWORD),
        timeout=20,
    )
    return answer.text


def test_the_place_of_a_mailbox_is_told_in_plain_xml(server: Exchange) -> None:
    assert f"<EwsUrl>{server.url}</EwsUrl>" in discovered(server)
    assert "<ErrorCode>500</ErrorCode>" in discovered(server, "nobody@example.org")
    server.discovery.moved_address = "ada@example.com"
    assert "<RedirectAddr>ada@example.com</RedirectAddr>" in discovered(server)


def test_the_place_of_a_mailbox_is_told_in_soap(server: Exchange) -> None:
    config = exchangelib.Configuration(
        service_endpoint=f"{server.origin}/autodiscover/autodiscover.svc",
        credentials=exchangelib.Credentials(ADA, PASSWORD),
        auth_type=BASIC,
    )
    protocol = exchangelib.autodiscover.AutodiscoverProtocol(config=config)
    settings = ["auto_discover_smtp_address", "external_ews_url"]
    found = GetUserSettings(protocol=protocol).get(users=[ADA], settings=settings)
    assert (found.ews_url, found.autodiscover_smtp_address) == (server.url, ADA)
    server.discovery.moved_url = "https://elsewhere.example/autodiscover.svc"
    moved = GetUserSettings(protocol=protocol).get(users=[ADA], settings=settings)
    assert moved.redirect_url == "https://elsewhere.example/autodiscover.svc"
    protocol.close()


def test_who_only_looks_is_sent_elsewhere_where_that_is_set(server: Exchange) -> None:
    server.discovery.elsewhere = "https://mail.example.net/autodiscover/autodiscover.xml"
    answer = requests.get(
        f"{server.origin}/autodiscover/autodiscover.xml", allow_redirects=False, timeout=20
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, server.discovery.elsewhere)


def test_a_folder_that_cannot_be_had_says_why(account: exchangelib.Account, box: Mailbox) -> None:
    account.calendar.refresh()
    box.calendar.shut = "ErrorMailboxStoreUnavailable"
    with pytest.raises(errors.ErrorMailboxStoreUnavailable):
        list(account.calendar.sync_items())
    with pytest.raises(errors.ErrorMailboxStoreUnavailable):
        view(account, at(6, 1), at(7, 1))


def test_a_broken_item_leaves_its_neighbours(account: exchangelib.Account, box: Mailbox) -> None:
    event(account, subject="Good").save()
    box.put("Bad", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z").broken = "ErrorItemCorrupt"
    good, bad = account.fetch(ids=list(account.calendar.all().only("id").order_by("subject"))[::-1])
    assert good.subject == "Good"
    assert isinstance(bad, errors.ErrorItemCorrupt)


def test_two_servers_know_nothing_of_each_other(server: Exchange) -> None:
    with exchange(EXCHANGE_2016) as other:
        other.account(ADA)
        assert connect(other).version.build.minor_version == 1
        assert connect(server).version.build.minor_version == 2
        close_connections()
