"""Who consumes which events, as far as deploy/topology.yaml says."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Consumers:
    """The parts `services` and `rpc` of the topology. Empty where there is none."""

    services: dict[str, Any] = field(default_factory=dict)
    rpc: dict[str, Any] = field(default_factory=dict)

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

    def answering(self, subject: str) -> str:
        """The service that answers a question."""
        return str(_of(self.rpc, subject).get("served_by", "nobody"))

    def asking(self, subject: str) -> list[str]:
        """Services that may ask a question."""
        return list(_of(self.rpc, subject).get("requested_by", ()))


def load_consumers(path: Path) -> Consumers:
    """Read the topology file; without one nobody is known to consume anything."""
    if not path.exists():
        return Consumers()
    topology = yaml.safe_load(path.read_text())
    return Consumers(topology["services"], topology.get("rpc") or {})


def _of(part: Any, key: str) -> Any:
    return (part or {}).get(key) or {}
