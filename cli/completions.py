"""Scripts that complete commands and options in a shell, made from the parser itself.

Each walks along the words that were typed, as far as they are commands, to the place where they
lead; what may follow there is known beforehand, and koble itself is not run.
"""

import argparse
from collections.abc import Iterator

from cli.commands import COMMANDS
from cli.output import Answer
from cli.parser import build

Places = dict[str, list[tuple[str, str]]]
"""By the commands so far (`page show`): what may follow, and what it does."""


def completions(shell: str) -> Answer:
    """The script for `shell`: bash, zsh or fish."""
    places = dict(_places(build(list(COMMANDS)), ""))
    script = list({"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](places))
    return Answer({"shell": shell, "script": "\n".join([*script, ""])}, script)


def _places(
    parser: argparse.ArgumentParser, place: str
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    found: list[tuple[str, str]] = []
    for action in parser._actions:  # argparse has no public way to look into a parser
        if isinstance(action, argparse._SubParsersAction):
            found += [(each.dest, each.help or "") for each in action._choices_actions]
            for name, one in action.choices.items():
                yield from _places(one, f"{place} {name}".strip())
        elif action.option_strings:
            found.append((action.option_strings[-1], action.help or ""))
        else:
            found += [(str(choice), "") for choice in action.choices or ()]
    yield place, found


def _steps(places: Places) -> list[str]:
    """Every place but the first, as a pattern: `" page"`, `"page show"`."""
    return [_quoted(each if " " in each else f" {each}") for each in places if each]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "’") + "'"


def _bash(places: Places) -> Iterator[str]:
    yield "_koble() {"
    yield "    local at='' word words=''"
    yield '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
    yield '        case "$at $word" in'
    yield f'            {"|".join(_steps(places))}) at="${{at:+$at }}$word" ;;'
    yield "        esac"
    yield "    done"
    yield '    case "$at" in'
    for place, found in places.items():
        yield f"        {_quoted(place)}) words={_quoted(' '.join(word for word, _ in found))} ;;"
    yield "    esac"
    yield '    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))'
    yield "}"
    yield "complete -o default -F _koble koble"


def _zsh(places: Places) -> Iterator[str]:
    yield "#compdef koble"
    yield "_koble() {"
    yield "    local at='' word"
    yield "    local -a found"
    yield '    for word in "${(@)words[2,CURRENT-1]}"; do'
    yield '        case "$at $word" in'
    yield f'            ({"|".join(_steps(places))}) at="${{at:+$at }}$word" ;;'
    yield "        esac"
    yield "    done"
    yield '    case "$at" in'
    for place, found in places.items():
        words = " ".join(_quoted(f"{word}:{text}" if text else word) for word, text in found)
        yield f"        ({_quoted(place)}) found=({words}) ;;"
    yield "    esac"
    yield "    _describe koble found || _files"
    yield "}"
    yield "compdef _koble koble"


def _fish(places: Places) -> Iterator[str]:
    yield "function __koble_at"
    yield "    set -l at ''"
    yield "    for word in (commandline -opc)[2..-1]"
    yield '        switch "$at $word"'
    yield f"            case {' '.join(_steps(places))}"
    yield '                set at (string trim -- "$at $word")'
    yield "        end"
    yield "    end"
    yield '    test "$at" = "$argv[1]"'
    yield "end"
    for place, found in places.items():
        for word, text in found:
            what = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
            said = f" -d {_quoted(text)}" if text else ""
            yield f"complete -c koble -n \"__koble_at '{place}'\" {what}{said}"
