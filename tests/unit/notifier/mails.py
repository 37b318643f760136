"""A mail to Ada, and how it is read on arrival."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from services.notifier.instructions import Account, Instructions, LiveCode
from services.notifier.letterhead import Letterhead
from services.notifier.mail import compose, message_id
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
