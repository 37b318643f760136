"""What npm packages tests need, installed from a lock file where npm and a registry are."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def npm_ci(package: str, folder: Path) -> Path:
    """Copy a folder of the repository and install what it locks. Skips the test if that fails."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm here")
    copy = folder / Path(package).name
    shutil.copytree(ROOT / package, copy)
    command = ("npm", "ci", "--no-audit", "--no-fund", "--silent")
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm could not install {package}: {done.stderr[-200:]}")
    return copy
