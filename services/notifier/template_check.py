"""Tries the templates of organizations out before any mail is made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import TemplateError

from chassis.settings import WrongSettings
from chassis.wording import LANGUAGES
from services.notifier.instructions import Account, Instructions, LiveCode
from services.notifier.letterhead import Letterhead
from services.notifier.mail import compose
from services.notifier.templating import NAMES, Templates

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
SAMPLE = Instructions(
    language="en",
    organization="Harbour Taxis",
    first_name="Ada",
    last_name="Lovelace",
    address="ada@example.com",
    device_name="Ada's mobile",
    accounts=(Account("Reception", False), Account("Support", True)),
    code=LiveCode(
        code="BCDFGHJKLMNP",
        activation_url="https://phones.example.com/activate#BCDF-GHJK-LMNP",
        provisioning_url="https://phones.example.com/p/BCDFGHJKLMNP",
        expires_at=NOON + timedelta(days=7),
    ),
)
LETTERHEAD = Letterhead(
    sender="phones@example.com",
    sender_name="Phone system",
    help_contact="help@example.com",
    download_links={"Android": "https://example.com/android", "Computer": "https://example.com/"},
)


def check(templates: Templates) -> None:
    """Make a mail of each template in each language. Raises `WrongSettings` naming the file."""
    strict = replace(templates, strict=True)
    for organization, file in templates.overridden():
        if file.name not in NAMES:
            raise _wrong(file, f"it is not called {' or '.join(sorted(NAMES))}")
        for language in LANGUAGES:
            try:
                _try_out(strict, organization, language, file)
            except TemplateError as error:
                raise _wrong(file, f"{type(error).__name__}, {error.message}") from None


def _try_out(templates: Templates, organization: str, language: str, file: Path) -> None:
    values = _of_sample(templates, organization, language)
    part = values[file.name]
    if SAMPLE.code.grouped not in part or SAMPLE.code.activation_url not in part:
        raise _wrong(file, "the mail lacks said.code.grouped or said.code.activation_url")
    if "src=" in part.replace('src="cid:', "") or "url(" in part:
        raise _wrong(file, "it shows a picture from elsewhere, which tells on whoever reads it")


def _of_sample(templates: Templates, organization: str, language: str) -> dict[str, str]:
    said = replace(SAMPLE, organization_id=organization, language=language)
    mail = compose(said, LETTERHEAD, templates, "<sample@example.com>", NOON)
    return {
        f"instructions.{suffix}.j2": part.get_content()
        for suffix, kind in (("txt", "plain"), ("html", "html"))
        if (part := mail.get_body((kind,)))
    }


def _wrong(file: Path, why: str) -> WrongSettings:
    return WrongSettings(f"NOTIFIER_TEMPLATES: {file} cannot be used: {why}. Mend or remove it.")
