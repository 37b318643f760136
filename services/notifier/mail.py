"""Makes the mail: text, HTML with a QR code inside, and headers that names cannot break."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.notifier.instructions import Account, Instructions, one_line
from services.notifier.qr_picture import QrPicture, qr_picture
from services.notifier.wording import duration, moment, texts

# From these a header that is folded loses its quotes, and a name becomes a second address.
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,"]')
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Letterhead:
    """What all mails of this installation have in common."""

    sender: str
    sender_name: str
    help_contact: str
    download_links: dict[str, str]

    @property
    def domain(self) -> str:
        """Where the mails come from."""
        return self.sender.rpartition("@")[2]


def message_id(notification_id: str, letterhead: Letterhead) -> str:
    """Always the same for one notification, so that a mail sent twice is known as one."""
    return f"<{notification_id}@{letterhead.domain}>"


def compose(
    instructions: Instructions, letterhead: Letterhead, mail_id: str, at: datetime
) -> EmailMessage:
    """The mail as it is handed over. `at` becomes its date."""
    said = _cleaned(instructions)
    message = _headed(said, letterhead, mail_id, at)
    picture = qr_picture(said.code.provisioning_url)
    text, html = (_rendered(kind, said, letterhead, at, picture) for kind in ("txt", "html"))
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
    message["To"] = _address(f"{said.first_name} {said.last_name}", said.address)
    message["Subject"] = texts(said.language).gettext("Set up your softphone: %(device)s") % {
        "device": said.device_name
    }
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail_id
    message["Auto-Submitted"] = "auto-generated"
    return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    phrase = " ".join(_SPECIAL.sub(" ", name).split())
    return Address(phrase[:_LONGEST_NAME].strip(), local, domain)


def _rendered(
    kind: str, said: Instructions, letterhead: Letterhead, at: datetime, qr: QrPicture
) -> str:
    template = _templates(said.language).get_template(f"instructions.{kind}.j2")
    return template.render(
        said=said,
        letterhead=letterhead,
        until=moment(said.code.expires_at),
        within=duration(said.code.expires_at - at),
        qr=qr,
    )


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("services.notifier"),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translate = environment.install_gettext_translations  # type: ignore[attr-defined]  # by i18n
    translate(texts(language), newstyle=True)
    return environment
