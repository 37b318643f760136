"""Reads the Maildir back: what came in, newest first, and each mail as it was sent."""

import base64
import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list."""

    id: str
    to: str
    subject: str
    date: str


def summaries(folder: Path) -> list[Summary]:
    """All mails, newest first."""
    box = mailbox.Maildir(folder, create=True)
    arrived = sorted(
        ((float(message.get_date()), key) for key, message in box.iteritems()), reverse=True
    )
    return [_summary(key, at, _parsed(box.get_bytes(key))) for at, key in arrived]


def raw(folder: Path, mail_id: str) -> bytes | None:
    """One mail, byte for byte, None if there is none of that id."""
    box = mailbox.Maildir(folder, create=True)
    try:
        return box.get_bytes(mail_id)
    except KeyError:
        return None


def html(content: bytes) -> str:
    """The HTML of a mail with its inline pictures in place."""
    message = _parsed(content)
    body = message.get_body(preferencelist=("html", "plain"))
    text = str(body.get_content()) if body else ""
    for part in message.walk():
        if part.get_content_maintype() == "image" and part.get("Content-ID"):
            picture = base64.b64encode(part.get_content()).decode()
            name = str(part["Content-ID"]).strip("<>")
            text = text.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{picture}")
    return text


def _summary(mail_id: str, at: float, message: EmailMessage) -> Summary:
    date = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return Summary(mail_id, str(message["To"] or ""), str(message["Subject"] or ""), date)


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)
