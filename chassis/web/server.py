"""Serves an ASGI app inside a running event loop, and stops without cutting anybody off."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from chassis.observing.health import Health

LOCALHOST = "127.0.0.1"


class CannotListen(Exception):
    """The address is taken or not ours. The text says what to do."""


class StartFailed(Exception):
    """The app did not start; its log lines say why."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the process, which may run more than this server.
        yield


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or Ctrl-C sets. A second Ctrl-C acts as usual and interrupts."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
    return stop


@asynccontextmanager
async def serving(
    app: Any,
    *,
    health: Health,
    host: str = LOCALHOST,
    port: int = 0,
    grace_seconds: int = 10,
    drain_seconds: float = 0.0,
    trusted_proxies: str = "",
) -> AsyncIterator[str]:
    """Serve while the block runs; gives the URL, with the real port if 0 was asked for.

    At the end readiness fails first, for `drain_seconds`, so that nobody sends more; then running
    requests get `grace_seconds` to finish. `trusted_proxies` (comma-separated addresses) may say
    whom they speak for. Raises `CannotListen`, `StartFailed`.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=grace_seconds,
    )
    server = _Server(config)
    running = asyncio.create_task(_run(server, listener))
    try:
        await _started(server, running)
        bound_host, bound_port = listener.getsockname()[:2]
        yield f"http://{_bracketed(bound_host)}:{bound_port}"
    finally:
        health.drain()
        await asyncio.sleep(drain_seconds)
        server.should_exit = True
        await running


async def serve(app: Any, *, health: Health, stop: asyncio.Event, **options: Any) -> None:
    """Serve until `stop` is set; options as for `serving`. Raises as `serving` does."""
    async with serving(app, health=health, **options):
        await stop.wait()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio sets this only on sockets that name their protocol; without it the body of an
        # answer waits 40 ms for the acknowledgement of its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise CannotListen(
            f"Cannot listen on {host} port {port} ({error.strerror}). Stop what uses it, or "
            "choose another port."
        ) from None


async def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        await server.serve(sockets=[listener])
    except SystemExit:
        # uvicorn leaves the process when the app does not start; that is not its to decide.
        raise StartFailed("The HTTP app did not start. The log lines above say why.") from None
    finally:
        listener.close()


async def _started(server: uvicorn.Server, running: asyncio.Task[None]) -> None:
    while not server.started:
        if running.done():
            await running
            raise StartFailed("The HTTP app stopped while starting. Its log lines say why.")
        await asyncio.sleep(0.01)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
