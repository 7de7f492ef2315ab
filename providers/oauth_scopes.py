"""What koble asks to be allowed for each access, and what it was in fact allowed."""

from collections.abc import Collection

from providers.oauth_client import CLOUDS
from scheduling.connections import Access, Kind
from words import Phrase

_G = "https://www.googleapis.com/auth/"
_EMAIL = f"{_G}userinfo.email"
_LIST = f"{_G}calendar.calendarlist.readonly"
_FREE_BUSY = f"{_G}calendar.freebusy"
_EVENTS = f"{_G}calendar.events"
_EVENTS_READ = f"{_G}calendar.events.readonly"
_SEND = f"{_G}gmail.send"

_NEEDED = {
    Kind.GOOGLE: {
        Access.BUSY: {_LIST, _FREE_BUSY},
        Access.READ: {_LIST, _EVENTS_READ},
        Access.WRITE: {_LIST, _EVENTS},
        Access.MAIL: {_LIST, _EVENTS, _SEND},
    },
    Kind.OFFICE365: {
        Access.BUSY: {"Calendars.ReadBasic"},
        Access.READ: {"Calendars.Read"},
        Access.WRITE: {"Calendars.ReadWrite"},
        Access.MAIL: {"Calendars.ReadWrite", "Mail.Send"},
    },
}
_BESIDE = {
    # To know the address; and, with events, to ask when other people are busy.
    Kind.GOOGLE: {
        Access.BUSY: {"openid", _EMAIL},
        Access.READ: {"openid", _EMAIL},
        Access.WRITE: {"openid", _EMAIL, _FREE_BUSY},
        Access.MAIL: {"openid", _EMAIL, _FREE_BUSY},
    },
    Kind.OFFICE365: {access: {"User.Read"} for access in Access},
}
_WORDS = {
    _LIST: Phrase("see the list of your calendars"),
    _FREE_BUSY: Phrase("see when you and others are busy"),
    _EVENTS_READ: Phrase("see your events"),
    _EVENTS: Phrase("add, change and delete events"),
    _SEND: Phrase("send e-mail in your name"),
    _EMAIL: Phrase("see your e-mail address"),
    "Calendars.ReadBasic": Phrase("see when you are busy"),
    "Calendars.Read": Phrase("see your events"),
    "Calendars.ReadWrite": Phrase("add, change and delete events"),
    "Mail.Send": Phrase("send e-mail in your name"),
    "User.Read": Phrase("see your e-mail address"),
}


def asked(kind: Kind, access: Access, cloud: str = "global") -> tuple[str, ...]:
    """The scopes to ask for; Microsoft's without the reserved ones, which its library adds."""
    names = sorted(_NEEDED[kind][access] | _BESIDE[kind][access])
    if kind is Kind.GOOGLE:
        return tuple(names)
    # Without the server's name they would mean the global cloud.
    return tuple(f"https://{CLOUDS[cloud][1]}/{name}" for name in names)


def granted(kind: Kind, scopes: Collection[str]) -> Access | None:
    """The most that these scopes allow; None: nothing that a calendar needs."""
    have = {_name(kind, each) for each in scopes}
    return max(
        (each for each in Access if _NEEDED[kind][each] <= have),
        key=list(Access).index,
        default=None,
    )


def missing(kind: Kind, wanted: Collection[str], scopes: Collection[str]) -> tuple[Phrase, ...]:
    """What was asked for (`wanted`) and not granted, in words for a person."""
    lacking = {_name(kind, each) for each in wanted} - {_name(kind, each) for each in scopes}
    return tuple(dict.fromkeys(_WORDS[each] for each in sorted(lacking) if each in _WORDS))


def _name(kind: Kind, scope: str) -> str:
    """Google's are addresses; Microsoft names its own with or without the server before them."""
    if kind is Kind.GOOGLE:
        return scope
    last = scope.rpartition("/")[2].casefold()
    return next((name for name in _WORDS if name.casefold() == last), last)
