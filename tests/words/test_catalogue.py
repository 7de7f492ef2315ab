import pytest

from tests.words_catalogue import compiled, gather, load, placeholders, po_file, strings_of, told
from words import LANGUAGES, Phrase, _, many, use

OTHERS = sorted(set(LANGUAGES) - {"en"})
LABELS = {
    "Settings": "Innstillinger",
    "General": "Generelt",
    "Calendar": "Kalender",
    "Connect your calendar": "Koble til kalenderen din",
    "Connect calendar": "Koble til kalenderen",
    "Google / Gmail": "Google / Gmail",
    "Accept and connect to Google": "Godta og koble til Google",
    "Accept and connect to Office 365": "Godta og koble til Office 365",
    "Continue": "Fortsett",
    "E-mail address": "E-postadresse",
    "Password": "Passord",
    "Username": "Brukernavn",
    "Exchange URL": "Exchange-nettadresse",
    "Exchange version": "Exchange-versjon",
    "Connect inbox": "Koble til innboks",
    "Personal email access": "Personlig e-posttilgang",
    "Full Exchange": "Full Exchange",
    "Offline mode": "Frakoblet modus",
}
"""What HubSpot's own labels are called in Norwegian: people look for these words."""


def texts(string: object) -> list[str]:
    return [string] if isinstance(string, str) else list(string)  # type: ignore[call-overload]


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_has_its_words(language: str) -> None:
    catalogue = load(language)
    untold = [
        message.id
        for message in gather()
        if message.id and ((known := catalogue.get(message.id)) is None or not told(known))
    ]
    assert untold == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_take_the_same_values(language: str) -> None:
    for message in load(language):
        for text, original in zip(texts(message.string), texts(message.id), strict=True):
            assert placeholders(text) == placeholders(original), message.id


@pytest.mark.parametrize("label", LABELS)
def test_labels_are_called_as_in_the_system_they_come_from(label: str) -> None:
    message = load("nb").get(label)
    assert message is not None
    assert message.string == LABELS[label]


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_are_as_calm_as_the_english_ones(language: str) -> None:
    for message in load(language):
        for text, original in zip(texts(message.string), texts(message.id), strict=True):
            if original:
                assert not set(text) & set("!“”"), original
                if original[-1] in ".?:…":
                    assert text.endswith(original[-1]), original


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    assert po_file(language).with_suffix(".mo").read_bytes() == compiled(load(language))


def test_a_phrase_is_said_in_the_language_of_the_moment() -> None:
    phrase = Phrase("{name} can only be read.", name="Work")
    try:
        use("nb")
        assert str(phrase) == "Work kan bare leses."
        assert _("no such string") == "no such string"
        use("tlh")
        assert str(phrase) == "Work can only be read."
    finally:
        use("en")
    assert many("{n} day", "{n} days", 1) == "1 day"
    assert many("{n} day", "{n} days", 3) == "3 days"


def test_strings_are_found_by_how_they_are_said() -> None:
    source = '''
class BookMeeting(Command):
    """Book a
    meeting."""
    title = Phrase("Book meeting")

say(_("Hello {name}", name=x), many("{n} event", "{n} events", 2), Phrase(variable))
'''
    found = {message for _line, message in strings_of(source)}
    assert found == {
        "Book a meeting.",
        "Book meeting",
        "Hello {name}",
        ("{n} event", "{n} events"),
    }
