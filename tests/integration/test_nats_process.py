"""The nats-server child: it starts or says why not, and leaves nothing behind."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.jetstream.nats_connection import EXIT_CODE, connect
from chassis.jetstream.nats_process import NatsServerFailed, binary, nats_server
from chassis.jetstream.topology import Topology
from chassis.testing.eventually import PATIENCE_SECONDS
from chassis.testing.nats_server import running_nats
from chassis.testing.ports import reserved_port
from switchboard.nats_server import embedded_nats

ROOT = Path(__file__).parents[2]
TOPOLOGY = Topology.load()


def alive(pid: int) -> bool:
    try:
        return "zombie" not in (Path("/proc") / str(pid) / "status").read_text()
    except OSError:
        return False


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - processes set no event
            await asyncio.sleep(0.02)


def started(command: list[str], env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)


async def test_events_and_keys_outlive_a_restart(tmp_path: Path) -> None:
    directory = tmp_path / "a path with spaces"
    reported: list[str] = []
    for run in range(2):
        async with embedded_nats(directory, TOPOLOGY, port=-1, report=reported.append) as server:
            nc = await connect(server.url, "sessions", server.seed("sessions"))
            js = nc.jetstream(prefix="JSP")
            ack = await js.publish(f"evt.sessions.org.desk.d1.{run + 1}.DeskAdded", b"{}")
            assert ack.seq == run + 1
            await nc.close()
        assert not alive(server.pid)
    kept = len(TOPOLOGY.streams) + len(TOPOLOGY.durables)
    in_memory = sum(one.settings.storage == "memory" for one in TOPOLOGY.streams.values())
    assert len(reported) == kept + in_memory
    modes = {file.stat().st_mode & 0o777 for file in (directory / "keys").iterdir()}
    assert modes == {0o600}


async def test_the_server_listens_on_loopback_only_and_syncs_before_it_acknowledges(
    tmp_path: Path,
) -> None:
    async with nats_server(tmp_path, TOPOLOGY, port=-1) as server:
        assert server.url.startswith("nats://127.0.0.1:")
        log = (tmp_path / "nats.log").read_text()
    assert "Listening for client connections on 127.0.0.1:" in log
    assert "sync_interval: always" in (tmp_path / "server.conf").read_text()


async def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from chassis.jetstream.nats_process import nats_server
from chassis.jetstream.topology import Topology

async def main():
    async with nats_server(Path({str(tmp_path)!r}), Topology.load(), port=-1) as server:
        print(server.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not alive(pid))
    async with running_nats(tmp_path) as nats:
        assert nats.server.pid != pid


async def test_a_server_left_behind_is_stopped_first(tmp_path: Path) -> None:
    port = reserved_port()
    async with nats_server(tmp_path, TOPOLOGY, port=port) as server:
        environment = (Path("/proc") / str(server.pid) / "environ").read_bytes().decode()
    variables = dict(line.split("=", 1) for line in environment.split("\0") if line)
    command = [binary(), "--config", str(tmp_path / "server.conf")]
    command += ["--pid", str(tmp_path / "nats.pid")]
    with started(command, variables) as stale:
        await until((tmp_path / "nats.pid").exists)
        async with nats_server(tmp_path, TOPOLOGY, port=port) as server:
            assert stale.poll() is not None
            assert server.pid != stale.pid


async def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    with started(["sleep", "60"]) as somebody:
        (tmp_path / "nats.pid").write_text(str(somebody.pid))
        async with nats_server(tmp_path, TOPOLOGY, port=-1):
            assert somebody.poll() is None
        somebody.kill()


async def test_a_taken_port_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NatsServerFailed, match=f"Port {port} is taken. Stop the program"):
            async with nats_server(tmp_path, TOPOLOGY, port=port):
                pass


async def test_a_directory_in_use_is_not_taken_from_its_user(tmp_path: Path) -> None:
    async with nats_server(tmp_path, TOPOLOGY, port=-1) as server:
        with pytest.raises(NatsServerFailed, match="Another process is using"):
            async with nats_server(tmp_path, TOPOLOGY, port=-1):
                pass
        assert alive(server.pid)


def test_a_missing_program_is_an_error_that_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert shutil.which("nats-server") is None
    with pytest.raises(NatsServerFailed, match="pip install"):
        binary()


async def test_a_service_reconnects_after_the_server_was_away(tmp_path: Path) -> None:
    port = reserved_port()
    async with nats_server(tmp_path, TOPOLOGY, port=port) as server:
        nc = await connect(server.url, "notifier", server.seed("notifier"))
    await until(lambda: not nc.is_connected)
    async with nats_server(tmp_path, TOPOLOGY, port=port):
        await until(lambda: nc.is_connected)
        await nc.close()


async def test_a_connection_closed_for_good_ends_the_process(tmp_path: Path) -> None:
    codes: list[int] = []
    async with running_nats(tmp_path) as nats:
        seed = nats.server.seed("sessions").read_text()
        nc = await connect(nats.url, "sessions", seed, exit_process=codes.append)
        # What nats-py itself does on an error from the server that it cannot go on from.
        await nc._process_err("'Authorization Violation'")
        await until(lambda: codes == [EXIT_CODE])


@pytest.mark.parametrize("way", ["close", "drain"])
async def test_a_connection_closed_on_purpose_does_not(way: str, tmp_path: Path) -> None:
    codes: list[int] = []
    async with running_nats(tmp_path) as nats:
        seed = nats.server.seed("sessions")
        nc = await connect(nats.url, "sessions", seed, exit_process=codes.append)
        await (nc.close() if way == "close" else nc.drain())
    assert nc.is_closed
    assert codes == []


async def test_the_server_is_killed_when_it_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.jetstream.nats_process._GRACE", 0.2)
    async with nats_server(tmp_path, TOPOLOGY, port=-1) as server:
        os.kill(server.pid, signal.SIGSTOP)
    assert not alive(server.pid)
