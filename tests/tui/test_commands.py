import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from textual.app import App
from textual.keys import Keys

import tui
from tui.commands import FRAGILE_KEYS, Command, Commands, command, every, key_names, key_text, own
from tui.commands.general import EVERYWHERE
from tui.screens.base import KobleScreen, Modal
from words import Phrase


def classes() -> Iterator[type[Commands]]:
    """Every class of the terminal face that lists commands."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    waiting = [Commands]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if cls.__module__.startswith("tui."):
                yield cls


def commands_of(cls: type) -> list[type[Command]]:
    """Those of the class and its bases, without those whose keys it takes for others."""
    found: list[type[Command]] = []
    taken: set[str] = set()
    for base in cls.__mro__:
        if issubclass(base, Commands):
            own = [c for c in base.__dict__.get("COMMANDS", ()) if c not in found]
            found += [c for c in own if not taken & set(key_names(c.keys))]
            taken |= {key for c in own for key in key_names(c.keys)}
    return found


def keys_twice(commands: list[type[Command]]) -> dict[str, list[str]]:
    by_key: dict[str, list[str]] = {}
    for each in commands:
        for key in key_names(each.keys):
            by_key.setdefault(key, []).append(each.id)
    return {key: ids for key, ids in by_key.items() if len(ids) > 1}


@pytest.mark.parametrize("each", every(), ids=lambda c: c.id)
def test_a_command_says_what_it_does(each: type[Command]) -> None:
    assert each.message().endswith(".")
    assert "!" not in each.message()
    title = each.title.message
    assert title[0].isupper()
    assert not title.endswith(".")
    assert command(each.id) is each
    if each.footer is not None:
        assert not each.footer.message.endswith(".")
        assert len(each.footer.message) <= 40
        assert each.keys, "the footer names keys"


def test_ids_are_unique_and_come_from_the_names() -> None:
    ids = [each.id for each in every()]
    assert len(ids) == len(set(ids)) > 20
    assert command("go-to-meetings").__name__ == "GoToMeetings"


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two commands are called quit"):
        type("Quit", (Command,), {"title": Phrase("Quit"), "__doc__": "Quit."})


@pytest.mark.parametrize("each", every(), ids=lambda c: c.id)
def test_no_command_can_only_be_reached_by_a_key_that_is_eaten_on_the_way(
    each: type[Command],
) -> None:
    keys = set(key_names(each.keys))
    assert not keys or keys - FRAGILE_KEYS


@pytest.mark.parametrize("cls", list(classes()), ids=lambda c: c.__name__)
def test_no_key_means_two_things_in_one_place(cls: type[Commands]) -> None:
    commands = commands_of(cls)
    if cls.applies is Commands.applies:
        assert keys_twice(commands) == {}
    # Else `applies` may tell apart what shares a key, such as the Enter of each step of a dialog.
    everywhere = {key for c in EVERYWHERE for key in key_names(c.keys)}
    if issubclass(cls, KobleScreen):
        mine = {key: c.id for c in commands for key in key_names(c.keys) if c not in EVERYWHERE}
        assert {key: id for key, id in mine.items() if key in everywhere} == {}


class _Steps(Commands):
    COMMANDS = (command("close"), command("back"))
    step = 1

    def keys_of(self, command: type[Command]) -> list[str]:
        return key_names(command.keys)

    def applies(self, command: type[Command]) -> bool | None:
        return (command.id == "back") == (self.step > 1)


def test_commands_may_share_a_key_where_only_one_applies() -> None:
    steps = _Steps()
    assert [entry.command.id for entry in own(steps)] == ["close"]
    steps.step = 2
    assert [entry.command.id for entry in own(steps)] == ["back"]


@pytest.mark.parametrize("cls", list(classes()), ids=lambda c: c.__name__)
def test_keys_stand_in_commands_only(cls: type[Commands]) -> None:
    bindings = cls.__dict__.get("BINDINGS", [])
    assert [b.id for b in bindings] == [
        c.id for c in cls.__dict__.get("COMMANDS", ()) if c.keys and bindings
    ]
    assert not [name for name in vars(cls) if name.startswith("key_") and name != "key_of"]


def test_every_command_is_listed_somewhere() -> None:
    listed = {c for cls in classes() for c in cls.__dict__.get("COMMANDS", ())}
    assert sorted(c.id for c in set(every()) - listed - {command("cancel"), command("back")}) == []


def test_a_dialog_can_always_be_left() -> None:
    for cls in classes():
        if issubclass(cls, Modal):
            assert "escape" in {k for c in commands_of(cls) for k in key_names(c.keys)}


def test_the_binding_follows_from_the_command() -> None:
    binding = command("help").binding()
    assert (binding.key, binding.action, binding.id) == ("?,f1", "command('help')", "help")
    assert binding.description == "Show help"
    assert binding.tooltip == command("help").message()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("question_mark", "?"),
        ("slash", "/"),
        ("left_square_bracket", "["),
        ("f1", "F1"),
        ("ctrl+p", "ctrl+p"),
        ("colon", ":"),
        ("plus", "+"),
        ("minus", "-"),
        ("at", "@"),
        ("shift+tab", "shift+Tab"),
        (Keys.Enter.value, "Enter"),
        ("G", "G"),
    ],
)
def test_keys_are_named_as_people_read_them(key: str, text: str) -> None:
    assert key_text(key) == text


def test_the_app_brings_no_palette_or_keys_of_its_own() -> None:
    from tui.app import KobleApp

    assert not KobleApp.ENABLE_COMMAND_PALETTE
    assert issubclass(KobleApp, App)
    assert {b.key for b in App.BINDINGS if not isinstance(b, tuple)} == {"ctrl+q", "ctrl+c"}
