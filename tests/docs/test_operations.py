"""The commands of the operations page are run against a running product, and do what it says."""

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from chassis.cause import system_clock
from chassis.workers.dead_letters import DeadLetter
from switchboard.cli import app
from switchboard.demo.story import Person, new_run, tell
from tests.docs.repository import fences, section, text
from tests.e2e.broker import operator
from tests.e2e.product import Product, running

PAGE = "docs/operations.md"
ADA = Person("Ada", "Lovelace", "ada@demo.example")
TRIES = 120
DRY = "To do it, say --yes"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running(tmp_path_factory.mktemp("operations") / "var") as started:
        async with started.administrator() as client:
            await tell(client, ADA, new_run(), lambda _: None)
        yield started


@pytest.fixture(autouse=True)
def _beside_the_product(monkeypatch: pytest.MonkeyPatch, product: Product) -> None:
    monkeypatch.chdir(product.data)
    # The log of this process is that of the tests.
    monkeypatch.setattr("switchboard.operations.running.logs.configure", lambda _: None)


async def switchboard(product: Product, *arguments: str) -> tuple[int, str]:
    """Exit code and words of a command, in this process: importing everything takes a second."""
    runner = CliRunner(env=product.environment)
    result = await asyncio.to_thread(runner.invoke, app, list(arguments))
    return result.exit_code, result.output


def commands(heading: str) -> Iterator[list[str]]:
    """The commands under a heading of the page, without the program's name."""
    whole = text(PAGE) if heading.startswith("###") else section(PAGE, heading)
    part = whole.partition(f"{heading}\n")[2].partition("\n### ")[0] or whole
    for block in fences(part, "sh"):
        yield from (shlex.split(line)[1:] for line in block.splitlines())


async def done(product: Product, heading: str, **places: str) -> list[str]:
    """What all commands under a heading say; each ends well."""
    said = []
    for command in commands(heading):
        line = " ".join(command)
        for place, value in places.items():
            line = line.replace(f"<{place.replace('_', ' ')}>", value)
        code, output = await switchboard(product, *shlex.split(line))
        assert code == 0, f"switchboard {line}\n{output}"
        said.append(output)
    assert said, f"nothing stands under {heading}"
    return said


async def a_fact(product: Product, kind: str) -> dict[str, str]:
    _, output = await switchboard(product, "events", "ls", "--type", kind, "--limit", "1", "--json")
    envelope = json.loads(output.splitlines()[0])
    return {**envelope["data"], "correlation": envelope["correlationid"]}


async def test_every_day_all_is_well(product: Product) -> None:
    exported, archive, verified, doctor = await done(product, "### Every day")
    assert "NATS" in doctor
    assert "are archived in" in exported
    assert "The archive is whole." in archive
    assert "The logs are whole." in verified
    assert verified.count("none of them different") == 4


async def test_what_happened_to_a_phone_is_told(product: Product) -> None:
    fact = await a_fact(product, "DeviceCreated")
    history, state, *_, correlated = await done(
        product,
        "### What happened to this phone?",
        moment=system_clock().strftime("%Y-%m-%dT%H:%M:%S"),
        device_id=fact["device_id"],
        correlation_id=fact["correlation"],
    )
    assert "ActivationCodeIssued  (by service:activation, because of DeviceCreated" in history
    assert "NotificationSent" in history
    assert '"revision": ' in state
    types = {json.loads(line)["type"] for line in correlated.splitlines() if line[0] == "{"}
    assert {"provisioning.v1.DeviceCreated", "activation.v1.ActivationCodeIssued"} <= types


async def test_lag_and_health_are_shown(product: Product) -> None:
    (lag,) = await done(product, "### Something lags")
    assert "notifier-reactions-activation" in lag
    await done(product, "### The disk is full")


