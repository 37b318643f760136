"""A real process, or the broker, is killed at every write of a story: no rule is ever broken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from chassis.cause import new_id
from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.testing.eventually import eventually
from services.sessions.passwords import HASHES
from switchboard.demo.client import Json
from tests.e2e.floor import DOMAIN, Floor, floor
from tests.e2e.separate import DOOMED, Process

GRACE_SECONDS, SETTLED_SECONDS = 2, 240
"""A broker gives what a killed worker had in hand to the next one after five seconds."""


@dataclass
class Guest:
    """An agent with two desks, of whom at most one is taken."""

    floor: Floor
    name: str
    desks: tuple[str, str]
    session: Json

    async def sits_down(self, **more: bool) -> None:
        self.session = await self.floor.sign_in(self.name, self.name, desk_id=self.desks[0], **more)

    async def acts(self, method: str, path: str, body: Json | None = None) -> None:
        await self.floor.send(method, path, self.session["access_token"], body)

    async def is_told(self, *kinds: str) -> None:
        """Wait until the log says so of this agent's session."""
        for _ in range(300):
            if (await self.floor.last_of(self.session["session_id"])) in kinds:
                return
            await asyncio.sleep(0.2)


pytestmark = pytest.mark.asyncio(loop_scope="module")

Step = Callable[[Guest], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Story:
    """What is so before, and what happens while the process is doomed that does it."""

    given: Step
    then: Step
    by_worker: bool = False


async def nothing(_: Guest) -> None:
    pass


async def sits(guest: Guest) -> None:
    await guest.sits_down()


async def sits_for_now(guest: Guest) -> None:
    await guest.sits_down(stay_signed_in=False)


async def is_lost(guest: Guest) -> None:
    await guest.sits_down()
    await guest.is_told("SessionConnectionLost", "AgentSignedOut")


async def signs_in_elsewhere(guest: Guest) -> None:
    await guest.floor.sign_in(guest.name, f"other {guest.name}", desk_id=guest.desks[1])


async def moves(guest: Guest) -> None:
    await guest.acts("PUT", "session/desk", {"desk_id": guest.desks[1]})


async def leaves(guest: Guest) -> None:
    await guest.acts("POST", "sign-out")


async def comes_back(guest: Guest) -> None:
    await guest.acts("PUT", "session/heartbeat")


async def refreshes(guest: Guest) -> None:
    token = guest.session["refresh_token"]
    body = {"refresh_token": token, "machine_id": guest.name}
    await guest.floor.send("POST", "sign-in/refresh", None, body)


async def loses_the_desk(guest: Guest) -> None:
    await guest.floor.send("DELETE", f"desks/{guest.desks[0]}", guest.floor.admin._token)


async def falls_silent(guest: Guest) -> None:
    await guest.is_told("AgentSignedOut")


STORIES = {
    "sign_in": Story(nothing, sits),
    "take_over": Story(sits, signs_in_elsewhere),
    "move": Story(sits, moves),
    "sign_out": Story(sits, leaves),
    "resume": Story(is_lost, comes_back),
    "refresh": Story(sits, refreshes),
    "withdraw": Story(sits, loses_the_desk),
    "connection_lost": Story(sits_for_now, falls_silent, by_worker=True),
    "grace_over": Story(sits, falls_silent, by_worker=True),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("floor"), replicas=1, program=DOOMED) as opened:
        await opened.policy(second_sign_in="takeover", grace_seconds=GRACE_SECONDS)
        yield opened


async def guest(here: Floor, name: str) -> Guest:
    """A fresh agent, and two desks of the same name."""
    await here.agents(name)
    return Guest(here, name, (await here.desk(f"{name}-1"), await here.desk(f"{name}-2")), {})


async def writes(here: Floor, name: str, doomed: Process) -> list[str]:
    """The writes of a story that nothing hinders, in order."""
    story = STORIES[name]
    one = await guest(here, f"{name}-{new_id()}".replace("_", "-"))
    await story.given(one)
    doomed.die(1000, "before")
    await story.then(one)
    steps = doomed.spared()
    assert steps
    return steps


async def killed(here: Floor, one: Guest, story: Story, doomed: Process, victim: int) -> bool:
    """Tell it while a process is doomed, and revive whoever died; whether somebody did."""
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(story.then(one))
        while doomed.doom.exists() and not telling.done():
            await asyncio.wait({telling}, timeout=0.05)
        if died := not doomed.doom.exists():
            await (here.here.broker.revived() if victim else doomed.revived())
        doomed.spared()
    return died


async def crashes(here: Floor, name: str, *, broker: bool) -> int:
    """Kill at each write, before and after it; answers how often."""
    story, kills = STORIES[name], 0
    doomed = here.worker if story.by_worker else here.replicas[0]
    for number, step in enumerate(await writes(here, name, doomed)):
        for when in ("before", "after"):
            one = await guest(here, f"{name}-{number}-{when}-{broker}".lower().replace("_", "-"))
            await story.given(one)
            victim = here.here.broker.pid if broker else 0
            doomed.die(number, when, victim)
            assert await killed(here, one, story, doomed, victim), f"{when} {step}"
            await here.audit()
            kills += 1
    return kills


async def settled(here: Floor) -> None:
    """Everybody is silent: in the end nobody is signed in, and every desk and machine is free."""
    for _ in range(SETTLED_SECONDS):
        audit = await here.audit()
        if all(one.role == "administrator" for one in audit.live.values()):
            return
        await asyncio.sleep(1)
    raise AssertionError(f"Orphans: {audit.live}")


@pytest.mark.slow
async def test_i25_a_process_killed_at_each_write_of_a_sign_in_leaves_no_orphan(
    here: Floor,
) -> None:
    assert await crashes(here, "sign_in", broker=False) >= 6
    await settled(here)


async def hashes(here: Floor) -> set[str]:
    """Where passwords are kept."""
    async with here.here.broker.connected("sessions") as nc:
        kept = await JetStreamVault(nc, "credentials").listed(HASHES, 0, 1000)
    return {key for key, entry in kept if entry.value}


@pytest.mark.slow
async def test_the_password_of_a_user_is_gone_though_the_process_died_that_removed_the_user(
    here: Floor,
) -> None:
    before = await hashes(here)
    await here.agents("short-lived")
    (orphan,) = await hashes(here) - before
    path = f"users/short-lived@{DOMAIN}"
    await here.agents()
    here.replicas[0].die(0, "after")
    assert (await here.send("DELETE", path, here.admin._token))["status"] == 0
    await here.replicas[0].revived()
    await here.agents()
    assert (await here.send("GET", path, here.admin._token))["status"] == 404
    assert await hashes(here) == before | {orphan}
    # A worker looks at its start, and every hour.
    here.worker.stop()
    here.worker.start()
    await here.worker.ready()

    async def swept() -> bool:
        return await hashes(here) == before

    await eventually(swept, seconds=60)


@pytest.mark.nightly
@pytest.mark.parametrize("broker", [False, True], ids=["process", "broker"])
@pytest.mark.parametrize("name", STORIES)
async def test_i22_i23_i24_i25_hold_whoever_is_killed_at_any_write(
    here: Floor, name: str, broker: bool
) -> None:
    assert await crashes(here, name, broker=broker) > 0
    await settled(here)
