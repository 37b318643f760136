"""A form is named as the API is, loses nothing that was typed, and never shows a password again."""

from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.resources import values
from services.portal.resources.provisioning import DialingRule, SipAccount

TYPED = {
    "first_name": "Ada",
    "language": "",
    "emails.0.address": "ada@example.com",
    "emails.0.label": "work",
    "emails.1.address": "",
    "emails.1.label": "",
    "administrator.password": "secret of the form",
    "_token": "t",
}


def test_fields_with_dots_become_what_the_api_wants() -> None:
    body = Form(values=TYPED).body("first_name", "language", "emails", "administrator")
    assert body == {
        "first_name": "Ada",
        "emails": [{"address": "ada@example.com", "label": "work"}],
        "administrator": {"password": "secret of the form"},
    }


def test_a_change_says_which_fields_were_emptied() -> None:
    assert Form(values=TYPED).body("first_name", "language", empty=True) == {
        "first_name": "Ada",
        "language": None,
    }


def test_a_box_that_is_not_ticked_is_sent_as_false() -> None:
    form = Form(values={"enabled": "true"})
    assert form.body(ticks=("enabled", "use_push_proxy")) == {
        "enabled": True,
        "use_push_proxy": False,
    }


def test_rows_in_which_nothing_was_typed_are_left_out_of_a_group() -> None:
    form = Form(values={"rules.0.match": "", "rules.2.match": "0", "rules.2.add": ""})
    assert form.rows("rules") == 3
    assert form.group("rules") == [{"match": "0"}]


def test_what_a_service_says_stands_beside_its_field() -> None:
    said = Declined(422, "Correct it.", {"emails.0.address": "Enter an e-mail address."})
    wrong = Form(values=TYPED).wrong(said)
    assert wrong.problem("emails.0.address") == "Enter an e-mail address."
    assert wrong.text("first_name") == "Ada"
    assert wrong.detail == ""


def test_what_belongs_to_no_field_stands_above_the_form() -> None:
    assert Form(values=TYPED).wrong(Declined(409, "The desk is taken.")).detail == (
        "The desk is taken."
    )
    elsewhere = Declined(422, "Correct it.", {"device_id": "There is no such device."})
    assert Form(values=TYPED).wrong(elsewhere).detail == "There is no such device."


def test_a_password_is_never_shown_again() -> None:
    form = Form(values={**TYPED, "password": "secret of the form"})
    assert form.text("password") == ""
    assert form.text("administrator.password") == ""


def test_a_corrected_form_is_another_command() -> None:
    form = Form(values=TYPED)
    assert form.wrong(Declined(422, "Correct it.")).once != form.once


def test_a_form_that_changes_something_begins_with_all_there_is() -> None:
    account = SipAccount(
        id="a1",
        provider_id="p1",
        friendly_name="Reception",
        username="1001",
        protocol="udp",
        password_entered_on_device=False,
        has_password=True,
        use_push_proxy=False,
        enabled=True,
        dialing_rules=(DialingRule("0", 1, "+44"), DialingRule("00")),
    )
    form = Form(values=values(account))
    assert form.text("friendly_name") == "Reception"
    assert form.chosen("enabled")
    assert form.group("dialing_rules") == [
        {"match": "0", "strip": 1, "add": "+44"},
        {"match": "00", "strip": 0},
    ]
