"""Names and addresses are anybody's: whatever they hold, a mail is no other mail for it."""

from dataclasses import replace
from email.policy import SMTP, SMTPUTF8, EmailPolicy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifier.instructions import Account, Instructions
from services.notifier.letterhead import Stationery, one_line
from services.notifier.mail import compose
from tests.unit.notifier.mails import (
    ADA,
    GROUPED,
    LETTERHEAD,
    NOW,
    TEMPLATES,
    received,
    text_of,
)


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


ENCODED = "=?utf-8?q?a=0D=0ABcc=3A_eve=40x.org=0D=0A=0D=0Anot_ours?="
"""What the standard library decodes in headers it writes, line ends included."""


@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8])
@pytest.mark.parametrize(
    "said",
    [
        replace(ADA, organization=ENCODED),
        replace(ADA, first_name=ENCODED),
        replace(ADA, last_name=ENCODED),
        replace(ADA, device_name=ENCODED),
        replace(ADA, address=f"{ENCODED}@example.com"),
        replace(ADA, own=Stationery(mail_from=f"{ENCODED}@example.com")),
    ],
    ids=["organization", "first name", "last name", "device", "recipient", "sender"],
)
def test_an_encoded_line_break_makes_no_header(said: Instructions, policy: EmailPolicy) -> None:
    letterhead = replace(LETTERHEAD, sender_domains=("example.org",)).of(said.own)
    mail = compose(said, letterhead, TEMPLATES, "<n-1@example.com>", NOW)
    head, _, body = mail.as_bytes(policy=policy).partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert sorted(names) == sorted(name.encode() for name in mail)
    assert b"Bcc" not in names
    assert body.startswith(b"--")


names = st.one_of(
    st.text(min_size=1, max_size=100),
    st.lists(
        st.sampled_from(
            ['", <eve@x.org>, "', "a,", "é, ", "; ", ":", "\r\n", " ", "=?", "=?utf-8?b?LDxhQHg+?="]
        )
    ).map("".join),
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
