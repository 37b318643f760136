"""What the notifier knows of contacts, devices and accounts follows what becomes of them."""

import pytest

from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.read_models import MemoryReadModelStore
from schemas.event import Event
from schemas.provisioning import (
    ContactAdded,
    ContactChanged,
    ContactErased,
    ContactRemoved,
    DeviceAccountsChanged,
    DeviceCreated,
    DeviceRenamed,
    Email,
    SipAccountAdded,
    SipAccountChanged,
)
from services.notifier.projections import (
    CONTACTS,
    DEVICES,
    SIP_ACCOUNTS,
    ContactView,
    DeviceView,
    SipAccountView,
    projections,
)

WORK = Email(email_id="e1", address="ada@example.com", label="work")
HOME = Email(email_id="e2", address="ada@home.example", label="home")
ADDED = ContactAdded(contact_id="c1", first_name="Ada", last_name="Byron", emails=(WORK, HOME))
CREATED = DeviceCreated(device_id="d1", contact_id="c1", name="Desk", sip_account_ids=("a1",))


@pytest.fixture
async def store() -> MemoryReadModelStore:
    models = MemoryReadModelStore()
    await models.open(*(one.model for one in projections))
    return models


async def test_an_address_that_was_taken_away_is_not_known_any_more(
    store: MemoryReadModelStore,
) -> None:
    changed = ContactChanged(
        contact_id="c1", first_name="Ada", last_name="Lovelace", emails=(HOME,), language="de"
    )
    await project(projections, store, ForeignLog().record(ADDED, changed))
    assert await store.get(CONTACTS, "acme", "c1") == ContactView(
        "Ada", "Lovelace", "de", {"e2": "ada@home.example"}
    )


@pytest.mark.parametrize("gone", [ContactRemoved(contact_id="c1"), ContactErased(contact_id="c1")])
async def test_a_contact_that_is_gone_has_no_name_and_no_address(
    store: MemoryReadModelStore, gone: Event
) -> None:
    await project(projections, store, ForeignLog().record(ADDED, gone))
    assert await store.get(CONTACTS, "acme", "c1") == ContactView("", "", None, {})


async def test_a_mail_calls_a_device_and_its_accounts_what_they_are_called_now(
    store: MemoryReadModelStore,
) -> None:
    facts = (
        CREATED,
        DeviceRenamed(device_id="d1", name="Lobby"),
        DeviceAccountsChanged(device_id="d1", sip_account_ids=("a2", "a1")),
        SipAccountAdded(
            sip_account_id="a1", provider_id="p1", friendly_name="X", username="1", protocol="udp"
        ),
        SipAccountChanged(
            sip_account_id="a1",
            provider_id="p1",
            friendly_name="Y",
            username="1",
            protocol="udp",
            password_entered_on_device=True,
        ),
    )
    await project(projections, store, ForeignLog().record(*facts))
    assert await store.get(DEVICES, "acme", "d1") == DeviceView("Lobby", ("a2", "a1"))
    assert await store.get(SIP_ACCOUNTS, "acme", "a1") == SipAccountView("Y", True)
