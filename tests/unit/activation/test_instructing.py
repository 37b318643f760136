"""To which addresses of a contact instructions go."""

import pytest

from chassis.decider import Invalid
from schemas.provisioning import Email
from services.activation.instructing import recipients

HOME = Email(email_id="home", address="ada@home.example", label="home")
WORK = Email(email_id="work", address="Ada@example.com", label="work")
LAB = Email(email_id="lab", address="ada@lab.example.com", label="work")


def test_without_a_choice_all_addresses_at_work_are_taken() -> None:
    assert recipients([HOME, WORK, LAB], None) == ("work", "lab")


def test_whoever_has_no_address_at_work_is_written_to_at_the_first() -> None:
    other = HOME.model_copy(update={"email_id": "other"})
    assert recipients([HOME, other], None) == ("home",)


def test_addresses_are_chosen_whatever_their_case_and_each_once() -> None:
    chosen = ["ADA@example.com", "ada@home.example", "ada@EXAMPLE.com"]
    assert recipients([HOME, WORK], chosen) == ("work", "home")


def test_an_address_of_somebody_else_is_refused() -> None:
    with pytest.raises(Invalid):
        recipients([HOME, WORK], ["eve@example.com"])
