"""The addresses of the e-mail integration: inboxes."""

from typing import Any

from cli.call import Call
from cli.output import Answer, Table
from scheduling.connections import Inbox
from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from words import Phrase, _


async def list_all(call: Call) -> Answer:
    """Every inbox."""
    inboxes = await call.desk.connections.inboxes()
    table = Table(
        (_("Address"), _("Kind"), _("State")),
        [
            (
                each.address,
                _("shared") if each.shared else _("personal"),
                _("connected") if each.connected else _("not connected"),
            )
            for each in inboxes
        ],
    )
    empty = _("There are no inboxes: connecting a mail account's calendar connects its inbox.")
    return Answer({"inboxes": [_data(each) for each in inboxes]}, [table if inboxes else empty])


async def connect(call: Call) -> Answer:
    """Connect an inbox again."""
    return await _set(call, connected=True)


async def disconnect(call: Call) -> Answer:
    """Disconnect an inbox; its calendar stays."""
    return await _set(call, connected=False)


async def _set(call: Call, *, connected: bool) -> Answer:
    found = await _chosen(call)
    inbox = await call.desk.connections.set_inbox(found.id, connected=connected)
    said = (
        _("Inbox connected: {address}.", address=inbox.address)
        if connected
        else _("Inbox disconnected: {address}.", address=inbox.address)
    )
    return Answer({"inbox": _data(inbox)}, [said])


async def share(call: Call) -> Answer:
    """Note an address as a shared inbox."""
    inbox = await call.desk.connections.add_shared_inbox(call.args.address)
    return Answer(
        {"inbox": _data(inbox)}, [_("Shared inbox noted: {address}.", address=inbox.address)]
    )


async def remove(call: Call) -> Answer:
    """Forget an inbox that no calendar belongs to."""
    inbox = await _chosen(call)
    await call.desk.connections.remove_inbox(inbox.id)
    return Answer(
        {"inbox": _data(inbox), "removed": True},
        [_("Inbox forgotten: {address}.", address=inbox.address)],
    )


async def _chosen(call: Call) -> Inbox:
    wanted = call.args.address.strip().casefold()
    for each in await call.desk.connections.inboxes():
        if each.address.casefold() == wanted:
            return each
    raise KobleError(
        ErrorKind.NOT_FOUND,
        Phrase("There is no inbox {address}.", address=clean(call.args.address, limit=60)),
        Phrase("See koble inboxes."),
        field="address",
    )


def _data(inbox: Inbox) -> dict[str, Any]:
    return {
        "id": inbox.id,
        "address": inbox.address,
        "shared": inbox.shared,
        "connected": inbox.connected,
        "connection": inbox.connection or None,
    }
