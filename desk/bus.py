"""How faces hear that something changed."""

from collections.abc import Callable, Collection
from contextlib import suppress

Listener = Callable[[frozenset[str]], None]


class Bus:
    """Tells its listeners the names of the tables that changed, on the desk's own loop."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change from now on; the returned function ends that."""
        self._listeners.append(listener)

        def leave() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    def publish(self, tables: Collection[str]) -> None:
        """Tell everyone that these tables changed."""
        changed = frozenset(tables)
        if changed:
            for listener in tuple(self._listeners):
                listener(changed)
