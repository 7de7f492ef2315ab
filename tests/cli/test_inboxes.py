from tests.cli.conftest import Koble


def test_a_shared_inbox_is_noted_disconnected_and_forgotten(koble: Koble) -> None:
    noted = koble("inboxes", "share", "sales@example.com", "--json").json["inbox"]
    assert (noted["address"], noted["shared"], noted["connected"]) == (
        "sales@example.com",
        True,
        True,
    )
    assert koble("inboxes", "--json").json == {"inboxes": [noted]}
    assert "sales@example.com  shared" in koble("inboxes").out

    off = koble("inboxes", "disconnect", "Sales@Example.com", "--json").json["inbox"]
    assert off == noted | {"connected": False}
    assert koble("inboxes", "connect", "sales@example.com", "--json").json["inbox"] == noted

    assert koble("inboxes", "remove", "sales@example.com", "--json").json["removed"]
    assert koble("inboxes", "list", "--json").json == {"inboxes": []}
    assert "no inboxes" in koble("inboxes").out


def test_wrong_and_unknown_addresses_are_refused(koble: Koble) -> None:
    koble("inboxes", "share", "sales@example.com")

    assert koble("inboxes", "share", "sales").code == 2
    assert koble("inboxes", "share", "sales@example.com").code == 1
    assert koble("inboxes", "remove", "other@example.com").code == 2
