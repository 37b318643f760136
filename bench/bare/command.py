"""A whole command by hand: read the device, decide, publish the change under guard."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from bench.bare.broker import Broker, guarded

CONTENT_TYPE = "application/cloudevents+json"


async def change_configuration(broker: Broker, organization: str, device_id: str) -> int:
    """Give a device its next revision; answers where that stands in the log."""
    prefix = f"evt.provisioning.{organization}.device.{device_id}"
    found = await broker.last_of_each([f"{prefix}.>"])
    events = [json.loads(message.data) for message in found]
    revision = max(event["data"].get("revision", 1) for event in events)
    data = {"device_id": device_id, "revision": revision + 1, "cause": "bench"}
    version = events[-1]["version"] + 1
    name, about = "DeviceConfigurationChanged", f"device/{device_id}"
    body = envelope(organization, about, name, version, data, actor=str(uuid4()))
    last = int((found[-1].headers or {})["Nats-Sequence"])
    return await broker.publish(
        f"{prefix}.{version}.{name}",
        json.dumps(body, separators=(",", ":")).encode(),
        guarded(CONTENT_TYPE, body["id"], last, prefix),
    )


def envelope(
    organization: str, subject: str, name: str, version: int, data: dict[str, Any], actor: str
) -> dict[str, Any]:
    """An event as it stands in the log."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/switchboard/provisioning",
        "type": f"provisioning.v1.{name}",
        "subject": subject,
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "dataschema": f"/schemas/json/provisioning/v1/{name}.json",
        "datacontenttype": "application/json",
        "organization": organization,
        "version": version,
        "correlationid": str(uuid4()),
        "causationid": str(uuid4()),
        "actor": actor,
        "data": data,
    }
