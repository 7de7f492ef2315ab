"""What argparse says itself, in the reader's language.

argparse asks the system's catalogues, which follow the environment and not `--lang`, and which
few systems have.
"""

import argparse

from words import _


def speak() -> None:
    """Let argparse speak the current language from here on."""
    said = {
        "usage: ": _("usage: "),
        "options": _("options"),
        "positional arguments": _("positional arguments"),
        "show this help message and exit": _("show this help and end"),
        "argument %(argument_name)s: %(message)s": _("%(argument_name)s: %(message)s"),
        "unknown parser %(parser_name)r (choices: %(choices)s)": _(
            "There is no %(parser_name)r here. Choose one of: %(choices)s."
        ),
        "unrecognized arguments: %s": _("This command does not take: %s."),
        "not allowed with argument %s": _("This does not go together with %s."),
        "ignored explicit argument %r": _("It takes no value, and %r was written."),
        "the following arguments are required: %s": _("This is missing: %s."),
        "one of the arguments %s is required": _("One of these is missing: %s."),
        "expected one argument": _("It takes one value."),
        "expected at least one argument": _("It takes at least one value."),
        "invalid %(type)s value: %(value)r": _("It does not take %(value)r."),
        "invalid choice: %(value)r (choose from %(choices)s)": _(
            "There is no %(value)r. Choose one of: %(choices)s."
        ),
    }
    # A module's own name for gettext: argparse offers no other way.
    setattr(argparse, "_", lambda text: said.get(text, text))  # noqa: B010 - unknown to its stubs
