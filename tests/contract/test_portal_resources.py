"""What pages expect of an answer is what the services describe: no field is made up."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from services.portal.resources import Resource, activation, notifier, provisioning, sessions

MODULES = {
    "sessions": sessions,
    "provisioning": provisioning,
    "activation": activation,
    "notifier": notifier,
}
NAMED_OTHERWISE = {
    "Desk": "SessionDesk",
    "Home": "SessionOrganization",
    "AcdState": "AcdResource",
    "Tokens": "SignedInResource",
    "SignInOptions": "OptionsResource",
    "ConfiguredDesk": "DeskResource",
    "FloorDesk": "ListedDeskResource",
    "SignInPolicy": "PolicyResource",
    "SignedOutCount": "SignedOutResource",
    "LiveSession": "LiveSessionResource",
    "PastSession": "PastSessionResource",
    "Seat": "SeatHours",
    "SeatHours": "SeatHoursResource",
    "ImportRow": "RowResource",
    "Import": "ImportDetails",
}


def resources() -> Iterator[Any]:
    for service, module in MODULES.items():
        for name, kind in vars(module).items():
            own = isinstance(kind, type) and issubclass(kind, Resource)
            if own and kind.__module__ == module.__name__:
                yield pytest.param(service, kind, id=f"{service}.{name}")


def models(service: str) -> dict[str, type[BaseModel]]:
    """Every model of a service by name, and those of the events it shows."""
    package = import_module(f"services.{service}")
    names = [one.name for one in walk_packages(package.__path__, f"{package.__name__}.")]
    found: dict[str, type[BaseModel]] = {}
    for module in [import_module(one) for one in (f"schemas.{service}", *names)]:
        kinds = [one for one in vars(module).values() if isinstance(one, type)]
        found |= {one.__name__: one for one in kinds if issubclass(one, BaseModel)}
    return found


@pytest.mark.parametrize(("service", "kind"), list(resources()))
def test_a_page_expects_no_field_that_no_service_answers(
    service: str, kind: type[msgspec.Struct]
) -> None:
    known = models(service)
    name = NAMED_OTHERWISE.get(kind.__name__, f"{kind.__name__}Resource")
    model = known.get(name) or known[kind.__name__]
    expected = {field.name for field in msgspec.structs.fields(kind)}
    assert expected - set(model.model_fields) == set()
