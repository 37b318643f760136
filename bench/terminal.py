"""A command as a person runs it: with a terminal to draw its bars on, and an eye on its memory."""

import asyncio
import os
import pty
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class CommandFailed(Exception):
    """The command ended with another exit code than 0. The text is what it said."""


@dataclass(frozen=True)
class Ended:
    """What came of a command."""

    seconds: float
    peak_bytes: int
    said: str
    drawn: str


async def on_a_terminal(module: Sequence[str], environment: Mapping[str, str] = {}) -> Ended:
    """Run a Python module to its end. Raises `CommandFailed`."""
    return await asyncio.to_thread(_run, module, {**os.environ, **environment})


def _run(module: Sequence[str], environment: Mapping[str, str]) -> Ended:
    screen, terminal = pty.openpty()
    reader, writer = os.pipe()
    began = time.perf_counter()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", *module],
        {**environment, "TERM": "xterm", "COLUMNS": "120"},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_DUP2, terminal, 2),
            (os.POSIX_SPAWN_CLOSE, reader),
            (os.POSIX_SPAWN_CLOSE, screen),
        ],
    )
    os.close(writer)
    os.close(terminal)
    drawn = _all(screen)
    said = _all(reader)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    if code := os.waitstatus_to_exitcode(status):
        raise CommandFailed(f"{' '.join(module)} ended with {code}: {said} {drawn[-2000:]}")
    # Linux counts in kilobytes.
    return Ended(seconds, used.ru_maxrss * 1024, said, drawn)


def _all(descriptor: int) -> str:
    parts = []
    try:
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
    except OSError:
        # So a terminal ends whose last writer is gone.
        pass
    finally:
        os.close(descriptor)
    return b"".join(parts).decode(errors="replace")
