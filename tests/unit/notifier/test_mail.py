"""What arrives: readable in any client, true to what was written, and with no secret in it."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO

import pytest
import segno
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifier.instructions import Account, Instructions, LiveCode
from services.notifier.letterhead import Letterhead, one_line
from services.notifier.mail import compose, message_id
from services.notifier.qr_picture import qr_picture
from services.notifier.templating import Templates

NOW = datetime(2025, 11, 21, 22, 20, tzinfo=UTC)
GROUPED = "BCDF-GHJK-LMNP"
LINK = f"https://phones.example.com/activate#{GROUPED}"
LETTERHEAD = Letterhead(
    sender="phones@example.com",
    sender_name="Phone system",
    help_contact="help@example.com",
    download_links={"Android": "https://example.com/android"},
)
TEMPLATES = Templates()
CODE = LiveCode(
    code="BCDFGHJKLMNP",
    activation_url=LINK,
    provisioning_url="https://phones.example.com/p/BCDFGHJKLMNP",
    expires_at=NOW + timedelta(days=7),
)
ADA = Instructions(
    language="en",
    organization="Harbour Taxis",
    first_name="Ada",
    last_name="Lovelace",
    address="ada@example.com",
    device_name="Ada's mobile",
    accounts=(Account("Reception", False), Account("Support", False)),
    code=CODE,
)


def received(instructions: Instructions, letterhead: Letterhead = LETTERHEAD) -> EmailMessage:
    mail = compose(instructions, letterhead, TEMPLATES, message_id("n-1", letterhead), NOW)
    parsed = message_from_bytes(bytes(mail), policy=default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


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


def test_names_are_no_templates() -> None:
    hostile = replace(ADA, device_name="{{7*7}}", first_name="{% raw %}", organization="%(x)s 100%")
    for kind in ("plain", "html"):
        text = text_of(received(hostile), kind)
        assert "{{7*7}}" in text
        assert "{% raw %}" in text
        assert "%(x)s 100%" in text


def test_names_are_no_markup() -> None:
    page = text_of(
        received(
            replace(
                ADA,
                device_name='"><script>alert(1)</script>',
                accounts=(Account("<b>x", True),),
            )
        ),
        "html",
    )
    assert "<script>" not in page
    assert "<b>" not in page


def test_a_line_break_in_a_name_makes_no_header() -> None:
    hostile = replace(ADA, device_name="phone\r\nBcc: eve@example.com", first_name="A\nB\x00\x0b")
    mail = received(hostile)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Set up your softphone: phone Bcc: eve@example.com"


def test_an_address_outside_ascii_keeps_its_letters() -> None:
    mail = compose(
        replace(ADA, address="jürgen@example.com"), LETTERHEAD, TEMPLATES, "<n-1@x>", NOW
    )
    assert mail["To"].addresses[0].addr_spec == "jürgen@example.com"


names = st.one_of(
    st.text(min_size=1, max_size=100),
    st.lists(st.sampled_from(['", <eve@x.org>, "', "a,", "é, ", "; ", ":", "\r\n", " "])).map(
        "".join
    ),
)


@settings(max_examples=30, deadline=None)
@example(organization='"' * 40 + ", <eve@x.org>,", first='"<e@x>' * 9, last='"', device="x")
@given(organization=names, first=names, last=names, device=names)
def test_whatever_the_names_the_mail_goes_to_one_person_and_comes_from_one_sender(
    organization: str, first: str, last: str, device: str
) -> None:
    # Long addresses too: what is folded into several lines is where quotes get lost.
    sender, recipient = f"{'s' * 50}@example.com", f"{'r' * 60}@example.com"
    said = replace(ADA, organization=organization, first_name=first, last_name=last)
    mail = received(
        replace(said, device_name=device, address=recipient), replace(LETTERHEAD, sender=sender)
    )
    assert [one.addr_spec for one in mail["To"].addresses] == [recipient]
    assert [one.addr_spec for one in mail["From"].addresses] == [sender]
    assert GROUPED in text_of(mail)


@given(text=st.text())
def test_a_cleaned_name_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
