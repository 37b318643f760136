"""What activation learns from provisioning's log."""

from typing import Any

import pytest

from chassis.read_models import ReadModel
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.read_models import MemoryReadModelStore
from schemas.event import Event
from schemas.provisioning import (
    ContactAdded,
    ContactChanged,
    ContactErased,
    ContactRemoved,
    DeviceAccountsChanged,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
    DialingRule,
    Email,
    ServiceProviderAdded,
    ServiceProviderChanged,
    ServiceProviderRemoved,
    SipAccountAdded,
    SipAccountChanged,
    SipAccountDisabled,
    SipAccountEnabled,
    SipAccountRemoved,
    SipAccountSecretSet,
    SipProxy,
)
from services.activation.projections import (
    CONTACTS,
    DEVICES,
    PROVIDERS,
    SIP_ACCOUNTS,
    ContactView,
    DeviceView,
    ProviderView,
    SecretReference,
    SipAccountView,
    projections,
)

PROXY = SipProxy(host="proxy.example.com", port=5080, transport="tcp")
RULES = (DialingRule(match="0", strip=1, add="+49"),)
EMAILS = (Email(email_id="e1", address="ada@example.com", label="work"),)

PROVIDER = ServiceProviderAdded(
    provider_id="p1", name="Phones", sip_server="sip.example.com", sip_port=5061, sip_proxy=PROXY
)
ACCOUNT = SipAccountAdded(
    sip_account_id="a1",
    provider_id="p1",
    friendly_name="Sales",
    username="1001",
    protocol="tcp",
    use_push_proxy=True,
    authorization_username="auth",
    display_name="Ada",
    dialing_rules=RULES,
)
SECRET = SipAccountSecretSet(sip_account_id="a1", secret_id="s1", secret_version=2, key_id="k1")
CONTACT = ContactAdded(
    contact_id="c1", first_name="Ada", last_name="Byron", emails=EMAILS, language="de"
)
CREATED = DeviceCreated(device_id="d1", contact_id="c1", name="Desk", sip_account_ids=("a1",))


def revision(number: int) -> DeviceConfigurationChanged:
    return DeviceConfigurationChanged(device_id="d1", revision=number, cause="test")


@pytest.fixture
async def store() -> MemoryReadModelStore:
    models = MemoryReadModelStore()
    await models.open(PROVIDERS, SIP_ACCOUNTS, CONTACTS, DEVICES)
    return models


async def device_after(store: MemoryReadModelStore, *events: Event) -> DeviceView | None:
    await project(projections, store, ForeignLog().record(CREATED, *events))
    return await store.get(DEVICES, "acme", "d1")


async def test_a_provider_is_known_with_its_proxy(store: MemoryReadModelStore) -> None:
    await project(projections, store, ForeignLog().record(PROVIDER))
    expected = ProviderView("p1", "Phones", "sip.example.com", 5061, PROXY)
    assert await store.get(PROVIDERS, "acme", "p1") == expected


async def test_an_account_is_known_with_where_its_password_is_kept(
    store: MemoryReadModelStore,
) -> None:
    await project(projections, store, ForeignLog().record(ACCOUNT, SECRET))
    assert await store.get(SIP_ACCOUNTS, "acme", "a1") == SipAccountView(
        id="a1",
        provider_id="p1",
        friendly_name="Sales",
        username="1001",
        protocol="tcp",
        use_push_proxy=True,
        authorization_username="auth",
        display_name="Ada",
        dialing_rules=RULES,
        secret=SecretReference("s1", 2),
    )


async def test_of_a_contact_only_addresses_and_language_are_kept(
    store: MemoryReadModelStore,
) -> None:
    await project(projections, store, ForeignLog().record(CONTACT))
    assert await store.get(CONTACTS, "acme", "c1") == ContactView("c1", EMAILS, "de")


async def test_a_device_follows_its_revision_and_version(store: MemoryReadModelStore) -> None:
    view = await device_after(store, revision(2), revision(3))
    assert view == DeviceView("d1", 3, "c1", "Desk", ("a1",), revision=3)


async def test_a_deactivated_device_is_not_active(store: MemoryReadModelStore) -> None:
    view = await device_after(store, DeviceDeactivated(device_id="d1", reason="lost"), revision(2))
    assert view == DeviceView("d1", 3, "c1", "Desk", ("a1",), revision=2, active=False)


async def test_a_reactivated_device_is_active_again(store: MemoryReadModelStore) -> None:
    stopped = DeviceDeactivated(device_id="d1", reason="admin")
    view = await device_after(store, stopped, DeviceReactivated(device_id="d1"))
    assert view == DeviceView("d1", 3, "c1", "Desk", ("a1",))


