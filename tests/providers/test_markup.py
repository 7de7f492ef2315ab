import pytest

from providers.markup import page, plain

OUTLOOK = """<html xmlns:o="urn:o"><head><meta charset="utf-8">
<style><!-- p {margin:0} --></style></head>
<body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">Agenda &amp; more<o:p></o:p></p>
<p>two
lines, <a href="https://example.org/a">here</a></p><!--[if gte mso 9]>hidden<![endif]-->
<ul><li>one</li><li>two</li></ul></div></body></html>"""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (OUTLOOK, "Agenda & more\ntwo lines, https://example.org/a here\n\n- one\n- two"),
        ("", ""),
        ("<!-- nothing -->", ""),
        ("no page at all", "no page at all"),
        ('<?xml version="1.0" encoding="latin-1"?><html><body>Blåbær</body></html>', "Blåbær"),
        ("<p>one<script>two()</script><p>three", "one\nthree"),
        ("<p>\x1b[31mred &#27;[0m", "[31mred [0m"),
    ],
)
def test_the_text_of_a_page(html: str, text: str) -> None:
    assert page(html) == text


@pytest.mark.parametrize("piece", ["<!--", "<", "<a_", "<div>", "&#0;", "<style>", "\x00", "�"])
def test_no_nonsense_is_too_much(piece: str) -> None:
    for read in (page, plain):
        assert len(read(piece * 20_000)) <= 20_000
