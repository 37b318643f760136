"""The local mailbox: what it shows, and to whom."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient

from switchboard.mailbox.reading import html, raw, summaries
from switchboard.mailbox.smtp import Keep
from switchboard.up import mailbox_app


def mail(subject: str) -> bytes:
    message = EmailMessage()
    message["To"], message["Subject"] = "ada@example.com", subject
    message.set_content("Your code", charset="utf-8")
    message.add_alternative('<p>Your code <img src="cid:qr@x"></p>', subtype="html")
    _, shown = message.iter_parts()
    assert isinstance(shown, EmailMessage)
    shown.add_related(b"png", "image", "png", cid="<qr@x>")
    return message.as_bytes()


class Arrived:
    """What aiosmtpd hands over."""

    def __init__(self, content: bytes) -> None:
        self.original_content = content


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    keep = Keep(tmp_path / "mail")
    (tmp_path / "mail").mkdir()
    for name in ("cur", "new", "tmp"):
        (tmp_path / "mail" / name).mkdir()
    for subject in ("first", "second"):
        await keep.handle_DATA(None, None, Arrived(mail(subject)))  # type: ignore[arg-type]  # of the envelope only the content counts
    return tmp_path / "mail"


async def test_mails_are_listed_newest_first(folder: Path) -> None:
    assert [m.subject for m in summaries(folder)] == ["second", "first"]


async def test_a_mail_is_given_back_as_it_was_sent(folder: Path) -> None:
    assert raw(folder, summaries(folder)[1].id) == mail_as_kept(folder, 1)
    assert raw(folder, "none") is None


def mail_as_kept(folder: Path, place: int) -> bytes:
    return next((folder / "new").glob(f"{summaries(folder)[place].id}*")).read_bytes()


async def test_pictures_of_a_mail_stand_in_its_page(folder: Path) -> None:
    content = raw(folder, summaries(folder)[0].id)
    assert content is not None
    assert 'src="data:image/png;base64,cG5n"' in html(content)


async def test_the_mailbox_answers_this_machine_only(folder: Path) -> None:
    async with AsyncTestClient(mailbox_app(folder), base_url="http://127.0.0.1") as client:
        own = await client.get("/dev/mailbox")
        foreign = await client.get("/dev/mailbox", headers={"Host": "evil.example"})
    assert (own.status_code, foreign.status_code) == (200, 404)
    assert own.headers["X-Content-Type-Options"] == "nosniff"