async def test_a_dead_letter_is_shown_retried_and_discarded(product: Product) -> None:
    _, output = await switchboard(
        product, "events", "ls", "--type", "DeviceCreated", "--limit", "1", "--json"
    )
    event = json.loads(output.splitlines()[0])
    sequence = int(event.pop("position").rpartition("-")[2])
    for number in (1, 2):
        await bury(product, event, sequence, f"durable-{number}")
    listed, shown, retried, *_ = await done_until_gone(product)
    assert "TypeError" in listed
    assert "DeviceCreated" in shown
    assert "succeeded" in retried


async def bury(product: Product, event: dict[str, object], sequence: int, durable: str) -> None:
    letter = DeadLetter.model_validate(
        {
            "service": "activation",
            "durable": durable,
            "stream": "PROVISIONING",
            "sequence": sequence,
            "subject": "evt.provisioning.o.device.d.1.DeviceCreated",
            "tries": 6,
            "buried_at": system_clock(),
            "reason": "TypeError at services.activation",
            "envelope": event,
        }
    )
    body = letter.model_dump_json(exclude_none=True).encode()
    async with operator(product) as nc:
        await nc.jetstream().publish(f"dead.activation.{durable}", body)


async def done_until_gone(product: Product) -> list[str]:
    """The first letter is retried, the second one discarded."""
    said = []
    for command in commands("### Dead letters"):
        number = "2" if "discard" in command else "1"
        line = [part.replace("<number>", number) for part in command]
        code, output = await switchboard(product, *line)
        assert code == 0, output
        said.append(output)
    assert "no dead letters" in (await switchboard(product, "dead-letters", "list"))[1]
    return said


async def test_read_models_are_rebuilt_and_rolled_back(product: Product) -> None:
    dry, one, every, back = await done(product, "### Read models were lost, or look wrong")
    assert "nothing was changed" in dry
    assert "nothing was changed" in one
    assert every.count("readers see version 2 now") == 4
    assert "provisioning: readers see version 1 now" in back


async def test_keys_are_rotated_and_codes_made_before_still_shown(product: Product) -> None:
    dry, codes, sealing, signing, *keyrings = await done(product, "### New keys")
    assert DRY in dry
    assert "is current" in codes
    assert "is current" in sealing
    assert "is published" in signing
    assert ["is current in" in said for said in keyrings] == [True] * 3


async def test_history_is_repeated_for_another_team(product: Product) -> None:
    dry, published, written = await done(product, "### Another team missed something")
    assert DRY in dry
    assert "events published under replay.team" in published
    assert "written to contacts.ndjson" in written
    lines = (product.data / "contacts.ndjson").read_text().splitlines()
    assert json.loads(lines[0])["type"] == "provisioning.v1.ContactAdded"


async def test_a_person_is_forgotten_in_log_and_archive(product: Product) -> None:
    contact = (await a_fact(product, "ContactAdded"))["contact_id"]
    dry, erased = await done(product, "Erasing a person", contact_id=contact)
    assert "Say --yes to do it" in dry
    assert "Nothing in the log tells of contact" in erased
    _, archived = await switchboard(product, "archive", "verify")
    assert "The archive is whole." in archived


async def test_a_lost_broker_gets_everything_back(product: Product) -> None:
    code, said = await switchboard(product, "archive", "export")
    assert code == 0, said
    async with operator(product) as nc:
        js = nc.jetstream()
        for stream in await js.streams_info():
            await js.delete_stream(str(stream.config.name))
    (product.data / "erased").write_text("")
    _, imported, lag, again = await done(
        product, "### The broker or its disk was lost", file=str(product.data / "erased")
    )
    assert "Restored" in again
    assert "Read models go on by themselves" in imported
    assert "notifier-reactions-activation" in lag

    code, said = await until_well(product)
    assert code == 0, said


async def until_well(product: Product) -> tuple[int, str]:
    """What `verify` says, once it finds nothing or patience ends."""
    for _ in range(TRIES):
        code, said = await switchboard(product, "verify")
        if code == 0:
            break
        await asyncio.sleep(1)
    return code, said
