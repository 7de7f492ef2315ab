"""The options of the commands that connect accounts and sign in to them."""

import argparse

from words import _

USES = ("both", "calendar", "meetings")
ACCESS = ("busy", "read", "write", "mail")
VENDORS = ("google", "office365")
CLOUDS = ("global", "usgov", "dod", "china")


def use(parser: argparse.ArgumentParser) -> None:
    """What a connection serves."""
    parser.add_argument(
        "--use",
        choices=USES,
        default=USES[0],
        help=_("what it serves, where an account may have two connections"),
    )


def connection(parser: argparse.ArgumentParser) -> None:
    """Which connection."""
    parser.add_argument(
        "id", nargs="?", metavar=_("ID"), help=_("which one, where several are connected")
    )


def _sign_in(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-browser", action="store_true", help=_("print the address, open nothing")
    )
    parser.set_defaults(device=False)


def _device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", action="store_true", help=_("sign in with a code that is typed on any device")
    )


def _cloud(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--access",
        choices=ACCESS,
        default="write",
        help=_("what koble may do: see busy times, read, add meetings, send e-mail too"),
    )
    parser.add_argument(
        "--expected",
        default="",
        metavar=_("ADDRESS"),
        help=_("the account that is meant; you are warned of another one"),
    )
    parser.add_argument(
        "--client", metavar=_("FILE_OR_ID"), help=_("the app to sign in as; it is kept")
    )
    _sign_in(parser)
    use(parser)


def google(parser: argparse.ArgumentParser) -> None:
    """What connecting a Google account takes."""
    _cloud(parser)
    _secret(parser)


def office365(parser: argparse.ArgumentParser) -> None:
    """What connecting an Office 365 account takes."""
    _cloud(parser)
    _device(parser)
    _tenant(parser)


def _secret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--secret-file",
        metavar=_("FILE"),
        help=_("where the secret of the app is, if an id alone is given; Google only"),
    )


def _tenant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tenant", metavar=_("TENANT"), help=_("the organisation of the app; Microsoft only")
    )
    parser.add_argument("--cloud", choices=CLOUDS, help=_("the cloud of the app; Microsoft only"))


def vendor(parser: argparse.ArgumentParser) -> None:
    """At whom an app is registered."""
    parser.add_argument("vendor", choices=VENDORS, help=_("whose app it is"))


def client(parser: argparse.ArgumentParser) -> None:
    """An app to sign in as."""
    vendor(parser)
    parser.add_argument(
        "client",
        metavar=_("FILE_OR_ID"),
        help=_("the app's id, Google's client_secret.json, or - for standard input"),
    )
    _secret(parser)
    _tenant(parser)


def renew(parser: argparse.ArgumentParser) -> None:
    """What signing in again takes."""
    connection(parser)
    parser.add_argument(
        "--access", choices=ACCESS, help=_("what koble may do from now on; as before unless given")
    )
    _sign_in(parser)
    _device(parser)
    parser.add_argument(
        "--password-file",
        metavar=_("FILE"),
        help=_("where the password is, or - for standard input; asked for unless given"),
    )
