"""Programs that are measured from outside, each in a process of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class NotStarted(Exception):
    """A program ended or never answered. The text is the end of what it wrote."""


@dataclass(frozen=True)
class Program:
    """A program that answers HTTP on a port, and how long that took from its start."""

    process: "subprocess.Popen[bytes]"
    port: int
    ready_after: float

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def resident_bytes(self) -> dict[str, int]:
        """Memory of the process and of all it started, by name."""
        return {name: memory for _, name, memory in _family(self.process.pid)}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@asynccontextmanager
async def running(
    arguments: Sequence[str], port: int, log: Path, path: str, environment: Mapping[str, str] = {}
) -> AsyncIterator[Program]:
    """Run a Python module until the block ends, once `path` is answered by 200 or 404.

    Raises `NotStarted`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - starting is quick, the command ours
            [sys.executable, "-m", *arguments],
            stdout=file,
            stderr=file,
            env={**os.environ, **environment},
        )
    try:
        await _ready(process, f"http://{HOST}:{port}{path}", log)
        yield Program(process, port, time.monotonic() - began)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, STOP_SECONDS)


async def _ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient() as http:
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(url)).status_code in (200, 404):
                    return
            await asyncio.sleep(0.02)
    raise NotStarted(_end_of(log))


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _family(root: int) -> list[tuple[int, str, int]]:
    told = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,rss=,comm="],  # noqa: S607 - every Unix has it
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(None, 3) for line in told.splitlines()]
    family = {root}
    for pid, parent, *_ in rows:
        if int(parent) in family:
            family.add(int(pid))
    return [(int(p), name, int(rss) * 1024) for p, _, rss, name in rows if int(p) in family]
