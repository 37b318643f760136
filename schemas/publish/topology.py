"""Who consumes which events, as far as deploy/topology.yaml says."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Consumers:
    """The `services` part of the topology. Empty where there is none."""

    services: dict[str, Any] = field(default_factory=dict)

    def readers_of(self, service: str) -> list[str]:
        """Services that build read models from the log of one."""
        stream = service.upper()
        return [name for name, reader in self.services.items() if stream in _of(reader, "projects")]

    def reacting_to(self, service: str, event: str) -> list[str]:
        """Services that do something when this event happens."""
        stream = service.upper()
        return [
            name
            for name, reader in self.services.items()
            if event in _of(_of(reader, "reacts"), stream)
        ]


def load_consumers(path: Path) -> Consumers:
    """Read the topology file; without one nobody is known to consume anything."""
    if not path.exists():
        return Consumers()
    return Consumers(yaml.safe_load(path.read_text())["services"])


def _of(part: Any, key: str) -> Any:
    return (part or {}).get(key) or {}
