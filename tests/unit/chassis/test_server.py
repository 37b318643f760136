"""The server starts in a running loop and stops without cutting anybody off."""

import asyncio
import os
import signal
import socket
from functools import partial

import httpx
import pytest
from litestar import Litestar, get

from chassis.observing.health import Health
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.ports import reserved_port
from chassis.web.server import CannotListen, StartFailed, serve, serving, stop_on_signals
from tests.patient import http_to

DRAIN_SECONDS = 3


def app(begun: asyncio.Event | None = None) -> Litestar:
    """Two pages, slow and endless; `begun` is set when somebody asks for one."""

    async def asked() -> None:
        if begun:
            begun.set()

    @get("/slow")
    async def slow() -> str:
        await asked()
        await asyncio.sleep(0.5)
        return "done"

    @get("/endless")
    async def endless() -> str:
        await asked()
        await asyncio.sleep(600)
        return "never"

    return Litestar([slow, endless], openapi_config=None, logging_config=None)


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 404
    except httpx.ConnectError:
        return False


async def test_a_running_request_is_finished_after_readiness_has_failed() -> None:
    health, begun = Health(), asyncio.Event()
    health.started()
    async with http_to() as client:
        async with serving(app(begun), health=health) as url:
            running = asyncio.create_task(client.get(f"{url}/slow"))
            await begun.wait()
            assert (await health.ready()).passed
        answer = await running
    assert answer.text == "done"
    assert "server" not in answer.headers
    assert "draining" in (await health.ready()).failed


async def test_draining_comes_before_the_port_closes() -> None:
    health = Health()
    async with http_to() as client:
        stop, port = asyncio.Event(), reserved_port()
        nowhere = f"http://127.0.0.1:{port}/nowhere"
        serving_task = asyncio.create_task(
            serve(app(), health=health, stop=stop, port=port, drain_seconds=DRAIN_SECONDS)
        )
        await eventually(partial(answers, client, nowhere))
        stop.set()

        async def draining() -> bool:
            return "draining" in (await health.ready()).failed

        await eventually(draining)
        assert await answers(client, nowhere)
        await serving_task
        assert not await answers(client, nowhere)


async def test_a_request_that_never_ends_does_not_hold_the_process() -> None:
    async with http_to() as client:
        loop = asyncio.get_running_loop()
        begun = asyncio.Event()
        async with serving(app(begun), health=Health(), grace_seconds=1) as url:
            running = asyncio.create_task(client.get(f"{url}/endless"))
            await begun.wait()
            before = loop.time()
        assert loop.time() - before < PATIENCE_SECONDS
        with pytest.raises(httpx.HTTPError):
            (await running).raise_for_status()


async def test_the_lifespan_of_the_app_is_run_to_its_end() -> None:
    seen: list[str] = []
    lively = Litestar(
        [],
        on_startup=[lambda: seen.append("started")],
        on_shutdown=[lambda: seen.append("stopped")],
        openapi_config=None,
        logging_config=None,
    )
    async with serving(lively, health=Health()):
        assert seen == ["started"]
    assert seen == ["started", "stopped"]


async def test_a_taken_port_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"port {port} .*choose another port"):
            async with serving(app(), health=Health(), port=port):
                pass


async def test_an_app_that_does_not_start_is_said_in_words() -> None:
    def refuse() -> None:
        raise RuntimeError("no broker")

    broken = Litestar([], on_startup=[refuse], openapi_config=None, logging_config=None)
    with pytest.raises(StartFailed):
        async with serving(broken, health=Health()):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_server_and_not_the_process(number: signal.Signals) -> None:
    stop = stop_on_signals()
    task = asyncio.create_task(serve(app(), health=Health(), stop=stop))
    os.kill(os.getpid(), number)
    await asyncio.wait_for(task, PATIENCE_SECONDS)
    loop = asyncio.get_running_loop()
    for left in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(left)
