"""The probes tell the truth, and what to do about it."""

import asyncio
from dataclasses import dataclass

import pytest

from chassis.observing import health as health_module
from chassis.observing.health import Health, answering
from chassis.testing.http import HttpFakes
from tests.unit.chassis.demo import demo


class Seconds:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Answers a ping, or does not; counts how often it is asked."""

    def __init__(self) -> None:
        self.up = True
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        if not self.up:
            raise ConnectionError("mongodb://user:hunter2@10.0.0.1")


def started(seconds: Seconds | None = None) -> Health:
    health = Health(seconds or Seconds())
    health.started()
    return health


async def test_a_process_is_ready_only_once_it_has_started() -> None:
    health = Health()
    assert not (await health.ready()).passed
    assert not health.startup().passed
    health.started()
    assert (await health.ready()).passed
    assert health.startup().passed


async def test_each_failed_check_is_named_with_what_to_do_and_without_secrets() -> None:
    health, store = started(), Store()
    health.check("demo: read models", answering(store.ping, "Start the database."))
    assert (await health.ready()).passed
    store.up = False
    assert (await health.ready()).failed == {
        "demo: read models": "ConnectionError: Start the database."
    }


async def test_a_cached_check_is_not_asked_again_too_soon() -> None:
    seconds, store = Seconds(), Store()
    health = started(seconds)
    health.check("store", answering(store.ping, "Start it."), cached_seconds=2.0)
    for _ in range(3):
        await health.ready()
    assert store.asked == 1
    store.up = False
    seconds.now += 2.0
    assert not (await health.ready()).passed
    assert store.asked == 2


async def test_a_check_that_hangs_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> str | None:
        await asyncio.sleep(60)
        return None

    monkeypatch.setattr(health_module, "CHECK_SECONDS", 0.01)
    health = started()
    health.check("slow", hang)
    assert "No answer" in (await health.ready()).failed["slow"]


async def test_a_check_that_breaks_fails_without_telling_why() -> None:
    async def broken() -> str | None:
        raise RuntimeError("hunter2")

    health = started()
    health.check("broken", broken)
    failed = (await health.ready()).failed["broken"]
    assert "RuntimeError" in failed
    assert "hunter2" not in failed


async def test_a_warning_is_shown_and_takes_nobody_out_of_service() -> None:
    health = Health()
    health.started()

    health.warn("notifier-mail-server", Warned("Mend the password."))
    report = await health.ready()
    assert report.passed
    assert report.warnings == {"notifier-mail-server": "Mend the password."}
    with pytest.raises(ValueError, match="reported on already"):
        health.warn("notifier-mail-server", Warned("Mend the user name."))


@dataclass(frozen=True)
class Warned:
    """A check that always says the same."""

    words: str

    async def __call__(self) -> str | None:
        """Warn."""
        return self.words


async def test_a_draining_process_is_alive_but_not_ready() -> None:
    health = started()
    health.drain()
    assert "draining" in (await health.ready()).failed
    assert health.live().passed


async def test_a_loop_that_stands_still_is_not_alive() -> None:
    seconds = Seconds()
    health = started(seconds)
    pulse = health.pulse("demo: projector", longest_silence=10)
    seconds.now += 10
    assert health.live().passed
    seconds.now += 1
    assert "demo: projector" in health.live().failed
    pulse.beat()
    assert health.live().passed


async def test_a_broken_store_does_not_kill_the_process() -> None:
    health, store = started(), Store()
    store.up = False
    health.check("store", answering(store.ping, "Start it."))
    assert health.live().passed


def test_two_parts_may_not_report_under_the_same_name() -> None:
    health, store = started(), Store()
    health.check("store", store.ping)
    health.pulse("loop", 1)
    with pytest.raises(ValueError, match="service's name"):
        health.check("store", store.ping)
    with pytest.raises(ValueError, match="service's name"):
        health.pulse("loop", 1)


async def test_the_probes_answer_over_http_without_sign_in() -> None:
    fakes, store = HttpFakes(), Store()
    fakes.health.check("store", answering(store.ping, "Start it."))
    async with fakes.client(demo) as client:
        assert (await client.get("/startupz")).status_code == 503
        fakes.health.started()
        for probe in ("/livez", "/readyz", "/startupz"):
            answer = await client.get(probe)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok", "failed": {}})
        fakes.health.warn("mail-server", Warned("Mend the password."))
        answer = await client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["warnings"] == {"mail-server": "Mend the password."}
        store.up = False
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["failed"] == {"store": "ConnectionError: Start it."}
        assert (await client.get("/livez")).status_code == 200