async def test_a_removed_device_is_told_from_one_that_is_not_here_yet(
    store: MemoryReadModelStore,
) -> None:
    view = await device_after(store, DeviceRemoved(device_id="d1"))
    assert view == DeviceView("d1", 2, "c1", "", (), active=False, removed=True)
    assert await store.get(DEVICES, "acme", "d2") is None


async def test_a_changed_provider_is_known_as_it_is_now(store: MemoryReadModelStore) -> None:
    moved = ServiceProviderChanged(
        provider_id="p1", name="Phones", sip_server="new.example.com", sip_port=5060
    )
    await project(projections, store, ForeignLog().record(PROVIDER, moved))
    assert await store.get(PROVIDERS, "acme", "p1") == ProviderView(
        "p1", "Phones", "new.example.com", 5060
    )


async def test_a_changed_account_keeps_its_password_and_whether_it_is_enabled(
    store: MemoryReadModelStore,
) -> None:
    changed = SipAccountChanged(
        sip_account_id="a1", provider_id="p1", friendly_name="New", username="2", protocol="udp"
    )
    disabled = SipAccountDisabled(sip_account_id="a1")
    await project(projections, store, ForeignLog().record(ACCOUNT, SECRET, disabled, changed))
    assert await store.get(SIP_ACCOUNTS, "acme", "a1") == SipAccountView(
        id="a1",
        provider_id="p1",
        friendly_name="New",
        username="2",
        protocol="udp",
        enabled=False,
        secret=SecretReference("s1", 2),
    )


async def test_an_account_that_is_typed_on_the_device_names_no_password(
    store: MemoryReadModelStore,
) -> None:
    typed = SipAccountChanged(
        sip_account_id="a1",
        provider_id="p1",
        friendly_name="Sales",
        username="1001",
        protocol="tcp",
        password_entered_on_device=True,
    )
    await project(projections, store, ForeignLog().record(ACCOUNT, SECRET, typed))
    view = await store.get(SIP_ACCOUNTS, "acme", "a1")
    assert view is not None
    assert (view.secret, view.password_entered_on_device) == (None, True)


async def test_an_account_is_enabled_again(store: MemoryReadModelStore) -> None:
    off, on = SipAccountDisabled(sip_account_id="a1"), SipAccountEnabled(sip_account_id="a1")
    await project(projections, store, ForeignLog().record(ACCOUNT, off, on))
    view = await store.get(SIP_ACCOUNTS, "acme", "a1")
    assert view is not None
    assert view.enabled


async def test_a_device_follows_its_name_and_accounts(store: MemoryReadModelStore) -> None:
    renamed = DeviceRenamed(device_id="d1", name="Lobby")
    others = DeviceAccountsChanged(device_id="d1", sip_account_ids=("a2", "a1"))
    view = await device_after(store, renamed, others, revision(2))
    assert view == DeviceView("d1", 4, "c1", "Lobby", ("a2", "a1"), revision=2)


@pytest.mark.parametrize("gone", [ContactRemoved(contact_id="c1"), ContactErased(contact_id="c1")])
async def test_of_a_contact_that_is_gone_nothing_is_kept(
    store: MemoryReadModelStore, gone: Event
) -> None:
    changed = ContactChanged(contact_id="c1", first_name="A", last_name="B", emails=EMAILS)
    log = ForeignLog()
    await project(projections, store, log.record(CONTACT, changed))
    assert await store.get(CONTACTS, "acme", "c1") == ContactView("c1", EMAILS, None)
    await project(projections, store, log.record(gone))
    assert await store.get(CONTACTS, "acme", "c1") is None


async def test_what_was_removed_is_not_known_any_more(store: MemoryReadModelStore) -> None:
    removed = (
        SipAccountRemoved(sip_account_id="a1", provider_id="p1"),
        ServiceProviderRemoved(provider_id="p1"),
    )
    await project(projections, store, ForeignLog().record(PROVIDER, ACCOUNT, *removed))
    assert await store.get(SIP_ACCOUNTS, "acme", "a1") is None
    assert await store.get(PROVIDERS, "acme", "p1") is None


async def test_events_that_are_delivered_twice_count_once(store: MemoryReadModelStore) -> None:
    recorded = ForeignLog().record(PROVIDER, ACCOUNT, SECRET, CONTACT, CREATED, revision(2))
    await project(projections, store, recorded)
    first = await everything(store)
    await project(projections, store, recorded[:3])
    await project(projections, store, recorded)
    assert await everything(store) == first


async def everything(store: MemoryReadModelStore) -> list[Any]:
    models: list[tuple[ReadModel[Any], str]] = [
        (PROVIDERS, "p1"),
        (SIP_ACCOUNTS, "a1"),
        (CONTACTS, "c1"),
        (DEVICES, "d1"),
    ]
    found: list[Any] = [await store.get(model, "acme", key) for model, key in models]
    assert None not in found
    return found
