from pathlib import Path

import pytest

from tui.keymap import read_keys


def read(tmp_path: Path, text: str) -> tuple[dict[str, str], list[str]]:
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    keys, wrong = read_keys(path)
    return keys, [str(phrase) for phrase in wrong]


def test_keys_are_read_by_the_ids_of_commands(tmp_path: Path) -> None:
    keys, wrong = read(tmp_path, 'quit = "f8"\ngo-to-meetings = "1,f9"\n')
    assert (keys, wrong) == ({"quit": "f8", "go-to-meetings": "1,f9"}, [])


def test_two_commands_may_swap_their_keys(tmp_path: Path) -> None:
    keys, wrong = read(tmp_path, 'go-to-meetings = "2"\ngo-to-pages = "1"\n')
    assert (keys, wrong) == ({"go-to-meetings": "2", "go-to-pages": "1"}, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('quti = "x"', "keys.toml: there is no command quti."),
        ("quit = 3", 'keys.toml: quit needs keys, such as "a" or "f2,x".'),
        ('quit = "a,"', 'keys.toml: quit needs keys, such as "a" or "f2,x".'),
        ('quit = "?"', "keys.toml: quit has a key of help."),
        ('quit = "j"', "keys.toml: quit has a key of cursor-down."),
        ('cursor-down = "u"', "keys.toml: cursor-down has a key of undo."),
    ],
)
def test_a_wrong_line_is_left_out_and_said_and_the_others_hold(
    tmp_path: Path, line: str, said: str
) -> None:
    keys, wrong = read(tmp_path, f'redraw = "ctrl+r"\n{line}\n')
    assert (keys, wrong) == ({"redraw": "ctrl+r"}, [said])


def test_a_file_that_is_no_table_is_said(tmp_path: Path) -> None:
    keys, wrong = read(tmp_path, "quit: x\n")
    assert keys == {}
    assert wrong[0].startswith("keys.toml cannot be read:")
