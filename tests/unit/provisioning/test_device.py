"""Rules of devices."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Invalid, Unknown
from chassis.testing.spec import Spec
from schemas.provisioning import (
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)
from services.provisioning.domain.device import (
    CreateDevice,
    DeactivateDevice,
    DeviceCommand,
    DeviceGone,
    ReactivateDevice,
    RemoveDevice,
    device,
)

spec = Spec(device)
CREATE = CreateDevice("d1", "c1", True, "Laptop", ("a1", "a2"))
CREATED = DeviceCreated(
    device_id="d1", contact_id="c1", name="Laptop", sip_account_ids=("a1", "a2")
)
LOST = DeviceDeactivated(device_id="d1", reason="lost")
REACTIVATED = DeviceReactivated(device_id="d1")
REMOVED = DeviceRemoved(device_id="d1")


def revised(revision: int, cause: str) -> DeviceConfigurationChanged:
    return DeviceConfigurationChanged(device_id="d1", revision=revision, cause=cause)


def test_i6_a_device_keeps_its_accounts_in_order() -> None:
    spec.when(CREATE).then(CREATED)


@pytest.mark.parametrize("accounts", [(), ("a1", "a2", "a3", "a4", "a5")])
def test_i6_a_device_has_one_to_four_accounts(accounts: tuple[str, ...]) -> None:
    spec.when(replace(CREATE, sip_account_ids=accounts)).then_refused(Invalid)


def test_i6_no_account_twice_on_one_device() -> None:
    refused = spec.when(replace(CREATE, sip_account_ids=("a1", "a1"))).then_refused(Invalid)
    assert refused.details["errors"][0]["field"] == "sip_account_ids.1"


def test_i6_accounts_are_those_of_the_organization() -> None:
    spec.when(replace(CREATE, unknown_account_ids=frozenset({"a2"}))).then_refused(Invalid)


def test_a_device_belongs_to_a_contact_that_exists() -> None:
    spec.when(replace(CREATE, contact_exists=False)).then_refused(Unknown)


def test_i9_deactivating_changes_the_configuration_once() -> None:
    spec.given(CREATED).when(DeactivateDevice("d1", "lost")).then(LOST, revised(2, "deactivated"))
    spec.given(CREATED, LOST, revised(2, "deactivated")).when(
        DeactivateDevice("d1", "lost")
    ).then_nothing()


def test_i9_reactivating_changes_the_configuration_once() -> None:
    spec.given(CREATED, LOST, revised(2, "deactivated")).when(ReactivateDevice("d1")).then(
        REACTIVATED, revised(3, "reactivated")
    )


def test_a_device_that_is_active_is_not_reactivated() -> None:
    spec.given(CREATED).when(ReactivateDevice("d1")).then_nothing()


def test_removing_twice_is_removing_once() -> None:
    spec.given(CREATED).when(RemoveDevice("d1")).then(REMOVED)
    spec.given(CREATED, REMOVED).when(RemoveDevice("d1")).then_nothing()


@pytest.mark.parametrize("command", [DeactivateDevice("d1", "admin"), ReactivateDevice("d1")])
def test_a_device_that_was_removed_is_unknown(command: DeviceCommand) -> None:
    spec.given(CREATED, REMOVED).when(command).then_refused(DeviceGone)
    spec.when(command).then_refused(DeviceGone)


commands = st.sampled_from(
    [CREATE, DeactivateDevice("d1", "admin"), ReactivateDevice("d1"), RemoveDevice("d1")]
)


@given(earlier=st.lists(commands, max_size=8), command=commands)
def test_every_command_may_be_retried(earlier: list[DeviceCommand], command: DeviceCommand) -> None:
    spec.given_commands(earlier).when(command).then_repeating_changes_nothing()


@given(st.lists(commands, max_size=12))
def test_i9_revisions_count_up_without_gaps(asked: list[DeviceCommand]) -> None:
    state, revisions = None, [1]
    for command in asked:
        try:
            facts = device.decide(command, state)
        except DeviceGone:
            continue
        revisions += [f.revision for f in facts if isinstance(f, DeviceConfigurationChanged)]
        state = device.fold(facts, state)
    assert revisions == list(range(1, len(revisions) + 1))
