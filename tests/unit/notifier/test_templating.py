"""Organizations can have templates of their own; what would fail in a mail fails at the start."""

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chassis.settings import WrongSettings
from services.notifier.instructions import Account
from services.notifier.mail import compose
from services.notifier.template_check import LETTERHEAD, NOON, SAMPLE, check
from services.notifier.templating import HTML, TEXT, Templates
from tests.unit.notifier.mails import text_of

CODE = "{{ said.code.grouped }} {{ said.code.activation_url }}"


def overridden(folder: Path, name: str, content: str, organization: str = "acme") -> Templates:
    (folder / organization).mkdir(exist_ok=True)
    (folder / organization / name).write_text(content)
    return Templates(folder)


def said(templates: Templates, organization: str, kind: str = "plain") -> str:
    sample = replace(SAMPLE, organization_id=organization)
    return text_of(compose(sample, LETTERHEAD, templates, "<x@example.com>", NOON), kind)


def test_an_organization_with_a_template_of_its_own_gets_that_one(tmp_path: Path) -> None:
    templates = overridden(tmp_path, TEXT, f"Ahoy {{{{ said.first_name }}}}! {CODE}")
    check(templates)
    assert said(templates, "acme").startswith("Ahoy Ada!")


def test_other_organizations_and_other_parts_stay_as_they_are(tmp_path: Path) -> None:
    templates = overridden(tmp_path, TEXT, f"Ahoy! {CODE}")
    assert "Ahoy" not in said(templates, "other")
    assert "Ahoy" not in said(templates, "acme", "html")


def test_translations_work_in_a_template_of_ones_own(tmp_path: Path) -> None:
    templates = overridden(tmp_path, TEXT, '{{ _("Make a call") }} ' + CODE)
    sample = replace(SAMPLE, organization_id="acme", language="de")
    mail = compose(sample, LETTERHEAD, templates, "<x@example.com>", NOON)
    assert text_of(mail).startswith("Telefonieren")


@pytest.mark.parametrize(
    ("name", "content", "line", "why"),
    [
        (TEXT, CODE + "\n\n{{ said.nickname }}", 3, "nickname"),
        (TEXT, CODE + "\n{% if %}", 2, "TemplateSyntaxError"),
        (TEXT, CODE + "\n{% macro x() %}\n{{ typo }}{% endmacro %}\n{{ x() }}", 3, "typo"),
        (TEXT, "Welcome!", None, "{{ said.code.grouped }}"),
        (TEXT, "{{ said.code.grouped }}", None, "{{ said.code.activation_url }}"),
        (HTML, f'{CODE}\n<img src="https://tracker.example/pixel">', 2, "picture from elsewhere"),
        (HTML, f'{CODE}\n<img SRC = "https://tracker.example/x">', 2, "picture from elsewhere"),
        (HTML, f"{CODE}<p style='background:url(https://x.example)'>", 1, "picture from elsewhere"),
        (TEXT, CODE + "{{ said.__class__.__mro__ }}", 1, "SecurityError"),
        ("welcome.html", CODE, None, "it is not called"),
    ],
)
def test_a_template_that_cannot_be_used_is_named_at_the_start_with_line_and_remedy(
    tmp_path: Path, name: str, content: str, line: int | None, why: str
) -> None:
    with pytest.raises(WrongSettings) as wrong:
        check(overridden(tmp_path, name, content))
    text = str(wrong.value)
    place = f", line {line}, cannot" if line else " cannot"
    assert f"NOTIFIER_TEMPLATES: {tmp_path / 'acme' / name}{place}" in text
    assert why in text
    assert "Mend it, or remove it" in text


def test_a_template_that_is_no_text_is_named(tmp_path: Path) -> None:
    overridden(tmp_path, TEXT, CODE)
    (tmp_path / "acme" / TEXT).write_bytes(b"\xff\xfe")
    with pytest.raises(WrongSettings, match=r"no readable UTF-8 text"):
        check(Templates(tmp_path))


def test_a_template_that_fails_on_a_real_mail_does_not_keep_the_mail_back(tmp_path: Path) -> None:
    content = CODE + "{% if said.device_name == 'odd' %}{{ nothing.at.all }}{% endif %}"
    templates = overridden(tmp_path, TEXT, content)
    check(templates)
    odd = replace(SAMPLE, organization_id="acme", device_name="odd")
    with capture_logs() as logs:
        mail = compose(odd, LETTERHEAD, templates, "<x@example.com>", NOON)
    assert "Setting it up takes" in text_of(mail)
    assert [(one["event"], one["organization"]) for one in logs] == [("template_failed", "acme")]


def test_a_mistake_in_one_branch_is_found_too(tmp_path: Path) -> None:
    content = CODE + "{% if said.typed_passwords %}{{ typo }}{% endif %}"
    with pytest.raises(WrongSettings):
        check(overridden(tmp_path, TEXT, content))


@pytest.mark.parametrize("organization", ["../acme", "acme/../acme", ".", ""])
def test_an_organization_cannot_reach_the_templates_of_another(
    tmp_path: Path, organization: str
) -> None:
    templates = overridden(tmp_path, TEXT, f"Ahoy! {CODE}")
    assert "Ahoy" not in said(templates, organization)


def test_names_are_no_markup_in_a_template_of_ones_own_either(tmp_path: Path) -> None:
    templates = overridden(
        tmp_path, HTML, "<p>{{ said.device_name }} {{ said.accounts[0].name }}</p>"
    )
    hostile = replace(
        SAMPLE,
        organization_id="acme",
        device_name="<script>alert(1)</script>",
        accounts=(Account("{{ 7*7 }}", False),),
    )
    page = text_of(compose(hostile, LETTERHEAD, templates, "<x@example.com>", NOON), "html")
    assert "<script>" not in page
    assert "{{ 7*7 }}" in page
