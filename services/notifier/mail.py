"""Makes the mail: text, HTML with a QR code inside, and headers that names cannot break."""

import re
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from chassis.wording import known, moment
from services.notifier.instructions import Account, Instructions
from services.notifier.letterhead import Letterhead, one_line
from services.notifier.platforms import Platforms
from services.notifier.qr_picture import QrPicture, qr_picture
from services.notifier.templating import HTML, TEXT, Templates
from services.notifier.wording import texts, time_left

# From these a header that is folded loses its quotes, and a name becomes a second address.
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,"]')
_LONGEST_NAME = 60
_ENCODED_WORD = "=?"
"""What begins an encoded word (RFC 2047). Python decodes those of a header that it writes, and a
line end in one would begin a header of its own."""


def message_id(notification_id: str, letterhead: Letterhead) -> str:
    """Always the same for one notification, so that a mail sent twice is known as one."""
    return f"<{notification_id}@{letterhead.domain}>"


def compose(
    instructions: Instructions,
    letterhead: Letterhead,
    templates: Templates,
    mail_id: str,
    at: datetime,
) -> EmailMessage:
    """The mail as it is handed over; `at` becomes its date.

    Raises jinja2's `TemplateError` if the templates are strict.
    """
    said = _cleaned(instructions)
    message = _headed(said, letterhead, mail_id, at)
    picture = qr_picture(said.code.provisioning_url)
    values = _values(said, letterhead, at, picture)
    text, html = (
        templates.render(name, said.organization_id, said.language, values) for name in (TEXT, HTML)
    )
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    *_, page = message.iter_parts()
    page.add_related(
        picture.png,
        "image",
        "png",
        cid=f"<{picture.cid}>",
        disposition="inline",
        filename="qr.png",
    )
    message["Content-Language"] = said.language
    return message


def _cleaned(instructions: Instructions) -> Instructions:
    return replace(
        instructions,
        language=known(instructions.language),
        organization=one_line(instructions.organization or "") or None,
        first_name=one_line(instructions.first_name),
        last_name=one_line(instructions.last_name),
        device_name=one_line(instructions.device_name),
        accounts=tuple(
            Account(one_line(account.name), account.password_entered_on_device)
            for account in instructions.accounts
        ),
    )


def _headed(said: Instructions, letterhead: Letterhead, mail_id: str, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    sender_name = said.organization or letterhead.sender_name
    message["From"] = _address(sender_name, letterhead.sender)
    if letterhead.reply_to:
        message["Reply-To"] = _address(sender_name, letterhead.reply_to)
    message["To"] = _address(f"{said.first_name} {said.last_name}", said.address)
    message["Subject"] = texts(said.language).gettext("Set up your softphone: %(device)s") % {
        "device": _as_it_stands(said.device_name)
    }
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail_id
    message["Auto-Submitted"] = "auto-generated"
    return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    phrase = " ".join(_SPECIAL.sub(" ", name).split())
    shown = _as_it_stands(phrase[:_LONGEST_NAME].strip())
    return Address(shown, _as_it_stands(local), domain)


def _as_it_stands(text: str) -> str:
    return text.replace(_ENCODED_WORD, "= ?")


def _values(
    said: Instructions, letterhead: Letterhead, at: datetime, qr: QrPicture
) -> dict[str, Any]:
    return {
        "said": said,
        "letterhead": letterhead,
        "platforms": Platforms.of(letterhead.download_links, said.language),
        "until": moment(said.code.expires_at, said.language),
        "time_left": time_left(said.code.expires_at - at, said.language),
        "qr": qr,
    }
