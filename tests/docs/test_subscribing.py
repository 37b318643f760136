"""The lines of docs/subscribing.md let a team in, and its first program prints the first event."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from chassis.jetstream.topology import DEFAULT_PATH, PATH_VARIABLE
from tests.docs.repository import fences, text
from tests.e2e.product import running

PAGE = "docs/subscribing.md"
SECONDS = 180


def topology_with_its_lines(folder: Path) -> Path:
    (lines,) = fences(text(PAGE), "yaml")
    content = yaml.safe_load(DEFAULT_PATH.read_text()) | yaml.safe_load(lines)
    path = folder / "topology.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


async def test_from_nothing_to_the_first_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(topology_with_its_lines(tmp_path)))
    (program,) = fences(text(PAGE), "python")
    async with running(tmp_path / "var") as product:
        demo = (sys.executable, "-m", "switchboard", "demo")
        environment = {**os.environ, **product.environment}
        demonstrated = await asyncio.create_subprocess_exec(*demo, env=environment)
        assert await asyncio.wait_for(demonstrated.wait(), SECONDS) == 0
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-c", program, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout
            line = await asyncio.wait_for(process.stdout.readline(), SECONDS)
            assert re.fullmatch(rb"provisioning\.v1\.DeviceCreated device/[0-9a-f-]{36} 1\n", line)
        finally:
            process.kill()
            await process.wait()


def test_a_team_is_five_lines() -> None:
    (lines,) = fences(text(PAGE), "yaml")
    assert len(lines.splitlines()) == 5
