"""What lists of devices are made by."""

import pytest

from services.provisioning.domain.device import Device
from services.provisioning.views.devices import ACCOUNT_FIELDS, DeviceView, shown


@pytest.mark.parametrize("accounts", [("a",), ("b", "a"), ("a", "b", "c", "d")])
def test_a_device_is_found_by_each_of_its_accounts_and_by_no_other(
    accounts: tuple[str, ...],
) -> None:
    view = shown(DeviceView("d1", device=Device("c1", "Desk", accounts)))
    found = [getattr(view, field) for field in ACCOUNT_FIELDS]
    assert found == [*accounts, *[""] * (4 - len(accounts))]
