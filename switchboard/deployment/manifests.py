"""How generated manifests look: YAML with a notice, durations as Go writes them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import yaml

Manifest = Mapping[str, Any]
NOTICE = "# generated from deploy/topology.yaml by make schemas\n"


def rendered(manifests: Iterable[Manifest], notice: str = NOTICE) -> str:
    """One document each, under a notice that they are not to be edited."""
    documents = [yaml.dump(m, Dumper=_Plain, sort_keys=False, width=100) for m in manifests]
    return notice + "---\n".join(documents)


def go_duration(duration: timedelta) -> str:
    """A duration as Go programs read it, in seconds."""
    return f"{int(duration.total_seconds())}s"


class _Plain(yaml.SafeDumper):
    """Without anchors, and long texts as blocks: people read it."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write everything where it stands."""
        return True


def _block(dumper: _Plain, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _block)
