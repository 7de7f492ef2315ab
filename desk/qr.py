"""An address as a QR code, in characters: for the phone beside a terminal without a browser."""

QUIET = 2
"""Modules of white around the code. Cameras do with half of what the standard asks for."""
_HALVES = " ▀▄█"


def qr_lines(text: str) -> list[str]:
    """The QR code of `text`, two rows of modules a line.

    A blank is white and a full block black: a code has to be drawn black on white, whatever the
    colours of the terminal are. All lines are equally long.
    """
    import segno  # seldom needed

    code = segno.make(text, error="l", micro=False, boost_error=False)
    modules = [[bool(dark) for dark in row] for row in code.matrix_iter(border=QUIET)]
    if len(modules) % 2:
        modules.append([False] * len(modules))
    return [
        "".join(_HALVES[up + 2 * down] for up, down in zip(upper, lower, strict=True))
        for upper, lower in zip(modules[::2], modules[1::2], strict=True)
    ]
