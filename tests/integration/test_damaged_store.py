"""`verify` names a bit that a disk has flipped in a file of read models."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from bench.filling import fill
from bench.lives import lives
from chassis.testing.nats_server import RunningNats, running_nats
from switchboard.operations.filling import filling
from switchboard.operations.operator import Operator, operating
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import ALL_WELL, WRONG, Shown
from switchboard.operations.verifying.verifying import verify
from switchboard.settings import Settings

SERVICE, EVENTS = "notifier", 400
FEW, MANY = 4, 40
KEPT = re.compile(rb"@acme\.example|planned|Laptop 00|2024-01-0\d")
"""What stands in documents, sort columns and indexes."""


@asynccontextmanager
async def an_operator(folder: Path, nats: RunningNats) -> AsyncIterator[tuple[Operator, Console]]:
    settings = Settings(data=folder, nats_url=nats.url, nats_seeds=folder / "nats" / "keys")
    with (folder / "said").open("w") as said:
        out = Console(record=True, file=said, width=200)
        async with operating(settings, Shown(out=out, err=out)) as operator:
            yield operator, out


@pytest.fixture
async def nats(tmp_path: Path) -> AsyncIterator[RunningNats]:
    """A log, and read models that show it."""
    async with running_nats(tmp_path / "nats") as started:
        async with started.connected("setup") as admin:
            for service in ("provisioning", SERVICE, "sessions"):
                await fill(admin, lives(EVENTS, service), lambda _: None)
        async with an_operator(tmp_path, started) as (operator, _):
            read_models = await operator.read_models(SERVICE)
            await read_models.open()
            async with filling(operator, SERVICE, projections_of(SERVICE), 1) as live:
                await live.caught_up(lambda _done, _of: None)
        yield started


async def verified(folder: Path, nats: RunningNats) -> tuple[int, str]:
    async with an_operator(folder, nats) as (operator, out):
        code = await verify(operator, SERVICE, read_models=True)
        return code, out.export_text()


async def test_a_whole_store_is_found_to_be_whole(tmp_path: Path, nats: RunningNats) -> None:
    code, said = await verified(tmp_path, nats)
    assert (code, "none of them different" in said) == (ALL_WELL, True), said


async def flipped(folder: Path, nats: RunningNats, tries: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    file = folder / "read-models" / f"{SERVICE}.sqlite"
    whole, missed = file.read_bytes(), []
    places = [place for found in KEPT.finditer(whole) for place in range(*found.span())]
    for number in range(tries):
        content = bytearray(whole)
        content[chance.choice(places)] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        code, said = await verified(folder, nats)
        if code != WRONG:
            missed.append((number, code, said))
        file.write_bytes(whole)
    assert missed == [], f"seed {seed}"


async def test_a_flipped_bit_in_read_models_is_reported(tmp_path: Path, nats: RunningNats) -> None:
    await flipped(tmp_path, nats, FEW, seed=1)


@pytest.mark.nightly
async def test_a_flipped_bit_in_read_models_is_reported_in_40_of_40_tries(
    tmp_path: Path, nats: RunningNats
) -> None:
    await flipped(tmp_path, nats, MANY, seed=random.SystemRandom().randrange(1 << 30))
