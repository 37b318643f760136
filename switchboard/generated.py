"""Every generated file of the repository: `make schemas` writes them, `make check` compares."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from chassis.jetstream import accounts
from chassis.jetstream.topology import Topology
from schemas import generate
from switchboard.deployment.files import deployment_files
from switchboard.routes_page import routes_page
from switchboard.settings_page import settings_page

ROOT = generate.ROOT


def generated_files(root: Path = ROOT) -> dict[Path, str]:
    """Content by path from the root of the repository."""
    topology = Topology.load()
    return {
        **generate.generated_files(root),
        **accounts.generated_files(topology),
        **deployment_files(topology, root),
        Path("docs/settings.md"): settings_page(),
        Path("docs/http.md"): routes_page(),
    }


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the files, or with --check only say which are stale. Answers the exit status."""
    parser = ArgumentParser(prog="python -m switchboard.generated", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    check = parser.parse_args(arguments).check
    files = generated_files(root)
    wrong = generate.stale(root, files)
    if not check:
        generate.write(root, files)
        print(f"{len(files)} generated files are up to date, {len(wrong)} changed.")
        return 0
    for line in wrong:
        print(f"{line}: run `make schemas` and commit the result.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
