"""The user's key map: `keys.toml` in koble's home, a table of command ids and keys.

accept-request = "a"
go-to-meetings = "1,m"
"""

import tomllib
from pathlib import Path

from tui.commands import Command, every, key_names
from words import Phrase

FILE = "keys.toml"
_ANYWHERE = frozenset({"general", "lists"})


def read_keys(path: Path) -> tuple[dict[str, str], list[Phrase]]:
    """The keys by command id that `path` sets, and what is wrong with the rest of it.

    A line with an unknown id, no keys, or keys that another command has in the same place is
    left out, with a phrase that says so; the others hold.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, [Phrase("{file} cannot be read: {error}.", file=path.name, error=error)]
    commands = {command.id: command for command in every()}
    keys: dict[str, str] = {}
    wrong: list[Phrase] = []
    for id, value in table.items():
        if id not in commands:
            wrong.append(Phrase("{file}: there is no command {id}.", file=path.name, id=id))
        elif not isinstance(value, str) or not all(part.strip() for part in value.split(",")):
            wrong.append(
                Phrase('{file}: {id} needs keys, such as "a" or "f2,x".', file=path.name, id=id)
            )
        else:
            keys[id] = value
    for id in list(keys):
        if other := clash(commands[id], keys, list(commands.values())):
            del keys[id]
            wrong.append(
                Phrase("{file}: {id} has a key of {other}.", file=path.name, id=id, other=other.id)
            )
    return keys, wrong


def clash(
    command: type[Command], keys: dict[str, str], commands: list[type[Command]]
) -> type[Command] | None:
    """Another command with a key of `command`, of the same place or one that is everywhere.

    `keys` are the user's by id; the others have their own.
    """
    mine = set(key_names(keys.get(command.id, command.keys)))
    for other in commands:
        near = other.place() == command.place() or _ANYWHERE & {other.place(), command.place()}
        if other is not command and near:
            theirs = set(key_names(keys.get(other.id, other.keys)))
            if mine & theirs and mine & theirs != _shared(command, other):
                return other
    return None


def _shared(one: type[Command], other: type[Command]) -> set[str]:
    """Keys that two commands share from the beginning, because they are never met together."""
    return set(key_names(one.keys)) & set(key_names(other.keys))
