"""Renders every overlay into deploy/dist/, or says which rendering is stale."""

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = Path("deploy/dist")


def renderings(root: Path = ROOT) -> dict[Path, Path]:
    """By the path of a rendering, the folder it comes from, both from the root."""
    deploy = Path("deploy")
    overlays = {f"install-{o.name}": o for o in (root / deploy / "overlays").iterdir()}
    combinations = {f"combination-{o.name}": o for o in (root / deploy / "tests").iterdir()}
    return {
        DIST / f"{name}.yaml": folder.relative_to(root)
        for name, folder in sorted((overlays | combinations).items())
    }


def tool() -> list[str] | None:
    """The program that renders, None if this machine has none."""
    if kustomize := shutil.which("kustomize"):
        return [kustomize, "build"]
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    return None


def render(command: Sequence[str], folder: Path) -> str:
    """What a folder renders to. Raises CalledProcessError."""
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, str(folder)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Render, or with --check only compare. Answers the exit status."""
    parser = ArgumentParser(prog="python -m switchboard.deployment.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    check = parser.parse_args(arguments).check
    command = tool()
    if command is None:
        print("render: skipped, neither kustomize nor kubectl is installed.")
        return 0 if check else 1
    stale = 0
    for path, folder in renderings().items():
        wanted = render(command, folder)
        if (ROOT / path).exists() and (ROOT / path).read_text(encoding="utf-8") == wanted:
            continue
        stale += 1
        if check:
            print(f"{path} is stale: run `make manifests` and commit the result.")
        else:
            (ROOT / path).write_text(wanted, encoding="utf-8")
    print(f"render: {len(renderings())} renderings, {stale} {'stale' if check else 'changed'}.")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
