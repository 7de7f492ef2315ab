"""Connecting and disconnecting accounts, their inboxes, and how healthy they are."""

import asyncio
from typing import TYPE_CHECKING

import msgspec

from desk import clouds, exchange
from desk.accounts import ExchangeAccount, check_caldav, check_caldav_server, check_feed
from desk.attempt import Attempt
from desk.domains import locate
from desk.folders import folder_path
from desk.holdings import (
    add_shared_inbox,
    forget,
    put_calendars,
    put_inbox,
    remove_inbox,
    set_inbox,
)
from desk.overview import ConnectionView, Overview, overview
from desk.reach import BUILT, SIGNED_IN, reach
from desk.records import document, record, records
from desk.tokens import KeptTokens, alone
from providers.base import CalendarProvider
from scheduling.checks import check_email
from scheduling.connections import (
    VENDORS,
    Calendar,
    Connection,
    Inbox,
    Kind,
    Use,
    connection_refusal,
    is_account,
    legacy_pair_ends,
)
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import BusyMatrix
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

__all__ = ["BUILT", "ConnectionView", "Connections", "Overview"]
_WITH_INBOX = {Kind.GOOGLE, Kind.OFFICE365, Kind.EXCHANGE}
"""Kinds of account that an inbox belongs to (S14)."""


