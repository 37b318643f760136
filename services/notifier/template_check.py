"""Tries the templates of organizations out before any mail is made of them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from traceback import extract_tb

from jinja2 import TemplateError, TemplateSyntaxError

from chassis.settings import WrongSettings
from chassis.wording import LANGUAGES
from services.notifier.instructions import Account, Instructions, LiveCode
from services.notifier.letterhead import Letterhead
from services.notifier.mail import compose
from services.notifier.templating import NAMES, Templates

_REMOTE = re.compile(r"src\s*=|url\(", re.IGNORECASE)
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
                why = f"{type(error).__name__}, {error.message}"
                raise _wrong(file, why, _line(file, error)) from None
            except (UnicodeDecodeError, OSError) as error:
                raise _wrong(
                    file, f"it is no readable UTF-8 text ({type(error).__name__})"
                ) from None


def _try_out(templates: Templates, organization: str, language: str, file: Path) -> None:
    values = _of_sample(templates, organization, language)
    part = values[file.name]
    for name, value in (
        ("grouped", SAMPLE.code.grouped),
        ("activation_url", SAMPLE.code.activation_url),
    ):
        if value not in part:
            raise _wrong(file, f"its mail does not show {{{{ said.code.{name} }}}}")
    if found := _REMOTE.search(part.replace('src="cid:', "")):
        why = "it shows a picture from elsewhere, which tells on whoever reads it"
        raise _wrong(file, why, _line_of(file, found[0]))


def _of_sample(templates: Templates, organization: str, language: str) -> dict[str, str]:
    said = replace(SAMPLE, organization_id=organization, language=language)
    mail = compose(said, LETTERHEAD, templates, "<sample@example.com>", NOON)
    return {
        f"instructions.{suffix}.j2": part.get_content()
        for suffix, kind in (("txt", "plain"), ("html", "html"))
        if (part := mail.get_body((kind,)))
    }


def _line(file: Path, error: TemplateError) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = [at.lineno for at in extract_tb(error.__traceback__) if at.filename == str(file)]
    return lines[-1] if lines else None


def _line_of(file: Path, words: str) -> int | None:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if words in line), None)


def _wrong(file: Path, why: str, line: int | None = None) -> WrongSettings:
    where = f"{file}, line {line}," if line else str(file)
    return WrongSettings(
        f"NOTIFIER_TEMPLATES: {where} cannot be used: {why.rstrip('.')}. Mend it, or remove it: "
        "the organization then gets the mails that all others get."
    )
