"""What must not be mailed is looked for in the mails themselves, taken apart."""

import base64
import quopri
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from services.notifier.qr_picture import qr_picture
from switchboard.demo.people import Provisioning, Row
from switchboard.demo.story import mailed_code
from tests.e2e.broker import settled
from tests.e2e.product import running

PASSWORD, USERNAME, AUTHORIZATION = "planted-Sip+pass/4711", "planted-user", "planted-auth"
PERSON = Row(
    2,
    {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email_work": "ada@demo.example",
        "email_home": "ada@home.example",
        "device_name": "Laptop",
        "sip_friendly_name": "Reception",
        "sip_username": USERNAME,
        "sip_password": PASSWORD,
        "authorization_username": AUTHORIZATION,
        "protocol": "udp",
    },
)


async def test_i21_no_mail_holds_a_sip_user_name_a_password_or_a_token(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as product, product.administrator() as client:
        done = await Provisioning(client).provision(PERSON)
        assert done.code is not None
        mail_id, code = await mailed_code(client, done.code)
        await settled(product)
        body = {"code": code, "installation_id": "i"}
        exchanged = await client.command("/api/v1/activate", body)
        raw = (await client.text(f"/dev/mailbox/{mail_id}")).encode()
        device_id = (await client.read("/api/v1/notifications"))["items"][0]["device_id"]
        url = (await client.read(f"/api/v1/activations/{device_id}"))["provisioning_url"]
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    said = [content for _, content in leaves(mail)]
    assert any(code.encode() in content for content in said), "the mail was not taken apart"
    headers = "\n".join(f"{name}: {value}" for name, value in mail.items()).encode()
    for secret in (PASSWORD, USERNAME, AUTHORIZATION, exchanged["device_token"]):
        for shape in shapes(secret):
            assert [content for content in (raw, headers, *said) if shape in content] == []
    assert code not in str(mail["Subject"])
    (picture,) = [content for kind, content in leaves(mail) if kind == "image/png"]
    assert picture == qr_picture(url).png


def leaves(mail: EmailMessage) -> list[tuple[str, bytes]]:
    return [
        (part.get_content_type(), content)
        for part in mail.walk()
        if isinstance(content := part.get_payload(decode=True), bytes)
    ]


def shapes(secret: str) -> list[bytes]:
    plain = secret.encode()
    encoded = [base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3)]
    return [plain, plain.lower(), quopri.encodestring(plain), plain.hex().encode(), *encoded]
