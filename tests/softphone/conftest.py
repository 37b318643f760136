"""Real softphones on a real registrar: left out, with the reason, where they are not installed."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chassis.testing.ports import reserved_port
from tests.softphone.phones import BARESIP, KAMAILIO, LINPHONE, Baresip, Linphone
from tests.softphone.registrar import Registrar, running_registrar
from tests.softphone.served import Served, served

MISSING = [program.name for program in (KAMAILIO, LINPHONE, BARESIP) if not program.exists()]


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not os.environ.get("TEST_SOFTPHONES"):
        pytest.skip("real softphones take their time: `make test-softphones` runs them")
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)}; `make test-softphones` installs them")


@pytest.fixture
def registrar() -> Iterator[Registrar]:
    with TemporaryDirectory(prefix="sip-") as folder, running_registrar(Path(folder)) as running:
        yield running


@pytest.fixture
async def activation(tmp_path: Path) -> AsyncIterator[Served]:
    folder = tmp_path / "activation"
    folder.mkdir()
    async with served(folder, reserved_port()) as running:
        yield running


@pytest.fixture(params=[Linphone, Baresip], ids=["linphone", "baresip"])
async def phone(
    request: pytest.FixtureRequest, tmp_path: Path, registrar: Registrar, activation: Served
) -> AsyncIterator[Linphone | Baresip]:
    """A softphone that has not been started; set its `url` first. It stops before all others."""
    home = tmp_path / "phone"
    home.mkdir()
    one: Linphone | Baresip = request.param(home)
    yield one
    await one.stop()


@pytest.fixture
async def linphone(tmp_path: Path, registrar: Registrar) -> AsyncIterator[Linphone]:
    one = Linphone(tmp_path)
    yield one
    await one.stop()


@pytest.fixture
async def typing(tmp_path: Path, registrar: Registrar) -> AsyncIterator[Baresip]:
    """A softphone somebody sits in front of."""
    one = Baresip(tmp_path)
    yield one
    await one.stop()
