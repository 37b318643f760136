"""Stops a child that a killed parent left behind, and never anybody else's process."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def stop_stale(pid_file: Path, argument: str, grace: float) -> None:
    """Stop the recorded process if it runs with that argument: a reused pid does not."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if argument not in _command_line(pid):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
        deadline = time.monotonic() + grace
        while argument in _command_line(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
    if argument in _command_line(pid):
        raise RuntimeError(f"Process {pid} of an earlier run does not end: stop it by hand.")


def _command_line(pid: int) -> str:
    if (_PROC / "self" / "cmdline").exists():
        with suppress(OSError):
            return (_PROC / str(pid) / "cmdline").read_text(errors="replace")
        return ""
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no input of others
    return shown.stdout
