"""Replaying the log mails nobody, whoever forgets what; a dry run says so beforehand."""

import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

import pytest
import pytest_asyncio
from rich.console import Console

from switchboard.demo.client import Client, Json, Refusal
from switchboard.demo.people import Provisioning, Row, rows
from switchboard.demo.story import mailed_code
from switchboard.dry_run import Span, dry_run, prospects
from switchboard.settings import Settings
from tests.e2e.broker import forget, replay, settled
from tests.e2e.product import Product, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLE = Path(__file__).parents[2] / "examples" / "people.csv"
PEOPLE = 8
ALWAYS = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """Everybody has a mail, and no code has been used: each could be mailed again."""
    async with running(tmp_path_factory.mktemp("mails") / "data") as started:
        async with started.administrator() as client:
            for row in rows(EXAMPLE)[:PEOPLE]:
                await Provisioning(client).provision(row)
        await settled(started)
        yield started


async def test_a37_instructions_go_to_the_address_of_the_contact(product: Product) -> None:
    wanted = Counter(row.cell("email_work") for row in rows(EXAMPLE)[:PEOPLE])
    async with product.administrator() as client:
        assert Counter(parseaddr(mail["to"])[1] for mail in await mailbox(client)) == wanted
        (status,) = {item["status"] for item in await notifications(client)}
    assert status == "sent"


async def test_i19_replaying_the_whole_log_three_times_mails_nobody(product: Product) -> None:
    before = await sent_so_far(product)
    for _ in range(3):
        assert await replay(product) >= 2 * PEOPLE
    assert await sent_so_far(product) == before


async def test_i19_a_notifier_without_checkpoint_durables_or_read_models_mails_nobody(
    product: Product,
) -> None:
    before = await sent_so_far(product)
    await forget(product)
    product.stop()
    for file in (product.data / "read-models").glob("notifier*"):
        file.unlink() if file.is_file() else shutil.rmtree(file)
    await product.start()
    await settled(product)
    assert await sent_so_far(product) == before


async def test_d4_a_dry_run_names_the_mails_of_its_span_and_sends_none(product: Product) -> None:
    before = await sent_so_far(product)
    settings = Settings(data=product.data)
    found = [prospect async for prospect in prospects(settings, ALWAYS)]
    assert [prospect.obstacle for prospect in found] == ["is sent already"] * len(before)
    first = min(prospect.asked_at for prospect in found)
    span = Span(first, first + timedelta(microseconds=1))
    assert len([prospect async for prospect in prospects(settings, span)]) == 1
    assert await sent_so_far(product) == before


async def test_d4_a_dry_run_tells_programs_who_would_be_mailed_when_and_in_which_language(
    product: Product, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await sent_so_far(product)
    await dry_run(Settings(data=product.data), ALWAYS, Console(), as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert len(found) == len(before)
    for one in found:
        assert (one["would_be_sent"], one["obstacle"]) == (False, "is sent already")
        assert datetime.fromisoformat(one["asked_at"]).tzinfo
        assert one["language"] in {"en", "de", "es", "fr", "ru"}
    assert await sent_so_far(product) == before


async def test_a51_a_mail_is_sent_again_when_a_person_wants_it(product: Product) -> None:
    async with product.administrator() as client:
        item = (await notifications(client))[0]
        resent = await client.command(f"/api/v1/notifications/{item['id']}/resend", {})
        await settled(product)
        shown = await client.read(f"/api/v1/notifications/{resent['id']}")
        assert shown["resend_of"] == item["id"]
        assert [step["what"] for step in shown["trail"]] == ["planned", "attempted", "sent"]
        await client.command(f"/api/v1/activations/{item['device_id']}/reissue", {})
        with pytest.raises(Refusal) as refused:
            await client.command(f"/api/v1/notifications/{item['id']}/resend", {})
    assert refused.value.status == 409


async def test_who_has_no_language_is_written_to_in_that_of_the_organization(
    product: Product,
) -> None:
    (row,) = rows(EXAMPLE)[PEOPLE : PEOPLE + 1]
    nobody_said = Row(row.number, row.cells | {"language": ""})
    async with product.administrator() as client:
        await client.change("/api/v1/organization", {"language": "fr"})
        done = await Provisioning(client).provision(nobody_said)
        assert done.code is not None
        mail_id, _ = await mailed_code(client, done.code)
        assert "Content-Language: fr" in await client.text(f"/dev/mailbox/{mail_id}")


async def mailbox(client: Client) -> list[Json]:
    return list(await client.read("/dev/mailbox"))


async def notifications(client: Client) -> list[Json]:
    return list((await client.read("/api/v1/notifications?limit=200"))["items"])


async def sent_so_far(product: Product) -> set[str]:
    async with product.administrator() as client:
        return {mail["id"] for mail in await mailbox(client)}
