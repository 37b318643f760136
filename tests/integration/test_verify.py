"""`verify` names what a broken disk did to a log: one flipped bit is always reported."""

import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from bench.events import PLACE, Pattern
from bench.filling import fill
from chassis.cause import new_id
from chassis.event_store import Aggregate
from chassis.jetstream.nats_process import nats_server
from chassis.jetstream.topology import Topology
from chassis.testing.nats_server import running_nats
from schemas.provisioning import ContactAdded, ContactChanged, Email
from switchboard.operations.archive.exporting import export
from switchboard.operations.operator import Operator, operating
from switchboard.operations.shown import ALL_WELL, WRONG, Shown
from switchboard.operations.verifying.verifying import verify
from switchboard.settings import Settings

CONTACTS, EVENTS_EACH = 60, 5
FEW, MANY = 2, 40


@asynccontextmanager
async def an_operator(folder: Path, url: str) -> AsyncIterator[tuple[Operator, Console]]:
    settings = Settings(data=folder, nats_url=url, nats_seeds=folder / "nats" / "keys")
    out = Console(record=True, quiet=False, file=(folder / "out").open("w"), width=200)
    async with operating(settings, Shown(out=out, err=out)) as operator:
        yield operator, out
    out.file.close()


def contacts() -> Iterator[tuple[str, bytes]]:
    """Facts that claim nothing, spread over the log as in life."""
    ids = [new_id() for _ in range(CONTACTS)]
    for version in range(1, EVENTS_EACH + 1):
        kind = ContactChanged if version > 1 else ContactAdded
        email = Email(email_id=new_id(), address="ada@demo.example", label="work")
        fact = kind(contact_id=PLACE, first_name="Ada", last_name="Lovelace", emails=(email,))
        pattern = Pattern(Aggregate("provisioning", "acme", "contact", PLACE), version, fact)
        yield from (pattern.written(one) for one in ids)


async def archived_log(folder: Path) -> None:
    async with running_nats(folder / "nats") as nats:
        async with nats.connected("setup") as admin:
            await fill(admin, contacts(), lambda _: None)
        async with an_operator(folder, nats.url) as (operator, _):
            await export(operator)


async def verified(folder: Path) -> tuple[int, str]:
    """Start the broker again as it is, and verify."""
    async with (
        nats_server(folder / "nats", Topology.load(), port=-1) as server,
        an_operator(folder, server.url) as (operator, out),
    ):
        code = await verify(operator, "provisioning", read_models=False)
        return code, out.export_text()


def flip_a_bit(folder: Path, chance: random.Random) -> None:
    """In the file that holds the messages, anywhere."""
    (block,) = (folder / "nats" / "store").glob("**/streams/PROVISIONING/msgs/*.blk")
    content = bytearray(block.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    block.write_bytes(content)


async def test_a_whole_log_is_found_to_be_whole(tmp_path: Path) -> None:
    await archived_log(tmp_path)
    code, said = await verified(tmp_path)
    assert (code, "The logs are whole." in said) == (ALL_WELL, True)


async def flipped(folder: Path, tries: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    missed = []
    await archived_log(folder / "whole")
    for number in range(tries):
        one = folder / str(number)
        shutil.copytree(folder / "whole", one)
        flip_a_bit(one, chance)
        code, said = await verified(one)
        if code != WRONG or "archive import" not in said:
            missed.append((number, code, said))
    assert missed == [], f"seed {seed}"


async def test_a_flipped_bit_in_a_store_file_is_reported(tmp_path: Path) -> None:
    await flipped(tmp_path, FEW, seed=1)


@pytest.mark.nightly
async def test_a_flipped_bit_in_a_store_file_is_reported_in_40_of_40_tries(tmp_path: Path) -> None:
    await flipped(tmp_path, MANY, seed=new_seed())


def new_seed() -> int:
    return random.SystemRandom().randrange(1 << 30)
