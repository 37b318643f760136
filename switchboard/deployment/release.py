"""Prints what an overlay renders to, or refuses while it holds what only its owner can say."""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path

from switchboard.deployment.render import render, tool

_UNSAID = (
    (r"registry\.invalid/\S+", "name your image under `images` of your overlay"),
    (r"sha256:0{64}", "give the digest of your image under `images` of your overlay"),
    (
        r"[\w.@-]*\bexample\.com",
        "give your own address: settings by `configMapGenerator`, routes by a patch",
    ),
)


def unsaid(rendered: str) -> Iterator[str]:
    """What still stands for something else, each once, and what to do about it."""
    for pattern, remedy in _UNSAID:
        for found in sorted(set(re.findall(pattern, rendered))):
            yield f"{found}: {remedy}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Render the overlay to standard output. Answers the exit status."""
    parser = ArgumentParser(prog="python -m switchboard.deployment.release", description=__doc__)
    parser.add_argument("overlay", type=Path, help="folder with a kustomization.yaml")
    overlay = parser.parse_args(arguments).overlay
    command = tool()
    if command is None:
        print("Neither kustomize nor kubectl is installed: install one of them.", file=sys.stderr)
        return 1
    rendered = render(command, overlay.resolve())
    if missing := list(unsaid(rendered)):
        print("\n".join(("This overlay is not ready:", *missing)), file=sys.stderr)
        return 1
    print(rendered, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
