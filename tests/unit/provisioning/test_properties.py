"""Any sequence of commands, by clients that interleave, in organizations with equal names."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import Principal
from chassis.event_store import Claim, Recorded
from chassis.read_models import Checkpoint, ReadModel
from chassis.testing.read_models import MemoryReadModelStore
from chassis.workers.document_writer import DocumentWriter
from schemas.provisioning import DeviceConfigurationChanged
from services.provisioning.domain.contact import contact
from services.provisioning.domain.device import Device, device
from services.provisioning.domain.provider import provider
from services.provisioning.domain.sip_account import SipAccount, sip_account
from services.provisioning.projections import projections
from tests.unit.provisioning.scene import STREAM, Scene, scene

CLIENTS = (
    Principal("ada", "acme", "administrator", "1"),
    Principal("bob", "acme", "administrator", "2"),
    Principal("eve", "other", "administrator", "3"),
)
NAMES = ("Desk", "Laptop", "Phone")
KINDS = ("providers", "sip-accounts", "contacts", "devices")
DECIDERS: dict[str, Any] = {
    "provider": provider,
    "sip_account": sip_account,
    "contact": contact,
    "device": device,
}
Ids = dict[tuple[str, str], list[str]]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


class Client:
    """Sends random commands in the name of one administrator, about everything anybody made."""

    def __init__(self, here: Scene, who: Principal, ids: Ids, chance: random.Random) -> None:
        self.here = replace(here, who=who)
        self.who, self.ids, self.chance = who, ids, chance
        self.answers: Counter[int] = Counter()

    async def step(self) -> None:
        kind = self.chance.choice(KINDS)
        act = self.chance.choice((self.add, self.add, self.change, self.change, self.remove))
        method, path, body = act(kind)
        answer = await self.here.send(method, path, body)
        self.answers[answer.status_code] += 1
        assert answer.status_code in (200, 201, 204, 404, 409, 422, 503), answer.text
        if answer.status_code == 201:
            self.ids.setdefault((self.who.organization, kind), []).append(answer.json()["id"])

    def any_id(self, kind: str) -> str:
        """Mostly one's own, now and then a stranger's, and sometimes one that is gone."""
        organization = self.who.organization if self.chance.random() < 0.9 else "other"
        return self.chance.choice(self.ids.get((organization, kind), [])[-6:] or ["none"])

    def add(self, kind: str) -> tuple[str, str, Any]:
        name = self.chance.choice(NAMES)
        if kind == "providers":
            return "POST", "/providers", {"name": name, "sip_server": "sip.example.com"}
        if kind == "contacts":
            emails = [{"address": "ada@example.com", "label": "work"}]
            return "POST", "/contacts", {"first_name": "A", "last_name": name, "emails": emails}
        if kind == "sip-accounts":
            body = {"friendly_name": name, "username": "1", "protocol": "udp", "password": "p"}
            return "POST", f"/providers/{self.any_id('providers')}/sip-accounts", body
        device_body = {"name": name, "sip_account_ids": self.accounts()}
        return "POST", f"/contacts/{self.any_id('contacts')}/devices", device_body

    def accounts(self) -> list[str]:
        return [self.any_id("sip-accounts") for _ in range(self.chance.randrange(6))]

    def change(self, kind: str) -> tuple[str, str, Any]:
        name = self.chance.choice(NAMES)
        bodies: dict[str, Any] = {
            "providers": {"name": name},
            "sip-accounts": {"friendly_name": name, "enabled": self.chance.random() < 0.5},
            "contacts": {"last_name": name},
            "devices": {"name": name, "sip_account_ids": self.accounts()},
        }
        return "PATCH", f"/{kind}/{self.any_id(kind)}", bodies[kind]

    def remove(self, kind: str) -> tuple[str, str, Any]:
        return "DELETE", f"/{kind}/{self.any_id(kind)}", None


async def run(here: Scene, seed: int, steps: int) -> Counter[int]:
    ids: Ids = {}
    clients = [Client(here, who, ids, random.Random(f"{seed}-{who.user_id}")) for who in CLIENTS]  # noqa: S311 - no secret
    when = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(steps // len(clients)):
        await asyncio.gather(*(client.step() for client in clients))
        if when.random() < 0.5:
            await here.settle()
    await here.settle()
    return sum((client.answers for client in clients), Counter())


async def check(here: Scene) -> None:
    states = folded(here.log())
    for (organization, _, _), state in states.items():
        if isinstance(state, Device) and not state.removed:
            accounts = [states.get((organization, "sip_account", a)) for a in state.sip_account_ids]
            assert 1 <= len(set(state.sip_account_ids)) == len(accounts) <= 4, "I6"
            assert all(a is not None and not a.removed for a in accounts), "I7"
            assert not states[organization, "contact", state.contact_id].removed, "I7"
        if isinstance(state, SipAccount) and not state.removed:
            assert not states[organization, "provider", state.provider_id].removed, "I7"
    await check_counts(here, states)
    check_revisions(here.log())
    await check_read_models(here)


def folded(log: tuple[Recorded, ...]) -> dict[tuple[str, str, str], Any]:
    states: dict[tuple[str, str, str], Any] = {}
    for one in log:
        kind, _, aggregate_id = one.envelope.subject.partition("/")
        place = one.envelope.organization, kind, aggregate_id
        states[place] = DECIDERS[kind].fold([one.event], states.get(place))
    return states


async def check_counts(here: Scene, states: dict[tuple[str, str, str], Any]) -> None:
    needs: Counter[tuple[str, str, str]] = Counter()
    for (organization, _, _), state in states.items():
        if isinstance(state, Device) and not state.removed:
            needs[organization, "contact", state.contact_id] += 1
            for account in state.sip_account_ids:
                needs[organization, "sip_account", account] += 1
        if isinstance(state, SipAccount) and not state.removed:
            needs[organization, "provider", state.provider_id] += 1
    for (organization, kind, one), count in needs.items():
        claim = Claim("provisioning", organization, f"use_{kind}", one)
        (found,) = await here.store.claims(claim)
        assert found.holder == f"users:{count}"


def check_revisions(log: tuple[Recorded, ...]) -> None:
    """I9: they count up by one, and no cause is noted twice."""
    revisions: dict[str, int] = {}
    causes = set()
    for one in log:
        if isinstance(one.event, DeviceConfigurationChanged):
            before = revisions.get(one.event.device_id, 1)
            revisions[one.event.device_id] = one.event.revision
            assert one.event.revision == before + 1
            cause = one.event.device_id, one.envelope.causationid
            assert cause not in causes
            causes.add(cause)


async def check_read_models(here: Scene) -> None:
    """I33: filled anew from the first event, every document is the same."""
    anew = MemoryReadModelStore()
    models: dict[str, ReadModel[Any]] = {one.model.name: one.model for one in projections}
    await anew.open(*models.values())
    log = here.log()
    writer = DocumentWriter(STREAM, projections, anew)
    last = log[-1].position.sequence
    await writer.write(log, Checkpoint("provisioning", STREAM, "first", last))
    keys = [
        (one.envelope.organization, key) for one in log for key in (one.event.aggregate_id, "all")
    ]
    for model in models.values():
        live, fresh = await here.read_models.stored(model, keys), await anew.stored(model, keys)
        assert {k: v.document for k, v in live.items()} == {k: v.document for k, v in fresh.items()}


def check_isolation(log: tuple[Recorded, ...]) -> None:
    owners: dict[str, str] = {}
    for one in log:
        owner = owners.setdefault(one.event.aggregate_id, one.envelope.organization)
        assert owner == one.envelope.organization
    for one in log:
        for value in one.envelope.data.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    assert owners.get(text, one.envelope.organization) == one.envelope.organization


@pytest.mark.parametrize("seed", range(5))
async def test_i6_i7_i9_i33_hold_whatever_clients_do_at_the_same_time(
    here: Scene, seed: int
) -> None:
    answers = await run(here, seed, 300)
    assert min(answers[status] for status in (200, 201, 204, 404, 409, 422)) > 0
    await check(here)


@pytest.mark.nightly
async def test_a3_two_organizations_with_equal_names_never_see_each_other(here: Scene) -> None:
    answers = await run(here, 4711, 10_000)
    assert sum(answers.values()) >= 9_999
    await check(here)
    check_isolation(here.log())
