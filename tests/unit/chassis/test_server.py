"""The server starts in a running loop and stops without cutting anybody off."""

import asyncio
import os
import signal
import socket

import httpx
import pytest
from litestar import Litestar, get

from chassis.observing.health import Health
from chassis.web.server import CannotListen, StartFailed, serve, serving, stop_on_signals


@get("/slow")
async def slow() -> str:
    await asyncio.sleep(0.5)
    return "done"


@get("/endless")
async def endless() -> str:
    await asyncio.sleep(600)
    return "never"


def app() -> Litestar:
    return Litestar([slow, endless], openapi_config=None, logging_config=None)


async def test_a_running_request_is_finished_after_readiness_has_failed() -> None:
    health = Health()
    health.started()
    async with httpx.AsyncClient() as client:
        async with serving(app(), health=health) as url:
            running = asyncio.create_task(client.get(f"{url}/slow"))
            await asyncio.sleep(0.1)
            assert (await health.ready()).passed
        answer = await running
    assert answer.text == "done"
    assert "server" not in answer.headers
    assert "draining" in (await health.ready()).failed


async def test_draining_comes_before_the_port_closes() -> None:
    health = Health()
    async with httpx.AsyncClient() as client:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        serving_task = asyncio.create_task(
            serve(app(), health=health, stop=stop, port=port, drain_seconds=0.4)
        )
        await asyncio.sleep(0.3)
        stop.set()
        await asyncio.sleep(0.1)
        assert "draining" in (await health.ready()).failed
        assert (await client.get(f"http://127.0.0.1:{port}/nowhere")).status_code == 404
        await serving_task
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/nowhere")


async def test_a_request_that_never_ends_does_not_hold_the_process() -> None:
    async with httpx.AsyncClient() as client:
        loop = asyncio.get_running_loop()
        async with serving(app(), health=Health(), grace_seconds=1) as url:
            running = asyncio.create_task(client.get(f"{url}/endless", timeout=30))
            await asyncio.sleep(0.1)
            before = loop.time()
        assert loop.time() - before < 5
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
    await asyncio.sleep(0.2)
    os.kill(os.getpid(), number)
    await asyncio.wait_for(task, 5)
    loop = asyncio.get_running_loop()
    for left in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(left)
