"""Rules of contacts."""

import pytest
from pydantic import ValidationError

from chassis.decider import Invalid
from chassis.testing.spec import Spec
from schemas.provisioning import ContactAdded, Email
from services.provisioning.domain.contact import AddContact, contact

spec = Spec(contact)
WORK = Email(email_id="e1", address="ada@example.com", label="work")
HOME = Email(email_id="e2", address="ada@home.example", label="home")
ADD = AddContact("c1", "Ada", "Lovelace", (WORK, HOME))
ADDED = ContactAdded(contact_id="c1", first_name="Ada", last_name="Lovelace", emails=(WORK, HOME))


def test_a_contact_has_names_and_labelled_addresses() -> None:
    spec.when(ADD).then(ADDED)


def test_i4_at_least_one_address() -> None:
    spec.when(AddContact("c1", "Ada", "Lovelace", ())).then_refused(Invalid)


def test_i4_no_address_twice_whatever_its_case() -> None:
    again = Email(email_id="e3", address="ADA@example.com", label="home")
    refused = spec.when(AddContact("c1", "Ada", "Lovelace", (WORK, again))).then_refused(Invalid)
    assert refused.details["errors"][0]["field"] == "emails.1.address"


def test_i4_the_label_is_work_or_home() -> None:
    with pytest.raises(ValidationError):
        Email.model_validate({"email_id": "e", "address": "a@b.example", "label": "private"})


@pytest.mark.parametrize("name", ["", "   ", "A\nB", "A\x00", "A\u2028B"])
def test_i5_names_are_not_blank_and_hold_no_control_characters(name: str) -> None:
    with pytest.raises(ValidationError):
        ContactAdded(contact_id="c1", first_name=name, last_name="L", emails=(WORK,))


def test_a_contact_is_added_once() -> None:
    spec.given(ADDED).when(ADD).then_nothing()
    spec.when(ADD).then_repeating_changes_nothing()
