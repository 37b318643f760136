"""A real server that speaks the MongoDB protocol, found or started for one test session."""

import gc
import os
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docker  # type: ignore[import-untyped]
import pytest
from docker.errors import DockerException  # type: ignore[import-untyped]
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from testcontainers.community.mongodb import MongoDbContainer

from chassis.testing.ports import reserved_port

TOOLS_DIR = Path(__file__).resolve().parents[2] / ".tools"
CONTAINER_IMAGE = "mongo:7.0"
START_SECONDS = 120.0
STOP_SECONDS = 30.0
LOG_TAIL_LINES = 20

NO_SERVER = (
    "NO MONGODB SERVER, so nothing that needs one was tested: run `make tools` to build FerretDB, "
    "or put mongod on PATH, start Docker or set TEST_MONGO_URL"
)

DIE_WITH_PARENT = """\
import ctypes, os, signal, sys
set_parent_death_signal = 1
ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
os.execv(sys.argv[1], sys.argv[1:])
"""


class MongoUnavailable(RuntimeError):
    """The server that was configured or started does not answer."""


@contextmanager
def mongo_server() -> Iterator[str]:
    """Yield the mongodb:// URL of a server; skip the test where this machine offers none."""
    if url := os.environ.get("TEST_MONGO_URL"):
        if not _answers_in_time(url, lambda: True):
            raise MongoUnavailable("TEST_MONGO_URL does not answer: start its server or unset it")
        yield url
    elif found := _local_server():
        with _running(*found) as url:
            yield url
    elif _docker_answers():
        with _container() as url:
            yield url
    else:
        pytest.skip(NO_SERVER)


def _mongod_arguments(directory: Path, port: int) -> list[str]:
    return ["--dbpath", str(directory), "--port", str(port), "--bind_ip", "127.0.0.1"]


def _ferretdb_arguments(directory: Path, port: int) -> list[str]:
    return [
        "--handler=sqlite",
        # Its life is one test session, so nothing has to survive a power cut.
        f"--sqlite-url=file:{directory}/?_pragma=synchronous(off)",
        f"--state-dir={directory}",
        f"--listen-addr=127.0.0.1:{port}",
        "--debug-addr=-",
        "--telemetry=disable",
        "--log-level=WARN",
    ]


Arguments = Callable[[Path, int], list[str]]

SERVERS: dict[str, Arguments] = {"mongod": _mongod_arguments, "ferretdb": _ferretdb_arguments}


def _local_server() -> tuple[str, Arguments] | None:
    # .tools first: a ferretdb of major version 2 on PATH needs PostgreSQL and cannot serve here.
    search_path = os.pathsep.join([str(TOOLS_DIR), os.environ.get("PATH", "")])
    for name, arguments in SERVERS.items():
        if program := shutil.which(name, path=search_path):
            return program, arguments
    return None


@contextmanager
def _running(program: str, arguments: Arguments) -> Iterator[str]:
    port = reserved_port()
    url = f"mongodb://127.0.0.1:{port}/"
    with TemporaryDirectory(prefix="switchboard-mongo-") as name:
        directory = Path(name)
        log = directory / "server.log"
        process = _start([program, *arguments(directory, port)], log)
        try:
            if not _answers_in_time(url, lambda: process.poll() is None):
                raise MongoUnavailable(_failure(program, process.poll(), log))
            yield url
        finally:
            _stop(process)


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - a program of PATH or .tools, no outside input
            [*_dying_with_parent(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _dying_with_parent() -> list[str]:
    # Not preexec_fn, which may deadlock where threads run, as the driver's do: this asks the kernel
    # in a process of its own, which then becomes the server and keeps its id.
    return [sys.executable, "-c", DIE_WITH_PARENT] if sys.platform == "linux" else []


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers_in_time(url: str, alive: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while alive() and time.monotonic() < deadline:
        # Asked again after the ping: a stranger who took the port first would answer it too.
        if _answers(url) and alive():
            return True
        time.sleep(0.05)
    return False


def _answers(url: str) -> bool:
    client: MongoClient[dict[str, Any]] = MongoClient(url, serverSelectionTimeoutMS=5000)
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


def _failure(program: str, code: int | None, log: Path) -> str:
    state = f"ended with code {code}" if code is not None else f"is silent after {START_SECONDS} s"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
    return (
        f"{program} {state}: repair or remove it, or set TEST_MONGO_URL. Its log ends:\n"
        f"{tail or '(empty)'}"
    )


def _docker_answers() -> bool:
    with warnings.catch_warnings():
        # A client that finds no daemon leaves its socket open, for a later test to be blamed.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            with closing(docker.from_env(timeout=3)) as client:
                return bool(client.ping())
        except (DockerException, OSError):
            return False
        finally:
            gc.collect()


@contextmanager
def _container() -> Iterator[str]:
    with MongoDbContainer(CONTAINER_IMAGE) as container:
        yield container.get_connection_url()
