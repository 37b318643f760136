"""The devices of a Switchboard installation, as one subscriber remembers them in a file."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class MissedAnEvent(Exception):
    """A version is missing. Set the durable back to 1, delete the file, and read again."""


class Devices:
    """A fold of device events. It knows how far it has come with each device."""

    def __init__(self, file: Path) -> None:
        self._file = file
        state = json.loads(file.read_text()) if file.exists() else {"versions": {}, "devices": {}}
        self.versions: dict[str, int] = state["versions"]
        self.devices: dict[str, Any] = state["devices"]

    def take(self, events: Iterable[dict[str, Any]]) -> None:
        """Fold these events and store the result. Acknowledge them only after that."""
        for event in events:
            subject, version = event["subject"], event["version"]
            seen = self.versions.get(subject, 0)
            if version <= seen:
                continue  # delivered once more
            if version > seen + 1:
                raise MissedAnEvent(f"{subject}: {version} came after {seen}")
            self._fold(event["type"], event["data"])
            self.versions[subject] = version
        self._store()

    def _fold(self, kind: str, data: dict[str, Any]) -> None:
        key = data["device_id"]
        match kind:
            case "provisioning.v1.DeviceCreated":
                self.devices[key] = {
                    "name": data["name"],
                    "accounts": len(data["sip_account_ids"]),
                    "active": True,
                }
            case "provisioning.v1.DeviceRenamed":
                self.devices[key]["name"] = data["name"]
            case "provisioning.v1.DeviceAccountsChanged":
                self.devices[key]["accounts"] = len(data["sip_account_ids"])
            case "provisioning.v1.DeviceDeactivated":
                self.devices[key]["active"] = False
            case "provisioning.v1.DeviceReactivated":
                self.devices[key]["active"] = True
            case "provisioning.v1.DeviceRemoved":
                del self.devices[key]
            case _:
                pass  # new kinds of events join without notice

    def _store(self) -> None:
        new = self._file.with_suffix(".new")
        with new.open("w") as file:
            json.dump({"versions": self.versions, "devices": self.devices}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
