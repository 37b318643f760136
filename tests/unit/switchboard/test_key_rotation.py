"""Every keyring can be rotated, and keeps its first key in the first place."""

from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from chassis.jetstream.topology import Topology
from chassis.key_files import read_keys
from chassis.settings import WrongSettings
from switchboard.catalogue import BLUEPRINTS
from switchboard.keys import create_missing
from switchboard.operations.keys import KEYRINGS, rotate
from switchboard.operations.operator import Operator
from switchboard.operations.shown import Shown
from switchboard.settings import Settings


def operator(folder: Path) -> Operator:
    shown = Shown(out=Console(file=StringIO()))
    return Operator(Settings(data=folder), shown, Topology.load(), AsyncExitStack())


def test_no_service_is_without_rotation() -> None:
    assert sorted(KEYRINGS.values()) == sorted(BLUEPRINTS)


@pytest.mark.parametrize("what", KEYRINGS)
async def test_a_new_key_is_current_and_the_first_stays_first(tmp_path: Path, what: str) -> None:
    keyring = create_missing(tmp_path / "keys", tuple(BLUEPRINTS)).keyring(KEYRINGS[what])
    first, _ = read_keys(keyring)
    await rotate(operator(tmp_path), what, yes=False)
    assert read_keys(keyring)[0] == first
    for _ in range(2):
        await rotate(operator(tmp_path), what, yes=True)
    current, keys = read_keys(keyring)
    assert (next(iter(keys)), current, len(keys)) == (first, list(keys)[-1], 3)


async def test_what_cannot_be_rotated_is_refused_with_what_can(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="sessions, provisioning, notifier"):
        await rotate(operator(tmp_path), "portal", yes=True)
