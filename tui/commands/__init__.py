"""Commands: everything a person can do here, one small class each.

A command is a message. Its class is the only place where its key, its words and its help stand;
the binding, the action, the palette entry, the row of the help, the word in the footer and the id
in the user's key map all follow from it. The modules of this package hold all commands there are.
"""

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key
from textual.message import Message
from textual.screen import Screen

from words import Phrase, _

FRAGILE_KEYS = frozenset({f"ctrl+{c}" for c in "abhijmqsz"} | {"shift+enter", "ctrl+enter"})
"""Keys that tmux, terminals or flow control eat: never the only way to a command."""

_KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "backspace": "Backspace",
}
_REGISTRY: dict[str, type["Command"]] = {}


class Command(Message):
    """The base of all commands; a subclass needs a docstring, which is its help, and a title.

    Handled like any message, by a method named after the class (`on_accept_request`) on the
    widget or screen that lists it in `COMMANDS`, or on one above.
    """

    title: ClassVar[Phrase]
    """What it does, verb first: "Accept request"."""
    keys: ClassVar[str] = ""
    """Keys that run it, comma separated, the one to show first; empty: by the palette only."""
    footer: ClassVar[Phrase | None] = None
    """Its short name in the footer; None: not there. Neighbours with equal names are joined."""
    danger: ClassVar[bool] = False
    """Deletes, cancels or tells others: its button is marked."""
    id: ClassVar[str] = ""
    """Its name in the user's key map, from the class name: `accept-request`."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Put the class into the registry, unless it is a base of others (has no title)."""
        super().__init_subclass__(**options)
        if "title" not in cls.__dict__:
            return
        cls.id = "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")
        known = _REGISTRY.setdefault(cls.id, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two commands are called {cls.id}: {known!r} and {cls!r}")
        _REGISTRY[cls.id] = cls

    @classmethod
    def place(cls) -> str:
        """The module of this package that it lies in: its place, for headings and conflicts."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def message(cls) -> str:
        """The help text as it stands in the catalogue: the docstring on one line."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @classmethod
    def help(cls) -> str:
        """The help text in the current language."""
        return _(cls.message())

    @classmethod
    def binding(cls) -> Binding:
        """The binding that follows from the command; it needs `keys`."""
        return Binding(
            cls.keys,
            f"command('{cls.id}')",
            cls.title.message,
            show=cls.footer is not None,
            tooltip=cls.message(),
            id=cls.id,
        )


def command(id: str) -> type[Command]:
    """The command of that id."""
    return _REGISTRY[id]


def every() -> list[type[Command]]:
    """Every command there is, by place and then as they stand there."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    mine = (c for c in _REGISTRY.values() if c.__module__.startswith(f"{__name__}."))
    return sorted(mine, key=lambda c: c.__module__)


def key_names(keys: str) -> list[str]:
    """The keys of a comma-separated list as Textual names them: "?,f1" is question_mark, f1."""
    return [binding.key for binding in Binding.make_bindings([Binding(keys, "")])] if keys else []


def key_text(key: str) -> str:
    """A key as people read it: `question_mark` is "?", `escape` is "Esc"."""
    *modifiers, last = key.split("+")
    shown = _KEY_NAMES.get(last) or format_key(last)
    if len(shown) > 1 and shown[0] == "f" and shown[1:].isdigit():
        shown = shown.upper()
    return "+".join([*modifiers, shown])


class Applying:
    """A command that applies now: on which node, by which keys, and whether it would run."""

    __slots__ = ("command", "enabled", "keys", "node")

    def __init__(self, command: type[Command], node: DOMNode, keys: list[str], enabled: bool):
        self.command = command
        self.node = node
        self.keys = keys
        self.enabled = enabled

    @property
    def key(self) -> str:
        """The first key, as people read it; empty where there is none."""
        return key_text(self.keys[0]) if self.keys else ""

    @property
    def word(self) -> str:
        """Its short name on a button or in the last line."""
        node = self.node
        return node.word_of(self.command) if isinstance(node, Commands) else ""

    def run(self) -> None:
        """Send the command from its node, if it applies there."""
        if self.enabled:
            self.node.post_message(self.command())


def own(node: "Commands") -> list[Applying]:
    """The commands of `node` itself that may show there, whatever has the focus."""
    found: dict[str, Applying] = {}
    taken: set[str] = set()
    for cls in type(node).__mro__:
        mine = cls.__dict__.get("COMMANDS", ()) if issubclass(cls, Commands) else ()
        for each in mine:
            keys = [key for key in node.keys_of(each) if key not in taken]
            applies = node.applies(each)
            if each.id not in found and applies is not False and (keys or not each.keys):
                found[each.id] = Applying(each, node, keys, bool(applies))
                taken.update(keys)
    return list(found.values())


def applying(screen: Screen[Any]) -> list[Applying]:
    """The commands that apply on `screen` now: those of the focus first, then up to the app."""
    reached = {
        (node, binding.id, key): enabled
        for key, (node, binding, enabled, _tooltip) in screen.active_bindings.items()
    }
    enter = screen.active_bindings.get("enter")
    if enter is not None and enter.binding.action == "submit":
        # Enter in a text field means the dialog that it is in.
        dialog: DOMNode = screen
        mine = own(dialog) if screen.is_modal and isinstance(dialog, Commands) else []
        reached |= {(dialog, each.command.id, "enter"): each.enabled for each in mine}
    found: dict[str, Applying] = {}
    for node in screen.focused.ancestors_with_self if screen.focused else (screen, screen.app):
        for entry in own(node) if isinstance(node, Commands) else ():
            keys = [key for key in entry.keys if (node, entry.command.id, key) in reached]
            if keys or not entry.command.keys:
                found.setdefault(entry.command.id, entry)
                entry.keys = keys
        if node.is_modal:
            break
    return list(found.values())


if TYPE_CHECKING:
    _Node = DOMNode
else:
    _Node = object


class Commands(_Node):
    """Mix into a widget, screen or app, before its Textual base, to give it `COMMANDS`."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Make the bindings of the class from its commands."""
        if "COMMANDS" in cls.__dict__:
            cls.BINDINGS = [command.binding() for command in cls.COMMANDS if command.keys]
        super().__init_subclass__(**options)

    def applies(self, command: type[Command]) -> bool | None:
        """Whether `command` applies here now; False hides it, None shows it as not possible.

        Call `refresh_bindings()` when the answer changes.
        """
        return True

    def word_of(self, command: type[Command]) -> str:
        """The short name of `command` on a button or in the last line, as things stand now."""
        return str(command.footer)

    def keys_of(self, command: type[Command]) -> list[str]:
        """The keys of `command`, as Textual names them, after the user's key map."""
        keymap: dict[str, str] = getattr(self.app, "user_keys", {})
        return key_names(keymap.get(command.id, command.keys))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ask `applies` for commands; everything else is as Textual has it."""
        if action == "command" and parameters:
            return self.applies(command(str(parameters[0])))
        return super().check_action(action, parameters)

    def action_command(self, id: str) -> None:
        """Send the command of that id from here; it bubbles up to whoever handles it."""
        self.post_message(command(id)())
