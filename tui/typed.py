"""Keys one after the other: what is typed behind a key meets what that key brought about.

Textual hands each key to whatever has the focus at that moment, and does what the key is bound to
once it has come back through the queues of all that the focus lies in. Whoever types fast, pastes
into a terminal without brackets or sits on a slow line is quicker than that: letters behind the
key that opens a dialog reached the screen below it, and letters behind ctrl+u were deleted by it.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump

PATIENCE = 3.0
"""Seconds after which the next key is handed over, whatever has become of the one before."""


class TypedApp(App[int]):
    """An app that hands over a key once the one before has had its effect."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[Event] = deque()
        self._last_resort: asyncio.TimerHandle | None = None
        self._held = 0

    @contextmanager
    def keys_wait(self) -> Iterator[None]:
        """Let keys wait for what is done in this, and for the screen that it brings."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self.screen.call_later(self.call_later, self._hand_over):
                self.call_later(self._hand_over)

    async def on_event(self, event: Event) -> None:
        """Let keys, and what is pasted between them, wait for each other."""
        if isinstance(event, (Key, Paste)) and not event.is_forwarded:
            self._typed.append(event)
            await self._hand_over()
        else:
            await super().on_event(event)

    async def _hand_over(self) -> None:
        """Hand over the key that waits longest, unless one is still under way."""
        if self._held or self._last_resort is not None or not self._typed:
            return
        event = self._typed.popleft()
        way = self._way(self.focused or self.screen)
        loop = asyncio.get_running_loop()
        self._last_resort = last_resort = loop.call_later(PATIENCE, self._arrived, None)
        await super().on_event(event)
        self._follow(way, last_resort)

    def _way(self, focused: DOMNode) -> Iterator[MessagePump]:
        """Whose queues a key and its effect go through, one behind the other."""
        # The key itself, up to the app, which does what it is bound to: that is a command,
        # which goes up once more.
        for _ in range(2):
            yield from focused.ancestors_with_self
            yield self
        # It may have opened a dialog; that is composed, and asks the app for the focus.
        yield self.screen
        yield self

    def _follow(self, way: Iterator[MessagePump], last_resort: asyncio.TimerHandle) -> None:
        """Queue up behind the key at the next one on its way; those that have gone are left out."""
        if not any(node.call_later(self._follow, way, last_resort) for node in way):
            self._arrived(last_resort)

    def _arrived(self, last_resort: asyncio.TimerHandle | None) -> None:
        """The key has had its effect (None: it was waited for long enough); to the next."""
        if self._last_resort is None or last_resort not in (None, self._last_resort):
            return  # it was not waited for any more
        self._last_resort.cancel()
        self._last_resort = None
        if self._typed:
            self.call_later(self._hand_over)
