import pytest

from tests.words_catalogue import compiled, gather, load, placeholders, po_file, strings_of, told
from words import LANGUAGES, Phrase, _, many, use

OTHERS = sorted(set(LANGUAGES) - {"en"})


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
        for text in texts(message.string):
            for original in texts(message.id)[-1:]:
                assert placeholders(text) == placeholders(original), message.id


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
