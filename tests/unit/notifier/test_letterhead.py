"""Whom a mail comes from, whom it tells to ask, and where it says the app is."""

from dataclasses import replace

import pytest

from services.notifier.letterhead import Letterhead, Stationery
from services.notifier.platforms import Platforms
from tests.unit.notifier.mails import ADA, LETTERHEAD, received, text_of

OURS = replace(LETTERHEAD, sender_domains=("taxis.example",))


@pytest.mark.parametrize("address", ["phones@taxis.example", "it@EXAMPLE.com"])
def test_an_organization_sends_by_its_own_address_where_the_installation_may(address: str) -> None:
    mail = received(ADA, OURS.of(Stationery(mail_from=address)))
    assert mail["From"].addresses[0].addr_spec == address
    assert mail["Reply-To"] is None


@pytest.mark.parametrize(
    "address", ["ceo@bank.example", "x@taxis.example.evil", "x@sub.taxis.example"]
)
def test_elsewhere_answers_go_there_and_nobody_is_impersonated(address: str) -> None:
    mail = received(ADA, OURS.of(Stationery(mail_from=address)))
    assert mail["From"].addresses[0].addr_spec == LETTERHEAD.sender
    assert mail["Reply-To"].addresses[0].addr_spec == address


def test_what_an_organization_has_not_chosen_is_as_for_all_others() -> None:
    assert OURS.of(Stationery()) == OURS


def test_an_organization_has_its_own_help_contact_and_download_links() -> None:
    own = Stationery(help_contact="desk 7", download_links={"iPad": "https://apps.example/ipad"})
    text = text_of(received(ADA, OURS.of(own)))
    assert "desk 7" in text
    assert "https://apps.example/ipad" in text
    assert "https://example.com/android" not in text


def test_a52_steps_are_numbered_for_each_kind_of_platform() -> None:
    links = {"Android": "https://a.example/", "Windows": "https://w.example/"}
    text = text_of(received(ADA, replace(LETTERHEAD, download_links=links)))
    phone, computer = text.split("On a computer")
    for part, link in ((phone, "https://a.example/"), (computer, "https://w.example/")):
        assert link in part
        assert all(f"{number}. " in part for number in (1, 2, 3))
    assert "https://w.example/" not in phone


def test_a_kind_of_platform_without_an_app_is_not_spoken_of() -> None:
    text = text_of(received(ADA, replace(LETTERHEAD, download_links={"Windows": "https://w/"})))
    assert "phone or tablet" not in text
    text = text_of(received(ADA, replace(LETTERHEAD, download_links={})))
    assert "On a computer" not in text
    assert "Your administrator knows" in text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "data:text/html,x", "/x"])
def test_a_link_that_is_no_page_is_left_out(link: str) -> None:
    assert Platforms.of({"Android": link}, "en") == Platforms({}, {})


def test_a_hostile_platform_name_is_no_markup() -> None:
    hostile = {'<b>"': 'https://a.example/"><script>', "%(x)s": "https://b.example/"}
    page = text_of(received(ADA, replace(LETTERHEAD, download_links=hostile)), "html")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "%(x)s" in page


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: eve@x.example",
        "Eve <eve@x.example>",
        "a@b.example, eve@x.example",
        '"a b"@c.example',
        "a@b.example\N{LINE SEPARATOR}x",
        "nobody",
        "jürgen@b.example",
    ],
)
def test_an_address_that_is_none_is_not_used_at_all(address: str) -> None:
    assert OURS.of(Stationery(mail_from=address)) == OURS


def test_a_hostile_help_contact_makes_no_line_and_no_markup() -> None:
    own = Stationery(help_contact="call\r\n\r\n<script>alert(1)</script> {{7*7}} %(x)s")
    mail = received(ADA, OURS.of(own))
    assert "call <script>alert(1)</script> {{7*7}} %(x)s" in text_of(mail)
    assert "<script>" not in text_of(mail, "html")


def test_a_letterhead_knows_its_domain() -> None:
    assert Letterhead("a@Example.COM", "", "", {}).domain == "example.com"
