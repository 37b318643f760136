"""What arrives: readable in any client, true to what was written, and with no secret in it."""

import zlib
from dataclasses import replace
from io import BytesIO

import pytest
import segno

from services.notifier.instructions import Account
from services.notifier.mail import compose
from services.notifier.qr_picture import qr_picture
from tests.unit.notifier.mails import (
    ADA,
    CODE,
    GROUPED,
    LETTERHEAD,
    LINK,
    NOW,
    TEMPLATES,
    received,
    text_of,
)


def test_it_has_a_plain_text_and_a_page_with_its_own_picture() -> None:
    kinds = [part.get_content_type() for part in received(ADA).walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]


def test_the_page_shows_the_picture_that_came_with_it_and_nothing_remote() -> None:
    mail = received(ADA)
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<qr>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_payload(decode=True).startswith(b"\x89PNG")  # type: ignore[union-attr]  # a leaf
    page = text_of(mail, "html")
    assert 'src="cid:qr"' in page
    assert page.count("src=") == 1


def test_the_picture_is_the_qr_code_of_the_provisioning_address() -> None:
    drawn = qr_picture(CODE.provisioning_url)
    expected, size = BytesIO(), segno.make_qr(CODE.provisioning_url, error="m", mask=3)
    size.save(expected, kind="png", scale=8, border=4, light="white")
    assert pixels(drawn.png) == pixels(expected.getvalue())


def pixels(png: bytes) -> tuple[bytes, list[bytes]]:
    """Size and depth, and the lines of the picture. Reads what these pictures are made of only."""
    chunks, at = dict[bytes, bytes](), 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += length + 12
    header, packed = chunks[b"IHDR"], zlib.decompress(chunks[b"IDAT"])
    width = int.from_bytes(header[:4], "big") // 8
    lines = [bytes(width)]
    for start in range(0, len(packed), width + 1):
        kind, line = packed[start], packed[start + 1 : start + 1 + width]
        assert kind in (0, 2), "a line as it is, or its difference from the one above"
        above = lines[-1] if kind == 2 else bytes(width)
        lines.append(bytes((a + b) % 256 for a, b in zip(line, above, strict=True)))
    return header[:9], lines[1:]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_say_the_code_the_link_the_device_the_accounts_and_until_when(kind: str) -> None:
    text = text_of(received(ADA), kind)
    assert GROUPED in text
    assert LINK in text
    assert "mobile" in text
    assert "Reception, Support" in text
    assert "Friday, 28 November 2025, 22:20 UTC" in text
    assert "7 days after" in text
    assert "https://example.com/android" in text
    assert "help@example.com" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_only_accounts_whose_password_is_typed_are_announced(kind: str) -> None:
    question = "ask you for the password of Support"
    assert question not in text_of(received(ADA), kind)
    typed = replace(ADA, accounts=(Account("Reception", False), Account("Support", True)))
    assert question in text_of(received(typed), kind)


def test_i21_the_code_stands_in_no_header() -> None:
    headers = str(received(ADA).items())
    assert GROUPED not in headers
    assert CODE.code not in headers


def test_i21_the_preview_that_a_locked_screen_shows_has_no_code() -> None:
    page = text_of(received(ADA), "html")
    body = page[page.index("<body") :]
    assert "Three steps" in body[: body.index(GROUPED)]


def test_the_code_is_in_no_repr_that_a_log_might_take_up() -> None:
    assert CODE.code not in repr(ADA)
    assert GROUPED not in repr(ADA)


def test_headers_say_that_a_machine_wrote_it_and_which_mail_it_is() -> None:
    mail = received(ADA)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<n-1@example.com>"
    assert mail["Subject"] == "Set up your softphone: Ada's mobile"
    assert mail["Date"].datetime == NOW
    assert mail["Content-Language"] == "en"


def test_without_an_organization_name_the_installation_signs() -> None:
    mail = received(replace(ADA, organization=None))
    assert mail["From"].addresses[0].display_name == "Phone system"
    assert "A phone line is ready" in text_of(mail)


def test_without_a_help_contact_people_are_sent_to_their_administrator() -> None:
    mail = received(ADA, replace(LETTERHEAD, help_contact=""))
    assert "ask your administrator" in text_of(mail)


def test_an_address_outside_ascii_keeps_its_letters() -> None:
    mail = compose(
        replace(ADA, address="jürgen@example.com"), LETTERHEAD, TEMPLATES, "<n-1@x>", NOW
    )
    assert mail["To"].addresses[0].addr_spec == "jürgen@example.com"
