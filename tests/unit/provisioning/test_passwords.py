"""Passwords are kept while they are needed, and no longer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Change, Conflict
from services.provisioning.domain.aggregates import sip_account_of
from services.provisioning.domain.sip_account import ChangeSipAccount, sip_account
from tests.unit.provisioning.scene import Scene, scene

ACCOUNT = {"friendly_name": "Desk", "username": "1001", "protocol": "udp", "password": "secret"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


def written(here: Scene) -> list[str]:
    """Every place where a password was ever put."""
    return list(here.vault._entries)


def kept(here: Scene) -> list[str]:
    return [key for key, entry in here.vault._entries.items() if entry.value]


async def test_a_replaced_password_is_kept_no_longer(here: Scene) -> None:
    account = await here.account()
    (first,) = kept(here)
    for password in ("second", "third"):
        await here.done("PATCH", f"/sip-accounts/{account}", {"password": password})
    (last,) = kept(here)
    assert last != first
    assert last.endswith(".3")


async def test_a_password_is_kept_until_the_event_of_the_next_one_was_followed(
    here: Scene,
) -> None:
    account = await here.account()
    (first,) = kept(here)
    await here.send("PATCH", f"/sip-accounts/{account}", {"password": "second"})
    assert first in kept(here)


@pytest.mark.parametrize(
    "body",
    [
        {"password": "new", "password_entered_on_device": True},
        {"password": "new", "friendly_name": " "},
    ],
)
async def test_nothing_is_put_away_for_a_refused_change(here: Scene, body: Any) -> None:
    account = await here.account()
    before = written(here)
    assert (await here.send("PATCH", f"/sip-accounts/{account}", body)).status_code == 422
    assert written(here) == before


async def test_nothing_is_put_away_for_a_change_of_another_version(here: Scene) -> None:
    account = await here.account()
    before = written(here)
    change = {"password": "new"}
    refused = await here.send("PATCH", f"/sip-accounts/{account}", change, If_Match='"9"')
    assert refused.status_code == 412
    assert written(here) == before


async def test_nothing_is_put_away_for_an_account_that_cannot_be(here: Scene) -> None:
    both = ACCOUNT | {"password_entered_on_device": True}
    path = f"/providers/{await here.provider()}/sip-accounts"
    assert (await here.send("POST", path, both)).status_code == 422
    assert (await here.send("POST", "/providers/unknown/sip-accounts", ACCOUNT)).status_code == 404
    assert written(here) == []


async def test_what_was_put_away_is_erased_when_somebody_came_between(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await here.account()
    before, append = kept(here), here.store.append
    tag = (await here.send("GET", f"/sip-accounts/{account}")).headers["ETag"]

    async def slower(changes: list[Change], claims: Any = ()) -> Any:
        monkeypatch.setattr(here.store, "append", append)
        rename = ChangeSipAccount(account, {"friendly_name": "Other"})
        aggregate = sip_account_of(here.who.organization, account)
        cause = Cause("another", here.fakes.clock(), "somebody", "another")
        await CommandHandler(here.store).handle(cause, Intent(aggregate, sip_account, rename))
        raise Conflict("somebody came between")

    monkeypatch.setattr(here.store, "append", slower)
    change = {"password": "new"}
    refused = await here.send("PATCH", f"/sip-accounts/{account}", change, If_Match=tag)
    assert refused.status_code == 412
    assert len(written(here)) == 2
    assert kept(here) == before


async def test_a_repeated_command_puts_nothing_away_again(here: Scene) -> None:
    account, key = await here.account(), {"Idempotency_Key": "once"}
    await here.done("PATCH", f"/sip-accounts/{account}", {"password": "second"}, **key)
    await here.done("PATCH", f"/sip-accounts/{account}", {"password": "third"})
    (last,) = kept(here)
    await here.done("PATCH", f"/sip-accounts/{account}", {"password": "second"}, **key)
    assert kept(here) == [last], "the second one has been replaced"


async def test_an_imported_row_that_is_refused_late_leaves_no_password(here: Scene) -> None:
    provider = await here.provider(name="Gone soon")
    rows = (
        b"first_name,last_name,email_work,provider,sip_username,sip_password\n"
        b"Ada,Lovelace,ada@example.com,Gone soon,1,planted\n"
    )
    token = here.fakes.tokens.headers(here.who) | {"Content-Type": "text/csv"}
    await here.client.post("/api/v1/imports", content=rows, headers=token)
    await here.send("DELETE", f"/providers/{provider}")
    await here.settle()
    assert "ImportRowRefused" in here.events()
    assert len(written(here)) == 1
    assert kept(here) == []


async def test_a_removed_account_has_no_password(here: Scene) -> None:
    account = await here.account()
    assert account in kept(here)[0]
    await here.done("DELETE", f"/sip-accounts/{account}")
    assert kept(here) == []
