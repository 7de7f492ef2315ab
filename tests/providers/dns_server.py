"""A name server on this computer, that knows what a test tells it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.asyncresolver
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Names(asyncio.DatagramProtocol):
    """`known`: records by name and type, as in a zone file. `asked`: the questions."""

    def __init__(self, known: dict[tuple[str, str], list[str]]) -> None:
        self.known = known
        self.asked: list[tuple[str, str]] = []
        self.silent = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, whom: tuple[str, int]) -> None:
        message = dns.message.from_wire(data)
        [question] = message.question
        key = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append(key)
        answer = dns.message.make_response(message)
        if records := self.known.get(key):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", key[1], *records))
        elif not any(name == key[0] for name, _kind in self.known):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        if not self.silent:
            self._transport.sendto(answer.to_wire(), whom)


@asynccontextmanager
async def names(
    known: dict[tuple[str, str], list[str]],
) -> AsyncIterator[tuple[Names, dns.asyncresolver.Resolver]]:
    """The server, and who asks it."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Names(known), local_addr=("127.0.0.1", 0)
    )
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield server, resolver
    finally:
        transport.close()