class Connections:
    """The accounts whose calendars are connected."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._open: dict[str, CalendarProvider] = {}

    # Inside a read or a transaction:

    def overview_in(self, store: Store) -> Overview:
        """Connections, their calendars and health, and the mode that follows for pages."""
        limit = self._desk.settings.preferences_in(store).fresh * 60
        return overview(store, self._desk.clock.now(), limit)

    # For the faces:

    async def overview(self) -> Overview:
        """What is connected, and how healthy it is."""
        return await self._desk.read(self.overview_in)

    async def inboxes(self) -> list[Inbox]:
        """The addresses of the e-mail integration."""
        return records(Inbox, await self._desk.read(lambda store: store.inboxes.all()))

    async def refusal(
        self, kind: Kind, address: str = "", use: Use = Use.BOTH
    ) -> KobleError | None:
        """Why such an account cannot be connected now (permission, shared inbox, one account)."""
        return await self._desk.read(lambda store: self._refusal_in(store, kind, address, use))

    def _refusal_in(self, store: Store, kind: Kind, address: str, use: Use) -> KobleError | None:
        return connection_refusal(
            self._desk.settings.profile_in(store),
            records(Inbox, store.inboxes.all()),
            records(Connection, store.connections.all()),
            kind=kind,
            address=address,
            use=use,
        )

    async def connect_local(self, path: str, *, use: Use = Use.BOTH) -> Connection:
        """Connect a folder of calendar folders on this computer, and read it once.

        Raises:
            KobleError: the folder is not there, not readable or no folder; or `refusal`.
        """
        folder = folder_path(path)
        return await self.connect(Kind.LOCAL, address=folder, options={"path": folder}, use=use)

    async def connect_caldav(
        self,
        url: str,
        username: str,
        password: str,
        *,
        allow_local: bool = False,
        fingerprint: str = "",
        use: Use = Use.BOTH,
    ) -> Connection:
        """Connect an account on a CalDAV server; one that is connected signs in again.

        Args:
            url: the server, the account's own address on it, a domain that says where its server
                is, or an e-mail address there.
            username: as the server knows it.
            password: kept among the secrets, and nowhere else.
            allow_local: the server may be this computer, or in a private network.
            fingerprint: SHA-256 of the one certificate by which a private server is known.
            use: what it serves (S15).

        Raises:
            KobleError: what is wrong with the texts, `refusal`, or what the server says.
        """
        for error in check_caldav(url=url, username=username, password=password).values():
            raise error
        typed = check_caldav_server(url)
        options = {"url": await locate(typed), "username": username.strip()}
        options |= {"local": "yes"} if allow_local else {}
        options |= {"fingerprint": fingerprint.strip()} if fingerprint.strip() else {}
        secret = {"password": password}
        self._desk.vault.retry()
        for each in records(Connection, await self._desk.read(lambda s: s.connections.all())):
            known = each.options.get("url") in (typed, options["url"])
            same = known and each.options.get("username") == options["username"]
            if each.kind is Kind.CALDAV and same:
                return await self.renew(each, options, secret)
        return await self.connect(Kind.CALDAV, address="", options=options, use=use, secret=secret)

    async def connect_exchange(
        self,
        account: ExchangeAccount,
        password: str,
        *,
        full: bool = False,
        allow_local: bool = False,
        fingerprint: str = "",
        use: Use = Use.BOTH,
    ) -> Connection:
        """Connect an account on an Exchange server; one that is connected signs in again.

        Args:
            account: as `desk.accounts.check_exchange` made it; what is empty is found.
            password: kept among the secrets, and nowhere else.
            full: lift the limits of S20 to S23 at once.
            allow_local: the server may be this computer, or in a private network.
            fingerprint: SHA-256 of a certificate that is trusted for this connection alone.
            use: what it serves (S15).

        Raises:
            KobleError: `refusal`, or what the server says; `desk.exchange.UnknownCertificate`.
        """
        return await exchange.connect(
            self._desk,
            account,
            password,
            full=full,
            allow_local=allow_local,
            fingerprint=fingerprint,
            use=use,
        )

    async def connect_cloud(self, attempt: Attempt, *, use: Use = Use.BOTH) -> Connection:
        """Connect the account that signed in; one that is connected goes on with the new sign-in.

        `attempt` has answered before. What was granted goes back to the vendor where this fails.

        Raises:
            KobleError: `refusal`, with the address that in fact signed in; or what the vendor says.
        """
        return await clouds.connect(self._desk, attempt, use)

    async def sign_in_again(self, connection_id: str, attempt: Attempt) -> Connection:
        """Have a connection go on with a new sign-in of the same account.

        Raises:
            KobleError: conflict, where another account signed in; or what the vendor says.
        """
        connection = await self._desk.read(lambda store: self._get(store, connection_id))
        return await clouds.sign_in_again(self._desk, connection, attempt)

    async def renew(
        self,
        connection: Connection,
        options: dict[str, str],
        secret: dict[str, str],
        *,
        expected: str = "",
    ) -> Connection:
        """Try another secret on a connection, and keep it where it is right."""
        tried = msgspec.structs.replace(connection, options=options, needs_sign_in=False)
        provider = await self.reach(tried, secret)

        def commit(store: Store) -> Connection:
            now = self._get(store, connection.id)  # others may have changed it, or let go of it
            now = msgspec.structs.replace(
                now, options=options, expected=expected or now.expected, needs_sign_in=False
            )
            store.connections.put(document(now))
            return now

        try:
            await provider.identity()
            # Nobody puts what the old secret led to over it; whoever disconnects, wipes after this.
            async with alone(self._desk):
                await self._desk.read(lambda store: self._get(store, connection.id))
                await self._desk.vault.set(connection.id, secret)
            renewed = await self._desk.write(commit)
        except BaseException:
            await provider.close()
            raise
        if old := self._open.pop(connection.id, None):
            await old.close()
        self._open[connection.id] = provider
        await self._desk.sync.now()
        return renewed

    async def subscribe(self, url: str, *, allow_local: bool = False) -> Connection:
        """Have a published calendar keep times away; it stands beside the account (not S15).

        Raises:
            KobleError: what is wrong with the address, `refusal`, or what is not a calendar.
        """
        options = {"url": check_feed(url)} | ({"local": "yes"} if allow_local else {})
        return await self.connect(Kind.SUBSCRIPTION, address="", options=options)

    async def connect(
        self,
        kind: Kind,
        *,
        address: str,
        options: dict[str, str],
        expected: str = "",
        use: Use = Use.BOTH,
        secret: dict[str, str] | None = None,
    ) -> Connection:
        """Connect an account that can be reached now: check, list its calendars, read them.

        `secret` is what it signs in with, and is kept among the secrets. `expected` is the address
        that ought to be connected, where that is not `address`.

        Raises:
            KobleError: `refusal`, or whatever the provider says.
        """
        if refusal := await self.refusal(kind, address, use):
            raise refusal
        connection = Connection(
            id=self._desk.ids(),
            kind=kind,
            address=address,
            made_at=self._desk.clock.now(),
            use=use,
            options=options,
        )
        provider = await self.reach(connection, secret)
        try:
            identity = await provider.identity()
            found = await provider.calendars()
        except BaseException:
            await provider.close()
            raise
        connection = msgspec.structs.replace(
            connection, address=identity.address, expected=expected or address
        )

        def commit(store: Store) -> None:
            # Looked at again inside the transaction: two terminals may connect at once.
            if refusal := self._refusal_in(store, kind, connection.address, use):
                raise refusal
            store.connections.put(document(connection))
            put_calendars(store, self._desk.ids, connection, found)
            if kind in _WITH_INBOX:
                put_inbox(store, self._desk.ids, connection)
            self._desk.log.add(
                store,
                Phrase("Calendar connected: {address}.", address=connection.address),
                subject=connection.id,
            )

        try:
            if secret is not None:
                await self._desk.vault.set(connection.id, secret)
            await self._desk.write(commit)
            self._open[connection.id] = provider
            await self._desk.sync.now()
        except asyncio.CancelledError:
            # Given up before the first read: nothing stays half connected. What was begun on the
            # store's thread ends there before this does.
            await self._desk.write(lambda store: forget(store, connection.id))
            await self._close(connection, provider)
            raise
        except BaseException:
            await self._close(connection, provider)
            raise
        return connection

    async def _close(self, connection: Connection, provider: CalendarProvider) -> None:
        self._open.pop(connection.id, None)
        await provider.close()
        await self._drop_secret(connection)

    async def _drop_secret(self, connection: Connection) -> None:
        """Forget what a connection signed in with; where that cannot be, the log says so."""
        if connection.kind not in SIGNED_IN:
            return
        try:
            async with alone(self._desk):
                await self._desk.vault.delete(connection.id)
        except KobleError as error:
            kept = Phrase(
                "The password of {address} could not be deleted: {why}",
                address=connection.address,
                why=str(error),
            )
            await self._desk.write(
                lambda store: self._desk.log.add(store, kept, subject=connection.id)
            )

    async def disconnect(self, connection_id: str) -> Phrase | None:
        """Forget an account: its calendars, events and password go, bookings stay (S15).

        What was granted in a cloud is given back. Returns why that could not be, if it could not.
        """

        def commit(store: Store) -> Connection:
            connection = self._get(store, connection_id)
            pair = records(Connection, store.connections.all())
            forget(store, connection_id)
            profile = self._desk.settings.profile_in(store)
            now = self._desk.clock.now()
            if is_account(connection) and legacy_pair_ends(profile, pair, now):
                profile = msgspec.structs.replace(profile, legacy_pair_ended=True)
                store.settings.put({"id": "profile", "value": document(profile)})
            self._desk.log.add(
                store,
                Phrase("Calendar disconnected: {address}.", address=connection.address),
                subject=connection_id,
            )
            return connection

        connection = await self._desk.write(commit)
        if provider := self._open.pop(connection_id, None):
            await provider.close()
        left = None
        if connection.kind in VENDORS and (left := await clouds.withdraw(self._desk, connection)):
            said = left
            await self._desk.write(
                lambda store: self._desk.log.add(store, said, subject=connection_id)
            )
        await self._drop_secret(connection)
        return left

    async def change(
        self,
        connection_id: str,
        *,
        matrix: BusyMatrix | None = None,
        full_exchange: bool | None = None,
    ) -> Connection:
        """Change what counts as busy on a connection, or lift Exchange's limits."""

        def commit(store: Store) -> Connection:
            connection = self._get(store, connection_id)
            if matrix is not None:
                connection = msgspec.structs.replace(connection, matrix=matrix)
            if full_exchange is not None:
                connection = msgspec.structs.replace(connection, full_exchange=full_exchange)
            store.connections.put(document(connection))
            return connection

        return await self._desk.write(commit)

    async def set_inbox(self, inbox_id: str, *, connected: bool) -> Inbox:
        """Connect or disconnect an inbox; the calendar of its connection stays (S14)."""
        return await self._desk.write(lambda store: set_inbox(store, inbox_id, connected=connected))

    async def add_shared_inbox(self, address: str) -> Inbox:
        """Note an address as a shared inbox of the conversations tool (S13)."""
        address = check_email(address)
        ids = self._desk.ids
        return await self._desk.write(lambda store: add_shared_inbox(store, ids, address))

    async def remove_inbox(self, inbox_id: str) -> None:
        """Forget an inbox that no connection holds."""
        await self._desk.write(lambda store: remove_inbox(store, inbox_id))

    async def note_read(self, connection_id: str, error: str, *, signed_out: bool = False) -> None:
        """Remember how a read of the connection went (`error` empty: well).

        `signed_out`: the vendor did not take the sign-in; so it stays until a read goes well.
        """
        now = self._desk.clock.now()

        def commit(store: Store) -> None:
            found = store.connections.by_id(connection_id)
            if found is None:
                return
            connection = record(Connection, found)
            store.connections.put(
                document(
                    msgspec.structs.replace(
                        connection,
                        read_at=connection.read_at if error else now,
                        reads=((now, error), *connection.reads)[:5],
                        needs_sign_in=bool(error) and (signed_out or connection.needs_sign_in),
                    )
                )
            )

        await self._desk.write(commit)

    async def relist(self, connection_id: str) -> None:
        """Ask the vendor for its list of calendars again, and store it."""
        connection = await self._desk.read(lambda store: self._get(store, connection_id))
        provider = await self.provider(connection)
        found = await provider.calendars()

        def commit(store: Store) -> None:
            if store.connections.by_id(connection_id) is None:
                return
            known = {
                (c["native"], c["name"], c.get("color", ""), c.get("writable", True))
                for c in store.calendars.where("connection", connection_id)
            }
            if known != {(i.native, i.name, i.color, i.writable) for i in found}:
                put_calendars(store, self._desk.ids, connection, found)

        await self._desk.write(commit)

    async def provider(self, connection: Connection) -> CalendarProvider:
        """The provider of `connection`, made once and kept until it is disconnected."""
        if connection.id not in self._open:
            secret = None
            if connection.kind in SIGNED_IN:
                secret = await self._desk.vault.get(connection.id)
            if connection.id not in self._open:  # nobody was quicker meanwhile
                self._open[connection.id] = await self.reach(connection, secret)
        return self._open[connection.id]

    async def reach(
        self, connection: Connection, secret: dict[str, str] | None
    ) -> CalendarProvider:
        """A provider of `connection` that signs in with `secret`; whoever asks closes it."""
        email = (await self._desk.settings.profile()).email
        tokens = None
        if connection.kind in VENDORS and secret is not None:
            tokens = KeptTokens(self._desk, connection, secret)
        return await reach(connection, secret, email, self._desk.clock.now, tokens)

    async def start_anew(self) -> None:
        """Read every calendar from the beginning next time: the owner has another address."""
        await self.close()

        def commit(store: Store) -> None:
            for calendar in records(Calendar, store.calendars.all()):
                store.calendars.put(document(msgspec.structs.replace(calendar, cursor="")))

        await self._desk.write(commit)

    async def close(self) -> None:
        """Let go of every provider."""
        while self._open:
            await self._open.popitem()[1].close()

    @staticmethod
    def _get(store: Store, connection_id: str) -> Connection:
        found = store.connections.by_id(connection_id)
        if found is None:
            raise KobleError(
                ErrorKind.NOT_FOUND, Phrase("There is no such connection."), field="connection"
            )
        return record(Connection, found)
