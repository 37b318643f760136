"""What Helm makes of the official NATS chart and our values: `deploy/dist/nats.yaml`, whole."""

import hashlib
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

from chassis.jetstream.accounts import accounts
from chassis.jetstream.topology import Topology
from switchboard.deployment.render import DIST, ROOT

VALUES = Path("deploy/nats/values.yaml")
RENDERING = DIST / "nats.yaml"
_CHART = ("nats", "--repo", "https://nats-io.github.io/k8s/helm/charts", "--version", "2.14.2")
_ACCOUNTS = re.compile(r"^( *)accounts\.conf: .*\n(?:\1 .*\n|\n)*", re.MULTILINE)


def with_accounts(document: str, written: str) -> str:
    """The same document with these accounts: of the values, or of their rendering."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}accounts.conf: |\n{indent(written, found[1] + '  ')}"

    return _ACCOUNTS.sub(block, document)


def stamp(values: str) -> str:
    """The first line of a rendering of these values, whatever their accounts are."""
    digest = hashlib.sha256(with_accounts(values, "").encode()).hexdigest()
    return f"# chart {_CHART[-1]} with values {digest[:16]}, in the namespace nats\n"


def nats_rendering(topology: Topology, root: Path) -> str:
    """The committed rendering with the accounts of today."""
    committed = (root / RENDERING).read_text(encoding="utf-8")
    return with_accounts(committed, accounts(topology))


def main(arguments: Sequence[str] | None = None) -> int:
    """Render anew. Answers the exit status."""
    parser = ArgumentParser(
        prog="python -m switchboard.deployment.nats_rendering", description=__doc__
    )
    parser.add_argument("chart", nargs="*", default=_CHART, help="a folder with it, if offline")
    chart = parser.parse_args(arguments).chart
    if (helm := shutil.which("helm")) is None:
        print("Helm is not installed: https://helm.sh says how.")
        return 1
    done = subprocess.run(  # noqa: S603 - our own command
        [helm, "template", "nats", *chart, "--namespace", "nats", "--values", str(VALUES)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    rendered = stamp((ROOT / VALUES).read_text(encoding="utf-8")) + done.stdout
    (ROOT / RENDERING).write_text(rendered, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
