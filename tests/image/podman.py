"""Podman, as the tests of the image use it."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

IMAGE = "localhost/switchboard:test"
CONFIGURATION = Path(__file__).with_name("containers.conf")

WISHED_FOR = "TEST_IMAGE"


def needed() -> None:
    """Skip where nobody asked for these tests; fail where they were asked for and cannot run."""
    if not os.environ.get(WISHED_FOR):
        pytest.skip("`make test-image` runs these: they take minutes")
    assert shutil.which("podman"), "podman is not installed; `make test-image` as root installs it"
    assert podman("image", "exists", IMAGE, check=False).returncode == 0, f"build {IMAGE} first"


def podman(*words: str, check: bool = True, give: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "CONTAINERS_CONF": str(CONFIGURATION)}
    return subprocess.run(
        ("podman", *words),
        check=check,
        capture_output=True,
        text=True,
        input=give,
        env=environment,
    )


@dataclass(frozen=True)
class Container:
    """One running container."""

    name: str

    @property
    def inspected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(podman("inspect", self.name).stdout)[0]
        return found

    @property
    def status(self) -> dict[str, str]:
        """What the kernel says of its process."""
        lines = Path(f"/proc/{self.inspected['State']['Pid']}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    @property
    def log(self) -> str:
        done = podman("logs", self.name, check=False)
        return done.stdout + done.stderr

    def python(self, code: str) -> "subprocess.CompletedProcess[str]":
        return podman("exec", self.name, "/opt/venv/bin/python", "-c", code, check=False)

    def stop(self) -> tuple[int, float]:
        """SIGTERM, then wait: its exit status, and how many seconds it took."""
        began = time.monotonic()
        podman("stop", "--time", "45", self.name)
        return int(self.inspected["State"]["ExitCode"]), time.monotonic() - began

    def start(self) -> None:
        podman("start", self.name)
